"""One complete order in each form, for tests that change something in it."""

from __future__ import annotations

from typing import Any

SHOPIFY_ORDER: dict[str, Any] = {
    "id": 5001,
    "name": "#1001",
    "created_at": "2026-11-02T10:00:00+01:00",
    "processed_at": "2026-11-02T10:00:00+01:00",
    "cancelled_at": None,
    "currency": "EUR",
    "taxes_included": False,
    "total_price": "113.43",
    "total_tip_received": "1.00",
    "financial_status": "partially_refunded",
    "email": "anna@customer.example",
    "tags": "vip, b2b",
    "customer": {"tags": "x", "first_name": "Anna", "last_name": "de Vries"},
    "customer_locale": "nl-NL",
    "line_items": [
        {
            "id": 11,
            "title": "Shirt",
            "variant_title": "M",
            "sku": "SH-M",
            "quantity": 2,
            "current_quantity": 1,
            "fulfillable_quantity": 0,
            "price": "30.00",
            "product_id": 7,
            "requires_shipping": True,
            "properties": [{"name": "Name", "value": "Bo"}],
            "discount_allocations": [{"amount": "10.00"}],
            "tax_lines": [{"price": "5.00", "rate": 0.1}],
        },
        {"id": 12, "title": "Shoe", "quantity": 1, "price": "50.00"},
    ],
    "shipping_lines": [{"price": "6.95", "discounted_price": "4.95"}],
    "shipping_address": {"name": "Anna", "zip": "1012 JS", "country_code": "NL"},
    "billing_address": {"name": "Anna", "zip": "1017 AB", "country_code": "NL"},
    "fulfillments": [
        {
            "id": 901,
            "status": "success",
            "shipment_status": "delivered",
            "created_at": "2026-11-03T10:00:00+01:00",
            "updated_at": "2026-11-05T10:00:00+01:00",
            "tracking_company": "PostNL",
            "tracking_number": "3SDEVC1",
            "tracking_numbers": ["3SDEVC1", "3SDEVC2"],
            "line_items": [{"id": 11, "quantity": 2}, {"id": 12, "quantity": 1}],
        }
    ],
    "refunds": [
        {
            "refund_line_items": [
                {
                    "line_item_id": 11,
                    "quantity": 1,
                    "subtotal": "25.00",
                    "total_tax": "2.50",
                    "restock_type": "return",
                }
            ],
            "order_adjustments": [{"amount": "-1.00", "tax_amount": "0.00"}],
            "transactions": [{"kind": "refund", "status": "success", "amount": "30.00"}],
        }
    ],
}

WOOCOMMERCE_ORDER: dict[str, Any] = {
    "id": 727,
    "number": "727",
    "status": "completed",
    "currency": "EUR",
    "date_created": "2026-11-02T11:00:00",
    "date_created_gmt": "2026-11-02T10:00:00",
    "date_completed_gmt": "2026-11-03T10:00:00",
    "shipping_total": "4.09",
    "shipping_tax": "0.86",
    "total": "42.95",
    "billing": {"first_name": "Anna", "postcode": "1012 JS", "country": "NL", "email": "a@x.nl"},
    "shipping": {"first_name": "", "postcode": "1017 AB", "country": "NL"},
    "meta_data": [
        {
            "key": "_wc_shipment_tracking_items",
            "value": [
                {
                    "tracking_provider": "postnl",
                    "tracking_number": "3SDEVC1",
                    "date_shipped": "1793610000",
                    "products_list": [{"item_id": 11, "qty": 2}],
                }
            ],
        },
        {"key": "_tracking_number", "value": "3SDEVC2"},
    ],
    "line_items": [
        {
            "id": 11,
            "name": "Shirt",
            "product_id": 7,
            "quantity": 2,
            "sku": "SH-M",
            "subtotal": "41.322314",
            "subtotal_tax": "8.677686",
            "total": "33.057851",
            "total_tax": "6.942149",
            "meta_data": [{"key": "pa_size", "value": "m", "display_value": "M"}],
            "image": {"src": "https://shop.example/s.jpg"},
        }
    ],
    "fee_lines": [{"total": "-2.00", "total_tax": "0.00"}],
    "refunds": [
        {
            "total": "-20.00",
            "line_items": [
                {
                    "quantity": -1,
                    "total": "-16.5",
                    "total_tax": "-3.5",
                    "meta_data": [{"key": "_refunded_item_id", "value": "11"}],
                }
            ],
        }
    ],
}

OWN_ROW: dict[str, str] = {
    "order_number": "#1001",
    "order_id": "77",
    "placed_at": "2026-11-02 10:00",
    "currency": "EUR",
    "email": "anna@customer.example",
    "customer_tags": "vip|b2b",
    "locale": "nl",
    "postcode": "1012 JS",
    "country": "NL",
    "billing_postcode": "1017 AB",
    "line_id": "A",
    "sku": "SH-M",
    "title": "Shirt",
    "variant": "M",
    "image_url": "https://shop.example/s.jpg",
    "tags": "summer|linen",
    "quantity": "2",
    "unit_price": "24.95",
    "list_price": "29.95",
    "line_discount": "1.00",
    "tax_rate": "21",
    "final_sale": "no",
    "is_goods": "yes",
    "returned_quantity": "1",
    "refunded_amount": "10.00",
    "parcel": "P1",
    "tracking_number": "3SDEVC1|3SDEVC2",
    "carrier": "PostNL",
    "shipped_at": "2026-11-03",
    "delivered_at": "2026-11-04",
    "pickup_postcode": "2611 GX",
    "shipping_paid": "4.95",
    "order_paid": "53.85",
    "order_discount": "0",
    "prices_include_tax": "yes",
}
