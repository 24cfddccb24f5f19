"""The worklist holds everything that is owed and not done or not known, each thing once, in the order to work through."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import polars as pl
import pytest
from polars.testing import assert_frame_equal

from checks.findings import FINDINGS
from checks.standard import shipped
from connectors.store import ACCEPTANCES, CHASES, Store
from connectors.store.acceptances import ACCEPTED, ENDED
from dashboard import frames, work, worklist_making
from dashboard.refresh import refresh
from dashboard.settings import load_settings, store_address
from dashboard.worklist import (
    ATTENDANCE,
    COMING_REVIEW,
    KINDS,
    LATE_REVIEW,
    MINUTES,
    MISSING,
    NO_REVIEW_DATE,
    WORKLIST,
)
from kpis.area import Area
from kpis.evidence import EVIDENCE
from kpis.late_reviews import LATE_REVIEWS, late_reviews
from kpis.measures import MEASURES
from kpis.results import NO_AGENCY, RESULTS
from tests.dashboard import naive_worklist
from tests.dashboard.area_folder import AS_AT, refreshed, sample_tables, settings_in
from tests.tables import typed


@pytest.fixture(scope="module")
def store(sample_settings: Path) -> Iterator[Store]:
    with Store.open(store_address(load_settings(sample_settings)), read_only=True) as opened:
        yield opened


def listed(store: Store, standard: str = "jersey") -> pl.DataFrame:
    return store.frame(store.snapshots()[-1].id, frames.worklist(standard))


def evidence(store: Store, standard: str, measure: str) -> list[dict]:
    newest = store.snapshots()[-1].id
    start = f"{standard}/evidence/{measure}/"
    names = [name for name in store.frame_names(newest) if name.startswith(start)]
    return [row for name in names for row in store.frame(newest, name).to_dicts()]


@pytest.mark.parametrize("standard", ["jersey", "hampshire"])
def test_it_agrees_with_a_plain_loop_over_what_is_stored(store: Store, standard: str) -> None:
    newest = store.snapshots()[-1]
    late = store.frame(newest.id, frames.late_reviews(standard)).to_dicts()
    expected = naive_worklist.reviews(late, newest.as_at)
    quarters = store.results(newest.id, standard=standard).filter(
        (pl.col("period_kind") == "quarter")
        & (pl.col("period_end") >= newest.as_at - timedelta(days=newest.as_at.day))
        & (pl.col("period_start") <= newest.as_at)
    )
    assert quarters["period"].n_unique() == 1, "the as-at day is the last of a quarter"
    cases = store.frame(newest.id, frames.table("cases"), ["case_id", "exited_on"])
    gone = set(cases.filter(pl.col("exited_on").is_not_null())["case_id"])
    told = set()
    for name, measure in MEASURES.items():
        owed = evidence(store, standard, name)
        verdicts = quarters.filter(measure=name).to_dicts()
        expected += naive_worklist.records(measure, owed, verdicts, newest.as_at, gone)
        record = ("table", "missing_field", "_file", "_sheet", "_row")
        told |= {tuple(row[each] for each in record) for row in owed if row["met"] is None}
    rows = listed(store, standard)
    of_findings = rows.filter(pl.col("key").str.contains(r"^[a-z_]+\.[a-z_]+(\.no_attendance)?\|"))
    others = rows.join(of_findings, on="key", how="anti")
    columns = ("kind", "case_id", "meeting_id", "due_on", "decisive")
    assert Counter(others.select(columns).rows()) == Counter(expected)
    without_date = {item[1] for item in expected if item[0] == NO_REVIEW_DATE and item[1]}
    findings = store.frame(newest.id, frames.findings(standard)).to_dicts()
    assert Counter(of_findings["kind"]) == Counter(naive_worklist.found(findings, without_date, told))
    assert sum(item[-1] for item in expected) > 0, "something hangs on missing records in the sample area"


def test_what_could_change_a_verdict_comes_first_and_then_the_latest(store: Store) -> None:
    rows = listed(store).select("decisive", pl.col("days_late").fill_null(0)).rows()
    assert rows == sorted(rows, key=lambda row: (not row[0], -row[1]))
    first = listed(store).row(0, named=True)
    assert first["decisive"]
    assert first["why"].endswith("The verdict for 2023-Q4 depends on it.")


def test_every_row_says_what_it_is_why_it_is_there_and_what_to_do(store: Store) -> None:
    rows = listed(store)
    assert rows.schema == pl.Schema(WORKLIST)
    assert rows["key"].n_unique() == rows.height > 50
    assert set(rows["kind"]) <= set(KINDS)
    for name in ("title", "why", "to_do"):
        said = rows[name].to_list()
        assert all(said), name
        assert not any("None" in text or "null" in text for text in said), name


def test_a_thing_keeps_its_key_and_a_new_review_of_the_same_case_is_another(tmp_path: Path) -> None:
    tables = sample_tables()
    settings = settings_in(tmp_path)
    refreshed(settings, tables)
    with Store.open(tmp_path / "mappa-monitor.sqlite", read_only=True) as store:
        before = listed(store)
        late = before.filter(kind=LATE_REVIEW, level="2").row(0, named=True)
        meeting = tables["meetings"].filter(kind="level 2").head(1)
        held = meeting.with_columns(
            meeting_id=pl.lit("M-NEW"), case_id=pl.lit(late["case_id"]), held_on=pl.lit("2023-12-20"),
            minutes_issued_on=pl.lit("2023-12-22"), next_review_on=pl.lit("2024-03-01"), outcome_level=pl.lit("2"),
            disclosure_considered=pl.lit("true"), disclosure_decision=pl.lit("deferred"),
        )  # fmt: skip
        refreshed(settings, {**tables, "meetings": pl.concat([tables["meetings"], held])}, number=2)
        after = listed(store)
    assert late["key"] not in set(after["key"])
    gone = set(before["key"]) - set(after["key"])
    assert gone == {late["key"]}, "nothing else is settled by one review"


def test_the_day_after_the_same_things_have_the_same_keys(tmp_path: Path, sample_settings: Path) -> None:
    path = tmp_path / "area.toml"
    path.write_text(sample_settings.read_text())
    settings = load_settings(path)
    with Store.open(store_address(load_settings(sample_settings)), read_only=True) as store:
        source = store.snapshots()[-1]
        before = store.frame(source.id, frames.worklist("jersey"))
    refresh(settings, AS_AT + timedelta(days=1), datetime(2024, 1, 4, tzinfo=UTC))
    with Store.open(tmp_path / "mappa-monitor.sqlite", read_only=True) as store:
        after = store.frame(store.snapshots()[-1].id, frames.worklist("jersey"))
    assert set(before["key"]) <= set(after["key"])
    moved = before.join(after, on="key", suffix="_after").filter(pl.col("days_late").is_not_null())
    assert (moved["days_late_after"] - moved["days_late"] == 1).all()


# --- Small areas ------------------------------------------------------------------------------------------------------------


def put_together(tables: dict[str, list[dict]], evidence: list[pl.DataFrame] | None = None) -> pl.DataFrame:
    area = Area(typed(tables, AS_AT, "jersey"), shipped("jersey"))
    late = late_reviews(area) if "spells" in tables else pl.DataFrame(schema=LATE_REVIEWS)
    return worklist_making.put_together(area, MEASURES, evidence or [], late, pl.DataFrame(schema=FINDINGS))


def one_case(since: date, **more: object) -> dict[str, list[dict]]:
    case = {"case_id": "C1", "category": "1", "level": "2", "location": "community", "entered_on": "2023-01-04",
            "lead_agency": "police", **more}  # fmt: skip
    spell = {"case_id": "C1", "level": "2", "location": "community", "from_on": since}
    return {"cases": [case], "spells": [spell], "meetings": []}


@pytest.mark.parametrize(
    ("until_due", "kind", "at_most"),
    [
        (28, COMING_REVIEW, 28),
        (0, COMING_REVIEW, 0),
        (-1, LATE_REVIEW, 83),
        (-84, LATE_REVIEW, 84),
        (-85, LATE_REVIEW, 83),
    ],
)
def test_nothing_may_be_put_off_beyond_the_next_due_day_of_its_case(until_due: int, kind: str, at_most: int) -> None:
    rows = put_together(one_case(AS_AT + timedelta(days=until_due - 84)))
    assert rows["kind"].to_list() == [kind]
    assert rows["days_late"].item() == -until_due
    assert rows["snooze_at_most"].item() == AS_AT + timedelta(days=at_most)


def test_a_review_that_is_due_later_is_not_on_the_list() -> None:
    assert put_together(one_case(AS_AT + timedelta(days=29 - 84))).is_empty()


def made_evidence(measure: str, *rows: dict, verdicts: list[dict] | None = None) -> list[pl.DataFrame]:
    """Open rows of made-up evidence; `verdicts` as results have them."""
    told = pl.DataFrame([{"case_id": "C1", "level": "2", **row} for row in rows], schema=EVIDENCE)
    results = pl.DataFrame(verdicts or [], schema=RESULTS)
    area = Area(typed({"cases": []}, AS_AT, "jersey"), shipped("jersey"))
    quarters = worklist_making.board_quarters(area)
    declared = MEASURES[measure]
    seen = worklist_making.looked_at(declared, told, quarters, AS_AT)
    return [worklist_making.open_rows(declared, seen, results, quarters, AS_AT)]


def test_records_that_nothing_tells_apart_are_each_on_the_list() -> None:
    row = {"met": None, "owed_on": date(2023, 11, 8), "unit": "police", "missing_field": "mode", "table": "attendance"}
    rows = put_together(one_case(AS_AT), made_evidence("agency_attendance", row, row))
    assert sorted(rows["key"]) == [
        "unknown agency_attendance|C1||police|2023-11-08",
        "unknown agency_attendance|C1||police|2023-11-08|#2",
    ]
    assert rows["agency"].to_list() == ["police", "police"]


def test_hostile_and_endless_references_make_keys_that_stay_apart_and_stay_short() -> None:
    awkward = ["a|b", "a\\|b", "a\0b", "x" * 5_000, "x" * 5_001]
    given = [{"meeting_id": each, "met": None, "owed_on": date(2023, 11, 8), "unit": "p"} for each in awkward]
    rows = put_together(one_case(AS_AT), made_evidence("agency_attendance", *given))
    assert rows["key"].n_unique() == len(awkward)
    assert max(len(key.encode()) for key in rows["key"]) <= worklist_making.LONGEST_KEY
    assert not any("\0" in key for key in rows["key"])


def test_an_unknown_record_of_an_agency_whose_own_verdict_is_sure_does_not_come_first() -> None:
    result = {"measure": "agency_attendance", "period": "2023-Q4", "period_kind": "quarter", "target": 0.9}
    row = {"met": None, "owed_on": date(2023, 11, 8)}
    verdicts = [
        {**result, "by": "all", "verdict": "depends on missing records"},
        {**result, "by": "unit", "unit": "police", "verdict": "depends on missing records"},
        {**result, "by": "unit", "unit": "housing", "verdict": "met"},
    ]
    rows = put_together(
        one_case(AS_AT),
        made_evidence("agency_attendance", {**row, "unit": "housing"}, {**row, "unit": "police"}, verdicts=verdicts),
    )
    assert rows.select("agency", "decisive").rows() == [("police", True), ("housing", False)]


def test_an_invitation_that_names_no_agency_is_on_the_list_and_first_where_a_verdict_hangs_on_it() -> None:
    result = {"measure": "agency_attendance", "period": "2023-Q4", "period_kind": "quarter", "target": 0.9}
    row = {"unit": NO_AGENCY, "owed_on": date(2023, 11, 8), "missing_field": "agency", "table": "attendance"}
    verdicts = [
        {**result, "by": "all", "verdict": "depends on missing records"},
        {**result, "by": "unit", "unit": NO_AGENCY, "verdict": "depends on missing records"},
        {**result, "by": "unit", "unit": "housing", "verdict": "met"},
    ]
    missed, taken_up = {**row, "met": False, "why": "absent"}, {**row, "met": True, "why": "video"}
    neither = {**row, "met": None, "missing_field": "mode", "why": "how it took part is not recorded"}
    rows = put_together(
        one_case(AS_AT), made_evidence("agency_attendance", missed, taken_up, neither, verdicts=verdicts)
    )
    assert rows.select("kind", "field", "decisive").rows() == [
        (ATTENDANCE, "mode", True), (MISSING, "agency", True), (MISSING, "agency", False),
    ]  # fmt: skip
    assert rows["to_do"].to_list() == [
        "Ask the agency how it took part, and record mode (attendance).",
        *["Find out, and record agency (attendance)."] * 2,
    ]
    assert set(rows["agency"]) == {"police"}, "who is to be asked is the lead agency, as nobody is named"


def test_what_is_missed_is_listed_only_while_it_can_still_be_done() -> None:
    owed = {"meeting_id": "M1", "met": False, "owed_on": date(2023, 11, 22)}
    given = [
        owed,
        {**owed, "meeting_id": "M2", "done_on": date(2023, 12, 1)},
        {**owed, "meeting_id": "M3", "met": True},
    ]
    rows = put_together(one_case(AS_AT), made_evidence("minutes_level_2", *given))
    assert rows.select("kind", "meeting_id", "days_late", "agency").rows() == [(MINUTES, "M1", 39, "police")]
    assert put_together(one_case(AS_AT), made_evidence("screening_outcomes", *given)).is_empty()


def test_an_action_of_a_case_that_has_closed_is_over_and_its_minutes_are_not() -> None:
    owed = {"meeting_id": "M1", "met": False, "owed_on": date(2023, 11, 22), "unit": "housing"}
    closed = one_case(AS_AT, exited_on="2023-12-01")
    assert put_together(closed, made_evidence("actions", owed)).is_empty()
    assert put_together(closed, made_evidence("minutes_level_2", owed)).height == 1
    assert put_together(one_case(AS_AT), made_evidence("actions", owed))["agency"].to_list() == ["housing"]


def test_how_things_stand_is_one_thing_however_many_days_it_is_asked_for() -> None:
    result = {"measure": "home_visits", "period": "2023-Q4", "period_kind": "quarter", "by": "all"}
    verdicts = [{**result, "verdict": "depends on missing records"}]
    row = {"met": None, "missing_field": "risk_of_harm", "table": "cases", "why": "not recorded"}
    long_ago = {**row, "owed_on": date(2019, 3, 31), "case_id": "C1"}
    given = made_evidence("home_visits", {**row, "owed_on": AS_AT}, long_ago, verdicts=verdicts)
    rows = put_together(one_case(AS_AT), given)
    assert rows.select("key", "decisive", "due_on", "days_late").rows() == [
        ("unknown home_visits risk_of_harm|C1|||", True, None, None)
    ], "the key holds no day that moves with each refresh"


def test_a_field_that_decides_whether_anything_was_owed_is_listed_from_the_findings() -> None:
    finding = {
        "severity": "error",
        "dimension": "completeness",
        "message": "It is empty.",
        "fix": "Fill it in.",
        "row": 2,
    }
    findings = pl.DataFrame(
        [
            {**finding, "rule": "meetings.held_on.required", "table": "meetings", "field": "held_on", "key": "M1"},
            {**finding, "rule": "meetings.held_on.type", "table": "meetings", "field": "held_on", "key": None},
            {**finding, "rule": "meetings.format.required", "table": "meetings", "field": "format", "key": "M1"},
            {**finding, "rule": "cases.ethnicity.required", "table": "cases", "field": "ethnicity", "key": "C1"},
            {**finding, "rule": "spells.from_on.required", "table": "spells", "field": "from_on", "key": "C1 / 2"},
        ],
        schema=FINDINGS,
    )  # fmt: skip
    tables = one_case(AS_AT)
    tables["meetings"] = [{"meeting_id": "M1", "case_id": "C1", "held_on": None, "kind": "level 2"}]
    area = Area(typed(tables, AS_AT, "jersey"), shipped("jersey"))
    rows = worklist_making.put_together(
        area, MEASURES, [], pl.DataFrame(schema=LATE_REVIEWS), worklist_making.telling(findings)
    ).sort("table", "meeting_id", nulls_last=True)
    assert rows.select("table", "field", "case_id", "meeting_id", "agency", "kind").rows() == [
        ("meetings", "held_on", "C1", "M1", "police", MISSING),
        ("meetings", "held_on", None, None, None, MISSING),
        ("spells", "from_on", "C1", None, "police", MISSING),
    ]
    assert rows.select("rule", "record").rows() == [
        ("meetings.held_on.required", "M1"),
        ("meetings.held_on.type", None),
        ("spells.from_on.required", "C1 / 2"),
    ]


def test_an_area_without_records_has_an_empty_list() -> None:
    empty = put_together({"cases": []})
    assert_frame_equal(empty, pl.DataFrame(schema=WORKLIST))


# --- How things stand that come from a finding ------------------------------------------------------------------------------


THING = {"kind": MISSING, "title": "x", "decisive": False, "table": "cases", "field": "sex", "rule": "r", "row": 4}
UNTIL = AS_AT + timedelta(days=30)


def stands(
    today: date, *things: dict, action: str = ACCEPTED, chased: list[dict] | None = None, without: tuple[str, ...] = ()
) -> dict[str, str]:
    """Thing → how it stands, where the finding on record C1, and one without a record, is accepted until `UNTIL`."""
    decided = [
        {"rule": "r", "table": "cases", "key": key, "field": "sex", "version": 1, "action": action, "reason": "x",
         "until_on": UNTIL if action == ACCEPTED else None, "author": "A. Nother"}
        for key in ("C1", None)
    ]  # fmt: skip
    rows = pl.DataFrame([{**THING, "key": f"thing {at}", **each} for at, each in enumerate(things)], schema=WORKLIST)
    chases, acceptances = pl.DataFrame(chased or [], schema=CHASES), pl.DataFrame(decided, schema=ACCEPTANCES)
    told = work.standing(rows.drop(without), chases, acceptances, today)
    return dict(told.select("key", "standing").iter_rows())


def test_a_thing_is_accepted_with_its_finding_to_the_last_day_and_to_do_after_it() -> None:
    one = {"record": "C1"}
    assert stands(UNTIL, one) == {"thing 0": work.LIVED_WITH}
    assert stands(UNTIL + timedelta(days=1), one) == {"thing 0": work.TO_DO}
    assert stands(UNTIL, one, action=ENDED) == {"thing 0": work.TO_DO}


def test_only_the_finding_itself_is_meant() -> None:
    others = [
        {"record": "C2"},
        {"record": "C1", "field": "level"},
        {"record": "C1", "rule": "another"},
        {"record": None, "rule": None, "row": 4},  # what evidence asks for
        {"record": None, "row": 9},  # a record that only its row number names
    ]
    assert set(stands(UNTIL, *others).values()) == {work.TO_DO}
    assert set(stands(UNTIL, {"record": "C1"}, without=("rule", "record")).values()) == {work.TO_DO}, (
        "an early snapshot"
    )


def test_an_acceptance_goes_before_a_snooze_and_not_before_done_elsewhere() -> None:
    chased = {"key": "thing 0", "version": 1, "state": "open", "snoozed_until": AS_AT + timedelta(days=3)}
    assert stands(AS_AT, {"record": "C1"}, chased=[chased]) == {"thing 0": work.LIVED_WITH}
    assert stands(AS_AT, {"record": "C1"}, chased=[chased], action=ENDED) == {"thing 0": work.PUT_OFF}
    assert stands(AS_AT, {"record": "C1"}, chased=[{**chased, "state": "done elsewhere"}]) == {
        "thing 0": work.ELSEWHERE
    }
