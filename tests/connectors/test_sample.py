"""The sample area: like the published island, the same on every machine, sound but for what is planted."""

from __future__ import annotations

import csv
import hashlib
import json
import os
import subprocess
import sys
from collections import Counter, defaultdict
from datetime import date, timedelta
from itertools import pairwise
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from checks.errors import UsageError
from checks.locators import FILE, ROW, SHEET
from checks.runner import check
from checks.standard import load_standard
from checks.tables import TABLES
from connectors.sample.columns import COLUMNS
from connectors.sources.sample import SampleArea, make_area, pull, reads, write_area

AS_AT = date(2023, 12, 31)
DEFAULT_AREA = "948a6d6a485bc3c5"
SMALL = "sample:cases=30,years=2,seed=5"
MARGINS = {
    ("1", "1"): 158, ("2", "1"): 11, ("3", "1"): 9, ("pdp", "1"): 5,
    ("1", "2"): 31, ("2", "2"): 18, ("3", "2"): 12, ("pdp", "2"): 2,
}  # fmt: skip

Rows = list[dict[str, str | None]]


def rows(area: SampleArea, table: str) -> Rows:
    return area.tables[table].to_dicts()


def of_year(records: Rows, field: str, year: str) -> Rows:
    return [row for row in records if (row[field] or "").startswith(year)]


def active(area: SampleArea) -> Rows:
    return [row for row in rows(area, "cases") if row["exited_on"] is None]


@pytest.fixture(scope="module")
def sound() -> SampleArea:
    return make_area(flaws=False)


@pytest.fixture(scope="module")
def spoilt() -> SampleArea:
    return make_area()


@pytest.fixture(scope="module", params=[(2023, False), (2023, True), (7, False), (7, True)])
def island(request: pytest.FixtureRequest) -> tuple[SampleArea, bool]:
    seed, flaws = request.param
    return make_area(seed=seed, flaws=flaws), flaws


# What was published for 2023 (and 2022).


def test_the_active_cases_have_the_published_margins(island: tuple[SampleArea, bool]) -> None:
    area, _ = island
    assert Counter((row["category"], row["level"]) for row in active(area)) == MARGINS
    where = Counter(row["location"] for row in active(area) if row["category"] == "1")
    # 190 were published where the table has 189: the shares of the 190.
    assert where == {"custody": 40, "community": 87, "outside area": 62}


def test_the_meetings_of_the_last_years_are_as_many_as_published(island: tuple[SampleArea, bool]) -> None:
    area, flaws = island
    held = of_year(rows(area, "meetings"), "held_on", "2023")
    outcomes = Counter((row["kind"], row["outcome_level"]) for row in held)
    assert len(held) == 126
    assert outcomes["level 2", "1"] == 24
    assert outcomes["level 2", "2"] == 81
    assert outcomes["screening", "2"] == 14
    # Two screenings without a recorded outcome, as published, are among the flaws; in sound records they went to level 1.
    assert (outcomes["screening", "1"], outcomes["screening", None]) == ((5, 2) if flaws else (7, 0))
    assert len(of_year(rows(area, "meetings"), "held_on", "2022")) == 132


def test_the_referrals_of_the_last_year_are_as_published(island: tuple[SampleArea, bool]) -> None:
    area, flaws = island
    received = of_year(rows(area, "referrals"), "received_on", "2023")
    routes = Counter(row["route"] for row in received)
    assert routes == {"screening": 38, "level 2": 17, None if flaws else "not eligible": 2}
    assert Counter(row["concern"] for row in received) == {
        "domestic violence": 8,
        "general violence": 33,
        "sexual": 16,
    }
    assert Counter(row["source_agency"] for row in received) == {
        "police": 40,
        "probation": 14,
        "adult mental health": 2,
        "police and probation": 1,
    }
    assert len(of_year(rows(area, "referrals"), "received_on", "2022")) == 25


def test_entries_registrations_and_removals_are_as_published(island: tuple[SampleArea, bool]) -> None:
    area, _ = island
    assert len(of_year(rows(area, "cases"), "entered_on", "2023")) == 36
    kinds = Counter(row["kind"] for row in of_year(rows(area, "events"), "occurred_on", "2023"))
    assert (kinds["registered"], kinds["deregistered"]) == (14, 10)


def test_as_many_were_managed_at_level_2_or_3_as_published(sound: SampleArea) -> None:
    managed = {
        row["case_id"]
        for row in rows(sound, "spells")
        if row["level"] != "1" and (row["until_on"] or "2023-12-31") >= "2023-01-01"
    }
    assert len(managed) == 87


def test_level_3_was_used_before_the_last_year_and_not_in_it(sound: SampleArea) -> None:
    held = [row["held_on"] or "" for row in rows(sound, "meetings") if row["kind"] == "level 3"]
    assert held
    assert max(held) < "2023"


@pytest.mark.parametrize("cases", [1, 40, 500, 1234])
def test_other_sizes_keep_the_proportions_to_the_person(cases: int) -> None:
    counted = Counter((row["category"], row["level"]) for row in active(make_area(cases=cases, years=2)))
    assert sum(counted.values()) == cases
    assert all(abs(counted[cell] - cases * number / 246) < 1 for cell, number in MARGINS.items())


# A plain reading of the review clock, meeting by meeting, to see that the figures come out like a board's.


def shares_in_time(area: SampleArea, level: str) -> dict[str, float]:
    """Quarter → share of cases with every review owed in it met (domain guide 4.1), by loops and dates."""
    every = timedelta(weeks=6 if level == "3" else 12)
    reviews: dict[str | None, set[date]] = defaultdict(set)
    for row in rows(area, "meetings"):
        if row["kind"] == f"level {level}":
            reviews[row["case_id"]].add(date.fromisoformat(row["held_on"] or ""))
    if level == "1":
        for row in rows(area, "reviews"):
            reviews[row["case_id"]].add(date.fromisoformat(row["reviewed_on"] or ""))
    clocks: list[list] = []
    for row in rows(area, "spells"):
        if row["location"] == "outside area":
            continue
        begun = date.fromisoformat(row["from_on"] or "")
        ended = date.fromisoformat(row["until_on"]) if row["until_on"] else None
        if clocks and clocks[-1][0] == row["case_id"] and clocks[-1][1] == row["level"] and clocks[-1][3] == begun:
            clocks[-1][3] = ended
        else:
            clocks.append([row["case_id"], row["level"], begun, ended])
    met: dict[str, dict[str, bool]] = defaultdict(dict)
    for case, at, begun, ended in clocks:
        if at != level:
            continue
        last = ended or AS_AT
        clock, found = begun, []
        for review in sorted(day for day in reviews[case] if begun < day <= last):
            due = clock + every
            if review <= due:
                found.append((due, True))
            while review > due:
                found.append((due, False))
                due += every
            clock = review
        due = clock + every
        while due < last and clock != ended:
            found.append((due, False))
            due += every
        for due, in_time in found:
            if due <= AS_AT:
                quarter = f"{due.year}-Q{(due.month + 2) // 3}"
                met[quarter][case] = met[quarter].get(case, True) and in_time
    return {quarter: sum(cases.values()) / len(cases) for quarter, cases in met.items()}


def test_reviews_are_in_time_as_often_as_on_a_real_board(sound: SampleArea) -> None:
    level_2 = [share for quarter, share in sorted(shares_in_time(sound, "2").items())]
    assert len(level_2) == 20
    assert all(0.5 <= share <= 0.75 for share in level_2[-4:])
    assert max(level_2) - min(level_2) > 0.2  # a trend with something to see
    level_1 = shares_in_time(sound, "1")
    assert 0.8 < sum(level_1.values()) / len(level_1) < 0.97


def test_attendance_differs_by_agency_and_one_declines(sound: SampleArea) -> None:
    meetings = {row["meeting_id"]: row for row in rows(sound, "meetings") if row["kind"] in {"level 2", "level 3"}}
    owed: Counter[tuple[str | None, str]] = Counter()
    came: Counter[tuple[str | None, str]] = Counter()
    for row in rows(sound, "attendance"):
        if row["meeting_id"] in meetings:
            year = "2023" if (meetings[row["meeting_id"]]["held_on"] or "") >= "2023" else "earlier"
            cell = (row["agency"], year)
            owed[cell] += 1
            came[cell] += row["mode"] == "report" or row["senior_enough"] == "true"
    assert came["police", "2023"] / owed["police", "2023"] > 0.9
    assert (
        came["housing", "2023"] / owed["housing", "2023"]
        < came["housing", "earlier"] / owed["housing", "earlier"] - 0.1
    )
    others = ("adult mental health", "customs", "customer and local services")
    assert all(came[agency, "2023"] / owed[agency, "2023"] < 0.9 for agency in others)


def test_disclosure_is_nearly_always_considered(sound: SampleArea) -> None:
    considered = [
        row["disclosure_considered"] == "true"
        for row in of_year(rows(sound, "meetings"), "held_on", "2023")
        if row["kind"] == "level 2"
    ]
    assert 0.94 < sum(considered) / len(considered) < 1


# The same on any machine.


def test_the_same_arguments_give_the_same_bytes_in_another_process(tmp_path: Path) -> None:
    def digest(folder: Path) -> dict[str, str]:
        return {path.name: hashlib.sha256(path.read_bytes()).hexdigest() for path in sorted(folder.iterdir())}

    write_area(make_area(cases=60, years=3), tmp_path / "here")
    code = (
        "import sys; from connectors.sources.sample import make_area, write_area; "
        "write_area(make_area(cases=60, years=3), sys.argv[1])"
    )
    subprocess.run(
        [sys.executable, "-c", code, str(tmp_path / "there")], check=True, env={**os.environ, "PYTHONHASHSEED": "12345"}
    )
    assert len(digest(tmp_path / "here")) == len(COLUMNS)
    assert digest(tmp_path / "here") == digest(tmp_path / "there")


def test_the_default_area_has_not_changed() -> None:
    """Figures in the documentation rest on it: whoever changes it on purpose changes this digest with it."""
    digest = hashlib.sha256()
    for table, frame in make_area().tables.items():
        digest.update(json.dumps([table, frame.columns, frame.rows()]).encode())
    assert digest.hexdigest()[:16] == DEFAULT_AREA


def test_every_argument_changes_the_area() -> None:
    made = [
        make_area(cases=60, years=2),
        make_area(cases=61, years=2),
        make_area(cases=60, years=3),
        make_area(cases=60, years=2, seed=1),
        make_area(cases=60, years=2, as_at=date(2023, 12, 30)),
        make_area(cases=60, years=2, flaws=False),
    ]
    assert len({area.tables["cases"].write_csv() for area in made}) == len(made)


# Sound records.


def test_columns_are_the_canonical_ones_in_their_order(spoilt: SampleArea) -> None:
    assert {name: model.columns() for name, model in TABLES.items()} == COLUMNS
    assert list(spoilt.tables) == list(TABLES)
    for name, frame in spoilt.tables.items():
        assert tuple(frame.columns) == COLUMNS[name]
        assert set(frame.dtypes) == {pl.String}
        assert frame.height


@pytest.mark.parametrize(
    "address",
    [
        "sample:flaws=false",
        "sample:flaws=false,seed=11,years=2,as_at=2024-02-29",
        "sample:flaws=false,cases=1500,years=9",
        "sample:flaws=false,cases=7,years=1",
    ],
)
def test_sound_records_have_no_finding(address: str) -> None:
    as_at = date(2024, 2, 29) if "2024" in address else AS_AT
    findings = check(pull(address).tables, load_standard("jersey"), as_at).findings
    assert Counter(findings["rule"]) == {}


def test_nothing_that_happened_is_dated_after_the_as_at_date(sound: SampleArea) -> None:
    happened = [
        (name, field.name) for name, model in TABLES.items() for field in model.fields().values() if field.happened
    ]
    assert len(happened) > 10
    for table, field in happened:
        assert max(filter(None, (row[field] for row in rows(sound, table))), default="") <= AS_AT.isoformat()


def test_spells_follow_each_other_without_a_gap_up_to_the_exit(sound: SampleArea) -> None:
    spells: dict[str | None, Rows] = defaultdict(list)
    for row in rows(sound, "spells"):
        spells[row["case_id"]].append(row)
    for case in rows(sound, "cases"):
        found = spells[case["case_id"]]
        assert found[0]["from_on"] == max(case["entered_on"] or "", "2019-01-01")
        assert found[-1]["until_on"] == case["exited_on"]
        assert (found[-1]["level"], found[-1]["location"]) == (case["level"], case["location"])
        for before, after in pairwise(found):
            assert (before["from_on"] or "") < (before["until_on"] or "") == after["from_on"]
            assert (before["level"], before["location"]) != (after["level"], after["location"])


def test_levels_change_at_meetings_that_decided_so(sound: SampleArea) -> None:
    decided = {(row["case_id"], row["held_on"]): row["outcome_level"] for row in rows(sound, "meetings")}
    changes = 0
    for before, after in pairwise(rows(sound, "spells")):
        if before["case_id"] == after["case_id"] and before["level"] != after["level"]:
            changes += 1
            assert decided[after["case_id"], after["from_on"]] == after["level"]
    assert changes > 50


def test_meetings_are_held_on_working_days(sound: SampleArea) -> None:
    weekdays = Counter(date.fromisoformat(row["held_on"] or "").weekday() for row in rows(sound, "meetings"))
    assert set(weekdays) == {0, 1, 2, 3, 4}


def test_no_name_of_a_person_stands_anywhere(sound: SampleArea) -> None:
    pattern = {"case_id": "C", "meeting_id": "M", "referral_id": "R", "action_id": "A", "smb_meeting_id": "S"}
    for table, frame in sound.tables.items():
        for column, letter in pattern.items():
            if column in frame.columns:
                assert frame[column].drop_nulls().str.contains(rf"^{letter}\d{{7}}$").all(), (table, column)


# Flaws.


@pytest.mark.parametrize(
    "address",
    ["sample", "sample:seed=3,as_at=2024-02-29", "sample:cases=25,years=1", "sample:cases=4000,years=3", SMALL],
)
def test_the_checks_find_what_was_planted_there_and_nothing_else(address: str) -> None:
    wanted: dict[str, Any] = {"cases": 246, "years": 5, "seed": 2023, "as_at": AS_AT}
    for part in filter(None, address.partition(":")[2].split(",")):
        name, value = part.split("=")
        wanted[name] = date.fromisoformat(value) if name == "as_at" else int(value)
    area = make_area(**wanted)
    as_at = wanted["as_at"]
    findings = check(pull(address).tables, load_standard("jersey"), as_at).findings
    found = Counter(zip(findings["rule"], findings["table"], findings["row"], strict=True))
    planted = Counter((rule, each.table, each.row) for rule, places in area.planted_rows.items() for each in places)
    assert found == planted
    assert {rule: len(places) for rule, places in area.planted_rows.items()} == area.planted


def test_every_kind_of_flaw_is_planted_in_a_small_number(spoilt: SampleArea) -> None:
    endings = Counter(rule.rpartition(".")[2] for rule in spoilt.planted)
    assert {"required", "code", "type", "unique", "exists", "future"} <= set(endings)
    assert {
        "cases.exited_on.before_entered",
        "cases.category.entry_level_4",
        "cases.level.last_spell",
        "cases.level.last_outcome",
        "cases.case_id.no_meeting",
        "cases.case_id.name_like",
        "cases.case_id.no_spell",
        "cases.lead_agency.name_like",
        "meetings.chair_agency.name_like",
        "reviews.agency.name_like",
        "spells.until_on.before_from",
        "spells.from_on.overlap",
        "spells.from_on.outside_case",
        "meetings.held_on.outside_case",
        "meetings.minutes_issued_on.before_held",
        "meetings.meeting_id.no_attendance",
        "meetings.disclosure_decision.not_considered",
        "meetings.disclosure_reason.required",
        "meetings.next_review_on.too_late",
        "meetings.case_id.exists",
        "attendance.meeting_id.exists",
        "actions.due_on.before_meeting",
    } <= set(spoilt.planted)
    assert all(1 <= number <= 12 for number in spoilt.planted.values())


def test_the_last_quarter_s_disclosure_hangs_on_missing_records(spoilt: SampleArea) -> None:
    held = [
        row
        for row in rows(spoilt, "meetings")
        if row["kind"] == "level 2" and "2023-10-01" <= (row["held_on"] or "") <= "2023-12-31"
    ]
    assert any(row["disclosure_considered"] == "true" and row["disclosure_decision"] is None for row in held)
    assert not any(row["disclosure_considered"] == "false" for row in held)


def test_a_planted_row_stands_at_that_line_of_the_written_file(spoilt: SampleArea, tmp_path: Path) -> None:
    write_area(spoilt, tmp_path)
    lines: dict[str, list[list[str]]] = {}
    for table in COLUMNS:
        text = (tmp_path / f"{table}.csv").read_text(encoding="utf-8")
        lines[table] = list(csv.reader(text.splitlines()))
        assert tuple(lines[table][0]) == COLUMNS[table]
    for rule, places in spoilt.planted_rows.items():
        for place in places:
            line = lines[place.table][place.row - 1]
            assert line[0] == place.key
            table, field, word = rule.split(".")
            if word == "required":
                assert line[COLUMNS[table].index(field)] == ""


def test_flaws_leave_most_rows_as_they_were(sound: SampleArea, spoilt: SampleArea) -> None:
    for table in COLUMNS:
        before, after = set(sound.tables[table].rows()), spoilt.tables[table].rows()
        assert sum(row not in before for row in after) <= sum(spoilt.planted.values())
        assert 0.9 < len(after) / len(before) < 1.1


# As a source.


def test_the_source_reads_its_own_addresses_only() -> None:
    assert reads("sample")
    assert reads("sample:seed=7,cases=500,years=3,as_at=2023-12-31")
    assert not reads("samples")
    assert not reads("/data/sample")
    assert not reads("sqlite:///sample.db")


def test_a_pull_numbers_rows_as_the_written_file_would_and_tells_its_progress() -> None:
    told: list[tuple[str, int, int]] = []
    pulled = pull(SMALL, lambda what, done, of: told.append((what, done, of)))
    area = make_area(cases=30, years=2, seed=5)
    of = len(COLUMNS)
    assert told[0] == ("making the sample area", 0, of)
    assert told[1:-1] == [(table, done, of) for done, table in enumerate(COLUMNS)]
    assert told[-1] == ("read", of, of)
    for table, frame in pulled.tables.items():
        assert frame.select(COLUMNS[table]).equals(area.tables[table])
        assert frame[ROW].to_list() == list(range(2, frame.height + 2))
        assert frame[ROW].dtype == pl.UInt32
        assert frame[FILE].unique().to_list() == ["sample area"]
        assert frame[SHEET].unique().to_list() == [table]
    (file,) = pulled.files
    assert file.rows == sum(frame.height for frame in area.tables.values())
    assert file.tables == tuple(COLUMNS)


def test_the_fingerprint_changes_with_the_content_only() -> None:
    same = [pull(SMALL).files[0].fingerprint, pull("sample:seed=5, years=2, cases=30").files[0].fingerprint]
    assert same[0] == same[1]
    assert pull("sample:cases=30,years=2,seed=6").files[0].fingerprint != same[0]


@pytest.mark.parametrize(
    ("address", "said"),
    [
        ("sample:cases=many", "cases=many"),
        ("sample:size=4", "size=4"),
        ("sample:as_at=31/12/2023", "YYYY-MM-DD"),
        ("sample:flaws=maybe", "flaws=maybe"),
        ("sample:cases=0", "1 to 1,000,000 cases"),
        ("sample:years=99", "1 to 40 years"),
        ("sample:as_at=0099-01-01", "between 1900 and 2999"),
    ],
)
def test_an_address_that_is_not_understood_says_what_is_expected(address: str, said: str) -> None:
    with pytest.raises(UsageError, match=said) as caught:
        pull(address)
    assert caught.value.exit_code == 2
