"""cases: one person under management (domain section 2)."""

from __future__ import annotations

import polars as pl

from checks.codes import CATEGORIES, LEVELS, LOCATIONS, RISKS_OF_HARM
from checks.tables.conditions import ACTIVE, AT_LEVEL_2_OR_3, IF_ACTIVE, IF_ACTIVE_AT_2_OR_3
from checks.tables.table import YEARS, Table, When, field


class Cases(Table, key=("case_id",), agency="lead_agency", day="entered_on"):
    """One person under management; one row per person."""

    case_id: str = field("The pseudonym of the person, never a name.", required=True, unique=True, pseudonym=True)
    category: pl.Enum = field(
        "Why the person is managed: category 1 to 4, or potentially dangerous person.", required=True, codes=CATEGORIES
    )
    level: pl.Enum = field("The level at which the case is managed now, or was last.", required=True, codes=LEVELS)
    location: pl.Enum = field("Where the person is now, or was last.", required=True, codes=LOCATIONS)
    entered_on: pl.Date = field("The day the person came under management.", required=True, happened=True)
    exited_on: pl.Date = field("The day management ended; empty while it goes on.", happened=True)
    exit_reason: str = field(
        "Why management ended.",
        required=When(pl.col("exited_on").is_not_null(), "the case has exited", {"exited_on": "2023-06-01"}),
    )
    lead_agency: str = field("The agency that leads on the case.", required=True, organisation=True)
    risk_of_harm: pl.Enum = field(
        "The assessed risk of serious harm.",
        codes=RISKS_OF_HARM,
        required=When(
            ACTIVE & (AT_LEVEL_2_OR_3 | (pl.col("category") == "1")),
            "the case is active and at level 2 or 3, or active and in category 1",
            {"category": "1"},
        ),
    )
    birth_year: int = field("The year of birth; never the date.", required=True, between=YEARS)
    sex: str = field("Sex, as recorded.", required=True)
    ethnicity: str = field("Ethnicity, as recorded, for the diversity figures.", required=True)
    sentenced_on: pl.Date = field("The day of the sentence or order that brought the person in.", happened=True)
    identified_on: pl.Date = field(
        "The day an agency identified the person as eligible.",
        happened=True,
        required=When(
            pl.col("sentenced_on").is_not_null(), "the date of sentence is given", {"sentenced_on": "2023-01-04"}
        ),
    )
    notification_from: pl.Date = field(
        "The first day of the notification requirements.",
        required=When(pl.col("category") == "1", "the case is in category 1", {"category": "1"}),
    )
    notification_until: pl.Date = field("The last day of the notification requirements; empty means indefinite.")
    release_on: pl.Date = field(
        "The planned or earliest day of release.",
        required=When(ACTIVE & (pl.col("location") == "custody"), "the person is in custody", {"location": "custody"}),
    )
    parole_eligible_on: pl.Date = field("The day the person may first be considered for parole.")
    temporary_licence_eligible_on: pl.Date = field("The day the person may first be released on temporary licence.")
    release_confirmed_on: pl.Date = field("The day the prison confirmed the date of release.", happened=True)
    licence_until: pl.Date = field("The last day of supervision on licence.")
    order_until: pl.Date = field("The last day of a court order.")
    pathway_until: pl.Date = field("The last day of a supported housing pathway.")
    visor_recorded: bool = field("Whether the national confidential database holds a record.", required=True)
    risk_plan_on: pl.Date = field("The day of the current risk management plan.", required=IF_ACTIVE, happened=True)
    victim_plan: bool = field("Whether the plan holds actions that protect victims.", required=IF_ACTIVE_AT_2_OR_3)
    contingency_plan: bool = field(
        "Whether the plan says what happens if it breaks down.", required=IF_ACTIVE_AT_2_OR_3
    )
