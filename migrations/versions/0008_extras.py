"""What lay in a box beside the return

Revision ID: 0008
Revises: 0007
"""

import sqlalchemy as sa
from alembic import op

import returnsite.models.types

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None

BIG = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
MOMENT = returnsite.models.types.UTCDateTime(timezone=True)


def upgrade():
    op.create_table(
        "return_extra",
        sa.Column("id", BIG, nullable=False),
        sa.Column("return_id", BIG, nullable=False),
        sa.Column("what", sa.String(200), nullable=False),
        sa.Column("quantity", sa.Integer(), nullable=False),
        sa.Column("disposition", sa.String(32), nullable=True),
        sa.Column("counted_at", MOMENT, nullable=False),
        sa.CheckConstraint("quantity >= 1", name=op.f("ck_return_extra_quantity")),
        sa.ForeignKeyConstraint(["return_id"], ["return.id"], name=op.f("fk_return_extra_return_id_return")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_return_extra")),
    )
    op.create_index(op.f("ix_return_extra_return_id"), "return_extra", ["return_id"])


def downgrade():
    op.drop_table("return_extra")
