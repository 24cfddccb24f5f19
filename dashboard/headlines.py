"""Sentences for the Board, written from the figures: one per measure, one for the whole period. Plain text, nothing else.

What is not known is said to be not known: no sentence holds a percentage that missing records alone have made nought.
"""

from __future__ import annotations

from collections.abc import Sequence

from dashboard import words
from dashboard.cards import Card, Row
from dashboard.text import s
from dashboard.words import NBSP


def told_rate(row: Row | None) -> float | None:
    """The rate where one can be told: none where nothing was owed, nor a nought that only missing records make."""
    if row is None or not row["owed"] or (not row["met"] and row["unknown"]):
        return None
    return row["rate"]


def headline(card: Card, period: str, *, so_far: bool = False) -> str:
    """One measure in one sentence: n of N, rate, target, verdict, and where it comes from.

    `period` the name of the period · `so_far` whether it is still running.
    """
    title, row = card.words["title"], card.row
    said = row["verdict"]
    if not row["owed"]:
        return f"{title}: {_without_figure(card, period)}"
    running = f"so far in {period}, " if so_far else ""
    if card.units and row["target"] is not None:
        told = f"{_units(card)}; all together {_figure(card)}"
    elif said == "depends on missing records":
        told = f"{_figure(card)}, target {words.target_percent(row['target'])}, depends on {_missing(row)}"
    elif row["target"] is None:
        told = f"{_figure(card)}, no target set"
    else:
        just = " (just below it, before rounding)" if words.just_below(row["rate"], row["target"], said) else ""
        told = f"{_figure(card)}, target {words.target_percent(row['target'])}, {said}{just}"
    return f"{title}: {running}{told}{change(card)}"


def _without_figure(card: Card, period: str) -> str:
    said = card.row["verdict"]
    if said == "not supplied":
        return "not known; the source does not hold the records that this takes"
    if said == "not in this standard":
        return "the chosen standard does not ask for this"
    before = told_rate(card.before)
    then = "" if before is None else f"; it was {words.percent(before)} in {card.before_name}"
    return f"nothing was due in {period}, so there is no rate{then}"


def _figure(card: Card) -> str:
    """n of N and the rate; or, where the nought would be that of missing records, what is known and what is not."""
    row = card.row
    owed = f"{row['owed']:,} {words.thing(card.things, row['owed'])}"
    if row["unknown"] == row["owed"]:
        return f"not known for any of {owed}"
    if told_rate(row) is None:
        return f"{row['met']:,} of {owed} known to be met, {row['unknown']:,} not known, so at most {words.percent(row['best'])}"
    told_later = row["verdict"] == "depends on missing records" and not card.units
    unknown = f", {row['unknown']:,} not known" if row["unknown"] and not told_later else ""
    return f"{row['met']:,} of {owed} ({words.percent(row['rate'])}{unknown})"


def _units(card: Card) -> str:
    """How many agencies or members reach a target that is for each of them, and so the verdict."""
    counts, wanted = card.units, words.target_percent(card.row["target"])
    total, met, open_ = sum(counts.values()), counts.get("met", 0), counts.get("depends on missing records", 0)
    unit = str(card.words["unit"])
    reached = f"{met:,} of {total:,} {unit if total == 1 else words.several(unit)} {'reaches' if met == 1 else 'reach'} {wanted}"
    if open_:
        reached += f", for {open_:,} it depends on missing records"
    said = card.row["verdict"]
    hangs = said == "depends on missing records"
    on = "them" if open_ else f"records that name no {unit}"
    return f"{reached}: {f'whether the target is met depends on {on}' if hangs else f'target {said}'}"


def _missing(row: Row) -> str:
    if not row["unknown"]:
        return "records that do not say whose they are"
    return f"{row['unknown']:,} missing record{'' if row['unknown'] == 1 else 's'}"


def change(card: Card) -> str:
    """Where the figure comes from: `; down from 61.0 % in 2023-Q3`. Nothing where either is not known."""
    now, then = told_rate(card.row), told_rate(card.before)
    if now is None or then is None:
        return ""
    said, was = words.percent(now), words.percent(then)
    if said == was:
        return f"; {'unchanged since' if now == then else 'about the same as in'} {card.before_name}"
    return f"; {'up' if now > then else 'down'} from {was} in {card.before_name}"


def quarter(made: Sequence[Card], period: str, *, so_far: bool = False) -> str:
    """The whole period in one sentence: how many targets are met, missed, open, or cannot be judged."""
    name = f"{period} so far" if so_far else period
    verdicts = [card.row["verdict"] for card in made if card.row["target"] is not None]
    if not verdicts:
        return f"{name}: no target is set"
    counts = {said: verdicts.count(said) for said in words.SIGNS}
    total = len(verdicts)
    parts = [f"{counts['met']:,} of {total:,} target{s(total)} met"]
    if counts["not met"]:
        parts.append(f"{counts['not met']:,} not met")
    if open_ := counts["depends on missing records"]:
        parts.append(f"{open_:,} depend{'s' if open_ == 1 else ''} on missing records")
    if idle := counts["nothing due"]:
        parts.append(f"for {idle:,} nothing was due")
    if absent := counts["not supplied"]:
        parts.append(f"for {absent:,} the records are not supplied")
    return f"{name}: {', '.join(parts)}"


def caveats(card: Card, *, so_far: bool = False) -> list[str]:
    """What must be said beside the figure: missing records, small numbers, the other way to count, whose target it is."""
    row = card.row
    if not row["owed"]:
        return [why] if (why := _why_none(row["verdict"])) else []
    told = [words.assurance(row, card.record)]
    if row["high"] - row["low"] > words.FEW:
        told.append("Numbers this small say little about how things usually go.")
    if so_far:
        told.append("The period is not over: what falls due later is not in it yet.")
    if card.words["window"] == "12 months":
        told.append("It looks back on the twelve months that end with the period.")
    if card.words["window"] == "last day":
        told.append("It tells how things stood on the last day of the period.")
    if card.by_review is not None and told_rate(card.by_review) is not None:
        told.append(f"By {card.words['unit']}: {words.rate_of(card.by_review)}.")
    if card.adopted:
        told.append("The area has adopted the target; the guidance sets none.")
    return told


def _why_none(said: str) -> str:
    return {
        "nothing due": f"Nothing due is neither 0{NBSP}% nor 100{NBSP}%: there was nothing to do.",
        "not supplied": f"Not known is neither 0{NBSP}% nor 100{NBSP}%.",
    }.get(said, "")
