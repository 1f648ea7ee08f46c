"""Criteria sets in the words of the API."""

from typing import Any

from dialogs.criteria import CriteriaSet, Indicator
from handlers.admin import criteria_schemas as s
from handlers.admin.words import texts
from handlers.parts import Parts
from storage.criteria_versions import Published


def to_listed(parts: Parts, kept: Published) -> s.CriteriaListed:
    """Return a version as one line of the list."""
    return s.CriteriaListed(**_listed(parts, kept))


def to_criteria_set(parts: Parts, kept: Published) -> s.CriteriaSetOut:
    """Return a version with all its questions."""
    criteria = kept.criteria
    return s.CriteriaSetOut(
        **_listed(parts, kept),
        audience=texts(parts.words, criteria.audience),
        minimum_age=criteria.minimum_age,
        groups=[
            s.CriteriaGroup(
                id=group.id,
                name=texts(parts.words, group.name),
                full_name=texts(parts.words, group.full_name),
                max=group.max,
            )
            for group in criteria.groups
        ],
        questions=[_indicator(parts, indicator) for indicator in criteria.indicators],
    )


def _listed(parts: Parts, kept: Published) -> dict[str, Any]:
    criteria = kept.criteria
    now = parts.library.open_titles(parts.today().year)
    return {
        "version": criteria.version,
        "title": criteria.title,
        "name": texts(parts.words, criteria.name),
        "status": _status(kept, criteria),
        "open": criteria.open,
        "in_force": any(s.version == criteria.version for s in now),
        "valid_from_year": criteria.valid_from_year,
        "valid_to_year": criteria.valid_to_year,
        "total": criteria.total,
        "pass_mark": criteria.pass_mark,
        "pass_mark_difficult": criteria.pass_mark_difficult,
        "floor": criteria.floor,
        "indicators": len(criteria.indicators),
        "legal_basis": list(criteria.legal_basis),
        "digest": criteria.digest,
        "origin": "program" if kept.state is None else "api",
        "published_at": kept.at if kept.state == "published" else None,
    }


def _status(kept: Published, criteria: CriteriaSet) -> s.Standing:
    if kept.state == "draft":
        return "draft"
    return "sample" if criteria.status == "sample" else "published"


def _indicator(parts: Parts, indicator: Indicator) -> s.CriteriaIndicator:
    return s.CriteriaIndicator(
        code=indicator.code,
        number=indicator.number,
        group=indicator.group,
        max=indicator.max,
        ask=texts(parts.words, indicator.ask),
        short=texts(parts.words, indicator.short),
        explain=texts(parts.words, indicator.explain),
        options=[
            s.CriteriaOption(
                points=option.points,
                text=texts(parts.words, option.text),
                provisional=option.provisional,
            )
            for option in indicator.options
        ],
        evidence=[texts(parts.words, one) for one in indicator.evidence],
        exposed=indicator.exposed,
    )
