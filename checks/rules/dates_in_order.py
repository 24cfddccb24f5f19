"""Dates that must follow one another, within a record and between a record and its case."""

from __future__ import annotations

import polars as pl

from checks.flags import NUMBER, missing
from checks.lookups import parent
from checks.rule import Context, Lookup, Rule

_CASE = parent("cases", "case_id", "entered_on")
_MEETING = parent("meetings", "meeting_id", "held_on")


def _in_order(table: str, earlier: str, later: str, word: str, cite: str) -> Rule:
    """`later` must not be before `earlier`."""
    return Rule(
        id=f"{table}.{later}.{word}",
        severity="error",
        dimension="consistency",
        table=table,
        fields=(later, earlier),
        message=f"{later} is before {earlier}.",
        fix=f"Correct whichever of {earlier} and {later} is wrong.",
        cite=cite,
        fails=lambda _: pl.col(later) < pl.col(earlier),
        passes={table: [{earlier: "2023-01-04", later: "2023-01-04"}]},
        breaks={table: [{earlier: "2023-01-04", later: "2023-01-03"}]},
    )


EXITED = _in_order("cases", "entered_on", "exited_on", "before_entered", "canonical tables")
NOTIFICATION = _in_order("cases", "notification_from", "notification_until", "before_from", "H08 “MAPPA Categories”")
IDENTIFIED = _in_order("cases", "sentenced_on", "identified_on", "before_sentenced", "J10 3.3")
SPELL = _in_order("spells", "from_on", "until_on", "before_from", "canonical tables")
MINUTES = _in_order("meetings", "held_on", "minutes_issued_on", "before_held", "J10 10.12")
NEXT_REVIEW = _in_order("meetings", "held_on", "next_review_on", "before_held", "J10 10.11")

ACTION_DUE = Rule(
    id="actions.due_on.before_meeting",
    severity="error",
    dimension="consistency",
    table="actions",
    fields=("due_on", "meeting_id"),
    message="due_on is before the day of the meeting that agreed the action.",
    fix="Correct due_on, or the meeting that the action belongs to.",
    cite="J10 8.3",
    fails=lambda _: pl.col("due_on") < pl.col("_meetings_held_on"),
    lookups=(_MEETING,),
    passes={
        "actions": [{"meeting_id": "M1", "due_on": "2023-02-01"}],
        "meetings": [{"meeting_id": "M1", "held_on": "2023-01-04"}],
    },
    breaks={
        "actions": [{"meeting_id": "M1", "due_on": "2023-01-03"}],
        "meetings": [{"meeting_id": "M1", "held_on": "2023-01-04"}],
    },
)


_CASE_APART = 10_000_000  # days: further apart than any two dates
_DAYS_BEFORE_1970 = 40_000


def _overlaps(context: Context) -> pl.LazyFrame:
    """The rows that begin before an earlier one of the case has ended; to begin on the day the last ended is in order.

    A spell whose first or last day is given but could not be used lies where nobody knows, and no other row is blamed.
    The cases are laid end to end on one line of days, so that one running maximum tells how far each case's spells reach.
    """
    spells = context.tables["spells"].lazy().filter(pl.col("case_id").is_not_null() & pl.col("from_on").is_not_null())
    end = pl.when(missing("until_on")).then(pl.date(9999, 12, 31)).otherwise("until_on")
    case = pl.col("case_id").ne_missing(pl.col("case_id").shift(1)).cum_sum().cast(pl.Int64) * _CASE_APART
    return (
        spells.select(NUMBER, "case_id", "from_on", "level", "location", end.alias("end"))
        .sort("case_id", "from_on", "end", "level", "location")
        .select(
            NUMBER,
            (case + pl.col("from_on").to_physical() + _DAYS_BEFORE_1970).alias("begins"),
            (case + pl.col("end").to_physical() + _DAYS_BEFORE_1970).fill_null(0).alias("ends"),
        )
        .filter(pl.col("begins") < pl.col("ends").cum_max().shift(1))
        .select(NUMBER, pl.lit(value=True).alias("_overlaps"))
    )


OVERLAP = Rule(
    id="spells.from_on.overlap",
    severity="error",
    dimension="consistency",
    table="spells",
    fields=("from_on", "until_on", "case_id"),
    message="The spell begins before an earlier spell of the same case has ended.",
    fix="Correct from_on here, or until_on of the earlier spell: one spell may begin on the day the last ended.",
    cite="canonical tables",
    fails=lambda _: pl.col("_overlaps"),
    lookups=(Lookup("overlaps", NUMBER, (), _overlaps),),
    passes={
        "spells": [
            {"case_id": "C1", "from_on": "2023-01-04", "until_on": "2023-02-01"},
            {"case_id": "C1", "from_on": "2023-02-01"},
        ]
    },
    breaks={
        "spells": [
            {"case_id": "C1", "from_on": "2023-01-04", "until_on": "2023-02-01"},
            {"case_id": "C1", "from_on": "2023-01-31"},
        ]
    },
)

SPELL_OUTSIDE_CASE = Rule(
    id="spells.from_on.outside_case",
    severity="error",
    dimension="consistency",
    table="spells",
    fields=("from_on", "until_on", "case_id"),
    message="The spell lies outside the time in which the case was under management.",
    fix="Correct the spell's dates, or entered_on and exited_on of the case.",
    cite="canonical tables",
    fails=lambda _: (
        (pl.col("from_on") < pl.col("_cases_entered_on"))
        | (pl.max_horizontal("from_on", "until_on") > pl.col("_cases_exited_on"))
    ),
    lookups=(_CASE,),
    passes={
        "spells": [{"case_id": "C1", "from_on": "2023-01-04", "until_on": "2023-02-01"}],
        "cases": [{"case_id": "C1", "entered_on": "2023-01-04", "exited_on": "2023-02-01"}],
    },
    breaks={
        "spells": [{"case_id": "C1", "from_on": "2023-01-03", "until_on": "2023-02-01"}],
        "cases": [{"case_id": "C1", "entered_on": "2023-01-04", "exited_on": "2023-02-01"}],
    },
)

MEETING_OUTSIDE_CASE = Rule(
    id="meetings.held_on.outside_case",
    severity="error",
    dimension="consistency",
    table="meetings",
    fields=("held_on", "case_id"),
    message="The meeting lies outside the time in which the case was under management.",
    fix="Correct held_on, the case it belongs to, or entered_on and exited_on of the case.",
    cite="canonical tables",
    fails=lambda _: (
        (pl.col("held_on") < pl.col("_cases_entered_on")) | (pl.col("held_on") > pl.col("_cases_exited_on"))
    ),
    lookups=(_CASE,),
    passes={
        "meetings": [{"case_id": "C1", "held_on": "2023-01-04"}],
        "cases": [{"case_id": "C1", "entered_on": "2023-01-04"}],
    },
    breaks={
        "meetings": [{"case_id": "C1", "held_on": "2023-01-03"}],
        "cases": [{"case_id": "C1", "entered_on": "2023-01-04"}],
    },
)
