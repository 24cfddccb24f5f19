"""How sure a proposal is, in three words and a sign for each."""

from __future__ import annotations

from enum import StrEnum


class Certainty(StrEnum):
    """How sure a proposal is."""

    CERTAIN = "certain"
    LIKELY = "likely"
    UNKNOWN = "unknown"


SIGNS = {Certainty.CERTAIN: "✓", Certainty.LIKELY: "◐", Certainty.UNKNOWN: "?"}
"""A sign for each, so that it is never told by colour alone."""
