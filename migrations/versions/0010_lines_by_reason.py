"""Return lines by reason, to start from where a reason is rare

Revision ID: 0010
Revises: 0009
"""

from alembic import op

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None


def upgrade():
    op.create_index("ix_return_line_reason", "return_line", ["reason_code", "return_id"])


def downgrade():
    op.drop_index("ix_return_line_reason", "return_line")
