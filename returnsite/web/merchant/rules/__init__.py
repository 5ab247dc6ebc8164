"""Return rules: the list and its editor, trials, history."""

from . import editing, history, trial, views  # noqa: F401  # their views register themselves
