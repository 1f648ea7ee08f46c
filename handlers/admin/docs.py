"""The description of the API, and the same as a page to read: no script, nothing from outside."""

import json
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from functools import lru_cache
from pathlib import Path
from typing import Any

from fastapi import APIRouter, Request
from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup, escape
from starlette.responses import HTMLResponse, JSONResponse, Response

from dialogs.screen import Msg
from handlers.admin.auth import parts_of
from handlers.admin.openapi import openapi_schema
from handlers.callers import may_call
from handlers.error_codes import Code, list_codes
from handlers.errors import locale_of

TEMPLATES = Path(__file__).parent / "templates"
STYLE = TEMPLATES / "docs.css"
HEADERS = {
    "Content-Security-Policy": "default-src 'none'; style-src 'self'; base-uri 'none'; "
    "form-action 'none'; frame-ancestors 'none'",
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
}
router = APIRouter(include_in_schema=False)


@dataclass(frozen=True, slots=True)
class Parameter:
    """A parameter in the path or the query, with what it takes."""

    name: str
    where: str
    takes: str
    about: str


@dataclass(frozen=True, slots=True)
class Refusal:
    """A refusal an operation may answer."""

    status: str
    meaning: str


@dataclass(frozen=True, slots=True)
class Operation:
    """One route as the page shows it; examples are JSON text, "" where there is none."""

    id: str
    method: str
    path: str
    summary: str
    about: str
    callers: tuple[str, ...]
    parameters: tuple[Parameter, ...]
    body: str
    answer: str
    refusals: tuple[Refusal, ...]


@router.get("/api/openapi.json")
@may_call("anyone")
async def get_openapi_json(request: Request) -> Response:
    """Return the OpenAPI document."""
    return JSONResponse(openapi_schema(request.app))


@router.get("/api/docs")
@may_call("anyone")
async def get_docs(request: Request) -> Response:
    """Return the page for people, its frame in their language."""
    words, locale, schema = parts_of(request).words, locale_of(request), openapi_schema(request.app)
    page = _template().render(
        w=lambda key: words.text(Msg(key), locale),
        locale=locale,
        info=schema["info"],
        operations=list(list_operations(schema)),
        codes=[_worded(code, lambda key: words.text(key, locale)) for code in list_codes()],
    )
    return HTMLResponse(page, headers={**HEADERS, "Content-Language": locale})


def _worded(code: Code, text: Callable[[Msg], str]) -> Code:
    """Return the code with words about it: its rule's own, in English, else the usual detail."""
    return code if code.about else replace(code, about=text(Msg(f"problem.detail.{code.code}")))


@router.get("/api/docs.css")
@may_call("anyone")
async def get_style() -> Response:
    """Return the page's style."""
    return Response(STYLE.read_text("utf-8"), headers=HEADERS, media_type="text/css")


def list_operations(schema: Mapping[str, Any]) -> Iterator[Operation]:
    """Yield the operations of an OpenAPI document in its order."""
    for path, methods in schema["paths"].items():
        for method, operation in methods.items():
            yield _operation(schema, method.upper(), path, operation)


def _operation(
    schema: Mapping[str, Any], method: str, path: str, operation: Mapping[str, Any]
) -> Operation:
    answers = operation["responses"]
    return Operation(
        id=operation["operationId"],
        method=method,
        path=path,
        summary=operation["summary"],
        about=operation["description"],
        callers=tuple(operation["x-may-call"]),
        parameters=tuple(map(_parameter, operation.get("parameters", ()))),
        body=_example(schema, operation.get("requestBody", {})),
        answer=_example(schema, next((a for s, a in answers.items() if s < "300"), {})),
        refusals=tuple(Refusal(s, a["description"]) for s, a in answers.items() if s >= "400"),
    )


def _parameter(given: Mapping[str, Any]) -> Parameter:
    shape = given["schema"]
    about = given.get("description") or shape.get("description", "")
    return Parameter(given["name"], given["in"], _takes(shape), about)


def _takes(shape: Mapping[str, Any]) -> str:
    """Return what a parameter takes in a few words: "submitted | approved", "integer 1..200"."""
    kinds = [one for one in shape.get("anyOf", [shape]) if one.get("type") != "null"]
    first = kinds[0]
    listed = first.get("enum") or ([first["const"]] if "const" in first else [])
    if listed:
        return " | ".join(listed)
    least, most = first.get("minimum"), first.get("maximum")
    return f"{first['type']} {least}..{most}" if least is not None else str(first["type"])


def _example(schema: Mapping[str, Any], holder: Mapping[str, Any]) -> str:
    """Return the example of a body's schema as indented JSON."""
    shape = holder.get("content", {}).get("application/json", {}).get("schema", {})
    names = [one["$ref"] for one in (shape, *shape.get("anyOf", ())) if "$ref" in one]
    for name in names:
        named = schema["components"]["schemas"][name.rpartition("/")[2]]
        return json.dumps(named["examples"][0], ensure_ascii=False, indent=2)
    return ""


@lru_cache(maxsize=1)
def _template() -> Any:
    pages = Environment(
        loader=FileSystemLoader(TEMPLATES), autoescape=True, undefined=StrictUndefined
    )
    pages.filters["coded"] = _coded
    return pages.get_template("docs.html")


def _coded(text: str) -> Markup:
    """Return a description as HTML, what stands between backticks as code."""
    return Markup(re.sub(r"`([^`]+)`", r"<code>\1</code>", str(escape(text))))
