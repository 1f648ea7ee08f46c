"""Each setting is documented, and nothing is documented that is no setting."""

import re

from bot.settings import describe_settings, list_settings
from tests.guards.tree import ROOT


def test_the_contract_page_holds_the_table_of_all_settings() -> None:
    page = (ROOT / "docs" / "contract.md").read_text("utf-8")
    assert re.findall(r"(?s)<!-- settings -->\n(.*?)\n<!-- /settings -->", page) == [
        describe_settings()
    ]


def test_the_example_file_names_each_setting_once_and_nothing_else() -> None:
    example = (ROOT / ".env.example").read_text("utf-8")
    names = re.findall(r"(?m)^#?\s?KHAIHOC_([A-Z_]+)=", example)
    assert names == [name.upper() for name in list_settings()]
