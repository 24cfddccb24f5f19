"""Standing agencies invited to every meeting of a kind (domain 4.6; J10 10.7; screening minimum J23 4.2)."""

from __future__ import annotations

import polars as pl

from kpis.area import Area
from kpis.evidence import as_evidence
from kpis.measure import Example, Measure


def _listed(area: Area) -> dict[str, list[str]]:
    """Kind of meeting → the agencies that the settings list for it, each once; kinds without any left out."""
    return {kind: list(dict.fromkeys(agencies)) for kind, agencies in area.standing_agencies.items() if agencies}


def invited(area: Area) -> pl.LazyFrame:
    """One row per meeting of a kind for which the settings list standing agencies, judged."""
    listed = _listed(area)
    kind = pl.col("kind")
    # An agency a column: whether an invitation of it is recorded.
    agencies = list(dict.fromkeys(agency for each in listed.values() for agency in each))
    named = pl.col("agency").cast(pl.String)
    invitations = (
        area.tables.lazy("attendance")
        .filter(pl.col("meeting_id").is_not_null())
        .group_by("meeting_id")
        .agg(
            nameless=pl.col("agency").null_count(),
            **{f"invited_{place}": (named == agency).any() for place, agency in enumerate(agencies)},
        )
    )
    absent = [
        pl.when(kind.is_in([each for each, wanted in listed.items() if agency in wanted]) & ~pl.col(f"invited_{place}"))
        .then(pl.lit(agency))
        .alias(f"absent_{place}")
        for place, agency in enumerate(agencies)
    ]
    told = (
        area.meetings.with_columns(kind.cast(pl.String))
        .filter(kind.is_in(list(listed)))
        .join(invitations, on="meeting_id", how="left", maintain_order="left")
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
    """One row per meeting of a kind for which the settings list standing agencies."""
    rows = invited(area).with_columns(done_on=pl.when("met").then("owed_on"))
    return as_evidence(area.with_case(rows))


def _screening(*agencies: str) -> dict[str, list[dict[str, str]]]:
    return {
        "meetings": [{"meeting_id": "M1", "case_id": "C1", "held_on": "2023-11-08", "kind": "screening"}],
        "attendance": [{"meeting_id": "M1", "agency": agency, "mode": "in person"} for agency in agencies],
    }


_MINIMUM = {"screening": ("police", "probation", "prison", "children's services")}

MEASURE = Measure(
    id="standing_agencies_invited",
    title="Standing agencies invited",
    sentence="Of the meetings for which the settings list standing agencies, to how many all of them were invited.",
    numerator="meetings to which every agency listed for their kind was invited, whether it came or not",
    denominator="meetings held in the period of a kind for which the settings list standing agencies",
    cite="J10 10.7; J23 4.2",
    evidence=evidence,
    bare=invited,
    supplied=lambda area: (
        bool(_listed(area))
        and area.tables.has("meetings", "meeting_id", "held_on", "kind")
        and area.tables.has("attendance", "meeting_id", "agency")
    ),
    how_to_read=(
        "Which agencies are to be invited stands in the area's settings, kind by kind, in the words of the attendance records. "
        "A meeting without any attendance recorded counts as unknown; whether those invited came is another measure."
    ),
    unit="kind of meeting",
    dimensions=("lead_agency",),
    passes=Example(
        "The settings list the four agencies that a screening needs at least; all were invited.",
        _screening("police", "probation", "prison", "children's services", "health"),
        "2023-Q4",
        1,
        1,
        0,
        "no target",
        standing_agencies=_MINIMUM,
    ),
    breaks=Example(
        "The prison was not invited to the screening.",
        _screening("police", "probation", "children's services"),
        "2023-Q4",
        0,
        1,
        0,
        "no target",
        standing_agencies=_MINIMUM,
    ),
)
