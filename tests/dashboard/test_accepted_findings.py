"""Accepted findings: written down by boxes, told with reason and end, counted all the same, open again by themselves."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import polars as pl
import pytest
from streamlit.testing.v1 import AppTest

from checks.findings import FINDINGS
from connectors.store import ACCEPTANCES, Chasing, FindingRef, Store, decision
from connectors.store.acceptances import ACCEPTED, ENDED
from dashboard import accepted, quality
from dashboard.changes import NEW, RESOLVED
from dashboard.exports import csv_bytes
from dashboard.settings import load_settings, store_address
from tests.dashboard.area_folder import AS_AT, HOSTILE, refreshed, sample_tables, settings_in
from tests.dashboard.conftest import OpenPage
from tests.dashboard.test_data_quality_page import column, said
from tests.dashboard.test_text import as_markdown_shows_it

pytestmark = pytest.mark.long

RULE = "cases.ethnicity.required"
NOW = datetime(2024, 1, 3, 10, 0, tzinfo=UTC)


@pytest.fixture
def own(tmp_path: Path) -> Path:
    settings = settings_in(tmp_path)
    refreshed(settings, sample_tables())
    return settings


def stored(settings: Path, name: str = "findings") -> pl.DataFrame:
    with Store.open(store_address(load_settings(settings)), read_only=True) as store:
        newest = store.newest()
        assert newest is not None
        return store.frame(newest.id, f"jersey/{name}")


def accept(settings: Path, rows: pl.DataFrame, reason: str, until: date, action: str = ACCEPTED, seen: int = 0) -> None:
    """What somebody writes down elsewhere."""
    refs = [FindingRef(*row, seen) for row in rows.select("rule", "table", "key", "field").iter_rows()]
    taken = decision(action, "B. Else", NOW, AS_AT, reason, until)
    with Chasing.open(store_address(load_settings(settings))) as chasing:
        assert len(chasing.decide("Area", refs, taken, AS_AT).done) == len(refs)


def days_on(settings: Path, to: date) -> None:
    text = settings.read_text("utf-8")
    settings.write_text(re.sub(r"as_at = [\d-]+", f"as_at = {to.isoformat()}", text), encoding="utf-8")


def deciding(own: Path, open_page: OpenPage, **more: str) -> AppTest:
    return open_page(own, "data_quality", part="Findings", rule=RULE, deciding="true", **more)


def decide(page: AppTest, reason: str = "the form of 1998 did not ask", author: str = "A. Nother") -> AppTest:
    page.text_input(key="name of author").set_value(author).run()
    field = next(each for each in page.text_input if each.label.startswith("Reason"))
    field.set_value(reason)
    next(each for each in page.button if "write down for" in each.label).click().run()
    assert not page.exception
    return page


def test_findings_are_accepted_by_box_with_reason_and_end_and_stay_in_every_count(
    own: Path, open_page: OpenPage
) -> None:
    before = said(open_page(own, "data_quality"))
    page = deciding(own, open_page)
    boxes = page.checkbox
    assert 1 < len(boxes) <= 15
    first = stored(own).filter(rule=RULE)["key"][0]
    boxes[0].check().run()
    page = decide(page)
    assert "Written down for 1 finding." in said_in(page)
    assert "Accepted until 30 March 2024: the form of 1998 did not ask" in said(page)
    assert "A. Nother: accepted it until 30 March 2024: the form of 1998 did not ask" in said(page)
    after = said(open_page(own, "data_quality"))
    headline = next(line for line in before.splitlines() if "errors and" in line)
    assert headline in after, "nothing is taken out of a count"
    assert "1 of the findings is accepted for a while, with a reason; it is counted all the same." in after
    listed = open_page(own, "data_quality", part="Findings", rule=RULE, standing="accepted")
    assert column(listed, "Record") == [first]
    assert column(listed, "Accepted?") == ["✎ accepted until 30 March 2024: the form of 1998 did not ask"]
    left = open_page(own, "data_quality", part="Findings", rule=RULE, standing="open")
    assert first not in column(left, "Record")
    assert len(column(left, "Record")) == stored(own).filter(rule=RULE).height - 1


def said_in(page: AppTest) -> str:
    return " ".join(str(each.value).replace("\\", "") for each in [*page.success, *page.warning, *page.error])


def test_without_a_reason_or_a_name_nothing_is_written_and_the_page_says_so(own: Path, open_page: OpenPage) -> None:
    page = deciding(own, open_page)
    page.checkbox[0].check().run()
    assert "say why" in said_in(decide(page, reason=""))
    assert "your name is missing" in said_in(decide(page, author=""))
    with Store.open(store_address(load_settings(own)), read_only=True) as store:
        assert store.acceptances("Area").is_empty()


def test_an_acceptance_is_ended_and_what_another_decided_meanwhile_is_told(own: Path, open_page: OpenPage) -> None:
    two = stored(own).filter(rule=RULE).head(2)
    accept(own, two, "no longer known", AS_AT + timedelta(days=30))
    page = deciding(own, open_page, standing="accepted")
    assert len(page.checkbox) == 2
    page.button(key="select all").click().run()
    page.radio(key="action on findings").set_value(ENDED).run()
    page.text_input(key="name of author").set_value("A. Nother").run()
    accept(own, two.head(1), "", AS_AT, ENDED, seen=1)
    next(each for each in page.button if "write down for 2 findings" in each.label).click().run()
    assert "Written down for 1 finding." in said_in(page), "also where the filter leaves nothing to show"
    assert "B. Else was quicker" in said_in(page)
    assert "ended the acceptance" in said_in(page)
    assert "accepted for a while" not in said(page)


def test_what_has_run_out_shows_again_by_itself(own: Path, open_page: OpenPage) -> None:
    one = stored(own).filter(rule=RULE).head(1)
    accept(own, one, "until the census", AS_AT + timedelta(days=1))
    days_on(own, AS_AT + timedelta(days=1))
    assert "is accepted for a while" in said(open_page(own, "data_quality")), "its last day counts"
    days_on(own, AS_AT + timedelta(days=2))
    page = open_page(own, "data_quality", part="Findings", standing="expired")
    assert "1 acceptance has run out: look again." in said(page)
    assert column(page, "Accepted?") == ["↻ expired on 1 January 2024: until the census"]


def test_it_survives_a_refresh_and_a_new_order_of_the_rows_and_changes_no_figure(
    own: Path, open_page: OpenPage
) -> None:
    address = store_address(load_settings(own))
    with Store.open(address, read_only=True) as store:
        results = store.results(1)
    one = stored(own).filter(rule=RULE).tail(1)
    accept(own, one, "no longer known", AS_AT + timedelta(days=30))
    tables = sample_tables()
    refreshed(own, {**tables, "cases": tables["cases"].reverse()}, 2)
    with Store.open(address, read_only=True) as store:
        assert store.results(2).equals(results)
        assert store.rule_outcomes(2)["failing"].equals(store.rule_outcomes(1)["failing"])
    page = open_page(own, "data_quality", part="Findings", standing="accepted")
    assert column(page, "Record") == one["key"].to_list()
    older = open_page(own, "data_quality", part="Findings", rule=RULE, deciding="true", snapshot="1")
    assert not older.checkbox, "nothing is decided on an earlier snapshot"
    cleared = tables["cases"].with_columns(pl.col("ethnicity").fill_null("white"))
    refreshed(own, {**tables, "cases": cleared}, 3)
    page = open_page(own, "data_quality")
    assert "1 acceptance is of a finding that this snapshot does not hold" in said(page)


def test_hostile_text_is_shown_as_it_stands(own: Path, open_page: OpenPage) -> None:
    accept(own, stored(own).filter(rule=RULE).head(1), HOSTILE, AS_AT + timedelta(days=30))
    page = deciding(own, open_page, standing="accepted")
    shown = [as_markdown_shows_it(str(each.value)) for each in page.markdown]
    assert any(HOSTILE in text for text in shown)


# --- The pure functions ----------------------------------------------------------------------------------------------------


def found(*rows: tuple[str, str | None, int | None, str]) -> pl.DataFrame:
    made = [
        {"rule": rule, "severity": "error", "table": "cases", "key": key, "field": "sex", "row": row, "message": "x."}
        for rule, key, row, _ in rows
    ]
    frame = pl.DataFrame(made, schema=FINDINGS, orient="row")
    return frame.with_columns(since=pl.Series([each[3] for each in rows], dtype=pl.String))


def decided(*rows: tuple[str, str | None, str, date | None]) -> pl.DataFrame:
    made = [
        {"rule": rule, "table": "cases", "key": key, "field": "sex", "version": 1, "action": action, "until_on": until,
         "reason": "r", "author": "a"}
        for rule, key, action, until in rows
    ]  # fmt: skip
    return pl.DataFrame(made, schema=ACCEPTANCES, orient="row")


def test_a_row_that_only_its_number_names_cannot_be_accepted_nor_taken_for_another() -> None:
    findings = found(("r", None, 4, NEW), ("r", "C1", 5, NEW), ("r", "C1", 6, NEW), ("w", None, None, NEW))
    told = accepted.standing(findings, decided(("r", None, ACCEPTED, AS_AT), ("w", None, ACCEPTED, AS_AT)), AS_AT)
    assert told["standing"].to_list() == ["open", "open", "open", "accepted"]
    assert told["accepted_version"].to_list() == [None, 0, 0, 1]
    rows = accepted.to_decide(told).select("key", "row", "alike").rows()
    assert rows == [(None, 4, 1), ("C1", 5, 2), (None, None, 1)], "rows alike are decided on together"
    assert accepted.to_decide(told)["box"].n_unique() == 3


def test_what_is_no_longer_there_is_neither_open_nor_accepted() -> None:
    told = accepted.standing(found(("r", "C1", 4, RESOLVED)), decided(("r", "C1", ACCEPTED, AS_AT)), AS_AT)
    assert accepted.counts(told) == {"open": 0, "accepted": 0, "expired": 0}
    assert accepted.gone(told, decided(("r", "C1", ACCEPTED, AS_AT)), AS_AT) == 1
    assert accepted.to_decide(told).is_empty()


def test_the_files_say_how_each_finding_stands() -> None:
    told = accepted.standing(found(("r", "C1", 4, NEW)), decided(("r", "C1", ACCEPTED, AS_AT)), AS_AT)
    heading, line = csv_bytes(accepted.for_files(told)).decode("utf-8-sig").splitlines()
    assert heading.endswith("since,standing,accepted_until,accepted_reason,accepted_by")
    assert line.endswith(f"new,accepted,{AS_AT.isoformat()},r,a")
    assert set(told["standing"]) <= set(quality.STANDINGS)
