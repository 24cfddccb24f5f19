"""A refresh: pull, check, measure, store. It makes one immutable snapshot, or nothing at all."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime

import polars as pl

from checks.findings import FINDINGS
from checks.guard import as_declared
from checks.numbers import numbered
from checks.runner import Checked, check
from checks.standard import Standard
from checks.typed_tables import TypedTables
from connectors.mapping.pulling import pull
from connectors.sources.source import Progress, Pull, silent
from connectors.store import RESULTS, SnapshotContent, SnapshotInfo, StandardUsed, Store
from dashboard import frames, lay_room, worklist_making
from dashboard.changes import since_last, with_changes
from dashboard.definitions import definitions
from dashboard.field_quality import with_periods
from dashboard.over_time import over_time
from dashboard.packing import Packing
from dashboard.settings import SOURCE_PASSWORD, Settings, key_place, password, store_address
from dashboard.version import PRODUCT_VERSION
from kpis.annual.records import Records
from kpis.annual.tables import annual_tables
from kpis.area import Area
from kpis.caseload import caseload
from kpis.late_reviews import late_reviews
from kpis.measure import Measure
from kpis.measures import MEASURES
from kpis.periods import YEARS_OF_HISTORY, Period, periods_between, plus_months, year_of
from kpis.referrals import referrals
from kpis.results import results

STORING = "storing the snapshot"
STEPS = ("reading the source", "checking the records", "measuring", STORING)

ONLY_SHOWN = ("suppress_below", "restarts")
"""Settings that change what pages show of a snapshot and nothing that they could not work out from it."""


@dataclass(frozen=True)
class Refreshed:
    """What a refresh did: the snapshot, whether it was added or was there already, and how many findings it holds."""

    snapshot: SnapshotInfo
    added: bool
    errors: int
    warnings: int
    notes: tuple[str, ...]


def open_store(settings: Settings, *, read_only: bool = False, progress: Progress = silent) -> Store:
    """The settings' store; raises StoreError (exit 5)."""
    return Store.open(store_address(settings), read_only=read_only, progress=progress)


def refresh(settings: Settings, as_at: date, made_at: datetime, progress: Progress = silent) -> Refreshed:
    """Pull the settings' source, check and measure it as it was known on `as_at`, and store one snapshot.

    `progress` is told what is being done, and how many of `STEPS` are behind. Raises SourceError, SettingsError or
    StoreError; whatever stops it, the last snapshot stands.
    """
    standards = settings.loaded_standards()
    progress(STEPS[0], 0, len(STEPS))
    pulled = pull(
        settings.source_address,
        password=password(SOURCE_PASSWORD, settings.folder),
        progress=_within(progress, STEPS[0], 0),
        mapping=settings.mapping_path,
        wanted=settings.wanted,
        key=key_place(settings.folder),
    )
    with open_store(settings, progress=lambda what, _done, _of: progress(what, 1, len(STEPS))) as store:
        before = store.newest(area=settings.area)
        fingerprint = _fingerprint(settings, standards, as_at, pulled)
        if before is not None and before.fingerprint == fingerprint:
            progress("nothing has changed", len(STEPS), len(STEPS))
            outcomes = store.rule_outcomes(before.id, standards[0].name)
            return Refreshed(before, False, *_counted(outcomes), before.notes)
        content = _content(settings, standards, as_at, made_at, pulled, fingerprint, store, before, progress)
        progress(STEPS[3], 3, len(STEPS))
        info, added = store.write(content, _within(progress, STEPS[3], 3))
        progress("done", len(STEPS), len(STEPS))
        outcomes = content.rule_outcomes.filter(pl.col("standard") == standards[0].name)
        return Refreshed(info, added, *_counted(outcomes), tuple(pulled.notes))


def _within(progress: Progress, step: str, behind: int) -> Progress:
    """Progress inside one step, told as part of it."""
    return lambda what, _done, _of: progress(f"{step}: {what}", behind, len(STEPS))


def _counted(outcomes: pl.DataFrame) -> tuple[int, int]:
    by = dict(outcomes.group_by("severity").agg(pl.col("failing").sum()).iter_rows())
    return int(by.get("error") or 0), int(by.get("warning") or 0)


def _content(
    settings: Settings,
    standards: list[Standard],
    as_at: date,
    made_at: datetime,
    pulled: Pull,
    fingerprint: str,
    store: Store,
    before: SnapshotInfo | None,
    progress: Progress,
) -> SnapshotContent:
    """What is to be stored. Every frame is packed as soon as it is made and then let go: a country's would fill the memory."""
    results_of_all, outcomes_of_all = [], []
    raw, pulled.tables = pulled.tables, {}
    lists = {frames.worklist(each.name) for each in standards}
    still_owed: set[str] = set()
    with Packing() as packing:

        def keep(name: str, frame: pl.DataFrame) -> None:
            if name in lists:
                still_owed.update(frame["key"])
            packing.keep(name, frame)

        for standard in standards:
            said = f"{STEPS[1]} ({standard.title})"
            progress(said, 1, len(STEPS))
            checked = check(raw, standard, as_at, _within(progress, said, 1))
            if standard is standards[-1]:
                raw = {}
            outcomes, found = _compared(checked, standard, store, before)
            outcomes_of_all.append(outcomes.with_columns(standard=pl.lit(standard.name)))
            for name, frame in found.items():
                packing.keep(name, frame)
            tables = numbered(as_declared(checked.tables))
            telling = worklist_making.telling(checked.findings)
            del checked, found
            said = f"{STEPS[2]} ({standard.title})"
            progress(said, 2, len(STEPS))
            if standard is standards[0]:  # typing does not depend on the standard
                for name, frame in tables.frames.items():
                    packing.keep(frames.table(name), frame)
                packing.keep(frames.supplied(), _supplied(tables))
            area = settings.area_of(tables, standard)
            computed = measure_area(area, keep, _within(progress, said, 2), telling)
            results_of_all.append(computed.with_columns(standard=pl.lit(standard.name)).select(*RESULTS))
            packing.keep(frames.results(standard.name), results_of_all[-1])
        declared = definitions(standards, settings.adopted_targets)
        by_standard = dict(zip((each.name for each in standards), results_of_all, strict=True))
        for name, frame in lay_room.of_declared(by_standard, declared["measures"], settings.suppress_below).items():
            packing.keep(frames.small_counts_hidden(name, settings.suppress_below), frame)
        kept = packing.frames()
    return SnapshotContent(
        area=settings.area,
        as_at=as_at,
        made_at=made_at,
        product_version=PRODUCT_VERSION,
        fingerprint=fingerprint,
        previous_id=None if before is None else before.id,
        standards=[StandardUsed(each.name, each.edition, each.fingerprint) for each in standards],
        sources=pulled.files,
        frames=kept,
        results=pl.concat(results_of_all),
        rule_outcomes=pl.concat(outcomes_of_all),
        definitions=declared,
        notes=pulled.notes,
        still_owed=frozenset(still_owed),
    )


def _compared(
    checked: Checked, standard: Standard, store: Store, before: SnapshotInfo | None
) -> tuple[pl.DataFrame, dict[str, pl.DataFrame]]:
    """The outcomes of the rules against the snapshot before, and the frames of findings."""
    name = frames.findings(standard.name)
    comparable = before is not None and name in store.frame_names(before.id)
    then = store.frame(before.id, name) if before is not None and comparable else None
    findings, resolved = since_last(checked.findings, then)
    outcomes = with_changes(checked.outcomes, findings, resolved, compared=comparable)
    return outcomes, {
        name: findings,
        frames.resolved(standard.name): resolved,
        frames.completeness(standard.name): checked.completeness,
        frames.field_quality(standard.name): with_periods(checked.quality, standard),
    }


Keep = Callable[[str, pl.DataFrame], None]
"""Takes a frame to be stored, with its name."""


def measure_area(
    area: Area, keep: Keep, progress: Progress = silent, findings: pl.DataFrame | None = None
) -> pl.DataFrame:
    """The results of every measure (columns: `kpis.results.RESULTS`) for the quarters and years from the first thing owed to
    the as-at date; what is stored beside them goes to `keep`, measure by measure, so that little is held at a time.

    `findings`: those that belong on the worklist (`dashboard.worklist_making.telling`).
    """
    standard = area.standard
    every = _every_period(area)
    computed: dict[str, pl.DataFrame] = {}
    still_open: dict[str, pl.DataFrame] = {}
    quarters = worklist_making.board_quarters(area)
    # Those of the last day first: they owe the most rows, and there is most room for them before the clock of reviews stands.
    for done, measure in enumerate(sorted(MEASURES.values(), key=lambda each: each.window != "last day")):
        progress(measure.title, done, len(MEASURES))
        rows, looked_at = None, pl.DataFrame()
        if measure.in_standard(standard) and measure.supplied(area):
            # In memory: quicker here than streaming, and lighter, as the parts are joined and sorted whole.
            rows = measure.evidence(area).collect(engine="in-memory")
            for period, part in _parts(rows, every):
                keep(frames.evidence(standard.name, measure.id, period.name), part)
            looked_at = worklist_making.looked_at(measure, rows, quarters, area.as_at)
            rows = rows.select(_counted_from(measure))  # all of it is on its way to the store
        told = computed[measure.id] = results(measure, area, every, rows)
        if rows is not None:
            still_open[measure.id] = worklist_making.open_rows(measure, looked_at, told, quarters, area.as_at)
    progress("late reviews and caseload", len(MEASURES), len(MEASURES))
    together = pl.concat(computed[name] for name in MEASURES)
    periods = _with_history(area, every, together)
    ends = sorted({min(each.end, area.as_at) for each in periods})
    late = late_reviews(area)
    keep(frames.late_reviews(standard.name), late)
    found = pl.DataFrame(schema=FINDINGS) if findings is None else findings
    to_do = [still_open[name] for name in MEASURES if name in still_open]
    keep(frames.worklist(standard.name), worklist_making.put_together(area, MEASURES, to_do, late, found))
    keep(frames.caseload(standard.name), caseload(area, ends))
    keep(frames.referrals(standard.name), referrals(area, periods))
    records = Records(area)
    for year in _years(periods):
        keep(frames.annual(standard.name, year.name), annual_tables(area, year, records))
    for name, frame in over_time(area, periods, late):
        keep(name, frame)
    return together.filter(pl.col("period_start") >= periods[0].start)


def _parts(rows: pl.DataFrame, periods: Sequence[Period]) -> Iterator[tuple[Period, pl.DataFrame]]:
    """Evidence by the reporting years that have any; by the quarters of a year that has many (`frames.MANY_ROWS`)."""
    first, last = rows["owed_on"].min(), rows["owed_on"].max()
    if not isinstance(first, date) or not isinstance(last, date):
        return
    for year in _years(periods):
        if last < year.start or year.end < first:  # most of the years that are looked at, where records are young
            continue
        in_year = _within_days(rows, year)
        spans = [year]
        if in_year.height > frames.MANY_ROWS:
            quarters = [each for each in periods if each.kind == "quarter" and year.start <= each.start <= year.end]
            # The year of the as-at date may have quarters that are still to come: nothing that lies in one is left out.
            if quarters and min(last, year.end) <= quarters[-1].end:
                spans = quarters
        for each in spans:  # one at a time: together they would take the memory of the year once more
            part = in_year if each is year else _within_days(in_year, each)
            if not part.is_empty():
                yield each, part


def _within_days(rows: pl.DataFrame, period: Period) -> pl.DataFrame:
    return rows.filter(pl.col("owed_on").is_between(period.start, period.end))


def _counted_from(measure: Measure) -> list[str]:
    """The columns of evidence that results are counted from."""
    return list(dict.fromkeys(("case_id", "unit", "owed_on", "met", *measure.dimensions)))


def _every_period(area: Area) -> list[Period]:
    earliest = plus_months(area.as_at.replace(day=1), -12 * YEARS_OF_HISTORY)
    return periods_between(area.standard, year_of(area.standard, earliest).start, area.as_at)


def _years(periods: Iterable[Period]) -> list[Period]:
    return [each for each in periods if each.kind == "year"]


def _with_history(area: Area, periods: Sequence[Period], computed: pl.DataFrame) -> list[Period]:
    """The periods from the year in which anything was first owed; the year of the as-at date where nothing was."""
    first = computed.filter(pl.col("owed") > 0)["period_start"].min()
    start = year_of(area.standard, first if isinstance(first, date) else area.as_at).start
    return [each for each in periods if each.start >= start]


def _supplied(tables: TypedTables) -> pl.DataFrame:
    rows = [(table, field) for table, fields in tables.supplied.items() for field in sorted(fields)]
    return pl.DataFrame(rows, schema={"table": pl.String, "field": pl.String}, orient="row")


def _fingerprint(settings: Settings, standards: list[Standard], as_at: date, pulled: Pull) -> str:
    """Of everything that decides what a snapshot holds."""
    said = {
        "files": sorted((each.name, each.fingerprint) for each in pulled.files),
        "as_at": as_at.isoformat(),
        "standards": [each.fingerprint for each in standards],
        "version": PRODUCT_VERSION,
        "settings": settings.model_dump(
            mode="json", exclude={"store", "source", "mapping", "database", "as_at", *ONLY_SHOWN}
        ),
        # Only where there is one: what was stored before there were any is still what it was.
        **({"mapped_by": pulled.mapped_by} if pulled.mapped_by else {}),
    }
    return hashlib.sha256(json.dumps(said, sort_keys=True).encode()).hexdigest()
