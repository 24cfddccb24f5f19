"""Frames as Parquet bytes: the same frame gives the same bytes, and keeps its types on the way back."""

from __future__ import annotations

import hashlib
import io
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import IO

import polars as pl

LEVEL = 1
"""zstd's level: higher ones cost more time and save next to nothing on these tables."""


@dataclass(frozen=True)
class PackedFrame:
    """A frame as the store keeps it: a tenth of the memory, so that whoever makes many need not hold them all."""

    rows: int
    data: memoryview
    sha256: str


def packed(frame: pl.DataFrame) -> PackedFrame:
    """The frame as the store keeps it."""
    data = encoded(frame)
    return PackedFrame(frame.height, data, sha256(data))


def encoded(frame: pl.DataFrame) -> memoryview:
    """The frame as a Parquet file (zstd). Rechunked first: else how it was put together would show in the bytes.

    Without statistics, which cost a third of the time and serve only who reads a part of a file's rows.
    """
    buffer = io.BytesIO()
    frame.rechunk().write_parquet(buffer, compression="zstd", compression_level=LEVEL, statistics=False)
    return buffer.getbuffer()


def decoded(data: Sequence[bytes], columns: Sequence[str] | None) -> pl.DataFrame:
    """The frame back, or several of the same columns one after the other; or only some columns, in the order asked for.

    Raises ColumnNotFoundError.
    """
    files: list[IO[bytes]] = [io.BytesIO(each) for each in data]
    if columns is None:
        return pl.read_parquet(files)
    return pl.read_parquet(files, columns=list(columns)).select(columns)


def sha256(data: bytes | memoryview) -> str:
    """The name of content."""
    return hashlib.sha256(data).hexdigest()


def pieces(data: memoryview, size: int) -> Iterator[bytes]:
    """The bytes in pieces of `size`, the last one shorter."""
    for start in range(0, len(data), size):
        yield bytes(data[start : start + size])
