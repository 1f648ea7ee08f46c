"""The description of the API is complete and true, and can be read as a page."""

import json
import re
from html.parser import HTMLParser
from typing import Any

import httpx
import pytest
from pydantic import BaseModel

from handlers.admin import (
    commune_schemas,
    criteria_schemas,
    openapi_schema,
    people_schemas,
    period_schemas,
    schemas,
)
from handlers.admin.examples import EXAMPLES
from handlers.errors import MEDIA_TYPE
from tests.handlers.admin.desk import COMMUNE, VILLAGE, Desk, certificate

ASKING = {"401", "403", "429", "503"}
READING = ASKING | {"404", "422"}
CHANGING = READING | {"413", "415"}
DECIDING = CHANGING | {"409"}
# What each call may answer, beside success.
PATHS = {
    ("get", "/api/v1/me"): ASKING,
    ("get", "/api/v1/declarations"): READING,
    ("get", "/api/v1/declarations/{id}"): READING,
    ("get", "/api/v1/declarations/{id}/evidence/{evidence_id}"): READING | {"304"},
    **{
        ("post", f"/api/v1/declarations/{{id}}/{action}"): DECIDING
        for action in ("approve", "return", "reject", "undo", "score", "correct")
    },
    ("post", "/api/v1/declarations/bulk"): CHANGING - {"404"},
    ("get", "/api/v1/audit"): READING,
    ("get", "/api/v1/officers"): READING,
    ("post", "/api/v1/officers/invitations"): CHANGING,
    ("post", "/api/v1/officers/{id}/link"): CHANGING,
    ("post", "/api/v1/officers/{id}/revoke"): CHANGING,
    ("get", "/api/v1/tokens"): READING,
    ("post", "/api/v1/tokens"): CHANGING,
    ("delete", "/api/v1/tokens/{id}"): CHANGING,
    ("get", "/api/v1/blocks"): READING,
    ("post", "/api/v1/declarations/{id}/block"): CHANGING,
    ("delete", "/api/v1/declarations/{id}/block"): CHANGING,
    ("get", "/api/v1/places/{code}/summary"): READING,
    ("get", "/api/v1/communes/{code}"): READING,
    ("patch", "/api/v1/communes/{code}"): DECIDING,
    ("get", "/api/v1/communes/{code}/villages"): READING,
    ("post", "/api/v1/communes/{code}/villages"): DECIDING,
    ("patch", "/api/v1/communes/{code}/villages/{village}"): DECIDING,
    ("get", "/api/v1/criteria-sets"): READING,
    ("get", "/api/v1/criteria-sets/{version}"): READING,
    ("post", "/api/v1/criteria-sets"): DECIDING,
    ("get", "/api/v1/periods"): READING,
    ("post", "/api/v1/periods/{title}/{year}/open"): DECIDING,
    ("post", "/api/v1/periods/{title}/{year}/close"): DECIDING,
}
MODELS: dict[str, type[BaseModel]] = {
    model.__name__: model
    for module in (schemas, people_schemas, commune_schemas, criteria_schemas, period_schemas)
    for model in vars(module).values()
    if isinstance(model, type) and issubclass(model, BaseModel)
}
SUCCESS = {"200", "201", "204"}


def operations(desk: Desk) -> dict[tuple[str, str], dict[str, Any]]:
    paths = openapi_schema(desk.app)["paths"]
    return {(method, path): o for path, methods in paths.items() for method, o in methods.items()}


async def test_every_call_is_described_with_all_its_answers(desk: Desk) -> None:
    found = operations(desk)
    assert {key: set(o["responses"]) - SUCCESS for key, o in found.items()} == PATHS
    for key, operation in found.items():
        assert all(operation[name] for name in ("operationId", "summary", "description", "tags")), (
            key
        )
        assert operation["security"] == [{"bearer": []}]
        assert operation["x-may-call"], key
        for status, answer in operation["responses"].items():
            if status >= "400":
                assert set(answer["content"]) == {MEDIA_TYPE}
                shown = answer["content"][MEDIA_TYPE]
                assert shown["schema"] == {"$ref": "#/components/schemas/Problem"}
                assert shown["example"]["status"] == int(status)
            assert answer["description"]
    names = [operation["operationId"] for operation in found.values()]
    assert len(set(names)) == len(names)


async def test_the_document_holds_together(desk: Desk) -> None:
    schema = openapi_schema(desk.app)
    assert schema["openapi"].startswith("3.1")
    assert schema["components"]["securitySchemes"]["bearer"]["scheme"] == "bearer"
    named = set(re.findall(r"#/components/schemas/(\w+)", repr(schema)))
    assert named <= set(schema["components"]["schemas"])
    tags = {tag["name"] for tag in schema["tags"]}
    assert {tag for operation in operations(desk).values() for tag in operation["tags"]} == tags
    async with desk.client() as client:
        answer = await client.get("/api/openapi.json")
    assert (answer.status_code, answer.json()) == (200, schema)


@pytest.mark.parametrize("name", sorted(EXAMPLES))
def test_each_example_is_what_its_schema_says(name: str) -> None:
    model = MODELS[name]
    read = model.model_validate_json(json.dumps(EXAMPLES[name]))
    given = read.model_dump(mode="json", exclude_unset=True)
    assert given == EXAMPLES[name]


async def test_each_body_that_is_sent_or_given_has_an_example(desk: Desk) -> None:
    bodies = set()
    for operation in operations(desk).values():
        given = [answer for status, answer in operation["responses"].items() if status < "300"]
        for holder in (operation.get("requestBody", {}), *given):
            content = holder.get("content", {}).get("application/json", {})
            bodies |= set(re.findall(r"#/components/schemas/(\w+)", repr(content)))
    assert bodies == set(EXAMPLES)


async def test_what_is_really_answered_fits_the_description(desk: Desk) -> None:
    file = await desk.add_file(photos={"clear": certificate()})
    async with desk.client(await desk.add_officer()) as client:
        await answered(client, "/api/v1/me", schemas.Me)
        await answered(client, "/api/v1/declarations", schemas.Files)
        await answered(client, f"/api/v1/declarations/{file}", schemas.FileOut)


async def answered(client: httpx.AsyncClient, url: str, model: type[BaseModel]) -> None:
    given = (await client.get(url)).json()
    assert model.model_validate(given).model_dump(mode="json") == given


async def test_the_examples_speak_of_places_that_exist(desk: Desk) -> None:
    place = EXAMPLES["FileOut"]["place"]
    assert (place["commune"], place["village"]) == (COMMUNE, VILLAGE)
    found = desk.parts.index.get(place["commune"])
    assert found is not None
    assert found.name in place["commune_name"]["vi"]


class Addresses(HTMLParser):
    """Collects what a page loads or links to, and its ids."""

    def __init__(self) -> None:
        super().__init__()
        self.links: set[str] = set()
        self.ids: list[str] = []
        self.tags: set[str] = set()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.add(tag)
        for name, value in attrs:
            if name in ("href", "src", "action") and value:
                self.links.add(value)
            if name == "id" and value:
                self.ids.append(value)


@pytest.mark.parametrize("locale", ["vi", "en"])
async def test_the_page_shows_every_call_and_loads_nothing_from_outside(
    desk: Desk, locale: str
) -> None:
    async with desk.client(locale=locale) as client:
        page = await client.get("/api/docs")
        style = await client.get("/api/docs.css")
    assert page.headers["content-type"] == "text/html; charset=utf-8"
    assert "script-src" not in page.headers["content-security-policy"]
    assert "default-src 'none'" in page.headers["content-security-policy"]
    assert style.headers["content-type"].startswith("text/css")
    read = Addresses()
    read.feed(page.text)
    assert f'<html lang="{locale}">' in page.text
    assert {link for link in read.links if not link.startswith("#")} == {
        "/api/docs.css",
        "/api/openapi.json",
    }
    assert not {"script", "img", "iframe", "style"} & read.tags
    assert "url(" not in style.text
    assert "@import" not in style.text
    assert "<code>version</code>" in page.text
    assert "`" not in page.text
    shown = {operation["operationId"] for operation in operations(desk).values()}
    assert shown <= set(read.ids)
    assert {link[1:] for link in read.links if link.startswith("#")} <= set(read.ids)
    assert len(read.ids) == len(set(read.ids))


async def test_the_type_of_a_problem_leads_to_its_place_on_the_page(desk: Desk) -> None:
    async with desk.client() as client:
        problem = (await client.get("/api/v1/me")).json()
        page = (await client.get("/api/docs")).text
    path, _, anchor = problem["type"].partition("#")
    assert path == "/api/docs"
    assert f'id="{anchor}"' in page
    assert all(f'id="{code}"' in page for code in ("stale_version", "below_mark", "not_found"))
