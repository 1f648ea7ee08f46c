"""What a chat's officer is shown lies in the officer's place, query by query."""

from storage import declarations
from tests.handlers.admin.desk import COMMUNE, FAR, NEIGHBOUR, VILLAGE, Desk


async def test_what_officers_are_shown_lies_in_their_place(desk: Desk) -> None:
    files = {
        COMMUNE: await desk.add_file("Nguyễn Thị Hòa"),
        NEIGHBOUR: await desk.add_file("Trần Văn Tư", commune=NEIGHBOUR, village=None),
        FAR: await desk.add_file("Lê Thị Ba", commune=FAR, village=None),
    }
    codes = dict(desk.plain.rows("SELECT commune, code FROM declaration"))
    before_ms = int(desk.clock.at.timestamp() * 1000) + 1
    places = {**{commune: commune for commune in files}, VILLAGE: COMMUNE, "20242-003": None}
    async with desk.parts.database.reading() as connection:
        for scope, commune in places.items():
            mine = [files[commune]] if commune else []
            waiting = await declarations.list_waiting(connection, scope=scope, limit=9)
            assert [file.declaration.public_id for file in waiting] == mine
            found = [
                file.declaration.public_id
                for code in codes.values()
                for file in await declarations.find_files(connection, scope=scope, ending=code)
            ]
            assert found == mine
            listed = await declarations.list_codes(connection, scope=scope)
            assert listed == ([codes[commune]] if commune else [])
            counted = await declarations.count_waiting(connection, scope=scope, before_ms=before_ms)
            assert counted == (len(mine), len(mine))
