"""The description of the admin API: OpenAPI 3.1, made from the routes, complete with examples."""

from typing import Any

from fastapi import FastAPI
from fastapi.openapi.utils import get_openapi
from fastapi.routing import RouteContext, iter_route_contexts

from handlers.admin.examples import EXAMPLES
from handlers.admin.problems import problem_schemas
from handlers.callers import callers_of

PREFIX = "/api/v1"
VERSION = "1.0.0"
ABOUT = (
    "Review of declarations for officers and their programs. Every call needs a bearer token; what "
    "it may see and do is its officer's role and place at that moment. Moments are UTC, lists are "
    "`{items, next}`, ids are opaque. Refusals are problem+json (RFC 9457) in the language of "
    "`Accept-Language` (vi, en) with a stable `code`. A decision names the `version` you looked "
    "at; the same decision again by the same officer is 200. A file outside your place is 404."
)
TAGS = [
    {"name": "officer", "description": "Who you are."},
    {"name": "declarations", "description": "Files of your place with their photos."},
    {"name": "decisions", "description": "The moves of a file, each on the version you saw."},
    {"name": "journal", "description": "Who did what, within your place."},
    {"name": "officers", "description": "Who works at your place: invite, list, revoke."},
    {"name": "tokens", "description": "API tokens: shown once, ended at once."},
    {"name": "places", "description": "Figures without names."},
    {"name": "communes", "description": "What a commune sets for itself, and its villages."},
    {"name": "criteria", "description": "Criteria sets: every version, and publishing one."},
    {"name": "periods", "description": "When declarations are taken."},
    {"name": "blocks", "description": "People nobody listens to for a while."},
]


def openapi_schema(app: FastAPI) -> dict[str, Any]:
    """Return the OpenAPI 3.1 document of the admin API as `app` serves it; made once per app."""
    kept: dict[str, Any] | None = getattr(app.state, "admin_openapi", None)
    if kept is None:
        kept = app.state.admin_openapi = _make(_contexts(app))
    return kept


def _contexts(app: FastAPI) -> list[RouteContext]:
    return [c for c in iter_route_contexts(app.routes) if (c.path or "").startswith(PREFIX)]


def _make(contexts: list[RouteContext]) -> dict[str, Any]:
    schema = get_openapi(
        title="Khai Học admin API",
        version=VERSION,
        description=ABOUT,
        routes=contexts,
        tags=TAGS,
        servers=[{"url": "/"}],
        license_info={"name": "Apache-2.0", "identifier": "Apache-2.0"},
    )
    schemas = schema["components"]["schemas"]
    schemas.update(problem_schemas())
    for name, example in EXAMPLES.items():
        schemas[name]["examples"] = [example]
    for context in contexts:
        for method in context.methods or ():
            operation = schema["paths"][context.path_format].get(method.lower())
            if operation is not None:
                operation["x-may-call"] = sorted(callers_of(context))
    return schema
