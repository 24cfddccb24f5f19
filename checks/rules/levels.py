"""Level and category: what the standard allows, and what the case's own history says."""

from __future__ import annotations

import polars as pl

from checks.codes import LEVELS, SCREENING
from checks.flags import missing
from checks.in_force import figure_on, listed_on
from checks.rule import Context, Lookup, Rule

_LEVEL = pl.col("level").cast(pl.String)
_CATEGORY = pl.col("category").cast(pl.String)
_NO_END = pl.date(9999, 12, 31)


def _rows(context: Context, table: str) -> pl.LazyFrame:
    return context.tables[table].lazy().filter(pl.col("case_id").is_not_null())


def _first_of_case() -> pl.Expr:
    return pl.col("case_id").ne_missing(pl.col("case_id").shift(1))


def _last_of_case() -> pl.Expr:
    return pl.col("case_id").ne_missing(pl.col("case_id").shift(-1))


def _last_spell(context: Context) -> pl.LazyFrame:
    """The level of each case's last spell, and the day since when the case has been at it.

    A case with a spell whose first day nobody knows has no last spell that could be known: it is sorted last.
    """
    if not context.has(*_SPELLS_NEEDED):
        return pl.LazyFrame(schema={"case_id": pl.String, "_last_spell_level": pl.String, "_last_spell_on": pl.Date})
    begins = _first_of_case() | pl.col("level").ne_missing(pl.col("level").shift(1))
    return (
        _rows(context, "spells")
        .select("case_id", "from_on", pl.col("until_on").fill_null(_NO_END), "level")
        .sort("case_id", "from_on", "until_on", "level", nulls_last=True)
        .with_columns(pl.when(begins).then("from_on").forward_fill().alias("since"))
        .filter(_last_of_case() & pl.col("from_on").is_not_null())
        .select(
            "case_id",
            pl.col("level").cast(pl.String).alias("_last_spell_level"),
            pl.col("since").alias("_last_spell_on"),
        )
    )


def _last_outcome(context: Context) -> pl.LazyFrame:
    """The last meeting that set a level, or whose outcome is not known: then the level is not known either.

    Of two on one day the one of the higher kind decides, then the later reference. A case with a meeting whose day nobody
    knows has no last meeting that could be known: it is sorted last.
    """
    outcome = pl.col("outcome_level").cast(pl.String)
    sets_level = outcome.is_in(LEVELS) | outcome.is_null() | pl.col("held_on").is_null()
    return (
        _rows(context, "meetings")
        .filter(sets_level)
        .select("case_id", "held_on", "kind", "meeting_id", outcome)
        .sort("case_id", "held_on", "kind", "meeting_id", nulls_last=[False, True, False, False])
        .filter(_last_of_case() & pl.col("held_on").is_not_null())
        .select(
            "case_id",
            pl.col("outcome_level").alias("_last_outcome_level"),
            pl.col("held_on").alias("_last_outcome_on"),
        )
    )


def _any_meeting(context: Context) -> pl.LazyFrame:
    return _rows(context, "meetings").select("case_id").unique().with_columns(pl.lit(value=True).alias("_any_meeting"))


def _any_spell(context: Context) -> pl.LazyFrame:
    """The cases with a spell."""
    return _rows(context, "spells").select("case_id").unique().with_columns(pl.lit(value=True).alias("_any_spell"))


def _entry_level(context: Context) -> pl.LazyFrame:
    """The level at which each category 4 case entered: that of its first spell; without spells what its first meeting set.

    A meeting at a level shows that the case was at it; a screening sets what it decided. `_entry_known` where there is
    any such history, so that a level nobody knows is not taken for none. What is undated could be the first: it is sorted
    first, and tells no level.
    """
    cases = context.tables["cases"].lazy().filter(_CATEGORY == "4").select("case_id")
    if context.has(*_SPELLS_NEEDED):
        rows = _rows(context, "spells").select(
            "case_id", pl.col("from_on").alias("day"), "until_on", pl.col("level").cast(pl.String).alias("shown")
        )
        order = ["case_id", "day", "until_on", "shown"]
    elif context.has(*_MEETINGS_NEEDED):
        decided = pl.col("outcome_level").cast(pl.String)
        held_at = pl.col("kind").cast(pl.String).str.tail(1)
        shown = pl.when(pl.col("kind") == SCREENING).then(decided).otherwise(held_at)
        rows = (
            _rows(context, "meetings")
            .select("case_id", pl.col("held_on").alias("day"), "kind", "meeting_id", shown.alias("shown"))
            .filter(pl.col("shown").is_in(LEVELS) | pl.col("shown").is_null() | pl.col("day").is_null())
        )
        order = ["case_id", "day", "kind", "meeting_id"]
    else:
        return pl.LazyFrame(
            schema={"case_id": pl.String, "_entry_on": pl.Date, "_entry_level": pl.String, "_entry_known": pl.Boolean}
        )
    return (
        rows.join(cases, on="case_id", how="semi")
        .sort(*order)
        .filter(_first_of_case())
        .select(
            "case_id",
            pl.col("day").alias("_entry_on"),
            pl.when(pl.col("day").is_not_null()).then("shown").alias("_entry_level"),
            pl.lit(value=True).alias("_entry_known"),
        )
    )


_SPELLS_NEEDED = ("spells.case_id", "spells.level", "spells.from_on")
_MEETINGS_NEEDED = (
    "meetings.case_id",
    "meetings.held_on",
    "meetings.kind",
    "meetings.meeting_id",
    "meetings.outcome_level",
)

LAST_SPELL = Lookup("last_spell", "case_id", _SPELLS_NEEDED, _last_spell)
LAST_SPELL_IF_ANY = Lookup("last_spell", "case_id", (), _last_spell)
LAST_OUTCOME = Lookup("last_outcome", "case_id", _MEETINGS_NEEDED, _last_outcome)
ANY_MEETING = Lookup("any_meeting", "case_id", ("meetings.case_id",), _any_meeting)
# Where the table has no row the history is derived, and every case is as good as told of.
ANY_SPELL = Lookup("any_spell", "case_id", ("cases.case_id", "spells.case_id"), _any_spell, filled="spells")
ENTRY_LEVEL = Lookup("entry_level", "case_id", (), _entry_level)


def _last_day(context: Context) -> pl.Expr:
    """The day by whose figures a case is judged: that of its exit, or as-at."""
    return pl.col("exited_on").fill_null(pl.lit(context.as_at))


CATEGORY_OF_THE_STANDARD = Rule(
    id="cases.category.standard",
    severity="error",
    dimension="validity",
    table="cases",
    fields=("category",),
    message="The standard does not have this category; the case and its meetings are left out of the measures.",
    fix="Correct the category, or manage the case outside these arrangements.",
    cite="J23 1.2; H08 “MAPPA Categories”, “Potentially Dangerous Persons”",
    fails=lambda context: ~listed_on(context.standard, "categories", _CATEGORY, _last_day(context)),
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
    fails=lambda context: (
        (_CATEGORY == "3")
        & (figure_on(context.standard, "lowest_level_category_3", _last_day(context), pl.String) > _LEVEL)
    ),
    passes={"cases": [{"case_id": "C1", "category": "3", "level": "2"}]},
    example_standard="hampshire",
    breaks={"cases": [{"case_id": "C1", "category": "3", "level": "1"}]},
    applies=lambda standard: standard.value("lowest_level_category_3") is not None,
)


def _entered_below(context: Context) -> pl.Expr:
    """Where no history tells at which level the case entered, and when, its own level and day of entry do."""
    entered_at = pl.when(pl.col("_entry_known")).then("_entry_level").otherwise(_LEVEL)
    entered_on = pl.when(pl.col("_entry_known")).then("_entry_on").otherwise("entered_on")
    return (_CATEGORY == "4") & (
        entered_at < figure_on(context.standard, "entry_level_category_4", entered_on, pl.String)
    )


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
    fails=lambda _: pl.col("_last_spell_level") != _LEVEL,
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


def _outcome_not_followed(_: Context) -> pl.Expr:
    """The last meeting decided another level, and the history tells of no change of level since.

    A level that is also not that of the last spell is one mistake, found by `cases.level.last_spell`.
    """
    superseded = (pl.col("_last_spell_on") > pl.col("_last_outcome_on")).fill_null(value=False)
    found_already = (pl.col("_last_spell_level") != _LEVEL).fill_null(value=False)
    return (pl.col("_last_outcome_level") != _LEVEL) & ~superseded & ~found_already


LEVEL_OF_LAST_OUTCOME = Rule(
    id="cases.level.last_outcome",
    severity="error",
    dimension="consistency",
    table="cases",
    fields=("level",),
    message="The case's level is not the one decided at its last meeting.",
    fix="Correct the level of the case, or the outcome of the meeting.",
    cite="canonical tables",
    fails=_outcome_not_followed,
    lookups=(LAST_OUTCOME, LAST_SPELL_IF_ANY),
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
    fails=lambda _: (
        pl.col("case_id").is_not_null()
        & missing("exited_on")
        & _LEVEL.is_in(["2", "3"])
        & pl.col("_any_meeting").is_null()
    ),
    lookups=(ANY_MEETING,),
    passes={
        "cases": [{"case_id": "C1", "level": "2"}],
        "meetings": [{"meeting_id": "M1", "case_id": "C1"}],
    },
    breaks={"cases": [{"case_id": "C1", "level": "2"}], "meetings": []},
)

NO_SPELL = Rule(
    id="cases.case_id.no_spell",
    severity="warning",
    dimension="completeness",
    table="cases",
    fields=("case_id", "exited_on"),
    message="An active case has no spell in the history of management: no review of it falls due.",
    fix="Add the spells of the case, from the day on which it entered.",
    cite="canonical tables; J10 10.11; H08 “Frequency of MAPP Meetings”",
    fails=lambda _: missing("exited_on") & pl.col("case_id").is_not_null() & pl.col("_any_spell").is_null(),
    lookups=(ANY_SPELL,),
    passes={"cases": [{"case_id": "C1"}], "spells": [{"case_id": "C1"}]},
    breaks={"cases": [{"case_id": "C1"}, {"case_id": "C2"}], "spells": [{"case_id": "C2"}]},
)
