"""The same rules as `checks`, fused by hand: one lazy query per table, all of them run together.

Written from the guide (`tests/checks/guide.py`) and by hand, not from the product's declarations.
"""

from __future__ import annotations

import tomllib
from datetime import date
from pathlib import Path

import polars as pl

import checks
from tests.checks.guide import DATE, EXPECTED, PLANNED, POINTS_TO, TEXT, UNIQUE

FIRST, LAST = date(1880, 1, 1), date(2199, 12, 31)
NAME = (
    r"^\p{L}[\p{L}\p{M}'’.\-]*(?:[\s,]+\p{L}[\p{L}\p{M}'’.\-]*)+$|\p{L}{2,}\s*,\s*\p{L}|^\p{Lu}[\p{L}\p{M}'’\-]{2,}$"
    r"|^\p{Lo}{2,}$|^(?:\p{Lu}\.\s*){2,}$|^\p{Ll}{2,}[._]\p{Ll}{2,}\d*$"
)
BESIDE_FIGURES = (
    r"\p{Lu}[\p{Ll}\p{M}'’]+[\s._/,]+(?:\p{Lu}\.?\s+)?(?:\p{Lu}[\p{Ll}\p{M}'’]+|\p{Lu}{2,})"
    r"|\p{Lu}{2,}[\s._/,]+\p{Lu}[\p{Ll}\p{M}'’]+"
)
NOT_BESIDE = (
    r"(?i)(?:^|[^\p{L}])(?:case|ref|reference|no|nr|number|record|file|nominal|subject|id|urn|crn|pnc|visor|j?mappa|"
    r"meeting|review|screening|level|board|smb)(?:[^\p{L}]|$)"
)
FORENAMES = "|".join(tomllib.loads((Path(checks.__file__).parent / "forenames.toml").read_text("utf-8"))["forenames"])
PERSON = (
    rf"(?i)^(?:{FORENAMES})(?:\s+\p{{L}}[\p{{L}}\p{{M}}'’.\-]*){{1,2}}$|^\p{{L}}[\p{{L}}'’\-]+\s*,\s*(?:{FORENAMES})\b"
    r"|^(?:mr|mrs|miss|ms|mx|dr)\.?\s+\p{L}"
)
AFTER_THE_PERSON = r"\s*[(/].*$|\s+[-–].*$"
BODY = (
    r"(?i)\b(?:academy|agency|aid|association|board|care|cent(?:re|er)|charity|church|clinic|college|council|court|department|"
    r"foundation|group|health|homes?|hospital|house|housing|league|limited|ltd|office|partnership|police|prison|probation|"
    r"project|refuge|school|services?|society|surgery|team|trust|unit|university)\b"
)
AGENCIES = ("lead_agency", "source_agency", "chair_agency", "agency", "member")
ALSO_UNIQUE = {"smb_attendance": ("smb_meeting_id", "member"), "population": ("area", "year")}

_c = pl.col
_MULTI = ["level 2", "level 3"]
_ACTIVE = _c("raw_exited_on").is_null()
_AT_2_OR_3 = _c("level").is_in(["2", "3"])
_HELD = _c("kind").is_in(_MULTI)
NEEDED: dict[tuple[str, str], pl.Expr] = {
    ("cases", "exit_reason"): _c("exited_on").is_not_null(),
    ("cases", "risk_of_harm"): _ACTIVE & (_AT_2_OR_3 | (_c("category") == "1")),
    ("cases", "identified_on"): _c("sentenced_on").is_not_null(),
    ("cases", "notification_from"): _c("category") == "1",
    ("cases", "release_on"): _ACTIVE & (_c("location") == "custody"),
    ("cases", "risk_plan_on"): _ACTIVE,
    ("cases", "victim_plan"): _ACTIVE & _AT_2_OR_3,
    ("cases", "contingency_plan"): _ACTIVE & _AT_2_OR_3,
    ("referrals", "case_id"): _c("route") != "not eligible",
    ("meetings", "disclosure_considered"): _HELD,
    ("meetings", "disclosure_decision"): _HELD & _c("disclosure_considered").fill_null(value=True),
    ("meetings", "disclosure_reason"): _c("disclosure_decision") == "not disclose",
    ("meetings", "next_review_on"): _c("outcome_level").is_in(["2", "3"]),
    ("meetings", "victim_considered"): _HELD,
    ("meetings", "diversity_considered"): _HELD,
    ("attendance", "senior_enough"): _c("meeting_kind").is_in(_MULTI)
    & _c("mode").is_in(["in person", "video", "telephone"]),
}
IN_ORDER = (
    ("cases", "exited_on", "entered_on", "before_entered"),
    ("cases", "notification_until", "notification_from", "before_from"),
    ("cases", "identified_on", "sentenced_on", "before_sentenced"),
    ("spells", "until_on", "from_on", "before_from"),
    ("meetings", "minutes_issued_on", "held_on", "before_held"),
    ("meetings", "next_review_on", "held_on", "before_held"),
)


def fused(folder: Path, as_at: date) -> dict[str, list[int]]:
    """Rule → the rows (from 0) that break it, for the Parquet files of a folder; rules that nothing breaks are left out."""
    tables = {name: _typed(folder, name, as_at) for name in EXPECTED}
    queries = {name: _judged(name, tables, as_at, _persons(folder, name)) for name in EXPECTED}
    frames = pl.collect_all(list(queries.values()))
    return {
        rule: frame["n"].filter(frame[rule]).sort().to_list()
        for frame in frames
        for rule in frame.columns[1:]
        if frame[rule].any()
    }


def _typed(folder: Path, name: str, as_at: date) -> pl.LazyFrame:
    scan = pl.scan_parquet(folder / f"{name}.parquet", row_index_name="n")
    columns = [_c("n")]
    for field, (_, content) in EXPECTED[name].items():
        if content == DATE:
            columns.append(_c(field).alias(f"raw_{field}"))
            counts = _c(field).is_between(FIRST, LAST if field in PLANNED else as_at)
            columns.append(pl.when(counts).then(_c(field)))
        elif content == TEXT:
            text = _c(field).cast(pl.String).str.strip_chars()
            columns.append(pl.when(text != "").then(text).alias(field))
        else:
            columns.append(_c(field))
    return scan.select(columns)


def _persons(folder: Path, name: str) -> dict[str, pl.Expr]:
    """Column of agencies → whether somebody's name stands there: they are few words, each looked at once."""
    persons = {}
    for field in EXPECTED[name].keys() & AGENCIES:
        words = pl.scan_parquet(folder / f"{name}.parquet").select(_c(field).unique().cast(pl.String).str.strip_chars())
        alone = _c(field).str.replace(AFTER_THE_PERSON, "").str
        found = words.filter(alone.contains(PERSON) & ~alone.contains(BODY)).collect().to_series()
        persons[field] = _c(field).is_in(found.implode()) if len(found) else pl.lit(value=False)
    return persons


def _judged(name: str, tables: dict[str, pl.LazyFrame], as_at: date, persons: dict[str, pl.Expr]) -> pl.LazyFrame:
    frame = tables[name]
    for (table, field), (parent, key) in POINTS_TO.items():
        if table == name:
            frame = frame.join(_parent(tables, parent, key), left_on=field, right_on=key, how="left")
    if name == "cases":
        frame = frame.join(_last_spell(tables["spells"]), on="case_id", how="left")
        frame = frame.join(_last_outcome(tables["meetings"]), on="case_id", how="left")
        frame = frame.join(_entry(tables["spells"]), on="case_id", how="left")
        discussed = tables["meetings"].select("case_id").drop_nulls().unique().with_columns(discussed=True)
        frame = frame.join(discussed, on="case_id", how="left")
        managed = tables["spells"].select("case_id").drop_nulls().unique().with_columns(managed=True)
        frame = frame.join(managed, on="case_id", how="left")
    if name == "meetings":
        invited = tables["attendance"].select("meeting_id").drop_nulls().unique().with_columns(invited=True)
        frame = frame.join(invited, on="meeting_id", how="left")
    of_agencies = {f"{name}.{field}.name_like": person for field, person in persons.items()}
    rules = {**_field_rules(name, as_at), **of_agencies, **_across(name)}
    broken = [expression.fill_null(value=False).alias(rule) for rule, expression in rules.items()]
    return frame.select("n", *broken)


def _parent(tables: dict[str, pl.LazyFrame], parent: str, key: str) -> pl.LazyFrame:
    brought = {
        "cases": [_c("entered_on").alias("case_entered_on"), _c("exited_on").alias("case_exited_on")],
        "meetings": [_c("kind").alias("meeting_kind"), _c("held_on").alias("meeting_held_on")],
    }
    there = pl.lit(value=True).alias(f"{key}_known")
    rows = tables[parent].filter(_c(key).is_not_null()).select(key, *brought.get(parent, []), there)
    return rows.unique(key, keep="any")


def _field_rules(name: str, as_at: date) -> dict[str, pl.Expr]:
    rules: dict[str, pl.Expr] = {}
    for field, (required, content) in EXPECTED[name].items():
        at = f"{name}.{field}"
        raw = _c(f"raw_{field}") if content == DATE else _c(field)
        if required == "R":
            rules[f"{at}.required"] = raw.is_null()
        elif required == "?":
            rules[f"{at}.required"] = raw.is_null() & NEEDED[name, field]
        if content == DATE:
            rules[f"{at}.type"] = ~raw.is_between(FIRST, LAST)
            if field not in PLANNED:
                rules[f"{at}.future"] = raw.is_between(as_at, LAST, closed="right")
        elif content != TEXT:  # the column's own type leaves nothing else
            rules[f"{at}.code"] = pl.lit(value=False)
        if (name, field) in POINTS_TO:
            rules[f"{at}.exists"] = _c(field).is_not_null() & _c(f"{POINTS_TO[name, field][1]}_known").is_null()
        if field == "case_id":
            text = _c(field).str
            rules[f"{at}.name_like"] = text.contains(NAME) | text.contains(BESIDE_FIGURES) & ~text.contains(NOT_BESIDE)
    key = {**UNIQUE, **ALSO_UNIQUE}.get(name)
    if key:
        given = pl.all_horizontal(_c(each).is_not_null() for each in key)
        rules[f"{name}.{key[0]}.unique"] = given & (pl.struct(key) if len(key) > 1 else _c(key[0])).is_duplicated()
    return rules


def _across(name: str) -> dict[str, pl.Expr]:
    rules = {
        f"{name}.{later}.{word}": _c(later) < _c(earlier) for table, later, earlier, word in IN_ORDER if table == name
    }
    level = _c("level").cast(pl.String) if name in ("cases", "spells") else None
    if name == "cases" and level is not None:
        rules["cases.category.standard"] = ~_c("category").cast(pl.String).is_in(["1", "2", "3", "4", "pdp"])
        rules["cases.level.category_3"] = (_c("category") == "3") & (level < "1")
        entered = pl.when(_c("has_entry")).then("entry_level").otherwise(level)
        rules["cases.category.entry_level_4"] = (_c("category") == "4") & (entered < "3")
        rules["cases.level.last_spell"] = level != _c("last_spell_level")
        later = (_c("last_spell_on") > _c("last_outcome_on")).fill_null(value=False)
        other = (level != _c("last_spell_level")).fill_null(value=False)
        rules["cases.level.last_outcome"] = (level != _c("last_outcome_level")) & ~later & ~other
        rules["cases.case_id.no_meeting"] = (
            _c("case_id").is_not_null() & _ACTIVE & _AT_2_OR_3 & _c("discussed").is_null()
        )
        rules["cases.case_id.no_spell"] = _ACTIVE & _c("case_id").is_not_null() & _c("managed").is_null()
    if name == "spells":
        end = pl.when(_c("raw_until_on").is_null()).then(pl.date(9999, 12, 31)).otherwise("until_on")
        end = pl.when(_c("from_on").is_not_null()).then(end)
        before = end.cum_max().shift(1).over("case_id", order_by=["from_on", end, "level", "location"])
        rules["spells.from_on.overlap"] = _c("case_id").is_not_null() & (_c("from_on") < before)
        rules["spells.from_on.outside_case"] = (_c("from_on") < _c("case_entered_on")) | (
            pl.max_horizontal("from_on", "until_on") > _c("case_exited_on")
        )
    if name == "meetings":
        rules["meetings.held_on.outside_case"] = (_c("held_on") < _c("case_entered_on")) | (
            _c("held_on") > _c("case_exited_on")
        )
        rules["meetings.meeting_id.no_attendance"] = _c("meeting_id").is_not_null() & _HELD & _c("invited").is_null()
        rules["meetings.disclosure_decision.not_considered"] = _c("disclosure_decision").is_not_null() & ~_c(
            "disclosure_considered"
        ).fill_null(value=False)
        weeks = pl.when(_c("outcome_level") == "2").then(84).when(_c("outcome_level") == "3").then(42)
        rules["meetings.next_review_on.too_late"] = (_c("next_review_on") - _c("held_on")).dt.total_days() > weeks
    if name == "actions":
        rules["actions.due_on.before_meeting"] = _c("due_on") < _c("meeting_held_on")
    return rules


def _last_spell(spells: pl.LazyFrame) -> pl.LazyFrame:
    case, level = _c("case_id"), _c("level")
    begins = case.ne_missing(case.shift(1)) | level.ne_missing(level.shift(1))
    return (
        spells.filter(case.is_not_null())
        .select("case_id", "from_on", _c("until_on").fill_null(pl.date(9999, 12, 31)), "level")
        .sort("case_id", "from_on", "until_on", "level", nulls_last=True)
        .with_columns(since=pl.when(begins).then("from_on").forward_fill())
        .filter(case.ne_missing(case.shift(-1)) & _c("from_on").is_not_null())
        .select("case_id", last_spell_level=level.cast(pl.String), last_spell_on="since")
    )


def _last_outcome(meetings: pl.LazyFrame) -> pl.LazyFrame:
    case, outcome = _c("case_id"), _c("outcome_level").cast(pl.String)
    return (
        meetings.filter(case.is_not_null())
        .filter(outcome.is_in(["1", "2", "3"]) | outcome.is_null() | _c("held_on").is_null())
        .select("case_id", "held_on", "kind", "meeting_id", outcome)
        .sort("case_id", "held_on", "kind", "meeting_id", nulls_last=[False, True, False, False])
        .filter(case.ne_missing(case.shift(-1)) & _c("held_on").is_not_null())
        .select("case_id", last_outcome_level="outcome_level", last_outcome_on="held_on")
    )


def _entry(spells: pl.LazyFrame) -> pl.LazyFrame:
    case = _c("case_id")
    return (
        spells.filter(case.is_not_null())
        .select("case_id", "from_on", "until_on", "level")
        .sort("case_id", "from_on", "until_on", "level")
        .filter(case.ne_missing(case.shift(1)))
        .select(
            "case_id",
            entry_level=pl.when(_c("from_on").is_not_null()).then(_c("level").cast(pl.String)),
            has_entry=pl.lit(value=True),
        )
    )
