"""The wizard as a customer uses it. Works in a page and in a frame."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from playwright.sync_api import Frame, Locator, Page, expect

FIND = re.compile(r"Find your order first")
ITEMS = "What are you sending back?"
REASONS = "Why are you sending it back?"
REFUND = "What would you like in return?"
SHIPMENT = "How do you send it back?"
REVIEW = "Is everything right?"
DONE = "Your return is registered"


@dataclass(frozen=True)
class Why:
    """The answer to the reasons step for one item."""

    reason: str
    comment: str | None = None
    photo: Path | None = None


class Wizard:
    """Every method leaves the page at rest: the next heading shown and, after a swap, focused."""

    def __init__(self, page: Page | Frame, *, javascript: bool) -> None:
        self.page = page
        self.javascript = javascript

    @property
    def heading(self) -> Locator:
        """The page's only `h1`."""
        return self.page.get_by_role("heading", level=1)

    @property
    def errors(self) -> Locator:
        """The error summary."""
        return self.page.locator("#error-summary")

    def arrived(self, heading: str | re.Pattern[str]) -> None:
        """The page with this heading is there; after a swap its heading has the focus."""
        expect(self.heading).to_have_text(heading)
        if self.javascript:
            expect(self.heading).to_be_focused()

    def press(self, name: str | re.Pattern[str]) -> None:
        """Press the page's main button."""
        self.page.locator("main").get_by_role("button", name=name).click()

    def go_on(self) -> None:
        """Press Continue, whatever it says after that word."""
        self.press(re.compile(r"^Continue"))

    def refused(self, *messages: str | re.Pattern[str]) -> None:
        """The same step came back with these errors; the summary has the focus."""
        expect(self.errors).to_be_visible()
        expect(self.errors).to_be_focused()
        expect(self.errors.get_by_role("listitem")).to_have_text(list(messages))

    def find(self, number: str, postcode: str) -> None:
        """Look an order up from the first page."""
        self.page.get_by_label("Tracking number or order number").fill(number)
        self.page.get_by_label("Postcode").fill(postcode)
        self.press("Find my order")

    def item(self, title: str) -> Locator:
        """The card of an item on the items step."""
        return self.page.get_by_role("listitem").filter(
            has=self.page.get_by_text(title, exact=True)
        )

    def tick(self, title: str) -> None:
        """Choose an item by pressing its card, as people do."""
        self.page.locator("label").get_by_text(title, exact=True).click()
        expect(self.page.get_by_role("checkbox", name=title, exact=True)).to_be_checked()

    def choose_items(self, chosen: Mapping[str, int]) -> None:
        """Tick items, set their quantities and go on."""
        for title, quantity in chosen.items():
            self.tick(title)
            if quantity > 1:
                name = f"How many {title} to send back"
                self.page.get_by_role("spinbutton", name=name).fill(str(quantity))
        self.go_on()
        self.arrived(REASONS)

    def explain(self, reasons: Mapping[str, Why]) -> None:
        """Say why, per item, and go on."""
        for title, why in reasons.items():
            self.give_reason(title, why)
        self.go_on()
        self.arrived(REFUND)

    def give_reason(self, title: str, why: Why) -> Locator:
        """Fill in one item of the reasons step; returns its group."""
        group = self.page.get_by_role("group", name=title, exact=True)
        group.get_by_label("What is the reason?").select_option(label=why.reason)
        if why.comment is not None:
            group.get_by_label("What is wrong with it?").fill(why.comment)
        if why.photo is not None:
            group.get_by_label("Add a photo").set_input_files(why.photo)
        return group

    def choose_refund(self, resolution: str) -> None:
        """One resolution for everything."""
        self.page.get_by_role("radio", name=re.compile(f"^{resolution}")).check()

    def refund_line(self, title: str) -> Locator:
        """The card of one item on the refund step."""
        return self.page.get_by_role("region", name=title, exact=True)

    def choose_for(self, title: str, resolution: str) -> None:
        """The resolution of one item."""
        group = self.refund_line(title).get_by_role("radiogroup", name="What would you like for")
        group.get_by_role("radio", name=resolution).check()

    def choose_variant(self, title: str, variant: str | re.Pattern[str]) -> None:
        """What an item is exchanged for."""
        group = self.refund_line(title).get_by_role("radiogroup", name="Which one would you")
        group.get_by_role("radio", name=variant).check()

    def choose_method(self, method: str) -> None:
        """A return method, and its details shown: without JavaScript that takes a post."""
        self.page.get_by_role("radio", name=re.compile(f"^{method}")).check()
        if not self.javascript and "Drop off" in method:
            self.go_on()
            expect(self.page.locator("#points-hint")).to_be_visible()
        if "Drop off" in method:
            expect(self.page.get_by_text("Nearest service point")).to_be_visible()

    def search_points(self, near: str) -> None:
        """Look for service points somewhere else."""
        # Whether the field shows is known a moment after its heading while the page is still coming
        # in: a press in between closed what was open. The attribute comes with its tag.
        toggle = self.page.get_by_text("Choose another point")
        if self.page.locator("details", has=toggle).get_attribute("open") is None:
            toggle.click()
        self.page.get_by_label("Postcode or town").fill(near)
        self.page.get_by_role("button", name="Search").click()

    def choose_point(self, name: str) -> None:
        """A point of the list."""
        self.page.get_by_role("radio", name=re.compile(re.escape(name))).check()

    def ship(self) -> None:
        """Go on to the review."""
        self.go_on()
        self.arrived(REVIEW)

    def confirm(self) -> None:
        """Confirm the return."""
        self.press("Confirm return")
        self.arrived(DONE)
        expect(self.page.locator(".reference").first).to_have_text(re.compile(r"^R-\w{4}-\w{4}$"))

    @property
    def summary_total(self) -> Locator:
        """The amount in the bar at the bottom (phone)."""
        return self.page.locator("#summary-toggle strong")
