"""The source `sample`: an invented area, made in memory, that needs no file.

Addresses: `sample`, or with what differs from the default, as in `sample:cases=500,years=3,seed=7,as_at=2024-06-30` or
`sample:flaws=false`.
"""

from __future__ import annotations

import hashlib
from datetime import date
from io import BytesIO

import polars as pl

from checks.errors import UsageError
from checks.locators import FILE, ROW, SHEET
from connectors.sample.area import SampleArea, make_area, write_area
from connectors.sample.columns import COLUMNS
from connectors.sources.source import Progress, Pull, SourceFile, silent

__all__ = ["KIND", "NAME", "SampleArea", "make_area", "pull", "reads", "write_area"]

KIND = "sample (an invented area)"
NAME = "sample area"
"""What the source is called in findings; the table stands where a workbook's sheet would."""
_NUMBERS = ("cases", "years", "seed")


def reads(address: str) -> bool:
    """Whether the address is the sample area's."""
    return address == "sample" or address.startswith("sample:")


def pull(address: str, progress: Progress = silent) -> Pull:
    """Make the area of the address; rows are numbered as in the files that `write_area` would write."""
    progress("making the sample area", 0, len(COLUMNS))
    area = make_area(**_arguments(address))
    pulled = Pull(tables={})
    digest = hashlib.sha256()
    for done, (table, frame) in enumerate(area.tables.items()):
        progress(table, done, len(area.tables))
        buffer = BytesIO()
        frame.write_csv(buffer)
        digest.update(f"{table}\n".encode())
        digest.update(buffer.getvalue())
        pulled.tables[table] = frame.with_columns(
            pl.lit(NAME).alias(FILE),
            pl.lit(table).alias(SHEET),
            pl.int_range(2, frame.height + 2, dtype=pl.UInt32).alias(ROW),
        )
    progress("read", len(area.tables), len(area.tables))
    pulled.files.append(
        SourceFile(
            name=NAME,
            tables=tuple(area.tables),
            rows=sum(frame.height for frame in area.tables.values()),
            modified=None,
            fingerprint=digest.hexdigest(),
        )
    )
    return pulled


def _arguments(address: str) -> dict:
    """What an address asks for, as the arguments of `make_area`."""
    _, _, rest = address.partition(":")
    out: dict = {}
    for part in filter(None, (part.strip() for part in rest.split(","))):
        name, _, value = (text.strip() for text in part.partition("="))
        try:
            if name in _NUMBERS:
                out[name] = int(value)
            elif name == "as_at":
                out[name] = date.fromisoformat(value)
            elif name == "flaws" and value in {"true", "false"}:
                out[name] = value == "true"
            else:
                raise ValueError
        except ValueError:
            raise UsageError(
                f"The address of the sample area holds “{part}”, which is not understood. Expected are cases, years "
                "and seed (whole numbers), as_at (a date, YYYY-MM-DD) and flaws (true or false), as in "
                "sample:cases=500,years=3,seed=7."
            ) from None
    return out
