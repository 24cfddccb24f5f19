"""The page Worklist: what is found, chosen, written down and seen by the next person, run without a browser."""

from __future__ import annotations

import re
import sqlite3
from contextlib import closing
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from urllib.parse import parse_qs

import polars as pl
import pytest
from streamlit.testing.v1 import AppTest

from connectors.store import Chasing, FindingRef, Store, Thing, decision, step
from connectors.store.acceptances import ACCEPTED, ENDED
from connectors.store.chases import ASSIGNED, DONE_ELSEWHERE, NOTED, SNOOZED
from dashboard import frames, work
from dashboard.refresh import refresh
from dashboard.settings import load_settings, store_address
from dashboard.text import plain
from dashboard.worklist import COMING_REVIEW, LATE_REVIEW
from tests.dashboard.area_folder import HOSTILE, refreshed, sample_tables, settings_in, text_in
from tests.dashboard.conftest import AS_AT, OpenPage
from tests.dashboard.test_text import as_markdown_shows_it

pytestmark = pytest.mark.long

AREA = "Jersey (sample)"


@pytest.fixture
def own(sample_settings: Path, tmp_path: Path) -> Path:
    """The sample area with a store of its own, which the test may write to."""
    path = tmp_path / sample_settings.name
    path.write_text(sample_settings.read_text("utf-8"), encoding="utf-8")
    name = Path(store_address(load_settings(sample_settings))).name
    source = sqlite3.connect(f"file:{sample_settings.parent / name}?mode=ro", uri=True)
    with closing(source), closing(sqlite3.connect(tmp_path / name)) as copy:
        source.backup(copy)
    return path


def store(settings: Path) -> Store:
    return Store.open(store_address(load_settings(settings)), read_only=True)


def listed(settings: Path, standard: str = "jersey") -> pl.DataFrame:
    with store(settings) as opened:
        return opened.frame(opened.snapshots()[-1].id, frames.worklist(standard))


def chases(settings: Path) -> pl.DataFrame:
    with store(settings) as opened:
        return opened.chases(load_settings(settings).area)


def by_another(settings: Path, key: str, action: str, text: str, day: date | None = None, seen: int = 0) -> None:
    """What a second person writes down meanwhile."""
    row = listed(settings).filter(key=key).row(0, named=True)
    with Chasing.open(store_address(load_settings(settings))) as chasing:
        one = step(action, "B. Else", datetime(2024, 1, 3, 10, 0, tzinfo=UTC), text, day)
        outcome = chasing.record(load_settings(settings).area, [work.thing(row, seen)], one, AS_AT)
        assert outcome.done


def labels(page: AppTest) -> list[str]:
    """The things on the screen, by the words of their boxes."""
    return [as_markdown_shows_it(box.label).strip("*") for box in page.checkbox]


def expected(rows: pl.DataFrame) -> list[str]:
    return [work.label(row) for row in rows.with_columns(standing=pl.lit(work.TO_DO)).iter_rows(named=True)]


def everything(page: AppTest) -> str:
    shown = [*page.markdown, *page.caption, *page.info, *page.success, *page.warning, *page.error]
    return as_markdown_shows_it("\n".join(str(each.value) for each in shown))


def pick(page: AppTest, *places: int) -> AppTest:
    for place in places:
        page.checkbox[place].check().run()
    return page


def write(
    page: AppTest, action: str, author: str = "A. Nother", text: str | None = None, until: date | None = None
) -> AppTest:
    page.text_input(key="name of author").set_value(author).run()
    for choice in (
        each for each in page.radio if each.key == "action on things"
    ):  # none where only a note can be written
        choice.set_value(action).run()
    if text is not None:
        fields = [
            each for each in (*page.text_input, *page.text_area) if each.key and each.key.startswith(f"text {action}")
        ]
        fields[0].set_value(text)
    if until is not None:
        page.date_input[0].set_value(until)
    submit = next(
        each for each in page.button if each.label.endswith(("thing", "things")) and "write down" in each.label
    )
    page = submit.click().run()
    assert not page.exception, page.exception
    return page


def test_the_list_is_what_is_stored_in_its_order_fifteen_at_a_time(sample_settings: Path, open_page: OpenPage) -> None:
    rows = listed(sample_settings)
    page = open_page(sample_settings, "worklist")
    assert labels(page) == expected(rows.head(15))
    assert f"{rows.height} things to do. ★ {rows['decisive'].sum()} could change a verdict" in everything(page)
    first = rows.row(0, named=True)
    assert first["why"] in everything(page)
    assert first["to_do"] in everything(page)
    page.number_input(key="sheet").set_value(2).run()
    assert labels(page) == expected(rows.slice(15, 15))


def test_filters_narrow_the_list_from_the_address(sample_settings: Path, open_page: OpenPage) -> None:
    page = open_page(sample_settings, "worklist", kind=LATE_REVIEW, asked_of="police", case_level="2")
    wanted = listed(sample_settings).filter(kind=LATE_REVIEW, agency="police", level="2")
    assert labels(page) == expected(wanted)
    page = open_page(sample_settings, "worklist", find="c0000001")
    wanted = listed(sample_settings).filter(case_id="C0000001")
    assert labels(page) == expected(wanted) != []


def test_filters_are_remembered_while_other_pages_are_open(sample_settings: Path, open_page: OpenPage) -> None:
    page = open_page(sample_settings, "worklist")
    page.multiselect(key="kind").set_value([COMING_REVIEW]).run()
    narrowed = labels(page)
    assert narrowed == expected(listed(sample_settings).filter(kind=COMING_REVIEW).head(15))
    page.switch_page("views/trends.py").run()
    page.switch_page("views/worklist.py")
    page.query_params.clear()
    page.run()
    assert page.multiselect(key="kind").value == [COMING_REVIEW]
    assert labels(page) == narrowed


def test_a_filter_that_fits_nothing_says_so(sample_settings: Path, open_page: OpenPage) -> None:
    page = open_page(sample_settings, "worklist", find="nothing of the kind")
    assert not page.checkbox
    assert "Nothing matches these filters. Take one away" in everything(page)


@pytest.mark.parametrize("state", [work.PUT_OFF, work.ELSEWHERE, work.GONE])
def test_an_empty_part_says_what_it_is_for(sample_settings: Path, open_page: OpenPage, state: str) -> None:
    page = open_page(sample_settings, "worklist", show=work.STATES[state])
    assert not page.checkbox
    assert work.NOTHING[state] in everything(page)


def test_several_are_snoozed_at_once_with_a_reason_and_come_back_by_themselves(own: Path, open_page: OpenPage) -> None:
    rows = listed(own)
    until = AS_AT + timedelta(days=3)
    page = pick(open_page(own, "worklist"), 0, 1)
    assert "2 selected" in everything(page)
    page = write(page, SNOOZED, text="the chair is away", until=until)
    assert "Written down for 2 things." in everything(page)
    assert labels(page) == expected(rows.slice(2, 15))
    page = open_page(own, "worklist", show="Snoozed")
    assert labels(page) == expected(rows.head(2))
    assert "Snoozed until 3 January 2024 (the chair is away)" in everything(page)
    assert "A. Nother: snoozed it until 3 January 2024: the chair is away" in everything(page)
    text = own.read_text("utf-8").replace("as_at = 2023-12-31", "as_at = 2024-01-02")
    own.write_text(text, encoding="utf-8")
    refresh(load_settings(own), date(2024, 1, 2), datetime(2024, 1, 2, 8, 0, tzinfo=UTC))
    page = open_page(own, "worklist")
    keys = set(rows.head(2)["key"])
    assert not keys & set(_on_screen(own, page)), "a day before its end it is still snoozed"
    own.write_text(text.replace("as_at = 2024-01-02", "as_at = 2024-01-03"), encoding="utf-8")
    refresh(load_settings(own), date(2024, 1, 3), datetime(2024, 1, 3, 8, 0, tzinfo=UTC))
    page = open_page(own, "worklist")
    assert keys <= set(_on_screen(own, page))
    assert "Due again: the snooze ended on 3 January 2024 (the chair is away)" in everything(page)


def _on_screen(settings: Path, page: AppTest) -> list[str]:
    keys = [box.key.removeprefix("pick ") for box in page.checkbox if box.key]
    assert set(keys) <= set(listed(settings)["key"])
    return keys


def accept(settings: Path, row: dict, until: date | None, seen: int = 0) -> None:
    """What somebody decides about the finding of a thing, or of a record: accepted until a day, or no longer."""
    taken = decision(
        ACCEPTED if until else ENDED, "B. Else", datetime(2024, 1, 3, 9, 0, tzinfo=UTC), AS_AT, "not on the form", until
    )
    finding = FindingRef(row["rule"], row["table"], row["record"], row["field"], seen)
    with Chasing.open(store_address(load_settings(settings))) as chasing:
        assert chasing.decide(load_settings(settings).area, [finding], taken, AS_AT).done


def test_what_comes_from_an_accepted_finding_is_put_aside_with_it_and_to_do_again_when_that_is_over(
    own: Path, open_page: OpenPage
) -> None:
    rows = listed(own)
    one = rows.filter(pl.col("rule").is_not_null()).head(1)
    row = one.row(0, named=True)
    accept(own, row, AS_AT + timedelta(days=1))
    page = open_page(own, "worklist", find=row["title"])
    assert not page.checkbox
    assert f"{rows.height - 1} things to do. ★ {rows['decisive'].sum()} could change" in everything(page)
    page = open_page(own, "worklist", show="Accepted")
    assert labels(page) == expected(one)
    assert "Accepted until 1 January 2024: not on the form (B. Else)" in everything(page)
    links = {each.proto.label: parse_qs(each.proto.query_string) for each in page.get("page_link")}
    there = links["To the finding, where this can be ended →"]
    listed_there = open_page(own, "data_quality", **{name: values[0] for name, values in there.items()})
    assert any(row["record"] in box.label for box in listed_there.checkbox)
    page = write(pick(page, 0), NOTED, text="the archive is asked")
    assert "Written down for 1 thing." in everything(page)
    days_on(own, AS_AT + timedelta(days=2))
    page = open_page(own, "worklist", find=row["title"])
    assert labels(page) == expected(one)
    assert "Open again: the acceptance ran out on 1 January 2024 (not on the form)" in everything(page)
    days_on(own, AS_AT)
    accept(own, row, None, seen=1)
    assert labels(open_page(own, "worklist", find=row["title"])) == expected(one), "ended by hand"
    assert work.NOTHING[work.LIVED_WITH] in everything(open_page(own, "worklist", show="Accepted"))


def test_what_evidence_asks_for_stays_whatever_was_accepted_about_the_record(own: Path, open_page: OpenPage) -> None:
    with store(own) as opened:
        findings = opened.frame(1, frames.findings("jersey")).rename({"key": "record"})
    record = ["table", "field", "file", "sheet", "row"]
    both = listed(own).filter(pl.col("rule").is_null()).drop("rule", "record")
    row = both.join(findings, on=record, nulls_equal=True).row(0, named=True)
    accept(own, row, AS_AT + timedelta(days=30))
    assert any(row["title"] in each for each in labels(open_page(own, "worklist", find=row["title"])))


def days_on(settings: Path, to: date) -> None:
    text = settings.read_text("utf-8")
    settings.write_text(re.sub(r"as_at = [\d-]+", f"as_at = {to.isoformat()}", text), encoding="utf-8")


def test_a_snooze_without_a_reason_or_a_name_is_refused_and_nothing_is_lost(own: Path, open_page: OpenPage) -> None:
    page = pick(open_page(own, "worklist"), 0)
    page = write(page, SNOOZED, until=AS_AT + timedelta(days=3))
    assert "a snooze needs a reason" in everything(page)
    page = write(page, NOTED, author="", text="rang them")
    assert "your name is missing" in everything(page)
    assert page.text_area[0].value == "rang them", "what was typed is still there"
    assert page.checkbox[0].value is True
    assert chases(own).is_empty()


def test_a_snooze_ends_with_the_review_it_belongs_to(own: Path, open_page: OpenPage) -> None:
    coming = listed(own).filter(kind=COMING_REVIEW).sort("due_on").row(0, named=True)
    page = pick(open_page(own, "worklist", find=coming["case_id"], kind=COMING_REVIEW), 0)
    page = write(page, SNOOZED, text="booked", until=AS_AT + timedelta(days=60))
    assert "when a review of the case falls due" in everything(page)
    assert chases(own)["snoozed_until"].to_list() == [coming["due_on"]]


def test_the_name_is_typed_once_in_a_session(own: Path, open_page: OpenPage) -> None:
    page = write(pick(open_page(own, "worklist"), 0), NOTED, text="rang them")
    page.switch_page("views/trends.py").run()
    page.switch_page("views/worklist.py").run()
    page = pick(page, 1)
    assert page.text_input(key="name of author").value == "A. Nother"
    another = open_page(own, "worklist")
    another = pick(another, 1)
    assert another.text_input(key="name of author").value == "", "another session starts without a name"


def test_the_second_person_sees_the_first_ones_change(own: Path, open_page: OpenPage) -> None:
    key = listed(own)["key"][0]
    page = pick(open_page(own, "worklist"), 0, 1)
    page.text_input(key="name of author").set_value("A. Nother").run()
    page.radio(key="action on things").set_value(ASSIGNED).run()
    by_another(own, key, NOTED, "I have rung the chair")
    page.selectbox(key=f"text {ASSIGNED} 0").set_value("housing")
    submit = next(each for each in page.button if "write down" in each.label)
    page = submit.click().run()
    said = everything(page)
    assert "Written down for 1 thing." in said
    assert "B. Else was quicker" in said
    assert "noted: I have rung the chair. Look at it and decide again." in said
    told = chases(own).filter(key=key).row(0, named=True)
    assert (told["note"], told["assigned_to"]) == ("I have rung the chair", None)
    page = write(pick(page, 0), DONE_ELSEWHERE, text="seen")
    assert "Written down for 1 thing." in everything(page), "now that it has been seen"


def test_what_new_data_settles_closes_itself_and_says_so(own: Path, open_page: OpenPage, tmp_path: Path) -> None:
    folder = tmp_path / "folder"
    folder.mkdir()
    settings = settings_in(folder, area=AREA)
    tables = sample_tables()
    refreshed(settings, tables)
    row = listed(settings).filter(decisive=True).row(0, named=True)
    by_another(settings, row["key"], NOTED, "the chair will look it up")
    filled = (
        pl.when(pl.col("meeting_id") == row["meeting_id"]).then(pl.lit("deferred")).otherwise("disclosure_decision")
    )
    refreshed(settings, {**tables, "meetings": tables["meetings"].with_columns(disclosure_decision=filled)}, number=2)
    page = open_page(settings, "worklist", show="Settled by new data")
    assert labels(page) == [f"✓ settled: {row['title']}"]
    assert "new data: closed it: the records no longer show it as owed (snapshot 2)" in everything(page)
    refreshed(settings, tables, number=3)
    page = open_page(settings, "worklist")
    assert row["title"] in labels(page)[0] + labels(page)[1]
    assert "opened it again: the records show it as owed once more (snapshot 3)" in everything(page)
    page = open_page(settings, "worklist", snapshot="1")
    assert all(box.disabled for box in page.checkbox)
    assert "This is an earlier snapshot" in everything(page)


def test_select_all_and_none(own: Path, open_page: OpenPage) -> None:
    page = open_page(own, "worklist")
    page = page.button(key="select all").click().run()
    assert all(box.value for box in page.checkbox)
    assert "15 selected" in everything(page)
    page = page.button(key="select none").click().run()
    assert not any(box.value for box in page.checkbox)


def test_text_of_the_source_and_of_people_is_shown_as_it_stands(tmp_path: Path, open_page: OpenPage) -> None:
    settings = settings_in(tmp_path, area="Area")
    refreshed(settings, text_in("lead_agency", "cases", HOSTILE, 400)(sample_tables()))
    key = listed(settings).filter(agency=HOSTILE)["key"][0]
    by_another(settings, key, NOTED, HOSTILE)
    case = listed(settings).filter(key=key)["case_id"].item()
    page = open_page(settings, "worklist", find=case)
    assert f"✎ note\\: {plain(HOSTILE)}" in [str(each.value) for each in page.markdown]
    assert HOSTILE in page.multiselect(key="asked_of").options
    page = open_page(settings, "worklist", tab="Out of the room")
    assert HOSTILE in page.selectbox(key="remind").options


def test_an_area_without_records_says_that_nothing_is_left(tmp_path: Path, open_page: OpenPage) -> None:
    settings = settings_in(tmp_path)
    refreshed(settings, {name: frame.clear() for name, frame in sample_tables().items()})
    page = open_page(settings, "worklist")
    assert work.NOTHING[work.TO_DO] in everything(page)
    assert "Nothing is left to do today." in everything(page)
    for part in ("The month", "Out of the room"):
        assert not open_page(settings, "worklist", tab=part).error


def test_the_other_parts_show_the_month_and_what_leaves_the_room(sample_settings: Path, open_page: OpenPage) -> None:
    page = open_page(sample_settings, "worklist", tab="The month")
    assert page.selectbox(key="month").value == "January 2024"
    assert "The settings name no meeting days" in everything(page)
    late = _late(sample_settings)
    due = late.filter(pl.col("due_on").is_between(date(2024, 1, 1), date(2024, 1, 31))).height
    assert f"{due} reviews fall due in January 2024" in everything(page)
    cells = [str(cell) for row in page.table[0].value.to_numpy() for cell in row]
    assert sum(int(found[1]) for cell in cells if (found := re.search(r"(\d+)\D?due", cell.replace("\\", "")))) == due
    page = open_page(sample_settings, "worklist", tab="Out of the room")
    assert "as chosen on the list" in everything(page)
    agency = page.selectbox(key="remind").value
    assert f"outstanding with {agency}, as at 31 December 2023" in page.code[-1].value


def _late(settings: Path) -> pl.DataFrame:
    with store(settings) as opened:
        return opened.frame(opened.snapshots()[-1].id, frames.late_reviews("jersey"))


def test_a_store_without_a_list_says_what_to_do(own: Path, open_page: OpenPage) -> None:
    with closing(sqlite3.connect(Path(store_address(load_settings(own))))) as connection:
        connection.execute("DELETE FROM snapshot_frame WHERE name LIKE '%/worklist'")
        connection.commit()
    page = open_page(own, "worklist")
    assert "made before there was a worklist" in everything(page)


def test_a_thing_is_told_to_the_store_with_all_that_outlives_the_snapshot(sample_settings: Path) -> None:
    row = listed(sample_settings).filter(decisive=True).row(0, named=True)
    told = work.thing(row, 3)
    assert told == Thing(
        row["key"], row["kind"], row["title"], row["agency"], row["level"], row["due_on"], row["snooze_at_most"], 3
    )
