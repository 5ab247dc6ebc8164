"""The MIME message: its shape, and that no name, subject or file name can break it."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from typing import cast

import pytest
from hypothesis import given
from hypothesis import strategies as st

from returnsite.mailing.message import (
    Attachment,
    Envelope,
    InlineImage,
    Letter,
    UnsendableMail,
    build_message,
    file_name,
)

PNG = b"\x89PNG\r\n\x1a\n" + bytes(range(256))
LETTER = Letter(
    subject="Je retour R-7K2M-9QXT bij Noorderlicht",
    text="Hallo Zoë,\n\nTot ziens. € 39,55\n",
    html='<p>Hallo Zoë</p><img src="cid:return-code">',
    language="nl",
    sender_name="Noorderlicht",
    reply_to="hulp@noorderlicht.example",
    images=(InlineImage("return-code.png", PNG),),
    attachments=(Attachment("label-R-7K2M-9QXT.pdf", b"%PDF-1.3 label"),),
)
ENVELOPE = Envelope(
    sender="returns@portal.example",
    recipient="zoe@customer.example",
    message_id="17.0123456789abcdef@portal.example",
    date=datetime(2026, 11, 23, 10, 15, tzinfo=UTC),
)
HEADERS = {
    *("From", "To", "Subject", "Date", "Message-ID", "Reply-To"),
    *("Auto-Submitted", "Content-Language", "MIME-Version", "Content-Type"),
}
NASTY = [
    "Eve\r\nBcc: victim@example.com",
    "Eve\nX-Spam: no",
    "Eve\rSubject: other",
    "Eve\x00Bcc: victim@example.com",
    "Eve\u2028Bcc: victim@example.com",
    "Eve\x85Bcc: victim@example.com",
    "=?utf-8?q?Eve=0D=0ABcc:_victim=40example.com?=",
    'Eve" <victim@example.com>, "',
]


def read(data: bytes) -> EmailMessage:
    """The message as a mail program reads it."""
    return cast(EmailMessage, message_from_bytes(data, policy=default))


def sent(letter: Letter = LETTER, envelope: Envelope = ENVELOPE) -> EmailMessage:
    return read(build_message(letter, envelope).data)


@pytest.mark.parametrize(
    "text", ["help desk", "hulp@", "a@b.example\nBcc: c@d.example", "é@x.example"]
)
def test_a_reply_address_that_is_none_is_left_out_and_the_mail_still_goes(text: str) -> None:
    message = sent(replace(LETTER, reply_to=text))
    assert message["Reply-To"] is None
    assert message["To"] == "zoe@customer.example"


def test_it_is_text_and_html_with_pictures_inside_and_files_attached() -> None:
    message = sent()
    shape = [part.get_content_type() for part in message.walk()]
    assert shape == [
        "multipart/mixed",
        "multipart/alternative",
        "text/plain",
        "multipart/related",
        "text/html",
        "image/png",
        "application/pdf",
    ]
    plain, html = message.get_body(("plain",)), message.get_body(("html",))
    assert plain is not None
    assert html is not None
    assert plain.get_content().replace("\r\n", "\n") == LETTER.text
    assert html.get_content().strip() == LETTER.html


def test_the_picture_is_inline_by_cid_with_a_file_name() -> None:
    picture = next(part for part in sent().walk() if part.get_content_type() == "image/png")
    assert picture["Content-ID"] == "<return-code>"
    assert picture.get_content_disposition() == "inline"
    assert picture.get_filename() == "return-code.png"
    assert picture.get_content() == PNG


def test_the_label_is_attached_unchanged() -> None:
    (label,) = sent().iter_attachments()
    assert label.get_filename() == "label-R-7K2M-9QXT.pdf"
    assert label.get_content_disposition() == "attachment"
    assert label.get_content() == b"%PDF-1.3 label"


def test_the_headers_say_who_what_and_that_a_machine_wrote_it() -> None:
    message = sent()
    assert message["From"] == "Noorderlicht <returns@portal.example>"
    assert message["To"] == "zoe@customer.example"
    assert message["Reply-To"] == "hulp@noorderlicht.example"
    assert message["Message-ID"] == "<17.0123456789abcdef@portal.example>"
    assert message["Auto-Submitted"] == "auto-generated"
    assert message["Date"].datetime == ENVELOPE.date
    assert set(message.keys()) == HEADERS


def test_the_same_letter_is_the_same_bytes() -> None:
    assert build_message(LETTER, ENVELOPE).data == build_message(LETTER, ENVELOPE).data


@pytest.mark.parametrize("nasty", NASTY)
@pytest.mark.parametrize("field", ["subject", "sender_name", "language"])
def test_no_name_changes_a_header(field: str, nasty: str) -> None:
    message = sent(replace(LETTER, **{field: nasty}))
    assert set(message.keys()) == HEADERS
    assert len(message["To"].addresses) == 1
    assert len(message["From"].addresses) == 1
    assert message["From"].addresses[0].addr_spec == ENVELOPE.sender


@pytest.mark.parametrize("nasty", NASTY)
def test_no_file_name_changes_a_header(nasty: str) -> None:
    letter = replace(
        LETTER,
        images=(InlineImage(f"{nasty}.png", PNG),),
        attachments=(Attachment(f"{nasty}.pdf", b"%PDF"),),
    )
    message = sent(letter)
    assert set(message.keys()) == HEADERS
    for part in message.walk():
        assert "bcc" not in {name.lower() for name in part.keys()}  # noqa: SIM118
        assert (part.get_filename() or "").isascii()


@pytest.mark.parametrize(
    "address",
    [
        "zoe@customer.example\r\nBcc: victim@example.com",
        "zoe@customer.example\x00",
        "zoe@customer.example, victim@example.com",
        "zoe@customer.example victim@example.com",
        "Zoë <zoe@customer.example>",
        "zoe@@customer.example",
        "zoe@" + "x" * 70 + ".example",
        "zoe",
        "",
    ],
)
def test_what_is_no_address_is_refused(address: str) -> None:
    with pytest.raises(UnsendableMail):
        build_message(LETTER, replace(ENVELOPE, recipient=address))


def test_a_domain_beyond_ascii_is_sent_in_its_ascii_form() -> None:
    built = build_message(LETTER, replace(ENVELOPE, recipient="zoe@bücher.example"))
    assert built.envelope.recipient == "zoe@xn--bcher-kva.example"
    assert read(built.data)["To"] == "zoe@xn--bcher-kva.example"
    assert not built.needs_utf8


def test_a_local_part_beyond_ascii_asks_for_a_server_that_can() -> None:
    built = build_message(LETTER, replace(ENVELOPE, recipient="zoë@customer.example"))
    assert built.needs_utf8
    assert "zoë@customer.example".encode() in built.data


@given(name=st.text(max_size=300), subject=st.text(max_size=300))
def test_any_text_makes_a_readable_message(name: str, subject: str) -> None:
    message = sent(replace(LETTER, sender_name=name, subject=subject))
    assert set(message.keys()) == HEADERS
    assert message["To"] == "zoe@customer.example"
    assert [part.get_content_type() for part in message.walk()][-1] == "application/pdf"


@given(st.text(max_size=200))
def test_any_file_name_becomes_a_plain_one(name: str) -> None:
    plain = file_name(name)
    assert plain
    assert len(plain) <= 80
    assert plain.isascii()
    assert not set(plain) & set("/\\:\r\n\"'; ")
    assert not plain.startswith(".")
