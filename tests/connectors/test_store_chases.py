"""Chases: every step is kept, nobody's change is overwritten unseen, and new data closes what it settles; on both databases."""

from __future__ import annotations

import threading
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest
import sqlalchemy as sa

from checks.errors import StoreError, UsageError
from connectors.store import Chasing, Outcome, Step, Store, Thing, step
from connectors.store.chases import (
    ASKED,
    ASSIGNED,
    BACK,
    BY_NEW_DATA,
    CHASES,
    CLOSED,
    DONE,
    DONE_ELSEWHERE,
    HISTORY,
    NOTED,
    OPEN,
    REOPENED,
    SETTLED,
    SNOOZED,
    WOKEN,
)
from tests.connectors.store_samples import content

TODAY = date(2024, 1, 3)
NOW = datetime(2024, 1, 3, 9, 0, tzinfo=UTC)
AREA = "Jersey"


def thing(key: str = "review|C1", **different: object) -> Thing:
    given = {
        "kind": "late review",
        "title": f"Review {key}",
        "agency": "police",
        "level": "2",
        "due_on": date(2023, 12, 1),
    }
    return Thing(key, **{**given, **different})  # ty: ignore[invalid-argument-type]


def taken(
    action: str, text: str | None = None, day: date | None = None, author: str = "A. Nother", minute: int = 0
) -> Step:
    return step(action, author, NOW + timedelta(minutes=minute), text, day)


def record(url: str, one: Step, *things: Thing, today: date = TODAY) -> Outcome:
    with Chasing.open(url) as chasing:
        return chasing.record(AREA, things or (thing(),), one, today)


def standing(url: str, key: str = "review|C1") -> dict:
    with Store.open(url, read_only=True) as store:
        return store.chases(AREA).filter(key=key).row(0, named=True)


def steps(url: str, key: str = "review|C1") -> list[tuple]:
    with Store.open(url, read_only=True) as store:
        return store.chase_history(AREA, [key]).select("version", "author", "action", "text", "day").rows()


def test_every_step_is_kept_in_order_with_who_and_when(filled: str) -> None:
    until = TODAY + timedelta(days=9)
    given = [
        taken(NOTED, "rang them"),
        taken(ASSIGNED, "housing", author="B. Else", minute=1),
        taken(ASKED, day=TODAY, minute=2),
        taken(SNOOZED, "on leave until then", until, minute=3),
        taken(WOKEN, minute=4),
        taken(DONE_ELSEWHERE, "in the case file", minute=5),
        taken(REOPENED, "it was another case", minute=6),
    ]
    for seen, one in enumerate(given):
        assert record(filled, one, thing(seen=seen)).done == ("review|C1",)
    assert steps(filled) == [(n, one.author, one.action, one.text, one.day) for n, one in enumerate(given, 1)]
    now = standing(filled)
    assert now["version"] == 7
    assert (now["state"], now["assigned_to"], now["asked_on"], now["note"]) == (OPEN, "housing", TODAY, "rang them")
    assert now["snoozed_until"] is None
    assert (now["changed_at"], now["changed_by"]) == (NOW + timedelta(minutes=6), "A. Nother")
    with Store.open(filled, read_only=True) as store:
        assert dict(store.chases(AREA).schema) == CHASES
        assert dict(store.chase_history(AREA, []).schema) == HISTORY
        assert store.chases("Elsewhere").is_empty()


def test_the_second_person_sees_the_first_ones_change_and_overwrites_nothing(filled: str) -> None:
    record(filled, taken(ASSIGNED, "housing", author="First"))
    outcome = record(filled, taken(ASSIGNED, "police", author="Second", minute=1), thing(seen=0), thing("review|C2"))
    assert outcome.done == ("review|C2",), "what nobody else has changed is done"
    (met,) = outcome.overtaken
    assert (met.title, met.author, met.action, met.text, met.at) == (
        "Review review|C1",
        "First",
        ASSIGNED,
        "housing",
        NOW,
    )
    assert standing(filled)["assigned_to"] == "housing"
    assert len(steps(filled)) == 1
    again = record(filled, taken(ASSIGNED, "police", author="Second", minute=2), thing(seen=1))
    assert again.done
    assert standing(filled)["assigned_to"] == "police"


def test_of_many_at_the_same_moment_exactly_one_succeeds(filled: str) -> None:
    outcomes: list[Outcome] = []
    ready = threading.Barrier(6)

    def try_it(who: int) -> None:
        with Chasing.open(filled) as chasing:
            ready.wait()
            outcomes.append(chasing.record(AREA, [thing()], taken(NOTED, f"note {who}", author=f"P{who}"), TODAY))

    threads = [threading.Thread(target=try_it, args=(who,)) for who in range(6)]
    for each in threads:
        each.start()
    for each in threads:
        each.join()
    assert sorted(len(each.done) for each in outcomes) == [0, 0, 0, 0, 0, 1]
    ((_, winner, *_),) = steps(filled)
    assert {each.overtaken[0].author for each in outcomes if each.overtaken} == {winner}


def test_many_rows_at_once_are_one_step_each(filled: str) -> None:
    things = [thing(f"key {n}") for n in range(1_203)]
    assert len(record(filled, taken(ASKED, day=TODAY), *things).done) == 1_203
    with Store.open(filled, read_only=True) as store:
        assert store.chases(AREA)["asked_on"].unique().to_list() == [TODAY]
        assert store.chase_history(AREA, [each.key for each in things]).height == 1_203


def test_a_snooze_needs_a_reason_and_an_end_and_a_name_is_always_needed() -> None:
    for bad, said in (
        (lambda: step(SNOOZED, "A", NOW, None, TODAY), "needs a reason"),
        (lambda: step(SNOOZED, "A", NOW, " \0 ", TODAY), "needs a reason"),
        (lambda: step(SNOOZED, "A", NOW, "away", None), "a day on which it ends"),
        (lambda: step(NOTED, " ", NOW, "x"), "your name is missing"),
        (lambda: step(NOTED, "A", NOW, ""), "the note is empty"),
        (lambda: step(ASSIGNED, "A", NOW), "who is to see to it"),
        (lambda: step(ASKED, "A", NOW), "on which day"),
        (lambda: step(NOTED, "A", NOW, "x" * 1_001), "at most 1,000"),
        (lambda: step(NOTED, "A" * 81, NOW, "x"), "at most 80"),
    ):
        with pytest.raises(UsageError, match=said):
            bad()


def test_a_snooze_never_outlives_the_review_it_belongs_to(filled: str) -> None:
    due = TODAY + timedelta(days=5)
    outcome = record(filled, taken(SNOOZED, "booked", TODAY + timedelta(days=30)), thing(snooze_at_most=due))
    assert outcome.shortened == {"Review review|C1": due}
    assert standing(filled)["snoozed_until"] == due
    assert steps(filled)[0][-1] == due, "the history says what came of it"
    today = record(filled, taken(SNOOZED, "booked", due), thing("review|C2", snooze_at_most=TODAY))
    assert "falls due today" in today.refused["Review review|C2"]
    past = record(filled, taken(SNOOZED, "booked", TODAY), thing("review|C3"))
    assert "after today" in past.refused["Review review|C3"]
    assert past.done == ()


def test_what_does_not_fit_is_refused_and_leaves_no_trace(filled: str) -> None:
    assert "open already" in record(filled, taken(REOPENED)).refused["Review review|C1"]
    assert "not snoozed" in record(filled, taken(WOKEN)).refused["Review review|C1"]
    record(filled, taken(DONE_ELSEWHERE))
    assert "reopen it first" in record(filled, taken(ASSIGNED, "housing"), thing(seen=1)).refused["Review review|C1"]
    assert [row[2] for row in steps(filled)] == [DONE_ELSEWHERE]
    assert standing(filled)["state"] == DONE


def refresh(url: str, number: int, *owed: str) -> int:
    """A snapshot that shows these things as owed."""
    with Store.open(url) as store:
        before = store.newest()
        assert before is not None
        given = content(
            fingerprint=f"snapshot {number}", previous_id=before.id, made_at=NOW + timedelta(days=number),
            still_owed=frozenset(owed),
        )  # fmt: skip
        info, added = store.write(given)
        assert added
        return info.id


def test_a_refresh_loses_nothing_and_closes_what_new_data_settles(filled: str) -> None:
    record(filled, taken(NOTED, "rang them"), thing("stays"), thing("settled"), thing("done"))
    record(
        filled,
        taken(SNOOZED, "away", TODAY + timedelta(days=20), minute=1),
        thing("stays", seen=1),
        thing("settled", seen=1),
    )
    record(filled, taken(DONE_ELSEWHERE, minute=2), thing("done", seen=1))
    second = refresh(filled, 1, "stays", "done", "new")
    assert standing(filled, "stays")["snoozed_until"] == TODAY + timedelta(days=20)
    assert standing(filled, "stays")["version"] == 2
    assert standing(filled, "done")["state"] == DONE, "still on the list, and still said to be done elsewhere"
    closed = standing(filled, "settled")
    assert (closed["state"], closed["changed_by"], closed["snoozed_until"]) == (CLOSED, BY_NEW_DATA, None)
    assert closed["note"] == "rang them"
    with Store.open(filled, read_only=True) as store:
        last = store.chase_history(AREA, ["settled"]).row(-1, named=True)
    assert (last["action"], last["snapshot_id"], last["at"]) == (SETTLED, second, NOW + timedelta(days=1))
    overtaken = record(filled, taken(NOTED, "and again"), thing("settled", seen=2)).overtaken
    assert [each.action for each in overtaken] == [SETTLED], "who had it open sees that new data closed it"
    refresh(filled, 2, "stays", "settled")
    assert standing(filled, "settled")["state"] == OPEN
    assert [row[2] for row in steps(filled, "settled")] == [NOTED, SNOOZED, SETTLED, BACK]
    assert standing(filled, "done")["state"] == CLOSED


def test_a_snapshot_that_says_nothing_of_worklists_leaves_chases_alone(filled: str) -> None:
    record(filled, taken(NOTED, "rang them"))
    with Store.open(filled) as store:
        store.write(content(fingerprint="other", previous_id=1))
    assert standing(filled)["state"] == OPEN


def test_a_refresh_that_fails_settles_nothing(filled: str) -> None:
    record(filled, taken(NOTED, "rang them"))
    with Store.open(filled) as store:

        def stop(what: str, done: int, of: int) -> None:
            if what == "closing the snapshot":
                raise KeyboardInterrupt

        with pytest.raises(KeyboardInterrupt):
            store.write(content(fingerprint="other", previous_id=1, still_owed=frozenset()), stop)
    assert standing(filled)["state"] == OPEN
    assert len(steps(filled)) == 1


def test_other_areas_are_other_chases(filled: str) -> None:
    record(filled, taken(NOTED, "rang them"))
    with Chasing.open(filled) as chasing:
        assert chasing.record("Elsewhere", [thing()], taken(NOTED, "there"), TODAY).done
    assert [row[3] for row in steps(filled)] == ["rang them"]
    with Store.open(filled, read_only=True) as store:
        assert store.chases("Elsewhere")["note"].to_list() == ["there"]


def test_hostile_text_is_kept_as_it_is(filled: str) -> None:
    hostile = "'; DROP TABLE chase; -- =1+1 <b>x</b> \u202e naïve ☂"
    record(filled, taken(NOTED, hostile, author="O'Neil; --"))
    assert steps(filled) == [(1, "O'Neil; --", NOTED, hostile, None)]


def test_who_waits_too_long_for_another_writer_is_told_and_nothing_is_written(filled: str) -> None:
    with Store.open(filled) as other, other._engine.connect() as connection:
        connection = connection.execution_options(alone=True)
        with connection.begin():
            from connectors.store import engines

            engines.take_alone(connection, 5)
            with (
                Chasing.open(filled, patience=0.2) as chasing,
                pytest.raises(StoreError, match="Nothing was written down"),
            ):
                chasing.record(AREA, [thing()], taken(NOTED, "x"), TODAY)
    with Store.open(filled, read_only=True) as store:
        assert store.chases(AREA).is_empty()


def test_the_writing_path_makes_and_migrates_nothing(tmp_path: Path) -> None:
    missing = tmp_path / "missing.sqlite"
    with pytest.raises(StoreError, match="There is no store"):
        Chasing.open(missing)
    assert not missing.exists()
    older = tmp_path / "older.sqlite"
    with Store.open(older) as store, store._engine.begin() as connection:
        connection.execute(sa.text("UPDATE store_version SET version_num = '0002'"))
    with pytest.raises(StoreError, match="older version"):
        Chasing.open(older)
    public = {name for name in vars(Chasing) if not name.startswith("_")}
    assert public == {"open", "close", "record", "decide"}, (
        "a page can take steps and decisions through it and nothing else"
    )


def test_a_store_from_before_there_were_chases_comes_along_with_all_it_holds(filled: str) -> None:
    with Store.open(filled) as store:
        before = store.results(1)
        with store._engine.begin() as connection:
            for statement in (
                "DROP TABLE accepted_finding_version",
                "DROP TABLE accepted_finding",
                "DROP TABLE chase_event",
                "DROP TABLE chase",
                "UPDATE store_version SET version_num = '0002'",
            ):
                connection.execute(sa.text(statement))
    with pytest.raises(StoreError, match="older version"):
        Store.open(filled, read_only=True)
    with Store.open(filled) as store:
        assert store.results(1).equals(before)
        assert store.chases(AREA).is_empty()
    assert record(filled, taken(NOTED, "rang them")).done
