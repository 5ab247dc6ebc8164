"""Analytics: figures added up beforehand, and the triggers that say when they are stale

Revision ID: 0005
Revises: 0004
"""

from alembic import op
import sqlalchemy as sa

import returnsite.models.types

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

_PLACED = 'SELECT o.placed_at FROM "order" o JOIN order_line l ON l.order_id = o.id WHERE l.id ='
_OF_RETURN = '(SELECT r.order_id FROM "return" r WHERE r.id = NEW.return_id)'
# name: table, events, condition, the order's id, when it was sold (NULL: sales did not change)
TRIGGERS = {
    "stale_order_new": ("order", "INSERT", None, "NEW.id", "NEW.placed_at"),
    "stale_order_changed": ("order", "UPDATE", None, "NEW.id", "NEW.placed_at"),
    "stale_order_moved": (
        *("order", "UPDATE", "OLD.placed_at <> NEW.placed_at", "NEW.id", "OLD.placed_at"),
    ),
    "stale_line_changed": (*("order_line", "UPDATE", None, "NEW.order_id", f"({_PLACED} NEW.id)"),),
    "stale_shipped": (
        *("parcel_line", "INSERT", None),
        "(SELECT order_id FROM order_line WHERE id = NEW.order_line_id)",
        f"({_PLACED} NEW.order_line_id)",
    ),
    "stale_shipped_more": (
        *("parcel_line", "UPDATE", "OLD.qty_shipped <> NEW.qty_shipped"),
        "(SELECT order_id FROM order_line WHERE id = NEW.order_line_id)",
        f"({_PLACED} NEW.order_line_id)",
    ),
    "stale_return_new": ("return", "INSERT", None, "NEW.order_id", "NULL"),
    "stale_return_changed": ("return", "UPDATE", None, "NEW.order_id", "NULL"),
    "stale_return_line_new": ("return_line", "INSERT", None, _OF_RETURN, "NULL"),
    "stale_return_line_changed": ("return_line", "UPDATE", None, _OF_RETURN, "NULL"),
    "stale_payout_new": ("payout", "INSERT", None, _OF_RETURN, "NULL"),
    "stale_payout_changed": ("payout", "UPDATE", None, _OF_RETURN, "NULL"),
}

# One row a transaction is enough. On SQLite writers come one after another, so any row that is
# there will do; on PostgreSQL only one of this transaction, as the worker may be reading others.
_NOTE = """
INSERT INTO stale_order (order_id, sold_at)
SELECT n.order_id, n.sold_at
FROM (SELECT {order_id} AS order_id, {sold_at} AS sold_at) n
WHERE NOT EXISTS (
    SELECT 1 FROM stale_order s
    WHERE s.order_id = n.order_id AND (n.sold_at IS NULL OR s.sold_at = n.sold_at){own}
)
"""


def upgrade():
    _create_tables()
    for name in TRIGGERS:
        _create_trigger(name)
    op.execute('INSERT INTO stale_order (order_id, sold_at) SELECT id, placed_at FROM "order"')


def downgrade():
    for name, (table, *_rest) in TRIGGERS.items():
        if op.get_bind().dialect.name == "postgresql":
            op.execute(f'DROP TRIGGER {name} ON "{table}"')
            op.execute(f"DROP FUNCTION {name}()")
        else:
            op.execute(f"DROP TRIGGER {name}")
    _drop_tables()


def _create_trigger(name):
    table, event, condition, order_id, sold_at = TRIGGERS[name]
    when = f"WHEN ({condition}) " if condition else ""
    if op.get_bind().dialect.name == "postgresql":
        sold_at = "NULL::timestamptz" if sold_at == "NULL" else sold_at
        own = " AND s.xmin = pg_current_xact_id()::xid"
        body = _NOTE.format(order_id=order_id, sold_at=sold_at, own=own)
        op.execute(
            f"CREATE FUNCTION {name}() RETURNS trigger LANGUAGE plpgsql AS "
            f"$$ BEGIN {body}; RETURN NULL; END $$"
        )
        op.execute(
            f'CREATE TRIGGER {name} AFTER {event} ON "{table}" '
            f"FOR EACH ROW {when}EXECUTE FUNCTION {name}()"
        )
    else:
        body = _NOTE.format(order_id=order_id, sold_at=sold_at, own="")
        op.execute(
            f'CREATE TRIGGER {name} AFTER {event} ON "{table}" FOR EACH ROW {when}BEGIN {body}; END'
        )


def _create_tables():
    op.create_table(
        "stale_order",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("order_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("sold_at", returnsite.models.types.UTCDateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_stale_order")),
    )
    with op.batch_alter_table("stale_order", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_stale_order_order_id"), ["order_id"], unique=False)

    op.create_table(
        "analytics_state",
        sa.Column("shop_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("time_zone", sa.String(length=64), nullable=False),
        sa.Column("currency", sa.String(length=3), nullable=False),
        sa.Column(
            "refreshed_at", returnsite.models.types.UTCDateTime(timezone=True), nullable=False
        ),
        sa.ForeignKeyConstraint(
            ["shop_id"], ["shop.id"], name=op.f("fk_analytics_state_shop_id_shop")
        ),
        sa.PrimaryKeyConstraint("shop_id", name=op.f("pk_analytics_state")),
    )
    op.create_table(
        "fact_product",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("shop_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("key", sa.String(length=500), nullable=False),
        sa.Column("title", sa.String(length=500), nullable=False),
        sa.Column("image_url", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["shop_id"], ["shop.id"], name=op.f("fk_fact_product_shop_id_shop")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_fact_product")),
        sa.UniqueConstraint("shop_id", "key", name=op.f("uq_fact_product_shop_id_key")),
    )
    op.create_table(
        "product_cube",
        sa.Column("shop_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("grain", sa.String(length=1), nullable=False),
        sa.Column("bucket", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column(
            "product_id",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            autoincrement=False,
            nullable=False,
        ),
        sa.Column("country", sa.String(length=2), nullable=False),
        sa.Column("category", sa.String(length=200), nullable=False),
        sa.Column("sold", sa.Integer(), nullable=False),
        sa.Column("back", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["shop_id"], ["shop.id"], name=op.f("fk_product_cube_shop_id_shop")
        ),
        sa.PrimaryKeyConstraint(
            "shop_id",
            "grain",
            "bucket",
            "product_id",
            "country",
            "category",
            name=op.f("pk_product_cube"),
        ),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "return_cell",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("shop_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("country", sa.String(length=2), nullable=False),
        sa.Column("category", sa.String(length=200), nullable=False),
        sa.Column("reason", sa.String(length=64), nullable=False),
        sa.Column("fault", sa.String(length=16), nullable=False),
        sa.Column("resolution", sa.String(length=16), nullable=False),
        sa.Column("method", sa.String(length=32), nullable=False),
        sa.Column("carrier", sa.String(length=64), nullable=False),
        sa.ForeignKeyConstraint(["shop_id"], ["shop.id"], name=op.f("fk_return_cell_shop_id_shop")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_return_cell")),
        sa.UniqueConstraint(
            "shop_id",
            "country",
            "category",
            "reason",
            "fault",
            "resolution",
            "method",
            "carrier",
            name="uq_return_cell_all",
        ),
    )
    op.create_table(
        "return_cube",
        sa.Column("shop_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("basis", sa.String(length=1), nullable=False),
        sa.Column("grain", sa.String(length=1), nullable=False),
        sa.Column("bucket", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column(
            "cell_id",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            autoincrement=False,
            nullable=False,
        ),
        sa.Column("lines", sa.Integer(), nullable=False),
        sa.Column("leads", sa.Integer(), nullable=False),
        sa.Column("units", sa.Integer(), nullable=False),
        sa.Column("value", sa.BigInteger(), nullable=False),
        sa.Column("fee", sa.BigInteger(), nullable=False),
        sa.Column("bonus", sa.BigInteger(), nullable=False),
        sa.Column("foreign_lines", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["shop_id"], ["shop.id"], name=op.f("fk_return_cube_shop_id_shop")),
        sa.PrimaryKeyConstraint(
            "shop_id", "basis", "grain", "bucket", "cell_id", name=op.f("pk_return_cube")
        ),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "return_fact",
        sa.Column(
            "line_id",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            autoincrement=False,
            nullable=False,
        ),
        sa.Column(
            "return_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False
        ),
        sa.Column("order_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("shop_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("requested_day", sa.Integer(), nullable=False),
        sa.Column("ordered_day", sa.Integer(), nullable=False),
        sa.Column("cell_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column(
            "product_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False
        ),
        sa.Column("variant", sa.String(length=200), nullable=False),
        sa.Column("lines", sa.Integer(), nullable=False),
        sa.Column("leads", sa.Integer(), nullable=False),
        sa.Column("units", sa.Integer(), nullable=False),
        sa.Column("value", sa.BigInteger(), nullable=False),
        sa.Column("fee", sa.BigInteger(), nullable=False),
        sa.Column("bonus", sa.BigInteger(), nullable=False),
        sa.Column("foreign_lines", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["shop_id"], ["shop.id"], name=op.f("fk_return_fact_shop_id_shop")),
        sa.PrimaryKeyConstraint("line_id", name=op.f("pk_return_fact")),
    )
    with op.batch_alter_table("return_fact", schema=None) as batch_op:
        batch_op.create_index(
            "ix_return_fact_cell",
            ["shop_id", "cell_id", "ordered_day", "product_id", "units"],
            unique=False,
        )
        batch_op.create_index("ix_return_fact_order", ["order_id"], unique=False)
        batch_op.create_index("ix_return_fact_ordered", ["shop_id", "ordered_day"], unique=False)
        batch_op.create_index(
            "ix_return_fact_product",
            ["shop_id", "product_id", "ordered_day", "cell_id", "units"],
            unique=False,
        )
        batch_op.create_index(
            "ix_return_fact_requested", ["shop_id", "requested_day"], unique=False
        )
        batch_op.create_index("ix_return_fact_return", ["return_id"], unique=False)

    op.create_table(
        "return_timing",
        sa.Column(
            "return_id",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            autoincrement=False,
            nullable=False,
        ),
        sa.Column("order_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("shop_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("requested_day", sa.Integer(), nullable=False),
        sa.Column("lottery", sa.SmallInteger(), nullable=False),
        sa.Column("country", sa.String(length=2), nullable=False),
        sa.Column("method", sa.String(length=32), nullable=False),
        sa.Column("carrier", sa.String(length=64), nullable=False),
        sa.Column("approve", sa.Integer(), nullable=True),
        sa.Column("hand_in", sa.Integer(), nullable=True),
        sa.Column("receive", sa.Integer(), nullable=True),
        sa.Column("close", sa.Integer(), nullable=True),
        sa.Column("whole", sa.Integer(), nullable=True),
        sa.ForeignKeyConstraint(
            ["shop_id"], ["shop.id"], name=op.f("fk_return_timing_shop_id_shop")
        ),
        sa.PrimaryKeyConstraint("return_id", name=op.f("pk_return_timing")),
    )
    with op.batch_alter_table("return_timing", schema=None) as batch_op:
        batch_op.create_index(
            "ix_return_timing_drawn", ["shop_id", "lottery", "requested_day"], unique=False
        )
        batch_op.create_index(batch_op.f("ix_return_timing_order_id"), ["order_id"], unique=False)

    op.create_table(
        "sale_cube",
        sa.Column("shop_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("grain", sa.String(length=1), nullable=False),
        sa.Column("bucket", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("country", sa.String(length=2), nullable=False),
        sa.Column("category", sa.String(length=200), nullable=False),
        sa.Column("sold", sa.Integer(), nullable=False),
        sa.Column("back", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["shop_id"], ["shop.id"], name=op.f("fk_sale_cube_shop_id_shop")),
        sa.PrimaryKeyConstraint(
            "shop_id", "grain", "bucket", "country", "category", name=op.f("pk_sale_cube")
        ),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "sale_fact",
        sa.Column("shop_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("day", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column(
            "product_id",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            autoincrement=False,
            nullable=False,
        ),
        sa.Column("variant", sa.String(length=200), nullable=False),
        sa.Column("country", sa.String(length=2), nullable=False),
        sa.Column("category", sa.String(length=200), nullable=False),
        sa.Column("sold", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["shop_id"], ["shop.id"], name=op.f("fk_sale_fact_shop_id_shop")),
        sa.PrimaryKeyConstraint(
            "shop_id",
            "day",
            "product_id",
            "variant",
            "country",
            "category",
            name=op.f("pk_sale_fact"),
        ),
        sqlite_with_rowid=False,
    )
    with op.batch_alter_table("sale_fact", schema=None) as batch_op:
        batch_op.create_index(
            "ix_sale_fact_product", ["shop_id", "product_id", "day"], unique=False
        )

    op.create_table(
        "stale_bucket",
        sa.Column("shop_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("grain", sa.String(length=1), nullable=False),
        sa.Column("kind", sa.String(length=1), nullable=False),
        sa.Column("bucket", sa.Integer(), autoincrement=False, nullable=False),
        sa.ForeignKeyConstraint(
            ["shop_id"], ["shop.id"], name=op.f("fk_stale_bucket_shop_id_shop")
        ),
        sa.PrimaryKeyConstraint("shop_id", "grain", "kind", "bucket", name=op.f("pk_stale_bucket")),
    )

def _drop_tables():
    op.drop_table("stale_bucket")
    with op.batch_alter_table("sale_fact", schema=None) as batch_op:
        batch_op.drop_index("ix_sale_fact_product")

    op.drop_table("sale_fact")
    op.drop_table("sale_cube")
    with op.batch_alter_table("return_timing", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_return_timing_order_id"))
        batch_op.drop_index("ix_return_timing_drawn")

    op.drop_table("return_timing")
    with op.batch_alter_table("return_fact", schema=None) as batch_op:
        batch_op.drop_index("ix_return_fact_return")
        batch_op.drop_index("ix_return_fact_requested")
        batch_op.drop_index("ix_return_fact_product")
        batch_op.drop_index("ix_return_fact_ordered")
        batch_op.drop_index("ix_return_fact_order")
        batch_op.drop_index("ix_return_fact_cell")

    op.drop_table("return_fact")
    op.drop_table("return_cube")
    op.drop_table("return_cell")
    op.drop_table("product_cube")
    op.drop_table("fact_product")
    op.drop_table("analytics_state")
    with op.batch_alter_table("stale_order", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_stale_order_order_id"))

    op.drop_table("stale_order")
