"""The checks as a whole: locators, order, typed sources, the as-at date, what is absent, repeats, completeness."""

from __future__ import annotations

from datetime import date

import polars as pl
import pytest

from checks.completeness import COMPLETENESS
from checks.field_rules import FIELD_RULES
from checks.findings import FINDINGS, RULE_OUTCOMES
from checks.locators import EXTRA_CELLS, LOCATORS
from checks.runner import check
from checks.standard import shipped
from checks.tables import TABLES
from tests.checks.areas import AS_AT, checked, found, small_area, status
from tests.tables import raw, typed

CASE = {"case_id": "C1", "category": "2", "level": "1", "entered_on": "2023-01-04"}


def test_a_finding_is_a_locator_and_says_what_is_wrong_and_how_to_put_it_right() -> None:
    tables = raw({"meetings": [{"meeting_id": "M1", "kind": "level 2", "disclosure_considered": "true"}]}, "area.xlsx")
    tables["meetings"] = tables["meetings"].with_columns(_sheet=pl.lit("Meetings"), _row=pl.lit(14, dtype=pl.UInt32))
    answer = checked(tables)
    rule = "meetings.disclosure_decision.required"
    assert answer.findings.row(by_predicate=pl.col("rule") == rule, named=True) == {
        "rule": rule,
        "severity": "error",
        "dimension": "completeness",
        "table": "meetings",
        "key": "M1",
        "field": "disclosure_decision",
        "file": "area.xlsx",
        "sheet": "Meetings",
        "row": 14,
        "message": FIELD_RULES[rule].message,
        "fix": FIELD_RULES[rule].fix,
    }
    assert answer.has_errors


def test_the_answer_has_the_declared_shapes_even_for_nothing_at_all() -> None:
    for answer in (checked({}), checked(small_area()), checked(small_area(flaws=True))):
        assert dict(answer.findings.schema) == FINDINGS
        assert dict(answer.outcomes.schema) == RULE_OUTCOMES
        assert dict(answer.completeness.schema) == COMPLETENESS
    assert set(checked({}).outcomes["status"]) == {"could not check", "fail"}


def test_no_finding_carries_what_a_record_holds() -> None:
    secret = "Surname Forename"
    row = dict.fromkeys(TABLES["cases"].columns(), secret)
    answer = checked(raw({"cases": [row], "meetings": [{"case_id": secret, "meeting_id": secret}]}))
    assert answer.findings.height > 20
    assert not [text for text in answer.findings.rows() if secret in " ".join(str(cell) for cell in text)]
    assert set(answer.findings.filter(pl.col("table") == "cases")["key"]) == {None}


def test_every_finding_belongs_to_a_rule_among_the_outcomes() -> None:
    tables = {**small_area(flaws=True)}
    del tables["smb_meetings"]
    tables["cases"] = tables["cases"].drop("sex")
    answer = checked(tables)
    counted = answer.findings.group_by("rule").len("failing").sort("rule")
    outcomes = answer.outcomes.filter(pl.col("status") == "fail").select("rule", "failing").sort("rule")
    assert dict(counted.iter_rows()) == dict(outcomes.iter_rows())
    assert answer.outcomes["rule"].is_unique().all()


def test_the_order_of_rows_changes_nothing() -> None:
    area = small_area(flaws=True, cases=80)
    expected = found(area)
    assert len(expected) > 50
    for seed in (1, 2):
        assert (
            found({name: frame.sample(fraction=1, shuffle=True, seed=seed) for name, frame in area.items()}) == expected
        )


def test_the_order_of_repeated_rows_changes_nothing() -> None:
    cases = [CASE, {**CASE, "entered_on": "2023-03-01"}]
    meeting = {"meeting_id": "M1", "case_id": "C1", "held_on": "2023-02-01"}
    rule = "meetings.held_on.outside_case"
    for rows in (cases, cases[::-1]):
        assert status(checked(raw({"cases": rows, "meetings": [meeting]})), rule) == "pass"


def as_another_source(frame: pl.DataFrame, style: str) -> pl.DataFrame:
    """The typed table as another kind of source would type it."""
    out = frame
    for name, dtype in frame.schema.items():
        column = pl.col(name)
        if dtype == pl.Date and style == "spreadsheet":
            out = out.with_columns(column.cast(pl.Datetime))
        elif dtype == pl.Boolean and style == "sqlite":
            out = out.with_columns(column.cast(pl.Int64))
        elif isinstance(dtype, pl.Enum) and style == "dictionary":
            out = out.with_columns(column.cast(pl.String).cast(pl.Categorical))
        elif dtype == pl.Int64 and style == "spreadsheet":
            out = out.with_columns(column.cast(pl.Float64))
        elif dtype == pl.Int64 and style == "dictionary":
            out = out.with_columns(column.cast(pl.Int16 if name == "birth_year" else pl.Int32))
        elif dtype == pl.String and style == "dictionary" and name not in LOCATORS:
            out = out.with_columns(column.cast(pl.Categorical))
    return out


def as_text(frame: pl.DataFrame) -> pl.DataFrame:
    return frame.with_columns(pl.exclude("_row").cast(pl.String))


@pytest.mark.parametrize("style", ["parquet", "spreadsheet", "sqlite", "dictionary"])
def test_typed_sources_give_the_same_as_text(style: str) -> None:
    frames = checked(small_area(flaws=True, cases=80)).tables.frames
    text = {name: as_text(frame) for name, frame in frames.items()}
    typed_source = {name: as_another_source(frame, style) for name, frame in frames.items()}
    assert found(typed_source) == found(text)
    for name, frame in checked(typed_source).tables.frames.items():
        assert frame.equals(frames[name]), name
        assert frame.schema == frames[name].schema


def cases_of(**columns: pl.Series) -> dict[str, pl.DataFrame]:
    height = len(next(iter(columns.values())))
    base = raw({"cases": [{"case_id": f"C{number}"} for number in range(height)]})["cases"]
    return {"cases": base.with_columns(**columns)}


def words(tables: dict[str, pl.DataFrame], field: str) -> list[str]:
    findings = checked(tables).findings.filter(pl.col("field") == field)
    return [f"{row} {rule.split('.')[-1]}" for rule, row in findings.sort("row").select("rule", "row").iter_rows()]


def test_odd_columns_of_typed_sources() -> None:
    day, nan = date(2023, 1, 4), float("nan")
    assert words(cases_of(entered_on=pl.Series([day, date(1066, 1, 1), None])), "entered_on") == [
        "3 type",
        "4 required",
    ]
    assert words(cases_of(entered_on=pl.Series([day]).cast(pl.Datetime).dt.offset_by("12h")), "entered_on") == []
    assert words(cases_of(birth_year=pl.Series([1980.0, 1980.5, nan, None])), "birth_year") == [
        "3 type",
        "4 required",
        "5 required",
    ]
    assert words(cases_of(visor_recorded=pl.Series([0, 1, 2, None])), "visor_recorded") == ["4 type", "5 required"]
    assert words(cases_of(entered_on=pl.Series([[1], None])), "entered_on") == ["2 type", "3 required"]
    assert words(cases_of(sex=pl.Series([b"x", None])), "sex") == ["2 required", "3 required"]
    assert words(cases_of(level=pl.Series([1, 4, None])), "level") == ["3 code", "4 required"]


def test_text_is_read_as_it_stands_save_for_the_space_around_it() -> None:
    rows = [
        {"entered_on": " 2023-01-04 ", "level": "2 ", "visor_recorded": "TRUE", "birth_year": "1980.0"},
        {"entered_on": "2023-01-04 00:00:00", "level": "II", "visor_recorded": "yes", "birth_year": "about 1980"},
        {"entered_on": "04/01/2023", "level": " ", "visor_recorded": "", "birth_year": "1980"},
        {"entered_on": "2023-02-30", "level": "1", "visor_recorded": "false", "birth_year": "1980.5"},
    ]
    tables = raw({"cases": [{"case_id": f"C{number}", **row} for number, row in enumerate(rows)]})
    assert words(tables, "entered_on") == ["4 type", "5 type"]
    assert words(tables, "level") == ["3 code", "4 required"]
    assert words(tables, "visor_recorded") == ["3 type", "4 required"]
    assert words(tables, "birth_year") == ["3 type", "5 type"]
    frame = checked(tables).tables.frames["cases"]
    assert frame["entered_on"].to_list() == [date(2023, 1, 4), date(2023, 1, 4), None, None]
    assert frame["level"].to_list() == ["2", None, None, "1"]
    assert frame["birth_year"].to_list() == [1980, None, 1980, None]


@pytest.mark.parametrize("style", [pl.String(), pl.Categorical()])
def test_text_loses_the_space_around_it_so_that_nothing_becomes_two_and_blank_is_missing(
    style: pl.DataType,
) -> None:
    agencies = pl.Series(["police", " police\u00a0", "  ", "\t\n", "", None], dtype=style)
    cases = pl.Series(["C1", "C1 ", "C3", " C4", "C5", "C6"], dtype=style)
    tables = cases_of(lead_agency=agencies, case_id=cases)
    assert words(tables, "lead_agency") == ["4 required", "5 required", "6 required", "7 required"]
    assert words(tables, "case_id") == ["2 unique", "3 unique"]
    frame = checked(tables).tables.frames["cases"]
    # The first two rows have become the same one, which counts once.
    assert frame["lead_agency"].to_list() == ["police", None, None, None, None]
    assert frame["case_id"].to_list() == ["C1", "C3", "C4", "C5", "C6"]


@pytest.mark.parametrize("dtype", [pl.String, pl.Int64, pl.Int32, pl.Float64])
def test_a_year_far_outside_anybodys_life_is_no_year(dtype: type[pl.DataType]) -> None:
    years = pl.Series([1879, 1880, 1980, 2199, 2200, -5, None]).cast(dtype)
    tables = cases_of(birth_year=years)
    assert words(tables, "birth_year") == ["2 type", "6 type", "7 type", "8 required"]
    assert checked(tables).tables.frames["cases"]["birth_year"].to_list() == [None, 1880, 1980, 2199, None, None, None]
    people = raw({"population": [{"area": "A", "year": "2023", "aged_10_and_over": "-5"}]})
    assert words(people, "aged_10_and_over") == ["2 type"]


def test_a_table_without_a_record_is_one_finding_and_not_one_for_each_row_that_points_into_it() -> None:
    area = dict(small_area())
    area["cases"] = area["cases"].clear()
    answer = checked(area)
    assert answer.findings.filter(pl.col("rule").str.ends_with(".exists"))["rule"].to_list() == []
    assert "cases.table.empty" in answer.findings["rule"]
    assert status(answer, "meetings.case_id.exists") == "could not check"
    assert status(answer, "attendance.meeting_id.exists") == "pass"


def test_a_missing_reference_costs_no_second_finding() -> None:
    rows = [{**CASE, "case_id": None, "level": "2"}]
    answer = checked(raw({"cases": rows, "meetings": [{"meeting_id": "M1", "case_id": "C9"}]}))
    assert answer.findings.filter(table="cases", field="case_id")["rule"].to_list() == ["cases.case_id.required"]


def test_keys_meet_across_tables_whatever_space_is_around_them() -> None:
    tables = raw({"cases": [{"case_id": "C1 "}], "visits": [{"case_id": " C1"}, {"case_id": "  "}]})
    found = checked(tables).findings.filter(table="visits", field="case_id")
    assert found.select("rule", "row").rows() == [("visits.case_id.required", 3)]


def test_what_was_done_after_the_as_at_date_is_null_and_a_finding_but_plans_may_lie_ahead() -> None:
    rows = [{**CASE, "exited_on": "2023-06-01", "release_on": "2023-06-01"}]
    before, on_the_day = date(2023, 5, 31), date(2023, 6, 1)
    assert typed({"cases": rows}, before).frames["cases"].select("exited_on", "release_on").row(0) == (None, on_the_day)
    assert typed({"cases": rows}, on_the_day).frames["cases"]["exited_on"].item() == on_the_day
    rule = "cases.exited_on.future"
    assert status(checked(raw({"cases": rows}), as_at=before), rule) == "fail"
    assert status(checked(raw({"cases": rows}), as_at=on_the_day), rule) == "pass"
    assert typed({"cases": rows}, before).as_at == before


def test_an_absent_table_could_not_be_checked_and_is_a_finding_unless_it_is_optional() -> None:
    area = dict(small_area())
    del area["attendance"], area["visits"]
    answer = checked(area)
    assert answer.findings.select("rule", "severity", "table").rows() == [
        ("attendance.table.missing", "error", "attendance")
    ]
    unchecked = set(answer.outcomes.filter(pl.col("status") == "could not check")["rule"])
    assert unchecked == {rule for rule in FIELD_RULES if rule.split(".")[0] in ("attendance", "visits")} | {
        "meetings.meeting_id.no_attendance"
    }
    assert not answer.tables.has("visits")
    assert answer.tables.has("meetings", "held_on")
    assert not answer.completeness.filter(pl.col("table").is_in(["attendance", "visits"])).height


def test_an_absent_column_that_every_row_needs_is_one_finding_and_its_rules_could_not_be_checked() -> None:
    area = {**small_area(), "meetings": small_area()["meetings"].drop("kind")}
    answer = checked(area)
    assert answer.findings.select("rule", "severity", "row").rows() == [("meetings.kind.absent", "error", None)]
    unchecked = set(answer.outcomes.filter(pl.col("status") == "could not check")["rule"])
    assert {"meetings.kind.required", "meetings.kind.code", "meetings.victim_considered.required"} <= unchecked
    assert {"attendance.senior_enough.required", "cases.level.last_outcome"} <= unchecked
    assert "attendance.meeting_id.exists" not in unchecked
    assert not answer.tables.has("meetings", "kind")
    assert answer.tables.frames["meetings"]["kind"].null_count() == answer.tables.frames["meetings"].height
    kind = answer.completeness.filter((pl.col("table") == "meetings") & (pl.col("field") == "kind"))
    assert kind["needed"].sum() == area["meetings"].height
    assert set(kind["given"]) == {None}


def test_an_absent_column_that_some_rows_need_is_a_warning() -> None:
    answer = checked({**small_area(), "meetings": small_area()["meetings"].drop("next_review_on")})
    assert answer.findings.select("rule", "severity").rows() == [("meetings.next_review_on.absent", "warning")]
    assert status(answer, "meetings.next_review_on.required") == "could not check"
    assert status(answer, "meetings.next_review_on.too_late") == "could not check"
    assert not answer.has_errors


def test_an_absent_column_that_may_be_empty_counts_as_empty_everywhere() -> None:
    area = small_area()
    answer = checked({**area, "cases": area["cases"].drop("exited_on")})
    assert status(answer, "cases.exited_on.type") == "could not check"
    assert status(answer, "cases.risk_plan_on.required") in {"pass", "fail"}
    assert status(answer, "cases.case_id.no_meeting") == "pass"


def test_a_table_without_rows_is_told() -> None:
    area = {**small_area(), "referrals": small_area()["referrals"].clear(), "visits": small_area()["visits"].clear()}
    answer = checked(area)
    assert answer.findings.select("rule", "severity").rows() == [("referrals.table.empty", "warning")]


def test_a_row_with_more_cells_than_the_header_is_told() -> None:
    area = dict(small_area())
    extra = pl.int_range(pl.len()) == 3
    area["visits"] = area["visits"].with_columns(pl.when(extra).then(pl.lit(value=True)).alias(EXTRA_CELLS))
    assert [(rule, row) for rule, _, row in found(area)] == [("visits.row.extra_cells", 5)]


def test_an_exact_repeat_counts_once_but_both_rows_are_told() -> None:
    tables = checked(raw({"cases": [CASE, CASE, {**CASE, "case_id": "C2"}]}))
    rows = tables.findings.filter(pl.col("rule") == "cases.case_id.unique")["row"].to_list()
    assert rows == [2, 3]
    assert tables.tables.frames["cases"]["case_id"].to_list() == ["C1", "C2"]
    assert tables.tables.frames["cases"]["_row"].to_list() == [2, 4]


def test_rows_that_share_a_key_and_differ_all_stay() -> None:
    answer = checked(raw({"cases": [CASE, {**CASE, "level": "2"}]}))
    assert answer.tables.frames["cases"]["level"].to_list() == ["1", "2"]
    assert status(answer, "cases.case_id.unique") == "fail"


def test_a_key_of_two_fields_is_repeated_only_where_both_are() -> None:
    rows = [
        {"meeting_id": "M1", "agency": "Police"},
        {"meeting_id": "M1", "agency": "Probation"},
        {"meeting_id": "M2", "agency": "Police"},
        {"meeting_id": "M2", "agency": "Police", "mode": "absent"},
        {"meeting_id": "M3"},
        {"meeting_id": "M3"},
        {"agency": "Police"},
        {"agency": "Police"},
    ]
    findings = checked(raw({"attendance": rows})).findings.filter(pl.col("rule") == "attendance.meeting_id.unique")
    assert findings.select("row", "key").rows() == [(4, "M2 / Police"), (5, "M2 / Police")]


def test_rows_without_a_key_of_their_own_are_never_dropped() -> None:
    visit = {"case_id": "C1", "visited_on": "2023-01-04", "agency": "Police"}
    assert checked(raw({"visits": [visit, visit]})).tables.frames["visits"].height == 2


def test_completeness_counts_by_agency_what_is_needed_and_given() -> None:
    rows = [
        {"case_id": "C1", "lead_agency": "Police", "level": "2", "victim_plan": "true"},
        {"case_id": "C2", "lead_agency": "Police", "level": "2"},
        {"case_id": "C3", "lead_agency": "Police", "level": "1"},
        {"case_id": "C4", "lead_agency": "Probation", "level": "3", "victim_plan": "perhaps"},
        {"case_id": "C5", "level": "1"},
    ]
    counted = checked(raw({"cases": rows})).completeness
    plan = counted.filter(pl.col("field") == "victim_plan").select("agency", "needed", "given").rows()
    assert plan == [("Police", 2, 1), ("Probation", 1, 1)]
    agency = counted.filter(pl.col("field") == "lead_agency").select("agency", "needed", "given").rows()
    assert agency == [(None, 1, 0), ("Police", 3, 3), ("Probation", 1, 1)]


def test_progress_is_told_from_nothing_to_all() -> None:
    told: list[tuple[str, int, int]] = []
    check(small_area(), shipped("jersey"), AS_AT, lambda what, done, of: told.append((what, done, of)))
    assert told[0][1] == 0
    assert told[-1][1:] == (len(TABLES), len(TABLES))
    assert [done for _, done, _ in told] == sorted(done for _, done, _ in told)


def test_tables_that_are_not_canonical_are_left_aside() -> None:
    area = {**small_area(), "notes": pl.DataFrame({"text": ["x"]})}
    assert found(area) == set()
