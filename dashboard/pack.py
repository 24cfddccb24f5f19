"""The Board's pack of one quarter, as parts: made from what a snapshot holds, so that it can be made again with the same numbers.

Every figure is one of the stored results or counts; where small counts are to be hidden, it goes through `kpis.suppression` first.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import polars as pl

from connectors.store import BoardAction, Commentary, SnapshotInfo, Store
from dashboard import board_entries, cards, choices, frames, quality, summary, words
from dashboard.cards import Card
from dashboard.choices import days_of
from dashboard.pack_parts import Cell, Chart, Pack, Part, Series, Table, harmless
from dashboard.reference import figures
from dashboard.text import day, moment, s
from dashboard.words import DASH
from kpis.hidden_cells import SMALL, Tables
from kpis.periods import Period
from kpis.results import HEADLINE, NOT_RECORDED, RESULTS, UNIT
from kpis.suppression import HIDDEN, SUPPRESSED, TOTAL, suppressed_counts, suppressed_results

Row = Mapping[str, Any]

TOLD_ELSEWHERE = ("screening_outcomes", "caseload")
"""Measures that have a part of their own."""

NEEDED = (frames.referrals, frames.caseload, frames.completeness)
"""The stored frames that a pack is made of, by standard."""

_REFERRALS = {"source_agency": "By referring agency", "concern": "By concern", "route": "By route"}


def how_hidden(below: int) -> str:
    """What is not shown, for the reader."""
    if below < 2:
        return "No count is too small to be shown: the area's settings say so."
    few = "of 1" if below == 2 else f"from 1 to {below - 1}"
    return (
        f"Counts {few} are not shown; a “{HIDDEN}” stands for them, and for the shares, bounds and further counts from which "
        "they could be worked out. Nought is shown. Attendance at the Board itself is shown in full: no case is counted in it."
    )


NOT_HIDDEN = "Small counts are shown in full. Handle this pack as confidential: small counts can point to a person."


@dataclass(frozen=True)
class Snapshot:
    """What a pack is made from: one snapshot under one standard, and the period it tells of.

    `frame` gives a stored frame by its name, None where the snapshot has none · `periods` the newest first · `kept` whether the
    snapshot is in a store, to be found again by its number · `commentary` measure → the line written beside it · `actions` those on
    the period's screen, in its order · `below` smaller counts are hidden, unless small ones are to be shown.
    """

    area: str
    info: SnapshotInfo
    standard: str
    period: Period
    periods: Sequence[Period]
    results: pl.DataFrame
    outcomes: pl.DataFrame
    definitions: Mapping[str, Any]
    frame: Callable[[str], pl.DataFrame | None]
    kept: bool = True
    commentary: Mapping[str, Commentary] = field(default_factory=dict)
    actions: Sequence[BoardAction] = ()
    below: int = SMALL

    @property
    def written(self) -> tuple[Commentary | BoardAction, ...]:
        """All that people wrote, to tell whether it has changed."""
        return (*self.commentary.values(), *self.actions)


def stored(store: Store, info: SnapshotInfo, standard: str, wanted: Callable[[Sequence[Period]], Period]) -> Snapshot:
    """A snapshot of a store; `wanted` chooses one of its periods."""
    results = store.results(info.id, standard=standard)
    periods = choices.periods_of(results)
    names = set(store.frame_names(info.id))
    period = wanted(periods)
    return Snapshot(
        info.area,
        info,
        standard,
        period,
        periods,
        results,
        store.rule_outcomes(info.id, standard),
        store.definitions(info.id),
        lambda name: store.frame(info.id, name) if name in names else None,
        commentary=board_entries.standing(store.commentary(info.area, standard, period.name)),
        actions=board_entries.on_screen(store.board_actions(info.area), period.end, info.as_at),
    )


def pack(given: Snapshot, *, small_counts: bool = False) -> Pack:
    """The pack of a period; `small_counts` shows them instead of hiding them."""
    return _Making(given, small_counts=small_counts).pack()


# Cells


def _out(row: Row, *names: str) -> bool:
    """Whether any of these figures of a row is hidden."""
    return any(name in row[SUPPRESSED] for name in names)


def count_cell(row: Row, name: str) -> Cell:
    """A count of a row."""
    if _out(row, name):
        return Cell(HIDDEN)
    return Cell(DASH) if row[name] is None else Cell(f"{row[name]:,}", row[name])


def share_cell(row: Row, name: str) -> Cell:
    """A fraction of a row as a percentage."""
    if _out(row, name):
        return Cell(HIDDEN)
    return Cell(DASH) if row[name] is None else Cell(words.percent(row[name]), row[name], share=True)


def of_cell(row: Row) -> str:
    """Numerator and denominator, each hidden where it must be: 17 of 28, c of 28."""
    if row["owed"] is None and not _out(row, "owed"):
        return DASH
    if row["owed"] == 0:
        return words.of(0, 0)
    met = HIDDEN if _out(row, "met", "owed") else f"{row['met']:,}"
    return f"{met} of {HIDDEN if _out(row, 'owed') else format(row['owed'], ',')}"


def _target_cell(row: Row) -> Cell:
    return (
        Cell("none set")
        if row["target"] is None
        else Cell(words.target_percent(row["target"]), row["target"], share=True)
    )


def verdict_words(row: Row) -> str:
    """The verdict with its sign, or that it is not shown."""
    return f"{HIDDEN} not shown" if _out(row, "verdict") else words.verdict(row["verdict"])


def _verdict(row: Row) -> str:
    """The verdict with its sign, where the target stands before it: ✗ not met."""
    said = row["verdict"]
    return f"verdict {HIDDEN} not shown" if _out(row, "verdict") else f"{words.SIGNS.get(said, DASH)} {said}"


def _bounds(row: Row) -> str:
    """What is missing, and between what the figure lies for it."""
    if row["owed"] in {None, 0} and not _out(row, "owed"):
        return DASH
    if row["unknown"] == 0:
        return "none missing"
    missing = HIDDEN if _out(row, "unknown", "owed") else f"{row['unknown']:,}"
    if _out(row, "worst", "best"):
        return f"{missing} missing: between {HIDDEN} and {HIDDEN}"
    return f"{missing} missing: {words.percent(row['worst'])} to {words.percent(row['best'])}"


def change_words(row: Row, then: Row | None, name: str) -> str:
    """What changed since the period before; nothing that a hidden figure of either period could be told from."""
    if then is not None and (_out(row, "rate", "owed") or _out(then, "rate", "owed")):
        return f"Not shown: a figure of one of the two periods is hidden ({HIDDEN})."
    return words.change(row, then, name)


def _rate(row: Row) -> str:
    """A figure in a sentence."""
    if _out(row, "rate"):
        return f"{of_cell(row)} ({HIDDEN})"
    return f"{of_cell(row)} ({words.percent(row['rate'])})"


class _Making:
    """One pack in the making."""

    def __init__(self, given: Snapshot, *, small_counts: bool) -> None:
        self.given, self.small_counts = given, small_counts
        self.period = given.period
        self.before = choices.before(given.period, given.periods)
        self.words: dict[str, Any] = given.definitions["standards"][given.standard]
        self.measures: dict[str, Any] = given.definitions["measures"]
        self.results = self._hidden(given.results)
        self.trend = sorted(
            (each for each in given.periods if each.kind == self.period.kind and each.end <= self.period.end),
            key=lambda each: each.end,
        )[-words.RECENT :]

    def _hidden(self, results: pl.DataFrame) -> pl.DataFrame:
        told = results.select(*RESULTS)
        if self.small_counts:
            return told.with_columns(pl.lit([], dtype=pl.List(pl.String)).alias(SUPPRESSED))
        return suppressed_results(
            self._of_late(told),
            each=[name for name, each in self.measures.items() if each["each"]],
            of_no_case=[name for name, each in self.measures.items() if not each.get("of_cases", True)],
            below=self.given.below,
        )

    def _of_late(self, results: pl.DataFrame) -> pl.DataFrame:
        """The reporting years that the pack tells of, whole: a year is kept together with its quarters."""
        until = self.period.end
        recent = sorted(
            each.start for each in self.given.periods if each.kind == self.period.kind and each.end <= until
        )
        first = recent[-words.RECENT :][0] if recent else self.period.start
        years = [
            each for each in self.given.periods if each.kind == "year" and each.end >= first and each.start <= until
        ]
        start = min((each.start for each in years), default=first)
        end = max((each.end for each in years), default=until)
        return results.filter((pl.col("period_start") >= start) & (pl.col("period_end") <= end))

    # The whole

    def pack(self) -> Pack:
        """The pack."""
        made = cards.cards(self.results, self.given.definitions, self.given.standard, self.period, self.before)
        asked = [card for card in made if card.row["verdict"] != "not in this standard"]
        first = [card for card in asked if not card.is_further and card.measure not in TOLD_ELSEWHERE]
        first = [card for card in first if card.row["target"] is not None] + [
            card for card in first if card.row["target"] is None
        ]
        further = [card for card in asked if card.is_further and card.measure not in TOLD_ELSEWHERE]
        elsewhere = [card for card in made if card.row["verdict"] == "not in this standard"]
        parts = [
            self._summary(first),
            *([self._actions()] if self.given.actions else []),
            *map(self._kpi, first),
            *([self._further(further)] if further else []),
            self._screening(),
            self._referrals(),
            self._caseload(),
            self._quality(first),
            self._definitions([*first, *further], elsewhere),
        ]
        about = self._about()
        foot = f"{about['Area']} · {self.period.name} · as at {about['As at']} · {self._which}"
        return Pack(self._title(), about, self._warnings(), parts, foot, self.given.info.made_at)

    def _title(self) -> str:
        return f"Board pack, {self.period.name}"

    def _about(self) -> dict[str, str]:
        info = self.given.info
        return {
            "Area": harmless(self.given.area),
            "Standard": f"{self.words['title']}, {self.words['edition']}",
            "Period": f"{self.period.name}: {days_of(self.period)}",
            "As at": day(info.as_at),
            "Snapshot": f"{info.id}, made {moment(info.made_at)}"
            if self.given.kept
            else f"none kept: made straight from the records, {moment(info.made_at)}",
            "Filters": "None: every case, category, level and agency of the area",
            "Small counts": NOT_HIDDEN if self.small_counts else how_hidden(self.given.below),
            "Definitions": "As they were declared when the snapshot was made; the last part of this pack lists them",
            "Check your edition": self.words["caution"] or "",
            "Made by": f"MAPPA Monitor {info.product_version}",
        }

    def _warnings(self) -> list[str]:
        out = []
        if self.period.end > self.given.info.as_at:
            out.append(f"The period is not over: the figures are those up to {day(self.given.info.as_at)}.")
        if self.small_counts:
            out.append(NOT_HIDDEN)
        return out

    @property
    def _source(self) -> str:
        names = [each.name for each in self.given.info.sources]
        source = harmless(names[0]) if len(names) == 1 else f"{len(names)} sources"
        return f"Source: {source}, as at {day(self.given.info.as_at)}, {self._which}."

    @property
    def _which(self) -> str:
        return f"snapshot {self.given.info.id}" if self.given.kept else "no snapshot kept"

    # The measures

    def _summary(self, made: Sequence[Card]) -> Part:
        targets = [card for card in made if card.row["target"] is not None]
        said = [verdict_words(card.row) for card in targets]
        tally = "; ".join(f"{each}: {said.count(each)} of {len(said)}" for each in dict.fromkeys(said))
        message = f"Of {len(said)} target{s(len(said))}: {tally}." if said else "No target is set."
        rows = [
            [
                Cell(card.words["title"]),
                share_cell(card.row, "rate")
                if card.has_figure or _out(card.row, "owed")
                else Cell(verdict_words(card.row)),
                Cell(of_cell(card.row)),
                _target_cell(card.row),
                Cell(verdict_words(card.row)),
                Cell(change_words(card.row, card.before, card.before_name) or DASH),
                Cell(_bounds(card.row)),
            ]
            for card in made
        ]
        headings = [
            "Measure",
            "Figure",
            "n of N",
            "Target",
            "Verdict",
            "Since the period before",
            "If records were complete",
        ]
        drawn = [card for card in made if card.row["rate"] is not None]
        chart = Chart(
            "bars",
            f"Figures of {self.period.name} beside their targets",
            [card.words["title"] for card in drawn],
            [Series("Figure", [card.row["rate"] for card in drawn], [_rate(card.row) for card in drawn])],
            self._alt(
                [f"{card.words['title']}: {_rate(card.row)}, target {_target_cell(card.row).text}" for card in drawn]
            ),
            "Each bar is a figure of the period; the line on it is its target. Figures that are hidden have no bar.",
            share=True,
            targets=[card.row["target"] for card in drawn],
        )
        table = Table(f"Headline figures, {self.period.name}", headings, rows)
        return Part(
            "The quarter in figures" if self.period.kind == "quarter" else "The year in figures",
            message,
            [self._source],
            [chart],
            [table],
        )

    def _alt(self, told: Sequence[str]) -> str:
        """What a chart shows, in words."""
        return harmless("; ".join(told) or "Nothing to draw") + "."

    def _kpi(self, card: Card) -> Part:
        row, title = card.row, card.words["title"]
        if not card.has_figure and not _out(row, "owed"):
            message = f"{title}: {words.verdict(row['verdict'])}."
            says = [words.why_none(row["verdict"], self.period.name), change_words(row, card.before, card.before_name)]
        else:
            message = self._headline(card)
            says = [self._assurance(card), "" if _out(row, "rate") else words.interval(row)]
            says = [words.just_below(row["rate"], row["target"], row["verdict"]), *self._each(card), *says]
            if card.by_review is not None and (card.by_review["owed"] or _out(card.by_review, "owed")):
                says.insert(0, f"By {card.words['unit']}: {_rate(card.by_review)}.")
        if (written := self.given.commentary.get(card.measure)) is not None:
            says.insert(0, f"Commentary: {written.text} ({summary.signed(written, self.given.info.id)})")
        chart, table = self._over_time(card)
        says = [*(each for each in says if each), f"{card.target}", self._source]
        return Part(title, message, says, [chart], [table, *self._breakdown(card)], self._notes(card))

    def _actions(self) -> Part:
        """What the Board has asked for, as it stands."""
        actions, as_at = self.given.actions, self.given.info.as_at
        titles = {name: each["title"] for name, each in self.measures.items()}
        rows = [
            [
                Cell(f"{each.id}. {each.text}"),
                Cell(each.owner),
                Cell(day(each.due_on)),
                Cell(titles.get(each.measure, each.measure) if each.measure else DASH),
                Cell(
                    board_entries.state_in_words(each, as_at)
                    + (
                        f", carried over from {each.raised_in}"
                        if board_entries.carried_over(each, self.period.end)
                        else ""
                    )
                ),
            ]
            for each in actions
        ]
        told = Table("Actions of the Board", ["Action", "Owner", "Due", "KPI", "State"], rows, words=5)
        return Part("Actions of the Board", f"{board_entries.actions_sentence(actions, as_at)}.", [], [], [told])

    def _headline(self, card: Card) -> str:
        row = card.row
        said = f"{card.words['title']}: {of_cell(row)} {card.counted}"
        said += f" ({HIDDEN if _out(row, 'rate') else words.percent(row['rate'])})"
        if row["target"] is not None:
            said += f", target {words.target_percent(row['target'])}, {_verdict(row)}"
        change = change_words(row, card.before, card.before_name)
        shown = change and card.before is not None and not change.startswith("Not shown")
        return f"{said}; {change[:1].lower()}{change[1:]}" if shown else f"{said}."

    def _each(self, card: Card) -> list[str]:
        """How many units reach the target that is for each, where each one's verdict is shown."""
        units = self.results.filter(measure=card.measure, period=self.period.name, by=UNIT)
        if not card.units or any(_out(row, "verdict") for row in units.iter_rows(named=True)):
            return []
        return [words.units_met(card.units, card.words["unit"])]

    def _assurance(self, card: Card) -> str:
        row = card.row
        if not _out(row, "unknown", "owed", "worst", "best"):
            return words.assurance(row, card.record)
        hangs = row["verdict"] == "depends on missing records"
        if row["unknown"] == 0:
            whose = "Of some records it is not recorded whose they are, and the verdict depends on it."
            return whose if hangs else "No record it needs is missing."
        return f"Records are missing or incomplete; how many is not shown ({HIDDEN})." + (
            " The verdict depends on them." if hangs else ""
        )

    def _over_time(self, card: Card) -> tuple[Chart, Table]:
        rows = {
            row["period"]: row for row in self.results.filter(measure=card.measure, by=HEADLINE).iter_rows(named=True)
        }
        told = [(each.name, rows[each.name]) for each in self.trend if each.name in rows]
        names = [name for name, _ in told]
        what = "quarters" if self.period.kind == "quarter" else "years"
        chart = Chart(
            "columns",
            f"{card.words['title']}: the last {len(names)} {what}"
            if len(names) > 1
            else f"{card.words['title']}: {names[0]}",
            names,
            [Series("Figure", [row["rate"] for _, row in told], [share_cell(row, "rate").text for _, row in told])],
            self._alt(
                [
                    f"{name}: {_rate(row) if row['owed'] or _out(row, 'owed') else words.verdict(row['verdict'])}"
                    for name, row in told
                ]
            ),
            card.words["how_to_read"],
            share=True,
            targets=[row["target"] for _, row in told],
        )
        rows_of = [
            [
                Cell(name),
                share_cell(row, "rate"),
                count_cell(row, "met"),
                count_cell(row, "owed"),
                count_cell(row, "unknown"),
                share_cell(row, "worst"),
                share_cell(row, "best"),
                _target_cell(row),
                Cell(verdict_words(row)),
            ]
            for name, row in reversed(told)
        ]
        headings = ["Period", "Figure", "Met", "Owed", "Missing", "Worst", "Best", "Target", "Verdict"]
        return chart, Table(f"{card.words['title']}, the latest period first", headings, rows_of)

    def _breakdown(self, card: Card) -> list[Table]:
        """A table by unit: agencies and members in the order of their names, what is only counted in the declared one."""
        rows = cards.breakdown(self.results, card.measure, self.period, UNIT)
        if rows.is_empty():
            return []
        declared = card.words
        names = cards.unit_names(UNIT, declared, {})
        heading = cards.heading_of(UNIT, declared)
        title = f"{declared['title']}, by {declared['unit'] or 'unit'}, {self.period.name}"
        if rows["met"].null_count() == rows.height and declared["counts"]:
            ordered = cards.without_noughts(cards.in_order(rows, declared["counts"]), declared["counts"])
            told = [
                [Cell(self._name(row["unit"], names)), count_cell(row, "owed")] for row in ordered.iter_rows(named=True)
            ]
            return [Table(title, [heading, "Number"], told)]
        told = [
            [
                Cell(self._name(row["unit"], names)),
                share_cell(row, "rate"),
                count_cell(row, "met"),
                count_cell(row, "owed"),
                count_cell(row, "unknown"),
                Cell(verdict_words(row)),
            ]
            # Not in the order of their rates: that would tell something of those that are hidden.
            for row in rows.sort("unit", nulls_last=True).iter_rows(named=True)
        ]
        return [Table(title, [heading, "Figure", "Met", "Owed", "Missing", "Verdict"], told)]

    def _name(self, unit: str | None, names: Mapping[str, str]) -> str:
        return harmless(NOT_RECORDED if unit is None else names.get(unit, unit)) or "(no name)"

    def _notes(self, card: Card) -> list[str]:
        said = card.words
        return [
            said["sentence"],
            f"Numerator: {said['numerator']}.",
            f"Denominator: {said['denominator']}.",
            f"How to read it: {said['how_to_read']}",
            f"Source: {said['cite']}.",
        ]

    def _further(self, made: Sequence[Card]) -> Part:
        tables = []
        for theme in dict.fromkeys(str(card.words.get("theme", cards.KPIS)) for card in made):
            rows = []
            for card in made:
                if card.words.get("theme", cards.KPIS) != theme:
                    continue
                row, then = card.row, card.before
                there = card.has_figure or _out(row, "owed")
                rows.append(
                    [
                        Cell(card.words["title"]),
                        share_cell(row, "rate") if there else Cell(words.verdict(row["verdict"])),
                        Cell(f"{of_cell(row)} {card.counted}" if there else DASH),
                        Cell(_bounds(row)),
                        Cell(
                            DASH
                            if then is None or (then["owed"] in {None, 0} and not _out(then, "owed"))
                            else _rate(then)
                        ),
                    ]
                )
            before = f"In {self.before.name}" if self.before else "The period before"
            tables.append(Table(theme, ["Measure", "Figure", "n of N", "If records were complete", before], rows))
        message = f"{len(made)} further measure{s(len(made))} of the guidance, for which no target is set."
        notes = [f"{card.words['title']}: {card.words['sentence']}" for card in made]
        return Part("Further measures", message, [self._source], [], tables, notes)

    # What is counted

    def _screening(self) -> Part:
        title = "Screening outcomes"
        declared = self.measures.get("screening_outcomes")
        rows = cards.breakdown(self.results, "screening_outcomes", self.period, UNIT)
        if declared is None or rows.is_empty():
            return Part(title, "Screening outcomes are not supplied: the source holds no meetings.")
        headline = self.results.filter(measure="screening_outcomes", period=self.period.name, by=HEADLINE).row(
            0, named=True
        )
        total = count_cell(headline, "owed")
        if headline["owed"] == 0:
            return Part(title, f"No screening meeting was held in {self.period.name}.", notes=[declared["sentence"]])
        names = cards.unit_names(UNIT, declared, {})
        counts = [
            (self._name(row["unit"], names), count_cell(row, "owed"))
            for row in cards.in_order(rows, declared["counts"]).iter_rows(named=True)
        ]
        message = f"{total.text} screening meetings were held in {self.period.name}."
        notes = [declared["sentence"], f"How to read it: {declared['how_to_read']}", f"Source: {declared['cite']}."]
        chart, table = self._counted(
            f"Screening meetings by outcome, {self.period.name}", "Outcome", "Screenings", counts, total
        )
        return Part(title, message, [self._source], [chart], [table], notes)

    def _counted(
        self, title: str, heading: str, number: str, counts: Sequence[tuple[str, Cell]], total: Cell
    ) -> tuple[Chart, Table]:
        chart = Chart(
            "bars",
            title,
            [name for name, _ in counts],
            [Series(number, [cell.number for _, cell in counts], [cell.text for _, cell in counts])],
            self._alt([f"{name}: {cell.text}" for name, cell in counts]),
            f"Each bar is a count. A “{HIDDEN}” stands for one that is not shown."
            if not self.small_counts
            else "Each bar is a count.",
        )
        rows = [[Cell(name), cell] for name, cell in counts]
        return chart, Table(title, [heading, number], [*rows, [Cell("Total"), total]])

    def _referrals(self) -> Part:
        title = "Referrals"
        kept = self.given.frame(frames.referrals(self.given.standard))
        if kept is None or kept.is_empty():
            return Part(title, "Referrals are not supplied: the source holds no dated referrals.")
        now = kept.filter(period=self.period.name)
        if now.is_empty():
            return Part(title, f"No referral was received in {self.period.name}.")
        told = self._counts(now, "referrals", ["period", "by"], ["name"])
        charts, tables, total = [], [], Cell("0", 0)
        for by, said in _REFERRALS.items():
            # By name: the order of their sizes would tell something of those that are hidden.
            rows = sorted(
                told.filter(by=by).to_dicts(),
                key=lambda row: (row["name"] == TOTAL, row["name"] == NOT_RECORDED, row["name"]),
            )
            cells = [(self._name(row["name"], {}), _cell(row, "referrals")) for row in rows]
            total = cells[-1][1] if cells else total
            chart, table = self._counted(
                f"Referrals {said[0].lower()}{said[1:]}, {self.period.name}",
                said.removeprefix("By ").capitalize(),
                "Referrals",
                cells[:-1],
                total,
            )
            tables.append(table)
            charts += [chart] if by == "route" else []
        message = f"{total.text} referral{s(total.number)} received in {self.period.name}."
        notes = ["A referral belongs to the period in which it was received. What is not recorded is a row of its own."]
        return Part(title, message, [self._source], charts, tables, notes)

    def _counts(self, counts: pl.DataFrame, count: str, within: list[str], by: list[str]) -> pl.DataFrame:
        """Counts with their totals, small ones hidden unless they are to be shown."""
        return suppressed_counts(
            counts, count, within=within, by=by, below=0 if self.small_counts else self.given.below
        )

    def _caseload(self) -> Part:
        title = "Caseload"
        on = min(self.period.end, self.given.info.as_at)
        kept = self.given.frame(frames.caseload(self.given.standard))
        if kept is None or kept.is_empty():
            return Part(title, "The caseload is not supplied: the source holds no cases.")
        rows = kept.filter(on=on)
        if rows.is_empty():
            return Part(title, f"No case was under management on {day(on)}.")
        names = cards.category_names(self.words, on)
        codes = [*names, *(each for each in rows["category"].unique().sort() if each not in names)]
        levels = [*"123", *(each for each in rows["level"].unique().sort() if each not in "123")]
        grid = pl.DataFrame({"on": [on], "category": [codes], "level": [levels]}).explode("category").explode("level")
        every = grid.join(rows, on=["on", "category", "level"], how="left", maintain_order="left")
        told = self._counts(every.with_columns(pl.col("cases").fill_null(0)), "cases", ["on"], ["category", "level"])
        cells = {(row["category"], row["level"]): _cell(row, "cases") for row in told.to_dicts()}
        across = {level: f"Level {level}" if level in "123" else level.capitalize() for level in levels}
        down = {code: harmless(names.get(code, code)) for code in codes}
        table = Table(
            f"Cases by category and level at the end of {day(on)}",
            ["Category", *across.values(), "Total"],
            [
                [Cell(name), *(cells[code, level] for level in (*levels, TOTAL))]
                for code, name in {**down, TOTAL: "Total"}.items()
            ],
        )
        chart = Chart(
            "stacked",
            table.title,
            list(down.values()),
            [
                Series(name, [cells[code, level].number for code in codes], [cells[code, level].text for code in codes])
                for level, name in across.items()
            ],
            self._alt(
                [
                    f"{name}: {', '.join(f'{across[level]} {cells[code, level].text}' for level in levels)}"
                    for code, name in down.items()
                ]
            ),
            "Each bar is a category, in parts by level. Each case counts once, at the level it was at on that day.",
        )
        total = cells[TOTAL, TOTAL]
        message = f"{total.text} case{s(total.number)} under management at the end of {day(on)}."
        return Part(
            title, message, [self._source], [chart], [table], ["Categories that the standard lacks are left out."]
        )

    # How good the records are, and what the words mean

    def _quality(self, made: Sequence[Card]) -> Part:
        outcomes = self.given.outcomes
        counts = quality.status_counts(outcomes)
        message = (
            f"{counts[quality.FAIL]:,} of {counts[quality.FAIL] + counts[quality.PASS]:,} rules that could be checked failed; "
            f"{counts[quality.COULD_NOT_CHECK]:,} could not be checked, which is no pass."
        )
        completeness = self.given.frame(frames.completeness(self.given.standard))
        rows = []
        if completeness is not None:
            for each in quality.dimensions(outcomes, completeness).iter_rows(named=True):
                passed, tests = self._tests(each["passed"], each["tests"])
                share = (
                    Cell(words.percent(each["passed"] / each["tests"]), each["passed"] / each["tests"], share=True)
                    if each["tests"]
                    else Cell("not tested")
                )
                rows.append(
                    [
                        Cell(each["dimension"].capitalize()),
                        share if passed.number is not None or not each["tests"] else Cell(HIDDEN),
                        passed,
                        tests,
                        *(
                            Cell(f"{each[name]:,}", each[name])
                            for name in ("rules", "failing_rules", "unchecked_rules")
                        ),
                    ]
                )
        hang = [card.words["title"] for card in made if card.row["verdict"] == "depends on missing records"]
        says = [
            f"Verdicts that depend on missing records: {'; '.join(hang)}."
            if hang
            else "No verdict shown depends on missing records.",
            quality.HOW_COUNTED,
            self._source,
        ]
        headings = ["Dimension", "Share passed", "Tests passed", "Tests", "Rules", "Rules failed", "Not checked"]
        table = Table("Data quality by dimension, as at the snapshot", headings, rows)
        return Part("Data quality in short", message, says, [], [table] if rows else [], list(says[1:2]))

    def _tests(self, passed: int, tests: int) -> tuple[Cell, Cell]:
        """How many tests passed of how many, hidden where that would tell that few did, or few did not."""
        one = Tables([passed, tests - passed])
        one.hide_small(0 if self.small_counts else self.given.below)
        one.protect()
        hidden = {column for _, _, column in one.hidden}
        return (
            Cell(HIDDEN) if 0 in hidden or 1 in hidden else Cell(f"{passed:,}", passed),
            Cell(HIDDEN) if 2 in hidden else Cell(f"{tests:,}", tests),
        )

    def _definitions(self, made: Sequence[Card], elsewhere: Sequence[Card]) -> Part:
        told = [card.words for card in made]
        told += [self.measures[name] for name in TOLD_ELSEWHERE[:1] if name in self.measures]
        rows = [
            [
                Cell(each["title"]),
                Cell(each["sentence"]),
                Cell(f"{each['numerator']}; of: {each['denominator']}"),
                Cell(each["cite"]),
            ]
            for each in told
        ]
        of_standard = [[Cell(row[0]), Cell(row[1]), Cell(row[2])] for row in figures(self.words).iter_rows()]
        field = self.given.definitions.get("words") or {}
        tables = [
            Table("The measures", ["Measure", "What it says", "Numerator; of: denominator", "Source"], rows, words=4),
            Table(
                f"The figures of the standard {self.words['title']}",
                ["Figure", "Value", "Source"],
                of_standard,
                words=3,
            ),
            Table(
                "The words of the field",
                ["Word", "Meaning"],
                [[Cell(word), Cell(text)] for word, text in field.items()],
                words=2,
            ),
        ]
        says = [NOT_HIDDEN if self.small_counts else how_hidden(self.given.below)]
        if elsewhere:
            says.append(f"Not in this standard: {'; '.join(card.words['title'] for card in elsewhere)}.")
        return Part(
            "Definitions used",
            "What is counted, of how many, and where the guidance asks for it.",
            says,
            [],
            [table for table in tables if table.rows],
        )


def _cell(row: Row, name: str) -> Cell:
    return Cell(HIDDEN) if row[SUPPRESSED] else Cell(f"{row[name]:,}", row[name])
