import json
import re
from pathlib import Path

import pytest

from dialogs.criteria import (
    CriteriaInvalid,
    CriteriaSet,
    Indicator,
    parse_criteria_set,
    to_plain,
)
from dialogs.scoring import score
from dialogs.screen import Localised
from storage.criteria import (
    CRITERIA_FOLDER,
    CriteriaLibrary,
    UnknownCriteriaSet,
    load_criteria_sets,
)

CITIZEN_FILE = (CRITERIA_FOLDER / "citizen_2026.toml").read_text(encoding="utf-8")

# The table of script.md: question, then options with their points.
QUESTIONS = [
    (
        "A1",
        "Năm nay có định học thêm điều gì không?",
        [("Chưa", 3), ("Có nghĩ, chưa bắt đầu", 5), ("Có, đang học", 8), ("Có, đã học được", 10)],
    ),
    (
        "A2",
        "Năm nay đã dự lớp, tập huấn, chuyên đề nào (kể cả trên mạng)?",
        [("Chưa", 3), ("Có dự, chưa hết", 5), ("Học xong 1", 8), ("Học xong từ 2", 10)],
    ),
    (
        "A3",
        "Đọc, nghe hoặc xem tin bài để học bao lâu một lần?",
        [("Hiếm khi", 3), ("Vài lần mỗi tháng", 6), ("Hằng tuần", 8), ("Hằng ngày", 10)],
    ),
    (
        "A4",
        "Điều học được từ lớp, từ người khác, trên mạng có áp dụng không?",
        [("Chưa", 3), ("Có làm thử", 6), ("Có áp dụng", 8), ("Áp dụng đều, thấy hiệu quả", 10)],
    ),
    (
        "B1",
        "Dùng điện thoại hoặc máy tính để học, làm việc đến đâu?",
        [
            ("Chưa dùng", 3),
            ("Cần người giúp", 5),
            ("Tự làm việc thường ngày", 8),
            ("Thạo, chỉ được người khác", 10),
        ],
    ),
    (
        "B2",
        "Nộp hồ sơ hoặc trả tiền qua mạng thế nào?",
        [
            ("Chưa làm", 3),
            ("Có người làm giúp", 5),
            ("Tự làm được 1 việc", 8),
            ("Làm thường xuyên, biết tránh lừa đảo", 10),
        ],
    ),
    (
        "B3",
        "Có biết hoặc học thêm kỹ thuật, nghề, ngoại ngữ, tiếng dân tộc không? "
        "(tiếng mẹ đẻ cũng tính)",
        [("Chưa", 3), ("Đang học", 6), ("Dùng được", 8), ("Dùng tốt hoặc có chứng chỉ", 10)],
    ),
    (
        "C1",
        "Việc thực hiện quy ước nơi ở năm nay?",
        [("Để thôn, tổ xác nhận", 5), ("Cần cố gắng thêm", 6), ("Tốt", 8), ("Tốt, được khen", 10)],
    ),
    (
        "C2",
        "Tham gia việc chung, khuyến học ở thôn, tổ?",
        [("Chưa", 3), ("1–2 lần", 6), ("Từ 3 lần", 8), ("Hay đứng ra vận động", 10)],
    ),
    (
        "C3",
        "Có hay chỉ lại điều mình biết cho người khác không?",
        [
            ("Chưa", 3),
            ("Đôi khi", 6),
            ("Thường xuyên", 8),
            ("Thường xuyên, nhiều người tìm hỏi", 10),
        ],
    ),
]


@pytest.fixture(scope="module")
def citizen() -> CriteriaSet:
    return load_criteria_sets().current("citizen", 2026)


def test_the_citizen_set_asks_the_ten_questions_with_their_points(citizen: CriteriaSet) -> None:
    assert [
        (i.code, i.ask.get("vi"), [(o.text.get("vi"), o.points) for o in i.options])
        for i in citizen.indicators
    ] == QUESTIONS


def test_the_citizen_set_is_a_sample_with_the_marks_the_press_reports(citizen: CriteriaSet) -> None:
    assert (citizen.version, citizen.status) == ("citizen-2026-sample-1", "sample")
    assert (citizen.name.get("vi"), citizen.audience.get("vi")) == (
        "Công dân học tập",
        "cho riêng mình",
    )
    marks = (citizen.total, citizen.pass_mark, citizen.pass_mark_difficult, citizen.floor)
    assert (marks, citizen.minimum_age) == ((100, 80, 70, 5), 16)
    assert [(g.id, g.name.get("vi"), g.max) for g in citizen.groups] == [
        ("A", "Tự học", 40),
        ("B", "Công cụ", 30),
        ("C", "Quan hệ xã hội", 30),
    ]
    assert citizen.legal_basis == (
        "QĐ 677/QĐ-TTg ngày 3/6/2022",
        "QĐ 244/QĐ-KHVN ngày 28/7/2022",
        "QĐ 324/QĐ-KHVN (cần đối chiếu)",
    )


def test_only_the_answer_left_to_the_village_is_provisional(citizen: CriteriaSet) -> None:
    waiting = [
        (i.code, n) for i in citizen.indicators for n, o in enumerate(i.options, 1) if o.provisional
    ]
    assert waiting == [("C1", 1)]
    assert [i.code for i in citizen.indicators if i.exposed] == ["B2", "C1"]


def test_the_summary_of_the_script_adds_up(citizen: CriteriaSet) -> None:
    chosen = dict(zip(citizen.codes, (2, 3, 2, 2, 2, 2, 3, 2, 2, 3), strict=True))
    result = score(citizen, chosen, difficult_area=False)
    assert [group.points for group in result.groups] == [34, 26, 26]
    assert (result.total, result.passes) == (86, True)


@pytest.mark.parametrize("locale", ["vi", "en"])
def test_explanations_are_short_and_say_that_they_are_a_paraphrase(
    citizen: CriteriaSet, locale: str
) -> None:
    said = {"vi": "Bản mẫu, lời diễn giải.", "en": "Sample text, a paraphrase."}[locale]
    texts = {i.code: i.explain.get(locale) for i in citizen.indicators}
    assert [code for code, text in texts.items() if len(text.split()) > 60] == []
    assert [code for code, text in texts.items() if not text.endswith(said)] == []


def test_short_names_are_a_few_words_that_can_stand_inside_a_sentence(citizen: CriteriaSet) -> None:
    names = [i.short.get(locale) for i in citizen.indicators for locale in ("vi", "en")]
    assert [n for n in names if len(n.split()) > 6 or n[0].isupper() or n[-1] in ".?"] == []
    assert len(set(names)) == len(names)


def test_no_text_asks_for_offences_identity_cards_or_faces_of_children(
    citizen: CriteriaSet,
) -> None:
    everything = " ".join(all_texts(citizen)).casefold()
    assert [
        w for w in ("căn cước", "cccd", "vi phạm", "tiền án", "dân tộc gì") if w in everything
    ] == []
    for text in all_texts(citizen):
        assert "trẻ" not in text.split() or "không rõ mặt trẻ" in text, text


def test_vietnamese_is_spelled_the_old_way_and_without_words_the_voice_avoids(
    citizen: CriteriaSet,
) -> None:
    everything = " ".join(all_texts(citizen)).casefold()
    words = {"hoà", "hoá", "khoá", "xoá", "thuỷ", "khai", "quận", "huyện", "ông", "bà"}
    assert words & {*re.findall(r"\w+", everything)} == set()
    assert [phrase for phrase in ("không đạt", "trả lại") if phrase in everything] == []


def all_texts(criteria_set: CriteriaSet) -> list[str]:
    """Return each Vietnamese text of the indicators that people read."""
    return [text.get("vi") for i in criteria_set.indicators for text in texts_of(i)]


def texts_of(indicator: Indicator) -> list[Localised]:
    options = [option.text for option in indicator.options]
    return [indicator.ask, indicator.short, indicator.explain, *options, *indicator.evidence]


def write(folder: Path, name: str, *changes: tuple[str, str]) -> None:
    """Write the citizen file as `name` with each (old, new) line replaced once."""
    text = CITIZEN_FILE
    for old, new in changes:
        assert old in text
        text = text.replace(old, new, 1)
    (folder / name).write_text(text, encoding="utf-8")


def problems_of(folder: Path) -> list[tuple[str, str, str]]:
    with pytest.raises(CriteriaInvalid) as refused:
        load_criteria_sets(folder)
    return [(p.file, p.key, p.reason_code) for p in refused.value.problems]


def test_a_library_gives_the_open_set_of_a_year_and_any_version_by_name(tmp_path: Path) -> None:
    years = "valid_from_year = 2023\nvalid_to_year = 2026"
    write(tmp_path, "old.toml", ("valid_from_year = 2023", years))
    new = ("citizen-2026-sample-1", "citizen-2027-1")
    write(tmp_path, "new.toml", new, ("valid_from_year = 2023", "valid_from_year = 2027"))
    closed = ("citizen-2026-sample-1", "citizen-trial")
    write(tmp_path, "trial.toml", closed, ("open = true", "open = false"))
    library = load_criteria_sets(tmp_path)
    assert library.current("citizen", 2026).version == "citizen-2026-sample-1"
    assert library.current("citizen", 2027).version == "citizen-2027-1"
    assert library.get("citizen-trial").open is False
    assert [s.version for s in library.open_titles(2026)] == ["citizen-2026-sample-1"]
    assert library.open_titles(2022) == ()


def test_what_the_library_does_not_have_is_refused() -> None:
    library = CriteriaLibrary(())
    with pytest.raises(UnknownCriteriaSet):
        library.get("citizen-1")
    with pytest.raises(UnknownCriteriaSet):
        load_criteria_sets().current("citizen", 2022)
    with pytest.raises(UnknownCriteriaSet):
        load_criteria_sets().current("family", 2026)


def test_the_problems_of_all_files_come_together(tmp_path: Path) -> None:
    write(tmp_path, "a.toml", ("floor = 5", "floor = 11"))
    write(tmp_path, "b.toml", ('status = "sample"', 'status = "new"'), ("total = 100\n", ""))
    (tmp_path / "c.toml").write_text("title = citizen\n", encoding="utf-8")
    (tmp_path / "d.toml").write_bytes(b'title = "\xff"\n')
    write(tmp_path, "e.toml")
    write(tmp_path, "f.toml")
    (tmp_path / "notes.txt").write_text("not read", encoding="utf-8")
    assert problems_of(tmp_path) == [
        ("a.toml", "floor", "above_max"),
        ("b.toml", "status", "unknown_value"),
        ("b.toml", "total", "missing"),
        ("c.toml", "", "not_toml"),
        ("d.toml", "", "not_toml"),
        ("f.toml", "version", "duplicate_version"),
        ("f.toml", "valid_from_year", "two_open_sets"),
    ]


def test_a_toml_slip_is_told_with_its_line(tmp_path: Path) -> None:
    (tmp_path / "c.toml").write_text('title = "x"\nopen = yes\n', encoding="utf-8")
    with pytest.raises(CriteriaInvalid) as refused:
        load_criteria_sets(tmp_path)
    (problem,) = refused.value.problems
    assert "line 2" in problem.detail


def test_a_folder_without_criteria_is_refused(tmp_path: Path) -> None:
    assert problems_of(tmp_path) == [(str(tmp_path), "", "no_files")]


def test_every_shipped_set_kept_as_json_reads_back_with_the_same_digest() -> None:
    for shipped in load_criteria_sets().sets:
        kept = json.dumps(to_plain(shipped), ensure_ascii=False)
        again = parse_criteria_set(shipped.version, json.loads(kept))
        assert (again, again.digest) == (shipped, shipped.digest)
