"""The settings file: every key explained, read strictly, no place for a password."""

from __future__ import annotations

import json
import re
import tomllib
from datetime import date
from pathlib import Path

import pytest

from checks.errors import SettingsError
from checks.standard import standard_names
from dashboard.settings import (
    SOURCE_PASSWORD,
    STORE_PASSWORD,
    Settings,
    has_password,
    load_settings,
    password,
    settings_from,
    store_address,
    template,
)

SECRET = "s3cret-W0rd"
LEAST = 'area = "Here"\nsource = "records"\nstandards = ["jersey"]\n'


def written(folder: Path, text: str) -> Settings:
    path = folder / "area.toml"
    path.write_text(text, encoding="utf-8")
    return load_settings(path)


def test_the_template_explains_every_key_and_no_other() -> None:
    text = template(standard_names())
    explained, explanation = [], ""
    for line in text.splitlines():
        key = re.match(r"\[?(\w+)\]?( =|$)", line)
        if line.startswith("#"):
            explanation += line
        elif key:
            assert len(explanation) > 20, f"{key[1]} is not explained"
            explained.append(key[1])
            explanation = ""
    assert sorted(explained) == sorted(Settings.model_fields)
    assert max(map(len, text.splitlines())) <= 120
    assert all(name in text for name in (SOURCE_PASSWORD, STORE_PASSWORD, *standard_names()))


def test_the_template_says_what_holds_without_it(tmp_path: Path) -> None:
    """Whoever changes nothing, or takes out what need not be said, has the same settings."""
    given = tomllib.loads(template(standard_names()))
    least = {"area": given["area"], "source": given["source"], "standards": given["standards"]}
    assert settings_from(given, "x") == settings_from(least, "x")
    assert written(tmp_path, template(standard_names())).as_at is None


@pytest.mark.parametrize("example", ['# "level 2" =', "# review_level_1 ="])
def test_the_templates_examples_can_be_used(tmp_path: Path, example: str) -> None:
    text = template(standard_names())
    assert example in text
    settings = written(tmp_path, text.replace(example, example.removeprefix("# ")))
    assert settings.standing_agencies or settings.adopted_targets


def test_what_the_template_is_given_stands_in_it(tmp_path: Path) -> None:
    odd = 'C:\\data\\"Q4" = [1]\n# é \x7f'
    settings = written(tmp_path, template(["a"], source=odd, area=odd, as_at=date(2023, 12, 31), standards=["b", "c"]))
    assert (settings.source, settings.area) == (odd, odd)
    assert settings.as_at == date(2023, 12, 31)
    assert settings.standards == ["b", "c"]


def test_a_byte_order_mark_is_accepted(tmp_path: Path) -> None:
    path = tmp_path / "area.toml"
    path.write_bytes(b"\xef\xbb\xbf" + LEAST.encode())
    assert load_settings(path).area == "Here"


@pytest.mark.parametrize(
    ("address", "whole"),
    [
        ("records", "{folder}/records"),
        ("data/area.xlsx", "{folder}/data/area.xlsx"),
        ("/data/area.xlsx", "/data/area.xlsx"),
        ("sample", "sample"),
        ("sample:cases=5", "sample:cases=5"),
        ("sqlite:///area.db", "sqlite:///{folder}/area.db"),
        ("sqlite:////data/area.db", "sqlite:////data/area.db"),
        ("postgresql://reader@127.0.0.1/mappa", "postgresql://reader@127.0.0.1/mappa"),
    ],
)
def test_a_path_starts_at_the_settings_own_folder(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, address: str, whole: str
) -> None:
    (tmp_path / "elsewhere").mkdir()
    settings = written(tmp_path, LEAST.replace('"records"', f'"{address}"') + f'store = "{address}"\n')
    monkeypatch.chdir(tmp_path / "elsewhere")
    expected = whole.format(folder=tmp_path)
    assert settings.source_address == expected
    assert settings.store_address == expected


@pytest.mark.parametrize(
    "address",
    [
        f"postgresql://reader:{SECRET}@127.0.0.1/mappa",
        f"postgresql+psycopg://:{SECRET}@/mappa",
        f"postgresql://127.0.0.1/mappa?user=reader&password={SECRET}",
        f"mysql://127.0.0.1/mappa?passwd={SECRET}",
        f"postgresql://reader:{SECRET}@127.0.0.1:port/mappa",
        f"nonsense://reader:{SECRET}@",
    ],
)
@pytest.mark.parametrize("key", ["source", "store"])
def test_a_password_must_not_stand_in_the_settings(tmp_path: Path, key: str, address: str) -> None:
    assert has_password(address)
    lines = [line for line in LEAST.splitlines() if not line.startswith(key)]
    with pytest.raises(SettingsError) as caught:
        written(tmp_path, "\n".join([*lines, f'{key} = "{address}"\n']))
    assert SECRET not in str(caught.value)
    assert f"MAPPA_{key.upper()}_PASSWORD" in str(caught.value)


@pytest.mark.parametrize(
    "address", ["records", "C:\\data@home", "postgresql://reader@127.0.0.1/m", "sqlite:///a:b@c.db"]
)
def test_other_addresses_hold_none(address: str) -> None:
    assert not has_password(address)


def test_passwords_come_from_the_environment_or_the_secrets_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings = written(tmp_path, LEAST + 'store = "postgresql://keeper@127.0.0.1/mappa"\n')
    monkeypatch.delenv(STORE_PASSWORD, raising=False)
    assert password(STORE_PASSWORD, settings.folder) is None
    assert store_address(settings) == "postgresql://keeper@127.0.0.1/mappa"
    (tmp_path / ".streamlit").mkdir()
    (tmp_path / ".streamlit" / "secrets.toml").write_text(f'{STORE_PASSWORD} = "from-file"\n', encoding="utf-8")
    assert store_address(settings) == "postgresql://keeper:from-file@127.0.0.1/mappa"
    monkeypatch.setenv(STORE_PASSWORD, SECRET)
    assert store_address(settings) == f"postgresql://keeper:{SECRET}@127.0.0.1/mappa"
    monkeypatch.setenv(STORE_PASSWORD, "a@b/c d")
    assert store_address(settings) == "postgresql://keeper:a%40b%2Fc d@127.0.0.1/mappa"


def test_two_standards_of_one_name_are_refused(tmp_path: Path) -> None:
    ours = 'extends = "jersey"\nname = "ours"\n'
    for name in ("mine", "yours"):
        (tmp_path / f"{name}.toml").write_text(ours, encoding="utf-8")
    settings = written(tmp_path, LEAST.replace('["jersey"]', '["mine.toml", "yours.toml"]'))
    with pytest.raises(SettingsError, match=r"yours\.toml is called ours, as is another"):
        settings.loaded_standards()
    (tmp_path / "mine.toml").write_text(ours.replace('"ours"', '"mine"'), encoding="utf-8")
    assert [each.name for each in settings.loaded_standards()] == ["mine", "ours"]


LATER = """extends = "hampshire"
name = "later"
[[sources]]
short = "L24"
title = "Later"
edition = "2024"
[[figures.target_review_level_2.changes]]
from = 2024-07-01
value = 0.9
cite = "L24 1"
"""
STEPS = LATER.replace('"later"', '"steps"').replace(
    "[[figures", '[figures.target_review_level_2]\nvalue = 0.8\ncite = "L24 1"\n[[figures'
)


@pytest.mark.parametrize(
    ("standards", "said"),
    [
        (["jersey"], "jersey sets its own (0.85)"),
        (["steps.toml"], "steps sets its own (0.8, from 2024-07-01 0.9)"),
        (["jersey", "steps.toml"], "jersey sets its own (0.85) and steps sets its own (0.8, from 2024-07-01 0.9)"),
    ],
)
def test_a_target_that_every_standard_sets_cannot_be_adopted(tmp_path: Path, standards: list[str], said: str) -> None:
    (tmp_path / "steps.toml").write_text(STEPS, encoding="utf-8")
    named = LEAST.replace('["jersey"]', json.dumps(standards))
    settings = written(tmp_path, named + "[adopted_targets]\nreview_level_2 = 0.5\n")
    with pytest.raises(SettingsError) as caught:
        settings.loaded_standards()
    assert str(caught.value) == (
        f"The settings file area.toml: adopted_targets.review_level_2: {said}; "
        "an area may adopt a target only for a measure that the guidance has and sets none for. Leave it out."
    )


@pytest.mark.parametrize(
    ("standards", "unused"), [(["hampshire"], []), (["later.toml"], []), (["jersey", "hampshire"], ["jersey"])]
)
def test_a_target_that_one_standard_leaves_unset_is_adopted_under_that(
    tmp_path: Path, standards: list[str], unused: list[str]
) -> None:
    """`later` sets it from a day on: until then the area's own holds."""
    (tmp_path / "later.toml").write_text(LATER, encoding="utf-8")
    named = LEAST.replace('["jersey"]', json.dumps(standards))
    settings = written(tmp_path, named + "[adopted_targets]\nreview_level_1 = 0.4\nreview_level_2 = 0.5\n")
    loaded = settings.loaded_standards()
    for each in loaded:
        assert list(settings.adopted_under(each)) == [
            "review_level_1",
            *([] if each.name in unused else ["review_level_2"]),
        ]
    assert [said for each in loaded for said in settings.not_used(each)] == [
        f"The target adopted for review_level_2 (0.5) is not used under {name}, which sets its own (0.85)."
        for name in unused
    ]


def test_a_target_for_a_measure_that_no_standard_has_cannot_be_adopted(tmp_path: Path) -> None:
    adopted = "[adopted_targets]\nstays_long_enough = 0.5\n"
    settings = written(tmp_path, LEAST.replace('["jersey"]', '["hampshire", "england-wales"]') + adopted)
    with pytest.raises(SettingsError) as caught:
        settings.loaded_standards()
    assert str(caught.value) == (
        "The settings file area.toml: adopted_targets.stays_long_enough: hampshire does not have this measure and "
        "england-wales does not have this measure; "
        "an area may adopt a target only for a measure that the guidance has and sets none for. Leave it out."
    )
    both = written(tmp_path, LEAST.replace('["jersey"]', '["jersey", "hampshire"]') + adopted)
    jersey, hampshire = both.loaded_standards()
    assert list(both.adopted_under(jersey)) == ["stays_long_enough"]
    assert not both.adopted_under(hampshire)
    assert both.not_used(hampshire) == [
        "The target adopted for stays_long_enough (0.5) is not used under hampshire, which does not have this measure."
    ]


RESTART = """
[[restarts]]
measure = "agency_attendance"
by = "unit"
unit = "housing"
from = 2023-07-01
reason = "housing named a deputy for every panel"
"""


def test_restarts_and_the_smallest_count_shown_are_read(tmp_path: Path) -> None:
    settings = written(tmp_path, LEAST + "suppress_below = 10\n" + RESTART)
    (restart,) = settings.restarts
    assert (restart.measure, restart.by, restart.unit, restart.start) == (
        "agency_attendance",
        "unit",
        "housing",
        date(2023, 7, 1),
    )
    assert restart.reason == "housing named a deputy for every panel"
    assert settings.suppress_below == 10
    assert written(tmp_path, LEAST).suppress_below == 5


def test_the_templates_restart_can_be_used(tmp_path: Path) -> None:
    text = template(standard_names())
    block = [line.removeprefix("# ") for line in text.splitlines() if line.startswith("# [[restarts]]")]
    start = text.splitlines().index("# [[restarts]]")
    block += [line.removeprefix("# ") for line in text.splitlines()[start + 1 : start + 6]]
    settings = written(tmp_path, text.replace("restarts = []\n", "") + "\n" + "\n".join(block) + "\n")
    assert [each.unit for each in settings.restarts] == ["housing"]


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ('"agency_attendance"', '"attendance"', "restarts, number 1: there is no measure attendance"),
        ('by = "unit"', 'by = "sex"', "by sex: the measure is told by all, unit"),
        ('unit = "housing"', "", "Name the unit whose line it is"),
        ('by = "unit"', "", "All together have no unit"),
        ("2023-07-01", '"today"', "restarts"),
        ("2023-07-01", "2023-07-01T00:00:00", "a date without a time"),
        ('"housing named a deputy for every panel"', '" "', "a reason in words"),
        ('reason = "housing named a deputy for every panel"', "", "reason is missing"),
        ("reason = ", "colour = 1\nreason = ", "colour: unknown key"),
    ],
)
def test_a_restart_that_means_nothing_is_told(tmp_path: Path, old: str, new: str, said: str) -> None:
    with pytest.raises(SettingsError, match=re.escape(said)):
        written(tmp_path, LEAST + RESTART.replace(old, new))


def test_a_line_restarts_on_a_day_once(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match="number 2: the same line restarts on 2023-07-01 already"):
        written(tmp_path, LEAST + RESTART + RESTART)


@pytest.mark.parametrize("value", ["0", "101", '"5"'])
def test_the_smallest_count_shown_is_a_number_from_1_to_100(tmp_path: Path, value: str) -> None:
    with pytest.raises(SettingsError, match="suppress_below"):
        written(tmp_path, LEAST + f"suppress_below = {value}\n")


def test_the_templates_database_can_be_used(tmp_path: Path) -> None:
    text = template(standard_names(), source="postgresql://reader@localhost/mappa")
    for example in ("# statement_seconds = ", '# cases = "mappa.vw_cases"', '# meetings = """'):
        assert example in text
        text = text.replace(example, example.removeprefix("# "))
    text = text.replace("# select id as", "select id as").replace('# from mappa.meetings"""', 'from mappa.meetings"""')
    wanted = written(tmp_path, text).wanted
    assert wanted.tables == {"cases": "mappa.vw_cases"}
    assert wanted.queries["meetings"].startswith("select id as meeting_id")
    assert wanted.statement_seconds == 300


def test_a_table_is_named_or_asked_for_and_not_both(tmp_path: Path) -> None:
    lines = '[database]\ntables.cases = "c"\nqueries.cases = "select 1 as case_id"\n'
    with pytest.raises(SettingsError, match=r"area\.toml: database\.queries\.cases: .*as well\. Keep one of the two\."):
        written(tmp_path, f'area = "A"\nsource = "sqlite:///a.db"\nstandards = ["jersey"]\n{lines}')
