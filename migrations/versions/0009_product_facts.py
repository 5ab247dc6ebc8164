"""Analytics of one product: an index that holds all that is read of it

Revision ID: 0009
Revises: 0008
"""

from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None

_NAME, _TABLE = "ix_return_fact_product", "return_fact"
_PLACE = ["shop_id", "product_id", "ordered_day", "cell_id"]
_MEASURES = ["lines", "leads", "units", "value", "fee", "bonus", "foreign_lines"]


def upgrade():
    op.drop_index(_NAME, _TABLE)
    op.create_index(_NAME, _TABLE, [*_PLACE, "requested_day", "variant", *_MEASURES])


def downgrade():
    op.drop_index(_NAME, _TABLE)
    op.create_index(_NAME, _TABLE, [*_PLACE, "units"])
