"""What the page Caseload over time shows, from the stored counts: tables and sentences. Pure functions.

Everything here is made from counts (`kpis.flow.FLOW`, `kpis.time_at_level`, `kpis.review_load`); there is no case in it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import polars as pl

from checks.codes import LEVELS
from dashboard.text import s
from dashboard.words import DASH, NBSP, percent
from kpis.flow import AT_END, AT_START, ENTERED, LEFT, MOVED, NOT_TOLD
from kpis.level_history import HISTORY_ABSENT, LEFT_FIRST, NO_ENTRY, NO_HISTORY
from kpis.results import NOT_RECORDED
from kpis.review_load import AGAIN, OVERDUE, UNKNOWN
from kpis.time_at_level import MARKS

ASSUMED = (
    "The forecast rests on due dates alone. It takes each review to be held on its due day, and one that is overdue to be held on "
    "the as-at date; after each, the next is due when the standard's interval has passed. It foresees nobody who enters, leaves, "
    "changes level, or goes where the review clock stops."
)

CAME, WENT = "Entered", "Left"


def level_name(level: str) -> str:
    """A level as people read it."""
    return f"Level {level}"


def levels_in(rows: pl.DataFrame) -> list[str]:
    """The levels to show: the three, and `not recorded` where it occurs."""
    found = {*rows["from_level"].drop_nulls(), *rows["to_level"].drop_nulls()}
    return [*LEVELS, *sorted(found - set(LEVELS))]


def of_period(flow: pl.DataFrame, quarters: Sequence[str]) -> pl.DataFrame:
    """The flow of quarters that follow one another, oldest first, as of one period: columns of `FLOW` but for `period`."""
    if not quarters:
        return flow.clear().drop("period")
    at_edge = ((pl.col("kind") == AT_START) & (pl.col("period") != quarters[0])) | (
        (pl.col("kind") == AT_END) & (pl.col("period") != quarters[-1])
    )
    inside = flow.filter(pl.col("period").is_in(list(quarters)) & ~at_edge)
    keys = ["category", "kind", "from_level", "to_level"]
    return inside.group_by(keys, maintain_order=True).agg(pl.col("cases").sum())


def _count(rows: pl.DataFrame, kind: str, **where: str) -> int:
    return int(rows.filter(pl.lit(value=True), kind=kind, **where)["cases"].sum())


def by_level(rows: pl.DataFrame) -> pl.DataFrame:
    """Stock and flow level by level, with totals; `rows` as of `of_period`.

    What the history does not tell has a column of its own, in less out, where there is any.
    """
    told = []
    for level in levels_in(rows):
        unclear = _count(rows, NOT_TOLD, to_level=level) - _count(rows, NOT_TOLD, from_level=level)
        told.append(
            {
                "Level": level_name(level),
                "At start": _count(rows, AT_START, to_level=level),
                "Entered": _count(rows, ENTERED, to_level=level),
                "From other levels": _count(rows, MOVED, to_level=level),
                "To other levels": _count(rows, MOVED, from_level=level),
                "Left": _count(rows, LEFT, from_level=level),
                "Not told": unclear,
                "At end": _count(rows, AT_END, to_level=level),
            }
        )
    table = pl.DataFrame(told)
    total = table.sum().with_columns(Level=pl.lit("All levels"))
    both = pl.concat([table, total])
    return both if _count(rows, NOT_TOLD) else both.drop("Not told")


def by_category(rows: pl.DataFrame, names: Mapping[str, str]) -> pl.DataFrame:
    """Stock and flow category by category, with totals; moves between levels change no category."""
    found = sorted(set(rows["category"]) - set(names))
    told = [
        {
            "Category": names.get(code, code.capitalize()),
            "At start": _count(rows, AT_START, category=code),
            "Entered": _count(rows, ENTERED, category=code),
            "Left": _count(rows, LEFT, category=code),
            "At end": _count(rows, AT_END, category=code),
        }
        for code in [*names, *found]
    ]
    table = pl.DataFrame(told)
    return pl.concat([table, table.sum().with_columns(Category=pl.lit("All categories"))])


def by_quarter(flow: pl.DataFrame, quarters: Sequence[str]) -> pl.DataFrame:
    """One row per quarter, the latest first: stock at both ends and what happened between."""
    counts = flow.pivot("kind", index="period", values="cases", aggregate_function="sum")
    columns = {
        "At start": AT_START,
        "Entered": ENTERED,
        "Left": LEFT,
        "Moved between levels": MOVED,
        "Moves not told": NOT_TOLD,
        "At end": AT_END,
    }
    every = pl.DataFrame({"period": list(quarters)[::-1]}).join(counts, on="period", how="left", maintain_order="left")
    known = [
        (pl.col(kind) if kind in every.columns else pl.lit(0)).fill_null(0).cast(pl.Int64).alias(heading)
        for heading, kind in columns.items()
    ]
    table = every.select(pl.col("period").alias("Quarter"), *known)
    return table if table["Moves not told"].sum() else table.drop("Moves not told")


def stock_series(flow: pl.DataFrame) -> list[tuple[str, pl.DataFrame]]:
    """A series per level of the stock at the end of each quarter, for columns: name and `period, owed`."""
    ends = flow.filter(kind=AT_END)
    found = [level for level in levels_in(flow) if ends["to_level"].eq(level).any()]
    return [
        (level_name(level), ends.filter(to_level=level).group_by("period").agg(owed=pl.col("cases").sum()))
        for level in found
    ]


def moves(rows: pl.DataFrame) -> pl.DataFrame:
    """Who entered, moved and left: `before, after, number`, the most telling order; moves that are not told are left out."""
    order = {ENTERED: 0, MOVED: 1, LEFT: 2}
    counted = (
        rows.filter(pl.col("kind").is_in(list(order)))
        .group_by("kind", "from_level", "to_level")
        .agg(number=pl.col("cases").sum())
        .with_columns(place=pl.col("kind").replace_strict(order, return_dtype=pl.Int8))
        .sort("place", "from_level", "to_level", descending=[False, True, True])
    )

    def named(column: str, instead: str) -> pl.Series:
        return pl.Series(
            [instead if level is None else level_name(level) for level in counted[column]], dtype=pl.String
        )

    return pl.DataFrame(
        {"before": named("from_level", CAME), "after": named("to_level", WENT), "number": counted["number"]},
        schema={"before": pl.String, "after": pl.String, "number": pl.Int64},
    )


def move_names(rows: pl.DataFrame) -> list[str]:
    """What can stand on either side of the flow chart, levels first."""
    return [*(level_name(level) for level in LEVELS), CAME, WENT, *(level_name(each) for each in levels_in(rows)[3:])]


def headline(rows: pl.DataFrame, name: str, running: bool) -> str:
    """The period in one sentence."""
    start, end, entered, left, moved = (_count(rows, kind) for kind in (AT_START, AT_END, ENTERED, LEFT, MOVED))
    so_far = " so far" if running else ""
    return (
        f"{start:,} at the start of {name}, {end:,} at its end{so_far}: {entered:,} entered and {left:,} left; "
        f"{moved:,} move{s(moved)} between levels."
    )


_WHY = {
    NO_ENTRY: "{n} without a day of entry {are} not counted: nobody can tell when they came.",
    LEFT_FIRST: "{n} recorded as having left before they entered {are} not counted.",
    NO_HISTORY: (
        "Of {n} the history of management tells nothing: {they} counted at the level of {their} own record throughout, and "
        "any move in the past is not seen."
    ),
    HISTORY_ABSENT: (
        "No history of levels is supplied (neither spells, nor meetings with their outcomes): {n} {are} counted at the level of "
        "{their} own record throughout, and moves between levels are not known."
    ),
}


def not_known(gaps: pl.DataFrame, rows: pl.DataFrame) -> list[str]:
    """What cannot be known, one sentence each; `gaps` of the whole snapshot, `rows` of the period."""
    said = []
    unclear = _count(rows, NOT_TOLD)
    if unclear:
        one = unclear == 1
        said.append(
            f"{unclear:,} change{'' if one else 's'} of level in this period {'is' if one else 'are'} not told by the history of "
            "management: there it is silent, or it differs from what the case's own record says on the as-at date. Such "
            "changes stand apart, as the day and the way of the move are not known."
        )
    for what, cases in gaps.iter_rows():
        one = cases == 1
        said.append(
            _WHY[what].format(
                n=f"{cases:,} case{'' if one else 's'}",
                are="is" if one else "are",
                they="it is" if one else "they are",
                their="its" if one else "their",
            )
        )
    said.append("A case's category is the one on its record today: records keep no history of it.")
    return said


# Time at a level


def lasted(days: int | None, like: int | None = None) -> str:
    """A length of time in words: in years from a year up, else in weeks; `like` another length whose unit is to be kept."""
    if days is None:
        return DASH
    if (days if like is None else like) >= 365:
        return f"{days / 365.25:.1f}{NBSP}years"
    weeks = round(days / 7)
    return f"{weeks}{NBSP}week{s(weeks)}"


def median_in_words(row: Mapping[str, int | None]) -> str:
    """The median of a level with its interval, or why there is none."""
    if not row["spells"]:
        return "not known"
    if row["median"] is None:
        return "not reached yet"
    low, high = row["median_low"], row["median_high"]
    if low is None and high is None:
        return f"{lasted(row['median'])} (too few for an interval)"
    upper = f"to {lasted(high, row['median'])}" if high is not None else "upwards, no upper end yet"
    return f"{lasted(row['median'])} ({lasted(low, row['median'])} {upper})"


def times_table(times: pl.DataFrame) -> pl.DataFrame:
    """The median time at each level, with how many spells it rests on."""
    told = [
        {
            "Level": level_name(row["level"]),
            "Median time (95 % interval)": median_in_words(row),
            "Spells": f"{row['spells']:,}",
            "Ended": f"{row['ended']:,}",
            "Still running": f"{row['spells'] - row['ended']:,}",
            "Left out": f"{row['cut']:,}",
        }
        for row in times.iter_rows(named=True)
    ]
    return pl.DataFrame(told)


def times_in_words(times: pl.DataFrame) -> list[str]:
    """A sentence per level."""
    said = []
    for row in times.iter_rows(named=True):
        name, of = level_name(row["level"]), f"{row['ended']:,} of {row['spells']:,} spells have ended"
        if not row["spells"]:
            said.append(f"{name}: not known, as no spell whose beginning is on record.")
        elif row["median"] is None:
            said.append(f"{name}: fewer than half have left it for as long as records go back ({of}).")
        else:
            said.append(f"{name}: half leave it within {lasted(row['median'])}, as far as can be told ({of}).")
    return said


def stays_table(stays: pl.DataFrame) -> pl.DataFrame:
    """The share still at each level, and how many are at risk, after set times; times that no spell has reached are left out."""
    names = {91: "3 months", 183: "6 months", 365: "1 year"}
    names |= {days: f"{round(days / 365.25)} years" for days in MARKS if days > 365}
    told = []
    reached = stays.filter(pl.col("days").is_in(list(names)) & pl.col("share").is_not_null())
    for row in reached.sort("level", "days").iter_rows(named=True):
        # As long as nothing has ended an interval cannot be worked out; it is not certainty.
        known = row["low"] is not None and row["share"] < 1
        told.append(
            {
                "Level": level_name(row["level"]),
                "After": names[row["days"]],
                "Still there": percent(row["share"]),
                "95 % interval": f"{percent(row['low'])} to {percent(row['high'])}" if known else DASH,
                "At risk": f"{row['at_risk']:,}",
            }
        )
    columns = ["Level", "After", "Still there", "95 % interval", "At risk"]
    return pl.DataFrame(told, schema=dict.fromkeys(columns, pl.String))


# Reviews to come


def without_idle_start(load: pl.DataFrame) -> pl.DataFrame:
    """The forecast without the as-at date's own month where nothing is due in what is left of it."""
    first = pl.col("month") == load["month"].min()
    return load if load.filter(first)["reviews"].sum() else load.filter(~first.fill_null(value=False))


def load_columns(load: pl.DataFrame) -> list[tuple[str, str]]:
    """The columns of the forecast's chart and rows of its table, in order: key and name. First what is overdue, then months."""
    months = load["month"].drop_nulls().unique().sort()
    return [(OVERDUE, "Overdue now"), *((each.isoformat(), f"{each:%b %Y}") for each in months)]


def _placed(load: pl.DataFrame) -> pl.DataFrame:
    at = pl.when(pl.col("kind") == OVERDUE).then(pl.lit(OVERDUE)).otherwise(pl.col("month").cast(pl.String))
    return load.filter(pl.col("kind") != UNKNOWN).with_columns(at=at)


def load_series(load: pl.DataFrame) -> list[tuple[str, pl.DataFrame]]:
    """A series per level for columns: name and `period, owed`."""
    placed = _placed(load)
    return [
        (level_name(level), placed.filter(level=level).group_by(period="at").agg(owed=pl.col("reviews").sum()))
        for level in placed["level"].unique().sort()
    ]


def load_table(load: pl.DataFrame) -> pl.DataFrame:
    """Overdue, then month by month: reviews per level, together, and how many of them are due again by assumption only."""
    placed = _placed(load)
    levels = placed["level"].unique().sort().to_list()
    told = []
    for key, name in load_columns(load):
        rows = placed.filter(at=key)
        line: dict[str, str | int] = {"When": name}
        line |= {level_name(level): int(rows.filter(level=level)["reviews"].sum()) for level in levels}
        line |= {"All": int(rows["reviews"].sum()), "Assumed": int(rows.filter(kind=AGAIN)["reviews"].sum())}
        told.append(line)
    table = pl.DataFrame(told)
    return pl.concat([table, table.sum().with_columns(When=pl.lit("Together"))])


def load_in_words(load: pl.DataFrame) -> str:
    """The forecast in one sentence."""
    coming = load.filter(~pl.col("kind").is_in([OVERDUE, UNKNOWN]))
    by_quarter = coming.group_by("period").agg(pl.col("reviews").sum(), pl.col("month").min()).sort("month")
    said = ", ".join(f"{n:,} in {period}" for period, n in by_quarter.select("period", "reviews").iter_rows())
    overdue = int(load.filter(kind=OVERDUE)["reviews"].sum())
    return f"{overdue:,} review{' is' if overdue == 1 else 's are'} overdue now; to come: {said}."


def no_date_in_words(load: pl.DataFrame) -> str:
    """What the forecast cannot hold."""
    unknown = int(load.filter(kind=UNKNOWN)["reviews"].sum())
    if not unknown:
        return ""
    has, are = ("case has", "is") if unknown == 1 else ("cases have", "are")
    return f"{unknown:,} active {has} no due day that is known and {are} not in the forecast; see Late reviews."


def places_table(places: pl.DataFrame) -> pl.DataFrame:
    """Meeting days that the forecast would take, with the cases and days that the mean is made of; no row of an idle level."""
    told = [
        {
            "Level": level_name(row["level"]),
            "When": row["period"] or "Overdue now",
            "Reviews": f"{row['reviews']:,}",
            "Cases a meeting day": _mean(row["cases"], row["days"]),
            "Meeting days": "cannot be told" if row["days_needed"] is None else f"{row['days_needed']:,}",
        }
        for row in places.filter(pl.col("reviews").sum().over("level") > 0).iter_rows(named=True)
    ]
    columns = ("Level", "When", "Reviews", "Cases a meeting day", "Meeting days")
    return pl.DataFrame(told, schema=dict.fromkeys(columns, pl.String))


def idle_levels(places: pl.DataFrame) -> list[str]:
    """The levels of which no review is due in all of the forecast."""
    due = places.group_by("level").agg(pl.col("reviews").sum()).sort("level")
    return [level_name(level) for level in due.filter(reviews=0)["level"]]


def _mean(cases: int | None, days: int | None) -> str:
    if not cases or not days:
        return "no meeting day on record"
    return f"{cases / days:.1f} ({cases:,} on {days:,} day{s(days)})"


def category_options(flow: pl.DataFrame, names: Mapping[str, str]) -> dict[str, str]:
    """The categories that can be chosen: code → name."""
    found = sorted(set(flow["category"]) - set(names))
    return {**names, **{code: "Category not recorded" if code == NOT_RECORDED else code for code in found}}
