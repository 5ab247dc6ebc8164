"""How long returns take: indexes that hold all that is read of a sample

Revision ID: 0012
Revises: 0011
"""

from alembic import op

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None

_FORMER = {
    ("ix_return_timing_drawn", "return_timing"): ["shop_id", "lottery", "requested_day"],
    ("ix_return_fact_return", "return_fact"): ["return_id"],
}
_MORE = {
    "return_timing": [
        *("return_id", "country", "method", "carrier"),
        *("approve", "hand_in", "receive", "close", "whole"),
    ],
    "return_fact": ["cell_id", "product_id"],
}


def upgrade():
    for (name, table), columns in _FORMER.items():
        op.drop_index(name, table)
        op.create_index(name, table, [*columns, *_MORE[table]])


def downgrade():
    for (name, table), columns in _FORMER.items():
        op.drop_index(name, table)
        op.create_index(name, table, columns)
