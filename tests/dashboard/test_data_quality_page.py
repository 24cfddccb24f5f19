"""The page Data quality shows what the checks found, counts it openly, and never calls unseen what is put right."""

from __future__ import annotations

import io
from pathlib import Path

import openpyxl
import polars as pl
import pytest
from streamlit.testing.v1 import AppTest

from checks.completeness import COMPLETENESS, FIELD_QUALITY
from checks.findings import FINDINGS, RULE_OUTCOMES
from connectors.store import Store
from dashboard import field_quality, frames, quality
from dashboard.changes import NEW, NO_LONGER_CHECKED, RESOLVED, STILL_THERE
from dashboard.exports import csv_bytes, xlsx_bytes
from dashboard.figures.shares import Share, missing_bars, shares_in_words
from dashboard.figures.style import DARK, LIGHT, Look
from dashboard.settings import load_settings, store_address
from dashboard.text import plain
from dashboard.words import percent
from tests.dashboard.area_folder import HOSTILE, heading_said, refreshed, sample_tables, settings_in, text_in
from tests.dashboard.conftest import OpenPage

NBSP = "\N{NO-BREAK SPACE}"


def store_of(settings: Path) -> Store:
    return Store.open(store_address(load_settings(settings)), read_only=True)


def stored(settings: Path, name: str) -> pl.DataFrame:
    with store_of(settings) as store:
        newest = store.newest()
        assert newest is not None
        return store.frame(newest.id, name)


def outcomes_of(settings: Path) -> pl.DataFrame:
    with store_of(settings) as store:
        newest = store.newest()
        assert newest is not None
        return store.rule_outcomes(newest.id, "jersey")


def said(page: AppTest) -> str:
    """All the text of the page in one string, as it is read."""
    parts = [*page.markdown, *page.caption, *page.info, *page.error, *page.warning, *page.text]
    return "\n".join(str(each.value) for each in parts).replace("\\", "").replace(NBSP, " ")


def column(page: AppTest, heading: str) -> list[str]:
    table = page.table[0].value
    named = {heading_said(str(name)): name for name in table.columns}
    return [str(cell).replace(NBSP, " ").replace("\\", "") for cell in table[named[heading]]]


@pytest.fixture(scope="module")
def changed_settings(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Two snapshots: in the second the ethnicities are given, three sexes are gone, as are a column and a table."""
    settings = settings_in(tmp_path_factory.mktemp("changed"))
    tables = sample_tables()
    refreshed(settings, tables, 1)
    tables["cases"] = tables["cases"].with_columns(pl.col("ethnicity").fill_null("white"))
    tables = text_in("sex", "cases", None, 3)(tables)
    tables["meetings"] = tables["meetings"].drop("disclosure_reason")
    del tables["smb_attendance"]
    refreshed(settings, tables, 2)
    return settings


def test_the_headline_is_the_sum_of_the_findings(sample_settings: Path, open_page: OpenPage) -> None:
    page = open_page(sample_settings, "data_quality")
    found = stored(sample_settings, frames.findings("jersey"))
    by = dict(found.group_by("severity").len().iter_rows())
    assert f"{by['error']} errors and {by['warning']} warnings." in said(page)
    assert "nothing is called new or resolved" in said(page)


def test_the_six_dimensions_carry_numerator_and_denominator(sample_settings: Path, open_page: OpenPage) -> None:
    page = open_page(sample_settings, "data_quality")
    assert [metric.label for metric in page.metric] == [name.capitalize() for name in quality.DIMENSIONS]
    completeness = stored(sample_settings, frames.completeness("jersey"))
    given, needed = completeness["given"].sum(), completeness["needed"].sum()
    assert f"{given:,} of {needed:,} required values given" in said(page)
    unique = outcomes_of(sample_settings).filter(dimension="uniqueness")
    tests, failing = int(unique["rows"].sum()), int(unique["failing"].sum())
    assert failing > 0
    assert f"{tests - failing:,} of {tests:,} tests passed" in said(page)


def test_rules_are_listed_by_status_and_filtered_by_the_address(sample_settings: Path, open_page: OpenPage) -> None:
    page = open_page(sample_settings, "data_quality", part="Rules", status="failed")
    wanted = outcomes_of(sample_settings).filter(status="fail")
    assert sorted(column(page, "Rule")) == sorted(wanted["rule"])
    assert set(column(page, "Status")) == {"✗ failed"}
    page = open_page(sample_settings, "data_quality", part="Rules", status="failed", rules_of="meetings")
    assert sorted(column(page, "Rule")) == sorted(wanted.filter(table="meetings")["rule"])


def test_findings_lead_down_to_file_and_row(sample_settings: Path, open_page: OpenPage) -> None:
    page = open_page(sample_settings, "data_quality", part="Findings", rule="cases.ethnicity.required")
    wanted = stored(sample_settings, frames.findings("jersey")).filter(rule="cases.ethnicity.required")
    assert column(page, "Record") == wanted["key"].to_list()
    assert column(page, "Where") == [f"sample area, cases, row {row}" for row in wanted["row"]]
    assert all(column(page, "How to put it right"))


def test_many_findings_are_shown_a_hundred_at_a_time(sample_settings: Path, open_page: OpenPage) -> None:
    page = open_page(sample_settings, "data_quality", part="Findings")
    total = stored(sample_settings, frames.findings("jersey")).height
    assert total > 100
    assert len(page.table[0].value) == 100
    page.number_input(key="finding_rows").set_value(2).run()
    assert len(page.table[0].value) == min(100, total - 100)


def test_what_is_absent_stands_on_top_and_its_rules_are_no_pass(changed_settings: Path, open_page: OpenPage) -> None:
    page = open_page(changed_settings, "data_quality")
    assert [str(each.value).replace("\\", "").count("smb_attendance") for each in page.error] == [2]
    assert "has no column disclosure_reason" in str(page.warning[0].value).replace("\\", "")
    unchecked = outcomes_of(changed_settings).filter(status="could not check")
    assert unchecked.height > 0
    assert f"{unchecked.height} rules could not be checked, which is no pass" in said(page)
    page = open_page(changed_settings, "data_quality", part="Rules", status="could not be checked")
    assert sorted(column(page, "Rule")) == sorted(unchecked["rule"])
    assert set(column(page, "Failing of rows")) == {"not checked"}
    assert set(column(page, "Resolved")) == {"–"}


def test_what_changed_is_said_against_the_snapshot_named(changed_settings: Path, open_page: OpenPage) -> None:
    page = open_page(changed_settings, "data_quality")
    found = stored(changed_settings, frames.findings("jersey"))
    gone = stored(changed_settings, frames.resolved("jersey"))
    assert "Since snapshot 1, as at 31 December 2023" in said(page)
    new, still = (found.filter(since=each).height for each in (NEW, STILL_THERE))
    put_right = gone.filter(rule="cases.ethnicity.required").height
    assert put_right == gone.height - gone.filter(pl.col("field") != "ethnicity").height > 0
    unseen = gone.filter(pl.col("table") == "smb_attendance").height + gone.filter(field="disclosure_reason").height
    assert f"{new} new, {still} still there, {put_right} resolved; {unseen} can no longer be checked" in said(page)
    page = open_page(changed_settings, "data_quality", part="Findings", since=RESOLVED)
    assert set(column(page, "What is wrong")) == {"ethnicity is missing; it is required."}
    page = open_page(changed_settings, "data_quality", part="Findings", since=NEW)
    assert sum(words.startswith("sex is missing") for words in column(page, "What is wrong")) == 3


def test_completeness_names_what_is_not_supplied(changed_settings: Path, open_page: OpenPage) -> None:
    page = open_page(changed_settings, "data_quality", part="Completeness", of_table="meetings")
    assert "smb_attendance" in said(page)
    assert "Columns that meetings does not have: disclosure_reason." in said(page)
    complete = dict(zip(column(page, "Field"), column(page, "Complete"), strict=True))
    assert complete["disclosure_reason"] == "not supplied"


def test_completeness_and_validity_stand_side_by_side_with_their_counts(
    changed_settings: Path, open_page: OpenPage
) -> None:
    rows = stored(changed_settings, frames.field_quality("jersey"))
    page = open_page(changed_settings, "data_quality", part="Fields and quarters", q_table="meetings")
    of_table = rows.filter(table="meetings")
    given, needed, filled, valid = (int(of_table[name].sum()) for name in ("given", "needed", "filled", "valid"))
    assert f"({given:,} of {needed:,})" in said(page)
    assert f"valid {quality.share_in_words(valid, filled)}".replace(NBSP, " ") in said(page)
    complete = dict(zip(column(page, "Field"), column(page, "Complete"), strict=True))
    assert complete["disclosure_reason"] == "not supplied"
    page = open_page(changed_settings, "data_quality", part="Fields and quarters", one_per="quarter", q_agency="police")
    quarters = column(page, "Quarter")
    assert quarters[:-1] == sorted(quarters[:-1], reverse=True)
    assert quarters[-1] == field_quality.NO_DAY
    of_quarter = rows.filter(period="2023-Q4", agency="police")
    assert column(page, "Complete")[quarters.index("2023-Q4")].endswith(
        f"({of_quarter['given'].sum():,} of {of_quarter['needed'].sum():,})"
    )


def test_what_no_rule_could_tell_is_in_no_share() -> None:
    made = [
        ("cases", "sex", "police", 8092, 4, 3, 3, 2, 0, "2023-Q1"),
        ("cases", "sex", "housing", 8092, 4, 4, 4, 4, 0, "2023-Q1"),
        ("cases", "level", "police", 8092, 4, None, None, None, 1, "2023-Q1"),
        ("cases", "level", "housing", 8092, 4, None, None, None, 1, "2023-Q1"),
        ("cases", "pathway", "police", 8092, 4, 4, None, None, 0, "2023-Q1"),
    ]
    rows = pl.DataFrame(made, schema={**FIELD_QUALITY, "period": pl.String}, orient="row")
    assert field_quality.together(rows) == (
        "Together: complete 55.0 % (11 of 20); valid 85.7 % (6 of 7). Rules on validity that could not be checked, and are in no "
        "share: 1."
    ).replace(" %", f"{NBSP}%" if NBSP in percent(0.5) else " %")
    screen = field_quality.for_screen(field_quality.rows_of(rows, "field"), "field")
    assert screen.select("Field", "Missing", "Valid").rows()[0] == ("level", "not supplied", "could not check")
    assert dict(screen.select("Field", "Valid").iter_rows())["pathway"] == "no rule"


def test_charts_say_their_figures_in_words(sample_settings: Path, open_page: OpenPage) -> None:
    page = open_page(sample_settings, "data_quality", part="Completeness")
    by_table = stored(sample_settings, frames.completeness("jersey")).filter(table="cases")
    given, needed = by_table["given"].sum(), by_table["needed"].sum()
    alts = [chart.proto.alt for chart in page.get("plotly_chart")]
    assert f"({given:,} of {needed:,})" in alts[0]
    assert "police" in alts[1]


def test_text_of_the_source_is_shown_as_it_stands(tmp_path: Path, open_page: OpenPage) -> None:
    settings = settings_in(tmp_path)
    tables = text_in("meeting_id", "meetings", HOSTILE, 1)(sample_tables())
    tables = text_in("held_on", "meetings", "never", 1)(text_in("lead_agency", "cases", HOSTILE, 400)(tables))
    refreshed(settings, tables)
    page = open_page(settings, "data_quality", part="Findings", rule="meetings.held_on.type")
    assert [str(cell) for cell in page.table[0].value.iloc[:, 2]] == [plain(HOSTILE).replace(" ", NBSP)]
    page = open_page(settings, "data_quality", part="Completeness")
    assert HOSTILE in page.selectbox(key="of_agency").options


def test_records_without_a_fault_are_said_to_have_none(tmp_path: Path, open_page: OpenPage) -> None:
    settings = settings_in(tmp_path)
    tables = {name: frame.clear() for name, frame in sample_tables().items()}
    refreshed(settings, tables)
    page = open_page(settings, "data_quality", part="Findings", rule="")
    assert "has a header but no rows" in said(page)
    page = open_page(settings, "data_quality", part="Completeness")
    assert "nothing to count" in said(page)


# --- The pure functions ----------------------------------------------------------------------------------------------------


def completeness(*rows: tuple[str, str, str | None, int, int | None]) -> pl.DataFrame:
    return pl.DataFrame(rows, schema=COMPLETENESS, orient="row")


def test_a_column_not_supplied_stays_in_the_denominator_and_is_named() -> None:
    given = completeness(("cases", "sex", "police", 4, 3), ("cases", "level", "police", 4, None))
    tables = {"cases": {"optional": False}, "visits": {"optional": True}}
    rows = quality.by_table(given, tables).rows()
    assert rows == [("cases", 8, 3, ["level"], False), ("visits", None, None, None, True)]


def test_nothing_supplied_is_not_nought_per_cent() -> None:
    given = completeness(("cases", "level", "police", 4, None))
    assert quality.by_agency(given).select("agency", "needed", "given").rows() == [("police", 4, None)]
    assert quality.share_in_words(None, 4) == "not supplied"
    assert quality.share_in_words(0, 0) == "nothing to count"


def test_shares_are_sums_divided_not_averages_of_shares() -> None:
    given = completeness(("cases", "sex", "police", 1, 0), ("cases", "level", None, 99, 99))
    assert quality.by_table(given, {"cases": {"optional": False}}).select("given", "needed").row(0) == (99, 100)
    assert quality.total(given) == (99, 100)
    assert quality.by_agency(given)["agency"].to_list() == ["police", quality.NO_AGENCY]


def test_fields_are_listed_the_least_complete_first_and_complete_ones_only_if_asked() -> None:
    given = completeness(
        ("cases", "sex", "police", 10, 10), ("cases", "level", "police", 10, 9), ("cases", "category", None, 10, None)
    )
    assert quality.by_field(given)["field"].to_list() == ["category", "level", "sex"]
    assert quality.by_field(given, complete_too=False)["field"].to_list() == ["category", "level"]
    assert quality.by_field(given, agency=quality.NO_AGENCY)["field"].to_list() == ["category"]


def outcome(rule: str, dimension: str, status: str, rows: int | None, failing: int | None) -> dict[str, object]:
    return {
        "rule": rule,
        "severity": "error",
        "dimension": dimension,
        "table": rule.split(".")[0],
        "field": None,
        "status": status,
        "rows": rows,
        "failing": failing,
    }


def test_what_could_not_be_checked_is_in_no_share() -> None:
    outcomes = pl.DataFrame(
        [
            outcome("cases.sex.code", "validity", "fail", 10, 2),
            outcome("cases.level.code", "validity", "could not check", None, None),
            outcome("cases.table.missing", "completeness", "fail", None, 1),
        ],
        schema=RULE_OUTCOMES,
    )
    rows = {row["dimension"]: row for row in quality.dimensions(outcomes, completeness()).iter_rows(named=True)}
    assert (rows["validity"]["passed"], rows["validity"]["tests"]) == (8, 10)
    assert (rows["validity"]["failing_rules"], rows["validity"]["unchecked_rules"]) == (1, 1)
    assert rows["completeness"]["rules"] == 0
    cards = {
        card.name: card for card in quality.dimension_cards(rows_frame(rows), {"validity": "Data quality: is it?"})
    }
    assert cards["Validity"].rules == "Rules: ✗ 1 failed, ? 1 could not be checked"
    assert cards["Validity"].asks == "Is it?"
    assert cards["Accuracy"].figure == "not tested"


def rows_frame(rows: dict[str, dict[str, object]]) -> pl.DataFrame:
    return pl.DataFrame(list(rows.values()))


def test_the_rules_table_says_what_a_missing_table_means() -> None:
    outcomes = pl.DataFrame([outcome("cases.table.missing", "completeness", "fail", None, 1)], schema=RULE_OUTCOMES)
    document = {
        "rules": {},
        "table_rules": [{"id": "TABLE.table.missing", "message": "The source has no table TABLE."}],
    }
    screen = quality.rules_for_screen(outcomes, document, compared=False)
    assert screen["What is wrong where it fails"].to_list() == ["The source has no table cases."]
    assert screen["Failing of rows"].to_list() == ["1"]


def found(*rows: tuple[str, str]) -> pl.DataFrame:
    made = [
        {"rule": rule, "severity": severity, "table": "cases", "message": "x", "fix": "y"} for rule, severity in rows
    ]
    return pl.DataFrame(made, schema=FINDINGS, orient="row").with_columns(since=pl.lit(STILL_THERE))


def test_findings_that_are_gone_stand_in_the_list_only_when_asked_for() -> None:
    now, gone = found(("a.b.code", "warning"), ("a.c.code", "error")), found(("a.d.code", "error")).drop("since")
    outcomes = pl.DataFrame([outcome("a.d.code", "validity", "pass", 1, 0)], schema=RULE_OUTCOMES)
    everything = quality.all_findings(now, gone, outcomes)
    assert quality.chosen_findings(everything, quality.Chosen())["rule"].to_list() == ["a.c.code", "a.b.code"]
    asked = quality.chosen_findings(everything, quality.Chosen(changes=(RESOLVED,)))
    assert asked["rule"].to_list() == ["a.d.code"]
    assert quality.change_counts(everything) == {NEW: 0, STILL_THERE: 2, RESOLVED: 1, NO_LONGER_CHECKED: 0}


def test_the_files_of_findings_hold_all_that_is_chosen_and_no_formula() -> None:
    one = found(("a.b.code", "error")).with_columns(key=pl.lit("=1+1"), file=pl.lit("@x.csv"), row=pl.lit(7, pl.UInt32))
    line = csv_bytes(one).decode("utf-8-sig").splitlines()[1]
    assert "'=1+1" in line
    assert "'@x.csv" in line
    sheet = openpyxl.load_workbook(io.BytesIO(xlsx_bytes({"Findings": one})))["Findings"]
    row = dict(zip([cell.value for cell in sheet[1]], sheet[2], strict=True))
    assert (row["key"].value, row["key"].data_type) == ("=1+1", "s")
    assert row["row"].value == 7


@pytest.mark.parametrize("look", [LIGHT, DARK])
def test_bars_are_as_long_as_what_is_missing_and_words_stand_beside_them(look: Look) -> None:
    shares = [Share("<b>cases</b>", 3, 8), Share("visits", None, 4), Share("events", 5, 5)]
    figure = missing_bars(shares, look)
    assert list(figure.data[0].x) == [5, 4, 0]
    words = " ".join(str(each.text) for each in figure.layout.annotations).replace(NBSP, " ")
    assert "&lt;b&gt;cases" in words
    assert "<b>" not in words
    assert "5 missing · 37.5 % (3 of 8)" in words
    assert "not supplied" in words
    assert "events: 0 missing · 100.0 % (5 of 5)" in shares_in_words(shares).replace(NBSP, " ")
