"""A customer without a mouse: Tab, Space, Enter, arrows and typing, and a look at every stop."""

from __future__ import annotations

from playwright.sync_api import Locator, Page

# What is wrong with where the focus is now; nothing when it can be seen and is not covered.
FAULT = """
() => {
  const el = document.activeElement;
  if (el === document.body) return "the focus is nowhere";
  if (el === document.documentElement) return "";   // on its way round, through the browser's bar
  const about = el.outerHTML.slice(0, 120);
  const rings = [el, ...["label", ".item-card", ".choice-card"].map((near) => el.closest(near))];
  const visible = (ring) => ring && getComputedStyle(ring).outlineStyle !== "none"
      && parseFloat(getComputedStyle(ring).outlineWidth) >= 2;
  if (!rings.some(visible)) return `no ring around ${about}`;
  const box = el.getBoundingClientRect();
  const [x, y] = [box.x + box.width / 2, box.y + Math.min(box.height / 2, 40)];
  const hit = document.elementFromPoint(x, y);
  const near = hit && (el.contains(hit) || hit.contains(el));
  return near || hit?.closest("label")?.control === el ? "" : `covered: ${about}`;
}
"""


class Keyboard:
    """Moves through a page by keys alone."""

    def __init__(self, page: Page) -> None:
        self.page = page

    def press(self, *keys: str) -> None:
        """Press keys one after another."""
        for key in keys:
            self.page.keyboard.press(key)

    def type(self, text: str) -> None:
        """Type into the field that has the focus."""
        self.page.keyboard.type(text)

    def tab_to(self, goal: Locator) -> None:
        """Press Tab until the focus is on `goal`; every stop on the way must be seen."""
        for _stop in range(60):
            self.press("Tab")
            fault = self.page.evaluate(FAULT)
            assert not fault, f"{self.page.url}: {fault}"
            if goal.evaluate("(el) => el === document.activeElement"):
                return
        raise AssertionError(f"{self.page.url}: Tab never reaches {goal}")

    def go(self, goal: Locator, *keys: str) -> None:
        """Tab to a control and use it."""
        self.tab_to(goal)
        self.press(*(keys or ("Enter",)))
