"""A refresh: pull, check, measure, store. It makes one immutable snapshot, or nothing at all."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime

import polars as pl

from checks.runner import Checked, check
from checks.standard import Standard
from connectors.sources import pull
from connectors.sources.source import Progress, Pull, silent
from connectors.store import SnapshotContent, SnapshotInfo, StandardUsed, Store
from dashboard import frames
from dashboard.changes import since_last, with_changes
from dashboard.definitions import definitions
from dashboard.settings import SOURCE_PASSWORD, Settings, password, store_address
from dashboard.version import PRODUCT_VERSION
from kpis.area import Area
from kpis.caseload import caseload
from kpis.late_reviews import late_reviews
from kpis.measures import MEASURES
from kpis.periods import Period, periods_between, plus_months, year_of
from kpis.referrals import referrals
from kpis.results import results

STEPS = ("reading the source", "checking the records", "measuring", "storing the snapshot")
YEARS_OF_HISTORY = 20
"""How far back periods are computed; older rows are kept and checked, and stand in no period."""


@dataclass(frozen=True)
class Refreshed:
    """What a refresh did: the snapshot, whether it was added or was there already, and how many findings it holds."""

    snapshot: SnapshotInfo
    added: bool
    errors: int
    warnings: int
    notes: tuple[str, ...]


def open_store(settings: Settings, *, read_only: bool = False) -> Store:
    """The settings' store; raises StoreError (exit 5)."""
    return Store.open(store_address(settings), read_only=read_only)


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
    )
    with open_store(settings) as store:
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
    stored: dict[str, pl.DataFrame] = {}
    all_results, all_outcomes = [], []
    for standard in standards:
        said = f"{STEPS[1]} ({standard.title})"
        progress(said, 1, len(STEPS))
        checked = check(pulled.tables, standard, as_at, _within(progress, said, 1))
        outcomes, found = _compared(checked, standard, store, before)
        stored |= found
        all_outcomes.append(outcomes.with_columns(standard=pl.lit(standard.name)))
        if standard is standards[0]:  # typing does not depend on the standard
            stored |= {frames.table(name): frame for name, frame in checked.tables.frames.items()}
            stored[frames.supplied()] = _supplied(checked)
        progress(f"{STEPS[2]} ({standard.title})", 2, len(STEPS))
        area = Area(checked.tables, standard, tuple(settings.smb_members), settings.adopted_targets)
        measured, computed = measure_area(area)
        stored |= measured
        all_results.append(computed.with_columns(standard=pl.lit(standard.name)))
    return SnapshotContent(
        area=settings.area,
        as_at=as_at,
        made_at=made_at,
        product_version=PRODUCT_VERSION,
        fingerprint=fingerprint,
        previous_id=None if before is None else before.id,
        standards=[StandardUsed(each.name, each.edition, each.fingerprint) for each in standards],
        sources=pulled.files,
        frames=stored,
        results=pl.concat(all_results),
        rule_outcomes=pl.concat(all_outcomes),
        definitions=definitions(standards, settings.adopted_targets),
        notes=pulled.notes,
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
    }


def measure_area(area: Area) -> tuple[dict[str, pl.DataFrame], pl.DataFrame]:
    """Everything that is computed from one area under one standard: the frames to store, and the results."""
    standard = area.standard
    evidence = {
        each.id: each.evidence(area).collect()
        for each in MEASURES.values()
        if each.in_standard(standard) and each.supplied(area)
    }
    periods = history(area, evidence)
    computed = pl.concat([results(each, area, periods, evidence.get(each.id)) for each in MEASURES.values()])
    stored: dict[str, pl.DataFrame] = {}
    for name, rows in evidence.items():
        for year in (each for each in periods if each.kind == "year"):
            in_year = rows.filter(pl.col("owed_on").is_between(year.start, year.end))
            stored[frames.evidence(standard.name, name, year.name)] = in_year
    ends = sorted({min(each.end, area.as_at) for each in periods})
    stored[frames.late_reviews(standard.name)] = late_reviews(area)
    stored[frames.caseload(standard.name)] = caseload(area, ends)
    stored[frames.referrals(standard.name)] = referrals(area, periods)
    return stored, computed


def history(area: Area, evidence: Mapping[str, pl.DataFrame]) -> list[Period]:
    """The quarters and years from the first thing owed to the as-at date."""
    earliest = plus_months(area.as_at.replace(day=1), -12 * YEARS_OF_HISTORY)
    days = [day for rows in evidence.values() if isinstance(day := rows["owed_on"].min(), date)]
    first = max(min(days, default=area.as_at), earliest)
    return periods_between(area.standard, year_of(area.standard, first).start, area.as_at)


def _supplied(checked: Checked) -> pl.DataFrame:
    rows = [(table, field) for table, fields in checked.tables.supplied.items() for field in sorted(fields)]
    return pl.DataFrame(rows, schema={"table": pl.String, "field": pl.String}, orient="row")


def _fingerprint(settings: Settings, standards: list[Standard], as_at: date, pulled: Pull) -> str:
    """Of everything that decides what a snapshot holds."""
    said = {
        "files": sorted((each.name, each.fingerprint) for each in pulled.files),
        "as_at": as_at.isoformat(),
        "standards": [each.fingerprint for each in standards],
        "version": PRODUCT_VERSION,
        "settings": settings.model_dump(mode="json", exclude={"store", "source", "as_at"}),
    }
    return hashlib.sha256(json.dumps(said, sort_keys=True).encode()).hexdigest()
