"""What is stored comes back, nothing stored ever changes, and nothing is stored twice; on both databases."""

from __future__ import annotations

import itertools
import subprocess
import sys
import threading
from datetime import UTC, date, datetime, timedelta, timezone
from pathlib import Path

import polars as pl
import pytest
import sqlalchemy as sa
from hypothesis import given
from hypothesis import strategies as st
from polars.testing import assert_frame_equal
from sqlalchemy import exc

from checks.errors import StoreError
from connectors.store import RESULTS, RULE_OUTCOMES, Store, frames
from tests.connectors.store_samples import MODES, attendance, content, frames_of, results, rule_outcomes


def stored_bytes(store: Store) -> int:
    """How many bytes of frames the database holds."""
    with store._engine.connect() as connection:
        return connection.scalar(sa.text("SELECT sum(length(data)) FROM frame_chunk")) or 0


def test_a_snapshot_comes_back_as_it_was_given(url: str) -> None:
    given_content = content(made_at=datetime(2024, 1, 3, 10, 30, tzinfo=timezone(timedelta(hours=1))))
    with Store.open(url) as store:
        info, added = store.write(given_content)
    assert added
    with Store.open(url, read_only=True) as store:
        assert store.snapshots() == [info]
        assert store.newest() == info
        assert info.made_at == datetime(2024, 1, 3, 9, 30, tzinfo=UTC)
        for name in ("area", "as_at", "product_version", "fingerprint", "previous_id", "standards", "sources", "notes"):
            assert getattr(info, name) == getattr(given_content, name), name
        assert store.frame_names(info.id) == sorted(given_content.frames)
        for name, frame in frames_of(given_content).items():
            assert_frame_equal(store.frame(info.id, name), frame)
        assert store.frame(info.id, "tables/attendance").schema["mode"] == MODES
        assert_frame_equal(store.results(info.id), given_content.results)
        assert_frame_equal(store.rule_outcomes(info.id), given_content.rule_outcomes)
        assert store.definitions(info.id) == given_content.definitions


def test_every_type_and_an_empty_frame_survive(url: str) -> None:
    every = pl.DataFrame(
        {
            "enum": pl.Series(["b", None, "a"], dtype=pl.Enum(["a", "b", "never used"])),
            "date": [date(1, 1, 1), None, date(9999, 12, 31)],
            "moment": pl.Series([datetime(2024, 3, 31, 1, 30, tzinfo=UTC), None, None], dtype=pl.Datetime("us", "UTC")),
            "true": [True, False, None],
            "text": ["", None, "naïve ☂ \0 =1+1"],
            "small": pl.Series([1, None, 255], dtype=pl.UInt8),
            "share": [0.1, None, float("nan")],
            "none": pl.Series([None, None, None], dtype=pl.Null),
            "list": [["x"], [], None],
        }
    )
    with Store.open(url) as store:
        info, _ = store.write(content(frames={"every": every, "no rows": every.clear(), "no columns": pl.DataFrame()}))
        for name, frame in {"every": every, "no rows": every.clear(), "no columns": pl.DataFrame()}.items():
            assert_frame_equal(store.frame(info.id, name), frame)


def test_some_columns_are_read_in_the_order_asked_for(url: str) -> None:
    with Store.open(url) as store:
        info, _ = store.write(content())
        got = store.frame(info.id, "tables/attendance", ["held_on", "meeting_id"])
        assert_frame_equal(got, attendance().select("held_on", "meeting_id"))
        with pytest.raises(StoreError, match="lacks a column asked for: nonsense"):
            store.frame(info.id, "tables/attendance", ["nonsense"])


def test_frames_of_the_same_columns_come_one_after_the_other(url: str) -> None:
    whole = attendance(30).with_columns(file=pl.Series(["a.csv", "b.csv", "a.csv"] * 10, dtype=pl.Categorical))
    parts = {"first": whole[:7], "second": whole[7:8], "none": whole.clear(), "third": whole[8:]}
    with Store.open(url) as store:
        info, _ = store.write(content(frames=parts))
        assert_frame_equal(store.frames(info.id, ["first", "second", "none", "third"]), whole)
        assert_frame_equal(store.frames(info.id, ["third", "first"]), pl.concat([parts["third"], parts["first"]]))
        with pytest.raises(StoreError, match="holds no table 'fourth'"):
            store.frames(info.id, ["first", "fourth"])


def test_a_frame_larger_than_a_piece_is_put_together_again(url: str) -> None:
    frame = attendance(5_000)
    with Store.open(url, chunk_bytes=1_000) as store:
        info, _ = store.write(content(frames={"big": frame}))
        with store._engine.connect() as connection:
            pieces, longest = connection.execute(sa.text("SELECT count(*), max(length(data)) FROM frame_chunk")).one()
        assert pieces > 3
        assert longest == 1_000
        assert_frame_equal(store.frame(info.id, "big"), frame)


def test_results_are_narrowed_by_each_argument(url: str) -> None:
    with Store.open(url) as store:
        info, _ = store.write(content())
        all_of_them = results()
        for name, value in (
            ("standard", "jersey"),
            ("measure", "disclosure"),
            ("period", "2000-Q2"),
            ("by", "all"),
        ):
            got = store.results(info.id, **{name: value})
            assert 0 < got.height < all_of_them.height
            assert_frame_equal(got, all_of_them.filter(pl.col(name) == value))
        one = store.results(info.id, standard="jersey", measure="disclosure", period="2000-Q2", by="all")
        assert one.select("met", "owed", "unit").rows() == [(5, 9, None)]
        assert store.results(info.id, standard="elsewhere").schema == pl.Schema(RESULTS)
        assert_frame_equal(store.rule_outcomes(info.id, "jersey"), rule_outcomes().filter(standard="jersey"))


def test_many_results_keep_their_order(url: str) -> None:
    many = results(periods=800)
    assert many.height > 6_000
    with Store.open(url) as store:
        info, _ = store.write(content(results=many))
        assert_frame_equal(store.results(info.id), many)


def test_a_snapshot_without_frames_results_or_rules_is_one(url: str) -> None:
    nothing = content(
        frames={},
        results=pl.DataFrame(schema=RESULTS),
        rule_outcomes=pl.DataFrame(schema=RULE_OUTCOMES),
        definitions={},
    )
    with Store.open(url) as store:
        info, _ = store.write(nothing)
        assert store.frame_names(info.id) == []
        assert_frame_equal(store.results(info.id), nothing.results)
        assert_frame_equal(store.rule_outcomes(info.id), nothing.rule_outcomes)
        assert store.definitions(info.id) == {}


def test_the_same_fingerprint_twice_running_adds_nothing(url: str) -> None:
    with Store.open(url) as store:
        first, _ = store.write(content())
        again, added = store.write(content(made_at=datetime(2024, 2, 1, tzinfo=UTC), previous_id=first.id))
        assert not added
        assert again == first
        assert store.snapshots() == [first]


def test_what_did_not_change_is_stored_once(url: str) -> None:
    first_content = content()
    changed = attendance(300, changed=9)
    second_content = content(fingerprint="second", previous_id=1, frames={**first_content.frames, "findings": changed})
    with Store.open(url) as store:
        store.write(first_content)
        before = stored_bytes(store)
        store.write(second_content)
        assert stored_bytes(store) - before == len(frames.encoded(changed))
        with store._engine.connect() as connection:
            assert connection.scalar(sa.text("SELECT count(*) FROM definition_set")) == 1


def test_old_snapshots_stay_as_they_were(url: str) -> None:
    with Store.open(url) as store:
        first, _ = store.write(content())
        for number in range(2, 5):
            store.write(
                content(
                    fingerprint=str(number),
                    previous_id=number - 1,
                    frames={"tables/attendance": attendance(changed=number)},
                    results=results(periods=number),
                    definitions={"measures": number},
                )
            )
        assert [each.previous_id for each in store.snapshots()] == [None, 1, 2, 3]
        assert store.snapshots()[0] == first
        for name, frame in frames_of(content()).items():
            assert_frame_equal(store.frame(first.id, name), frame)
        assert_frame_equal(store.results(first.id), results())
        assert store.definitions(first.id) == content().definitions
        assert store.definitions(4) == {"measures": 4}


def test_the_newest_as_at_a_day(url: str) -> None:
    with Store.open(url) as store:
        assert store.newest() is None
        assert store.snapshots() == []
        for number, as_at in enumerate((date(2023, 9, 30), date(2023, 12, 31), date(2023, 9, 30)), start=1):
            store.write(content(as_at=as_at, fingerprint=str(number), previous_id=number - 1 or None))

        def id_of(most: date | None) -> int | None:
            found = store.newest(as_at_most=most)
            return None if found is None else found.id

        assert id_of(None) == 3
        assert id_of(date(2024, 1, 31)) == 2
        assert id_of(date(2023, 12, 30)) == 3
        assert id_of(date(2023, 9, 29)) is None


def test_areas_in_one_store_do_not_mix(url: str) -> None:
    with Store.open(url) as store:
        jersey, _ = store.write(content())
        kent, added = store.write(content(area="Kent"))
        assert added
        _, added = store.write(content(previous_id=jersey.id))
        assert not added
        assert store.newest(area="Jersey") == jersey
        assert store.snapshots(area="Kent") == [kent]
        assert store.newest() == kent


def test_what_is_not_there_is_said(url: str) -> None:
    with Store.open(url) as store:
        info, _ = store.write(content())
        with pytest.raises(StoreError, match="snapshot 7"):
            store.results(7)
        with pytest.raises(StoreError, match="snapshot 7"):
            store.rule_outcomes(7, "jersey")
        with pytest.raises(StoreError, match="snapshot 7"):
            store.frame_names(7)
        with pytest.raises(StoreError, match="snapshot 7"):
            store.definitions(7)
        with pytest.raises(StoreError, match="snapshot 7"):
            store.frame(7, "findings")
        with pytest.raises(StoreError, match=f"Snapshot {info.id} .* holds no table 'cases'"):
            store.frame(info.id, "cases")


def test_a_reader_cannot_write(url: str) -> None:
    with Store.open(url) as store:
        store.write(content())
    with Store.open(url, read_only=True) as store:
        with pytest.raises(StoreError, match="reading only"):
            store.write(content(fingerprint="second", previous_id=1))
        # Not by this class alone: the database itself refuses.
        with pytest.raises(exc.DBAPIError), store._engine.begin() as connection:
            connection.execute(sa.text("DELETE FROM result"))
        assert store.results(1).height == results().height


def test_a_store_yet_to_be_made_tells_pages_to_refresh(url: str) -> None:
    with pytest.raises(StoreError, match="mappa-monitor refresh"):
        Store.open(url, read_only=True)
    assert "://" in url or not Path(url).exists()


def test_wrong_frames_are_refused_before_anything_is_stored(url: str) -> None:
    with Store.open(url) as store:
        for wrong, why in (
            (results().drop("verdict"), "verdict"),
            (results().with_columns(nonsense=1), "nonsense"),
            (results().with_columns(measure=pl.lit(None, dtype=pl.String)), "measure has nulls"),
            (pl.concat([results(), results()[:1]]), "same standard"),
        ):
            with pytest.raises(ValueError, match=why):
                store.write(content(results=wrong))
        with pytest.raises(ValueError, match="time zone"):
            store.write(content(made_at=datetime(2024, 1, 3)))  # noqa: DTZ001, the fault under test
        assert store.snapshots() == []


def test_text_that_a_database_cannot_take_is_stored_readably(url: str) -> None:
    strange = results().with_columns(unit=pl.when(pl.col("by") == "unit").then(pl.lit("pol\0ice")))
    with Store.open(url) as store:
        info, _ = store.write(content(results=strange.with_columns(rate=float("nan"))))
        got = store.results(info.id, by="unit")
        assert set(got["unit"]) == {"pol\N{REPLACEMENT CHARACTER}ice"}
        assert got["rate"].null_count() == got.height


def test_work_that_breaks_off_leaves_nothing(url: str) -> None:
    with Store.open(url) as store:
        first, _ = store.write(content())
        before = stored_bytes(store)
        for broken_at in range(7):

            def stop(what: str, done: int, of: int, at: int = broken_at) -> None:
                if done == at:
                    raise KeyboardInterrupt

            second = content(fingerprint="second", previous_id=first.id, frames={
                name: attendance(changed=20 + n) for n, name in enumerate(content().frames)
            })  # fmt: skip
            with pytest.raises(KeyboardInterrupt):
                store.write(second, stop)
            assert store.snapshots() == [first]
            assert stored_bytes(store) == before


def test_progress_counts_up_to_the_end(url: str) -> None:
    seen: list[tuple[str, int, int]] = []
    with Store.open(url) as store:
        store.write(content(), lambda what, done, of: seen.append((what, done, of)))
    assert [done for _, done, _ in seen] == list(range(8))
    assert {of for _, _, of in seen} == {7}
    assert any("late reviews" in what for what, _, _ in seen)


def test_pages_read_while_a_refresh_writes(url: str) -> None:
    with Store.open(url) as store:
        first, _ = store.write(content())
    during: list[int] = []

    def look(what: str, done: int, of: int) -> None:
        if done == of:
            return
        with Store.open(url, read_only=True) as pages:
            found = pages.newest()
            assert found == first
            assert_frame_equal(pages.frame(first.id, "findings"), frames_of(content())["findings"])
            during.append(pages.results(first.id).height)

    with Store.open(url) as store:
        store.write(content(fingerprint="second", previous_id=first.id, frames={"new": attendance(50_000)}), look)
    assert during == [results().height] * 4


def test_of_two_refreshes_at_once_the_second_waits_and_then_says_so(url: str) -> None:
    with Store.open(url) as store:
        first, _ = store.write(content())
    inside, go_on = threading.Event(), threading.Event()
    outcome: list[object] = []

    def hold(what: str, done: int, of: int) -> None:
        inside.set()
        assert go_on.wait(20)

    def second() -> None:
        try:
            with Store.open(url) as mine:
                outcome.append(mine.write(content(fingerprint="mine", previous_id=first.id)))
        except StoreError as error:
            outcome.append(error)

    def one() -> None:
        with Store.open(url) as theirs:
            outcome.append(theirs.write(content(fingerprint="theirs", previous_id=first.id), hold))

    threads = [threading.Thread(target=one), threading.Thread(target=second)]
    threads[0].start()
    assert inside.wait(20)
    threads[1].start()
    threads[1].join(0.5)
    assert threads[1].is_alive(), "the second did not wait"
    go_on.set()
    for thread in threads:
        thread.join(20)
    assert len(outcome) == 2
    assert isinstance(outcome[1], StoreError)
    assert "another one has stored" in str(outcome[1])
    with Store.open(url) as store:
        assert [each.fingerprint for each in store.snapshots()] == ["first", "theirs"]


def test_a_second_refresh_that_waited_in_vain_says_so(url: str) -> None:
    with Store.open(url) as store, Store.open(url, patience=0.2) as hasty:
        first, _ = store.write(content())

        def meanwhile(what: str, done: int, of: int) -> None:
            if done == 1:
                with pytest.raises(StoreError, match="being written by another refresh") as caught:
                    hasty.write(content(fingerprint="hasty", previous_id=first.id))
                assert caught.value.exit_code == 5

        store.write(content(fingerprint="second", previous_id=first.id), meanwhile)
        assert [each.fingerprint for each in store.snapshots()] == ["first", "second"]


def test_two_first_refreshes_at_once_make_one_store(url: str) -> None:
    ready = threading.Barrier(4)
    outcome: list[str] = []

    def refresh(name: str) -> None:
        ready.wait(20)
        try:
            with Store.open(url) as store:
                store.write(content(fingerprint=name))
            outcome.append("stored")
        except StoreError as error:
            outcome.append(str(error))

    threads = [threading.Thread(target=refresh, args=(name,)) for name in "abcd"]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert sorted(outcome)[-1] == "stored"
    assert outcome.count("stored") == 1, outcome
    assert all("another one has stored" in each for each in outcome if each != "stored")


def test_damage_is_noticed_not_shown_as_data(url: str) -> None:
    with Store.open(url) as store:
        info, _ = store.write(content(frames={"tables/cases": attendance(9)}))
        data = bytes(frames.encoded(attendance(9, changed=3)))
        with store._engine.begin() as connection:
            connection.execute(sa.text("UPDATE frame_chunk SET data = :data"), {"data": data})
        with pytest.raises(StoreError, match=r"damaged.*'tables/cases'"):
            store.frame(info.id, "tables/cases")


@given(cuts=st.lists(st.integers(0, 500), max_size=4), flag=st.booleans())
def test_the_same_frame_gives_the_same_bytes_however_it_was_put_together(cuts: list[int], flag: bool) -> None:
    whole = attendance(500)
    edges = [0, *sorted(cuts), 500]
    pieced = pl.concat([whole[a:b] for a, b in itertools.pairwise(edges)], rechunk=False)
    if flag:
        pieced = pl.concat([whole[:3], pieced], rechunk=False).filter(pl.int_range(pl.len()) >= 3)
    assert_frame_equal(pieced, whole)
    assert frames.sha256(frames.encoded(pieced)) == frames.sha256(frames.encoded(whole))
    assert frames.sha256(frames.encoded(pieced)) != frames.sha256(frames.encoded(attendance(500, changed=1)))


def test_a_page_loads_neither_pandera_nor_alembic_for_the_store(tmp_path: Path) -> None:
    path = tmp_path / "store.sqlite"
    with Store.open(path) as store:
        store.write(content())
    code = (
        "import sys; from connectors.store import Store; s = Store.open(sys.argv[1], read_only=True); "
        "assert s.results(s.newest().id).height; sys.exit(bool({'pandera', 'pandas', 'alembic'} & set(sys.modules)))"
    )
    assert subprocess.run([sys.executable, "-c", code, str(path)], check=False).returncode == 0
