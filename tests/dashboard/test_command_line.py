"""The command as the contract describes it: what scripts call and read, what people see, what the files hold."""

from __future__ import annotations

import csv
import json
import re
import shlex
from datetime import date
from pathlib import Path

import fastexcel
import openpyxl
import polars as pl
import pytest

from connectors.sample.area import make_area, write_area
from connectors.store import Store
from dashboard.exports import csv_bytes, xlsx_bytes
from dashboard.settings import load_settings
from dashboard.version import PRODUCT_VERSION
from kpis.evidence import EVIDENCE
from kpis.measures import MEASURES
from tests.command import Ran, mappa
from tests.tables import raw

COMMANDS = ("demo", "init", "check", "measure", "refresh", "serve", "annual", "pack", "published", "sample")
LATER = ("map",)
RESULT = ["measure", "unit", "met", "owed", "unknown", "rate", "worst", "best", "low", "high", "target", "verdict"]
FINDING = ["rule", "severity", "dimension", "table", "key", "field", "file", "sheet", "row", "message", "fix"]
IN_FILES = [*(name for name in EVIDENCE if not name.startswith("_")), "file", "sheet", "row"]
VERDICTS = {
    "met",
    "not met",
    "depends on missing records",
    "nothing due",
    "not supplied",
    "no target",
    "not in this standard",
}
AS_AT = ("--as-at", "2023-12-31")


@pytest.fixture(scope="module")
def records(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The sample area with its flaws, as CSV files."""
    folder = tmp_path_factory.mktemp("area") / "records"
    write_area(make_area(), folder)
    return folder


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("COLUMNS", "80")
    return tmp_path


@pytest.fixture(scope="module")
def checked(records: Path) -> Ran:
    return mappa("check", "--source", records, *AS_AT, "--json")


@pytest.fixture(scope="module")
def measured(records: Path) -> Ran:
    return mappa("measure", "--source", records, *AS_AT, "--json")


def unwrapped(text: str) -> str:
    """Text of a screen on one line, so that a sentence can be looked for wherever its lines end."""
    return " ".join(text.split())


# Help


def options(text: str) -> dict[str, str]:
    """Option → all that the help says of it, on one line."""
    found: dict[str, str] = {}
    name = ""
    for line in text.partition("Options:")[2].splitlines():
        begins = re.match(r" {2}(?:-h, )?(--[a-z-]+)(.*)", line)
        if begins:
            name = begins[1]
            found[name] = begins[2]
        elif name:
            found[name] += f" {line}"
    return {name: unwrapped(said) for name, said in found.items()}


@pytest.mark.parametrize("words", [(), *((name,) for name in COMMANDS)])
def test_help_fits_a_screen_of_80_columns_and_shows_no_type_names(here: Path, words: tuple[str, ...]) -> None:
    long, short = mappa(*words, "--help"), mappa(*words, "-h")
    assert long == short
    assert (long.code, long.err) == (0, "")
    assert max(map(len, long.out.splitlines())) <= 80
    assert not re.search(r"<\w+>|\bTEXT\b|\bINTEGER\b|BOOL", long.out)
    assert all(said for said in options(long.out).values())


def test_help_lists_the_commands_there_are_and_no_others(here: Path) -> None:
    listed = re.findall(r"^  ([a-z]+) {2,}\S.*[.]$", mappa("--help").out, re.MULTILINE)
    assert tuple(listed) == COMMANDS
    for name in LATER:
        assert mappa(name).code == 2


def test_no_command_at_all_is_wrong_usage_and_shows_the_help(here: Path) -> None:
    ran = mappa()
    assert (ran.code, ran.out) == (2, "")
    assert ran.err.strip() == mappa("--help").out.strip()


def test_options_mean_the_same_everywhere(here: Path) -> None:
    said = {name: options(mappa(name, "--help").out) for name in COMMANDS}
    for option in ("--source", "--standard", "--as-at", "--settings", "--json"):
        assert said["check"][option] == said["measure"][option]
    assert said["refresh"]["--as-at"] == said["check"]["--as-at"]
    assert said["refresh"]["--settings"] == said["serve"]["--settings"]
    assert said["serve"]["--port"] == said["demo"]["--port"]
    assert "what the settings say, or today" in said["check"]["--as-at"]
    assert {"--out", "--cases", "--years", "--seed"} <= set(said["sample"])


def test_the_version_is_told(here: Path) -> None:
    assert mappa("--version") == Ran(0, PRODUCT_VERSION + "\n", "")


# check


def test_check_gives_one_object_per_finding_and_per_rule(checked: Ran) -> None:
    assert checked.code == 1
    assert set(checked.json) == {"findings", "rules"}
    findings, rules = checked.json["findings"], checked.json["rules"]
    assert len(findings) > 100
    assert all(list(each) == FINDING for each in findings)
    assert {each["severity"] for each in findings} == {"error", "warning"}
    by_rule = {each["rule"]: each for each in rules}
    assert len(by_rule) == len(rules)
    assert {each["status"] for each in rules} <= {"pass", "fail", "could not check"}
    for rule, outcome in by_rule.items():
        found = sum(each["rule"] == rule for each in findings)
        assert (outcome["failing"] or 0) == found, rule
        assert (outcome["status"] == "fail") == (found > 0), rule
        assert (outcome["rows"] is None) == (outcome["status"] == "could not check"), rule
    one = next(each for each in findings if each["rule"] == "meetings.disclosure_decision.required")
    assert (one["dimension"], one["table"], one["field"]) == ("completeness", "meetings", "disclosure_decision")
    assert one["file"] == "meetings.csv"
    assert one["sheet"] is None


def test_every_finding_leads_to_its_row(records: Path, checked: Ran) -> None:
    lines = {path.name: list(csv.reader(path.open(encoding="utf-8"))) for path in records.glob("*.csv")}
    looked_at = 0
    for each in checked.json["findings"]:
        if each["table"] == "cases" and each["key"] is not None:
            assert lines["cases.csv"][each["row"] - 1][0] == each["key"]
            looked_at += 1
    assert looked_at > 10


def test_check_shows_people_the_findings_by_rule(here: Path, records: Path, checked: Ran) -> None:
    ran = mappa("check", "--source", records, *AS_AT)
    assert ran.code == 1
    assert max(map(len, ran.out.splitlines())) <= 80
    count = sum(each["rule"] == "cases.ethnicity.required" for each in checked.json["findings"])
    assert re.search(rf"^ +{count}  cases\.ethnicity\.required$", ran.out, re.MULTILINE)
    errors = sum(each["severity"] == "error" for each in checked.json["findings"])
    assert f"{errors} errors and" in unwrapped(ran.out)
    assert ran.out.index("ERRORS:") < ran.out.index("WARNINGS:")
    assert "As at 2023-12-31." in ran.said


def test_sound_records_are_exit_code_0_and_say_so(here: Path) -> None:
    write_area(make_area(cases=15, years=1, flaws=False), here / "sound")
    ran = mappa("check", "--source", "sound", *AS_AT)
    assert ran.code == 0, ran.out
    assert "0 errors" in ran.out
    document = mappa("check", "--source", "sound", *AS_AT, "--json").json
    assert not [each for each in document["findings"] if each["severity"] == "error"]


def test_what_could_not_be_checked_is_said(here: Path, records: Path) -> None:
    (here / "part").mkdir()
    (here / "part" / "cases.csv").write_bytes((records / "cases.csv").read_bytes())
    ran = mappa("check", "--source", "part", *AS_AT)
    assert ran.code == 1
    assert "meetings.table.missing" in ran.out
    assert "the table meetings as a whole" in unwrapped(ran.out)
    assert "Could not be checked, for want of a table or column" in unwrapped(ran.out)


def test_every_finding_goes_into_a_file(here: Path, records: Path, checked: Ran) -> None:
    keys = [each["key"] for each in checked.json["findings"]]
    assert mappa("check", "--source", records, *AS_AT, "--out", "all.csv").code == 1
    written = pl.read_csv(here / "all.csv", infer_schema=False)
    assert written.columns == FINDING
    assert written["key"].to_list() == keys
    assert mappa("check", "--source", records, *AS_AT, "--out", "all.XLSX").code == 1
    sheet = fastexcel.read_excel(here / "all.XLSX").load_sheet(0, dtypes="string").to_polars()
    assert (sheet.columns, sheet["key"].to_list()) == (FINDING, keys)


# measure


def test_measure_gives_the_contracts_document(records: Path, measured: Ran) -> None:
    document = measured.json
    assert measured.code == 0
    assert list(document) == ["area", "standard", "as_at", "period", "results"]
    assert (document["area"], document["standard"], document["as_at"]) == ("records", "jersey", "2023-12-31")
    assert document["period"] == {"name": "2023-Q4", "start": "2023-10-01", "end": "2023-12-31"}
    results = document["results"]
    assert all(list(each) == RESULT for each in results)
    headlines = [each["measure"] for each in results if each["unit"] is None]
    assert headlines == list(MEASURES), "one headline each, in the order of the measures"
    for each in results:
        if each["unit"] is not None and MEASURES[each["measure"]].counts:
            assert [each[name] for name in RESULT if name not in ("measure", "unit", "owed")] == [None] * 9
            continue
        assert each["verdict"] in VERDICTS
        if each["owed"]:
            assert each["rate"] == each["worst"] == each["met"] / each["owed"]
            assert each["best"] == (each["met"] + each["unknown"]) / each["owed"]
            assert 0 <= each["low"] <= each["rate"] <= each["high"] <= 1
        else:
            assert [each[name] for name in ("rate", "worst", "best", "low", "high")] == [None] * 5
            assert each["verdict"] in ("nothing due", "not supplied", "not in this standard")


def test_the_breakdowns_are_those_of_the_contract(measured: Ran) -> None:
    units: dict[str, list[str]] = {}
    for each in measured.json["results"]:
        if each["unit"] is not None:
            units.setdefault(each["measure"], []).append(each["unit"])
    assert units["review_level_2"] == ["by review"]
    assert set(units["disclosure"]) == {"disclose", "not disclose", "deferred", "not recorded"}
    assert set(units["screening_outcomes"]) == {"1", "2", "3", "not accepted", "exit", "not recorded"}
    assert {"police", "probation"} <= set(units["agency_attendance"])
    assert "lay adviser" in units["smb_attendance"]


@pytest.mark.parametrize(
    ("standard", "period", "name", "start", "end"),
    [
        ("jersey", "2023-Q4", "2023-Q4", "2023-10-01", "2023-12-31"),
        ("jersey", "2023", "2023", "2023-01-01", "2023-12-31"),
        ("jersey", None, "2023-Q4", "2023-10-01", "2023-12-31"),
        ("hampshire", "2023-24-Q4", "2023-24-Q4", "2024-01-01", "2024-03-31"),
        ("hampshire", "2023-24", "2023-24", "2023-04-01", "2024-03-31"),
        ("england-wales", None, "2023-24-Q3", "2023-10-01", "2023-12-31"),
    ],
)
def test_periods_are_named_by_the_standards_year(
    records: Path, standard: str, period: str | None, name: str, start: str, end: str
) -> None:
    chosen = () if period is None else ("--period", period)
    ran = mappa("measure", "--source", records, "--standard", standard, *AS_AT, *chosen, "--json")
    assert ran.json["period"] == {"name": name, "start": start, "end": end}
    assert ran.json["standard"] == standard


def test_measure_shows_people_every_result_on_80_columns(here: Path, records: Path, measured: Ran) -> None:
    ran = mappa("measure", "--source", records, *AS_AT)
    assert ran.code == 0
    assert max(map(len, ran.out.splitlines())) <= 80
    assert "records, Jersey (JMAPPA), 2023-Q4 (2023-10-01 to 2023-12-31), as at 2023-12-31" in ran.out
    for each in measured.json["results"]:
        if each["rate"] is not None:
            told = f"{each['met']} of {each['owed']} {100 * each['rate']:.1f} %"
            assert told in unwrapped(ran.out)
        if each["unknown"]:
            assert f"between {100 * each['worst']:.1f} % and {100 * each['best']:.1f} %" in ran.out
    for sign in ("✗ not met", "· no target", "– nothing due"):
        assert sign in ran.out


def test_a_period_beyond_the_records_is_said_to_be_so(records: Path, measured: Ran) -> None:
    assert "so early" not in measured.said
    late = mappa("measure", "--source", records, *AS_AT, "--period", "2199", "--json")
    assert "2199 begins on 2199-01-01, after the as-at date 2023-12-31" in late.said
    early = mappa("measure", "--source", records, *AS_AT, "--period", "1901-Q1", "--json")
    for ran in (early, mappa("annual", "--source", records, *AS_AT, "--year", "1901", "--json")):
        assert ran.code == late.code == 0
        assert "The records hold nothing so early as 1901" in ran.said
    assert list(early.json) == list(late.json) == list(measured.json)


def test_the_evidence_adds_up_to_the_results(here: Path, records: Path) -> None:
    for name in ("rows.csv", "rows.parquet"):
        ran = mappa("measure", "--source", records, *AS_AT, "--evidence", name, "--json")
        read = pl.read_csv(here / name) if name.endswith("csv") else pl.read_parquet(here / name)
        assert read.columns == ["measure", "period", *IN_FILES]
        assert f"Wrote {read.height:,} rows of evidence to {name}." in ran.said
        for each in ran.json["results"]:
            counted = read.filter(pl.col("measure") == each["measure"])
            if each["unit"] is None and each["measure"] in ("disclosure", "agency_attendance", "smb_attendance"):
                assert counted.height == each["owed"]
                assert counted["met"].sum() == each["met"]
                assert counted["met"].null_count() == each["unknown"]
            elif each["unit"] == "by review":
                assert (counted.height, counted["met"].sum()) == (each["owed"], each["met"])


def test_a_name_for_a_pseudonym_goes_into_no_file(here: Path) -> None:
    name = "Zebedee Quillfeather"
    case = {"case_id": name, "category": "1", "level": "2", "location": "community", "entered_on": "2023-01-04"}
    meetings = [
        {"meeting_id": "M1", "case_id": name, "held_on": "2023-11-08", "kind": "level 2"},
        {"meeting_id": "M2", "case_id": "C2", "held_on": "2023-11-08", "kind": "level 2"},
    ]
    (here / "records").mkdir()
    for table, frame in raw({"cases": [case], "meetings": meetings}).items():
        frame.drop("_file", "_sheet", "_row").write_csv(here / "records" / f"{table}.csv")
    words = ("--source", "records", *AS_AT, "--json")
    shown = mappa("check", *words, "--out", "all.csv"), mappa("measure", *words, "--evidence", "rows.csv")
    assert [each.code for each in shown] == [1, 0]
    written = [(here / each).read_text("utf-8") for each in ("all.csv", "rows.csv")]
    assert not [each for each in (*(ran.out + ran.err for ran in shown), *written) if "Quillfeather" in each]
    rows = pl.read_csv(here / "rows.csv").filter(pl.col("measure") == "disclosure").sort("row")
    assert rows["case_id"].to_list() == ["name withheld 1", "C2"]
    assert rows["row"].to_list() == [2, 3]


def test_evidence_of_nothing_still_has_its_columns(here: Path) -> None:
    (here / "part").mkdir()
    (here / "part" / "smb_meetings.csv").write_text("smb_meeting_id,held_on\n", encoding="utf-8")
    ran = mappa("measure", "--source", "part", *AS_AT, "--evidence", "rows.csv", "--json")
    assert ran.code == 0
    assert {each["verdict"] for each in ran.json["results"]} == {
        "not supplied",
        "nothing due",
        "not in this standard",
    }
    assert pl.read_csv(here / "rows.csv").columns == ["measure", "period", *IN_FILES]


# Settings, and what is said over them


def test_the_settings_of_the_folder_are_used_and_options_come_first(here: Path, records: Path) -> None:
    (here / "mappa-monitor.toml").write_text(
        f'area = "Our island"\nsource = "{records}"\nstandards = ["hampshire", "jersey"]\nas_at = 2023-06-30\n'
        'smb_members = ["police", "nobody yet"]\n[adopted_targets]\nreview_level_1 = 0.5\n',
        encoding="utf-8",
    )
    ours = mappa("measure", "--json").json
    assert (ours["area"], ours["standard"], ours["as_at"]) == ("Our island", "hampshire", "2023-06-30")
    level_1 = next(each for each in ours["results"] if (each["measure"], each["unit"]) == ("review_level_1", None))
    assert level_1["target"] == 0.5
    smb = {each["unit"]: each for each in ours["results"] if each["measure"] == "smb_attendance"}
    assert smb["nobody yet"]["unknown"] == smb["nobody yet"]["owed"] > 0
    other = mappa("measure", "--standard", "jersey", *AS_AT, "--json").json
    assert (other["standard"], other["as_at"]) == ("jersey", "2023-12-31")


def test_a_target_that_one_of_the_standards_sets_is_adopted_under_the_others_and_that_is_said(here: Path) -> None:
    (here / "mappa-monitor.toml").write_text(
        'area = "Here"\nsource = "sample:cases=5,years=1"\nstandards = ["hampshire", "jersey"]\nas_at = 2023-12-31\n'
        "[adopted_targets]\nreview_level_2 = 0.5\n",
        encoding="utf-8",
    )
    said = "The target adopted for review_level_2 (0.5) is not used under jersey, which sets its own (0.85)."
    for standard, target in (("hampshire", 0.5), ("jersey", 0.85)):
        ran = mappa("measure", "--standard", standard, "--json")
        (held_to,) = (
            each["target"]
            for each in ran.json["results"]
            if each["measure"] == "review_level_2" and each["unit"] is None
        )
        assert held_to == target
        assert (said in ran.said) == (standard == "jersey")
    assert said in mappa("refresh").said
    assert mappa("pack", "--out", "p.html", *AS_AT, "--standard", "jersey").code == 0


@pytest.mark.parametrize("command", ["check", "measure"])
def test_json_is_all_there_is_on_standard_output(here: Path, command: str) -> None:
    ran = mappa(command, "--source", "sample:cases=5,years=1", *AS_AT, "--json")
    assert ran.out.count("\n") == 1
    assert isinstance(json.loads(ran.out), dict)
    assert ran.out.isascii()
    assert f"{command.removesuffix('e')}ing:" in ran.err


# Exports


FORMULAS = ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1", "\n=1", "  =1+1", "＝1+1", "＠x"]


def test_text_from_a_source_is_never_a_formula(tmp_path: Path) -> None:
    frame = pl.DataFrame({"text": [*FORMULAS, "plain - text"], "number": [-1.5] * (len(FORMULAS) + 1)})
    (tmp_path / "x.csv").write_bytes(csv_bytes(frame))
    read = pl.read_csv(tmp_path / "x.csv")
    assert read["text"].to_list() == [*("'" + each for each in FORMULAS), "plain - text"]
    assert read["number"].to_list() == frame["number"].to_list(), "a number below zero is no formula"
    (tmp_path / "x.xlsx").write_bytes(xlsx_bytes({"rows": frame}))
    book = openpyxl.load_workbook(tmp_path / "x.xlsx")
    cells = [row[0] for row in book["rows"].iter_rows(min_row=2)]
    assert {each.data_type for each in cells} == {"s"}
    assert not [each for each in cells if each.hyperlink]


def test_a_formula_in_the_records_does_no_harm_in_the_files(here: Path) -> None:
    tables = {
        "cases": [{"case_id": "=HYPERLINK(0)", "category": "1"}, {"case_id": "C2", "category": "=cmd()"}],
        "meetings": [{"meeting_id": "M1", "case_id": "=HYPERLINK(0)", "held_on": "2023-11-08", "kind": "level 2"}],
        "attendance": [{"meeting_id": "M1", "agency": "@SUM(1)", "mode": "report"}],
    }
    (here / "records").mkdir()
    for name, frame in raw(tables).items():
        frame.drop("_file", "_sheet", "_row").write_csv(here / "records" / f"{name}.csv")
    words = ("--source", "records", *AS_AT)
    assert mappa("check", *words, "--out", "all.csv").code == 1
    assert mappa("measure", *words, "--evidence", "rows.csv").code == 0
    for name in ("all.csv", "rows.csv"):
        cells = [cell for row in csv.reader((here / name).open(encoding="utf-8-sig")) for cell in row]
        assert not [cell for cell in cells if cell.startswith(("=", "+", "-", "@"))]
    assert "'@SUM(1)" in (here / "rows.csv").read_text("utf-8")


def test_what_a_terminal_would_obey_is_not_passed_on(here: Path) -> None:
    attendance = [{"meeting_id": "M1", "agency": "\x1b[2Jhousing [red]:boom:", "mode": "report"}]
    meetings = [{"meeting_id": "M1", "case_id": "C1", "held_on": "2023-11-08", "kind": "level 2"}]
    (here / "records").mkdir()
    for name, frame in raw({"meetings": meetings, "attendance": attendance}).items():
        frame.drop("_file", "_sheet", "_row").write_csv(here / "records" / f"{name}.csv")
    ran = mappa("measure", "--source", "records", *AS_AT)
    assert "\x1b" not in ran.out + ran.err
    assert "housing" in ran.out
    assert "[red]:boom:" in ran.out


# sample, init, refresh


def test_the_same_seed_gives_the_same_sample(here: Path) -> None:
    words = ("--cases", "8", "--years", "2", "--seed", "7")
    for name, more in (("one", ()), ("two", ()), ("other", ("--seed", "8")), ("sound", ("--no-flaws",))):
        ran = mappa("sample", "--out", name, *words, *more)
        assert (ran.code, ran.out) == (0, "")
    contents = {
        name: {p.name: p.read_bytes() for p in (here / name).iterdir()} for name in ("one", "two", "other", "sound")
    }
    assert contents["one"] == contents["two"]
    assert contents["one"] != contents["other"]
    assert contents["one"] != contents["sound"]
    assert set(contents["one"]) >= {"cases.csv", "meetings.csv", "attendance.csv", "population.csv"}
    assert mappa("sample", "--out", "one", *words).code == 0, "what is there already is what would be written"


@pytest.mark.parametrize("out", [None, "elsewhere/ours.toml"])
def test_after_init_the_printed_commands_work(here: Path, out: str | None) -> None:
    (here / "elsewhere").mkdir()
    ran = mappa("init", *(() if out is None else ("--out", out)))
    assert (ran.code, ran.out) == (0, "")
    refresh, serve = re.findall(r"`mappa-monitor ([^`]+)`", ran.said)
    done = mappa(*shlex.split(refresh))
    assert done.code == 0
    assert "Stored snapshot 1: Our area as at 2023-12-31" in done.said
    again = mappa(*shlex.split(refresh))
    assert again.code == 0
    assert "Nothing has changed since snapshot 1" in again.said
    words = shlex.split(serve)
    assert words[0] == "serve"
    assert words[1:] == ([] if out is None else ["--settings", out])
    settings = load_settings(here / (out or "mappa-monitor.toml"))
    with Store.open(settings.store_address, read_only=True) as store:
        assert len(store.snapshots()) == 1


def test_init_takes_the_place_of_the_records(here: Path, records: Path) -> None:
    write_area(make_area(cases=5, years=1), here / 'odd "name" \\ é')
    (here / "elsewhere").mkdir()
    for out in ("mappa-monitor.toml", "elsewhere/ours.toml"):
        assert mappa("init", "--source", 'odd "name" \\ é', "--out", out).code == 0
        settings = load_settings(here / out)
        assert Path(settings.source_address).resolve() == here / 'odd "name" \\ é'
        assert settings.as_at is None
        assert mappa("refresh", "--settings", out, *AS_AT).code == 0


def test_a_refresh_as_at_another_day_is_another_snapshot(here: Path) -> None:
    assert mappa("init").code == 0
    assert mappa("refresh").code == 0
    ran = mappa("refresh", "--as-at", "2023-09-30")
    assert "Stored snapshot 2: Our area as at 2023-09-30" in ran.said
    with Store.open(here / "mappa-monitor.sqlite", read_only=True) as store:
        assert [each.as_at for each in store.snapshots()] == [date(2023, 12, 31), date(2023, 9, 30)]
