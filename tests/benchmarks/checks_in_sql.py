"""The same rules as `checks` in DuckDB SQL over the same Parquet files: one query per table.

Written from the guide (`tests/checks/guide.py`) and by hand, not from the product's declarations.
"""

from __future__ import annotations

from datetime import date
from pathlib import Path

import duckdb

from tests.benchmarks.checks_in_polars import (
    AFTER_THE_PERSON,
    AGENCIES,
    ALSO_UNIQUE,
    BESIDE_FIGURES,
    BODY,
    FIRST,
    IN_ORDER,
    LAST,
    NAME,
    NOT_BESIDE,
    PERSON,
)
from tests.checks.guide import DATE, EXPECTED, PLANNED, POINTS_TO, TEXT, UNIQUE

_MULTI = "('level 2', 'level 3')"
_ACTIVE = "t.raw_exited_on IS NULL"
_AT_2_OR_3 = "t.level IN ('2', '3')"
_HELD = f"t.kind IN {_MULTI}"
NEEDED = {
    ("cases", "exit_reason"): "t.exited_on IS NOT NULL",
    ("cases", "risk_of_harm"): f"{_ACTIVE} AND ({_AT_2_OR_3} OR t.category = '1')",
    ("cases", "identified_on"): "t.sentenced_on IS NOT NULL",
    ("cases", "notification_from"): "t.category = '1'",
    ("cases", "release_on"): f"{_ACTIVE} AND t.location = 'custody'",
    ("cases", "risk_plan_on"): _ACTIVE,
    ("cases", "victim_plan"): f"{_ACTIVE} AND {_AT_2_OR_3}",
    ("cases", "contingency_plan"): f"{_ACTIVE} AND {_AT_2_OR_3}",
    ("referrals", "case_id"): "t.route <> 'not eligible'",
    ("meetings", "disclosure_considered"): _HELD,
    ("meetings", "disclosure_decision"): f"{_HELD} AND coalesce(t.disclosure_considered, true)",
    ("meetings", "disclosure_reason"): "t.disclosure_decision = 'not disclose'",
    ("meetings", "next_review_on"): "t.outcome_level IN ('2', '3')",
    ("meetings", "victim_considered"): _HELD,
    ("meetings", "diversity_considered"): _HELD,
    ("attendance", "senior_enough"): f"p_meetings.kind IN {_MULTI} AND t.mode IN ('in person', 'video', 'telephone')",
}
ACROSS = {
    "cases.category.standard": "t.category NOT IN ('1', '2', '3', '4', 'pdp')",
    "cases.level.category_3": "t.category = '3' AND t.level < '1'",
    "cases.category.entry_level_4": "t.category = '4' AND (CASE WHEN e.case_id IS NULL THEN t.level ELSE e.level END) < '3'",
    "cases.level.last_spell": "t.level <> s.level",
    "cases.level.last_outcome": "t.level <> o.level AND coalesce(s.since <= o.held_on, true)"
    " AND coalesce(t.level = s.level, true)",
    "cases.case_id.no_meeting": f"t.case_id IS NOT NULL AND {_ACTIVE} AND {_AT_2_OR_3}"
    " AND NOT EXISTS (FROM meetings m WHERE m.case_id = t.case_id)",
    "cases.case_id.no_spell": f"{_ACTIVE} AND t.case_id IS NOT NULL"
    " AND NOT EXISTS (FROM spells m WHERE m.case_id = t.case_id)",
    "spells.from_on.overlap": "t.case_id IS NOT NULL AND t.from_on < t.ended",
    "spells.from_on.outside_case": "t.from_on < p_cases.entered_on OR greatest(t.from_on, t.until_on) > p_cases.exited_on",
    "meetings.held_on.outside_case": "t.held_on < p_cases.entered_on OR t.held_on > p_cases.exited_on",
    "meetings.meeting_id.no_attendance": f"t.meeting_id IS NOT NULL AND {_HELD}"
    " AND NOT EXISTS (FROM attendance a WHERE a.meeting_id = t.meeting_id)",
    "meetings.disclosure_decision.not_considered": "t.disclosure_decision IS NOT NULL"
    " AND NOT coalesce(t.disclosure_considered, false)",
    "meetings.next_review_on.too_late": "t.next_review_on - t.held_on"
    " > CASE t.outcome_level WHEN '2' THEN 84 WHEN '3' THEN 42 END",
    "actions.due_on.before_meeting": "t.due_on < p_meetings.held_on",
}
BROUGHT = {"cases": ("entered_on", "exited_on"), "meetings": ("kind", "held_on")}
OF_CASES = """
    LEFT JOIN (
        SELECT case_id, last(level ORDER BY from_on, coalesce(until_on, DATE '9999-12-31'), level) AS level,
               last(since ORDER BY from_on, coalesce(until_on, DATE '9999-12-31'), level) AS since
        FROM (
            SELECT *, max(CASE WHEN level IS DISTINCT FROM before THEN from_on END) OVER in_order AS since
            FROM (SELECT *, lag(level) OVER in_order AS before FROM spells WHERE case_id IS NOT NULL
                  WINDOW in_order AS (PARTITION BY case_id
                                      ORDER BY from_on, coalesce(until_on, DATE '9999-12-31'), level))
            WINDOW in_order AS (PARTITION BY case_id ORDER BY from_on, coalesce(until_on, DATE '9999-12-31'), level)
        )
        GROUP BY case_id HAVING count(*) = count(from_on)
    ) s ON s.case_id = t.case_id
    LEFT JOIN (
        SELECT case_id, max_by(outcome_level, (held_on, kind, meeting_id)) FILTER (outcome_level IS NOT NULL) AS level,
               max(held_on) AS held_on, bool_or(outcome_level IS NULL) AS unsure
        FROM meetings
        WHERE case_id IS NOT NULL AND (outcome_level IN ('1', '2', '3') OR outcome_level IS NULL OR held_on IS NULL)
        GROUP BY case_id HAVING count(*) = count(held_on)
    ) o ON o.case_id = t.case_id
    LEFT JOIN (
        SELECT case_id, CASE WHEN count(*) = count(from_on) THEN first(level ORDER BY from_on, until_on, level) END AS level
        FROM spells WHERE case_id IS NOT NULL GROUP BY case_id
    ) e ON e.case_id = t.case_id
"""


def in_sql(folder: Path, as_at: date) -> dict[str, list[int]]:
    """Rule → the rows (from 0) that break it, for the Parquet files of a folder; rules that nothing breaks are left out."""
    failing: dict[str, list[int]] = {}
    with duckdb.connect() as con:
        for name in EXPECTED:
            con.execute(f"CREATE VIEW {name} AS {_typed(folder, name, as_at)}")
        for name in EXPECTED:
            rules = _rules(name, as_at)
            # One bit per rule: only rows that break something leave the query.
            flags = ", ".join(f'coalesce({rule}, false) AS "{rule_id}"' for rule_id, rule in rules.items())
            any_flag = " OR ".join(f'"{rule_id}"' for rule_id in rules)
            query = f"FROM (SELECT t.n, {flags} FROM {_source(name)}) WHERE {any_flag}"  # noqa: S608 - as above
            broken = con.sql(query).pl()
            for rule_id in rules:
                rows = broken.filter(broken[rule_id])["n"]
                if len(rows):
                    failing[rule_id] = sorted(rows.to_list())
    return failing


def _day(day: date) -> str:
    return f"DATE '{day.isoformat()}'"


def _typed(folder: Path, name: str, as_at: date) -> str:
    columns = ["file_row_number AS n"]
    for field, (_, content) in EXPECTED[name].items():
        if content == DATE:
            until = _day(LAST if field in PLANNED else as_at)
            columns.append(f"{field} AS raw_{field}")
            columns.append(f"CASE WHEN {field} BETWEEN {_day(FIRST)} AND {until} THEN {field} END AS {field}")
        elif content == TEXT:
            columns.append(f"nullif(trim({field}), '') AS {field}")
        else:
            columns.append(field)
    file = str(folder / f"{name}.parquet").replace("'", "''")
    return f"SELECT {', '.join(columns)} FROM read_parquet('{file}', file_row_number = true)"  # noqa: S608


def _quoted(text: str) -> str:
    return f"'{text.replace(chr(39), chr(39) * 2)}'"


def _matches(text: str, pattern: str) -> str:
    return f"regexp_matches({text}, {_quoted(pattern)})"


def _source(name: str) -> str:
    own = name
    key = {**UNIQUE, **ALSO_UNIQUE}.get(name)
    if key:
        own = f"(SELECT *, count(*) OVER (PARTITION BY {', '.join(key)}) AS same FROM {name})"  # noqa: S608
    if name == "spells":
        own = """(
            SELECT *, max(ends) OVER (PARTITION BY case_id ORDER BY from_on NULLS FIRST, ends NULLS FIRST, level, location
                                      ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING) AS ended
            FROM (SELECT *, CASE WHEN from_on IS NULL THEN NULL WHEN raw_until_on IS NULL THEN DATE '9999-12-31'
                                 ELSE until_on END AS ends FROM spells))"""
    joins = [f"{own} t"]
    for (table, field), (parent, parent_key) in POINTS_TO.items():
        if table == name:
            brought = "".join(f", any_value({each}) AS {each}" for each in BROUGHT.get(parent, ()))
            rows = f"SELECT {parent_key}{brought} FROM {parent} GROUP BY {parent_key}"  # noqa: S608
            joins.append(f"LEFT JOIN ({rows}) p_{parent} ON p_{parent}.{parent_key} = t.{field}")
    if name == "cases":
        joins.append(OF_CASES)
    return "\n".join(joins)


def _rules(name: str, as_at: date) -> dict[str, str]:
    rules: dict[str, str] = {}
    for field, (required, content) in EXPECTED[name].items():
        at = f"{name}.{field}"
        raw = f"t.raw_{field}" if content == DATE else f"t.{field}"
        if required == "R":
            rules[f"{at}.required"] = f"{raw} IS NULL"
        elif required == "?":
            rules[f"{at}.required"] = f"{raw} IS NULL AND ({NEEDED[name, field]})"
        if content == DATE:
            rules[f"{at}.type"] = f"{raw} NOT BETWEEN {_day(FIRST)} AND {_day(LAST)}"
            if field not in PLANNED:
                rules[f"{at}.future"] = f"{raw} > {_day(as_at)} AND {raw} <= {_day(LAST)}"
        elif isinstance(content, tuple):
            codes = ", ".join(f"'{code}'" for code in content)
            rules[f"{at}.code"] = f"t.{field} NOT IN ({codes})"
        if (name, field) in POINTS_TO:
            parent, key = POINTS_TO[name, field]
            rules[f"{at}.exists"] = f"t.{field} IS NOT NULL AND p_{parent}.{key} IS NULL"
        if field == "case_id":
            like, beside, out = (_matches("t.case_id", each) for each in (NAME, BESIDE_FIGURES, NOT_BESIDE))
            rules[f"{at}.name_like"] = f"{like} OR {beside} AND NOT {out}"
        if field in AGENCIES:
            alone = f"regexp_replace(word, {_quoted(AFTER_THE_PERSON)}, '')"
            persons = f"{_matches(alone, PERSON)} AND NOT {_matches(alone, BODY)}"
            words = f"SELECT DISTINCT {field} AS word FROM {name}"  # noqa: S608 - as above
            rules[f"{at}.name_like"] = f"t.{field} IN (SELECT word FROM ({words}) WHERE {persons})"  # noqa: S608
    key = {**UNIQUE, **ALSO_UNIQUE}.get(name)
    if key:
        given = " AND ".join(f"t.{each} IS NOT NULL" for each in key)
        rules[f"{name}.{key[0]}.unique"] = f"t.same > 1 AND {given}"
    for table, later, earlier, word in IN_ORDER:
        if table == name:
            rules[f"{name}.{later}.{word}"] = f"t.{later} < t.{earlier}"
    rules.update({rule: sql for rule, sql in ACROSS.items() if rule.startswith(f"{name}.")})
    return rules
