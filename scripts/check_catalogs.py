"""Compare the texts found in the code with each catalog; used by `scripts/translations check`."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

from babel.messages.catalog import Catalog, Message
from babel.messages.pofile import read_po


def problems(template: Catalog, catalog: Catalog) -> Iterator[str]:
    """Say what is missing, untranslated, fuzzy, wrong or left over in `catalog`."""
    for wanted in template:
        if not wanted.id:
            continue
        found = catalog.get(wanted.id, wanted.context)
        if found is None:
            yield f"missing (run make translations): {_where(wanted)}"
        elif not _is_translated(found, catalog.num_plurals):
            yield f"not translated: {_where(wanted)}"
        elif found.fuzzy:
            yield f"fuzzy: {_where(wanted)}"
        else:
            yield from (f"{error}: {_where(wanted)}" for error in found.check(catalog))
    for known in catalog:
        if known.id and template.get(known.id, known.context) is None:
            yield f"no longer used (run make translations): {_where(known)}"


def _is_translated(message: Message, plurals: int) -> bool:
    texts = message.string if isinstance(message.string, (list, tuple)) else [message.string]
    return len(texts) == (plurals if message.pluralizable else 1) and all(texts)


def _where(message: Message) -> str:
    source = message.id if isinstance(message.id, str) else message.id[0]
    files = ", ".join(sorted({str(location[0]) for location in message.locations}))
    return f"{source!r} ({files})"


def main(template_path: str, *catalog_paths: str) -> int:
    """Print each problem; 1 when there is one."""
    with Path(template_path).open("rb") as file:
        template = read_po(file)
    failed = 0
    for path in catalog_paths:
        with Path(path).open("rb") as file:
            catalog = read_po(file, locale=Path(path).parts[-3])
        for problem in problems(template, catalog):
            print(f"{path}: {problem}")
            failed += 1
    print(f"{len(template)} texts, {len(catalog_paths)} catalogs, {failed} problems")
    return min(failed, 1)


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
