"""Stand-ins for names: the same person the same, two people never one, and nothing to be told without the key."""

from __future__ import annotations

import os
import re
import stat
from pathlib import Path

import polars as pl
import pytest

from checks.errors import SettingsError
from checks.names import like_name
from connectors import pseudonyms
from connectors.pseudonyms import KEY_FILE, KeyPlace, Pseudonyms, folded_name, pseudonymised

KEY = b"one long random key of the tests"


@pytest.mark.parametrize(
    "written",
    [
        "José O'Brien-Smith",
        "JOSE O’BRIEN SMITH",
        "O'BRIEN-SMITH, José",
        " o'brien-smith ,  jose ",
        "Jose\u00a0OBrien\u2010Smith",
        "Jose\u0301 O'Brien-Smith",
    ],
)
def test_one_person_however_written(written: str) -> None:
    assert folded_name(written) == "jose obrien smith"
    assert Pseudonyms(KEY).of(written) == Pseudonyms(KEY).of("Jose O'Brien-Smith")


@pytest.mark.parametrize("other", ["Jose O'Brien", "Smith Jose O'Brien", "Josef O'Brien-Smith", "Jose O'Brien-Smith 2"])
def test_another_person_is_another(other: str) -> None:
    assert Pseudonyms(KEY).of(other) != Pseudonyms(KEY).of("Jose O'Brien-Smith")


def test_another_key_gives_other_stand_ins_and_neither_holds_the_name() -> None:
    names = [f"Ann{n} Other" for n in range(500)]
    one, two = (pseudonymised(pl.Series(names), key) for key in (KEY, KEY + b"!"))
    assert one.n_unique() == two.n_unique() == 500
    assert not set(one) & set(two)
    assert all(re.fullmatch(r"P1-[A-Z2-7]{12}", each) for each in one)
    # Else every one would be a finding, and withheld.
    assert not one.to_frame("text").select(like_name(pl.col("text"))).to_series().any()


def test_blank_cells_stay_blank() -> None:
    made = pseudonymised(pl.Series(["Ann Other", None, " - ", "ann other"]), KEY)
    assert made.is_null().to_list() == [False, True, True, False]
    assert made[0] == made[3]
    assert pseudonymised(pl.Series([None, None], dtype=pl.String), KEY).to_list() == [None, None]


def test_two_people_never_become_one(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pseudonyms, "_LETTERS", 1)
    with pytest.raises(SettingsError, match="Two names would get one pseudonym"):
        pseudonymised(pl.Series([f"Ann Other {n}" for n in range(40)]), KEY)


# The key


def test_a_key_is_made_once_for_its_owner_only_and_said(tmp_path: Path) -> None:
    place = KeyPlace(file=tmp_path / KEY_FILE)
    key, said = place.key()
    assert len(key) >= 40
    assert said is not None
    assert "Keep a copy in a safe place" in said
    assert key.decode() not in said
    assert key.decode() not in repr(place)
    assert place.key() == (key, None)
    assert [each.name for each in tmp_path.iterdir()] == [KEY_FILE]
    if os.name == "posix":
        assert stat.S_IMODE((tmp_path / KEY_FILE).stat().st_mode) == 0o600


def test_the_environments_key_comes_first(tmp_path: Path) -> None:
    place = KeyPlace("  a long and random text ", tmp_path / KEY_FILE)
    assert place.key() == (b"a long and random text", None)
    assert "random" not in repr(place)
    assert not (tmp_path / KEY_FILE).exists()


@pytest.mark.skipif(os.name != "posix", reason="rights are told otherwise there")
def test_a_key_that_others_can_read_is_refused(tmp_path: Path) -> None:
    file = tmp_path / KEY_FILE
    file.write_text("a long and random text")
    file.chmod(0o644)
    with pytest.raises(SettingsError, match=r"can be read by others than its owner\. .*chmod 600"):
        KeyPlace(file=file).key()


@pytest.mark.parametrize("content", [b"", b"short", b"\xff\xfe and more than sixteen"])
def test_a_key_that_is_none(tmp_path: Path, content: bytes) -> None:
    file = tmp_path / KEY_FILE
    file.write_bytes(content)
    file.chmod(0o600)
    with pytest.raises(SettingsError, match=rf"The key file {KEY_FILE} (is too short|could not be read)"):
        KeyPlace(file=file).key()


def test_no_key_and_no_place_for_one(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match="MAPPA_PSEUDONYM_KEY"):
        KeyPlace().key()
    with pytest.raises(SettingsError, match=f"The key file {KEY_FILE} could not be made"):
        KeyPlace(file=tmp_path / "gone" / KEY_FILE).key()
    with pytest.raises(SettingsError, match="The key in MAPPA_PSEUDONYM_KEY is too short"):
        KeyPlace("short").key()


def test_where_the_key_comes_from_is_said_and_the_key_is_not(tmp_path: Path) -> None:
    file = tmp_path / KEY_FILE
    assert KeyPlace("a long and random text", file).told() == "The key comes from MAPPA_PSEUDONYM_KEY."
    assert "too short: set it to at least 16 characters" in KeyPlace("short", file).told()
    assert (
        "set MAPPA_PSEUDONYM_KEY to a long random text, or let the next refresh make one" in KeyPlace(None, file).told()
    )
    KeyPlace(None, file).key()
    assert KeyPlace(None, file).told() == "The key comes from the file mappa-monitor.key beside the settings."
    assert KeyPlace().told() == "No key is set: set MAPPA_PSEUDONYM_KEY to a long random text."
