"""What looks like a person's name where a pseudonym belongs goes no further than the findings' locators.

The same text gets the same stand-in in every table, so that the case keeps its meetings; which name it stood for is told by
nothing that is stored or shown.
"""

from __future__ import annotations

from collections.abc import Mapping

import polars as pl

from checks.rule import Rule
from checks.tables.table import Table

STAND_IN = "name withheld {}"
WITHHELD = "name withheld"


def without_names(
    frames: Mapping[str, pl.DataFrame], found: Mapping[tuple[str, str], pl.Series]
) -> dict[str, pl.DataFrame]:
    """The typed tables with every name in a column of pseudonyms or of agencies replaced by a numbered stand-in.

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


def without_agency(judged: pl.DataFrame, model: type[Table], rule: Rule) -> pl.DataFrame:
    """Judged rows, to be counted by agency, with no name of a person where the rule found one in place of the agency."""
    agency = model.about().agency
    if agency != rule.fields[0]:
        return judged
    return judged.with_columns(pl.when(pl.col(rule.id)).then(pl.lit(WITHHELD)).otherwise(agency).alias(agency))
