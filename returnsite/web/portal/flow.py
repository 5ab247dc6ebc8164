"""The order of the wizard's steps: one line a step."""

from __future__ import annotations

from flask import abort, request
from werkzeug.datastructures import MultiDict

from ...services.checks import Problem
from ...services.drafts import Wizard
from ...services.quotes import Variants, load_variants, make_quote
from .steps import items, reasons, refund, review, shipment
from .steps.base import Form, Step, View

STEPS: tuple[Step, ...] = (items, reasons, refund, shipment, review)
FIRST_NUMBER = 2
"""Finding the order is step 1."""
TOTAL = len(STEPS) + 1


def step_named(name: str) -> Step:
    """The step with this name; 404 for any other."""
    return next((step for step in STEPS if step.name == name), None) or abort(404)


def number_of(step: Step) -> int:
    """Its place in "Step 2 of 6"."""
    return STEPS.index(step) + FIRST_NUMBER


def view_of(
    step: Step,
    wizard: Wizard,
    *,
    problems: tuple[Problem, ...] = (),
    form: Form | None = None,
    priced: bool = True,
) -> View:
    """Judge the wizard's answers as this step needs them; without `priced` no amount is right."""
    variants: Variants | None = None if priced else {}
    if step.uses_variants and _asks_exchange(wizard):
        variants = load_variants(wizard)
    return View(wizard, make_quote(wizard, variants), problems, form, MultiDict(request.args))


def first_open_step(view: View, before: Step | None = None) -> Step | None:
    """The first step (ahead of `before`) whose answer is missing or no longer allowed."""
    for step in STEPS:
        if step is before:
            return None
        if step.check(view):
            return step
    return None


def after(step: Step, view: View) -> Step:
    """Where to go once `step` is answered: on, or back to the review it was changed from."""
    if "review" in request.args and first_open_step(view) is None:
        return STEPS[-1]
    return STEPS[min(STEPS.index(step) + 1, len(STEPS) - 1)]


def _asks_exchange(wizard: Wizard) -> bool:
    return "exchange" in wizard.shop.policy.resolutions
