"""How many examples the property tests try: few at the desk, more in CI, many on demand.

HYPOTHESIS_PROFILE=thorough tries 10 000 of each before a release. Some then take minutes: give
pytest `--timeout=0` with it.
"""

from __future__ import annotations

import os

from hypothesis import HealthCheck, settings

_SLOW_MACHINE = [HealthCheck.too_slow]

settings.register_profile("desk", max_examples=50, deadline=None, database=None)
settings.register_profile(
    "ci",
    max_examples=150,
    deadline=None,
    database=None,
    derandomize=True,
    suppress_health_check=_SLOW_MACHINE,
)
settings.register_profile(
    "thorough",
    max_examples=10_000,
    deadline=None,
    database=None,
    suppress_health_check=_SLOW_MACHINE,
)
settings.load_profile(
    os.environ.get("HYPOTHESIS_PROFILE", "ci" if os.environ.get("CI") else "desk")
)
