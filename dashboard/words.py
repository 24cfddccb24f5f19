"""Figures in words: what stands on a card or under a chart, in sentences a lay member of the Board can follow.

Every function takes counts and fractions as results hold them (`kpis.results.RESULTS`) and gives plain text of our own; names that
come from a source must go through `dashboard.text.plain` before they stand beside it in Markdown.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from dashboard.text import s

NBSP = "\N{NO-BREAK SPACE}"
DASH = "–"

SIGNS = {
    "met": "✓",
    "not met": "✗",
    "depends on missing records": "◐",
    "nothing due": DASH,
    "not supplied": DASH,
    "not in this standard": DASH,
    "no target": "○",
}
"""Verdict → a sign of its own shape, so that colour is never needed to tell one from another."""

_VERDICTS = {
    "met": "target met",
    "not met": "target not met",
    "depends on missing records": "depends on missing records",
    "nothing due": "nothing due",
    "not supplied": "not supplied",
    "not in this standard": "not in this standard",
    "no target": "no target set",
}

MET_WORDS = {True: "✓ met", False: "✗ not met", None: "◐ not known"}
"""The three values of one thing owed."""

SUPPRESSED = "c"
"""Stands where a count, and what would give it away, is not shown because it is small."""

FEW = 0.2
"""An interval wider than this is said to be wide."""

RECENT = 8
"""So many quarters are looked back on."""


def percent(rate: float | None) -> str:
    """A fraction as a percentage to one decimal; what is not all or nothing is never rounded to 100 or 0 %."""
    if rate is None:
        return DASH
    rounded = f"{rate * 100:.1f}"
    if rounded == "100.0" and rate < 1:
        return f"over{NBSP}99.9{NBSP}%"
    if rounded == "0.0" and rate > 0:
        return f"under{NBSP}0.1{NBSP}%"
    return f"{rounded}{NBSP}%"


def target_percent(target: float) -> str:
    """A target without needless decimals: 85 %, 92.5 %."""
    return f"{float(target) * 100:.4f}".rstrip("0").rstrip(".") + f"{NBSP}%"


def of(met: int | None, owed: int | None) -> str:
    """Numerator and denominator: 17 of 28."""
    if not owed or met is None:
        return "nothing due"
    return f"{met:,} of {owed:,}"


def rate_of(row: Mapping[str, Any]) -> str:
    """A rate with its numerator and denominator: 60.7 % (17 of 28); `c (c of 28)` where a small count is not shown."""
    if is_suppressed(row):
        counts = (SUPPRESSED if row[name] is None else f"{row[name]:,}" for name in ("met", "owed"))
        return f"{SUPPRESSED if row['rate'] is None else percent(row['rate'])} ({' of '.join(counts)})"
    return f"{percent(row['rate'])} ({of(row['met'], row['owed'])})" if row.get("owed") else "nothing due"


def is_suppressed(row: Mapping[str, Any]) -> bool:
    """Whether a result's figure is not shown because a count in it, or one that it would give away, is small."""
    return bool(row.get("suppressed"))


def verdict(said: str | None) -> str:
    """A verdict with its sign: ✗ target not met."""
    if said is None:
        return ""
    return f"{SIGNS.get(said, DASH)} {_VERDICTS.get(said, said)}"


def target(value: float | None, *, each: str | None = None, adopted: bool = False) -> str:
    """The target in words; `each` names what every one of is to reach it."""
    if value is None:
        return "No target is set."
    who = f" for each {each}" if each else ""
    by = ", adopted by the area; the guidance sets none" if adopted else ""
    return f"Target: {target_percent(value)}{who}{by}."


def units_met(verdicts: Mapping[str, int], unit: str) -> str:
    """How many agencies or members reach the target that is for each of them; `verdicts` how many have which."""
    total = sum(verdicts.values())
    if not total:
        return ""
    met, open_ = verdicts.get("met", 0), verdicts.get("depends on missing records", 0)
    hangs = f"; for {open_:,} it depends on missing records" if open_ else ""
    return (
        f"{met:,} of {total:,} {unit if total == 1 else several(unit)} {'reaches' if met == 1 else 'reach'} it{hangs}."
    )


def several(unit: str) -> str:
    """The plural: agencies, members."""
    return f"{unit[:-1]}ies" if unit.endswith("y") else f"{unit}s"


def thing(things: str, number: int | None) -> str:
    """A word for what is counted, in the singular for one: 1 case, 2 cases, 1 person."""
    if number != 1:
        return things
    return "person" if things == "people" else things.removesuffix("s")


def just_below(rate: float | None, wanted: float | None, said: str | None) -> str:
    """Said where rounding would make a missed target look met."""
    if rate is None or wanted is None or said != "not met" or rate >= wanted:
        return ""
    return "Just below the target, before rounding." if f"{rate * 100:.1f}" == f"{wanted * 100:.1f}" else ""


def points(now: float, then: float) -> str:
    """The difference of two rates in percentage points: up 3.1 percentage points, unchanged."""
    difference = round((now - then) * 100, 1)
    if difference == 0:
        return "unchanged"
    amount = f"{abs(difference):.1f}"
    unit = "percentage point" if amount == "1.0" else "percentage points"
    return f"{'up' if difference > 0 else 'down'} {amount} {unit}"


def change(now: Mapping[str, Any], then: Mapping[str, Any] | None, then_name: str) -> str:
    """What changed since the period before: both as rows of results; `then` is None where there is no such period."""
    if then is None:
        return "There is no earlier period to compare with."
    if not now.get("owed"):
        if then.get("owed"):
            return f"In {then_name} it was {rate_of(then)}."
        return f"Nothing was due in {then_name} either." if then.get("owed") == 0 else ""
    if not then.get("owed"):
        return f"Nothing was due in {then_name}." if then.get("owed") == 0 else f"There is no figure for {then_name}."
    moved = points(now["rate"], then["rate"])
    before = f"{rate_of(then)} in {then_name}"
    return f"{moved[:1].upper()}{moved[1:]} {'from' if moved != 'unchanged' else 'at'} {before}."


def direction(now: Mapping[str, Any], then: Mapping[str, Any] | None) -> str:
    """`up`, `down` or `off`: which way the figure moved."""
    if then is None or not now.get("owed") or not then.get("owed"):
        return "off"
    word = points(now["rate"], then["rate"]).split()[0]
    return word if word in {"up", "down"} else "off"


def assurance(row: Mapping[str, Any], what: str = "record") -> str:
    """How far missing records leave the figure open, and whether the verdict hangs on them; `what` is counted."""
    owed, unknown = row.get("owed"), row.get("unknown")
    if not owed:
        return ""
    hangs = row.get("verdict") == "depends on missing records"
    if not unknown and hangs:
        return f"Rests on {owed:,} {what}{s(owed)}; of some it is not recorded whose they are, and the verdict depends on it."
    if not unknown:
        return f"Rests on {owed:,} {what}{s(owed)}; no record it needs is missing."
    missing = f"{unknown:,} of {owed:,} {what}{s(owed)} {'is' if unknown == 1 else 'are'} missing or incomplete"
    between = f"the figure lies between {percent(row['worst'])} and {percent(row['best'])}"
    if hangs:
        return f"{missing}: {between}, and the verdict depends on {'it' if unknown == 1 else 'them'}."
    if row.get("verdict") in {"met", "not met"}:
        return f"{missing}: {between}. The verdict is the same either way."
    return f"{missing}: {between}."


def interval(row: Mapping[str, Any]) -> str:
    """The Wilson interval in plain words."""
    if not row.get("owed"):
        return ""
    low, high = row["low"], row["high"]
    wide = " Numbers this small say little about how things usually go." if high - low > FEW else ""
    return (
        f"{of(row['met'], row['owed'])} would fit a usual rate anywhere from {percent(low)} to {percent(high)} "
        f"(95{NBSP}% interval, Wilson).{wide}"
    )


def why_none(said: str, period: str) -> str:
    """Why a card has no figure."""
    return {
        "nothing due": f"Nothing was due in {period}, so there is no rate.",
        "not supplied": "The source does not hold the records that this takes, so it is not known: neither 0 % nor 100 %.",
        "not in this standard": "The chosen standard does not ask for this.",
    }.get(said, "")


def targets_over(told: Sequence[tuple[str, float | None]]) -> str:
    """The targets of some periods in order, in words: `85 %`, or `85 % until 2023-Q4 and 90 % from 2024-Q1`."""
    changes = [each for place, each in enumerate(told) if place == 0 or each[1] != told[place - 1][1]]
    said = ["none" if target is None else target_percent(target) for _, target in changes]
    if len(changes) < 2:
        return "" if said == ["none"] else "".join(said)
    last_of_first = told[[period for period, _ in told].index(changes[1][0]) - 1][0]
    later = [f"{target} from {period}" for (period, _), target in zip(changes[1:], said[1:], strict=True)]
    return " and ".join([f"{said[0]} until {last_of_first}", *later])


def quarters_met(rows: Iterable[Mapping[str, Any]], recent: int = RECENT) -> str:
    """In how many of the last quarters the target was met; `rows` of results by quarter, oldest first."""
    every = list(rows)[-recent:]
    last = [row for row in every if not is_suppressed(row) or row["verdict"] is not None]
    small = len(every) - len(last)
    wanted = targets_over([(row["period"], row["target"]) for row in last if row.get("target") is not None])
    if not wanted:
        return ""
    without = sum(row["verdict"] == "no target" for row in last)
    counted = [row for row in last if (row.get("owed") or is_suppressed(row)) and row["verdict"] != "no target"]
    met = sum(row["verdict"] == "met" for row in counted)
    open_ = sum(row["verdict"] == "depends on missing records" for row in counted)
    what = f"The target of {wanted} was met in {met} of the last {len(every)} quarter{s(len(every))}"
    notes = [f"in {small} of them it is not shown, the counts being small"] if small else []
    if without:
        notes.append(f"in {without} of them no target was set")
    if idle := len(last) - len(counted) - without:
        notes.append(f"in {idle} {'of them ' if not without else ''}nothing was due")
    if open_:
        notes.append(f"in {open_} it depends on missing records")
    return what + (f" ({'; '.join(notes)})" if notes else "") + "."


def trend(rows: Iterable[Mapping[str, Any]]) -> str:
    """The last quarters in words: where the figure stands, what it was before, how often the target was met.

    `rows`: results by quarter, oldest first, quarters in which nothing was due among them.
    """
    quarters = list(rows)
    due = [row for row in quarters if row.get("owed") or is_suppressed(row)]
    if not due:
        return "Nothing was due in any of these quarters."
    last = due[-1]
    what = f"{rate_of(last)} in {last['period']}"
    if last is not quarters[-1]:
        what += f", the last quarter in which anything was due; nothing was in {quarters[-1]['period']}"
    if len(due) > 1:
        before = due[-2]
        moved = "" if last["rate"] is None or before["rate"] is None else f": {points(last['rate'], before['rate'])}"
        what += f"; {rate_of(before)} in {before['period']}{moved}"
    return f"{what}. {quarters_met(quarters)}".strip()


def count_change(now: int, then: int | None, then_name: str) -> str:
    """A count against an earlier one: 3 more than in 2023-Q3."""
    if then is None:
        return ""
    if now == then:
        return f"as many as {then_name}"
    return f"{abs(now - then):,} {'more' if now > then else 'fewer'} than {then_name}"
