"""Every measure is found, says what it is, and does what its worked examples say."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import polars as pl
import pytest

import kpis.measures
from checks.runner import check
from checks.standard import Figures, shipped, standard_names
from checks.table_names import COLUMNS
from kpis.area import Area
from kpis.evidence import EVIDENCE, in_text
from kpis.measure import Example, Measure
from kpis.measures import MEASURES
from kpis.periods import parse_period, quarter_of
from kpis.results import HEADLINE, NO_AGENCY, RESULTS, all_evidence, all_results, results
from tests.tables import raw, typed

CONTRACT = {
    "review_level_1",
    "review_level_2",
    "review_level_3",
    "disclosure",
    "agency_attendance",
    "smb_attendance",
    "screening_outcomes",
}
EXAMPLES = [
    pytest.param(measure, example, id=f"{measure.id} {name}")
    for measure in MEASURES.values()
    for name, example in (("passes", measure.passes), ("breaks", measure.breaks))
]


def area_of(example: Example, standard: str | None = None) -> Area:
    name = standard or example.standard
    tables = typed(example.tables, date.fromisoformat(example.as_at), name)
    return Area(tables, shipped(name), standing_agencies=example.standing_agencies)


def test_every_module_of_the_folder_is_a_measure() -> None:
    files = {path.stem for path in Path(kpis.measures.__file__).parent.glob("*.py")} - {"__init__"}
    assert set(MEASURES) == files
    assert set(MEASURES) >= CONTRACT


@pytest.mark.parametrize("measure", MEASURES.values(), ids=MEASURES)
def test_a_measure_says_all_that_a_page_shows(measure: Measure) -> None:
    for text in (measure.title, measure.sentence, measure.numerator, measure.denominator, measure.how_to_read):
        assert len(text.split()) >= 3
    assert measure.sentence.endswith(".")
    assert measure.how_to_read.endswith(".")
    shorts = {source.short for name in standard_names() for source in shipped(name).sources}
    assert all(part.strip().split()[0] in shorts for part in measure.cite.split(";"))
    assert measure.target is None or measure.target in Figures.model_fields
    assert not (measure.each and measure.unit is None)
    assert set(measure.dimensions) <= set(EVIDENCE)


@pytest.mark.parametrize(("measure", "example"), EXAMPLES)
def test_a_worked_example(measure: Measure, example: Example) -> None:
    area = area_of(example)
    told = results(measure, area, [parse_period(example.period, area.standard)])
    headline = told.filter(pl.col("by") == HEADLINE).row(0, named=True)
    found = tuple(headline[name] for name in ("met", "owed", "unknown", "verdict"))
    assert found == (example.met, example.owed, example.unknown, example.verdict), example.story


@pytest.mark.parametrize("measure", MEASURES.values(), ids=MEASURES)
def test_the_two_examples_differ_where_it_matters(measure: Measure) -> None:
    passes, breaks = measure.passes, measure.breaks
    assert passes.met == passes.owed
    assert breaks.met is not None
    assert breaks.owed is not None
    assert breaks.met < breaks.owed


@pytest.mark.parametrize("measure", MEASURES.values(), ids=MEASURES)
def test_evidence_has_its_columns_and_leads_back_to_the_record(measure: Measure) -> None:
    evidence = all_evidence(area_of(measure.passes), [measure])[measure.id]
    assert dict(in_text(evidence).schema) == EVIDENCE
    met = evidence.filter(pl.col("met"))
    assert met.filter(pl.col("table").is_null() | pl.col("_file").is_null() | pl.col("_row").is_null()).is_empty()
    assert evidence["why"].null_count() == 0
    assert met["done_on"].null_count() == 0


@pytest.mark.parametrize("standard", standard_names())
def test_an_area_without_tables_supplies_nothing(standard: str) -> None:
    area = Area(typed({}, date(2023, 12, 31), standard), shipped(standard))
    told = all_results(area, [parse_period("2023-Q4" if standard == "jersey" else "2023-24-Q3", area.standard)])
    assert dict(told.schema) == RESULTS
    asked = {name for name, measure in MEASURES.items() if measure.in_standard(area.standard)}
    assert set(told.filter(pl.col("verdict") == "not supplied")["measure"]) == asked
    assert set(told.filter(pl.col("verdict") == "not in this standard")["measure"]) == set(MEASURES) - asked
    assert told["owed"].null_count() == told.height == len(MEASURES)


def test_an_area_with_every_table_and_no_row_owes_nothing() -> None:
    empty = {name: frame.clear() for name, frame in raw({name: [] for name in COLUMNS}).items()}
    area = Area(check(empty, shipped("jersey"), date(2023, 12, 31)).tables, shipped("jersey"))
    found = all_evidence(area)
    assert {"agency_attendance", "disclosure", "review_level_2"} <= set(found)
    assert all(rows.is_empty() for name, rows in found.items() if name != "smb_held"), "only the Board owes a meeting"
    for rows in found.values():
        assert dict(rows.schema).keys() == EVIDENCE.keys()
    told = all_results(area, [parse_period("2023-Q4", area.standard)], evidence=found)
    headlines = told.filter((pl.col("by") == HEADLINE) & (pl.col("measure") != "smb_held"))
    assert headlines["rate"].null_count() == headlines.height > 10


@pytest.mark.parametrize(
    ("absent", "silent"),
    [
        (
            "meetings",
            {
                "review_level_1",
                "review_level_2",
                "review_level_3",
                "disclosure",
                "agency_attendance",
                "screening_outcomes",
            },
        ),
        ("cases", {"review_level_1", "review_level_2", "review_level_3"}),
        ("attendance", {"agency_attendance"}),
        ("smb_meetings", {"smb_attendance"}),
        ("smb_attendance", {"smb_attendance"}),
        ("spells", set()),
    ],
)
def test_a_missing_table_silences_the_measures_that_need_it_and_no_other(absent: str, silent: set[str]) -> None:
    tables: dict = {}
    for measure in MEASURES.values():
        for name, rows in measure.passes.tables.items():
            tables.setdefault(name, []).extend(rows)
    assert "reviews" in tables
    del tables[absent]
    area = Area(typed(tables, date(2023, 12, 31)), shipped("jersey"))
    told = all_results(area, [parse_period("2023", area.standard)]).filter(pl.col("by") == HEADLINE)
    assert set(told.filter(pl.col("verdict") == "not supplied")["measure"]) & CONTRACT == silent


def test_level_1_without_any_record_of_a_review_is_not_supplied_rather_than_nought() -> None:
    rows = {**MEASURES["review_level_1"].passes.tables, "reviews": []}
    area = Area(typed(rows, date(2023, 12, 31)), shipped("jersey"))
    told = results(MEASURES["review_level_1"], area, [parse_period("2023-Q1", area.standard)])
    assert told.select("verdict", "rate", "target").rows() == [("not supplied", None, None)]


def test_an_unused_sheet_of_spells_does_not_make_everybody_owed_nothing() -> None:
    rows = {**MEASURES["review_level_2"].passes.tables, "spells": []}
    area = Area(typed(rows, date(2023, 12, 31)), shipped("jersey"))
    told = results(MEASURES["review_level_2"], area, [parse_period("2023-Q1", area.standard)])
    assert told.filter(pl.col("by") == HEADLINE).select("met", "owed").rows() == [(1, 1)]


@pytest.mark.parametrize("standard", ["jersey", "hampshire"])
def test_a_pdp_counts_in_jersey_and_not_in_hampshire(standard: str) -> None:
    meeting = {"meeting_id": "M1", "case_id": "C1", "held_on": "2023-11-08", "kind": "level 2", "outcome_level": "2"}
    tables = {
        "cases": [
            {"case_id": "C1", "category": "pdp", "level": "2", "location": "community", "entered_on": "2023-01-04"}
        ],
        "meetings": [meeting, {**meeting, "meeting_id": "M2", "kind": "screening"}],
        "attendance": [{"meeting_id": "M1", "agency": "police", "mode": "report"}],
    }
    area = Area(typed(tables, date(2023, 12, 31), standard), shipped(standard))
    owed = {name: frame.height for name, frame in all_evidence(area).items()}
    expected = {"jersey": (1, 1, 1), "hampshire": (0, 0, 0)}[standard]
    assert (owed["disclosure"], owed["agency_attendance"], owed["screening_outcomes"]) == expected
    assert (owed["review_level_2"] > 0) == (standard == "jersey")


def test_an_invitation_recorded_twice_with_two_answers_is_one_unknown() -> None:
    tables = {
        "meetings": [{"meeting_id": "M1", "case_id": "C1", "held_on": "2023-11-08", "kind": "level 2"}],
        "attendance": [
            {"meeting_id": "M1", "agency": "police", "mode": "report"},
            {"meeting_id": "M1", "agency": "police", "mode": "absent"},
        ],
    }
    area = Area(typed(tables, date(2023, 12, 31)), shipped("jersey"))
    told = results(MEASURES["agency_attendance"], area, [parse_period("2023-Q4", area.standard)])
    said = told.filter(pl.col("by") == HEADLINE).select("met", "owed", "unknown", "worst", "best", "verdict").rows()
    assert said == [(0, 1, 1, 0.0, 1.0, "depends on missing records")]


@pytest.mark.parametrize(
    ("measure", "kind", "one", "other", "unit", "headline"),
    [
        ("screening_outcomes", "screening", {"outcome_level": "2"}, {}, "not recorded", (0, 1, 1)),
        ("screening_outcomes", "screening", {"outcome_level": "2"}, {"outcome_level": "1"}, "not recorded", (0, 1, 1)),
        (
            "screening_outcomes",
            "screening",
            {"outcome_level": "2"},
            {"outcome_level": "2", "chair_agency": "police"},
            "2",
            (1, 1, 0),
        ),
        (
            "disclosure",
            "level 2",
            {"disclosure_considered": "true", "disclosure_decision": "disclose"},
            {"disclosure_considered": "true", "disclosure_decision": "not disclose"},
            "not recorded",
            (0, 1, 1),
        ),
        (
            "disclosure",
            "level 2",
            {"disclosure_considered": "true", "disclosure_decision": "disclose"},
            {"disclosure_considered": "false"},
            "not recorded",
            (0, 1, 1),
        ),
        # That it was not considered they agree in, whatever they say of a decision.
        (
            "disclosure",
            "level 2",
            {"disclosure_considered": "false", "disclosure_decision": "deferred"},
            {"disclosure_considered": "false"},
            "not recorded",
            (0, 1, 0),
        ),
        # That the decision was to disclose they agree in, though not in whether it was considered.
        (
            "disclosure",
            "level 2",
            {"disclosure_considered": "true", "disclosure_decision": "disclose"},
            {"disclosure_considered": "false", "disclosure_decision": "disclose"},
            "disclose",
            (0, 1, 1),
        ),
    ],
)
def test_a_meeting_recorded_twice_with_two_answers_counts_under_neither(
    measure: str, kind: str, one: dict[str, str], other: dict[str, str], unit: str, headline: tuple[int, int, int]
) -> None:
    meeting = {"meeting_id": "M1", "case_id": "C1", "held_on": "2023-11-08", "kind": kind}
    for records in ([one, other], [other, one]):
        tables = {"meetings": [{**meeting, **record} for record in records]}
        area = Area(typed(tables, date(2023, 12, 31)), shipped("jersey"))
        told = results(MEASURES[measure], area, [parse_period("2023-Q4", area.standard)])
        assert told.filter(by=HEADLINE).select("met", "owed", "unknown").rows() == [headline]
        assert told.filter(pl.col("by") == "unit", pl.col("owed") > 0).select("unit", "owed").rows() == [(unit, 1)]


def test_one_agency_that_misses_the_target_decides_whatever_all_together_reach() -> None:
    meetings = [
        {"meeting_id": f"M{number}", "case_id": "C1", "held_on": "2023-11-08", "kind": "level 2"}
        for number in range(20)
    ]
    attendance = [
        {"meeting_id": each["meeting_id"], "agency": agency, "mode": "report"}
        for each in meetings
        for agency in ("police", "health")
    ] + [{"meeting_id": "M0", "agency": "housing", "mode": "apologies"}]
    area = Area(typed({"meetings": meetings, "attendance": attendance}, date(2023, 12, 31)), shipped("jersey"))
    told = results(MEASURES["agency_attendance"], area, [parse_period("2023-Q4", area.standard)])
    assert told.filter(pl.col("by") == HEADLINE).select("met", "owed", "verdict").rows() == [(40, 41, "not met")]
    verdicts = dict(told.filter(pl.col("by") == "unit").select("unit", "verdict").rows())
    assert verdicts == {"police": "met", "health": "met", "housing": "not met"}


def invited(**rows: list[str | None]) -> Area:
    """Twenty meetings, one row per agency (`nobody`: none is named) and meeting, by the mode; None: no row."""
    meetings = [
        {"meeting_id": f"M{number}", "case_id": "C1", "held_on": "2023-11-08", "kind": "level 2"}
        for number in range(20)
    ]
    attendance = [
        {"meeting_id": meeting["meeting_id"], "agency": None if agency == "nobody" else agency, "mode": mode}
        for agency, modes in rows.items()
        for meeting, mode in zip(meetings, modes, strict=False)
        if mode is not None
    ]
    return Area(typed({"meetings": meetings, "attendance": attendance}, date(2023, 12, 31)), shipped("jersey"))


CAME, STAYED_AWAY = "report", "absent"


@pytest.mark.parametrize(
    ("police", "nobody", "verdicts", "headline"),
    [
        # 19 of 20, and the twentieth may be the police's or another's.
        ([CAME] * 19, [None] * 19 + [STAYED_AWAY], ("met", "depends on missing records"), "depends on missing records"),
        ([CAME] * 19, [None] * 19 + [CAME], ("met", "met"), "met"),
        # 17 of 19 is below the target, but 18 of 20 is not.
        ([CAME] * 17 + [STAYED_AWAY] * 2, [None] * 19 + [CAME], ("not met", "met"), "depends on missing records"),
        ([CAME] * 16 + [STAYED_AWAY] * 3, [None] * 19 + [CAME], ("not met", "met"), "not met"),
        ([STAYED_AWAY] * 19, [STAYED_AWAY] * 20, ("not met", "depends on missing records"), "not met"),
        # One that was not taken up may be all that its agency was invited to, whatever share of these rows it is.
        ([CAME] * 20, [CAME] * 19 + [STAYED_AWAY], ("met", "depends on missing records"), "depends on missing records"),
    ],
)
def test_invitations_that_name_nobody_decide_nothing_against_the_target(
    police: list[str | None], nobody: list[str | None], verdicts: tuple[str, str], headline: str
) -> None:
    area = invited(police=police, nobody=nobody)
    told = results(MEASURES["agency_attendance"], area, [parse_period("2023-Q4", area.standard)])
    units = dict(told.filter(pl.col("by") == "unit").select("unit", "verdict").rows())
    assert (units["police"], units[NO_AGENCY]) == verdicts
    assert told.filter(by=HEADLINE)["verdict"].to_list() == [headline]


def test_where_the_members_are_listed_a_row_that_names_nobody_is_not_owed_a_second_time() -> None:
    tables = {
        "smb_meetings": [{"smb_meeting_id": f"S{n}", "held_on": f"2023-{n:02d}-04"} for n in range(1, 13)],
        "smb_attendance": [
            {"smb_meeting_id": f"S{n}", "member": "police" if n < 12 else None, "attended": "member"}
            for n in range(1, 13)
        ],
    }
    area = Area(typed(tables, date(2023, 12, 31)), shipped("jersey"), smb_members=("police",))
    told = results(MEASURES["smb_attendance"], area, [parse_period("2023-Q4", area.standard)])
    assert told.select("unit", "met", "owed", "unknown", "verdict").rows() == [
        (None, 11, 12, 1, "met"),
        ("police", 11, 12, 1, "met"),
    ]


def test_a_listed_member_without_a_row_is_unknown_at_every_meeting() -> None:
    tables = MEASURES["smb_attendance"].passes.tables
    area = Area(typed(tables, date(2023, 12, 31)), shipped("jersey"), smb_members=("police", "housing", "prison"))
    told = results(MEASURES["smb_attendance"], area, [parse_period("2023-Q4", area.standard)])
    units = told.filter(pl.col("by") == "unit").select("unit", "met", "owed", "unknown", "verdict").rows()
    assert ("prison", 0, 1, 1, "depends on missing records") in units
    assert told.filter(pl.col("by") == HEADLINE)["verdict"].to_list() == ["depends on missing records"]


def test_the_board_is_looked_at_over_twelve_months_whatever_the_period() -> None:
    tables = {
        "smb_meetings": [
            {"smb_meeting_id": name, "held_on": day}
            for name, day in (("S1", "2022-12-31"), ("S2", "2023-01-01"), ("S3", "2023-12-31"))
        ],
        "smb_attendance": [
            {"smb_meeting_id": name, "member": "police", "attended": "member"} for name in ("S1", "S2", "S3")
        ],
    }
    area = Area(typed(tables, date(2024, 1, 31)), shipped("jersey"))
    periods = [parse_period(name, area.standard) for name in ("2022-Q4", "2023-Q3", "2023-Q4", "2023")]
    told = results(MEASURES["smb_attendance"], area, periods).filter(pl.col("by") == HEADLINE)
    assert dict(told.select("period", "owed").rows()) == {"2022-Q4": 1, "2023-Q3": 2, "2023-Q4": 2, "2023": 2}


def nothing_but_keys(standard: str) -> Area:
    """An area whose every table is there with a single row that holds no more than what tells it apart."""
    keys = {
        "cases": "case_id",
        "spells": "case_id",
        "meetings": "meeting_id",
        "attendance": "meeting_id",
        "referrals": "referral_id",
        "reviews": "case_id",
        "visits": "case_id",
        "actions": "action_id",
        "smb_meetings": "smb_meeting_id",
        "smb_attendance": "smb_meeting_id",
    }
    return Area(typed({table: [{key: "1"}] for table, key in keys.items()}, date(2023, 12, 31)), shipped(standard))


@pytest.mark.parametrize("standard", ["jersey", "hampshire", "england-wales"])
@pytest.mark.parametrize("measure", MEASURES.values(), ids=MEASURES)
def test_tables_without_rows_or_with_a_row_that_says_nothing_owe_nothing(measure: Measure, standard: str) -> None:
    headers = dict.fromkeys(nothing_but_keys(standard).tables.frames, ())
    for area in (nothing_but_keys(standard), Area(typed(headers, date(2023, 12, 31)), shipped(standard))):
        for evidence in all_evidence(area, [measure]).values():
            in_text(evidence)
        found = all_results(area, [quarter_of(area.standard, area.as_at)], [measure]).filter(by=HEADLINE)
        assert set(found["verdict"]) <= {"nothing due", "not supplied", "not in this standard", "not met", "no target"}
        assert (found["met"].fill_null(0) == 0).all()
