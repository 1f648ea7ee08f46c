"""The admin API: review of declarations for officers and their programs, under `/api`."""

from functools import cache

from fastapi import APIRouter
from fastapi.routing import APIRoute

from handlers.admin import (
    blocks,
    bulk,
    communes,
    criteria,
    decisions,
    declarations,
    docs,
    journal,
    people,
    periods,
    places,
    tokens,
)
from handlers.admin.openapi import openapi_schema

__all__ = ["admin_router", "openapi_schema"]

# Every room of the API; the description lists its calls in this order.
PARTS = (
    declarations.router,
    decisions.router,
    bulk.router,
    blocks.router,
    places.router,
    journal.router,
    people.router,
    tokens.router,
    communes.router,
    criteria.router,
    periods.router,
    docs.router,
)


@cache
def admin_router() -> APIRouter:
    """Return all routes of the admin API, its description and its page; built once.

    The app needs `state.parts` (with the rate "api") and `handlers.errors.install_errors`.
    """
    whole = APIRouter()
    for part in PARTS:
        whole.include_router(part)
        whole.include_router(_heads(part))
    return whole


def _heads(part: APIRouter) -> APIRouter:
    """Return HEAD beside each GET (RFC 9110, 9.1), kept out of the description."""
    heads = APIRouter(route_class=part.route_class, include_in_schema=False)
    for route in part.routes:
        if isinstance(route, APIRoute) and "GET" in (route.methods or ()):
            heads.add_api_route(route.path, route.endpoint, methods=["HEAD"])
    return heads
