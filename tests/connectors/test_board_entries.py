"""What the Board's people write is kept with every version, and nobody writes over somebody else; on both databases."""

from __future__ import annotations

import threading
from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path

import pytest
import sqlalchemy as sa

from checks.errors import StoreError, UsageError
from connectors.store import ActionChanged, BoardAction, Commentary, CommentaryChanged, Store, schema
from connectors.store.board_entries import one_line
from tests.connectors.store_samples import content

AT = datetime(2024, 2, 6, 14, 30, tzinfo=UTC)
OF_THE_FIRST_REVISION = {
    "definition_set", "snapshot", "frame_content", "frame_chunk", "snapshot_frame", "result", "rule_outcome",
}  # fmt: skip
LINE = Commentary("Jersey", "jersey", "2023-Q4", "disclosure", "Two agencies changed systems.", "co-ordinator", AT, 1)
ACTION = BoardAction(
    "Jersey", "Explain absences at level 3", "police", date(2024, 3, 1), "2023-Q4", date(2023, 12, 31), date(2023, 12, 31),
    "co-ordinator", AT, measure="agency_attendance",
)  # fmt: skip


def test_every_version_of_a_line_stays_with_its_author_and_time(url: str) -> None:
    with Store.open(url) as store:
        first = store.write_commentary(LINE, 0)
        later = replace(LINE, text="", author="chair", written_at=datetime(2024, 2, 7, 9, 0, tzinfo=UTC))
        second = store.write_commentary(later, first.number)
        store.write_commentary(replace(LINE, period="2023-Q3"), 0)
        store.write_commentary(replace(LINE, area="Elsewhere"), 0)
    with Store.open(url, read_only=True) as store:
        assert store.commentary("Jersey", "jersey", "2023-Q4") == [first, second]
        assert (first.number, first.text, first.written_at) == (1, "Two agencies changed systems.", AT)
        assert (second.number, second.text, second.author) == (2, "", "chair")
        assert store.commentary("Jersey", "hampshire", "2023-Q4") == []


def test_the_second_of_two_is_told_what_the_first_wrote_and_overwrites_nothing(url: str) -> None:
    with Store.open(url) as store:
        mine = store.write_commentary(LINE, 0)
        with pytest.raises(CommentaryChanged) as caught:
            store.write_commentary(replace(LINE, text="Mine", author="somebody else"), 0)
        assert caught.value.now == mine
        assert store.commentary("Jersey", "jersey", "2023-Q4") == [mine]
        raised = store.raise_board_action(ACTION)
        done = store.change_board_action(replace(raised, state="done"), raised.number)
        with pytest.raises(ActionChanged) as caught:
            store.change_board_action(replace(raised, owner="probation"), raised.number)
        assert caught.value.now == done
        assert store.board_actions("Jersey") == [raised, done]


def test_of_many_at_the_same_moment_one_is_kept_and_the_others_are_told(url: str) -> None:
    with Store.open(url) as store:
        told: list[str] = []
        start = threading.Barrier(6)

        def write(number: int) -> None:
            start.wait()
            try:
                store.write_commentary(replace(LINE, author=f"person {number}"), 0)
                told.append("kept")
            except CommentaryChanged as error:
                told.append(error.now.author)

        threads = [threading.Thread(target=write, args=(number,)) for number in range(6)]
        for each in threads:
            each.start()
        for each in threads:
            each.join()
        kept = store.commentary("Jersey", "jersey", "2023-Q4")
        assert [each.number for each in kept] == [1]
        assert sorted(told) == sorted(["kept", *[kept[0].author] * 5])


def test_an_action_keeps_its_number_when_it_was_raised_and_every_change(url: str) -> None:
    with Store.open(url) as store:
        raised = store.raise_board_action(ACTION)
        other = store.raise_board_action(replace(ACTION, text="Another", measure=None))
        assert raised.id != other.id
        dropped = replace(
            raised, state="dropped", reason="The agency has left", raised_in="2099", changed_until=date(2024, 3, 31)
        )
        dropped = store.change_board_action(dropped, 1)
        reopened = store.change_board_action(replace(dropped, state="open"), 2)
        assert store.board_actions("Jersey") == [raised, dropped, reopened, other]
        assert (dropped.raised_in, dropped.reason, dropped.number) == ("2023-Q4", "The agency has left", 2)
        assert reopened.reason == "", "the reason for dropping goes with the dropping"
        assert store.board_actions("Elsewhere") == []
        with pytest.raises(StoreError, match="no longer in the store"):
            store.change_board_action(replace(ACTION, id=99), 1)


@pytest.mark.parametrize(
    ("wrong", "words"),
    [
        ({"text": " \n "}, "What is to be done is missing"),
        ({"owner": ""}, "The agency that is to do it is missing"),
        ({"author": ""}, "Your name or role is missing"),
        ({"text": "x" * 201}, "has 201 letters; at most 200"),
        ({"state": "dropped"}, "The reason for dropping the action is missing"),
        ({"state": "lost"}, "one of: open, done, dropped"),
    ],
)
def test_what_is_missing_or_too_long_is_said_and_not_stored(tmp_path: Path, wrong: dict[str, str], words: str) -> None:
    with Store.open(tmp_path / "store.sqlite") as store:
        with pytest.raises(UsageError, match=words):
            store.raise_board_action(replace(ACTION, **wrong))  # type: ignore[arg-type]
        assert store.board_actions("Jersey") == []


def test_a_line_is_one_line_and_says_what_it_seems_to_say() -> None:
    assert one_line("  one\r\ntwo\tthree\0 \N{RIGHT-TO-LEFT OVERRIDE}four\ud800 é ☂ ") == "one two three four é ☂"


def test_a_page_cannot_write_and_a_refresh_leaves_what_was_written(tmp_path: Path) -> None:
    with Store.open(tmp_path / "store.sqlite") as store:
        store.write(content())
        kept = store.write_commentary(LINE, 0)
        store.write(content(fingerprint="second", previous_id=1))
        assert store.commentary("Jersey", "jersey", "2023-Q4") == [kept]
    with Store.open(tmp_path / "store.sqlite", read_only=True) as store:
        for write in (lambda: store.write_commentary(LINE, 1), lambda: store.raise_board_action(ACTION)):
            with pytest.raises(StoreError, match="opened for reading only"):
                write()


def test_a_store_from_before_the_boards_entries_comes_along_and_takes_them(tmp_path: Path) -> None:
    path = tmp_path / "store.sqlite"
    with Store.open(path) as store:
        info, _ = store.write(content())
        with store._engine.connect() as connection, connection.begin():  # as a store of the first revision was
            for table in reversed(schema.metadata.sorted_tables):
                if table.name not in OF_THE_FIRST_REVISION:
                    table.drop(connection)
            connection.execute(sa.text("UPDATE store_version SET version_num = '0001'"))
    with pytest.raises(StoreError, match=r"older version.*mappa-monitor refresh"):
        Store.open(path, read_only=True)
    with Store.open(path) as store:
        assert store.newest() == info
        assert store.write_commentary(LINE, 0).number == 1
