"""Carriers in test mode: made-up numbers and codes that say so, until a real interface is there."""

from __future__ import annotations

import hashlib
from datetime import timedelta

from ..address_label import MEDIA_TYPE, address_label
from ..base import Handoff, HandoffRequest

CODE_DAYS = 28
"""How long a made-up code claims to be valid."""


class TestModeCarrier:
    """A carrier that answers at once and announces nothing to anybody."""

    __test__ = False  # not a test case, whatever its name

    is_test = True

    def __init__(self, code: str, name: str) -> None:
        self.code = code
        self.name = name

    def prepare(self, request: HandoffRequest) -> Handoff:
        """Numbers are derived from the reference, so the same parcel keeps the same ones."""
        digits = self._digits(request.reference)
        tracking_no = f"TEST-{self.code.upper()}-{digits}"
        labelless = request.kind in {"qr_code", "code"}
        wants_label = request.kind == "label_pdf"
        label = (
            address_label(request, carrier=self.name, tracking_no=tracking_no, is_test=True)
            if wants_label
            else None
        )
        return Handoff(
            tracking_no=tracking_no,
            code=f"TEST {digits[:4]} {digits[4:8]} {digits[8:]}" if labelless else "",
            code_kind="carrier" if labelless else "shop",
            document=label,
            media_type=MEDIA_TYPE if wants_label else "",
            expires_at=request.created_at + timedelta(days=CODE_DAYS) if labelless else None,
        )

    def void(self, *, reference: str, tracking_no: str) -> None:
        """Nothing was announced anywhere, so nothing is to be withdrawn."""

    def _digits(self, reference: str) -> str:
        digest = hashlib.sha256(f"{self.code}:{reference}".encode()).digest()
        return f"{int.from_bytes(digest[:8]) % 10**12:012d}"
