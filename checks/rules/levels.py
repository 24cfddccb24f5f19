"""Level and category: what the standard allows, and what the case's own history says."""

from __future__ import annotations

import polars as pl

from checks.codes import LEVELS
from checks.rule import Context, Lookup, Rule


def _spells_in_order(context: Context) -> pl.LazyFrame:
    spells = context.tables["spells"].filter(pl.col("from_on").is_not_null() & pl.col("case_id").is_not_null())
    return spells.sort("from_on", "until_on", nulls_last=True)


def _last_spell(context: Context) -> pl.LazyFrame:
    last = pl.col("level").cast(pl.String).last().alias("_last_spell_level")
    return _spells_in_order(context).group_by("case_id", maintain_order=True).agg(last)


def _meetings_so_far(context: Context) -> pl.LazyFrame:
    meetings = context.tables["meetings"].filter(pl.col("held_on").is_not_null() & pl.col("case_id").is_not_null())
    return meetings.sort(pl.col("held_on"), pl.col("kind").to_physical(), pl.col("meeting_id"))


def _last_outcome(context: Context) -> pl.LazyFrame:
    outcome = pl.col("outcome_level").cast(pl.String)
    return (
        _meetings_so_far(context)
        .filter(outcome.is_in(LEVELS))
        .group_by("case_id", maintain_order=True)
        .agg(outcome.last().alias("_last_outcome_level"))
    )


def _any_meeting(context: Context) -> pl.LazyFrame:
    met = context.tables["meetings"].filter(pl.col("case_id").is_not_null())
    return met.select("case_id").unique().with_columns(pl.lit(value=True).alias("_any_meeting"))


def _entry_level(context: Context) -> pl.LazyFrame:
    """The level at entry: that of the first spell, or without spells that of the first meeting at a level."""
    if "spells" in context.tables:
        first = _spells_in_order(context).group_by("case_id", maintain_order=True)
        return first.agg(pl.col("level").cast(pl.String).first().alias("_entry_level"))
    if "meetings" in context.tables:
        kind = pl.col("kind").cast(pl.String)
        first = (
            _meetings_so_far(context).filter(kind.str.starts_with("level ")).group_by("case_id", maintain_order=True)
        )
        return first.agg(kind.first().str.tail(1).alias("_entry_level"))
    return pl.LazyFrame(schema={"case_id": pl.String, "_entry_level": pl.String})


LAST_SPELL = Lookup("last_spell", "case_id", ("spells.case_id", "spells.level", "spells.from_on"), _last_spell)
LAST_OUTCOME = Lookup(
    "last_outcome",
    "case_id",
    ("meetings.case_id", "meetings.held_on", "meetings.kind", "meetings.meeting_id", "meetings.outcome_level"),
    _last_outcome,
)
ANY_MEETING = Lookup("any_meeting", "case_id", ("meetings.case_id",), _any_meeting)
ENTRY_LEVEL = Lookup("entry_level", "case_id", (), _entry_level)

_LEVEL = pl.col("level").cast(pl.String)
_CATEGORY = pl.col("category").cast(pl.String)

CATEGORY_OF_THE_STANDARD = Rule(
    id="cases.category.standard",
    severity="error",
    dimension="validity",
    table="cases",
    fields=("category",),
    message="The standard does not have this category; the case and its meetings are left out of the measures.",
    fix="Correct the category, or manage the case outside these arrangements.",
    cite="J23 1.2; H08 “MAPPA Categories”, “Potentially Dangerous Persons”",
    fails=lambda context: ~_CATEGORY.is_in(context.standard.categories),
    passes={"cases": [{"case_id": "C1", "category": "1"}]},
    example_standard="hampshire",
    breaks={"cases": [{"case_id": "C1", "category": "pdp"}]},
)

CATEGORY_3_LEVEL = Rule(
    id="cases.level.category_3",
    severity="warning",
    dimension="consistency",
    table="cases",
    fields=("level", "category"),
    message="A category 3 case is managed below the lowest level that the standard has for it.",
    fix="Correct the level or the category, or review at which level the case is to be managed.",
    cite="H08 “Level 1”; J23 3; J10 3.9",
    fails=lambda context: (_CATEGORY == "3") & (_LEVEL < context.standard.value("lowest_level_category_3")),
    passes={"cases": [{"case_id": "C1", "category": "3", "level": "2"}]},
    example_standard="hampshire",
    breaks={"cases": [{"case_id": "C1", "category": "3", "level": "1"}]},
    applies=lambda standard: standard.value("lowest_level_category_3") is not None,
)


def _entered_below(context: Context) -> pl.Expr:
    """Where no history tells at which level the case entered, its own level does."""
    entered_at = pl.coalesce("_entry_level", _LEVEL)
    return (_CATEGORY == "4") & (entered_at < context.standard.value("entry_level_category_4"))


CATEGORY_4_ENTRY = Rule(
    id="cases.category.entry_level_4",
    severity="warning",
    dimension="consistency",
    table="cases",
    fields=("category", "level"),
    message="A category 4 case entered below the level at which the standard has it enter.",
    fix="Correct the category or the history of levels, or explain the entry to the Board.",
    cite="J23 1.2, 1.3",
    fails=_entered_below,
    lookups=(ENTRY_LEVEL,),
    passes={
        "cases": [{"case_id": "C1", "category": "4", "level": "2"}],
        "spells": [
            {"case_id": "C1", "level": "3", "from_on": "2023-01-04", "until_on": "2023-02-01"},
            {"case_id": "C1", "level": "2", "from_on": "2023-02-01"},
        ],
        "meetings": [],
    },
    breaks={
        "cases": [{"case_id": "C1", "category": "4", "level": "3"}],
        "spells": [{"case_id": "C1", "level": "2", "from_on": "2023-01-04"}],
        "meetings": [],
    },
    applies=lambda standard: standard.value("entry_level_category_4") is not None,
)

LEVEL_OF_LAST_SPELL = Rule(
    id="cases.level.last_spell",
    severity="error",
    dimension="consistency",
    table="cases",
    fields=("level",),
    message="The case's level is not that of its last spell.",
    fix="Correct the level of the case, or add the missing spell.",
    cite="canonical tables",
    fails=lambda context: _LEVEL != pl.col("_last_spell_level"),
    lookups=(LAST_SPELL,),
    passes={
        "cases": [{"case_id": "C1", "level": "2"}],
        "spells": [{"case_id": "C1", "level": "2", "from_on": "2023-01-04"}],
    },
    breaks={
        "cases": [{"case_id": "C1", "level": "1"}],
        "spells": [{"case_id": "C1", "level": "2", "from_on": "2023-01-04"}],
    },
)

LEVEL_OF_LAST_OUTCOME = Rule(
    id="cases.level.last_outcome",
    severity="error",
    dimension="consistency",
    table="cases",
    fields=("level",),
    message="The case's level is not the one decided at its last meeting.",
    fix="Correct the level of the case, or the outcome of the meeting.",
    cite="canonical tables",
    fails=lambda context: _LEVEL != pl.col("_last_outcome_level"),
    lookups=(LAST_OUTCOME,),
    passes={
        "cases": [{"case_id": "C1", "level": "1"}],
        "meetings": [
            {"meeting_id": "M1", "case_id": "C1", "held_on": "2023-01-04", "kind": "level 2", "outcome_level": "1"}
        ],
    },
    breaks={
        "cases": [{"case_id": "C1", "level": "2"}],
        "meetings": [
            {"meeting_id": "M1", "case_id": "C1", "held_on": "2023-01-04", "kind": "level 2", "outcome_level": "1"}
        ],
    },
)

NO_MEETING = Rule(
    id="cases.case_id.no_meeting",
    severity="warning",
    dimension="completeness",
    table="cases",
    fields=("case_id", "level", "exited_on"),
    message="An active case at level 2 or 3 has no meeting at all.",
    fix="Add the meetings that were held, or correct the level.",
    cite="J10 10.11; H08 “Frequency of MAPP Meetings”",
    fails=lambda context: pl.col("exited_on").is_null() & _LEVEL.is_in(["2", "3"]) & pl.col("_any_meeting").is_null(),
    lookups=(ANY_MEETING,),
    passes={
        "cases": [{"case_id": "C1", "level": "2"}],
        "meetings": [{"meeting_id": "M1", "case_id": "C1"}],
    },
    breaks={"cases": [{"case_id": "C1", "level": "2"}], "meetings": []},
)
