"""A process without the web role still says how it is, and nothing else."""

import httpx

from bot.serve import watch_app
from tests.world import World


async def test_health_and_figures_are_answered_and_no_other_page(world: World) -> None:
    transport = httpx.ASGITransport(app=watch_app(world.program.parts))
    async with httpx.AsyncClient(transport=transport, base_url="http://test") as client:
        paths = ("/health/live", "/health/ready", "/metrics", "/", "/api/v1/me", "/chat/sessions")
        statuses = {path: (await client.get(path)).status_code for path in paths}
    assert statuses == {
        "/health/live": 200,
        "/health/ready": 200,
        "/metrics": 200,
        "/": 404,
        "/api/v1/me": 404,
        "/chat/sessions": 404,
    }
