"""A real mail server for tests, and reading what it got."""

from __future__ import annotations

import socket
from asyncio import AbstractServer
from collections.abc import Callable, Coroutine, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from threading import Condition
from typing import Any, cast

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, Envelope, Session

from tests.html_checks import parse as parse_html


@dataclass
class Peer:
    """The server's mailbox. `answers` are given to the next messages instead of accepting them;
    `refused` maps a recipient to the answer it gets."""

    port: int = 0
    envelopes: list[Envelope] = field(default_factory=list)
    answers: list[str] = field(default_factory=list)
    refused: dict[str, str] = field(default_factory=dict)
    on_message: Callable[[int], None] | None = None
    """Called with the number of messages when one has arrived, before the sender is told so."""
    arrived: Condition = field(default_factory=Condition)

    async def handle_RCPT(
        self, _server: SMTP, _session: Session, envelope: Envelope, address: str, _options: object
    ) -> str:
        """Called by aiosmtpd."""
        if address in self.refused:
            return self.refused[address]
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, _server: SMTP, _session: Session, envelope: Envelope) -> str:
        """Called by aiosmtpd."""
        with self.arrived:
            if self.answers:
                return self.answers.pop(0)
            self.envelopes.append(envelope)
            self.arrived.notify_all()
            if self.on_message:
                self.on_message(len(self.envelopes))
        return "250 accepted"

    @property
    def messages(self) -> list[EmailMessage]:
        """What arrived, as a mail program reads it."""
        return [parse(cast(bytes, envelope.content)) for envelope in self.envelopes]

    def to(self, recipient: str) -> list[EmailMessage]:
        """What arrived for one address."""
        return [
            message
            for envelope, message in zip(self.envelopes, self.messages, strict=True)
            if envelope.rcpt_tos == [recipient]
        ]

    def wait_for(self, count: int, timeout: float = 30) -> None:
        """Return once `count` messages have arrived in all."""
        with self.arrived:
            enough = self.arrived.wait_for(lambda: len(self.envelopes) >= count, timeout)
        assert enough, f"{len(self.envelopes)} of {count} messages arrived"


class _QuietSMTP(SMTP):
    """A worker that is killed leaves half a conversation; that is what we came for."""

    def connection_lost(self, error: Exception | None) -> None:
        super().connection_lost(None if isinstance(error, ConnectionError) else error)


class _Controller(Controller):
    """aiosmtpd wants to know the port before it listens; a bound socket knows."""

    def __init__(self, handler: Peer, **options: Any) -> None:
        self._socket = socket.create_server(("127.0.0.1", 0))
        port = self._socket.getsockname()[1]
        super().__init__(handler, hostname="127.0.0.1", port=port, **options)

    def factory(self) -> SMTP:
        return _QuietSMTP(self.handler, **self.SMTP_kwargs)

    def _create_server(self) -> Coroutine[Any, Any, AbstractServer]:
        return self.loop.create_server(self._factory_invoker, sock=self._socket)


@contextmanager
def mail_server(**options: Any) -> Iterator[Peer]:
    """A server on a free port of this machine."""
    peer = Peer()
    controller = _Controller(peer, enable_SMTPUTF8=True, **options)
    peer.port = controller.port
    controller.start()
    try:
        yield peer
    finally:
        controller.stop()


def parse(data: bytes) -> EmailMessage:
    """The message as a mail program reads it."""
    return cast(EmailMessage, message_from_bytes(data, policy=default))


def plain_text(message: EmailMessage) -> str:
    """The text part, as it was written."""
    part = message.get_body(("plain",))
    assert part is not None
    return str(part.get_content())


def html_text(message: EmailMessage) -> str:
    """The HTML part, as it was written."""
    part = message.get_body(("html",))
    assert part is not None
    return str(part.get_content())


def only(messages: list[EmailMessage]) -> EmailMessage:
    """The only one of these mails."""
    assert len(messages) == 1, [message["Subject"] for message in messages]
    return messages[0]


def words(message: EmailMessage) -> str:
    """Text of the HTML part, spaces made single."""
    body = parse_html(html_text(message)).find("body")
    assert body is not None
    return " ".join("".join(body.itertext()).split())
