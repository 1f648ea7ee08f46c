"""What waits is taken head by head: of each conversation its oldest message, and no second one."""

from pathlib import Path

from storage import inbox, shards
from storage.database import Database
from storage.inbox import Arrival
from storage.seams import Seams
from tests.databases import Template, url_in


async def test_a_batch_has_the_oldest_message_of_each_sender(
    tmp_path: Path, template: Template
) -> None:
    template.put(tmp_path)
    database = Database(url_in(tmp_path), Seams())
    await database.start()
    said = [("a", 1), ("b", 2), ("a", 3), ("c", 4), ("b", 5), ("c", 6)]
    arrivals = [Arrival("web", sender, f"m{n}", f"{n}", n) for sender, n in said]
    await database.write(lambda c: inbox.add(c, arrivals))
    taken = []
    for limit in (9, 2):
        async with database.reading() as connection:
            batch = await inbox.list_waiting(connection, limit=limit, shards=shards.ALL)
        taken.append([message.raw for message in batch])
    await database.stop()
    assert taken == [["1", "2", "4"], ["1", "2"]]
