"""What depends on the code alone is made once, before anybody is forked off.

A process that has just started spends most of its time on reading its criteria and on the
framework's look at every route. Neither knows of rows, files or people, so that no kill can matter
to it; children find it done. Everything else of a start is done by each life for itself.
"""

import asyncio
import os
import time
from collections.abc import AsyncIterator
from datetime import datetime
from functools import cache
from typing import Any

from fastapi import FastAPI, routing
from fastapi.routing import iter_route_contexts

from bot import app as program
from handlers.admin import admin_router
from storage import migrate
from storage.criteria import load_criteria_sets
from storage.photos import PhotoStore
from tests.crash.life import Order, Stage, live


def warm() -> None:
    """Keep the criteria of the repository, and the framework's view of the routes of the API."""
    read_once = cache(load_criteria_sets)
    read_once()
    vars(program).update(load_criteria_sets=read_once)
    migrate.get_head()
    _share_contexts()


def _share_contexts() -> None:
    """Let every application find what FastAPI makes of the API's routes, which never change."""
    build: Any = routing._IncludedRouter._build_effective_context
    whole = FastAPI()
    whole.include_router(admin_router())
    contexts = [one._route_context for one in iter_route_contexts(whole.routes)]
    found = {id(one.original_route): one for one in contexts if one is not None}

    def known(self: Any, route: Any) -> Any:
        return found[id(route)] if id(route) in found else build(self, route)

    routing._IncludedRouter._build_effective_context = known  # type: ignore[method-assign]


class Nowhere:
    """A shelf that keeps nothing: a real one starts threads, which children would not have."""

    async def put(self, key: str, data: bytes) -> None:
        """Forget the bytes."""

    async def get(self, key: str) -> bytes:
        """Raise FileNotFoundError."""
        raise FileNotFoundError(key)

    async def erase(self, key: str) -> None:
        """Nothing is there."""

    async def list(self, before: datetime | None) -> AsyncIterator[str]:
        """Yield nothing."""
        for key in tuple[str, ...]():
            yield key

    async def remove_unfinished(self, before: datetime) -> int:
        """Return 0."""
        return 0


def rehearse(order: Order, stage: Stage) -> None:
    """Live once in this very process, so that what is imported or compiled late is there.

    Raises AssertionError when a thread stays behind: children would not have it.
    """
    asyncio.run(live(order, stage, PhotoStore(Nowhere())))
    assert _threads_end(), f"{_count_threads()} threads: whoever forks must have none"


def _threads_end() -> bool:
    """Tell whether only this thread is left, once those that are ending have had time to."""
    for _ in range(1_000):
        if _count_threads() == 1:
            return True
        time.sleep(0.01)
    return False


def _count_threads() -> int:
    return len(os.listdir("/proc/self/task"))
