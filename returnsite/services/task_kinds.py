"""Every kind of long work, and what runs it. A new kind is one line in `RUNNERS`."""

from __future__ import annotations

from collections.abc import Mapping

from .rules.trial import KIND as RULE_TRIAL
from .rules.trial import run_trial
from .tasks import Runner

RUNNERS: Mapping[str, Runner] = {
    RULE_TRIAL: run_trial,
}
