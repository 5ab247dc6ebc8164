"""Every kind of long work, and what runs it. A new kind is one line in `RUNNERS`."""

from __future__ import annotations

from collections.abc import Mapping

from .analytics.export import KIND as RETURNS_EXPORT
from .analytics.export import export_returns
from .import_upload import run_check, run_import
from .rules.trial import KIND as RULE_TRIAL
from .rules.trial import run_trial
from .tasks import Runner

RUNNERS: Mapping[str, Runner] = {
    RETURNS_EXPORT: export_returns,
    RULE_TRIAL: run_trial,
    "check_orders": run_check,
    "import_orders": run_import,
}
