"""What looks like a person's name where a pseudonym belongs goes no further than the findings' locators.

The same text gets the same stand-in in every table, so that the case keeps its meetings; which name it stood for is told by
nothing that is stored or shown.
"""

from __future__ import annotations

from collections.abc import Mapping

import polars as pl

STAND_IN = "name withheld {}"


def without_names(
    frames: Mapping[str, pl.DataFrame], found: Mapping[tuple[str, str], pl.Series]
) -> dict[str, pl.DataFrame]:
    """The typed tables with every name-like value of a pseudonym column replaced by a numbered stand-in.

    `found`: (table, column) → the values that its rule took for names (`checks.field_rules.finds_names`). The rule has gone through
    every row already: on a country's records a second look would cost more than most rules.
    """
    if not found:
        return dict(frames)
    texts = pl.concat([each.alias("text") for each in found.values()]).unique().sort()
    stand_ins = pl.Series([STAND_IN.format(number) for number in range(1, len(texts) + 1)], dtype=pl.String)
    told = dict(frames)
    for table, column in found:
        told[table] = told[table].with_columns(pl.col(column).replace(texts, stand_ins))
    return told
