"""A customer without a browser: walks the wizard over HTTP and keeps the address of every step."""

from __future__ import annotations

import http.client
import re
from urllib.parse import urlencode

FRAGMENT = {"HX-Request": "true", "HX-Request-Type": "partial"}


class Customer:
    """One connection and what it has learned."""

    def __init__(self, connection: http.client.HTTPConnection) -> None:
        self._connection = connection

    def get(self, url: str, headers: dict[str, str] | None = None) -> tuple[int, str]:
        """Status and body."""
        self._connection.request("GET", url, headers=headers or {})
        response = self._connection.getresponse()
        return response.status, response.read().decode()

    def post(self, url: str, data: dict[str, str]) -> tuple[int, str]:
        """Status and where it leads."""
        body = urlencode(data)
        headers = {"Content-Type": "application/x-www-form-urlencoded"}
        self._connection.request("POST", url, body=body, headers=headers)
        response = self._connection.getresponse()
        response.read()
        return response.status, response.headers.get("Location", "")

    def answer(self, url: str, data: dict[str, str]) -> str:
        """Fill in the form at `url`; returns the address of the next page."""
        _status, page = self.get(url)
        status, location = self.post(url, {**hidden(page), **data})
        if status != 303:
            raise RuntimeError(f"{url} answered {status}")
        return location

    def walk(self, slug: str, number: str, postcode: str) -> dict[str, str]:
        """All steps answered but the last; addresses by step, and `line`, the line going back."""
        urls = {"find": f"/p/{slug}/"}
        urls["items"] = self.answer(urls["find"], {"number": number, "postcode": postcode})
        line = first(r'name="line" value="(\d+)"', self.get(urls["items"])[1])
        urls["reasons"] = self.answer(urls["items"], {"line": line})
        urls["refund"] = self.answer(urls["reasons"], {f"reason-{line}": "too_small"})
        urls["shipment"] = self.answer(urls["refund"], {"all": "money"})
        day = first(r'<option value="(20[\d-]+)"', self.get(urls["shipment"])[1])
        answer = {"method": "pickup", "pickup_date": day}
        urls["review"] = self.answer(urls["shipment"], answer)
        return {**urls, "line": line}


def hidden(page: str) -> dict[str, str]:
    """The form's token and, on the review page, the statement that was shown."""
    found = re.findall(r'<input type="hidden" name="(form_token|seen)" value="([^"]+)"', page)
    return dict(found)


def first(pattern: str, page: str) -> str:
    """The first group of the first match."""
    match = re.search(pattern, page)
    if match is None:
        raise RuntimeError(f"{pattern} not on the page")
    return match[1]
