"""What the risk management plans of level 2 and 3 cases hold (domain 4.6 “Plan content”; J10 7.2, 8.2, 8.3)."""

from __future__ import annotations

from datetime import date
from functools import reduce
from operator import and_

import polars as pl

from checks.locators import FILE, ROW, SHEET
from kpis.area import Area
from kpis.evidence import always, as_evidence, one_of, together
from kpis.measure import Example, Measure
from kpis.repeats import CONTRADICTORY
from kpis.states import counted_on_last_days, on_last_days, records_of_cases

PLAN, VICTIM, CONTINGENCY, ACTIONS = "plan", "victim plan", "contingency plan", "actions with owner and date"

FLAGS = {VICTIM: "victim_plan", CONTINGENCY: "contingency_plan"}
SOUND = "every action has an owner and a due date"
LOOSE = ("an action has neither owner nor due date", "an action has no owner", "an action has no due date")
LATER = "the plan recorded was made later; what held on the day is not recorded"


def _plan(rows: pl.LazyFrame) -> pl.LazyFrame:
    planned = pl.col("risk_plan_on")
    later = planned > pl.col("owed_on")
    return rows.with_columns(
        unit=always(PLAN),
        met=pl.when(~later.fill_null(value=False)).then(planned.is_not_null()),
        done_on=pl.when(~later).then(planned),
        why=one_of(
            (later, LATER),
            (planned.is_null(), "no plan recorded"),
            otherwise="a plan recorded",
        ),
        missing_field=one_of(
            (later, "risk_plan_on"),
        ),
    )


def _holds(rows: pl.LazyFrame, part: str) -> pl.LazyFrame:
    """Whether the plan holds a part that the record flags; a plan made later says nothing of the day."""
    flag, planned = pl.col(FLAGS[part]), pl.col("risk_plan_on")
    later = (planned > pl.col("owed_on")).fill_null(value=False)
    met = pl.when(~later).then(flag)
    return rows.with_columns(
        unit=always(part),
        met=met,
        done_on=pl.when(met).then(pl.coalesce(planned, "owed_on")),
        why=one_of(
            (later, LATER),
            (flag.is_null(), f"whether there is a {part} is not recorded"),
            (flag, f"a {part} recorded"),
            otherwise=f"no {part}",
        ),
        missing_field=one_of(
            (later, "risk_plan_on"),
            (flag.is_null(), FLAGS[part]),
        ),
    )


def _loose_actions(area: Area) -> pl.LazyFrame:
    """The actions without owner or due date, or of which nobody knows: `case_id, met, why, agreed_on, cancelled_on`, locators."""
    agency, due = pl.col("agency"), pl.col("due_on")
    rows = area.tables.lazy("actions").select(
        "action_id",
        "case_id",
        "meeting_id",
        "cancelled_on",
        FILE,
        SHEET,
        ROW,
        met=agency.is_not_null() & due.is_not_null(),
        why=one_of(
            (agency.is_null() & due.is_null(), LOOSE[0]),
            (agency.is_null(), LOOSE[1]),
            otherwise=LOOSE[2],
        ).cast(pl.String),
    )
    if area.repeats("actions", "action_id"):
        rows = pl.concat([rows.filter(pl.col("action_id").is_null()), _each_once(rows)])
    loose = rows.filter(~pl.col("met").fill_null(value=False) & pl.col("case_id").is_not_null())
    columns = ("case_id", "met", "why", "cancelled_on", FILE, SHEET, ROW)
    if not area.tables.has("meetings", "meeting_id", "held_on"):
        return loose.select(*columns, pl.lit(None, dtype=pl.Date).alias("agreed_on"))
    meetings = area.tables.lazy("meetings").filter(pl.col("meeting_id").is_not_null())
    held = meetings.group_by("meeting_id").agg(agreed_on=pl.col("held_on").min())
    return loose.join(held, on="meeting_id", how="left", maintain_order="left").select(*columns, "agreed_on")


def _each_once(rows: pl.LazyFrame) -> pl.LazyFrame:
    """Each action that has a reference once; what its records contradict each other in is not known."""
    told = ("case_id", "meeting_id", "cancelled_on", "met")
    alike = pl.col("met").n_unique() == 1
    return (
        rows.filter(pl.col("action_id").is_not_null())
        .sort(FILE, SHEET, ROW, nulls_last=True)
        .group_by("action_id", maintain_order=True)
        .agg(
            *(pl.when(pl.col(name).n_unique() == 1).then(pl.col(name).first()).alias(name) for name in told),
            pl.col(FILE, SHEET, ROW).first(),
            why=pl.when(alike).then(pl.col("why").first()).otherwise(pl.lit(CONTRADICTORY)),
        )
        .select(rows.collect_schema().names())
    )


def _actions(rows: pl.LazyFrame, area: Area) -> pl.LazyFrame:
    """No action of the case on that day lacks owner or due date: none agreed by then, as far as known, and not cancelled."""
    day = pl.col("owed_on")
    standing = (
        rows.select("case_id", "owed_on")
        .join(_loose_actions(area), on="case_id", how="inner", maintain_order="left_right")
        .filter(
            (pl.col("agreed_on") <= day).fill_null(value=True) & (pl.col("cancelled_on") > day).fill_null(value=True)
        )
        .sort("met", FILE, SHEET, ROW, nulls_last=True)  # one that is surely loose tells before one nobody knows of
        .unique(["case_id", "owed_on"], keep="first", maintain_order=True)
        .drop("agreed_on", "cancelled_on")
        .with_columns(loose=pl.lit(value=True))
    )
    joined = rows.join(standing, on=["case_id", "owed_on"], how="left", suffix="_loose", maintain_order="left")
    loose = pl.col("loose").fill_null(value=False)
    return joined.with_columns(
        unit=always(ACTIONS),
        met=pl.when(loose).then("met").otherwise(pl.lit(value=True)),
        done_on=pl.when(~loose).then("owed_on"),
        why=pl.when(loose).then("why").otherwise(pl.lit(SOUND)).cast(pl.Enum([SOUND, *LOOSE, CONTRADICTORY])),
        table=one_of((loose, "actions"), otherwise="cases"),
        **{name: pl.when(loose).then(f"{name}_loose").otherwise(pl.col(name)) for name in (FILE, SHEET, ROW)},
    )


def _runs(area: Area) -> pl.LazyFrame:
    """The runs of last days on which cases were at level 2 or 3, with what their records tell of the plan."""
    plans = records_of_cases(area, "risk_plan_on", "victim_plan", "contingency_plan")
    at_2_or_3 = area.states.lazy().filter(pl.col("level").is_in(["2", "3"]))
    return at_2_or_3.join(plans, on="case", how="left", maintain_order="left")


def counted(area: Area, first: date, last: date) -> pl.LazyFrame | None:
    """The same counted per quarter and part, and under no part the cases: `quarter, unit, met, owed, unknown`.

    For a tenth of the cost: by runs of days, and day by day only for the few cases with an action that lacks something. None
    where the categories change on a date: each day is then looked at by itself.
    """
    if len(area.standard.steps("categories")) > 1:
        return None
    days = pl.Series(area.last_days, dtype=pl.Date)
    runs = _runs(area).collect()
    loose = pl.col("case_id").is_in(_loose_actions(area).select("case_id").unique().collect()["case_id"].implode())
    clear = runs.lazy().filter(~loose).with_columns(actions=pl.lit(value=True))
    each_day = (
        runs.lazy().filter(loose).with_columns(first=pl.int_ranges("first", "end", dtype=pl.UInt32)).explode("first")
    )
    dated = each_day.with_columns(end=pl.col("first") + 1, owed_on=pl.lit(days).gather("first"))
    looked_at = _actions(dated, area).with_columns(actions="met")
    columns = ("first", "end", "risk_plan_on", *FLAGS.values(), "actions")
    every = pl.concat([clear.select(columns), looked_at.select(columns)])
    # Of the days before the plan recorded was made nothing is known.
    planned = pl.col("risk_plan_on")
    made = pl.lit(days).search_sorted(planned, "left").fill_null(0)
    unknown = pl.lit(None, dtype=pl.Boolean)
    sides = pl.concat(
        [
            every.select(
                pl.max_horizontal("first", made),
                "end",
                "actions",
                **{PLAN: planned.is_not_null()},
                **{part: pl.col(flag) for part, flag in FLAGS.items()},
            ),
            every.select("first", pl.min_horizontal("end", made), "actions", **dict.fromkeys((PLAN, *FLAGS), unknown)),
        ]
    )
    parts = {PLAN: pl.col(PLAN), **{part: pl.col(part) for part in FLAGS}, ACTIONS: pl.col("actions")}
    alike = (
        sides.filter(pl.col("first") < pl.col("end"))
        .group_by("first", "end", *(PLAN, *FLAGS, "actions"))
        .agg(cases=pl.len().cast(pl.Int64))
        .collect()
        .lazy()
    )
    whole = reduce(and_, parts.values())
    cases = pl.col("cases")
    told = [
        alike.select(
            "first",
            "end",
            unit=pl.lit(unit, dtype=pl.String),
            met=cases * met.fill_null(value=False),
            owed="cases",
            unknown=cases * met.is_null(),
        )
        for unit, met in [(None, whole), *parts.items()]
    ]
    return counted_on_last_days(area, pl.concat(told), first, last, "unit")


def evidence(area: Area) -> pl.LazyFrame:
    """One row per part of a plan and level 2 or 3 case under management on each last day."""
    rows = on_last_days(area, _runs(area))
    parts = [_plan(rows), _holds(rows, VICTIM), _holds(rows, CONTINGENCY), _actions(rows, area)]
    return together([as_evidence(each) for each in parts])


def _plan_of(contingency: str, due_on: str | None = "2023-11-01") -> dict[str, list[dict[str, str | None]]]:
    return {
        "cases": [
            {
                "case_id": "C1",
                "category": "2",
                "level": "2",
                "location": "community",
                "entered_on": "2023-01-04",
                "risk_plan_on": "2023-09-06",
                "victim_plan": "true",
                "contingency_plan": contingency,
            }
        ],
        "actions": [{"action_id": "A1", "case_id": "C1", "agency": "probation", "due_on": due_on}],
    }


MEASURE = Measure(
    id="plan_content",
    title="Level 2 and 3 cases with a plan that holds what it must",
    sentence="Of the level 2 and 3 cases, how many have a risk management plan with every part that it must have.",
    numerator=(
        "of these cases, those with all four parts on that day: a plan, a victim plan, a contingency plan, and an owner and "
        "a due date for every action"
    ),
    denominator="cases at level 2 or 3 on the period's last day",
    cite="J10 7.2, 8.2, 8.3",
    evidence=evidence,
    counted=counted,
    supplied=lambda area: (
        area.tables.has("cases", "case_id", "entered_on", "level", "risk_plan_on")
        and area.tables.has("actions", "case_id", "agency", "due_on")
    ),
    how_to_read=(
        "A case counts only when all four parts are there; below, each part is shown apart. "
        "The records hold only the latest plan: of a day before it nothing is known, and the parts count as unknown."
    ),
    window="last day",
    by_case=True,
    apart=True,
    unit="part",
    dimensions=("level", "lead_agency"),
    theme="Plans, actions and visits",
    passes=Example(
        "A level 2 case has a plan with victim and contingency plans, and its one action has an owner and a due date.",
        _plan_of("true"),
        "2023-Q4",
        1,
        1,
        0,
        "no target",
    ),
    breaks=Example(
        "The plan says nothing of what happens if it breaks down, and the action has no due date.",
        _plan_of("false", None),
        "2023-Q4",
        0,
        1,
        0,
        "no target",
    ),
)
