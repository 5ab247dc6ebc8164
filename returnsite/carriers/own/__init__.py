"""The shop's own way back, which needs no carrier's interface: our address label, our code."""

from __future__ import annotations

from ...domain.carriers import OWN
from ..address_label import MEDIA_TYPE, address_label
from ..base import Handoff, HandoffRequest


class OwnCarrier:
    """Label and code made here; the code is the return number, for the shop's counter and dock."""

    code = OWN
    name = ""
    is_test = False

    def prepare(self, request: HandoffRequest) -> Handoff:
        """The hand-off; depends on nothing but the request, so repeating it changes nothing."""
        wants_label = request.kind == "label_pdf"
        return Handoff(
            code=request.return_number,
            code_kind="shop",
            document=address_label(request) if wants_label else None,
            media_type=MEDIA_TYPE if wants_label else "",
        )

    def void(self, *, reference: str, tracking_no: str) -> None:
        """Nothing was announced anywhere, so nothing is to be withdrawn."""
