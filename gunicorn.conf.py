"""Settings of the web server; gunicorn reads this file when it is started in this folder.

Addresses of the portal hold tokens that open a return, and queries what customers type. Neither
belongs in a log: whatever format the log has, `MaskingLogger` takes them out of every line.
"""

import ipaddress
import logging
import re
from typing import Any

from gunicorn.glogging import Logger

_TOKENS = re.compile(r"(/(?:r|s|o|photos)/)[^/?#\s\"']+")
_LONG = re.compile(r"(?<=/)[\w.~%-]{24,}")
_QUERY = re.compile(r"\?[^\s\"']*")


def mask(line: str) -> str:
    """A log line without tokens and queries: `/p/demo/r/***/items?***`."""
    return _QUERY.sub("?***", _LONG.sub("***", _TOKENS.sub(r"\1***", line)))


def network(address: str) -> str:
    """Where a request is from, without saying from whom: `198.51.100.0`, `2001:db8:1::`."""
    try:
        bits = 24 if ipaddress.ip_address(address).version == 4 else 48
        return str(ipaddress.ip_network((address, bits), strict=False).network_address)
    except ValueError:
        return "-"


class _Mask(logging.Filter):
    def filter(self, record: logging.LogRecord) -> bool:
        record.msg, record.args = mask(record.getMessage()), ()
        return True


class MaskingLogger(Logger):
    """Gunicorn's log without personal data."""

    def setup(self, cfg: Any) -> None:
        """Called by gunicorn, again when its settings are read anew."""
        super().setup(cfg)
        for log in (self.access_log, self.error_log):
            log.filters = [_Mask()]

    def atoms(self, resp: Any, req: Any, environ: Any, request_time: Any) -> dict[str, Any]:
        """What the access log's format can name."""
        atoms: dict[str, Any] = super().atoms(resp, req, environ, request_time)
        return {**atoms, "h": network(str(atoms["h"])), "q": "***" if atoms["q"] else ""}


logger_class = MaskingLogger
access_log_format = '%(h)s %(t)s "%(r)s" %(s)s %(B)s %(M)sms'


def post_worker_init(_worker: Any) -> None:
    """Load the table of towns beside the first requests, so that no visitor waits for it."""
    from threading import Thread

    from returnsite.services.queries.towns import warm_up

    Thread(target=warm_up, daemon=True).start()
