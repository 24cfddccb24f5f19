"""What the co-ordinator writes for the Board is kept, shown to the Board, carried over, and never written over unseen."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime
from html import escape
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from connectors.store import BoardAction, Commentary, State, Store
from dashboard import board_entries
from dashboard.settings import load_settings
from tests.dashboard.area_folder import HOSTILE
from tests.dashboard.conftest import OpenPage
from tests.dashboard.test_board_page import said
from tests.dashboard.test_presentation import position, read, screen
from tests.dashboard.test_text import as_markdown_shows_it

LEVEL_2 = "line jersey 2023-Q4 review_level_2"
AREA = "Jersey (sample)"


def prepare(open_page: OpenPage, settings: Path, **query: str) -> AppTest:
    return open_page(settings, "prepare_the_board", **query)


def as_who(page: AppTest, who: str) -> AppTest:
    page.text_input(key="author typed").set_value(who).run()
    return page


def save(page: AppTest, key: str = "save lines") -> AppTest:
    page.button(key=key).click().run()
    assert not page.exception
    return page


def errors(page: AppTest) -> list[str]:
    return [as_markdown_shows_it(each.value) for each in page.error]


def html_of(page: AppTest) -> str:
    return "\n".join(each.proto.body for each in page.get("html") if not each.proto.body.startswith("<style>"))


def lines_of(settings: Path) -> list[tuple[int, str, str]]:
    with Store.open(load_settings(settings).store_address, read_only=True) as store:
        return [(each.number, each.author, each.text) for each in store.commentary(AREA, "jersey", "2023-Q4")]


def test_a_line_is_kept_with_its_author_and_shown_to_the_board(own_settings: Path, open_page: OpenPage) -> None:
    page = as_who(prepare(open_page, own_settings), "co-ordinator")
    page.text_input(key=LEVEL_2).set_value(" Two panels were\tcancelled. ")
    save(page)
    assert "1 line of commentary kept" in page.success[0].value
    assert lines_of(own_settings) == [(1, "co-ordinator", "Two panels were cancelled.")]
    board = html_of(open_page(own_settings))
    assert "Two panels were cancelled.<small>co-ordinator, " in board
    _, last = position(open_page(own_settings, "present"))
    told = [read(screen(open_page(own_settings, "present", screen=str(each)))) for each in range(1, last + 1)]
    (level_2,) = [each for each in told if "“Two panels were cancelled.” (co-ordinator, " in each]
    assert level_2.startswith("Level 2 cases reviewed in time: ")
    assert "Two panels" not in html_of(open_page(own_settings, period="2023-Q3")), "it belongs to its period"
    assert "Two panels" not in html_of(open_page(own_settings, standard="hampshire")), "and to its standard"


def test_a_line_can_be_changed_and_taken_back_and_its_history_stays(own_settings: Path, open_page: OpenPage) -> None:
    page = as_who(prepare(open_page, own_settings), "co-ordinator")
    for text in ("First", "Second", ""):
        page.text_input(key=LEVEL_2).set_value(text)
        save(page)
    assert lines_of(own_settings) == [
        (1, "co-ordinator", "First"),
        (2, "co-ordinator", "Second"),
        (3, "co-ordinator", ""),
    ]
    history = page.table[0].value
    assert [as_markdown_shows_it(each) for each in history["Commentary"]] == ["(taken back)", "Second", "First"]
    save(page)
    assert "No line was changed" in page.success[0].value
    assert "Second" not in html_of(open_page(own_settings))


def test_the_second_of_two_sees_what_the_first_wrote_before_anything_is_replaced(
    own_settings: Path, open_page: OpenPage
) -> None:
    one, two = as_who(prepare(open_page, own_settings), "Ann"), as_who(prepare(open_page, own_settings), "Ben")
    one.text_input(key=LEVEL_2).set_value("Ann's line")
    two.text_input(key=LEVEL_2).set_value("Ben's line")
    save(one)
    save(two)
    assert "Ann saved “Ann's line”" in errors(two)[0]
    assert lines_of(own_settings) == [(1, "Ann", "Ann's line")]
    assert two.text_input(key=LEVEL_2).value == "Ben's line", "what was typed is not lost"
    save(two)
    assert [each[1:] for each in lines_of(own_settings)] == [("Ann", "Ann's line"), ("Ben", "Ben's line")]
    one.run()
    assert one.text_input(key=LEVEL_2).value == "Ben's line", "an untouched field follows"


def test_nobody_writes_without_a_name(own_settings: Path, open_page: OpenPage) -> None:
    page = prepare(open_page, own_settings)
    page.text_input(key=LEVEL_2).set_value("Anonymous")
    save(page)
    assert "Your name or role is missing" in errors(page)[0]
    assert page.text_input(key=LEVEL_2).value == "Anonymous"
    assert lines_of(own_settings) == []


def fill(page: AppTest, text: str, owner: str | None, due: date | None, measure: str | None = None) -> AppTest:
    page.text_input(key="action text").set_value(text)
    page.session_state["action owner"] = owner
    page.date_input(key="action due_on").set_value(due)
    page.selectbox(key="action measure").set_value(measure)
    return page


def test_an_action_is_raised_carried_over_and_closed(own_settings: Path, open_page: OpenPage) -> None:
    page = as_who(prepare(open_page, own_settings, period="2023-Q2"), "chair")
    save(fill(page, "Police to explain absences", "police", date(2023, 12, 1), "agency_attendance"), "save action")
    assert "Action 1 raised" in as_markdown_shows_it(page.success[0].value)
    assert page.text_input(key="action text").value == "", "ready for the next"
    assert "Police to explain absences" not in html_of(open_page(own_settings, period="2023-Q1"))
    assert "carried over" not in html_of(open_page(own_settings, period="2023-Q2"))
    later = open_page(own_settings)
    assert "Police to explain absences<small>Invited agencies took part" in html_of(later)
    assert "✗ overdue by 30 days" in html_of(later)
    assert "carried over from 2023-Q2" in html_of(later)
    assert "Actions of the Board: 1 open, 1 of them overdue." in said(later)

    page = as_who(prepare(open_page, own_settings, period="2023-Q3"), "co-ordinator")
    page.selectbox(key="action chosen").set_value(1).run()
    assert page.text_input(key="action text").value == "Police to explain absences"
    page.radio(key="action state").set_value("dropped")
    save(page, "save action")
    assert "The reason for dropping the action is missing" in errors(page)[0]
    page.text_input(key="action reason").set_value("Explained at the meeting")
    save(page, "save action")
    assert "– dropped: Explained at the meeting" in html_of(open_page(own_settings, period="2023-Q3"))
    assert "Police to explain" not in html_of(open_page(own_settings)), "not carried on once it is closed"
    page.selectbox(key="action chosen").set_value(1).run()
    history = page.table[0].value
    assert [as_markdown_shows_it(each) for each in history["By"]] == ["co-ordinator", "chair"]


def test_two_who_change_one_action_do_not_overwrite_each_other(own_settings: Path, open_page: OpenPage) -> None:
    save(
        fill(as_who(prepare(open_page, own_settings), "chair"), "Name a deputy", "housing", date(2024, 3, 1)),
        "save action",
    )
    pages = [as_who(prepare(open_page, own_settings), who) for who in ("Ann", "Ben")]
    for page in pages:
        page.selectbox(key="action chosen").set_value(1).run()
    pages[0].radio(key="action state").set_value("done")
    pages[1].text_input(key="action text").set_value("Name two deputies")
    save(pages[0], "save action")
    save(pages[1], "save action")
    assert "Ann changed action 1" in errors(pages[1])[0]
    assert "✓ done" in errors(pages[1])[0]
    with Store.open(load_settings(own_settings).store_address, read_only=True) as store:
        assert [each.text for each in store.board_actions(AREA)] == ["Name a deputy"] * 2


@pytest.mark.parametrize(
    ("owner", "due", "words"),
    [("police", None, "The day on which"), ("", date(2024, 1, 1), "The agency that is to do it")],
)
def test_what_is_missing_from_an_action_is_said(
    own_settings: Path, open_page: OpenPage, owner: str, due: date | None, words: str
) -> None:
    page = as_who(prepare(open_page, own_settings), "chair")
    save(fill(page, "Something", owner or None, due), "save action")
    assert words in errors(page)[0]
    assert page.text_input(key="action text").value == "Something"


def test_what_is_written_is_shown_letter_by_letter(own_settings: Path, open_page: OpenPage) -> None:
    at = datetime(2024, 2, 6, tzinfo=UTC)
    with Store.open(load_settings(own_settings).store_address) as store:
        store.write_commentary(Commentary(AREA, "jersey", "2023-Q4", "disclosure", HOSTILE, HOSTILE[:80], at, 1), 0)
        end = date(2023, 12, 31)
        store.raise_board_action(BoardAction(AREA, HOSTILE, HOSTILE[:80], end, "2023-Q4", end, end, HOSTILE[:80], at))
    for view in ("board", "prepare_the_board"):
        page = open_page(own_settings, view)
        assert escape(HOSTILE) in html_of(page)
        assert "<b>x</b>" not in html_of(page)
        tables = [
            cell for table in page.table for cell in table.value.to_numpy().ravel().tolist() if isinstance(cell, str)
        ]
        assert not any("**bold**" in each for each in tables)
    _, last = position(open_page(own_settings, "present"))
    assert escape(HOSTILE) in screen(open_page(own_settings, "present", screen=str(last)))


def action(
    raised: str, state: State = "open", changed: str = "2023-12-31", due: str = "2024-01-31", number: int = 1
) -> BoardAction:
    until = date.fromisoformat(raised)
    return BoardAction(
        AREA, "Do it", "police", date.fromisoformat(due), raised, until, date.fromisoformat(changed), "chair",
        datetime(2024, 1, 1, tzinfo=UTC), state=state, id=number, number=1,
    )  # fmt: skip


def test_what_stands_on_a_periods_screen_and_in_which_order() -> None:
    as_at = date(2024, 2, 1)
    actions = [
        action("2023-09-30", "done", "2023-09-30", number=1),
        action("2023-09-30", "done", "2023-12-31", number=2),
        action("2024-03-31", number=3),
        action("2023-12-31", due="2024-02-01", number=4),
        action("2023-09-30", due="2024-01-31", number=5),
    ]
    shown = board_entries.on_screen(actions, date(2023, 12, 31), as_at)
    assert [each.id for each in shown] == [5, 4, 2], (
        "overdue, open, closed on this screen; not what came later or ended before"
    )
    assert board_entries.state_in_words(shown[0], as_at) == "✗ overdue by 1 day"
    assert board_entries.state_in_words(shown[1], as_at) == "○ open", "the due day is not over"
    assert board_entries.actions_sentence(shown, as_at) == "Actions of the Board: 2 open, 1 of them overdue, 1 done"


def test_the_summary_shows_every_measure_with_its_figures(sample_settings: Path, open_page: OpenPage) -> None:
    told = html_of(open_page(sample_settings))
    rows = re.findall(r'<tr role="row"><th scope="row".*?</tr>', told)
    assert len(rows) == 7
    level_2 = read(next(each for each in rows if "Level 2 cases" in each))
    assert re.search(
        r"Level 2 cases reviewed in time 60\.7 % 17 of 28 cases down from 62\.5 % in 2023-Q3 85 % ✗ target not met",
        level_2,
    )
    assert "no record missing" in level_2
    disclosure = read(next(each for each in rows if "Disclosure" in each))
    assert "◐ depends on missing records" in disclosure
    assert "2 of 28 records missing worst 92.9 % – best 100.0 %" in disclosure
    assert all('<img alt="Trend. 2022-Q1: ' in each and "2023-Q4: " in each for each in rows)
