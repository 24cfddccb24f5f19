"""The KPIs of a period on one screen, a line each, and the Board's actions. Pure functions that give HTML of our own.

Every text in it is escaped.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from html import escape

import polars as pl

from connectors.store import BoardAction, Commentary
from dashboard import board_entries, headlines, words
from dashboard.cards import Card
from dashboard.figures import quarters
from dashboard.figures.quarters import Point
from dashboard.figures.style import Look
from dashboard.text import day
from kpis.periods import Period


@dataclass(frozen=True)
class Line:
    """One KPI: its card, its last periods, and what the co-ordinator wrote beside it."""

    card: Card
    trend: Sequence[Point]
    commentary: Commentary | None


def lines(
    made: Sequence[Card],
    results: pl.DataFrame,
    period: Period,
    periods: Sequence[Period],
    written: Mapping[str, Commentary],
) -> list[Line]:
    """A line for every KPI that the standard asks for, in the order of the cards: those with a target first.

    The further measures of the guidance are no KPIs, unless the area has set itself a target for one.
    """
    headlines_only = results.filter(by="all", period_kind=period.kind)
    return [
        Line(card, quarters.points(headlines_only, card.measure, period, periods), written.get(card.measure))
        for card in made
        if card.row["verdict"] != "not in this standard" and not card.is_further
    ]


def table(told: Sequence[Line], look: Look, addresses: Mapping[str, str], snapshot: int, period: Period) -> str:
    """The summary for a desk or a telephone; `addresses` measure → where it is opened."""
    back = "Eight quarters" if period.kind == "quarter" else "Years"
    heads = ("KPI", "This period", "Target", "Verdict", back, "Assurance", "Commentary")
    rows = [
        (
            f'<a href="{escape(addresses[line.card.measure], quote=True)}">{escape(line.card.words["title"])}</a>',
            _now(line.card, with_change=True),
            _target(line.card) + _small(_whose(line.card)),
            _verdict(line.card) + _small(words.units_met(line.card.units, str(line.card.words["unit"]))),
            quarters.small(line.trend, look),
            _assurance(line.card),
            _commentary(line.commentary, snapshot),
        )
        for line in told
    ]
    return _table(heads, rows, f"KPI summary of {period.name}")


def far_table(told: Sequence[Line], look: Look, period: Period) -> str:
    """The summary for three metres: name, figure, target, verdict, trend."""
    rows = [
        (
            escape(line.card.words["title"]),
            _now(line.card, with_change=False),
            _target(line.card),
            _verdict(line.card),
            quarters.small(line.trend, look),
        )
        for line in told
    ]
    heads = ("KPI", "This period", "Target", "Verdict", "Trend")
    return _table(heads, rows, f"KPI summary of {period.name}", "far")


def actions_table(
    actions: Sequence[BoardAction], titles: Mapping[str, str], until: date, as_at: date, *, far: bool = False
) -> str:
    """The Board's actions on the screen of the period that ends on `until`; `far` for three metres."""
    rows = []
    for each in actions:
        kpi = escape(titles.get(each.measure, each.measure)) if each.measure else ""
        carried = board_entries.carried_over(each, until)
        rows.append(
            (
                ("" if far else f"{each.id}. ") + escape(each.text) + (f"<small>{kpi}</small>" if kpi else ""),
                escape(each.owner),
                escape(day(each.due_on)),
                f"<b>{escape(board_entries.state_in_words(each, as_at))}</b>"
                + _small(f"carried over from {each.raised_in}" if carried else ""),
            )
        )
    return _table(("Action", "Owner", "Due", "State"), rows, "Actions of the Board", "far acts" if far else "acts")


def _table(heads: Sequence[str], rows: Sequence[Sequence[str]], caption: str, kind: str = "") -> str:
    """Cells are HTML; the first of each row names it. The roles keep it a table where the style makes cards of its rows."""
    head = "".join(f'<th scope="col" role="columnheader">{escape(each)}</th>' for each in heads)
    body = "".join(
        f'<tr role="row"><th scope="row" role="rowheader">{first}</th>{"".join(map(_cell, others, heads[1:]))}</tr>'
        for first, *others in rows
    )
    return (
        f'<div class="kpi {kind}"><table role="table"><caption class="unseen">{escape(caption)}</caption>'
        f'<thead role="rowgroup"><tr role="row">{head}</tr></thead><tbody role="rowgroup">{body}</tbody></table></div>'
    )


def _cell(inside: str, label: str) -> str:
    return f'<td role="cell" data-label="{escape(label, quote=True)}"><span>{inside}</span></td>'


def _target(card: Card) -> str:
    wanted = card.row["target"]
    return "none set" if wanted is None else words.target_percent(wanted)


def _verdict(card: Card) -> str:
    return f"<b>{escape(words.verdict(card.row['verdict']))}</b>"


def _whose(card: Card) -> str:
    if card.row["target"] is None:
        return ""
    return f"for each {card.words['unit']}" if card.words["each"] else ("adopted by the area" if card.adopted else "")


def _small(text: str) -> str:
    return f"<small>{escape(text)}</small>" if text else ""


def _now(card: Card, *, with_change: bool) -> str:
    row = card.row
    if not row["owed"]:
        return words.DASH
    rate = headlines.told_rate(row)
    big = "not known" if rate is None else words.percent(rate)
    count = f"{words.of(row['met'], row['owed'])} {words.thing(card.things, row['owed'])}"
    change = ""
    if with_change:
        change = _small(headlines.change(card).removeprefix("; "))
    return f"<b>{escape(big)}</b>{_small(count)}{change}"


def _assurance(card: Card) -> str:
    row = card.row
    if not row["owed"]:
        return escape({"not supplied": "the source does not hold the records"}.get(row["verdict"], words.DASH))
    if not row["unknown"]:
        return "for some not recorded whose" if row["verdict"] == "depends on missing records" else "no record missing"
    missing = f"{row['unknown']:,} of {row['owed']:,} {words.thing(f'{card.record}s', row['owed'])} missing"
    bounds = f"worst {words.percent(row['worst'])} – best {words.percent(row['best'])}"
    return f"{escape(missing)}<small>{escape(bounds)}</small>"


def _commentary(written: Commentary | None, snapshot: int) -> str:
    if written is None:
        return words.DASH
    return f"{escape(written.text)}<small>{escape(signed(written, snapshot))}</small>"


def signed(written: Commentary, snapshot: int) -> str:
    """Who wrote a line and when; of which snapshot, where it is not the one shown."""
    of = "" if written.snapshot_id == snapshot else f", of snapshot {written.snapshot_id}"
    return f"{written.author}, {day(written.written_at.date())}{of}"
