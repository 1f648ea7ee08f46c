"""What a commune says about itself, and its villages: read and set, on record, by version."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Path, Query

from dialogs import communes as rules
from dialogs.model import Officer
from dialogs.places import Commune, Village, commune_label
from dialogs.villages import village_kind
from handlers.admin import commune_schemas as s
from handlers.admin.auth import InParts, still_signed, who
from handlers.admin.bounded import BoundedRoute
from handlers.admin.problems import DECIDING, READING
from handlers.admin.words import texts
from handlers.errors import standard
from handlers.parts import Parts
from storage import audit, places
from storage.database import Connection
from storage.officers import Signed
from storage.places import KeptVillage, Settings
from storage.seams import to_ms

Reader = Annotated[Signed, Depends(who(*rules.SETTING_READERS))]
Setter = Annotated[Signed, Depends(who(*rules.SETTERS))]
Code = Annotated[str, Path(description="Official code, 5 digits.", examples=["20242"])]
VillageCode = Annotated[str, Path(description="Code of the village.", examples=["20242-012"])]
router = APIRouter(prefix="/api/v1/communes/{code}", tags=["communes"], route_class=BoundedRoute)


@router.get("", operation_id="getCommune", summary="Settings of a commune", responses=READING)
async def get_commune(code: Code, officer: Reader, parts: InParts) -> s.Commune:
    """What the commune says about itself: who answers, whom people may call, its last days."""
    commune = _commune(parts, officer, code)
    async with parts.database.reading() as connection:
        kept = await places.get_settings(connection, code)
    return _to_commune(parts, commune, kept)


@router.patch("", operation_id="setCommune", summary="Set a commune", responses=DECIDING)
async def set_commune(
    code: Code, body: s.ChangeCommune, officer: Setter, parts: InParts
) -> s.Commune:
    """Change what is named, if `version` is still the present one. The flag of a difficult area
    lowers the pass mark: it needs its source and is set by operators. People read the change
    within half a minute.
    """
    given = _given(body)

    async def job(connection: Connection) -> Settings:
        by = await still_signed(connection, parts, officer)
        _commune(parts, by, code)
        rules.check_setting(by, code, given)
        before = await places.get_settings(connection, code)
        rules.check_version(body.version, before.version)
        info = replace(before.info, **given)
        rules.check_info(info)
        if info == before.info:
            return before
        after = Settings(info, before.version + 1)
        await places.set_settings(connection, after)
        # Names and numbers of people never stand in the journal, only that they were changed.
        fields = sorted(n for n in given if getattr(info, n) != getattr(before.info, n))
        await _note(connection, parts, by, "commune_set", code, {"fields": fields})
        return after

    kept = await parts.database.write(job)
    return _to_commune(parts, _commune(parts, officer, code), kept)


@router.get(
    "/villages", operation_id="listVillages", summary="Villages of a commune", responses=READING
)
async def list_villages(
    code: Code,
    officer: Reader,
    parts: InParts,
    closed: Annotated[bool, Query(description="Show those that were closed too.")] = False,
) -> s.Villages:
    """The villages that people choose from; closed ones stay for the files that name them."""
    _commune(parts, officer, code)
    async with parts.database.reading() as connection:
        kept = await places.list_kept_villages(connection, code, closed=closed)
    return s.Villages(items=[_to_village(one) for one in kept], next=None)


@router.post("/villages", operation_id="addVillage", summary="Add a village", responses=DECIDING)
async def add_village(
    code: Code, body: s.AddVillage, officer: Setter, parts: InParts
) -> s.VillageOut:
    """Add a village; a number in its name is taken into its code where that is free. A name that
    an open village has is 409 `village_exists`.
    """
    today = parts.today()

    async def job(connection: Connection) -> KeptVillage:
        by = await still_signed(connection, parts, officer)
        _commune(parts, by, code)
        rules.check_setting(by, code, ())
        rules.check_past(body.valid_from, today)
        there = await places.list_kept_villages(connection, code, closed=True)
        rules.check_name(body.name, body.old_commune, _open(there))
        number = rules.next_code(code, body.name, {one.village.code for one in there})
        kind = body.kind or village_kind(body.name)
        new = Village(number, body.name, kind, body.old_commune)
        kept = KeptVillage(new, body.valid_from or today, None, 1)
        await places.add_village(connection, kept)
        await _note(connection, parts, by, "village_add", code, {"village": number})
        return kept

    return _to_village(await parts.database.write(job))


@router.patch(
    "/villages/{village}", operation_id="setVillage", summary="Set a village", responses=DECIDING
)
async def set_village(
    code: Code, village: VillageCode, body: s.ChangeVillage, officer: Setter, parts: InParts
) -> s.VillageOut:
    """Rename a village, or close it by `valid_to`: it is then no longer offered, and files that
    name it keep it. The code stays.
    """
    today, given = parts.today(), _given(body)

    async def job(connection: Connection) -> KeptVillage:
        by = await still_signed(connection, parts, officer)
        _commune(parts, by, code)
        rules.check_setting(by, code, ())
        rules.check_past(body.valid_to, today)
        there = await places.list_kept_villages(connection, code, closed=True)
        before = next((one for one in there if one.village.code == village), None)
        if before is None:
            raise standard(404)
        rules.check_version(body.version, before.version)
        after = _changed_village(before, given)
        if after == before:
            return before
        if after.valid_to is None:
            others = [one for one in there if one.village.code != village]
            rules.check_name(after.village.name, after.village.old_commune, _open(others))
        kept = replace(after, version=before.version + 1)
        await places.set_village(connection, kept)
        details = {"village": village, "fields": sorted(given)}
        await _note(connection, parts, by, "village_set", code, details)
        return kept

    return _to_village(await parts.database.write(job))


def _commune(parts: Parts, officer: Officer, code: str) -> Commune:
    """Return the commune if the officer may read its settings, else 404."""
    commune = parts.index.get(code)
    if commune is None or not rules.sees_settings(officer, commune.code):
        raise standard(404)
    return commune


def _given(body: s.ChangeCommune | s.ChangeVillage) -> dict[str, Any]:
    """Return the fields that were named; null is no for a flag, and cannot name or make a kind."""
    given = {n: getattr(body, n) for n in body.model_fields_set if n != "version"}
    if given.get("difficult", ...) is None:
        given["difficult"] = False
    return {n: v for n, v in given.items() if v is not None or n not in ("name", "kind")}


def _changed_village(before: KeptVillage, given: dict[str, Any]) -> KeptVillage:
    own = {n: v for n, v in given.items() if n != "valid_to"}
    valid_to = given.get("valid_to", before.valid_to)
    return replace(before, village=replace(before.village, **own), valid_to=valid_to)


def _open(there: list[KeptVillage]) -> list[Village]:
    return [one.village for one in there if one.valid_to is None]


async def _note(
    connection: Connection,
    parts: Parts,
    by: Officer,
    action: str,
    commune: str,
    details: Mapping[str, object],
) -> None:
    await audit.add(
        connection,
        action,
        at_ms=to_ms(parts.now()),
        place=commune,
        officer_id=by.id,
        via="api",
        details=details,
    )


def _to_commune(parts: Parts, commune: Commune, kept: Settings) -> s.Commune:
    info = kept.info
    return s.Commune(
        code=commune.code,
        name=texts(parts.words, commune_label(commune)),
        kind=commune.kind,
        province=commune.province.code,
        version=kept.version,
        controller=info.controller,
        reviewers=info.reviewers,
        contact_name=info.contact_name,
        contact_phone=info.contact_phone,
        paper_place=info.paper_place,
        submit_by=info.submit_by,
        answer_by=info.answer_by,
        difficult=info.difficult,
        difficult_source=info.difficult_source,
    )


def _to_village(kept: KeptVillage) -> s.VillageOut:
    return s.VillageOut(
        code=kept.village.code,
        name=kept.village.name,
        kind=kept.village.kind,
        old_commune=kept.village.old_commune,
        valid_from=kept.valid_from,
        valid_to=kept.valid_to,
        version=kept.version,
    )
