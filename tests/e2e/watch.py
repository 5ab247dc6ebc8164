"""Notice what no page may do."""

from __future__ import annotations

from urllib.parse import urlsplit

from playwright.sync_api import BrowserContext, ConsoleMessage, Request, WebError

# The browser reports an answer of 4xx as an error; which answers are right the tests say.
EXPECTED_CONSOLE = "Failed to load resource: the server responded with a status of 4"
# The browser's own page in place of a refused frame; no page of ours has such a policy.
EXPECTED_SCRIPT = "Failed to execute 'createHTML' on 'TrustedTypePolicy'"
LOCAL_HOSTS = {"127.0.0.1", "localhost"}


def watch(context: BrowserContext, faults: list[str]) -> None:
    """Note in `faults` what no page may do."""

    def on_console(message: ConsoleMessage) -> None:
        if message.type == "error" and not message.text.startswith(EXPECTED_CONSOLE):
            faults.append(f"console: {message.text}")

    def on_script(error: WebError) -> None:
        if EXPECTED_SCRIPT not in str(error.error):
            faults.append(f"script: {error.error}")

    def on_request(request: Request) -> None:
        parts = urlsplit(request.url)
        if parts.scheme in ("http", "https") and parts.hostname not in LOCAL_HOSTS:
            faults.append(f"request to another server: {request.url}")

    context.on("console", on_console)
    context.on("weberror", on_script)
    context.on("request", on_request)
