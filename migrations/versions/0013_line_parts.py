"""Units of a return line that look different from its others

Revision ID: 0013
Revises: 0012
"""

import sqlalchemy as sa
from alembic import op

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None

BIG = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade():
    op.create_table(
        "return_line_part",
        sa.Column("id", BIG, nullable=False),
        sa.Column("return_line_id", BIG, nullable=False),
        sa.Column("units", sa.Integer(), nullable=False),
        sa.Column("accepted", sa.Integer(), nullable=False),
        sa.Column("condition", sa.String(32), nullable=True),
        sa.Column("disposition", sa.String(32), nullable=True),
        sa.CheckConstraint("units >= 1", name=op.f("ck_return_line_part_units")),
        sa.CheckConstraint("accepted >= 0 AND accepted <= units", name=op.f("ck_return_line_part_accepted")),
        sa.ForeignKeyConstraint(["return_line_id"], ["return_line.id"], name=op.f("fk_return_line_part_return_line_id_return_line")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_return_line_part")),
    )
    op.create_index(op.f("ix_return_line_part_return_line_id"), "return_line_part", ["return_line_id"])


def downgrade():
    op.drop_table("return_line_part")
