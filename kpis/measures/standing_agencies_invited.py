"""Standing agencies invited to every meeting of a kind (domain 4.6; J10 10.7; screening minimum J23 4.2)."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

import polars as pl

from checks.in_force import on_day
from kpis.area import Area
from kpis.evidence import as_evidence
from kpis.measure import Example, Measure

FIGURE = "least_invited"


def _listed(area: Area) -> dict[str, list[str]]:
    """Kind of meeting → the agencies to be invited, each once, as the settings list them, else as the standard ever did."""
    listed: dict[str, list[str]] = {}
    for step in area.standard.steps(FIGURE):
        for kind, agencies in (step.value or {}).items():
            listed.setdefault(kind, []).extend(agencies)
    listed |= {kind: list(agencies) for kind, agencies in area.standing_agencies.items() if agencies}
    return {kind: list(dict.fromkeys(agencies)) for kind, agencies in listed.items()}


def _asked(area: Area, kind: str, agency: str) -> pl.Expr:
    """Whether an agency was to be invited to a meeting of the kind on the meeting's day."""
    of_kind = pl.col("kind") == kind
    if area.standing_agencies.get(kind):
        return of_kind

    def then(least: Mapping[str, Sequence[str]] | None) -> pl.Expr:
        return of_kind & pl.lit(agency in (least or {}).get(kind, ()))

    return on_day(area.standard, FIGURE, pl.col("held_on"), then)


def _called(area: Area, kind: str, agency: str, names: pl.Series) -> list[str]:
    """Which of the names in the records of attendance mean an agency.

    The settings name agencies as the records do; the standard names them by a word, for areas write the same agency out in
    different ways.
    """
    if area.standing_agencies.get(kind):
        return [agency]
    return names.filter(names.str.to_lowercase().str.contains(rf"\b{re.escape(agency.lower())}")).to_list()


def invited(area: Area) -> pl.LazyFrame:
    """One row per meeting of a kind for which standing agencies are listed, judged."""
    listed = _listed(area)
    kind = pl.col("kind")
    # A column for each that is wanted somewhere: whether an invitation of it is recorded.
    wanted = [(meant, agency) for meant, agencies in listed.items() for agency in agencies]
    meetings = area.meetings.with_columns(kind.cast(pl.String)).filter(
        pl.any_horizontal([_asked(area, meant, agency) for meant, agency in wanted])
    )
    attendance = area.tables.lazy("attendance").select("meeting_id", pl.col("agency").cast(pl.String))
    names = attendance.select(pl.col("agency").drop_nulls().unique()).collect()["agency"]
    invitations = (
        attendance.join(meetings.select("meeting_id"), on="meeting_id", how="semi")
        .group_by("meeting_id")
        .agg(
            nameless=pl.col("agency").null_count(),
            **{
                f"invited_{place}": pl.col("agency").is_in(_called(area, meant, agency, names)).any()
                for place, (meant, agency) in enumerate(wanted)
            },
        )
    )
    absent = [
        pl.when(_asked(area, meant, agency) & ~pl.col(f"invited_{place}")).then(pl.lit(agency)).alias(f"absent_{place}")
        for place, (meant, agency) in enumerate(wanted)
    ]
    told = (
        meetings.join(invitations, on="meeting_id", how="left", maintain_order="left")
        .with_columns(absent)
        .with_columns(
            missing=pl.sum_horizontal(pl.col("^absent_.*$").is_not_null()),
            absent=pl.concat_str("^absent_.*$", separator=", ", ignore_nulls=True),
        )
    )
    silent = pl.col("nameless").is_null()
    missing = pl.col("missing")
    # An invitation whose agency is not recorded may have been that of one that seems to be missing.
    perhaps = ~silent & (missing > 0) & (pl.col("nameless") >= missing)
    judged = told.with_columns(
        owed_on=pl.col("held_on"),
        unit=kind,
        level=pl.when(kind.str.starts_with("level ")).then(kind.str.tail(1)),
        met=pl.when(~silent & ~perhaps).then(missing == 0),
        why=pl.when(silent)
        .then(pl.lit("who was invited is not recorded"))
        .when(perhaps)
        .then(pl.lit("an invitation does not say to which agency; not among the others: ") + pl.col("absent"))
        .when(missing > 0)
        .then(pl.lit("not invited: ") + pl.col("absent"))
        .otherwise(pl.lit("all standing agencies invited")),
        missing_field=pl.when(silent & pl.col("meeting_id").is_null())
        .then(pl.lit("meeting_id"))
        .when(silent | perhaps)
        .then(pl.lit("agency")),
        table=pl.lit("meetings"),
    )
    return area.one_row_each(judged, "meetings", "meeting_id", "case_id")


def evidence(area: Area) -> pl.LazyFrame:
    """One row per meeting of a kind for which standing agencies are listed."""
    rows = invited(area).with_columns(done_on=pl.when("met").then("owed_on"))
    return as_evidence(area.with_case(rows))


def _screening(*agencies: str) -> dict[str, list[dict[str, str]]]:
    return {
        "meetings": [{"meeting_id": "M1", "case_id": "C1", "held_on": "2023-11-08", "kind": "screening"}],
        "attendance": [{"meeting_id": "M1", "agency": agency, "mode": "in person"} for agency in agencies],
    }


def _level_2(*agencies: str) -> dict[str, list[dict[str, str]]]:
    rows = _screening(*agencies)
    return rows | {"meetings": [rows["meetings"][0] | {"kind": "level 2"}]}


MEASURE = Measure(
    id="standing_agencies_invited",
    title="Standing agencies invited",
    sentence="Of the meetings to which certain agencies must always be invited, to how many all of them were.",
    numerator="meetings to which every agency listed for their kind was invited, whether it came or not",
    denominator="meetings held in the period of a kind for which the area's settings or the standard list agencies",
    cite="J10 10.7; J23 4.2",
    evidence=evidence,
    bare=invited,
    supplied=lambda area: (
        bool(_listed(area))
        and area.tables.has("meetings", "meeting_id", "held_on", "kind")
        and area.tables.has("attendance", "meeting_id", "agency")
    ),
    how_to_read=(
        "Which agencies are to be invited stands in the area's settings, kind by kind, in the words of the attendance records; "
        "for screenings in Jersey, where the settings list none, the guidance names four. "
        "A meeting without any attendance recorded counts as unknown; whether those invited came is another measure."
    ),
    unit="kind of meeting",
    dimensions=("lead_agency",),
    theme="Meetings and minutes",
    passes=Example(
        "A screening in Jersey needs at least police, probation, prison and children's service; all were invited.",
        _screening("police", "probation service", "prison", "children's services", "health"),
        "2023-Q4",
        1,
        1,
        0,
        "no target",
    ),
    breaks=Example(
        "The area's settings list police, probation and housing for level 2 meetings, and housing was not invited.",
        _level_2("police", "probation", "health"),
        "2023-Q4",
        0,
        1,
        0,
        "no target",
        standing_agencies={"level 2": ("police", "probation", "housing")},
    ),
)
