"""The product's layers, the sizes of its parts and the rules of its templates, read from source.

web → services → models → domain; commands and jobs → services. Carriers, order sources and point
sources know the domain only, and services reach them through their base and registry. What breaks
a rule on purpose is named in a list below, with the reason; an entry no longer needed fails.
"""

from __future__ import annotations

import ast
import re
import sys
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
PRODUCT = ROOT / "returnsite"
ADAPTERS = ("carriers", "orders", "points")
ADAPTER_DOORS = ("base", "registry", "files")

# layer → what of ours it may import
ALLOWED: dict[str, set[str]] = {
    "clock": set(),
    "config": set(),
    "files": set(),
    "extensions": set(),
    "database": {"extensions"},
    "domain": {"domain"},
    "documents": {"documents", "domain"},
    "models": {"models", "domain", "extensions"},
    "carriers": {"carriers", "domain", "documents"},
    "orders": {"orders", "domain"},
    "points": {"points", "domain"},
    "mailing": {"mailing", "documents", "domain", "extensions", "clock", "files"},
    "services": {
        *("services", "models", "domain", "mailing", "documents"),
        *("extensions", "clock", "config", "database", "files", *ADAPTERS),
    },
    "jobs": {"jobs", "services", "extensions", "clock", "config"},
    "commands": {"commands", "services", "jobs", "domain", "clock", "config"},
    "cli": {"commands"},
    "web": {"web", "services", "domain", "documents", "extensions", "clock", "database"},
    "__init__": {"cli", "config", "database", "extensions", "models", "web"},
}
IMPORT_EXCEPTIONS = {
    ("web.rate_limits", "models"): "its counters are rows, so that all processes count together",
}
# The domain computes: nothing that reads or writes, and nothing that differs from run to run.
NOT_IN_DOMAIN = {
    "os",
    "io",
    "pathlib",
    "socket",
    "subprocess",
    "urllib",
    "http",
    "sqlite3",
    "random",
}
REQUEST_THINGS = {"request", "session", "flash", "g", "redirect"}
CLOCK_CALLS = {"now", "utcnow", "today"}

FUNCTION_LINES, VIEW_LINES, MODULE_LINES, TEMPLATE_LINES, CONFTEST_LINES = 30, 15, 300, 120, 200
TEST_MODULE_LINES = 450  # tables of cases about one subject stay together
FORMS_A_FILE = 5
LONG_FUNCTIONS: dict[str, str] = {}
LONG_MODULES: dict[str, str] = {}
LONG_TEMPLATES: dict[str, str] = {
    "templates/partials/fields.html": "every kind of field, side by side",
}
MARKUP_ALLOWED = {
    "returnsite/web/htmx.py": "a rendered partial, escaped by Jinja, shown twice on a page",
}
FORBIDDEN_IN_TEMPLATES = {
    "an inline style": r"\sstyle\s*=",
    "an event attribute": r"\son[a-z]+\s*=",
    "hx-on": r"hx-on",
    "an htmx attribute without data-": r"(?<!data-)\bhx-[a-z]+[a-z:-]*\s*=",
    "boost": r"hx-boost",
    "js: values": r"=\s*[\"']\s*js(?:on)?:",
    "text marked as safe": r"\|\s*safe\b",
    "autoescape switched": r"{%-?\s*autoescape",
    "an inline script": r"<script(?![^>]*\b(?:src=|type=.application/json))[^>]*>",
    "a style element": r"<style\b",
    "a database query": r"\.query\b|\bdb\.|\.execute\(",
}


def _sources(folder: Path = PRODUCT) -> list[Path]:
    return sorted(folder.rglob("*.py"))


@cache
def _tree(path: Path) -> ast.Module:
    return ast.parse(path.read_text(encoding="utf-8"), str(path))


def _name(path: Path) -> str:
    """The module's name below the product: `services.drafts`."""
    parts = path.relative_to(PRODUCT).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" and len(parts) > 1 else parts)


def _runtime_nodes(tree: ast.AST) -> Iterator[ast.AST]:
    """All nodes but those under `if TYPE_CHECKING:`."""
    for child in ast.iter_child_nodes(tree):
        if isinstance(child, ast.If) and "TYPE_CHECKING" in ast.unparse(child.test):
            continue
        yield child
        yield from _runtime_nodes(child)


def _imports(path: Path) -> Iterator[str]:
    """Full dotted names that a module imports when it runs, relative ones resolved."""
    package = ["returnsite", *path.relative_to(PRODUCT).parts[:-1]]
    for node in _runtime_nodes(_tree(path)):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            base = package[: len(package) - node.level + 1] if node.level else []
            module = ".".join([*base, *([node.module] if node.module else [])])
            yield from (f"{module}.{alias.name}" for alias in node.names)


def _ours(path: Path) -> Iterator[list[str]]:
    """Imports of the product itself, split, without the leading `returnsite`."""
    for name in _imports(path):
        if name.startswith("returnsite."):
            yield name.split(".")[1:]


def test_every_layer_imports_only_what_is_below_it() -> None:
    used: set[tuple[str, str]] = set()
    for path in _sources():
        name = _name(path)
        layer = name.split(".")[0]
        assert layer in ALLOWED, f"{path}: a new layer, say in ALLOWED what it may import"
        for target in _ours(path):
            if target[0] in ALLOWED[layer] or (layer == "__init__" and target[0] not in ALLOWED):
                continue
            assert (name, target[0]) in IMPORT_EXCEPTIONS, f"{name} imports {'.'.join(target)}"
            used.add((name, target[0]))
    assert used == set(IMPORT_EXCEPTIONS)


def test_the_domain_is_pure_python_without_input_or_output() -> None:
    for path in _sources(PRODUCT / "domain"):
        for name in _imports(path):
            top = name.split(".")[0]
            if top != "returnsite":
                assert top in sys.stdlib_module_names, f"{path.name} imports {name}"
                assert top not in NOT_IN_DOMAIN, f"{path.name} imports {name}"


def test_services_know_nothing_of_the_request() -> None:
    for layer in ("services", "models", "mailing", "documents", *ADAPTERS):
        for path in _sources(PRODUCT / layer):
            for name in _imports(path):
                top, _, rest = name.partition(".")
                assert top not in ("wtforms", "flask_wtf"), f"{path} imports {name}"
                assert top != "flask" or rest not in REQUEST_THINGS, f"{path} imports {name}"


def test_services_reach_adapters_through_their_shared_modules_only() -> None:
    for layer in ("services", "jobs", "commands", "web"):
        for path in _sources(PRODUCT / layer):
            for target in _ours(path):
                if target[0] in ADAPTERS and len(target) > 1:
                    assert target[1] in ADAPTER_DOORS, f"{path} imports {'.'.join(target)}"


def test_an_adapter_does_not_know_another_adapter() -> None:
    for layer in ADAPTERS:
        folders = {path.name for path in (PRODUCT / layer).iterdir() if path.is_dir()}
        for path in _sources(PRODUCT / layer):
            own = path.relative_to(PRODUCT / layer).parts[0]
            if own == "registry.py":
                continue
            for target in _ours(path):
                foreign = target[0] == layer and target[1] in folders - {own}
                assert not foreign, f"{path} imports {'.'.join(target)}"


def test_no_service_and_no_template_names_a_carrier() -> None:
    carriers = {path.name for path in (PRODUCT / "carriers").iterdir() if path.is_dir()}
    names = carriers - {"own", "testmode", "__pycache__"}
    sources = [*_sources(PRODUCT / "services"), *(ROOT / "templates").rglob("*.html")]
    for path in sources:
        words = set(re.findall(r"\w+", path.read_text(encoding="utf-8").lower()))
        assert not words & names, f"{path} names {words & names}"


def test_only_the_clock_reads_the_time() -> None:
    for path in _sources():
        if _name(path) == "clock":
            continue
        for node in ast.walk(_tree(path)):
            if isinstance(node, ast.Attribute) and node.attr in CLOCK_CALLS:
                owner = ast.unparse(node.value)
                assert owner not in ("datetime", "date", "datetime.datetime"), (
                    f"{path}:{node.lineno}"
                )
            if isinstance(node, ast.Attribute) and ast.unparse(node) == "time.time":
                raise AssertionError(f"{path}:{node.lineno} reads the time")


def _length(node: ast.FunctionDef | ast.AsyncFunctionDef, text: list[str]) -> int:
    """Lines of code of a function: no docstring, no blank lines, no decorators."""
    first, last = node.lineno, node.end_lineno or node.lineno
    body = node.body
    docstring: range = range(0)
    if ast.get_docstring(node) is not None:
        docstring = range(body[0].lineno, (body[0].end_lineno or 0) + 1)
    return sum(
        1
        for number in range(first, last + 1)
        if number not in docstring and text[number - 1].strip()
    )


def _is_view(node: ast.FunctionDef | ast.AsyncFunctionDef) -> bool:
    return any(
        re.search(r"\.(route|get|post)\(", ast.unparse(decorator) + "(")
        for decorator in node.decorator_list
    )


def test_functions_and_views_are_short() -> None:
    long: dict[str, int] = {}
    for path in [*_sources(), *_sources(ROOT / "scripts"), ROOT / "app.py"]:
        text = path.read_text(encoding="utf-8").splitlines()
        for node in ast.walk(_tree(path)):
            if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)):
                limit = VIEW_LINES if _is_view(node) else FUNCTION_LINES
                if (length := _length(node, text)) > limit:
                    long[f"{path.relative_to(ROOT)}:{node.name}"] = length
    assert set(long) == set(LONG_FUNCTIONS), long


def _non_blank(path: Path) -> int:
    return sum(1 for line in path.read_text(encoding="utf-8").splitlines() if line.strip())


def test_modules_are_short_and_hold_few_forms() -> None:
    limits = {"returnsite": MODULE_LINES, "scripts": MODULE_LINES, "tests": TEST_MODULE_LINES}
    long: dict[str, int] = {}
    for folder, usual in limits.items():
        for path in _sources(ROOT / folder):
            limit = CONFTEST_LINES if path.name == "conftest.py" else usual
            if (length := _non_blank(path)) > limit:
                long[str(path.relative_to(ROOT))] = length
    assert set(long) == set(LONG_MODULES), long
    for path in _sources():
        classes = [node for node in _tree(path).body if isinstance(node, ast.ClassDef)]
        forms = [each for each in classes if any("Form" in ast.unparse(b) for b in each.bases)]
        assert len(forms) <= FORMS_A_FILE, f"{path}: {len(forms)} forms"


def _templates() -> list[Path]:
    return sorted((ROOT / "templates").rglob("*.html"))


def test_templates_are_short() -> None:
    long = {
        str(p.relative_to(ROOT)): n for p in _templates() if (n := _non_blank(p)) > TEMPLATE_LINES
    }
    assert set(long) == set(LONG_TEMPLATES), long


@pytest.mark.parametrize("what", FORBIDDEN_IN_TEMPLATES)
def test_no_template_has(what: str) -> None:
    pattern = re.compile(FORBIDDEN_IN_TEMPLATES[what])
    mail = ROOT / "templates" / "mail"  # mail programs read styles from the elements only
    for path in _templates():
        if path.is_relative_to(mail) and "style" in what:
            continue
        text = re.sub(r"{#.*?#}", "", path.read_text(encoding="utf-8"), flags=re.S)
        found = pattern.search(text)
        assert found is None, f"{path.relative_to(ROOT)} has {what}: {found and found.group()}"


def test_text_is_declared_safe_only_where_it_is_named_here() -> None:
    using = {
        str(path.relative_to(ROOT))
        for path in _sources()
        if any(name.endswith(".Markup") for name in _imports(path))
    }
    assert using == set(MARKUP_ALLOWED)


def test_no_text_to_translate_stands_in_another_text() -> None:
    """Babel does not look into f-strings: such a text would never reach the catalogs."""
    for path in _sources():
        for text in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(text, ast.JoinedStr):
                names = {getattr(node.func, "id", "") for node in ast.walk(text)
                         if isinstance(node, ast.Call)}  # fmt: skip
                assert not names & {"_", "N_", "gettext", "ngettext"}, f"{path}:{text.lineno}"


def test_no_utils_and_nothing_left_to_do() -> None:
    for path in [*_sources(), *_sources(ROOT / "tests"), *_templates()]:
        assert path.stem not in ("utils", "helpers", "common", "misc"), path
        marks = re.findall(
            r"\b(?:TO" + r"DO|FIX" + r"ME|XX" + r"X)\b", path.read_text(encoding="utf-8")
        )
        assert not marks, f"{path}: {marks}"


def test_every_file_the_documents_link_to_is_there() -> None:
    documents = [*ROOT.glob("*.md"), *ROOT.glob("docs/**/*.md"), *ROOT.glob("bench/*.md")]
    for path in documents:
        for target in re.findall(r"\]\((?!https?:|#|mailto:)([^)#\s]+)", path.read_text("utf-8")):
            assert (path.parent / target).exists(), f"{path.relative_to(ROOT)} links to {target}"
