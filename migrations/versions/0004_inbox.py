"""Inbox: searching, filters, saved views, actions on many returns

Revision ID: 0004
Revises: 0003
"""

import sqlalchemy as sa
from alembic import op

import returnsite.models.types
from returnsite.domain.search_terms import terms_of, terms_of_email

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

BIG = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
MOMENT = returnsite.models.types.UTCDateTime(timezone=True)
TERM = sa.String(40).with_variant(sa.String(40, collation="C"), "postgresql")
JSON = returnsite.models.types.JSONDict

FILTERED = [
    "status",
    "country",
    "method",
    "carrier",
    "refund_total",
    "resolutions",
    "settle_by",
    "reason_codes",
]


def upgrade():
    op.add_column(
        "return", sa.Column("reason_codes", sa.String(1000), nullable=False, server_default="")
    )
    op.add_column(
        "return", sa.Column("resolutions", sa.String(32), nullable=False, server_default="")
    )
    _create_tables()
    _fill()
    op.drop_index("ix_return_shop_status", "return")
    op.create_index("ix_return_inbox_created", "return", ["shop_id", "created_at", "id", *FILTERED])
    op.create_index(
        "ix_return_inbox_status", "return", ["shop_id", "status", "created_at", "id", *FILTERED[1:]]
    )
    rest = [name for name in FILTERED if name != "refund_total"]
    op.create_index(
        "ix_return_inbox_value", "return", ["shop_id", "refund_total", "id", "created_at", *rest]
    )
    op.create_index("ix_return_shop_country", "return", ["shop_id", "country"])
    unsettled = sa.text("settle_by IS NOT NULL")
    op.drop_index("ix_return_settle_by", "return")
    op.create_index(
        "ix_return_settle_by",
        "return",
        ["shop_id", "settle_by", "id"],
        sqlite_where=unsettled,
        postgresql_where=unsettled,
    )
    failed = sa.text("state = 'failed'")
    op.create_index(
        "ix_return_shipment_failed",
        "return_shipment",
        ["return_id"],
        sqlite_where=failed,
        postgresql_where=failed,
    )


def _create_tables():
    op.create_table(
        "return_term",
        sa.Column("shop_id", BIG, nullable=False),
        sa.Column("term", TERM, nullable=False),
        sa.Column("return_id", BIG, nullable=False),
        sa.ForeignKeyConstraint(
            ["return_id"], ["return.id"], name="fk_return_term_return_id_return", ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(["shop_id"], ["shop.id"], name="fk_return_term_shop_id_shop"),
        sa.PrimaryKeyConstraint("shop_id", "term", "return_id", name="pk_return_term"),
        sqlite_with_rowid=False,
    )
    op.create_index("ix_return_term_return", "return_term", ["return_id", "term"])
    op.create_table(
        "saved_view",
        sa.Column("id", BIG, nullable=False),
        sa.Column("shop_id", BIG, nullable=False),
        sa.Column("user_id", BIG, nullable=False),
        sa.Column("name", sa.String(60), nullable=False),
        sa.Column("query", sa.String(2000), nullable=False),
        sa.Column("shared", sa.Boolean(), nullable=False),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.ForeignKeyConstraint(["shop_id"], ["shop.id"], name="fk_saved_view_shop_id_shop"),
        sa.ForeignKeyConstraint(["user_id"], ["user.id"], name="fk_saved_view_user_id_user"),
        sa.PrimaryKeyConstraint("id", name="pk_saved_view"),
        sa.UniqueConstraint(
            "shop_id", "user_id", "name", name="uq_saved_view_shop_id_user_id_name"
        ),
    )
    op.create_index("ix_saved_view_user_id", "saved_view", ["user_id"])
    op.create_table(
        "bulk_action",
        sa.Column("id", BIG, nullable=False),
        sa.Column("shop_id", BIG, nullable=False),
        sa.Column("user_id", BIG, nullable=False),
        sa.Column("action", sa.String(64), nullable=False),
        sa.Column("done", JSON, nullable=False),
        sa.Column("failed", JSON, nullable=False),
        sa.Column("remaining", sa.Integer(), nullable=False),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.Column("undo_until", MOMENT, nullable=True),
        sa.Column("undone_at", MOMENT, nullable=True),
        sa.ForeignKeyConstraint(["shop_id"], ["shop.id"], name="fk_bulk_action_shop_id_shop"),
        sa.ForeignKeyConstraint(["user_id"], ["user.id"], name="fk_bulk_action_user_id_user"),
        sa.PrimaryKeyConstraint("id", name="pk_bulk_action"),
    )
    op.create_index("ix_bulk_action_shop_user", "bulk_action", ["shop_id", "user_id", "id"])


def _fill():
    """What earlier returns are found and filtered by; 500 at a time, as services.inbox.index does."""
    connection = op.get_bind()
    last = 0
    while True:
        rows = connection.execute(_RETURNS, {"last": last}).all()
        if not rows:
            return
        ids = [row.id for row in rows]
        facts = {
            row.id: ([row.number, row.order_number, row.customer_name], [row.email]) for row in rows
        }
        lines = connection.execute(_LINES, {"ids": ids}).all()
        for row in [
            *lines,
            *connection.execute(_PARCELS, {"ids": ids}),
            *connection.execute(_SHIPMENTS, {"ids": ids}),
        ]:
            facts[row.return_id][0].append(row.text)
        terms = [
            {"shop_id": row.shop_id, "term": term, "return_id": row.id}
            for row in rows
            for term in sorted(_terms(*facts[row.id]))
        ]
        if terms:
            connection.execute(sa.insert(_TERM_TABLE), terms)
        connection.execute(_SUMMARISE, [_summary(return_id, lines) for return_id in ids])
        last = ids[-1]


def _terms(texts, emails):
    found = [terms_of(text) for text in texts] + [terms_of_email(email) for email in emails]
    return set().union(*found)


def _summary(return_id, lines):
    own = [line for line in lines if line.return_id == return_id]
    reasons = sorted({line.reason_code for line in own})
    return {
        "which": return_id,
        "reasons": f",{','.join(reasons)},"[:1000] if own else "",
        "outcomes": "+".join(sorted({line.resolution for line in own})),
    }


_TERM_TABLE = sa.table(
    "return_term", sa.column("shop_id"), sa.column("term"), sa.column("return_id")
)
_RETURNS = sa.text(
    'SELECT r.id, r.shop_id, r.number, r.email, o.number AS order_number, o.customer_name FROM "return" r '
    'JOIN "order" o ON o.id = r.order_id WHERE r.id > :last ORDER BY r.id LIMIT 500'
)
_IDS = sa.bindparam("ids", expanding=True)
_LINES = sa.text(
    "SELECT l.return_id, l.reason_code, l.resolution, o.sku AS text FROM return_line l "
    "JOIN order_line o ON o.id = l.order_line_id WHERE l.return_id IN :ids"
).bindparams(_IDS)
_PARCELS = sa.text(
    'SELECT r.id AS return_id, t.tracking_norm AS text FROM "return" r JOIN parcel p ON p.order_id = r.order_id '
    "JOIN parcel_tracking t ON t.parcel_id = p.id WHERE r.id IN :ids"
).bindparams(_IDS)
_SHIPMENTS = sa.text(
    "SELECT return_id, tracking_no AS text FROM return_shipment WHERE return_id IN :ids"
).bindparams(_IDS)
_SUMMARISE = sa.text(
    'UPDATE "return" SET reason_codes = :reasons, resolutions = :outcomes WHERE id = :which'
)


def downgrade():
    op.drop_index("ix_return_shipment_failed", "return_shipment")
    for name in (
        "ix_return_shop_country",
        "ix_return_inbox_value",
        "ix_return_inbox_status",
        "ix_return_inbox_created",
    ):
        op.drop_index(name, "return")
    op.create_index("ix_return_shop_status", "return", ["shop_id", "status", "id"])
    op.drop_index("ix_return_settle_by", "return")
    op.create_index("ix_return_settle_by", "return", ["shop_id", "settle_by", "id"])
    op.drop_table("bulk_action")
    op.drop_table("saved_view")
    op.drop_table("return_term")
    op.drop_column("return", "resolutions")
    op.drop_column("return", "reason_codes")
