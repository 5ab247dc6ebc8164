"""The records of a large JSON file one after another, without holding the file in memory."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import TextIO

_CHUNK = 1 << 18
_GAP = re.compile(r"[\s,]*")
_OVERLAP = 200


class BrokenJsonError(Exception):
    """The file is not JSON from here on, or breaks off."""


def iter_records(file: TextIO, key: str) -> Iterator[object]:
    """The elements of the first array named `key`, or the one object that stands in its place.

    Raises BrokenJsonError where the text cannot be read any further.
    """
    text, single = _seek(file, key)
    decoder, position, step = json.JSONDecoder(), 0, _CHUNK
    while True:
        match = _GAP.match(text, position)
        position = match.end() if match else position
        if text[position : position + 1] == "]":
            return
        try:
            value, position = decoder.raw_decode(text, position)
        except (ValueError, RecursionError) as error:
            # most likely the record goes on in the next chunk; more and more is read, so that
            # long records stay cheap
            more = file.read(step)
            if not more:
                raise BrokenJsonError from error
            text, position, step = text[position:] + more, 0, step * 2
            continue
        yield value
        if single:
            return
        step = _CHUNK
        if position > _CHUNK:
            text, position = text[position:], 0


def _seek(file: TextIO, key: str) -> tuple[str, bool]:
    """The text from the first record on, and whether that is all there is."""
    opening = re.compile(rf'"{key}"\s*:\s*([\[{{])')
    text = ""
    while not (found := opening.search(text)):
        more = file.read(_CHUNK)
        if not more:
            raise BrokenJsonError
        text = text[-_OVERLAP:] + more
    single = found[1] == "{"
    return text[found.end() - single :], single
