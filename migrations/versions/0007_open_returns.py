"""Open returns by the day their refund is due: an index that holds all that the inbox filters by

Revision ID: 0007
Revises: 0006
"""

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None

_OPEN = sa.text("settle_by IS NOT NULL")
_PLACE = ["shop_id", "settle_by", "id"]
_FILTERED = ["status", "country", "method", "carrier", "refund_total", "resolutions", "reason_codes"]


def upgrade():
    _replace("ix_return_settle_by", "ix_return_inbox_due", [*_PLACE, "created_at", *_FILTERED])


def downgrade():
    _replace("ix_return_inbox_due", "ix_return_settle_by", _PLACE)


def _replace(old, new, columns):
    op.drop_index(old, "return")
    op.create_index(new, "return", columns, sqlite_where=_OPEN, postgresql_where=_OPEN)
