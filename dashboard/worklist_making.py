"""The co-ordinator's worklist as a refresh makes it: all that is owed and not done or not known, in one frame.

Made from what the snapshot stores anyway: evidence, late reviews and findings. Frames in, frames out; nothing here is drawn.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from datetime import date

import polars as pl

from checks.codes import LEVELS
from checks.findings import FINDINGS, KEY_JOINT
from checks.in_force import next_due
from checks.locators import FILE, ROW, SHEET
from checks.tables import TABLES
from dashboard.evidence import deciding, nameless
from dashboard.worklist import (
    ACTION,
    ATTENDANCE,
    COMING_REVIEW,
    DECISION,
    LATE_REVIEW,
    MINUTES,
    MISSING,
    NO_REVIEW_DATE,
    OTHER,
    SCREENING,
    WORKLIST,
)
from kpis.area import Area
from kpis.evidence import EVIDENCE, in_text
from kpis.late_reviews import LATER, NO_DATE, OVERDUE
from kpis.measure import Measure
from kpis.periods import Period, days_of, last_complete_quarter, quarter_of
from kpis.results import HEADLINE, NAMELESS, UNIT

UNKNOWN_KINDS: dict[str, str] = {
    "disclosure": DECISION,
    "agency_attendance": ATTENDANCE,
    "smb_attendance": ATTENDANCE,
    "screening_outcomes": SCREENING,
}
"""Measure → the kind of its unknown rows; those of any other measure are `MISSING`."""

STILL_OWED: dict[str, str] = {
    "minutes_level_2": MINUTES,
    "minutes_level_3": MINUTES,
    "actions": ACTION,
    "referral_to_meeting": OTHER,
    "identification": OTHER,
    "release_confirmed": OTHER,
}
"""Measure → the kind of its missed rows, where a thing missed is still to be done and its doing would show in `done_on`.

What can no longer be done (a meeting that nobody attended) is not on the list, and a missed review is there as a late one.
"""

OF_A_UNIT = ("agency", "member")
"""Measures broken down by these owe their rows to that agency or member; else the lead agency answers."""

DECIDES: dict[str, tuple[str, ...]] = {
    "cases": ("case_id", "level", "location", "entered_on"),
    "spells": ("case_id", "level", "location", "from_on"),
    "meetings": ("meeting_id", "case_id", "held_on", "kind"),
    "attendance": ("meeting_id",),
    "reviews": ("case_id", "reviewed_on"),
    "referrals": ("received_on", "route", "in_custody", "case_id"),
    "smb_meetings": ("smb_meeting_id", "held_on"),
    "smb_attendance": ("smb_meeting_id",),
    "actions": ("case_id", "due_on"),
}
"""Table → the fields whose absence decides whether anything was owed at all: then no row of evidence tells of it (domain 4)."""

UNREADABLE = r"\.(required|code|type)$"
NO_ATTENDANCE = "meetings.meeting_id.no_attendance"

LONGEST_KEY = 200


def board_quarters(area: Area) -> list[Period]:
    """The quarters whose verdicts the Board has before it: the last one that is over, and the running one."""
    standard = area.standard
    return sorted({last_complete_quarter(standard, area.as_at), quarter_of(standard, area.as_at)})


def looked_at(measure: Measure, rows: pl.DataFrame, quarters: Sequence[Period], as_at: date) -> pl.DataFrame:
    """Of a measure's evidence, as little as `open_rows` needs: what is open, and where cases count, what stands beside it."""
    if measure.describes:
        return rows.clear()  # it tells how things are: nothing in it is owed
    windows = [pl.col("owed_on").is_between(*days_of(measure.window, each, as_at)) for each in quarters]
    if measure.window == "last day":
        rows = rows.filter(pl.any_horizontal(windows))
    beside = windows if measure.by_case and rows["met"].null_count() else []
    return rows.filter(pl.any_horizontal(_is_open(measure, as_at), *beside))


def _is_open(measure: Measure, as_at: date) -> pl.Expr:
    """Whether a row of evidence is unknown, in itself or in whose it is, or missed and still to be done."""
    unknown = pl.col("met").is_null()
    if measure.each:
        unknown |= nameless()
    if measure.id not in STILL_OWED:
        return unknown
    undone = ~pl.col("met") & pl.col("done_on").is_null() & (pl.col("owed_on") < as_at)
    return unknown | undone.fill_null(value=False)


def open_rows(
    measure: Measure, rows: pl.DataFrame, results: pl.DataFrame, quarters: Sequence[Period], as_at: date
) -> pl.DataFrame:
    """The rows of a measure's evidence that are unknown, or missed and still to be done.

    `rows`: what `looked_at` gave · `results` of the measure · gives the columns of evidence, `measure`, `decisive`, and
    `hangs`: the quarter whose verdict hangs on the row.
    """
    numbered = in_text(rows).with_row_index("_at")
    hangs = [each for period in quarters for each in _decisive(measure, numbered, results, period, as_at)]
    hanging = pl.DataFrame(hangs, schema={"_at": pl.get_index_type(), "hangs": pl.String}, orient="row")
    last = hanging.group_by("_at", maintain_order=True).last()
    found = numbered.filter(_is_open(measure, as_at)).join(last, on="_at", how="left", maintain_order="left")
    if measure.window == "last day":
        # How things stand on one day after another is one thing to put right; a verdict of any of the days hangs on it.
        thing = ["case_id", "meeting_id", "unit", "missing_field", "why"]
        found = (
            found.sort("owed_on", maintain_order=True)
            .with_columns(pl.col("hangs").drop_nulls().last().over(thing))
            .unique(thing, keep="last", maintain_order=True)
            .with_columns(owed_on=pl.lit(None, dtype=pl.Date))
        )
    return found.select(
        *(pl.col(name).cast(dtype) for name, dtype in EVIDENCE.items()),
        pl.lit(measure.id).alias("measure"),
        pl.col("hangs").is_not_null().alias("decisive"),
        "hangs",
    )


def _decisive(
    measure: Measure, rows: pl.DataFrame, results: pl.DataFrame, period: Period, as_at: date
) -> list[tuple[int, str]]:
    """Which rows (`_at`) the verdict of a period hangs on."""
    of_period = results.filter(measure=measure.id, period=period.name)
    headline = of_period.filter(by=HEADLINE, verdict="depends on missing records")
    if headline.is_empty():
        return []
    units = None
    if measure.each and headline["target"].item() is not None:
        units = of_period.filter(by=UNIT)
    within = rows.filter(pl.col("owed_on").is_between(*days_of(measure.window, period, as_at)))
    found = deciding(within, units, by_case=measure.by_case)
    return [(at, period.name) for at in within["_at"].gather(found)]


def telling(findings: pl.DataFrame) -> pl.DataFrame:
    """The findings that may belong on the list: few of all, so that the others need not be kept while measuring."""
    deciding = [f"{table}.{field}" for table, fields in DECIDES.items() for field in fields]
    field = pl.concat_str("table", "field", separator=".")
    unreadable = field.is_in(deciding) & pl.col("rule").str.contains(UNREADABLE)
    return findings.filter((unreadable | (pl.col("rule") == NO_ATTENDANCE)).fill_null(value=False)).select(*FINDINGS)


def put_together(
    area: Area,
    measures: Mapping[str, Measure],
    evidence: Sequence[pl.DataFrame],
    late_reviews: pl.DataFrame,
    findings: pl.DataFrame,
) -> pl.DataFrame:
    """The worklist (columns: `WORKLIST`) of an area.

    `evidence`: what `open_rows` gave for each measure · `late_reviews`: `kpis.late_reviews.LATE_REVIEWS` · `findings`: what
    `telling` left of them.

    The key of a thing is what it is, about which case and meeting, whose it is and the day on which it was owed: it stays the
    same from snapshot to snapshot for as long as the thing is open, and a new review of the same case is another thing.
    """
    about = _cases(area, late_reviews)
    parts = [
        _reviews(late_reviews, area.as_at),
        *(_evidence(measures[rows["measure"][0]], rows, area) for rows in evidence if rows.height),
        _findings(_not_told(findings, evidence), late_reviews, area),
    ]
    together = pl.concat([part.select(_COMMON) for part in parts])
    told = together.join(about, on="case_id", how="left", maintain_order="left").with_columns(
        agency=pl.coalesce("agency", "lead_agency"),
        level=pl.coalesce("level", "case_level"),
    )
    keyed = _with_keys(told)
    ordered = keyed.sort(
        ~pl.col("decisive"),
        -pl.col("days_late").fill_null(0),
        "kind",
        "key",
        nulls_last=True,
    )
    return ordered.select(pl.col(name).cast(dtype) for name, dtype in WORKLIST.items())


_COMMON = (
    "stem", "kind", "title", "decisive", "days_late", "due_on", "why", "to_do", "agency", "level", "case_id", "meeting_id",
    "table", "field", "file", "sheet", "row", "rule", "record",
)  # fmt: skip


def _not_told(findings: pl.DataFrame, evidence: Sequence[pl.DataFrame]) -> pl.DataFrame:
    """The findings but those on a field of a record that a row of evidence tells of as well."""
    record = {"table": "table", "field": "missing_field", "file": FILE, "sheet": SHEET, "row": ROW}
    told = [rows.select(pl.col(name).alias(key) for key, name in record.items()) for rows in evidence]
    known = pl.concat([findings.select(*record).clear(), *told]).filter(pl.col("row").is_not_null())
    return findings.join(known, on=list(record), how="anti", nulls_equal=True, maintain_order="left")


def _cases(area: Area, late_reviews: pl.DataFrame) -> pl.DataFrame:
    """One row per case: `case_id, lead_agency, case_level, category, snooze_at_most`."""
    return area.cases.select("case_id", "lead_agency", "category", pl.col("level").alias("case_level")).join(
        _next_due(area, late_reviews), on="case_id", how="left", maintain_order="left"
    )


def _next_due(area: Area, late_reviews: pl.DataFrame) -> pl.DataFrame:
    """`case_id, snooze_at_most`: the due day of a review to come; of an overdue one the day on which it is missed again."""
    since = pl.col("snooze_at_most")
    again = pl.coalesce(
        pl.when(pl.col("level") == level).then(next_due(area.standard, f"review_weeks_level_{level}", since))
        for level in LEVELS
    )
    days = late_reviews.select("case_id", "level", "due_on", snooze_at_most="due_on")
    overdue = pl.col("due_on") < area.as_at
    while days.select((overdue & (since <= area.as_at)).any()).item():
        days = days.with_columns(snooze_at_most=pl.when(overdue & (since <= area.as_at)).then(again).otherwise(since))
    return days.filter(since.is_not_null() & pl.col("case_id").is_not_null()).select("case_id", "snooze_at_most")


def _day(name: str) -> pl.Expr:
    return pl.col(name).dt.strftime("%-d %B %Y")


def _said(name: str, missing: str = "not recorded") -> pl.Expr:
    return pl.col(name).fill_null(missing)


def _text(*parts: pl.Expr | str) -> pl.Expr:
    """Sentences put together; a part that is null says nothing."""
    return pl.concat_str(
        [pl.lit(part) if isinstance(part, str) else part.fill_null("") for part in parts], ignore_nulls=True
    )


def _reviews(late_reviews: pl.DataFrame, as_at: date) -> pl.DataFrame:
    """Late and coming reviews, and those without a date; what is due later needs nothing yet."""
    rows = late_reviews.filter(pl.col("state") != LATER)
    late, no_date = pl.col("state") == OVERDUE, pl.col("state") == NO_DATE
    nothing = pl.lit(None, dtype=pl.String)
    kind = (
        pl.when(late)
        .then(pl.lit(LATE_REVIEW))
        .when(no_date)
        .then(pl.lit(NO_REVIEW_DATE))
        .otherwise(pl.lit(COMING_REVIEW))
    )
    falls = pl.when(late).then(pl.lit("Was due on ")).otherwise(pl.lit("Falls due on "))
    times = pl.when(pl.col("missed") > 1).then(_text("; missed ", pl.col("missed").cast(pl.String), " times in a row"))
    last = (pl.lit("last reviewed on ") + _day("last_review_on")).fill_null("no review on record")
    set_for = pl.when(pl.col("next_set_on").is_not_null()).then(_text(" (", _day("next_set_on"), ")"))
    why = _text(falls, _day("due_on"), times, "; ", last, ". Next date: ", pl.col("next_set"), set_for, ".")
    undated = pl.lit("The record lacks the spell, level or location that tells when the review is due.")
    to_do = (
        pl.when(no_date)
        .then(pl.lit("Complete the case's level, location or spell."))
        .when(late)
        .then(pl.lit("Hold the review now, or record the one that was held."))
        .when(pl.col("next_set") == "set, in time")
        .then(pl.lit("See that the date holds."))
        .otherwise(_text("Set a date on or before ", _day("due_on"), "."))
    )
    return rows.with_columns(
        stem=_stem(pl.lit("review"), pl.col("case_id"), nothing, nothing, pl.col("due_on")),
        kind=kind,
        title=_text("Review at level ", _said("level"), ", case ", _said("case_id")),
        decisive=pl.lit(value=False),
        days_late=(pl.lit(as_at) - pl.col("due_on")).dt.total_days(),
        why=pl.when(no_date).then(undated).otherwise(why),
        to_do=to_do,
        agency=pl.col("lead_agency"),
        meeting_id=nothing,
        table=pl.when(no_date).then(pl.lit("cases")),
        field=nothing,
        file=nothing,
        sheet=nothing,
        row=pl.lit(None, dtype=pl.UInt32),
        rule=nothing,
        record=nothing,
    )


def _evidence(measure: Measure, rows: pl.DataFrame, area: Area) -> pl.DataFrame:
    """The open rows of one measure."""
    whose = nameless() if measure.each else pl.lit(value=False)
    unknown = pl.col("met").is_null() | whose
    kind = (
        pl.when(whose)
        .then(pl.lit(MISSING))
        .when(unknown)
        .then(pl.lit(UNKNOWN_KINDS.get(measure.id, MISSING)))
        .otherwise(pl.lit(STILL_OWED.get(measure.id, OTHER)))
    )
    if STILL_OWED.get(measure.id) in (ACTION, OTHER):
        # With the case closed there is nothing left to do.
        gone = area.cases.filter(pl.col("exited_on").is_not_null())["case_id"]
        rows = rows.filter(unknown | ~pl.col("case_id").is_in(gone.implode()).fill_null(value=False))
    of_unit = measure.unit in OF_A_UNIT
    # Where units are what was decided, all unknown rows have one and the same; else they tell one thing from another.
    tells_apart = not measure.counts
    nothing = pl.lit(None, dtype=pl.String)
    named = pl.when(~pl.col("unit").is_in(NAMELESS)).then("unit")
    field = _text(
        _said("missing_field", "the record"),
        pl.when(pl.col("table").is_not_null()).then(_text(" (", pl.col("table"), ")")),
    )
    what = {
        DECISION: _text("Ask the chair what was decided on disclosure, and record ", field, "."),
        ATTENDANCE: _text("Ask ", named.fill_null(f"the {measure.unit}"), " how it took part, and record ", field, "."),
        SCREENING: _text("Ask the chair for the outcome, and record ", field, "."),
        MINUTES: pl.lit("Issue the minutes, or record the day on which they went out."),
        ACTION: _text("Ask ", _said("unit", "the agency"), " whether the action is done, and record the day, or cancel it."),
        OTHER: pl.lit("Do it now, or record the day on which it was done."),
        MISSING: _text("Find out, and record ", field, "."),
    }  # fmt: skip
    meeting = pl.when(pl.col("meeting_id").is_not_null()).then(_text(", meeting ", pl.col("meeting_id")))
    case = pl.when(pl.col("case_id").is_not_null()).then(_text(", case ", pl.col("case_id")))
    unit = pl.when(pl.lit(tells_apart) & pl.col("unit").is_not_null()).then(_text(": ", pl.col("unit")))
    names = {
        DECISION: "Decision on disclosure",
        ATTENDANCE: "Attendance",
        SCREENING: "Outcome of the screening",
        MINUTES: "Minutes",
        ACTION: "Action",
    }
    on = pl.when(pl.col("owed_on").is_not_null()).then(_text(" (", _day("owed_on"), ")"))
    told = rows.with_columns(kind=kind)
    title = pl.col("kind").replace_strict(names, default=measure.title, return_dtype=pl.String)
    chosen = pl.coalesce(pl.when(pl.col("kind") == name).then(text) for name, text in what.items())
    hangs = pl.when(pl.col("hangs").is_not_null()).then(_text(" The verdict for ", pl.col("hangs"), " depends on it."))
    return told.with_columns(
        stem=_stem(
            # Of how things stand no day is known: the field tells one thing from another.
            pl.when(~unknown)
            .then(pl.lit(f"late {measure.id}"))
            .when(pl.col("owed_on").is_null())
            .then(_text(f"unknown {measure.id} ", _said("missing_field", "")))
            .otherwise(pl.lit(f"unknown {measure.id}")),
            pl.col("case_id"),
            pl.col("meeting_id"),
            pl.col("unit") if tells_apart else nothing,
            pl.col("owed_on"),
        ),
        title=_text(title, unit, meeting, case),
        days_late=(pl.lit(area.as_at) - pl.col("owed_on")).dt.total_days(),
        due_on=pl.col("owed_on"),
        why=_text(f"{measure.title}: ", _said("why", "not recorded"), on, ".", hangs),
        to_do=chosen,
        agency=named if of_unit else nothing,
        field=pl.col("missing_field"),
        file=pl.col(FILE),
        sheet=pl.col(SHEET),
        row=pl.col(ROW),
        rule=nothing,
        record=nothing,
    )


def _findings(findings: pl.DataFrame, late_reviews: pl.DataFrame, area: Area) -> pl.DataFrame:
    """What no row of evidence tells of, because the field that is missing decides whether anything was owed at all."""
    undated = late_reviews.filter(state=NO_DATE)["case_id"]
    first = pl.col("key").str.split(KEY_JOINT).list.first()
    named_by = pl.col("table").replace_strict(
        {name: model.about().key[0] for name, model in TABLES.items()}, default=None, return_dtype=pl.String
    )
    subject = pl.when(pl.col("field").ne_missing(named_by) | (pl.col("rule") == NO_ATTENDANCE)).then(first)
    nothing = pl.lit(None, dtype=pl.String)
    no_attendance = pl.col("rule") == NO_ATTENDANCE
    placed = findings.with_columns(
        case_id=pl.when(named_by == "case_id").then(subject),
        meeting_id=pl.when(named_by.is_in(["meeting_id", "smb_meeting_id"])).then(subject),
    )
    placed = placed.join(_meetings(area, placed["meeting_id"]), on="meeting_id", how="left", maintain_order="left")
    told = placed.with_columns(case_id=pl.coalesce("case_id", "of_case")).filter(
        # A case without a date for its review is on the list as such.
        ~((pl.col("table") == "cases") & pl.col("case_id").is_in(undated.implode()).fill_null(value=False))
    )
    record = pl.when(pl.col("key").is_not_null()).then(_text(", ", pl.col("key")))
    at = pl.coalesce(
        "key",
        pl.concat_str("file", "sheet", pl.col("row").cast(pl.String), separator=KEY_JOINT, ignore_nulls=True),
    )
    return told.with_columns(
        stem=_stem(pl.col("rule").str.replace(UNREADABLE, ""), at, nothing, nothing, pl.lit(None, dtype=pl.Date)),
        kind=pl.when(no_attendance).then(pl.lit(ATTENDANCE)).otherwise(pl.lit(MISSING)),
        title=pl.when(no_attendance)
        .then(_text("Attendance, meeting ", pl.col("meeting_id")))
        .otherwise(_text(pl.col("field"), " in ", pl.col("table"), record)),
        decisive=pl.lit(value=False),
        due_on=pl.col("held_on"),
        days_late=(pl.lit(area.as_at) - pl.col("held_on")).dt.total_days(),
        why=_text(
            pl.col("message"),
            pl.when(no_attendance).then(pl.lit("")).otherwise(pl.lit(" Without it nobody can tell whether anything was owed.")),
        ),
        to_do=pl.col("fix"),
        record=pl.col("key"),
        agency=nothing,
        level=pl.col("of_level"),
    )  # fmt: skip


def _meetings(area: Area, wanted: pl.Series) -> pl.DataFrame:
    """`meeting_id, of_case, of_level, held_on` of the meetings wanted, one row each."""
    schema = {"meeting_id": pl.String, "of_case": pl.String, "of_level": pl.String, "held_on": pl.Date}
    if "meetings" not in area.tables.frames:
        return pl.DataFrame(schema=schema)
    rows = area.tables.lazy("meetings").filter(pl.col("meeting_id").is_in(wanted.drop_nulls().unique().implode()))
    level = pl.col("kind").cast(pl.String).str.extract(r"^level (.)$")
    told = rows.select("meeting_id", of_case="case_id", of_level=level, held_on="held_on").collect()
    return told.sort("held_on", "of_case", nulls_last=True).unique("meeting_id", keep="first", maintain_order=True)


def _stem(*parts: pl.Expr) -> pl.Expr:
    """What a key is made of, each part escaped so that no two things can have one key."""
    texts = [part.cast(pl.String).fill_null("").str.replace_all(r"([\\|])", r"\${1}") for part in parts]
    return pl.concat_str(texts, separator="|").str.replace_all("\0", "\N{REPLACEMENT CHARACTER}", literal=True)


def _with_keys(rows: pl.DataFrame) -> pl.DataFrame:
    """`key` from `stem`: records that nothing else tells apart are numbered in the order in which they stand."""
    placed = rows.sort("stem", "table", "file", "sheet", "row", nulls_last=True, maintain_order=True)
    number = pl.int_range(pl.len()).over("stem")
    keyed = placed.with_columns(
        key=_text(pl.col("stem"), pl.when(number > 0).then(_text("|#", (number + 1).cast(pl.String))))
    )
    long = pl.col("key").str.len_bytes() > LONGEST_KEY
    if not keyed.select(long.any()).item():
        return keyed
    return keyed.with_columns(
        pl.when(long).then(pl.col("key").map_elements(_short, return_dtype=pl.String)).otherwise("key").alias("key")
    )


def _short(key: str) -> str:
    return hashlib.sha256(key.encode()).hexdigest()
