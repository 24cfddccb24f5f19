"""What must hold between published figures, as declared in `identities.toml`."""

from __future__ import annotations

import tomllib
from functools import cache
from pathlib import Path
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

FILE = Path(__file__).with_name("identities.toml")

Severity = Literal["error", "note"]


class _Declared(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)


class Cell(_Declared):
    """One figure of a report; a row or column `*` stands for each label but the total."""

    table: str = Field(min_length=1)
    row: str = Field(min_length=1)
    column: str = Field(min_length=1)


class Reasoned(_Declared):
    """What every declaration says: how grave a breach is, why it should hold, and where that is read."""

    severity: Severity
    reason: str = Field(min_length=20)
    cite: str = Field(min_length=2)


class Movement(Reasoned):
    """Start + in − out = end: the labels that mean each."""

    start: list[str]
    end: list[str]
    into: list[str] = Field(alias="in")
    out: list[str]


class Same(Reasoned):
    """Cells that tell the same thing."""

    id: str
    what: str
    cells: list[Cell] = Field(min_length=2)


class Bound(Reasoned):
    """The sum of `part` is at most the sum of `whole`; `says` is the sentence of a breach."""

    id: str
    says: str
    part: list[Cell] = Field(min_length=1)
    whole: list[Cell] = Field(min_length=1)


class NotCompared(_Declared):
    """What looks alike and is not held against each other, and why."""

    what: str
    reason: str
    cite: str


class Labels(_Declared):
    """Labels with a meaning of their own."""

    not_parts: list[str]


class Identities(_Declared):
    """All that is declared."""

    labels: Labels
    movement: Movement
    same: list[Same]
    bound: list[Bound]
    not_compared: list[NotCompared]


@cache
def identities() -> Identities:
    """What is declared in `identities.toml`."""
    return Identities.model_validate(tomllib.loads(FILE.read_text(encoding="utf-8")))
