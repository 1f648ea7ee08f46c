"""The command line: `python -m bot`. Exit status 0 done, 1 refused in one line, 2 wrong usage."""

import sys
from collections.abc import Sequence

import typer

from bot.commands import (
    audit,
    backup,
    blocks,
    data,
    letters,
    officers,
    places,
    recount,
    serving,
    tokens,
    zalo,
)

app = typer.Typer(
    name="khaihoc",
    help="KhaiHoc: citizens declare for the learning titles, officers of the commune review.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)
app.command("run")(serving.run)
app.command("migrate")(data.migrate)
app.command("seed")(data.seed)
app.command("check")(data.check)
app.command("recount")(recount.recount)
app.command("openapi")(serving.openapi)
app.command("qr")(places.qr)
app.command("backup")(backup.backup)
app.command("restore")(backup.restore)
app.add_typer(audit.app, name="audit")
app.add_typer(officers.app, name="officer")
app.add_typer(tokens.app, name="token")
app.add_typer(places.villages, name="village")
app.add_typer(places.communes, name="commune")
app.add_typer(data.criteria, name="criteria")
app.add_typer(letters.app, name="letters")
app.add_typer(blocks.app, name="block")
app.add_typer(zalo.app, name="zalo")


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command and return its exit status; what is refused is one line on stderr."""
    try:
        app(arguments, prog_name="python -m bot")
    except SystemExit as end:
        return end.code if isinstance(end.code, int) else 1
    except Exception as error:
        return _refuse(error)
    return 0


def _refuse(error: Exception) -> int:
    """Say what was refused; what is no refusal is a defect and shows where it happened."""
    from bot.commands.refusals import readable

    line = readable(error)
    if line is None:
        raise error
    print(line, file=sys.stderr)
    return 1


if __name__ == "__main__":
    sys.exit(main())
