"""Numbers for the keys that join the tables: a case, a meeting and an agency by number, as measures of a whole country need them.

Text is dear to join; a number is a place to look at. Numbers serve inside one set of typed tables and mean nothing outside it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

import polars as pl

from checks.typed_tables import TypedTables

CASE = "_case"  # UInt32: the case's place among those of the table of cases, then the ones that only other tables know
MEETING = "_meeting"  # UInt32: the meeting's place among the references of the table of meetings; null: no such meeting
AGENCY = "_agency"  # Enum of the agencies that the table names

NUMBERED: dict[str, tuple[str, ...]] = {
    "cases": (CASE,),
    "spells": (CASE,),
    "meetings": (CASE, MEETING),
    "reviews": (CASE,),
    "referrals": (CASE,),
    "visits": (CASE,),
    "attendance": (MEETING, AGENCY),
}
"""The columns of numbers by table: those that are joined by the million."""


def numbered(tables: TypedTables) -> TypedTables:
    """The same tables, with the columns of `NUMBERED` beside their own, unless they have them already.

    A number is null where the key is missing. Of a key that stands twice both rows have one number.
    """
    frames = {table: tables.frames[table] for table in NUMBERED if table in tables.frames}
    if all(set(NUMBERED[table]) <= set(frame.collect_schema()) for table, frame in frames.items()):
        return tables
    # Numbers given before some table had any are not to be mixed with new ones.
    frames = {table: frame.drop(NUMBERED[table], strict=False) for table, frame in frames.items()}
    new = _numbered_by_case({table: frame for table, frame in frames.items() if CASE in NUMBERED[table]})
    meetings = frames.get("meetings", pl.DataFrame(schema={"meeting_id": pl.String}))
    references = _places(meetings, "meeting_id")
    if "meetings" in frames:
        new["meetings"] = _with_number(new["meetings"], "meeting_id", references, MEETING)
    if "attendance" in frames:
        rows = _with_number(frames["attendance"], "meeting_id", references, MEETING)
        names = pl.Enum(rows["agency"].drop_nulls().unique().sort())
        new["attendance"] = rows.with_columns(pl.col("agency").cast(names).alias(AGENCY))
    return replace(tables, frames={**tables.frames, **new})


def _numbered_by_case(frames: Mapping[str, pl.DataFrame]) -> dict[str, pl.DataFrame]:
    known = frames.get("cases", pl.DataFrame(schema={"case_id": pl.String}))
    numbers = _places(known, "case_id")
    placed = {table: _with_number(frame, "case_id", numbers, CASE) for table, frame in frames.items()}
    strange = pl.col(CASE).is_null() & pl.col("case_id").is_not_null()
    unknown = {
        table: frame.select("case_id", CASE).with_row_index("row").filter(strange) for table, frame in placed.items()
    }
    elsewhere = pl.concat([known.select("case_id").clear(), *(rows.select("case_id") for rows in unknown.values())])
    further = elsewhere.unique().sort("case_id").with_row_index(CASE, offset=len(numbers))
    for table, rows in unknown.items():
        if rows.height:
            # Only these: to join all rows once more would double the work for a handful.
            told = rows.drop(CASE).join(further, on="case_id", how="left", maintain_order="left")
            placed[table] = placed[table].with_columns(placed[table][CASE].clone().scatter(told["row"], told[CASE]))
    return placed


def _places(frame: pl.DataFrame, key: str) -> pl.Series:
    """The keys, each once, in the order in which they first stand: the place of each is its number."""
    return frame[key].drop_nulls().unique(maintain_order=True)


def _with_number(frame: pl.DataFrame, key: str, keys: pl.Series, number: str) -> pl.DataFrame:
    numbers = keys.to_frame(key).with_row_index(number)
    given = frame.select(key)
    run = given.select(pl.col(key).rle_id()).to_series()
    # Rows of one key often stand together, as the attendance of a meeting does: it is then looked up once for all of them.
    together = len(run) > 0 and (int(run[-1]) + 1) * 2 < frame.height
    asked = given.filter((run != run.shift(1)).fill_null(value=True)) if together else given
    told = asked.join(numbers, on=key, how="left", maintain_order="left")[number]
    return frame.with_columns(told.gather(run) if together else told)
