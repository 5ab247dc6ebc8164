"""A shop's own mail server: reached by name, but never inside the operator's network."""

from __future__ import annotations

import ipaddress
import smtplib
import socket
import ssl
from dataclasses import dataclass
from typing import Literal

from flask import current_app

from .transport import TimedConnection

Security = Literal["starttls", "tls", "none"]


@dataclass(frozen=True, slots=True)
class MailServer:
    """Where a shop's mails leave; `sender` is their From address."""

    host: str
    port: int
    security: Security
    username: str
    password: str
    sender: str


class ServerNotPublic(OSError):
    """The name leads to a machine that is not on the public internet."""


class ShopConnection(TimedConnection):
    """A connection to a shop's own server; every wait is bounded and TLS is verified."""

    def __init__(self, server: MailServer) -> None:
        self._server = server

    def configure_host(self) -> smtplib.SMTP:
        """Connect and, where set, encrypt and log in."""
        server, context = self._server, ssl.create_default_context()
        timeout = current_app.config["MAIL_TIMEOUT"]
        host: smtplib.SMTP
        if server.security == "tls":
            host = _PinnedTLS(server.host, server.port, timeout=timeout, context=context)
        else:
            host = _Pinned(server.host, server.port, timeout=timeout)
        try:
            if server.security == "starttls":
                host.starttls(context=context)
            if server.username:
                host.login(server.username, server.password)
        except BaseException:
            host.close()
            raise
        return host


class _Pinned(smtplib.SMTP):
    """Connects to the address that was looked at, so that a name cannot change its mind."""

    def _get_socket(self, host: str, port: int, timeout: float) -> socket.socket:
        return socket.create_connection((_address_of(host, port), port), timeout)


class _PinnedTLS(smtplib.SMTP_SSL):
    """The same, with TLS from the start; the certificate must be that of the name."""

    def _get_socket(self, host: str, port: int, timeout: float) -> socket.socket:
        plain = socket.create_connection((_address_of(host, port), port), timeout)
        return self.context.wrap_socket(plain, server_hostname=host)


def _address_of(host: str, port: int) -> str:
    """The address behind a name. Raises ServerNotPublic, unless the operator allows such ones."""
    address = str(socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0][4][0])
    if not current_app.config["SHOP_MAIL_PRIVATE"] and not ipaddress.ip_address(address).is_global:
        raise ServerNotPublic
    return address
