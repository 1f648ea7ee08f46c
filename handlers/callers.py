"""Who may call a route: named beside every route, so that a guard can ask each of them.

A route says it by `@may_call(...)` on its function, or by a dependency that carries a `may_call`
set and enforces it (`handlers.admin.auth.Who`). The mark itself checks nothing.
"""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import Literal, TypeVar

from fastapi.routing import RouteContext, iter_route_contexts
from starlette.routing import BaseRoute

from dialogs.model import Role

# Everybody; whoever holds a chat's cookie, a citizen's or an officer's; a platform with its secret;
# the operator's own machine or network; else an API token of a role.
Caller = Literal["anyone", "citizen", "officer", "platform", "operator_network"] | Role
T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Named:
    """A route as the guard sees it; `may_call` is empty when nobody thought of it."""

    methods: frozenset[str]
    path: str
    may_call: frozenset[str]


def may_call(*callers: Caller) -> Callable[[T], T]:
    """Mark a route's function (or a mounted app) with who may call it."""

    def mark(endpoint: T) -> T:
        endpoint.may_call = frozenset(callers)  # type: ignore[attr-defined]
        return endpoint

    return mark


def list_routes(routes: Iterable[BaseRoute]) -> Iterator[Named]:
    """Yield every route, those of included routers and mounts too, with who may call it."""
    for found in iter_route_contexts(list(routes)):
        marked, inside = callers_of(found), getattr(found.route, "routes", None)
        if inside and not marked:
            yield from list_routes(inside)
        else:
            yield Named(frozenset(found.methods or ()), found.path or "", marked)


def callers_of(route: RouteContext) -> frozenset[str]:
    """Return who may call a route: by its mark and by the dependencies it names."""
    endpoint = route.endpoint or getattr(route.route, "app", None)
    dependant = getattr(route, "dependant", None)
    asked = [one.call for one in dependant.dependencies] if dependant else []
    return frozenset().union(*(getattr(thing, "may_call", ()) for thing in (endpoint, *asked)))
