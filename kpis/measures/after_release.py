"""A meeting soon after release from custody (domain 4.6; H08 “Frequency of MAPP Meetings”)."""

from __future__ import annotations

import polars as pl

from checks.codes import MULTI_AGENCY_KINDS
from checks.in_force import due_in_force
from kpis.area import Area
from kpis.deadlines import done_by, fallen_due, with_meeting
from kpis.evidence import always, as_evidence, one_of
from kpis.measure import Example, Measure
from kpis.whereabouts import releases, releases_told

FIGURE = "after_release_months"


def evidence(area: Area) -> pl.LazyFrame:
    """One row per release of a level 2 or 3 case whose meeting has fallen due."""
    owed_on, done_on = pl.col("owed_on"), pl.col("done_on")
    rows = (
        releases(area)
        .filter(pl.col("level").is_in(["2", "3"]))
        .with_columns(
            owed_on=due_in_force(area.standard, FIGURE, lambda months: pl.col("from_on").dt.offset_by(f"{months}mo"))
        )
        .filter(owed_on <= area.as_at)
    )
    meetings = area.meetings.filter(pl.col("kind").is_in(MULTI_AGENCY_KINDS))
    judged = with_meeting(rows, meetings, "from_on", "first since").with_columns(met=done_by(done_on, owed_on))
    told = judged.with_columns(
        why=one_of(
            (pl.col("met"), "discussed in time"),
            (done_on.is_not_null(), "first discussed after the due day"),
            otherwise="not discussed since the release",
        ),
        table=always("spells"),
    )
    return as_evidence(area.with_case(fallen_due(area, told)))


def _released(held_on: str) -> dict[str, list[dict[str, str | None]]]:
    return {
        "spells": [
            {
                "case_id": "C1",
                "level": "2",
                "location": "custody",
                "from_on": "2023-01-04",
                "until_on": "2023-08-31",
            },
            {"case_id": "C1", "level": "2", "location": "community", "from_on": "2023-08-31", "until_on": None},
        ],
        "meetings": [{"meeting_id": "M1", "case_id": "C1", "held_on": held_on, "kind": "level 2"}],
    }


MEASURE = Measure(
    id="after_release",
    title="A meeting soon after release",
    sentence="Of the level 2 and 3 cases released from custody, how many were discussed within the time set.",
    numerator="releases followed by a level 2 or 3 meeting by the due day",
    denominator="releases into the community of cases at level 2 or 3 whose meeting fell due in the period",
    cite="H08 “Frequency of MAPP Meetings”",
    evidence=evidence,
    supplied=lambda area: (
        releases_told(area)
        and area.tables.has("spells", "level")
        and area.tables.has("meetings", "case_id", "held_on", "kind")
    ),
    in_standard=lambda standard: standard.value(FIGURE) is not None,
    dimensions=("level", "category", "lead_agency"),
    how_to_read=(
        "A release is a spell in the community that follows one in custody, so this needs the history of spells. "
        "A meeting on the day of the release counts; one before it does not. A recall within the time does not cancel what is owed."
    ),
    theme="Release and leaving",
    things="releases",
    passes=Example(
        "Released on 31 August at level 2: the meeting is due by 30 September, and held that day.",
        _released("2023-09-30"),
        "2023-24-Q2",
        1,
        1,
        0,
        "no target",
        standard="hampshire",
    ),
    breaks=Example(
        "The meeting was held on 1 October, a day late.",
        _released("2023-10-01"),
        "2023-24-Q2",
        0,
        1,
        0,
        "no target",
        standard="hampshire",
    ),
)
