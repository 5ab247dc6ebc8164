"""The portal in the shop's own page: which sites may show it, what to paste, and a live test."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from flask import Response, current_app, g, redirect, request, url_for

from ...domain.roles import Permission
from ...services.embed_shop import OriginsChanged, OriginsRefused, change_frame_origins
from ...services.origins import MOST, OriginProblem, missing_twins, readable
from ...services.snippets import ELEMENT, Snippets, element_hash, make_snippets
from ..htmx import fragments, is_fragment, page
from ..i18n import gettext as _
from ..i18n import locale_code, offered_locales
from ..portal import LANGUAGE_NAMES
from . import bp
from .guard import permission

Answer = Response | Any
TEMPLATE = "merchant/embed.html"


@bp.get("/embed")
@permission(Permission.SEE_SETTINGS)
def embed(slug: str) -> Answer:
    """Sites, snippets and instructions."""
    return page(TEMPLATE, **_whole(_sites(saved="saved" in request.args)))


@bp.get("/embed/sites")
@permission(Permission.SEE_SETTINGS)
def embed_sites(slug: str) -> Answer:
    """The list of sites as saved: what "Cancel" leads to."""
    if not is_fragment():
        return redirect(url_for("merchant.embed"), 303)
    return _answer(_sites())


@bp.get("/embed/sites/edit")
@permission(Permission.CHANGE_SETTINGS)
def embed_sites_edit(slug: str) -> Answer:
    """The list as a form, in its place."""
    lines = [readable(origin) for origin in _allowed()]
    return _answer(_form(lines, seen=_allowed()))


@bp.post("/embed/sites")
@permission(Permission.CHANGE_SETTINGS)
def embed_sites_save(slug: str) -> Answer:
    """Save the list; 422 with what is wrong, 409 when somebody else saved another one."""
    lines = request.form.get("origins", "").splitlines()
    seen = request.form.get("seen", "").split()
    try:
        saved = change_frame_origins(shop_id=g.shop.id, lines=lines, seen=seen, actor=g.actor)
    except OriginsRefused as refused:
        return _answer(_form(lines, seen=seen, problems=refused.problems), 422)
    except OriginsChanged as changed:
        return _answer(_form(lines, seen=changed.current, conflict=True), 409)
    if not is_fragment():
        return redirect(url_for("merchant.embed", saved=1), 303)
    return _answer(_sites(saved, saved=True))


@bp.get("/embed/test")
@permission(Permission.SEE_SETTINGS)
def embed_test(slug: str) -> Answer:
    """What works, tried in this browser, with what to do about the rest."""
    g.frames_portal = True
    return page(
        "merchant/embed_test.html",
        portal_open=g.shop.active,
        origins=[{"origin": origin, "name": readable(origin)} for origin in _allowed()],
        same_host=_base_url() == request.host_url.rstrip("/"),
        find_url=url_for("portal.find", slug=slug),
        check_url=url_for("portal.check", slug=slug),
        slug=slug,
        language=locale_code(),
        script=ELEMENT,
        integrity=element_hash(),
    )


def _answer(sites: dict[str, Any], status: int = 200) -> Answer:
    """The list alone for htmx, else the page around it."""
    if not is_fragment():
        return page(TEMPLATE, status=status, **_whole(sites))
    answer = fragments(TEMPLATE, "sites", (), sites=sites)
    answer.status_code = status
    return answer


def _whole(sites: dict[str, Any]) -> dict[str, Any]:
    offered = offered_locales()
    wanted = request.args.get("for", "")
    language = wanted if wanted in offered else g.shop.default_locale
    return {
        "sites": sites,
        "snippets": _snippets(language),
        "languages": [(code, LANGUAGE_NAMES[code], code == language) for code in offered],
        "example": next(iter(_allowed()), "https://www.shop.example"),
        "types": ELEMENT.replace(".js", ".d.ts"),
    }


def _snippets(language: str) -> Snippets:
    return make_snippets(base_url=_base_url(), slug=g.shop.slug, lang=language)


def _base_url() -> str:
    """Where customers reach the portal."""
    return current_app.config["PUBLIC_URL"] or request.url_root.rstrip("/")


def _allowed() -> tuple[str, ...]:
    return tuple(g.shop.frame_origins)


def _sites(origins: Sequence[str] | None = None, *, saved: bool = False) -> dict[str, Any]:
    """The list for showing."""
    shown = _allowed() if origins is None else origins
    return {
        "form": None,
        "names": [readable(origin) for origin in shown],
        "twins": missing_twins(shown),
        "demo_site": current_app.config["DEMO_SITE"] if g.shop.is_demo else "",
        "saved": saved,
    }


def _form(
    lines: Sequence[str],
    *,
    seen: Sequence[str],
    problems: Sequence[OriginProblem] = (),
    conflict: bool = False,
) -> dict[str, Any]:
    """The list for editing, as it was typed."""
    texts = [_problem_text(problem) for problem in problems]
    form = {
        "id": "origins",
        "name": "origins",
        "label": _("Sites that may show the portal"),
        "value": "\n".join(lines),
        "error": " ".join(texts),
    }
    return {
        "form": form,
        "seen": " ".join(seen),
        "names": [readable(origin) for origin in seen],
        "errors": [("origins", text) for text in texts],
        "conflict": conflict,
    }


def _problem_text(problem: OriginProblem) -> str:
    given, meant = problem.given, problem.suggestion
    match problem.code:
        case "no_scheme":
            return _("Begin “%(given)s” with https://, so %(meant)s", given=given, meant=meant)
        case "not_https":
            return _("“%(given)s” must be a safe address: %(meant)s", given=given, meant=meant)
        case "more_than_origin":
            return _("Of “%(given)s” give the site alone: %(meant)s", given=given, meant=meant)
        case "wildcard":
            return _("Instead of “%(given)s” list every site by its name", given=given)
        case "too_many":
            return _("List %(most)s sites at most", most=MOST)
    return _("“%(given)s” is not the address of a site. One is like https://shop.nl", given=given)
