"""referrals: one referral to the co-ordinator (domain section 2)."""

from __future__ import annotations

import polars as pl

from checks.codes import CONCERNS, ROUTES
from checks.tables.table import Table, When, field


class Referrals(Table, key=("referral_id",), agency="source_agency", day="received_on"):
    """One referral received; one row per referral."""

    referral_id: str = field("The referral's own reference.", required=True, unique=True)
    case_id: str = field(
        "The pseudonym of the person, once the referral is accepted.",
        exists="cases.case_id",
        pseudonym=True,
        required=When(
            pl.col("route").is_not_null() & (pl.col("route") != "not eligible"),
            "the referral was routed to a level or to screening",
            {"route": "level 2"},
        ),
    )
    received_on: pl.Date = field("The day the co-ordinator received it.", required=True, happened=True)
    source_agency: str = field("The agency that referred.", required=True, organisation=True)
    concern: pl.Enum = field("What the referral is about.", required=True, codes=CONCERNS)
    route: pl.Enum = field("Where the co-ordinator sent it.", required=True, codes=ROUTES)
    in_custody: bool = field("Whether the person was in custody when referred.", required=True)
    emergency: bool = field("Whether it could not wait for the next scheduled meeting.")
