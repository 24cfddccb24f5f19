"""Whether published figures add up: the shipped reports, one changed figure at a time, and tables of every shape."""

from __future__ import annotations

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from checks.published_figures import FIGURES, is_total
from connectors.published import read, read_file
from kpis.published import SHIPPED
from kpis.published.check import CheckedFigures, check_figures
from kpis.published.identities import identities

SHIPPED_FIGURES = read_file(SHIPPED)
FROM_THE_REPORTS = ("area", "reporting_year", "table")


def figures(*rows: str) -> pl.DataFrame:
    """Figures of one area and year from `table,row,column,value`."""
    lines = "\n".join(f"Hill,2023,{row}" for row in rows)
    return read(f"area,reporting_year,table,row,column,value\n{lines}\n".encode(), "hill.csv")


def found(*rows: str) -> list[tuple[str, str]]:
    """Severity and sentence of each finding."""
    return check_figures(figures(*rows)).findings.select("severity", "message").rows()


def messages(checked: CheckedFigures) -> set[str]:
    return set(checked.findings["message"])


# The shipped reports


def test_the_shipped_figures_are_those_of_three_reports():
    counted = SHIPPED_FIGURES.group_by("source").len().sort("source")
    assert counted.rows() == [("J23", 75), ("K14", 50), ("L21", 50)]


def test_of_jersey_exactly_what_is_known_not_to_add_up_is_found():
    findings = check_figures(SHIPPED_FIGURES).findings
    told = findings.select("severity", "area", "reporting_year", "table", "printed", "computed").rows()
    assert sorted(told) == [
        ("error", "jersey", "2023", "outcome of meetings", 21, 19),
        ("error", "jersey", "2023", "outcome of meetings", 126, 124),
        ("error", "jersey", "2023", "referrals by route", 57, 55),
        ("error", "jersey", "2023", "registered sex offenders over the year", 190, 183),
        ("note", "jersey", "2023", "individuals", 87, 65),
    ]
    said = " ".join(findings["message"])
    for sentence in (
        "row “screening”: 5 (level 1) + 14 (level 2) = 19, but the total is printed as 21.",
        "row “total”: 29 (level 1) + 95 (level 2) = 124, but the total is printed as 126.",
        "17 (level 2) + 38 (screening) = 55, but the total is printed as 57.",
        "179 (at start) + 14 (registered) − 10 (deregistered) = 183, but “at end” is printed as 190.",
        "87 people were managed through multi-agency plans, but only 65 were discussed at any meeting.",
    ):
        assert sentence in said


@pytest.mark.parametrize("area", ["kent", "lancashire"])
def test_in_kent_and_lancashire_all_adds_up(area: str):
    checked = check_figures(SHIPPED_FIGURES.filter(area=area))
    assert checked.findings.is_empty()
    assert checked.checks > 20


def test_category_1_may_differ_from_those_registered():
    printed = {
        (r["table"], r["row"], r["column"]): r["value"]
        for r in SHIPPED_FIGURES.filter(source="J23", reporting_year="2023").to_dicts()
    }
    assert printed["eligible at year end", "total", "category 1"] == 189
    assert printed["registered sex offenders by location", "at year end", "total"] == 190
    assert not any("189" in said for said in messages(check_figures(SHIPPED_FIGURES)))


def test_totals_without_parts_are_said_and_are_no_findings():
    unchecked = check_figures(SHIPPED_FIGURES).unchecked
    assert unchecked.select("area", "reporting_year", "table").rows() == [
        ("jersey", "2022", "outcome of meetings"),
        ("jersey", "2022", "referrals by route"),
        ("lancashire", "2020-21", "breach of sexual risk order"),
    ]
    line = (
        SHIPPED.read_text(encoding="utf-8").splitlines().index("jersey,2022,outcome of meetings,total,total,132,J23")
        + 1
    )
    assert f"(row {line} of the file): the total stands without its parts" in unchecked["message"][0]


# One changed figure


def _in_tables_with_totals() -> list[int]:
    """Places of every figure of a table that has a total and something beside it."""
    held: list[int] = []
    for _, part in SHIPPED_FIGURES.with_row_index("place").group_by(*FROM_THE_REPORTS, maintain_order=True):
        if part.height > 1 and any(map(is_total, [*part["row"], *part["column"]])):
            held += part["place"].to_list()
    return held


PLACES = _in_tables_with_totals()
BEFORE = messages(check_figures(SHIPPED_FIGURES))


def _changed(place: int, by: int) -> pl.DataFrame:
    index = pl.int_range(pl.len())
    return SHIPPED_FIGURES.with_columns(value=pl.when(index == place).then(pl.col("value") + by).otherwise("value"))


def test_most_figures_stand_in_tables_with_totals():
    assert len(PLACES) == 153


@settings(max_examples=8, deadline=None)
@given(by=st.integers(-3000, 3000).filter(bool))
def test_any_single_changed_figure_is_noticed(by: int):
    """Every figure of every table with totals, changed by some amount: its table is named, with other figures than before."""
    for place in PLACES:
        figure = SHIPPED_FIGURES.row(place, named=True)
        report = pl.col("area").eq(figure["area"]) & pl.col("reporting_year").eq(figure["reporting_year"])
        after = check_figures(_changed(place, by).filter(report)).findings
        new = after.filter(~pl.col("message").is_in(BEFORE))
        mine = new.filter(
            (pl.col("table") == figure["table"])
            & pl.col("rows").list.contains(figure["row"])
            & pl.col("columns").list.contains(figure["column"])
            & (pl.col("severity") == "error")
        )
        before = {said for said in BEFORE if f"“{figure['table']}”" in said}
        # A change can put a wrong sum right; then the finding is gone, and the other sum that holds the figure breaks.
        assert mine.height or before - set(after["message"]), figure


# Tables of every shape


def test_a_total_of_columns_and_one_of_rows():
    table = ["t,a,x,1", "t,a,y,2", "t,a,total,3", "t,b,x,4", "t,b,y,5", "t,b,total,9"]
    assert found(*table, "t,total,x,5", "t,total,y,7", "t,total,total,12") == []
    assert found(*table, "t,total,x,5", "t,total,y,8", "t,total,total,12") == [
        ("error", "Hill 2023, “t”, row “total”: 5 (x) + 8 (y) = 13, but the total is printed as 12."),
        ("error", "Hill 2023, “t”, column “y”: 2 (a) + 5 (b) = 7, but the total is printed as 8."),
    ]


def test_a_grand_total_with_no_other_total():
    assert found("t,a,x,1", "t,b,y,2", "t,total,total,3") == []
    assert found("t,a,x,1", "t,b,y,2", "t,total,total,4") == [
        ("error", "Hill 2023, “t”, the whole table: 1 (a, x) + 2 (b, y) = 3, but the total is printed as 4.")
    ]


def test_a_total_that_is_not_printed_is_made_from_its_parts():
    """Row b has no total of its own; the grand total holds it all the same."""
    table = ["t,a,x,1", "t,a,y,2", "t,a,total,3", "t,b,x,4", "t,b,y,5"]
    assert found(*table, "t,total,total,12") == []
    assert found(*table, "t,total,total,3") == [
        ("error", "Hill 2023, “t”, column “total”: 3 (a) + 9 (b) = 12, but the total is printed as 3.")
    ]


def test_of_which_is_no_part_of_the_total_and_not_more_than_what_it_is_of():
    table = ["t,police,cases,10", "t,of which urgent,cases,{}", "t,probation,cases,5", "t,total,cases,15"]
    assert found(*(each.format(10) for each in table)) == []
    assert found(*(each.format(11) for each in table)) == [
        (
            "error",
            "Hill 2023, “t”, column “cases”: “of which urgent” is printed as 11, more than “police”, 10.",
        )
    ]


def test_a_rate_beside_a_total_is_no_part_of_it():
    assert found("t,a,x,1", "t,a,y,2", "t,a,rate,96", "t,a,total,3") == []


def test_start_and_end_down_a_column_with_those_who_moved():
    table = ["t,at start,people,179", "t,registered,people,14", "t,deregistered,people,10", "t,at end,people,190"]
    assert [said for _, said in found(*table)] == [
        "Hill 2023, “t”, column “people”: 179 (at start) + 14 (registered) − 10 (deregistered) = 183, "
        "but “at end” is printed as 190."
    ]
    assert found(*table, "t,moved in,people,7") == []


def test_tables_that_tell_the_same_thing():
    table = ["referrals by source,referrals,police,9", "referrals by source,referrals,total,9"]
    table += ["referrals by route,referrals,screening,9", "referrals by route,referrals,total,9"]
    assert found(*table) == []
    assert found(*table, "referrals by concern,referrals,sexual,8", "referrals by concern,referrals,total,8") == [
        (
            "error",
            "Hill 2023: 8 referrals received are printed in “referrals by concern”, but 9 in “referrals by source”.",
        )
    ]


def test_more_at_level_3_at_the_end_than_in_all_the_year():
    end = ["eligible at year end,level 2,total,2", "eligible at year end,level 3,total,4"]
    end += ["eligible at year end,level 2,category 1,2", "eligible at year end,level 3,category 1,4"]
    year = ["levels 2 and 3 over the year,level 2,total,5", "levels 2 and 3 over the year,level 3,total,3"]
    year += ["levels 2 and 3 over the year,total,total,8", "levels 2 and 3 over the year,total,category 1,5"]
    assert (
        "error",
        "Hill 2023: 4 were at level 3 at the year's end, but only 3 at any time in the year.",
    ) in found(*end, *year)
    assert (
        "note",
        "Hill 2023: category 1: 2 + 4 = 6 were at levels 2 and 3 at the year's end, but only 5 at any time in the year.",
    ) in found(*end, *year)


def test_a_sum_of_very_many_parts_is_one_sentence():
    parts = [f"t,a,c{n},1" for n in range(300)]
    ((_, said),) = found(*parts, "t,a,total,1")
    assert (
        said == "Hill 2023, “t”, row “a”: the sum of the 300 parts that are not 0 = 300, but the total is printed as 1."
    )


def test_reports_of_two_areas_and_years_are_kept_apart():
    both = pl.concat([figures("t,a,x,1"), figures("t,a,total,1").with_columns(reporting_year=pl.lit("2022"))])
    checked = check_figures(both)
    assert checked.checks == 0
    assert checked.unchecked.height == 1


def test_no_figures_no_findings():
    checked = check_figures(pl.DataFrame(schema=FIGURES))
    assert (checked.checks, checked.findings.height, checked.has_errors) == (0, 0, False)


def test_every_declaration_names_cells_of_shipped_tables():
    """A label that is misspelt would never be checked, and nobody would notice."""
    declared = identities()
    known = {name: set(SHIPPED_FIGURES[name]) for name in ("table", "row", "column")}
    cells = [cell for each in declared.same for cell in each.cells]
    cells += [cell for each in declared.bound for cell in (*each.part, *each.whole)]
    for cell in cells:
        assert cell.table in known["table"]
        assert cell.row in {*known["row"], "*"}
        assert cell.column in {*known["column"], "*"}


def test_every_declaration_is_checked_on_some_shipped_report():
    declared = {each.id: each.cells for each in identities().same}
    declared |= {each.id: [*each.part, *each.whole] for each in identities().bound}
    assert len(declared) == len(identities().same) + len(identities().bound)
    held = SHIPPED_FIGURES.group_by("area", "reporting_year").agg(pl.col("table").unique())["table"].to_list()
    for name, cells in declared.items():
        assert any({cell.table for cell in cells} <= set(tables) for tables in held), name
