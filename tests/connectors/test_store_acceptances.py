"""Accepted findings: every decision is kept with who, why and until when, and nobody's is overwritten unseen; on both databases."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest

from checks.errors import UsageError
from connectors.store import ACCEPTANCES, Chasing, Decision, FindingRef, Outcome, Store, decision
from connectors.store.acceptances import ACCEPTED, ENDED, LONGEST_DAYS

TODAY = date(2024, 1, 3)
UNTIL = date(2024, 6, 30)
NOW = datetime(2024, 1, 3, 9, 0, tzinfo=UTC)
AREA = "Jersey"
SEX = FindingRef("cases.sex.required", "cases", "C1", "sex")


def accepted(
    reason: str | None = "lost in the flood", until: date | None = UNTIL, author: str = "A. Nother", minute: int = 0
) -> Decision:
    return decision(ACCEPTED, author, NOW + timedelta(minutes=minute), TODAY, reason, until)


def ended(reason: str | None = None, author: str = "B. Else", minute: int = 5) -> Decision:
    return decision(ENDED, author, NOW + timedelta(minutes=minute), TODAY, reason)


def decide(url: str, one: Decision, *findings: FindingRef, today: date = TODAY, area: str = AREA) -> Outcome:
    with Chasing.open(url) as chasing:
        return chasing.decide(area, findings or (SEX,), one, today)


def now(url: str) -> list[tuple]:
    with Store.open(url, read_only=True) as store:
        return store.acceptances(AREA).rows()


def seen(one: FindingRef, version: int) -> FindingRef:
    return FindingRef(one.rule, one.table, one.key, one.field, version)


def test_a_decision_is_kept_and_the_history_stays_when_it_is_undone_and_made_again(filled: str) -> None:
    assert decide(filled, accepted()).done == ("cases.sex.required (C1)",)
    assert now(filled) == [
        ("cases.sex.required", "cases", "C1", "sex", 1, ACCEPTED, "lost in the flood", UNTIL, "A. Nother", NOW)
    ]
    decide(filled, ended("found again"), seen(SEX, 1))
    decide(filled, accepted("no, lost after all", UNTIL, "C. Third", 9), seen(SEX, 2))
    with Store.open(filled, read_only=True) as store:
        history = store.acceptance_history(AREA)
        assert dict(history.schema) == ACCEPTANCES
        assert history.select("version", "action", "reason", "until_on", "author").rows() == [
            (1, ACCEPTED, "lost in the flood", UNTIL, "A. Nother"),
            (2, ENDED, "found again", None, "B. Else"),
            (3, ACCEPTED, "no, lost after all", UNTIL, "C. Third"),
        ]
        assert store.acceptances("Elsewhere").is_empty()
    assert [row[4] for row in now(filled)] == [3]


def test_a_finding_on_a_whole_table_is_one_finding_however_often_it_is_looked_up(filled: str) -> None:
    table = FindingRef("visits.table.empty", "visits")
    assert decide(filled, accepted(), table).done
    assert decide(filled, accepted("for another year", minute=1), seen(table, 1)).done
    assert [row[:5] for row in now(filled)] == [("visits.table.empty", "visits", None, None, 2)]


def test_what_another_has_decided_meanwhile_is_left_and_told_while_the_rest_is_done(filled: str) -> None:
    decide(filled, accepted("first come", author="First"))
    other = FindingRef("cases.sex.required", "cases", "C2", "sex")
    outcome = decide(filled, accepted("second", author="Second", minute=1), SEX, other)
    assert outcome.done == ("cases.sex.required (C2)",)
    (told,) = outcome.overtaken
    assert (told.author, told.action, told.text, told.day) == ("First", ACCEPTED, "first come", UNTIL)
    assert {row[2]: row[6] for row in now(filled)} == {"C1": "first come", "C2": "second"}


def test_only_what_is_accepted_can_be_ended(filled: str) -> None:
    assert decide(filled, ended()).refused == {"cases.sex.required (C1)": "it is not accepted"}
    assert now(filled) == []
    decide(filled, accepted())
    after = UNTIL + timedelta(days=1)
    assert decide(filled, ended(), seen(SEX, 1), today=after).refused, "it has run out by itself"
    assert decide(filled, ended(), seen(SEX, 1), today=UNTIL).done, "on its last day it still holds"


def test_areas_are_apart_and_hostile_text_is_kept_as_it_is(filled: str) -> None:
    hostile = "'; DROP TABLE accepted_finding; -- =1+1 <b>x</b> ☂"
    decide(filled, accepted(hostile, author="O'Neil; --"))
    assert decide(filled, accepted("there"), area="Elsewhere").done
    assert [(row[6], row[8]) for row in now(filled)] == [(hostile, "O'Neil; --")]


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"reason": "  "}, "say why"),
        ({"until": None}, "until which day"),
        ({"until": TODAY - timedelta(days=1)}, "must not be over"),
        ({"until": TODAY + timedelta(days=LONGEST_DAYS + 1)}, "two years at most"),
        ({"author": " "}, "your name is missing"),
        ({"reason": "x" * 1_001}, "at most 1,000"),
    ],
)
def test_what_is_missing_is_said_and_nothing_is_written(changed: dict, said: str) -> None:
    with pytest.raises(UsageError, match=said) as caught:
        accepted(**changed)
    assert str(caught.value).startswith("Nothing was written down")


def test_the_last_day_may_be_today_and_two_years_hence() -> None:
    assert accepted(until=TODAY).until_on == TODAY
    assert accepted(until=TODAY + timedelta(days=LONGEST_DAYS)).until_on is not None
