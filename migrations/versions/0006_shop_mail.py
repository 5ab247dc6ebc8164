"""A shop's own mail server

Revision ID: 0006
Revises: 0005
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

JSON = sa.JSON().with_variant(postgresql.JSONB(astext_type=sa.Text()), "postgresql")


def upgrade():
    with op.batch_alter_table("shop") as batch_op:
        batch_op.add_column(sa.Column("mail", JSON, nullable=False, server_default="{}"))
    with op.batch_alter_table("outbox") as batch_op:
        batch_op.create_index("ix_outbox_shop_kind", ["shop_id", "kind", "id"])


def downgrade():
    with op.batch_alter_table("outbox") as batch_op:
        batch_op.drop_index("ix_outbox_shop_kind")
    with op.batch_alter_table("shop") as batch_op:
        batch_op.drop_column("mail")
