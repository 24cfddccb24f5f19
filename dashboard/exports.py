"""Files for people: CSV, xlsx, Parquet, JSON. Text from a source is data in all of them, never a formula or a link."""

from __future__ import annotations

import io
import os
import tempfile
from collections.abc import Mapping
from datetime import date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import polars as pl

from checks.errors import UsageError

if TYPE_CHECKING:
    from xlsxwriter import Workbook

# What a spreadsheet would take for the start of a formula, or skip to find one.
_FORMULA = r"^[\t\r\n]|^\s*[=+\-@＝＋－＠]"

TEXT_IS_DATA = {"strings_to_formulas": False, "strings_to_urls": False, "in_memory": True}
"""How every workbook is opened."""

LARGEST_SHEET = 1_048_575
"""Rows of a sheet below its header."""


def harmless(frame: pl.DataFrame) -> pl.DataFrame:
    """The frame with every text that a spreadsheet could take for a formula prefixed by an apostrophe."""
    texts = [name for name, dtype in frame.schema.items() if dtype in (pl.String, pl.Categorical, pl.Enum)]
    as_text = frame.with_columns(pl.col(name).cast(pl.String) for name in texts)
    dangerous = [pl.col(name).str.contains(_FORMULA) for name in texts]
    return as_text.with_columns(
        pl.when(test).then("'" + pl.col(name)).otherwise(pl.col(name)).alias(name)
        for name, test in zip(texts, dangerous, strict=True)
    )


def csv_bytes(frame: pl.DataFrame) -> bytes:
    """The frame as CSV: UTF-8 with the byte-order mark that spreadsheets need to see it."""
    return b"\xef\xbb\xbf" + harmless(frame).write_csv().encode()


def xlsx_bytes(
    frames: Mapping[str, pl.DataFrame], about: Mapping[str, str] | None = None, made_at: datetime | None = None
) -> bytes:
    """A workbook with one sheet per frame, and first a sheet that says what it is about."""
    import xlsxwriter  # a quarter of a second that a start without a workbook need not wait

    buffer = io.BytesIO()
    with xlsxwriter.Workbook(buffer, TEXT_IS_DATA) as book:
        if made_at is not None:
            book.set_properties({"created": made_at.replace(tzinfo=None)})
        if about:
            about_sheet(book, about)
        for name, frame in frames.items():
            frame_sheet(book, name, frame)
    return buffer.getvalue()


def about_sheet(book: Workbook, about: Mapping[str, str]) -> None:
    """The sheet that says what a workbook is about."""
    sheet = book.add_worksheet("About")
    sheet.set_column(0, 0, 24)
    sheet.set_column(1, 1, 90)
    for row, (name, text) in enumerate(about.items()):
        sheet.write_string(row, 0, name)
        sheet.write_string(row, 1, text)


def frame_sheet(book: Workbook, name: str, frame: pl.DataFrame) -> None:
    """A sheet that holds a frame."""
    plain = frame.with_columns(pl.col(pl.Categorical, pl.Enum).cast(pl.String))
    plain.write_excel(
        book, worksheet=name[:31], autofit=True, freeze_panes=(1, 0), dtype_formats={pl.Date: "dd/mm/yyyy"}
    )


def must_end_in(path: Path, kinds: tuple[str, ...]) -> str:
    """The ending of the file's name, in small letters; raises UsageError (exit 2) for another than these."""
    kind = path.suffix.lower()
    if kind not in kinds:
        raise UsageError(f"{path.name}: cannot tell what to write; the name must end in {' or '.join(kinds)}.")
    return kind


def write_file(frame: pl.DataFrame, path: Path, kinds: tuple[str, ...], sheet: str = "findings") -> None:
    """Write the frame to a file of the kind that its name ends with; readable by its owner only.

    Raises UsageError (exit 2) for another ending, or where the file cannot be written.
    """
    kind = must_end_in(path, kinds)
    if kind == ".csv":
        content = csv_bytes(frame)
    elif kind == ".xlsx":
        if frame.height > LARGEST_SHEET:
            raise UsageError(
                f"{path.name}: a sheet holds {LARGEST_SHEET:,} rows and there are {frame.height:,}. "
                "Give a name that ends in .csv."
            )
        content = xlsx_bytes({sheet: frame})
    else:
        buffer = io.BytesIO()
        frame.write_parquet(buffer)
        content = buffer.getvalue()
    write_bytes(content, path)


def write_bytes(content: bytes, path: Path) -> None:
    """Write a file that its owner alone can read: all of it, or what stood there before stands.

    Raises UsageError (exit 2) where that fails.
    """
    try:
        target = path.resolve()
        if target.exists() and not target.is_file():
            raise UsageError(f"{path} is not a file that can be written. Choose another name or place.")
        handle, name = tempfile.mkstemp(dir=target.parent, prefix=f".{target.name[:100]}.")
        try:
            with os.fdopen(handle, "wb") as file:
                file.write(content)
            os.replace(name, target)
        except BaseException:
            Path(name).unlink(missing_ok=True)
            raise
    except (OSError, ValueError) as error:
        reason = (getattr(error, "strerror", None) or "it cannot be written").lower()
        raise UsageError(f"{path} could not be written: {reason}. Choose another name or place.") from None


def plain_json(value: Any) -> Any:
    """Dates as ISO text, for the standard library's JSON."""
    if isinstance(value, date | datetime):
        return value.isoformat()
    raise TypeError(f"no JSON for {type(value).__name__}")
