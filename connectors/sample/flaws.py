"""The flaws planted in the sample area: each in a known number, on a row of its own, with one finding to show.

A row is chosen so that nothing else follows from its flaw: a date that is moved leaves every other order standing, a
meeting that loses its case is not the last word on that case's level. Figures that were published (meetings, outcomes
and referrals of the last two years, cases by category and level) stay as they are.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Callable
from datetime import date
from random import Random
from typing import NamedTuple, cast

from connectors.sample import figures
from connectors.sample.columns import COLUMNS
from connectors.sample.days import Days

Columns = dict[str, list[str | None]]
Row = int
Fits = Callable[[Row], bool]

NAMES = ("SURNAME Forename", "Forename SURNAME", "Surname, Forename")
"""Plainly placeholders: what a name looks like, and nobody's."""
LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"


class PlantedRow(NamedTuple):
    """Where a flaw is: `row` as in the written CSV, whose header is row 1; `key` what the row is called by."""

    table: str
    key: str | None
    row: int


class Sheets:
    """The tables while they are being spoilt: rows keep their number until the end."""

    def __init__(self, columns: dict[str, Columns]) -> None:
        self.columns = columns
        self.size = {table: len(next(iter(values.values()))) for table, values in columns.items()}
        self.gone: dict[str, set[Row]] = {table: set() for table in columns}
        self.claimed: dict[str, set[Row]] = {table: set() for table in columns}
        self.marks: dict[str, list[tuple[str, Row]]] = {}

    def get(self, table: str, row: Row, column: str) -> str | None:
        return self.columns[table][column][row]

    def key(self, table: str, row: Row) -> str:
        """The first column of a row, which names what it is about."""
        return self.columns[table][COLUMNS[table][0]][row] or ""

    def change(self, table: str, row: Row, **values: str | None) -> None:
        for column, value in values.items():
            self.columns[table][column][row] = value
        self.claimed[table].add(row)

    def add(self, table: str, **values: str | None) -> Row:
        """A further row at the end of the table; columns not given are missing."""
        for column in COLUMNS[table]:
            self.columns[table][column].append(values.get(column))
        row = len(self.columns[table][COLUMNS[table][0]]) - 1
        self.claimed[table].add(row)
        return row

    def copy(self, table: str, row: Row) -> Row:
        """The row once more, at the end of the table."""
        self.claimed[table].add(row)
        return self.add(table, **{column: self.columns[table][column][row] for column in COLUMNS[table]})

    def drop(self, table: str, rows: list[Row]) -> None:
        self.gone[table].update(rows)

    def mark(self, rule: str, table: str, row: Row) -> None:
        """The rule is to find this row."""
        self.claimed[table].add(row)
        self.marks.setdefault(rule, []).append((table, row))

    def of(self, table: str, column: str, value: str) -> list[Row]:
        """The rows of a value, in a table that was made in the order of that column."""
        values = cast("list[str]", self.columns[table][column])
        high = self.size[table]
        found = range(bisect_left(values, value, hi=high), bisect_right(values, value, hi=high))
        return [row for row in found if row not in self.gone[table]]

    def free(self, table: str, row: Row) -> bool:
        """Whether the row is still there and still sound."""
        return row not in self.claimed[table] and row not in self.gone[table]

    def finish(self) -> tuple[dict[str, Columns], dict[str, list[PlantedRow]]]:
        """The spoilt tables, and where each flaw is in them."""
        for table, gone in self.gone.items():
            if gone:
                for column, values in self.columns[table].items():
                    self.columns[table][column] = [value for row, value in enumerate(values) if row not in gone]
        before = {table: sorted(gone) for table, gone in self.gone.items()}
        planted: dict[str, list[PlantedRow]] = {}
        for rule in sorted(self.marks):
            for table, row in sorted(self.marks[rule]):
                now = row - bisect_left(before[table], row)
                key = self.columns[table][COLUMNS[table][0]][now]
                planted.setdefault(rule, []).append(PlantedRow(table, key, now + 2))
        return self.columns, planted


def plant(sheets: Sheets, cases: int, days: Days, rng: Random) -> None:
    """Spoil the tables, a few rows of each kind: about as many per case in a large area as in a small one.

    A repeated key is two findings, one for each of the rows that share it.
    """
    spoiler = _Spoiler(sheets, cases, days, rng)
    spoiler.whole_cases()
    spoiler.spells()
    spoiler.meetings_out_of_place()
    spoiler.case_fields()
    spoiler.meeting_fields()
    spoiler.attendance_fields()
    spoiler.other_tables()
    spoiler.persons_for_agencies()
    spoiler.cases_without_history()


def _shift(text: str | None, days: int) -> str:
    return date.fromordinal(date.fromisoformat(text or "").toordinal() + days).isoformat()


def _uk(text: str | None) -> str:
    year, month, day = (text or "").split("-")
    return f"{day}/{month}/{year}"


class _Spoiler:
    def __init__(self, sheets: Sheets, cases: int, days: Days, rng: Random) -> None:
        self.sheets = sheets
        self.rng = rng
        self.scale = cases / figures.ACTIVE
        self.times = max(1, int(cases / (10 * figures.ACTIVE) + 0.5))
        years = len(days.ends) - 1
        self.as_at = days.text(days.as_at)
        self.cut = days.text(days.ends[min(2, years - 1)])
        """Nothing after this day is moved, so that the published figures stand."""
        self.year = days.text(days.ends[1])
        self.quarter = days.text(days.as_at - 91)
        self.month = days.text(days.as_at - 31)
        self.cases = sheets.columns["cases"]
        self.meetings = sheets.columns["meetings"]
        self.of_case: dict[str, list[Row]] = {}
        for row, case in enumerate(self.meetings["case_id"]):
            self.of_case.setdefault(case or "", []).append(row)
        self.with_actions = set(sheets.columns["actions"]["meeting_id"])
        self.whole: set[str] = set()  # cases of which a rule looks at several rows: one such flaw each
        self.unknown = 0

    # What is chosen from.

    def pick(self, table: str, number: int, fits: Fits, low: Row = 0) -> list[Row]:
        """Up to so many sound rows that fit, at random, from row `low` on; fewer if there are no more."""
        number *= self.times
        high = self.sheets.size[table]
        found: list[Row] = []
        if low >= high:
            return found
        free = self.sheets.free
        for _ in range(60 * number):
            row = low + int(self.rng.random() * (high - low))
            if row not in found and free(table, row) and fits(row):
                found.append(row)
                if len(found) == number:
                    return found
        start = low + int(self.rng.random() * (high - low))
        for row in [*range(start, high), *range(low, start)]:
            if row not in found and free(table, row) and fits(row):
                found.append(row)
                if len(found) == number:
                    break
        return found

    def pick_case(self, number: int, fits: Fits) -> list[Row]:
        """The same for whole cases, which are then left alone by the other flaws of whole cases."""
        rows = self.pick("cases", number, lambda row: self.case(row) not in self.whole and fits(row))
        self.whole.update(self.case(row) for row in rows)
        return rows

    def case(self, row: Row) -> str:
        return self.cases["case_id"][row] or ""

    def active(self, row: Row) -> bool:
        return self.cases["exited_on"][row] is None

    def gone_by(self, row: Row) -> bool:
        return (self.cases["exited_on"][row] or "9") <= self.cut

    def spells_of(self, row: Row) -> list[Row]:
        return self.sheets.of("spells", "case_id", self.case(row))

    def entered_in_records(self, row: Row) -> bool:
        spells = self.spells_of(row)
        return bool(spells) and self.sheets.get("spells", spells[0], "from_on") == self.cases["entered_on"][row]

    def meetings_of(self, case: str) -> list[Row]:
        return [row for row in self.of_case.get(case, []) if row not in self.sheets.gone["meetings"]]

    def strange(self, letter: str) -> str:
        """A reference that nothing has."""
        self.unknown += 1
        return f"{letter}9{self.unknown:06d}"

    # One kind of flaw after another, those with the fewest rows to choose from first.

    def whole_cases(self) -> None:
        sheets, cases, meetings = self.sheets, self.cases, self.meetings

        def old_meetings_only(row: Row) -> bool:
            held = [meetings["held_on"][m] or "" for m in self.meetings_of(self.case(row))]
            return (
                self.active(row) and cases["level"][row] != "1" and bool(held) and max(held) <= min(self.cut, self.year)
            )

        for row in self.pick_case(2, old_meetings_only):
            for meeting in self.meetings_of(self.case(row)):
                name = sheets.key("meetings", meeting)
                sheets.drop("attendance", sheets.of("attendance", "meeting_id", name))
                sheets.drop("actions", sheets.of("actions", "meeting_id", name))
                sheets.drop("meetings", [meeting])
            sheets.mark("cases.case_id.no_meeting", "cases", row)

        def alone(row: Row) -> bool:
            return self.gone_by(row) and not self.of_case.get(self.case(row))

        named = self.pick_case(2, alone)
        backwards = self.pick_case(2, alone)
        self.clear({self.case(row) for row in named + backwards})
        for place, row in enumerate(named):
            name = NAMES[place % len(NAMES)]
            if place >= len(NAMES):  # no two alike: initials follow
                name += f" {LETTERS[place // 26 % 26]}{LETTERS[place % 26]}"
            sheets.change("cases", row, case_id=name)
            sheets.mark("cases.case_id.name_like", "cases", row)
        for place, row in enumerate(backwards):
            sheets.change("cases", row, exited_on=_shift(cases["entered_on"][row], -4 - 9 * (place % 5)))
            sheets.mark("cases.exited_on.before_entered", "cases", row)

        def entered_too_low(row: Row) -> bool:
            spells = self.spells_of(row)
            low = bool(spells) and sheets.get("spells", spells[0], "level") != "3"
            return cases["category"][row] == "2" and not self.active(row) and self.entered_in_records(row) and low

        for row in self.pick_case(2, entered_too_low):
            sheets.change("cases", row, category="4")
            sheets.mark("cases.category.entry_level_4", "cases", row)

        def never_discussed(row: Row) -> bool:
            quiet = cases["level"][row] == "1" and cases["location"][row] == "outside area"
            return quiet and not self.of_case.get(self.case(row)) and len(self.spells_of(row)) == 1

        for row in self.pick_case(3, never_discussed):
            sheets.change("spells", self.spells_of(row)[0], level="2")
            sheets.mark("cases.level.last_spell", "cases", row)

        def dropped_long_ago(row: Row) -> bool:
            held = self.meetings_of(self.case(row))
            return (
                cases["level"][row] == "1"
                and bool(held)
                and meetings["outcome_level"][held[-1]] == "1"
                and meetings["kind"][held[-1]] == "level 2"
                and (meetings["held_on"][held[-1]] or "") <= self.cut
            )

        for row in self.pick_case(2, dropped_long_ago):
            last = self.meetings_of(self.case(row))[-1]
            held = meetings["held_on"][last]
            sheets.change("meetings", last, outcome_level="2", next_review_on=_shift(held, 70))
            sheets.mark("cases.level.last_outcome", "cases", row)

        for row in self.pick_case(2, self.gone_by):
            sheets.mark("cases.case_id.unique", "cases", row)
            sheets.mark("cases.case_id.unique", "cases", sheets.copy("cases", row))

    def clear(self, names: set[str]) -> None:
        """Take these cases out of every table but their own."""
        for table in ("spells", "referrals", "reviews", "visits", "events"):
            values = self.sheets.columns[table]["case_id"]
            self.sheets.drop(table, [row for row, case in enumerate(values) if case in names])

    def spells(self) -> None:
        sheets = self.sheets
        spells = sheets.columns["spells"]

        def later_row(row: Row) -> list[Row]:
            """The last stretch of a case that has several, where it began well after the one before."""
            found = self.spells_of(row)
            if len(found) < 2 or _shift(spells["from_on"][found[-2]], 30) > (spells["from_on"][found[-1]] or ""):
                return []
            return found

        def several(row: Row) -> bool:
            return bool(later_row(row))

        for row in self.pick_case(2, lambda row: several(row) and not self.active(row)):
            last = self.spells_of(row)[-1]
            sheets.change("spells", last, until_on=_shift(spells["from_on"][last], -3))
            sheets.mark("spells.until_on.before_from", "spells", last)
        for row in self.pick_case(3, several):
            last = self.spells_of(row)[-1]
            sheets.change("spells", last, from_on=_shift(spells["from_on"][last], -9))
            sheets.mark("spells.from_on.overlap", "spells", last)
        for row in self.pick_case(2, lambda row: self.gone_by(row) and bool(self.spells_of(row))):
            last = self.spells_of(row)[-1]
            sheets.change("spells", last, until_on=_shift(spells["until_on"][last], 6))
            sheets.mark("spells.from_on.outside_case", "spells", last)

    def meetings_out_of_place(self) -> None:
        sheets, meetings, of_case = self.sheets, self.meetings, self.of_case
        row_of = {case: row for row, case in enumerate(self.cases["case_id"][: sheets.size["cases"]])}

        def old_review(row: Row) -> bool:
            """A review before the cut, neither first nor last of its case, that kept it at level 2; no actions set."""
            case = meetings["case_id"][row] or ""
            return (
                meetings["kind"][row] == "level 2"
                and meetings["purpose"][row] == "review"
                and meetings["outcome_level"][row] == "2"
                and (meetings["held_on"][row] or "") <= self.cut
                and meetings["meeting_id"][row] not in self.with_actions
                and case not in self.whole
                and case in row_of
                and len(of_case[case]) > 2
                and row not in (of_case[case][0], of_case[case][-1])
            )

        def take(number: int, fits: Fits) -> list[Row]:
            out: list[Row] = []
            for row in self.pick("meetings", 4 * number, fits):
                case = meetings["case_id"][row] or ""
                if case not in self.whole and len(out) < number * self.times:
                    self.whole.add(case)
                    out.append(row)
            return out

        def of_active_at_2(row: Row) -> bool:
            case = row_of[meetings["case_id"][row]]
            return self.active(case) and self.cases["level"][case] == "2"

        for row in take(2, lambda row: old_review(row) and of_active_at_2(row)):
            held = _shift(self.as_at, 12)
            sheets.change("meetings", row, held_on=held, minutes_issued_on=None, next_review_on=_shift(held, 70))
            sheets.mark("meetings.held_on.future", "meetings", row)
        for row in take(2, lambda row: old_review(row) and self.entered_in_records(row_of[meetings["case_id"][row]])):
            held = _shift(self.cases["entered_on"][row_of[meetings["case_id"][row]]], -10)
            sheets.change(
                "meetings", row, held_on=held, minutes_issued_on=_shift(held, 6), next_review_on=_shift(held, 70)
            )
            sheets.mark("meetings.held_on.outside_case", "meetings", row)
        for row in take(2, old_review):
            sheets.change("meetings", row, case_id=self.strange("C"))
            sheets.mark("meetings.case_id.exists", "meetings", row)
        for row in take(2, old_review):
            sheets.change("meetings", row, kind="lvl 2")
            sheets.mark("meetings.kind.code", "meetings", row)

    def spoil(self, rule: str, number: int, fits: Fits, value: Callable[[Row], str | None], low: Row = 0) -> None:
        """Give `value(row)` to the field that the rule is named after, in so many rows that fit."""
        table, field, _ = rule.split(".")
        for row in self.pick(table, number, fits, low):
            self.sheets.change(table, row, **{field: value(row)})
            self.sheets.mark(rule, table, row)

    def blank(self, table: str, field: str, number: int, fits: Fits, low: Row = 0) -> None:
        """Take the value out of so many rows that have one and fit."""
        values = self.sheets.columns[table][field]
        self.spoil(
            f"{table}.{field}.required", number, lambda row: values[row] is not None and fits(row), lambda _: None, low
        )

    def case_fields(self) -> None:
        cases = self.cases
        active, blank = self.active, self.blank

        def untouched(fits: Fits) -> Fits:
            return lambda row: self.case(row) not in self.whole and fits(row)

        def managed(row: Row) -> bool:
            return active(row) and cases["level"][row] != "1"

        def category_1(row: Row) -> bool:
            return active(row) and cases["category"][row] == "1"

        blank("cases", "risk_of_harm", 5, untouched(lambda row: category_1(row) or managed(row)))
        blank("cases", "risk_plan_on", 6, untouched(active))
        blank("cases", "victim_plan", 3, untouched(managed))
        blank("cases", "contingency_plan", 4, untouched(managed))
        blank("cases", "release_on", 3, untouched(lambda row: active(row) and cases["location"][row] == "custody"))
        blank("cases", "notification_from", 3, untouched(category_1))
        blank("cases", "identified_on", 3, untouched(active))
        blank("cases", "visor_recorded", 4, untouched(active))
        blank("cases", "ethnicity", 8, untouched(active))
        blank("cases", "lead_agency", 2, untouched(active))
        blank("cases", "exit_reason", 2, untouched(lambda row: not active(row)))
        self.spoil("cases.location.code", 2, untouched(self.gone_by), lambda _: "at home")
        self.spoil("cases.risk_of_harm.code", 2, untouched(category_1), lambda _: "v. high")
        sentenced, notified = cases["sentenced_on"], cases["notification_from"]
        self.spoil(
            "cases.identified_on.before_sentenced",
            2,
            untouched(lambda row: sentenced[row] is not None),
            lambda row: _shift(sentenced[row], -8),
        )
        self.spoil(
            "cases.notification_until.before_from",
            2,
            untouched(lambda row: active(row) and notified[row] is not None),
            lambda row: _shift(notified[row], -365),
        )
        self.spoil("cases.birth_year.type", 2, untouched(active), lambda _: "not known")

    def meeting_fields(self) -> None:
        sheets, meetings = self.sheets, self.meetings
        held = meetings["held_on"]
        recent = self._first_meeting_after(self.quarter)
        this_year = self._first_meeting_after(self.year)

        def multi(row: Row) -> bool:
            return meetings["kind"][row] in {"level 2", "level 3"}

        def decided(*decisions: str) -> Fits:
            return lambda row: multi(row) and meetings["disclosure_decision"][row] in decisions

        # Two screenings of the last year, as published; the case's level rests on nothing else.
        def only_screening(row: Row) -> bool:
            alone = len(self.of_case[meetings["case_id"][row] or ""]) == 1
            return meetings["kind"][row] == "screening" and meetings["outcome_level"][row] == "1" and alone

        number = max(1, int(figures.NOT_RECORDED_OUTCOMES * self.scale + 0.5))
        times, self.times = self.times, 1
        self.blank("meetings", "outcome_level", number, only_screening, low=this_year)
        self.times = times

        # Two in the last quarter, whose verdict then hangs on them.
        self.blank("meetings", "disclosure_decision", 2, decided("disclose", "deferred"), low=recent)
        self.blank("meetings", "disclosure_decision", 2, decided("disclose", "deferred"))
        for row in self.pick("meetings", 3, decided("disclose", "deferred")):
            sheets.change("meetings", row, disclosure_considered=None, disclosure_decision=None)
            # Two values missing, two findings.
            sheets.mark("meetings.disclosure_considered.required", "meetings", row)
            sheets.mark("meetings.disclosure_decision.required", "meetings", row)
        self.blank("meetings", "disclosure_reason", 3, decided("not disclose"))
        considered = meetings["disclosure_considered"]
        for row in self.pick("meetings", 3, lambda row: multi(row) and considered[row] == "false"):
            sheets.change("meetings", row, disclosure_decision="disclose")
            sheets.mark("meetings.disclosure_decision.not_considered", "meetings", row)
        self.spoil("meetings.disclosure_decision.code", 2, decided("disclose", "deferred"), lambda _: "yes")
        self.blank("meetings", "next_review_on", 6, lambda row: meetings["outcome_level"][row] in {"2", "3"})
        self.spoil(
            "meetings.next_review_on.too_late",
            4,
            lambda row: multi(row) and meetings["outcome_level"][row] in {"2", "3"},
            lambda row: _shift(held[row], 84 + 7 + int(self.rng.random() * 40)),
        )
        self.spoil(
            "meetings.next_review_on.before_held",
            2,
            lambda row: multi(row) and meetings["outcome_level"][row] in {"2", "3"},
            lambda row: _shift(held[row], -28),
        )
        self.blank("meetings", "victim_considered", 3, multi)
        self.blank("meetings", "diversity_considered", 2, multi)

        def has_minutes(row: Row) -> bool:
            return meetings["minutes_issued_on"][row] is not None

        minutes = meetings["minutes_issued_on"]
        self.spoil("meetings.minutes_issued_on.type", 3, has_minutes, lambda row: _uk(minutes[row]))
        self.spoil("meetings.minutes_issued_on.before_held", 3, has_minutes, lambda row: _shift(held[row], -3))
        self.spoil("meetings.minutes_issued_on.future", 2, multi, lambda _: _shift(self.as_at, 9), low=recent)
        for row in self.pick("meetings", 3, multi):
            sheets.drop("attendance", sheets.of("attendance", "meeting_id", sheets.key("meetings", row)))
            sheets.mark("meetings.meeting_id.no_attendance", "meetings", row)

    def _first_meeting_after(self, day: str) -> Row:
        """The first meeting held after the day: they were made in order of date."""
        low, high = 0, self.sheets.size["meetings"]
        moved = self.sheets.claimed["meetings"]
        while low < high:
            middle = (low + high) // 2
            probe = middle
            while probe in moved and probe + 1 < high:  # a moved meeting's date says nothing about its neighbours
                probe += 1
            if probe not in moved and (self.meetings["held_on"][probe] or "") <= day:
                low = probe + 1
            else:
                high = middle
        return low

    def attendance_fields(self) -> None:
        sheets, meetings = self.sheets, self.meetings
        rows = sheets.columns["attendance"]
        meeting_of = rows["meeting_id"]
        first = f"M{self._first_meeting_after(self.year) + 1:07d}"
        low = bisect_left(cast("list[str]", meeting_of), first, hi=sheets.size["attendance"])

        def sound(row: Row) -> bool:
            """Of a meeting at level 2 or 3 that has no flaw of its own."""
            meeting = int((meeting_of[row] or "")[1:]) - 1
            return sheets.free("meetings", meeting) and meetings["kind"][meeting] in {"level 2", "level 3"}

        def present(row: Row) -> bool:
            return sound(row) and rows["senior_enough"][row] is not None

        for number, start in ((6, low), (6, 0)):
            self.blank("attendance", "mode", number, sound, low=start)
        for number, start in ((5, low), (5, 0)):
            self.blank("attendance", "senior_enough", number, present, low=start)
        self.spoil("attendance.mode.code", 3, present, lambda _: "teams")
        self.spoil("attendance.senior_enough.type", 2, present, lambda _: "partly")
        for row in self.pick("attendance", 3, sound):
            sheets.mark("attendance.meeting_id.unique", "attendance", row)
            sheets.mark("attendance.meeting_id.unique", "attendance", sheets.copy("attendance", row))
        for _ in range(3 * self.times):
            row = sheets.add(
                "attendance", meeting_id=self.strange("M"), agency="police", mode="in person", senior_enough="true"
            )
            sheets.mark("attendance.meeting_id.exists", "attendance", row)

    def other_tables(self) -> None:
        sheets, as_at = self.sheets, self.as_at
        referrals, actions = sheets.columns["referrals"], sheets.columns["actions"]
        received = referrals["received_on"]

        # Two referrals of the last year, as published.
        times, self.times = self.times, 1
        number = max(1, int(figures.NOT_ROUTED * self.scale + 0.5))
        self.blank(
            "referrals",
            "route",
            number,
            lambda row: referrals["route"][row] == "not eligible" and (received[row] or "") > self.year,
        )
        self.times = times
        self.blank("referrals", "case_id", 2, lambda row: referrals["route"][row] == "screening")

        held_on = self.meetings["held_on"]

        def of_sound_meeting(row: Row) -> bool:
            return sheets.free("meetings", int((actions["meeting_id"][row] or "")[1:]) - 1)

        self.spoil(
            "actions.due_on.before_meeting",
            3,
            of_sound_meeting,
            lambda row: _shift(held_on[int((actions["meeting_id"][row] or "")[1:]) - 1], -5),
        )
        self.blank("actions", "due_on", 2, of_sound_meeting)
        self.blank("actions", "agency", 2, of_sound_meeting)
        self.spoil("actions.meeting_id.exists", 2, of_sound_meeting, lambda _: self.strange("M"))
        self.spoil("actions.completed_on.future", 2, of_sound_meeting, lambda _: _shift(as_at, 6))

        reviews = sheets.columns["reviews"]
        self.blank("reviews", "agency", 2, lambda _: True)
        self.spoil("reviews.reviewed_on.type", 2, lambda _: True, lambda row: _uk(reviews["reviewed_on"][row]))
        quiet = self.pick("cases", 5, lambda row: self.active(row) and self.cases["level"][row] == "1")
        for row in quiet[: 3 * self.times]:
            new = sheets.add("reviews", case_id=self.case(row), reviewed_on=_shift(as_at, 5), agency="police")
            sheets.mark("reviews.reviewed_on.future", "reviews", new)
        for row in quiet[3 * self.times :]:
            new = sheets.add("visits", case_id=self.case(row), visited_on=_shift(as_at, 8), agency="police")
            sheets.mark("visits.visited_on.future", "visits", new)
        for _ in range(2 * self.times):
            new = sheets.add("reviews", case_id=self.strange("C"), reviewed_on=self.month, agency="police")
            sheets.mark("reviews.case_id.exists", "reviews", new)
        self.blank("smb_attendance", "attended", 1, lambda _: True)
        for _ in range(2):
            new = sheets.add("smb_attendance", smb_meeting_id=self.strange("S"), member="police", attended="member")
            sheets.mark("smb_attendance.smb_meeting_id.exists", "smb_attendance", new)
        occurred = sheets.columns["events"]["occurred_on"]
        self.spoil("events.kind.code", 1, lambda row: (occurred[row] or "") <= self.cut, lambda _: "warned")

    def persons_for_agencies(self) -> None:
        """Somebody's name where the agency belongs, on rows of old: no agency of the last years is lost by it.

        Once per column, however large the area: each is an agency of its own wherever it is counted by agency.
        """
        cases, meetings, reviews = self.cases, self.meetings, self.sheets.columns["reviews"]

        def old_case(row: Row) -> bool:
            return self.gone_by(row) and cases["lead_agency"][row] is not None and self.case(row) not in self.whole

        for table, field, fits in (
            ("cases", "lead_agency", old_case),
            ("meetings", "chair_agency", lambda row: (meetings["held_on"][row] or "9") <= self.cut),
            ("reviews", "agency", lambda row: (reviews["reviewed_on"][row] or "9") <= self.cut),
        ):
            for row in self.pick(table, 1, fits)[:1]:
                # Agencies are called all sorts of things: the title tells that this is none.
                self.sheets.change(table, row, **{field: f"Dr {NAMES[0]}"})
                self.sheets.mark(f"{table}.{field}.name_like", table, row)

    def cases_without_history(self) -> None:
        """Active cases of which no stretch is recorded: nobody would know that a review is owed."""
        sheets, cases = self.sheets, self.cases

        def quiet(row: Row) -> bool:
            """Managed elsewhere and never discussed, so that no figure of the area hangs on its history."""
            return (
                self.active(row)
                and cases["level"][row] == "1"
                and cases["location"][row] == "outside area"
                and not self.of_case.get(self.case(row))
                and all(sheets.free("spells", spell) for spell in self.spells_of(row))
            )

        for row in self.pick_case(2, quiet):
            sheets.drop("spells", self.spells_of(row))
            sheets.mark("cases.case_id.no_spell", "cases", row)
