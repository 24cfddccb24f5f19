"""Synthetic areas built to have the margins of published annual reports: nobody in them exists.

`england_and_wales` makes an area of any report of England and Wales, `jersey_2023` that of Jersey for 2023. Both are built from
the published cells alone, with what must not be counted planted beside them.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from datetime import date, timedelta
from itertools import count, cycle, islice
from typing import Any

import polars as pl

from kpis.published import SHIPPED

Row = dict[str, Any]
Tables = dict[str, list[Row]]
Margins = Mapping[tuple[str, str, str], int]

AT_2_AND_3 = ("level 2", "level 3")


def printed(area: str, year: str) -> dict[tuple[str, str, str], int]:
    """The figures of one published report: table, row, column → value."""
    rows = pl.read_csv(SHIPPED).filter(area=area, reporting_year=year)
    return {(table, row, column): n for table, row, column, n in rows.select("table", "row", "column", "value").rows()}


class _Maker:
    """Makes cases one by one, each with its spells."""

    def __init__(self) -> None:
        self.number = count(1)
        self.tables: Tables = {"cases": [], "spells": [], "events": []}

    def case(
        self,
        category: str,
        spells: Iterable[tuple[str, date, date | None]],
        *,
        location: str = "community",
        exited_on: date | None = None,
        **more: object,
    ) -> Row:
        """A case with spells (level, from, until), in one place."""
        history = list(spells)
        case_id = f"C{next(self.number):05}"
        first = more.pop("entered_on", history[0][1])
        row: Row = {
            "case_id": case_id,
            "category": category.removeprefix("category "),
            "level": history[-1][0][-1],
            "location": location,
            "entered_on": first,
            "exited_on": exited_on,
            "exit_reason": "period ended" if exited_on else None,
            "lead_agency": "police",
            "birth_year": 1980,
            "sex": "male",
            "visor_recorded": True,
            **more,
        }
        self.tables["cases"].append(row)
        self.tables["spells"] += [
            {"case_id": case_id, "level": level[-1], "location": location, "from_on": start, "until_on": until}
            for level, start, until in history
        ]
        return row

    def event(self, case: Row, kind: str, on: date) -> None:
        self.tables["events"].append({"case_id": case["case_id"], "kind": kind, "occurred_on": on})


def cells_of(margins: Margins, table: str) -> Iterator[tuple[str, str, int]]:
    """Row, column and figure of the cells of a table that are no totals."""
    for (name, row, column), n in margins.items():
        if name == table and "total" not in (row, column):
            yield row, column, n


# England and Wales


def england_and_wales(margins: Margins, area: str, starts: date, snapshot: date) -> Tables:
    """An area with the margins of a report on the year that starts on a day; its table of eligible people is of `snapshot`.

    The population is chosen so that the printed rate follows: registered offenders × 100,000 / rate, to the nearest person.
    """
    ends = starts.replace(year=starts.year + 1) - timedelta(days=1)
    made = _Maker()
    before = starts - timedelta(days=700)
    eligible = {(level, category): n for level, category, n in cells_of(margins, "eligible at year end")}
    managed = {(level, category): n for level, category, n in cells_of(margins, "levels 2 and 3 over the year")}
    at_level: dict[tuple[str, str], list[Row]] = {}
    for (level, category), n in eligible.items():
        if level not in AT_2_AND_3:
            for _ in range(n):
                at_level.setdefault((level, category), []).append(made.case(category, [(level, before, None)]))
            continue
        # Of those at level 2 or 3 on the day of the snapshot so many are in the year's table too; the day after, the others
        # are at that level no longer. On the last day of the year itself there can be no others.
        lasting = min(n, managed[level, category])
        for _ in range(lasting):
            case = made.case(category, [(level, before, None)])
            at_level.setdefault((level, category), []).append(case)
        for _ in range(n - lasting):
            gone = snapshot + timedelta(days=1)
            made.case(category, [(level, before, gone)], exited_on=gone)
        managed[level, category] -= lasting
    for (level, category), n in managed.items():
        # The year's others: managed for some months of it, some in custody, and gone before it ended.
        first, last = starts + timedelta(days=30), starts + timedelta(days=200)
        for _, place in zip(range(n), cycle(("community", "community", "custody")), strict=False):
            case = made.case(category, [(level, first, last)], location=place, exited_on=last)
            at_level.setdefault((level, category), []).append(case)
    _events(made, margins, at_level, starts, ends)
    _must_not_count(made, at_level, starts, before)
    registered = margins["eligible at year end", "total", "category 1"]
    aged_10_and_over = round(registered * 100_000 / margins["registered sex offenders per 100,000", "rate", "rate"])
    made.tables["population"] = [
        {"area": area.title(), "year": starts.year, "aged_10_and_over": aged_10_and_over},
        {"area": area.title(), "year": starts.year + 1, "aged_10_and_over": aged_10_and_over * 2},
        {"area": "elsewhere", "year": starts.year, "aged_10_and_over": aged_10_and_over * 3},
    ]
    return made.tables


def _events(
    made: _Maker, margins: Margins, at_level: Mapping[tuple[str, str], list[Row]], starts: date, ends: date
) -> None:
    during = starts + timedelta(days=100)
    for table, kind in (
        ("returned to custody: breach of licence", "recalled: breach of licence"),
        ("returned to custody: breach of order", "imprisoned: breach of order"),
    ):
        for level, category, n in cells_of(margins, table):
            for case in islice(at_level.get((level, category), []), n):
                made.event(case, kind, during)
                made.event(case, kind, during + timedelta(days=40))  # twice in the year: one person
    ones = at_level["level 1", "category 1"]
    for row, column, n in cells_of(margins, "restrictive orders"):
        for case in islice(cycle(ones), n):
            made.event(case, f"order {row}: {column}", ends)
    for case in ones[
        : margins.get(("breach of notification", "registered sex offenders", "cautioned or convicted"), 0)
    ]:
        made.event(case, "breach of notification: cautioned or convicted", starts)
    for case in ones[: margins.get(("breach of sexual risk order", "became subject to notification", "total"), 0)]:
        made.event(case, "subject to notification after breach of a sexual risk order", during)


def _must_not_count(made: _Maker, at_level: Mapping[tuple[str, str], list[Row]], starts: date, before: date) -> None:
    """People and events that stand in no table: elsewhere than in the community, of another year, level or category."""
    for place in ("custody", "hospital", "outside area"):
        for category in ("category 1", "category 2"):
            made.case(category, [("level 1", before, None)], location=place)
    made.case("pdp", [("level 2", before, None)])
    made.case("category 2", [("level 3", before - timedelta(days=100), before)], exited_on=before)
    at_2 = at_level["level 2", "category 1"][0]
    for kind in ("recalled: breach of licence", "imprisoned: breach of order", "order imposed: prevention"):
        made.event(at_2, kind, starts - timedelta(days=1))
    made.event(at_level["level 1", "category 1"][0], "recalled: breach of licence", starts)
    made.event(at_level["level 2", "category 2"][0], "imprisoned: breach of order", starts + timedelta(days=100))
    made.event(at_level["level 1", "category 2"][0], "order imposed: prevention", starts)


# Jersey, 2023

JERSEY_AS_AT = date(2024, 3, 31)
"""The report was written in March 2024, when people whose orders are of 2023 had entered too."""

_LONG_AGO = date(2015, 3, 2)
_START, _END = date(2023, 1, 1), date(2023, 12, 31)


def jersey_2023() -> Tables:
    """An area with the margins of Jersey's report for 2023, and those of 2022 that it prints beside them."""
    margins = printed("jersey", "2023")
    made = _Maker()
    groups = _jersey_people(made, margins)
    _jersey_registrations(made, groups)
    made.tables["meetings"] = _jersey_meetings(groups)
    made.tables["referrals"] = [
        *_referrals(margins, [case["case_id"] for case in made.tables["cases"]], 2023, "R"),
        *({"referral_id": f"P{n}", "received_on": date(2022, 5, 4), "source_agency": "police"} for n in range(25)),
    ]
    return made.tables


def _jersey_people(made: _Maker, margins: Margins) -> dict[str, list[Row]]:
    """Everybody under management at the end of 2023, the four who left in it, and three who entered after it.

    36 entered in 2023: 14 of category 1, 7 of category 2, 15 of category 3 and PDPs; 214 + 36 − 4 = 246. 23 entered in 2022.
    Of the 87 managed at level 2 in the year 63 were so at its end and 24 had dropped to level 1.
    """
    entering = {"category 1": 14, "category 2": 7, "category 3": 12, "pdp": 3, "category 4": 0}
    before = dict.fromkeys(entering, 0)
    groups: dict[str, list[Row]] = {"all": [], "level 2": [], "dropped": [], "entered": []}
    places = cycle(["community", "outside area", "custody"])
    earlier = cycle([date(2022, 4, 6)] + [_LONG_AGO] * 8)
    in_2022 = 0
    for category, to_enter in entering.items():
        at_2 = margins["eligible at year end", "level 2", category]
        everybody = ["level 2"] * at_2 + ["level 1"] * margins["eligible at year end", "level 1", category]
        for place, level in enumerate(everybody):
            new = place >= len(everybody) - to_enter if level == "level 1" and category != "category 3" else False
            new = new or (category == "category 3" and place < 12)
            day = date(2023, 2, 6) if new else next(earlier)
            if day.year == 2022:
                in_2022 += 1
                day = day if in_2022 <= 23 else _LONG_AGO
            before[category] += not new
            dropped = level == "level 1" and not new and len(groups["dropped"]) < 24
            since = date(2022, 6, 1) if level == "level 2" and not new and place % 2 else date(2023, 3, 1)
            if dropped:
                spells = [("level 1", day, date(2022, 5, 2)), ("level 2", date(2022, 5, 2), date(2023, 6, 7))]
                spells.append(("level 1", date(2023, 6, 7), None))
            elif level == "level 2":
                spells = [("level 1", day, since), ("level 2", since, None)]
            else:
                spells = [("level 1", day, None)]
            case = made.case(category, spells, location=next(places))
            groups["all"].append(case)
            for group, belongs in (("level 2", level == "level 2"), ("dropped", dropped), ("entered", new)):
                if belongs:
                    groups[group].append(case)
    assert in_2022 >= 23
    left = [("level 1", _LONG_AGO, date(2023, 9, 4))]
    groups["left"] = [made.case("category 1", left, exited_on=date(2023, 9, 4)) for _ in range(4)]
    groups["later"] = [made.case("category 1", [("level 1", date(2024, 1, 17), None)]) for _ in range(3)]
    groups["managed in 2022"] = _managed_in_2022(made, groups)
    return groups


def _managed_in_2022(made: _Maker, groups: Mapping[str, list[Row]]) -> list[Row]:
    """So many more of level 1 were at level 2 for a while in 2022 that there were 72."""
    spells = made.tables["spells"]
    known = {row["case_id"] for row in spells if row["level"] == "2" and row["from_on"] < _START}
    ones = [case for case in groups["all"] if case["level"] == "1" and case["entered_on"] < date(2022, 3, 1)]
    others = [case for case in ones if case["case_id"] not in known][: 72 - len(known)]
    for case in others:
        (row,) = [each for each in spells if each["case_id"] == case["case_id"]]
        row["until_on"] = date(2022, 2, 1)
        about = {"case_id": case["case_id"], "location": case["location"]}
        spells.append({**about, "level": "2", "from_on": date(2022, 2, 1), "until_on": date(2022, 10, 5)})
        spells.append({**about, "level": "1", "from_on": date(2022, 10, 5), "until_on": None})
    return others


def _jersey_registrations(made: _Maker, groups: Mapping[str, list[Row]]) -> None:
    """190 registered at the end, 179 at the start, 14 registered and 10 removed in the year; the other 7 moved to the island.

    Six removed in October are still cases of category 1, for three months; four more left. Four of category 2 and three who
    entered in 2024 are registered too: so 190 with 189 cases of category 1.
    """
    ones = [case for case in groups["all"] if case["category"] == "1"]
    new = [case for case in ones if case["entered_on"].year == 2023]
    old = [case for case in ones if case["entered_on"].year < 2023]
    twos = [case for case in groups["all"] if case["category"] == "2" and case["entered_on"].year == 2023][:4]
    for case in [*old, *groups["left"]]:
        case["notification_from"] = case["entered_on"]
    for case in [*new, *twos, *groups["later"]]:
        case["notification_from"] = date(2023, 2, 6)
    for case in [*new[:7], *twos, *groups["later"]]:
        made.event(case, "registered", date(2023, 2, 6))
    removed = [*old[:6], *groups["left"]]
    for case in removed:
        on = date(2023, 10, 16) if case in old else date(2023, 6, 1)
        case["notification_until"] = on
        made.event(case, "deregistered", on)
    for kind, n in (("registered", 15), ("deregistered", 12)):  # as the text says of 2022
        for case in ones[:n]:
            made.event(case, kind, date(2022, 7, 6))
    registered = [case for case in [*ones, *twos, *groups["later"]] if case not in removed]
    places = ["custody"] * 40 + ["community"] * 88 + ["outside area"] * 62
    for case, place in zip(registered, places, strict=True):
        case["location"] = place
        for row in made.tables["spells"]:
            if row["case_id"] == case["case_id"]:
                row["location"] = place


def _jersey_meetings(groups: Mapping[str, list[Row]]) -> list[Row]:
    """126 meetings of 65 people, 30 of them discussed more than once; 132 in 2022.

    21 screenings: 5 to level 1, 14 to level 2, and 2 whose outcome is not recorded, for 5 + 14 = 19.
    """
    number = count(1)

    def meeting(case: Row, kind: str, outcome: str | None, on: date) -> Row:
        about = {"meeting_id": f"M{next(number):04}", "case_id": case["case_id"], "held_on": on}
        return {**about, "kind": kind, "outcome_level": outcome, "chair_agency": "police"}

    at_2 = groups["level 2"]
    ones = [case for case in groups["entered"] if case["level"] == "1"]
    to_2, others, once = at_2[:14], at_2[14:30], at_2[30:34]
    rows = [meeting(case, "screening", "2", date(2023, 2, 8)) for case in to_2]
    rows += [meeting(case, "screening", "1", date(2023, 2, 8)) for case in ones[:5]]
    rows += [meeting(case, "screening", None, date(2023, 2, 8)) for case in ones[5:7]]
    rows += [meeting(case, "level 2", "1", date(2023, 6, 7)) for case in groups["dropped"]]
    rows += [meeting(case, "level 2", "2", date(2023, 9, 6)) for case in once]
    rows += [meeting(case, "level 2", "2", date(2023, 4, 5)) for case in others]  # each of these will have another
    reviewed = islice(cycle([*to_2, *others]), 81 - len(once) - len(others))
    rows += [meeting(case, "level 2", "2", date(2023, 5, 1) + timedelta(days=n)) for n, case in enumerate(reviewed)]
    rows += [meeting(case, "level 1", "1", date(2023, 7, 5)) for case in ones[7:9]]  # of the lead agency alone
    rows += [meeting(at_2[n % 40], "level 2", "2", date(2022, 1, 5) + timedelta(days=n)) for n in range(132)]
    return rows


def _referrals(margins: Margins, cases: list[str], year: int, letter: str) -> list[Row]:
    """The year's referrals; those that the printed routes leave out have none recorded."""
    total = margins["referrals by route", "referrals", "total"]

    def values(table: str) -> list[str | None]:
        found = [column for _, column, n in cells_of(margins, table) for _ in range(n)]
        return [*found, *([None] * (total - len(found)))]

    sources, concerns, routes = map(values, ("referrals by source", "referrals by concern", "referrals by route"))
    return [
        {
            "referral_id": f"{letter}{n}",
            "case_id": case,
            "received_on": date(year, 1, 1) + timedelta(days=5 * n),
            "source_agency": source,
            "concern": concern,
            "route": route,
            "in_custody": False,
        }
        for n, (case, source, concern, route) in enumerate(zip(cases, sources, concerns, routes, strict=False))
    ]
