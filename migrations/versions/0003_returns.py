"""Receiving, paying, store credit

Revision ID: 0003
Revises: 0002
"""

import sqlalchemy as sa
from alembic import op

import returnsite.models.types
from returnsite.domain.lookup import normalise_number

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

BIG = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
MOMENT = returnsite.models.types.UTCDateTime(timezone=True)


def upgrade():
    # Columns are added one by one: a batch would copy the tables, and with foreign keys enforced
    # SQLite does not let go of a table that others point to.
    op.add_column("return", sa.Column("goods_expected", sa.Boolean(), nullable=False, server_default=sa.true()))
    op.add_column("return", sa.Column("settle_by", MOMENT, nullable=True))
    op.add_column("return", sa.Column("exchange_sent_at", MOMENT, nullable=True))
    op.add_column("return", sa.Column("exchange_reference", sa.String(200), nullable=False, server_default=""))
    op.create_index("ix_return_settle_by", "return", ["shop_id", "settle_by", "id"])
    op.create_index("ix_return_hand_in", "return", ["status", "hand_in_by"])

    op.add_column("return_line", sa.Column("condition", sa.String(32), nullable=True))
    op.add_column("return_line", sa.Column("inspection_note", sa.Text(), nullable=False, server_default=""))
    # Written out: both databases take a CHECK with a new column, Alembic gives it to PostgreSQL only.
    op.execute(
        "ALTER TABLE return_line ADD COLUMN released INTEGER NOT NULL DEFAULT 0"
        " CONSTRAINT ck_return_line_released CHECK (released >= 0 AND released <= quantity)"
    )
    op.add_column("return_shipment", sa.Column("tracking_norm", sa.String(200), nullable=False, server_default=""))
    op.create_index("ix_return_shipment_tracking", "return_shipment", ["tracking_norm"])
    op.execute(
        "ALTER TABLE money_entry ADD COLUMN pot VARCHAR(16)"
        " CONSTRAINT ck_money_entry_pot CHECK (pot IS NULL OR pot IN ('money', 'credit', 'owed'))"
    )
    op.add_column("money_entry", sa.Column("cause", sa.String(16), nullable=True))
    op.add_column("shop", sa.Column("credit_valid_days", sa.Integer(), nullable=True, server_default="730"))
    _create_credit_tables()
    _fill_tracking()


def _create_credit_tables():
    op.create_table(
        "store_credit",
        sa.Column("id", BIG, nullable=False),
        sa.Column("shop_id", BIG, nullable=False),
        sa.Column("return_id", BIG, nullable=False),
        sa.Column("payout_id", BIG, nullable=False),
        sa.Column("code_hash", sa.String(64), nullable=False),
        sa.Column("code_end", sa.String(8), nullable=False),
        sa.Column("nonce", sa.String(64), nullable=False),
        sa.Column("currency", sa.String(3), nullable=False),
        sa.Column("amount", sa.BigInteger(), nullable=False),
        sa.Column("balance", sa.BigInteger(), nullable=False),
        sa.Column("expires_at", MOMENT, nullable=True),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.CheckConstraint("amount > 0", name=op.f("ck_store_credit_amount")),
        sa.CheckConstraint("balance >= 0 AND balance <= amount", name=op.f("ck_store_credit_balance")),
        sa.ForeignKeyConstraint(["payout_id"], ["payout.id"], name=op.f("fk_store_credit_payout_id_payout")),
        sa.ForeignKeyConstraint(["return_id"], ["return.id"], name=op.f("fk_store_credit_return_id_return")),
        sa.ForeignKeyConstraint(["shop_id"], ["shop.id"], name=op.f("fk_store_credit_shop_id_shop")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_store_credit")),
        sa.UniqueConstraint("payout_id", name=op.f("uq_store_credit_payout_id")),
        sa.UniqueConstraint("shop_id", "code_hash", name=op.f("uq_store_credit_shop_id_code_hash")),
    )
    op.create_index(op.f("ix_store_credit_shop_id"), "store_credit", ["shop_id"])
    op.create_index(op.f("ix_store_credit_return_id"), "store_credit", ["return_id"])
    op.create_table(
        "credit_entry",
        sa.Column("id", BIG, nullable=False),
        sa.Column("credit_id", BIG, nullable=False),
        sa.Column("kind", sa.String(64), nullable=False),
        sa.Column("amount", sa.BigInteger(), nullable=False),
        sa.Column("reference", sa.String(200), nullable=False),
        sa.Column("idempotency_key", sa.String(80), nullable=False),
        sa.Column("actor", sa.String(200), nullable=False),
        sa.Column("actor_name", sa.String(200), nullable=False),
        sa.Column("at", MOMENT, nullable=False),
        sa.CheckConstraint("kind IN ('issue', 'redeem', 'undo')", name=op.f("ck_credit_entry_kind")),
        sa.ForeignKeyConstraint(["credit_id"], ["store_credit.id"], name=op.f("fk_credit_entry_credit_id_store_credit")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_credit_entry")),
        sa.UniqueConstraint("credit_id", "idempotency_key", name=op.f("uq_credit_entry_credit_id_idempotency_key")),
    )


def _fill_tracking():
    """The numbers of labels made before, so that the dock finds their parcels."""
    shipment = sa.table("return_shipment", sa.column("id"), sa.column("tracking_no"), sa.column("tracking_norm"))
    connection = op.get_bind()
    known = connection.execute(sa.select(shipment.c.id, shipment.c.tracking_no).where(shipment.c.tracking_no != ""))
    for row in known.all():
        values = {"tracking_norm": normalise_number(row.tracking_no)}
        connection.execute(sa.update(shipment).where(shipment.c.id == row.id).values(values))


def downgrade():
    op.drop_table("credit_entry")
    op.drop_table("store_credit")
    op.drop_column("shop", "credit_valid_days")
    op.drop_column("money_entry", "cause")
    op.drop_index("ix_return_shipment_tracking", "return_shipment")
    op.drop_column("return_shipment", "tracking_norm")
    op.drop_column("return_line", "inspection_note")
    op.drop_column("return_line", "condition")
    op.drop_index("ix_return_hand_in", "return")
    op.drop_index("ix_return_settle_by", "return")
    for name in ("exchange_reference", "exchange_sent_at", "settle_by", "goods_expected"):
        op.drop_column("return", name)
    if op.get_bind().dialect.name == "postgresql":
        # SQLite keeps these two: it drops no column that a CHECK names.
        op.drop_column("money_entry", "pot")
        op.drop_column("return_line", "released")
