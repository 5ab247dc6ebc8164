"""Orders are found by the parts of their number, too: terms for those that are there already

Revision ID: 0011
Revises: 0010
"""

import sqlalchemy as sa
from alembic import op

from returnsite.domain.search import number_terms

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None

BATCH = 5000

_READ = sa.text(
    'SELECT id, shop_id, number FROM "order" WHERE id > :last ORDER BY id LIMIT :batch'
)
_WRITE = sa.text(
    "INSERT INTO order_term (shop_id, term, order_id) VALUES (:shop, :term, :order)"
    " ON CONFLICT DO NOTHING"
)


def upgrade():
    """Orders whose terms are still to be written have an empty stage and get all of them later."""
    connection, last = op.get_bind(), 0
    while orders := connection.execute(_READ, {"last": last, "batch": BATCH}).all():
        terms = [
            {"shop": order.shop_id, "term": term, "order": order.id}
            for order in orders
            for term in sorted(number_terms(order.number))
        ]
        if terms:
            connection.execute(_WRITE, terms)
        last = orders[-1].id


def downgrade():
    """More terms than needed find the same orders."""
