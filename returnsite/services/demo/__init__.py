"""The demo shop: everything in it is made up, and every start of it is fresh."""

from .hints import demo_hints
from .load import DemoSummary, SlugTaken, load_demo

__all__ = ["DemoSummary", "SlugTaken", "demo_hints", "load_demo"]
