"""Which service does the job of which outbox row."""

from __future__ import annotations

import smtplib
from collections.abc import Callable
from dataclasses import dataclass

from ..services.accounts.mails import SENDERS as ACCOUNT_SENDERS
from ..services.handoffs import give_up_handoffs, prepare_handoffs, void_handoffs
from ..services.mails import SENDERS
from ..services.news_mails import NEWS_SENDERS
from ..services.outbox import GiveUp, Job
from ..services.refund_digest import send_digest
from ..services.run_task import fail_task, run_task


@dataclass(frozen=True, slots=True)
class Handler:
    """`run` does the job and may run twice; `give_up` follows the last failure."""

    run: Callable[[Job], None]
    give_up: Callable[[Job, Exception], None] | None = None


def find_handler(kind: str) -> Handler:
    """The handler of this kind; one that fails for kinds only a newer version knows."""
    return _HANDLERS.get(kind, Handler(_unknown))


def describe(error: Exception) -> str:
    """What happened, without what it happened to: server texts repeat addresses."""
    if isinstance(error, GiveUp):
        return str(error)
    name = type(error).__name__
    if isinstance(error, smtplib.SMTPResponseException):
        return f"{name} {error.smtp_code}"
    if isinstance(error, smtplib.SMTPRecipientsRefused):
        codes = sorted({str(code) for code, _text in error.recipients.values()})
        return f"{name} {' '.join(codes)}"
    if isinstance(error, OSError) and error.errno is not None:
        return f"{name} {error.errno}"
    return name


class UnknownKind(Exception):
    """Nobody here knows this kind of job; after an update somebody may."""


def _unknown(job: Job) -> None:
    raise UnknownKind(job.kind)


def _prepare(job: Job) -> None:
    prepare_handoffs(return_id=job.payload["return_id"])


def _give_up_prepare(job: Job, error: Exception) -> None:
    give_up_handoffs(return_id=job.payload["return_id"], reason=describe(error))


def _void(job: Job) -> None:
    void_handoffs(return_id=job.payload["return_id"])


def _give_up_task(job: Job, _error: Exception) -> None:
    fail_task(task_id=job.payload["task_id"])


_SENDERS = {**SENDERS, **NEWS_SENDERS, **ACCOUNT_SENDERS}

_HANDLERS: dict[str, Handler] = {
    **{kind: Handler(send) for kind, send in _SENDERS.items()},
    "prepare_handoff": Handler(_prepare, give_up=_give_up_prepare),
    "void_handoff": Handler(_void),
    "refund_digest": Handler(send_digest),
    "run_task": Handler(run_task, give_up=_give_up_task),
}
