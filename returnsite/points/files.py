"""Files as merchants have them: zipped or not, UTF-8 or Windows-1252, any separator."""

from __future__ import annotations

import codecs
import csv
import io
import zipfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO, TextIO

HEAD = 1 << 16
_CHUNK = 1 << 20
_SEPARATORS = ",;\t|"


@contextmanager
def open_text(path: Path) -> Iterator[TextIO]:
    """The text of a file, or of the first data file inside a zip. Raises OSError, BadZipFile."""
    with _open_binary(path) as raw:
        encoding = "utf-8-sig" if _is_utf8(raw) else "cp1252"
    with (
        _open_binary(path) as raw,
        io.TextIOWrapper(raw, encoding=encoding, errors="replace", newline="") as text,
    ):
        yield text


def read_head(path: Path) -> str:
    """The first 64 K characters, for recognising the format."""
    with open_text(path) as text:
        return text.read(HEAD)


def header(head: str) -> list[str]:
    """Column names of the first line, lower case; [] for an empty file."""
    line = head.split("\n", 1)[0]
    return [name.strip().lower() for name in next(csv.reader([line], delimiter=_separator(line)))]


def iter_rows(file: TextIO) -> Iterator[tuple[int, Mapping[str, str]]]:
    """(line number, values by lower-case column name); missing values are "".

    A line the csv module cannot read comes as an empty mapping.
    """
    first = file.readline()
    separator = _separator(first)
    names = header(first) if first.strip() else []
    reader = csv.reader(file, delimiter=separator)
    while True:
        try:
            values = next(reader)
        except StopIteration:
            return
        except csv.Error:
            yield reader.line_num + 1, {}
            continue
        if values:
            padded = values + [""] * (len(names) - len(values))
            yield reader.line_num + 1, dict(zip(names, padded, strict=False))


@contextmanager
def _open_binary(path: Path) -> Iterator[BinaryIO]:
    if not zipfile.is_zipfile(path):
        with path.open("rb") as raw:
            yield raw
        return
    with zipfile.ZipFile(path) as archive:
        data = [
            name for name in archive.namelist() if "readme" not in name.lower() and name[-1] != "/"
        ]
        if not data:
            raise zipfile.BadZipFile("no data file inside")
        with archive.open(data[0]) as member:
            yield member  # type: ignore[misc]  # IO[bytes] has what TextIOWrapper needs


def _is_utf8(raw: BinaryIO) -> bool:
    decoder = codecs.getincrementaldecoder("utf-8")()
    try:
        while chunk := raw.read(_CHUNK):
            decoder.decode(chunk)
        decoder.decode(b"", final=True)
    except UnicodeDecodeError:
        return False
    return True


def _separator(line: str) -> str:
    return max(_SEPARATORS, key=line.count)
