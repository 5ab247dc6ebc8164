"""The portal with the baseline beside it, so that one server serves both in one run.

The baseline is what any Flask page with a database costs: one indexed query and a small template.
"""

from __future__ import annotations

from flask import Response, make_response, request
from sqlalchemy import select

from returnsite import create_app
from returnsite.extensions import db
from returnsite.models import Order

app = create_app()
# Limits would end a measurement after ten look-ups.
app.config["LOOKUP_LIMIT_IP"] = app.config["LOOKUP_LIMIT_NUMBER"] = "1000000 per minute"

_TEMPLATE = app.jinja_env.from_string(
    """<!doctype html>
<html lang="en"><head><title>{{ order.number }}</title></head><body>
<h1>Order {{ order.number }}</h1>
<ul>{% for n in range(12) %}<li>{{ order.customer_name }}: row {{ n }}</li>{% endfor %}</ul>
</body></html>"""
)


@app.get("/_baseline")
def baseline() -> Response:
    """One order by its number, and a page of twelve rows."""
    wanted = select(Order).where(
        Order.shop_id == int(request.args["shop"]), Order.number_norm == request.args["number"]
    )
    order = db.session.execute(wanted).scalar_one()
    return make_response(_TEMPLATE.render(order=order))
