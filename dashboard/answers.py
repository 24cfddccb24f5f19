"""Questions that a lay adviser asks, answered from stored results: each with the figures it rests on and how to read them.

Pure functions over results with small counts hidden (`dashboard.lay_room`). Nothing is guessed: where the figures cannot
answer, that is the answer.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from fractions import Fraction
from typing import Any

import polars as pl

from dashboard import cards, signals, words
from dashboard.text import s
from dashboard.trends import LONGEST
from kpis.process_limits import LEAST
from kpis.results import HEADLINE, NAMELESS, UNIT, WHOLES

Row = dict[str, Any]

NEITHER = ("not supplied", "not in this standard")
MOST_SAID = 5
"""Signals told in sentences; the table holds all."""

PARTNERS = ("agency", "member")
"""What a measure is broken down by where its units are the bodies that answer for it."""


@dataclass(frozen=True)
class Asked:
    """What a question is asked about.

    `results` by quarter with small counts hidden, of all measures · `declared` the measures' words · `categories` code → title ·
    `quarter` its name, `before` that of the one before it or None · `as_at` the day up to which the records go · `restarts` as the
    settings hold them · `below` counts smaller than this are not shown.
    """

    results: pl.DataFrame
    declared: Mapping[str, Mapping[str, Any]]
    categories: Mapping[str, str]
    quarter: str
    before: str | None
    as_at: date
    restarts: Sequence[Any] = ()
    below: int = 5

    def rows(self, quarter: str | None, by: str | None = None) -> list[Row]:
        """The results of a quarter, measures in the order of their declarations; without the rate by review or part."""
        told = self.results.filter((pl.col("period") == quarter) & pl.col("measure").is_in(list(self.declared)))
        told = told.filter(pl.col("unit").is_null() | ~pl.col("unit").is_in(WHOLES))
        rows = told.filter(pl.lit(value=True) if by is None else pl.col("by") == by).to_dicts()
        places = {name: place for place, name in enumerate(self.declared)}
        return sorted(rows, key=lambda row: places[row["measure"]])

    def title(self, row: Mapping[str, Any]) -> str:
        """The measure's title."""
        return str(self.declared[row["measure"]]["title"])

    def of(self, row: Mapping[str, Any]) -> str:
        """What of the measure the row is about: all together, housing, Level 2."""
        if row["by"] == HEADLINE:
            return "All together"
        unit = cards.unit_names(row["by"], self.declared[row["measure"]], self.categories).get(row["unit"], row["unit"])
        return f"led by {unit}" if row["by"] == "lead_agency" else str(unit)

    def only_counted(self, row: Mapping[str, Any]) -> bool:
        """Whether the row is a count without a rate."""
        return row["by"] == UNIT and bool(self.declared[row["measure"]]["counts"])


@dataclass(frozen=True)
class Link:
    """Where a figure of the answer is drawn: `label` and what the address of Trends holds."""

    label: str
    query: Mapping[str, str]


@dataclass(frozen=True)
class Answer:
    """`said` in a sentence or more · `figures` what it rests on, for people · `how` to read them · `links` to charts.

    No figures: there is nothing to say, and `said` says so.
    """

    said: Sequence[str]
    how: str
    figures: pl.DataFrame = field(default_factory=pl.DataFrame)
    links: Sequence[Link] = ()


@dataclass(frozen=True)
class Question:
    """A question as people ask it, the function that answers it, and the words in its answer that want explaining."""

    text: str
    answer: Callable[[Asked], Answer]
    terms: Sequence[str] = ("numerator and denominator", "target", "c (not shown)")


def link_to(asked: Asked, row: Mapping[str, Any]) -> Link:
    """The chart of a row's line."""
    query = {"measure": row["measure"], "by": row["by"]}
    if row["unit"] is not None:
        query["unit"] = row["unit"]
    return Link(f"{asked.title(row)}: {asked.of(row)[:1].lower()}{asked.of(row)[1:]}", query)


def _links(asked: Asked, rows: Sequence[Row], most: int = 3) -> list[Link]:
    every = {tuple(link.query.items()): link for link in (link_to(asked, row) for row in rows)}
    return list(every.values())[:most]


def _hidden(rows: Sequence[Row], asked: Asked, what: str = "figure") -> str:
    """How many of the rows cannot be spoken of because their counts are small."""
    small = sum(words.is_suppressed(row) and row["rate"] is None for row in rows)
    if not small:
        return ""
    are = "is" if small == 1 else "are"
    return f"{small:,} {what}{s(small)} {are} left out: a count below {asked.below} could be read from it."


def _join(parts: Sequence[str]) -> str:
    return parts[0] if len(parts) == 1 else f"{', '.join(parts[:-1])} and {parts[-1]}"


# What changed?


def changed(asked: Asked) -> Answer:
    """This quarter's headlines beside those of the quarter before, the largest move first."""
    how = (
        "The change is in percentage points: this quarter's rate less the last one's. Few cases make large changes by themselves; "
        "whether one is out of the ordinary only many quarters can tell, which the last column does."
    )
    now = [row for row in asked.rows(asked.quarter, HEADLINE) if row["verdict"] not in NEITHER]
    if asked.before is None:
        return Answer([f"Nothing can be said: there is no quarter before {asked.quarter} on record."], how)
    then = {row["measure"]: row for row in asked.rows(asked.before, HEADLINE)}
    pairs = [(row, then[row["measure"]]) for row in now if row["measure"] in then]
    told = [(row, old) for row, old in pairs if row["rate"] is not None and old["rate"] is not None]
    moved = sorted(told, key=lambda pair: -abs(pair[0]["rate"] - pair[1]["rate"]))
    rest = [pair for pair in pairs if pair not in told]
    figures = [
        {
            "Measure": asked.title(row),
            asked.quarter: words.rate_of(row),
            asked.before: words.rate_of(old),
            "Change": words.points(row["rate"], old["rate"]) if (row, old) in told else words.DASH,
            "Verdict": _verdicts(row, old),
            "Out of the ordinary?": _ordinary(asked, row),
        }
        for row, old in [*moved, *rest]
    ]
    different = [
        (row, old) for row, old in pairs if row["verdict"] and old["verdict"] and row["verdict"] != old["verdict"]
    ]
    said = []
    if not told:
        said.append(
            f"No figure can be set beside that of {asked.before}: in one quarter or both nothing was due or shown."
        )
    elif words.points(moved[0][0]["rate"], moved[0][1]["rate"]) == "unchanged":
        said.append(f"No figure has changed since {asked.before}.")
    else:
        row, old = moved[0]
        said.append(
            f"The largest change: {asked.title(row)}, {words.points(row['rate'], old['rate'])}, "
            f"{words.rate_of(row)} after {words.rate_of(old)} in {asked.before}."
        )
    said += [
        f"Another verdict: {asked.title(row)}, {words.verdict(row['verdict'])}, in {asked.before} {words.verdict(old['verdict'])}."
        for row, old in different
    ]
    if pairs and not different:
        said.append(f"No verdict that is shown for both quarters has changed since {asked.before}.")
    said.append(_hidden([row for row, _ in pairs], asked))
    return Answer([each for each in said if each], how, pl.DataFrame(figures), _links(asked, [row for row, _ in moved]))


def _verdicts(row: Row, old: Row) -> str:
    now = words.verdict(row["verdict"]) or words.SUPPRESSED
    then = words.verdict(old["verdict"]) or words.SUPPRESSED
    return now if now == then else f"{now} (was {then})"


def _ordinary(asked: Asked, row: Row) -> str:
    line = _line(asked, row)
    here = line.filter(period=asked.quarter)
    if here.is_empty() or not signals.has_limits(line) or here["value"][0] is None:
        return "cannot be told"
    return signals.signals_column(here)[0] or "no, as usual"


def _line(asked: Asked, row: Mapping[str, Any]) -> pl.DataFrame:
    same = (pl.col("measure") == row["measure"]) & (pl.col("by") == row["by"])
    unit = pl.col("unit").is_null() if row["unit"] is None else pl.col("unit") == row["unit"]
    rows = asked.results.filter(same & unit)
    calendar = asked.results.select("period", "period_start", "period_end").unique().sort("period_start").tail(LONGEST)
    restarts = signals.restarts_for(asked.restarts, row["measure"], row["by"], row["unit"])
    counted = asked.only_counted(row)
    overlapping = bool(signals.overlapping(asked.declared[row["measure"]], counted=counted))
    return signals.line_of(rows, calendar, asked.as_at, restarts, counted=counted, overlapping=overlapping)


# Which agency?


def furthest(asked: Asked) -> Answer:
    """Of the agencies and members for each of which a target is set, how far each is below it, the furthest first."""
    how = (
        "The gap is the target less the rate, in percentage points. An agency with few invitations falls far for one absence: look "
        "at the numerator and denominator, and at its chart, before asking why."
    )
    partners = [name for name, each in asked.declared.items() if each["unit"] in PARTNERS]
    rows = [row for row in asked.rows(asked.quarter, UNIT) if row["measure"] in partners and row["target"] is not None]
    shown = [row for row in rows if row["rate"] is not None]
    if not shown:
        why = _hidden(rows, asked) or "no target is set for each agency, or nothing was due."
        return Answer([f"Nothing can be said for {asked.quarter}: {why[:1].lower()}{why[1:]}"], how)
    ordered = sorted(shown, key=lambda row: (row["rate"] - row["target"], row["unit"]))
    below = [row for row in ordered if row["verdict"] != "met"]
    figures = [
        {
            "Agency or member": asked.of(row),
            "Measure": asked.title(row),
            "Rate": words.rate_of(row),
            "Target": words.target_percent(row["target"]),
            "Gap": _gap(row),
            "Missing records": _unknown(row),
            "Verdict": words.verdict(row["verdict"]),
        }
        for row in ordered
    ]
    said = []
    for name in partners:
        of_it = [row for row in below if row["measure"] == name]
        all_of_it = [row for row in ordered if row["measure"] == name]
        if of_it:
            row = of_it[0]
            ties = [asked.of(each) for each in of_it if each["rate"] - each["target"] == row["rate"] - row["target"]]
            said.append(
                f"{asked.title(row)}: {_join(ties)}, {words.rate_of(row)}{' each' * (len(ties) > 1)}, target "
                f"{words.target_percent(row['target'])}; {_gap(row)}."
            )
            if row["verdict"] == "depends on missing records":
                said.append("With its missing records in order it could still reach the target.")
        elif all_of_it:
            said.append(f"{asked.title(all_of_it[0])}: none is below its target.")
    said.append(_hidden(rows, asked, "agency’s or member’s figure") if len(shown) < len(rows) else "")
    return Answer([each for each in said if each], how, pl.DataFrame(figures), _links(asked, below or ordered))


def _gap(row: Row) -> str:
    gap = round((row["target"] - row["rate"]) * 100, 1)
    return (
        "at or above it"
        if row["verdict"] == "met"
        else f"{gap:.1f} percentage points below"
        if gap
        else "just below it"
    )


def _unknown(row: Row) -> str:
    return words.SUPPRESSED if row["unknown"] is None else f"{row['unknown']:,}"


# Where is it too thin?


def too_thin(asked: Asked) -> Answer:
    """Every headline and unit of the quarter of which the figures say little or nothing, and why."""
    how = (
        "Each line is a figure that should not be argued from, with the reason. The 95 % interval is how far chance alone could "
        "carry a rate from so few cases; it is called wide when it spans more than 20 percentage points."
    )
    found: list[tuple[Row, str, str]] = []
    rows = [row for row in asked.rows(asked.quarter) if row["by"] in (HEADLINE, UNIT) and not asked.only_counted(row)]
    for row in rows:
        if why := _thin(row, asked):
            found.append((row, *why))
    short = [
        row
        for row in asked.rows(asked.quarter, HEADLINE)
        if row["verdict"] not in NEITHER and asked.declared[row["measure"]]["window"] != "12 months"
        if _line(asked, row)["value"].drop_nulls().len() < LEAST
    ]
    found += [
        (row, "too few quarters", f"fewer than {LEAST} quarters with a figure: its trend cannot be told")
        for row in short
    ]
    if not found:
        return Answer([f"Nowhere in {asked.quarter}: no figure of it hangs on missing records or on few cases."], how)
    figures = [
        {"Measure": asked.title(row), "Of": asked.of(row), "Figure": _figure(row), "Why": f"{kind}: {why}"}
        for row, kind, why in found
    ]
    kinds = list(dict.fromkeys(kind for _, kind, _ in found))
    told = [row for row in rows if row["verdict"] != "not in this standard"]
    said = [f"In {asked.quarter}, {len(found) - len(short):,} of {len(told):,} figures say little or nothing."]
    said += [f"{_THIN[kind]}: {sum(each == kind for _, each, _ in found):,}." for kind in kinds]
    return Answer(
        said, how, pl.DataFrame(figures), _links(asked, [row for row, kind, _ in found if kind not in NEITHER])
    )


_THIN = {
    "not supplied": "The source does not hold the records",
    "not shown": "Not shown, as a small count could be read from them",
    "nothing due": "Nothing was due",
    "verdict hangs on missing records": "The verdict hangs on missing records",
    "few cases": "So few cases that chance alone could make the figure",
    "too few quarters": "Measures whose trend cannot be told yet",
}
"""Why a figure is thin → the same at the head of a count."""


def _figure(row: Row) -> str:
    return words.DASH if row["verdict"] in NEITHER else words.rate_of(row)


def _thin(row: Row, asked: Asked) -> tuple[str, str] | None:
    """Why a figure says little, as a kind and in words."""
    if row["verdict"] == "not in this standard":
        return None
    if row["verdict"] == "not supplied":
        return "not supplied", "the source does not hold the records that this takes"
    if words.is_suppressed(row) and row["rate"] is None:
        return "not shown", f"a count below {asked.below} could be read from it"
    if not row["owed"]:
        return "nothing due", "there is no rate where nothing was due"
    if row["verdict"] == "depends on missing records":
        if row["unknown"] == 0:
            return "verdict hangs on missing records", "of some it is not recorded whose they are"
        told = words.SUPPRESSED if row["unknown"] is None else f"{row['unknown']:,}"
        bounds = (
            ""
            if row["best"] is None
            else f": it lies between {words.percent(row['worst'])} and {words.percent(row['best'])}"
        )
        return "verdict hangs on missing records", f"{told} of {row['owed']:,} records{bounds}"
    if row["high"] is not None and row["high"] - row["low"] > words.FEW:
        return "few cases", f"95 % interval {words.percent(row['low'])} to {words.percent(row['high'])}"
    return None


# Is anything out of the ordinary?


def out_of_ordinary(asked: Asked) -> Answer:
    """The signals of the last eight quarters on every line that has limits, those that last to the latest quarter first."""
    how = (
        "A signal says that something has changed, not what, nor whether it is good. Where many lines are looked at, one in a "
        "while shows a signal by chance alone: ask about those that last, and look at the chart first."
    )
    lines = asked.results.filter(pl.col("measure").is_in(list(asked.declared)))
    lines = lines.filter(pl.col("unit").is_null() | ~pl.col("unit").is_in(WHOLES))
    kinds = lines.select("measure", "by", "unit").unique(maintain_order=True).to_dicts()
    found: list[tuple[signals.Signal, Row]] = []
    looked = limited = 0
    for row in kinds:
        if signals.overlapping(asked.declared[row["measure"]], counted=asked.only_counted(row)):
            continue
        known = lines.filter(pl.col("measure") == row["measure"], pl.col("by") == row["by"])
        values = known.filter(pl.col("unit").eq_missing(row["unit"]))
        looked += 1
        if values["owed" if asked.only_counted(row) else "rate"].drop_nulls().len() < LEAST:
            continue
        line = _line(asked, row)
        limited += signals.has_limits(line)
        found += [(each, row) for each in signals.signals(line)]
    if not limited:
        return Answer(
            [
                f"Nothing can be said: no line has the {LEAST} quarters with a figure that limits need, few of them left out."
            ],
            how,
        )
    told = f"{limited:,} of {looked:,} lines have the quarters with a figure that limits need; the others cannot be judged."
    if not found:
        return Answer([f"No: on none of them is anything out of the ordinary. {told}"], how)
    late = set(asked.results["period"].unique().sort().to_list()[-words.RECENT :])
    recent = [pair for pair in found if pair[0].now or pair[0].last in late]
    if not recent:
        return Answer([f"Not of late: no signal reaches into the last {words.RECENT} quarters. {told}"], how)
    ordered = sorted(recent, key=lambda pair: (not pair[0].now, pair[0].kind != "one_side"))
    lasting = [_signal(asked, each, row) for each, row in ordered if each.now]
    said = lasting[:MOST_SAID]
    if len(lasting) > MOST_SAID:
        said.append(f"{len(lasting) - MOST_SAID:,} more last to the latest quarter; all are listed below.")
    if not said:
        said = ["Nothing that lasts to the latest quarter; earlier ones are listed below."]
    figures = [
        {
            "Measure": asked.title(row),
            "Of": asked.of(row),
            "Signal": signals.KINDS[each.kind],
            "Quarters": each.first if each.points == 1 else f"{each.first} to {each.last}",
            "Latest figure in it": _value(asked, row, each.value),
            "Average": f"{each.centre:,.1f}" if asked.only_counted(row) else words.percent(each.centre),
            "Lasts": "yes" if each.now else "no",
        }
        for each, row in ordered
    ]
    return Answer([*said, told], how, pl.DataFrame(figures), _links(asked, [row for _, row in ordered]))


def _signal(asked: Asked, signal: signals.Signal, row: Row) -> str:
    counted = asked.only_counted(row)
    name = None if row["unit"] is None else asked.of({**row, "by": row["by"]}).removeprefix("led by ")
    subject = signals.about(signals.short_of(asked.declared[row["measure"]]), row["by"], name, counted=counted)
    return signals.in_words(signal, subject, counted=counted)


def _value(asked: Asked, row: Row, value: float) -> str:
    return f"{value:,.0f}" if asked.only_counted(row) else words.percent(value)


# What would settle it?


def settle(asked: Asked) -> Answer:
    """The verdicts that hang on missing records, and how many of these would have to turn out well."""
    how = (
        "A record that is missing earns no credit, and the figure could be anything from the worst to the best shown. The "
        "co-ordinator can list the records to complete; nothing here says which way they will turn out."
    )
    rows = [row for row in asked.rows(asked.quarter) if row["verdict"] == "depends on missing records"]
    judged = [
        row for row in asked.rows(asked.quarter) if row["verdict"] in {"met", "not met", "depends on missing records"}
    ]
    hidden = [row for row in asked.rows(asked.quarter) if row["verdict"] is None and not asked.only_counted(row)]
    small = (
        f"Of {len(hidden):,} more the verdict is not shown, as a count below {asked.below} could be read from it."
        if hidden
        else ""
    )
    if not rows:
        none = f"None of the {len(judged):,} verdicts shown for {asked.quarter} hangs on missing records."
        said = [none if judged else f"Nothing can be said: no verdict on a target is shown for {asked.quarter}.", small]
        return Answer([each for each in said if each], how)
    figures = [
        {
            "Measure": asked.title(row),
            "Of": asked.of(row),
            "Figure": words.rate_of(row),
            "Missing": f"{_unknown(row)} of {row['owed']:,}",
            "Worst to best": f"{words.percent(row['worst'])} to {words.percent(row['best'])}"
            if row["best"] is not None
            else words.SUPPRESSED,
            "Target": words.DASH if row["target"] is None else words.target_percent(row["target"]),
            "Met if": needed(row, each=bool(asked.declared[row["measure"]]["each"])),
        }
        for row in rows
    ]
    many = "hangs" if len(rows) == 1 else "hang"
    said = [
        f"{len(rows):,} of the {len(judged):,} verdicts shown for {asked.quarter} {many} on missing records.",
        small,
    ]
    return Answer([each for each in said if each], how, pl.DataFrame(figures), _links(asked, rows))


def needed(row: Mapping[str, Any], *, each: bool) -> str:
    """How many of the missing records must turn out met for the target to be reached."""
    if each and row["by"] == HEADLINE:
        return "each of its units reaches the target"
    if each and row["by"] == UNIT and row["unit"] in NAMELESS:
        return "those not taken up turn out to be of one that reaches the target with them"
    if row["unknown"] is None or row["met"] is None or row["target"] is None:
        return words.SUPPRESSED
    wanted = math.ceil(Fraction(str(row["target"])) * row["owed"]) - row["met"]
    return f"at least {wanted:,} of the {row['unknown']:,} turn out done"


# How do things stand?


def standing(asked: Asked) -> Answer:
    """Every measure with its verdict, those not met first."""
    how = (
        "A verdict compares the exact fraction with the target, not the rounded percentage. Where no target is set there is none, "
        "and a figure that rests on missing records says so."
    )
    rows = [row for row in asked.rows(asked.quarter, HEADLINE) if row["verdict"] != "not in this standard"]
    if not rows:
        return Answer([f"Nothing can be said: there are no figures for {asked.quarter}."], how)
    order = ("not met", "depends on missing records", "met", "no target", "nothing due", "not supplied", None)
    ordered = sorted(rows, key=lambda row: order.index(row["verdict"]))
    figures = [
        {
            "Measure": asked.title(row),
            "Figure": _figure(row),
            "Target": words.DASH if row["target"] is None else words.target_percent(row["target"]),
            "Verdict": words.verdict(row["verdict"]) or words.SUPPRESSED,
        }
        for row in ordered
    ]
    counts = {said: sum(row["verdict"] == said for row in rows) for said in order}
    with_target = [row for row in rows if row["target"] is not None]
    said = [
        f"{words.verdict(name)}: {number:,} of {len(rows):,}." for name, number in counts.items() if number and name
    ]
    if counts[None]:
        said.append(
            f"Not shown: {counts[None]:,} of {len(rows):,}, as a count below {asked.below} could be read from it."
        )
    first = f"In {asked.quarter} a target is set for {len(with_target):,} of {len(rows):,} measures."
    return Answer([first, *said], how, pl.DataFrame(figures), _links(asked, ordered))


QUESTIONS: Mapping[str, Question] = {
    "changed": Question(
        "What changed since last quarter?",
        changed,
        ("percentage point", "verdict", "limits of usual variation", "c (not shown)"),
    ),
    "furthest": Question("Which agency is furthest from its target?", furthest, ("target", "unknown", "c (not shown)")),
    "too-thin": Question(
        "Where is the data too thin to say?", too_thin, ("95 % interval", "unknown", "worst and best", "c (not shown)")
    ),
    "out-of-the-ordinary": Question(
        "Is any run of quarters out of the ordinary?",
        out_of_ordinary,
        ("signal", "average (centre line)", "limits of usual variation", "trial limits"),
    ),
    "settle": Question(
        "What would settle the verdicts that hang on missing records?", settle, ("unknown", "worst and best", "verdict")
    ),
    "standing": Question("Which targets are met, and which are not?", standing, ("target", "verdict", "c (not shown)")),
}
"""What stands in the address → the question."""
