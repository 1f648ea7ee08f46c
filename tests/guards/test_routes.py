"""Each route of the program names who may call it."""

from typing import get_args

from fastapi import APIRouter, FastAPI
from starlette.routing import Mount, Route

from dialogs.model import Role
from handlers.callers import Caller, Named, list_routes, may_call
from tests.world import World

ROLES = frozenset(get_args(Role))
CALLERS = frozenset(name for part in get_args(Caller) for name in get_args(part) or (part,))


async def test_every_route_names_who_may_call_it(world: World) -> None:
    found = list(list_routes(world.program.app.routes))
    assert [route for route in found if not route.may_call] == []
    assert frozenset().union(*(route.may_call for route in found)) <= CALLERS


async def test_the_admin_api_is_for_roles_and_roles_are_for_the_admin_api(world: World) -> None:
    found = list(list_routes(world.program.app.routes))
    of_roles = {route.path for route in found if route.may_call & ROLES}
    assert of_roles == {route.path for route in found if route.path.startswith("/api/v1/")}
    assert of_roles
    assert {role for route in found for role in route.may_call & ROLES} == ROLES


async def test_the_guard_sees_through_routers_and_mounts() -> None:
    async def forgotten() -> None:
        """Nobody said who may call this."""

    @may_call("citizen")
    async def named() -> None:
        """A citizen may call this."""

    inner, outer, app = APIRouter(prefix="/inner"), APIRouter(prefix="/outer"), FastAPI()
    inner.add_api_route("/forgotten", forgotten)
    inner.add_api_route("/named", named)
    outer.include_router(inner)
    app = FastAPI(openapi_url=None, docs_url=None, redoc_url=None)
    app.include_router(outer)
    app.routes.append(Mount("/mounted", routes=[Route("/plain", forgotten)]))
    app.mount("/files", may_call("anyone")(FastAPI()))
    seen = [(route.path, route.may_call) for route in list_routes(app.routes)]
    assert seen == [
        ("/outer/inner/forgotten", frozenset()),
        ("/outer/inner/named", {"citizen"}),
        ("/plain", frozenset()),
        ("/files", {"anyone"}),
    ]
    assert Named(frozenset(), "/plain", frozenset()).may_call == frozenset()
