"""The Board's pack: its figures are those of the snapshot, in all four kinds of file, whatever is in the records."""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import openpyxl
import polars as pl
import pypdf
import pytest
from pptx import Presentation
from pptx.util import Pt

from connectors.store import BoardAction, Commentary, Store
from dashboard import frames, pack_command
from dashboard.pack import Snapshot, pack, stored
from dashboard.pack_command import of_store
from dashboard.pack_files import WRITERS
from dashboard.pack_parts import Cell, Pack, Table
from dashboard.refresh import refresh
from dashboard.settings import load_settings, store_address
from kpis.results import HEADLINE, UNIT
from kpis.suppression import HIDDEN
from tests.command import mappa
from tests.dashboard.area_folder import settings_in
from tests.dashboard.conftest import AS_AT, MADE_AT, ODD, OpenPage

pytestmark = pytest.mark.long

HOSTILE = (
    "<script>alert(1)</script>",
    "=cmd|'/c calc'!A1",
    "@SUM(1)",
    "محاكمة",
    "a\N{RIGHT-TO-LEFT OVERRIDE}evil",
    "\N{GRINNING FACE} _x000D_ ${x} #panic()",
)
NBSP = "\N{NO-BREAK SPACE}"


def snapshot(settings: Path, standard: str = "jersey", period: str = "2023-Q4", number: int | None = None) -> Snapshot:
    with Store.open(store_address(load_settings(settings)), read_only=True) as store:
        known = store.snapshots()
        info = known[-1] if number is None else next(each for each in known if each.id == number)
        given = stored(store, info, standard, lambda periods: next(each for each in periods if each.name == period))
        kept = {
            name: given.frame(name)
            for name in (of(standard) for of in (frames.referrals, frames.caseload, frames.completeness))
        }
    return replace(given, frame=kept.get)


@pytest.fixture(scope="module")
def sample(sample_settings: Path) -> Snapshot:
    return snapshot(sample_settings)


@pytest.fixture(scope="module")
def hidden(sample: Snapshot) -> Pack:
    return pack(sample)


@pytest.fixture(scope="module")
def whole(sample: Snapshot) -> Pack:
    return pack(sample, small_counts=True)


@pytest.fixture(scope="module")
def files(hidden: Pack) -> dict[str, bytes]:
    return {ending: write(hidden) for ending, write in WRITERS.items()}


def table(made: Pack, title: str) -> list[dict[str, str]]:
    (found,) = [each for part in made.parts for each in part.tables if each.title == title]
    return [dict(zip(found.headings, (cell.text for cell in row), strict=True)) for row in found.rows]


def one_line(text: str) -> str:
    return " ".join(text.replace(NBSP, " ").split())


# The figures


def test_every_figure_of_every_measure_is_the_stored_one(sample: Snapshot, whole: Pack) -> None:
    """Read from the model of the pack, every number against the results of the snapshot."""
    titles = {each["title"]: name for name, each in sample.definitions["measures"].items()}
    quarters = [each.name for each in sorted(sample.periods) if each.kind == "quarter" and each.end <= AS_AT][-8:]
    compared = 0
    for part in whole.parts:
        for found in part.tables:
            if not found.title.endswith(", the latest period first"):
                continue
            rows = sample.results.filter(measure=titles[part.title], by=HEADLINE)
            assert [row[0].text for row in found.rows] == quarters[::-1]
            for cells in found.rows:
                (row,) = rows.filter(period=cells[0].text).to_dicts()
                names = ("rate", "met", "owed", "unknown", "worst", "best", "target")
                assert [cell.number for cell in cells[1:8]] == [row[name] for name in names]
                assert row["verdict"].removeprefix("no ") in cells[8].text
                compared += 1
    assert compared == 8 * 6


def test_breakdowns_screening_referrals_and_caseload_are_the_stored_ones(sample: Snapshot, whole: Pack) -> None:
    of_units = sample.results.filter(period="2023-Q4", by=UNIT)
    agencies = table(whole, "Invited agencies took part in level 2 and 3 meetings, by agency, 2023-Q4")
    wanted = {row["unit"]: row for row in of_units.filter(measure="agency_attendance").to_dicts()}
    assert {row["Agency"]: (int(row["Met"]), int(row["Owed"]), int(row["Missing"])) for row in agencies} == {
        name: (row["met"], row["owed"], row["unknown"]) for name, row in wanted.items()
    }
    screenings = table(whole, "Screening meetings by outcome, 2023-Q4")
    outcomes = of_units.filter(measure="screening_outcomes")["owed"]
    assert sorted(int(row["Screenings"]) for row in screenings[:-1]) == sorted(outcomes.to_list())
    assert int(screenings[-1]["Screenings"]) == outcomes.sum() == 7
    kept = sample.frame(frames.referrals("jersey"))
    assert kept is not None
    for by, title in (("route", "by route"), ("concern", "by concern"), ("source_agency", "by referring agency")):
        rows = table(whole, f"Referrals {title}, 2023-Q4")
        counts = {next(iter(row.values())): int(row["Referrals"]) for row in rows}
        stored_counts = dict(kept.filter(period="2023-Q4", by=by).select("name", "referrals").iter_rows())
        assert counts == {**stored_counts, "Total": sum(stored_counts.values())}
    cases = table(whole, "Cases by category and level at the end of 31 December 2023")
    assert cases[0]["Level 1"] == "158"
    assert cases[-1]["Total"] == "246"


COUNTS = {"Met", "Owed", "Missing", "Number", "Screenings", "Referrals", "Total", "Level 1", "Level 2", "Level 3"}


def of_no_case(text: str) -> bool:
    """Attendance at the Board and its meetings are no counts of cases."""
    return "Strategic Management Board" in text


def test_the_default_hides_every_small_count_and_says_so(hidden: Pack, whole: Pack) -> None:
    small = {"1", "2", "3", "4"}
    for found in every_table(hidden):
        columns = [at for at, heading in enumerate(found.headings) if heading in COUNTS]
        for row in found.rows:
            if of_no_case(found.title) or of_no_case(row[0].text):
                continue
            assert not small & {row[at].text for at in columns}, found.title
            for cell in row[1:] if found.words == 1 else ():
                assert not re.search(r"\b[1-4] of|of [1-4]\b|\b[1-4] missing", cell.text), (found.title, cell.text)
    told = hidden_cells(hidden)
    assert len(told) > 40
    assert all(cell.number is None for cell in told)
    assert f"a “{HIDDEN}” stands for them" in hidden.about["Small counts"]
    assert not hidden_cells(whole)
    assert whole.warnings[0].startswith("Small counts are shown in full.")


def test_no_chart_draws_a_hidden_figure(hidden: Pack) -> None:
    for part in hidden.parts:
        for chart in part.charts:
            for each in chart.series:
                assert [
                    value is None
                    for value, text in zip(each.values, each.texts, strict=True)
                    if text == HIDDEN or f"({HIDDEN})" in text
                ] == [True for text in each.texts if text == HIDDEN or f"({HIDDEN})" in text]


def test_the_pack_says_what_it_is(hidden: Pack) -> None:
    wanted = "Area, Standard, Period, As at, Snapshot, Filters, Small counts, Definitions, Check your edition, Made by"
    assert ", ".join(hidden.about) == wanted
    assert hidden.foot == "Jersey (sample) · 2023-Q4 · as at 31 December 2023 · snapshot 1"
    assert hidden.parts[0].title == "The quarter in figures"
    assert hidden.parts[2].message.replace(NBSP, " ") == (
        "Level 2 cases reviewed in time: 17 of 28 cases (60.7 %), target 85 %, ✗ not met; "
        "down 1.8 percentage points from 62.5 % (15 of 24) in 2023-Q3."
    )
    assert [part.title for part in hidden.parts][-6:] == [
        "Further measures", "Screening outcomes", "Referrals", "Caseload", "Data quality in short", "Definitions used",
    ]  # fmt: skip


def test_a_year_is_set_beside_years(sample_settings: Path) -> None:
    made = pack(snapshot(sample_settings, period="2023"))
    assert made.parts[0].title == "The year in figures"
    rows = table(made, "Level 2 cases reviewed in time, the latest period first")
    assert [row["Period"] for row in rows] == [str(year) for year in range(2023, 2015, -1)]


def test_a_period_that_still_runs_says_so(sample_settings: Path) -> None:
    made = pack(snapshot(sample_settings, "hampshire", "2023-24"))
    assert made.warnings == ["The period is not over: the figures are those up to 31 December 2023."]


# The files, read back


def cells_of(found: Table) -> list[str]:
    return [one_line(cell.text) for row in found.rows for cell in row]


def every_table(made: Pack) -> Iterator[Table]:
    for part in made.parts:
        yield from part.tables


def hidden_cells(made: Pack) -> list[Cell]:
    return [cell for found in every_table(made) for row in found.rows for cell in row if cell.text == HIDDEN]


class Page(HTMLParser):
    """The tables of a page, its text, and whatever in it could fetch or run something."""

    def __init__(self) -> None:
        super().__init__()
        self.tables: list[list[list[str]]] = []
        self.tags: list[str] = []
        self.fetched: list[str] = []
        self.labels: list[str] = []
        self.text = ""
        self.inside = False

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        for name, value in attrs:
            if name in {"src", "href", "srcset", "xlink:href", "action", "data"} or name.startswith("on"):
                self.fetched.append(value or "")
            if tag == "svg" and name == "aria-label":
                self.labels.append(value or "")
        if tag == "table":
            self.tables.append([])
        elif tag == "tr":
            self.tables[-1].append([])
        elif tag in {"td", "th"}:
            self.tables[-1][-1].append("")
            self.inside = True

    def handle_endtag(self, tag: str) -> None:
        if tag in {"td", "th"}:
            self.inside = False

    def handle_data(self, data: str) -> None:
        self.text += data
        if self.inside:
            self.tables[-1][-1][-1] += data


def html(content: bytes) -> Page:
    page = Page()
    page.feed(content.decode())
    return page


def test_the_html_holds_every_table_and_fetches_nothing(files: dict[str, bytes], hidden: Pack) -> None:
    page = html(files[".html"])
    told = [[one_line(cell) for row in rows[1:] for cell in row] for rows in page.tables]
    assert told == [cells_of(each) for each in every_table(hidden)]
    assert page.fetched == [f"#part-{at}" for at in range(1, len(hidden.parts) + 1)]
    assert not {"script", "link", "img", "iframe", "object", "style-src"} & set(page.tags)
    assert "url(" not in files[".html"].decode()
    assert "default-src 'none'" in files[".html"].decode()
    charts = [chart for part in hidden.parts for chart in part.charts if not chart.is_empty]
    assert page.labels == [chart.alt for chart in charts]
    assert len(charts) >= 7


def test_the_workbook_holds_every_number_as_a_number(files: dict[str, bytes], hidden: Pack) -> None:
    book = openpyxl.load_workbook(io.BytesIO(files[".xlsx"]))
    assert book.sheetnames[0] == "About"
    about = {row[0].value: row[1].value for row in book["About"].iter_rows()}
    assert about.items() >= {name: text or None for name, text in hidden.about.items()}.items()
    for sheet, part in zip(book.worksheets[1:], hidden.parts, strict=True):
        values = [[cell.value for cell in row] for row in sheet.iter_rows(max_col=12)]
        at = 0
        for found in part.tables:
            at = next(place for place in range(at, len(values)) if values[place][0] == found.title)
            for place, row in enumerate(found.rows, start=at + 2):
                for told, cell in zip(values[place], row, strict=False):
                    if cell.number is None:
                        assert (told or "") == cell.text
                    else:
                        assert told == pytest.approx(cell.number, rel=1e-12)
        drawn = [chart for chart in part.charts if not chart.is_empty]
        assert len(sheet._charts) == len(drawn)
        assert all(cell.data_type in {"s", "n"} and cell.hyperlink is None for row in sheet.iter_rows() for cell in row)
    with zipfile.ZipFile(io.BytesIO(files[".xlsx"])) as packed:
        drawings = [packed.read(name).decode() for name in packed.namelist() if name.startswith("xl/drawings/drawing")]
    assert drawings
    assert all('descr="' in each for each in drawings)


def pdf_text(content: bytes) -> tuple[pypdf.PdfReader, list[str]]:
    read = pypdf.PdfReader(io.BytesIO(content))
    return read, [page.extract_text() for page in read.pages]


def test_the_pdf_is_tagged_numbered_and_holds_every_part(files: dict[str, bytes], hidden: Pack) -> None:
    read, pages = pdf_text(files[".pdf"])
    root: Any = read.root_object
    assert root["/MarkInfo"]["/Marked"]
    assert root["/Lang"] == "en-GB"
    assert read.metadata is not None
    assert read.metadata.title == "Board pack, 2023-Q4"
    assert [f"Page {n} of {len(pages)}" in one_line(text) for n, text in enumerate(pages, start=1)] == [True] * len(
        pages
    )
    assert "Contents" in pages[0]
    bare = "".join("".join(pages).replace(NBSP, "").split())
    for at, part in enumerate(hidden.parts, start=1):
        assert bare.count("".join(f"{at}. {part.title}".split())) >= 2, part.title  # in the contents and over the part
        assert "".join(part.message.replace(NBSP, "").split()) in bare
    for name, text in hidden.about.items():
        assert "".join(f"{name}: {text}".split()) in bare
    # Row by row: the figures of the trend stand on one line, in the order of the headings.
    rows = table(hidden, "Level 2 cases reviewed in time, the latest period first")
    for row in rows:
        assert "".join("".join(row[name] for name in list(row)[:8]).replace(NBSP, "").split()) in bare
    alternatives = [str(each) for each in _alternatives(read)]
    assert len(alternatives) == sum(not chart.is_empty for part in hidden.parts for chart in part.charts)


def _alternatives(read: pypdf.PdfReader) -> Iterator[object]:
    """The alternative texts in the tags of a PDF."""
    seen, waiting = set(), [read.root_object["/StructTreeRoot"].get_object()]
    while waiting:
        node: Any = waiting.pop()
        node = node.get_object() if hasattr(node, "get_object") else node
        if isinstance(node, dict):
            if id(node) in seen:
                continue
            seen.add(id(node))
            if "/Alt" in node:
                yield node["/Alt"]
            if "/K" in node:
                waiting.append(node["/K"])
        elif isinstance(node, list):
            waiting += list(node)


def slides(content: bytes) -> list[Any]:
    return list(Presentation(io.BytesIO(content)).slides)


def test_the_slides_have_native_charts_alt_text_notes_and_room(files: dict[str, bytes], hidden: Pack) -> None:
    shown = Presentation(io.BytesIO(files[".pptx"]))
    wide, tall = shown.slide_width, shown.slide_height
    assert wide is not None
    assert tall is not None
    titles, charts = [], []
    for slide in shown.slides:
        titles.append(slide.shapes.title.text_frame.text)
        assert slide.notes_slide.notes_text_frame.text.strip()
        boxes = []
        for shape in slide.shapes:
            assert shape.left >= 0
            assert shape.left + shape.width <= wide
            height = sum(row.height for row in shape.table.rows) if shape.has_table else shape.height
            assert shape.top + height <= tall, (titles[-1], shape.shape_type)
            boxes.append((shape.left, shape.top, shape.left + shape.width, shape.top + height))
            if shape.has_chart or shape.has_table:
                assert shape._element.nvGraphicFramePr.cNvPr.get("descr")
            if shape.has_chart:
                charts.append(shape.chart)
            assert min(_sizes(shape), default=Pt(12)) >= Pt(12)
        for at, one in enumerate(boxes):
            for other in boxes[at + 1 :]:
                apart = one[2] <= other[0] or other[2] <= one[0] or one[3] <= other[1] or other[3] <= one[1]
                assert apart, (titles[-1], one, other)
    assert all(titles)
    assert len(set(titles)) == len(titles)
    drawn = [chart for part in hidden.parts for chart in part.charts if not chart.is_empty]
    assert len(charts) == len(drawn)
    for chart, wanted in zip(charts, drawn, strict=True):
        assert [list(each.values) for each in chart.plots[0].series][: len(wanted.series)] == [
            list(each.values) for each in wanted.series
        ]
        assert list(chart.plots[0].categories) == list(wanted.categories)
        behind = openpyxl.load_workbook(io.BytesIO(chart.part.chart_workbook.xlsx_part.blob)).active
        assert behind is not None
        told = [cell.value for cell in behind["B"]][1:]
        assert [each is None for each in told] == [each is None for each in wanted.series[0].values]
        assert [each for each in told if each is not None] == pytest.approx(
            [each for each in wanted.series[0].values if each is not None]
        )
    notes = " ".join(slide.notes_slide.notes_text_frame.text for slide in shown.slides)
    assert "Numerator: " in notes
    assert "Denominator: " in notes


def _sizes(shape: Any) -> list[int]:
    frames_of = [cell.text_frame for row in shape.table.rows for cell in row.cells] if shape.has_table else []
    frames_of += [shape.text_frame] if shape.has_text_frame else []
    return [
        paragraph.font.size
        for frame in frames_of
        for paragraph in frame.paragraphs
        if paragraph.text and paragraph.font.size
    ]


def table_cells(shown: list[Any]) -> list[str]:
    return [
        one_line(cell.text)
        for slide in shown
        for shape in slide.shapes
        if shape.has_table
        for row in list(shape.table.rows)[1:]
        for cell in row.cells
    ]


def test_the_slides_hold_every_row_of_every_table(files: dict[str, bytes], hidden: Pack) -> None:
    told = table_cells(slides(files[".pptx"]))
    wanted = [cell for found in every_table(hidden) for cell in cells_of(found)]
    assert told[-len(wanted) :] == wanted


# Made again


def test_the_area_says_what_makes_a_count_too_small(own_settings: Path) -> None:
    text = own_settings.read_text("utf-8")
    hidden = []
    for below, said in ((1, "No count is too small"), (2, "Counts of 1 are not shown"), (8, "Counts from 1 to 7 are")):
        own_settings.write_text(f"suppress_below = {below}\n{text}", encoding="utf-8")
        with of_store(load_settings(own_settings), None, "jersey", "2023-Q4") as given:
            made = pack(given)
        assert made.about["Small counts"].startswith(said)
        hidden.append(sum(cell.text == HIDDEN for each in every_table(made) for row in each.rows for cell in row))
    assert hidden[0] == 0 < hidden[1] < hidden[2]


def test_what_was_written_for_the_board_stands_in_every_file(own_settings: Path) -> None:
    at = datetime(2024, 2, 6, 14, 30, tzinfo=UTC)
    area = load_settings(own_settings).area
    with Store.open(store_address(load_settings(own_settings))) as store:
        line = Commentary(
            area, "jersey", "2023-Q4", "review_level_2", "Two panels <b>were</b> cancelled", "chair", at, 1
        )
        store.write_commentary(line, 0)
        action = BoardAction(
            area, "Police to explain =absences", "police", date(2023, 12, 1), "2023-Q3", date(2023, 9, 30),
            date(2023, 9, 30), "chair", at, measure="agency_attendance",
        )  # fmt: skip
        store.raise_board_action(action)
    made = pack(snapshot(own_settings))
    said = next(part for part in made.parts if part.title == "Level 2 cases reviewed in time").says
    assert said[0] == "Commentary: Two panels <b>were</b> cancelled (chair, 6 February 2024)"
    part = next(part for part in made.parts if part.title == "Actions of the Board")
    assert part.message == "Actions of the Board: 1 open, 1 of them overdue."
    (row,) = table(made, "Actions of the Board")
    assert row["Action"] == "1. Police to explain =absences"
    assert row["State"] == "✗ overdue by 30 days, carried over from 2023-Q3"
    files = {ending: write(made) for ending, write in WRITERS.items()}
    assert "Two panels &lt;b&gt;were&lt;/b&gt; cancelled" in files[".html"].decode()
    assert any("Police to explain" in text for text in pdf_text(files[".pdf"])[1])
    assert any("Police to explain =absences" in text for text in table_cells(slides(files[".pptx"])))
    cells = [
        cell.value for sheet in openpyxl.load_workbook(io.BytesIO(files[".xlsx"])) for row in sheet for cell in row
    ]
    assert "1. Police to explain =absences" in cells
    assert all(part.title != "Actions of the Board" for part in pack(snapshot(own_settings, period="2023-Q2")).parts)


def test_made_twice_the_files_are_the_same_to_the_byte(files: dict[str, bytes], sample: Snapshot) -> None:
    again = pack(sample)
    for ending, write in WRITERS.items():
        assert write(again) == files[ending], ending


def test_an_old_snapshot_gives_the_old_numbers_after_a_refresh(tmp_path: Path) -> None:
    records = tmp_path / "records"
    write(records, area(30))
    settings = settings_in(tmp_path)
    refresh(load_settings(settings), AS_AT, MADE_AT)
    before = pack(snapshot(settings))
    write(records, area(60))
    refresh(load_settings(settings), AS_AT, MADE_AT + timedelta(days=1))
    assert pack(snapshot(settings, number=1)) == before
    new, old = pack(snapshot(settings)), pack(snapshot(settings, number=1))
    assert new.about["Snapshot"] != old.about["Snapshot"]
    assert "60 cases" in " ".join(part.message for part in new.parts)
    assert "30 cases" in " ".join(part.message for part in old.parts)


# Few, many, and odd records


def area(cases: int, agencies: tuple[str, ...] = ("police",), meetings: int = 1) -> dict[str, list[dict[str, object]]]:
    """Cases at level 2 with meetings in the last quarter of 2023, to which the agencies were invited."""
    ids = [f"C{at}" for at in range(cases)]
    held = [(case, f"{case}M{at}") for case in ids for at in range(meetings)]
    return {
        "cases": [
            {"case_id": case, "category": "1", "level": "2", "location": "community", "entered_on": "2023-07-05",
             "lead_agency": agencies[0], "birth_year": 1970, "sex": "male", "visor_recorded": True}
            for case in ids
        ],
        "meetings": [
            {"meeting_id": meeting, "case_id": case, "held_on": "2023-11-08", "kind": "level 2", "outcome_level": "2",
             "chair_agency": agencies[0], "disclosure_considered": True, "disclosure_decision": "disclose"}
            for case, meeting in held
        ],
        "attendance": [
            {"meeting_id": meeting, "agency": agency, "mode": "in person" if (at + place) % 3 else "absent", "senior_enough": True}
            for place, (_, meeting) in enumerate(held)
            for at, agency in enumerate(agencies)
        ],
        "referrals": [
            {"referral_id": f"R{at}", "received_on": "2023-10-04", "source_agency": agencies[at % len(agencies)],
             "concern": "sexual"}
            for at in range(cases)
        ],
    }  # fmt: skip


def write(folder: Path, tables: dict[str, list[dict[str, object]]]) -> None:
    folder.mkdir(exist_ok=True)
    for name, rows in tables.items():
        pl.DataFrame(rows).write_csv(folder / f"{name}.csv")


def of_records(folder: Path, tables: dict[str, list[dict[str, object]]], **named: str) -> Snapshot:
    write(folder / "records", tables)
    settings = settings_in(folder, **named)
    refresh(load_settings(settings), AS_AT, MADE_AT)
    return snapshot(settings)


def read_back(made: Pack) -> dict[str, str]:
    """Every file made and read; ending → the text in it, without spaces."""
    contents = {ending: write_it(made) for ending, write_it in WRITERS.items()}
    book = openpyxl.load_workbook(io.BytesIO(contents[".xlsx"]))
    texts = {
        ".html": html(contents[".html"]).text,
        ".pdf": "".join(pdf_text(contents[".pdf"])[1]),
        ".xlsx": " ".join(
            str(cell.value) for sheet in book for row in sheet.iter_rows() for cell in row if cell.value is not None
        ),
        ".pptx": " ".join(table_cells(slides(contents[".pptx"])))
        + " ".join(
            shape.text_frame.text
            for slide in slides(contents[".pptx"])
            for shape in slide.shapes
            if shape.has_text_frame
        ),
    }
    return {ending: "".join(text.replace(NBSP, "").split()) for ending, text in texts.items()}


def test_a_pack_of_records_does_not_speak_of_storing(tmp_path: Path) -> None:
    write(tmp_path / "records", area(1))
    steps: list[str] = []
    named = load_settings(settings_in(tmp_path))
    with pack_command.of_records(named, AS_AT, MADE_AT, None, lambda what, _done, _of: steps.append(what)):
        pass
    assert "putting the figures together" in steps
    assert steps[0] == "reading the source"
    assert not [each for each in steps if "stor" in each]


def test_no_case_at_all_is_no_nought_per_cent(tmp_path: Path) -> None:
    tables = {name: rows[:1] for name, rows in area(1).items()}
    write(tmp_path / "records", tables)
    for name in tables:
        path = tmp_path / "records" / f"{name}.csv"
        path.write_text(path.read_text().splitlines()[0] + "\n")
    settings = settings_in(tmp_path)
    refresh(load_settings(settings), AS_AT, MADE_AT)
    made = pack(snapshot(settings))
    assert "Level 2 cases reviewed in time: – nothing due." in [part.message for part in made.parts]
    for ending, text in read_back(made).items():
        assert "nothingdue" in text, ending
        assert "100.0%" not in text, ending
        assert "Nocasewasundermanagement" in text or "notsupplied:thesourceholdsnocases" in text, ending


def test_one_case_is_hidden_throughout_and_shown_when_asked(tmp_path: Path) -> None:
    given = of_records(tmp_path, area(1))
    made = pack(given)
    title = "Disclosure considered and the decision recorded"
    message = next(part.message for part in made.parts if part.title == title)
    assert message.startswith(f"{title}: {HIDDEN} of {HIDDEN} meetings ({HIDDEN}), target")
    assert "verdict c not shown" in message
    for ending, text in read_back(made).items():
        assert "1of1meeting" not in text, ending
        assert "1of1case" not in text, ending
        assert "ccasesundermanagement" in text, ending
    shown = pack(given, small_counts=True)
    assert "1 case under management" in html(WRITERS[".html"](shown)).text
    assert "1 of 1 meeting (" in html(WRITERS[".html"](shown)).text


def test_five_hundred_rows_are_all_there(tmp_path: Path) -> None:
    agencies = tuple(f"agency {at:03}" for at in range(500))
    given = of_records(tmp_path, area(1, agencies, meetings=9))
    made = pack(given, small_counts=True)
    rows = table(made, "Invited agencies took part in level 2 and 3 meetings, by agency, 2023-Q4")
    assert [row["Agency"] for row in rows] == list(agencies)
    texts = read_back(made)
    for ending, text in texts.items():
        missing = [name for name in agencies if "".join(name.split()) not in text]
        assert not missing, (ending, missing[:3])
    hidden = pack(given)
    of_agencies = table(hidden, "Invited agencies took part in level 2 and 3 meetings, by agency, 2023-Q4")
    assert len(of_agencies) == 500
    assert {row["Met"] for row in of_agencies} == {HIDDEN}
    assert {row["Owed"] for row in of_agencies} == {"9"}


def test_hostile_names_do_nothing_anywhere(tmp_path: Path) -> None:
    given = of_records(tmp_path, area(9, (*HOSTILE, ODD), meetings=1), area="x & <b>y</b> =1+1")
    made = pack(given, small_counts=True)
    contents = {ending: write_it(made) for ending, write_it in WRITERS.items()}
    page = html(contents[".html"])
    assert not {"script", "b"} & set(page.tags)
    assert all(address.startswith("#part-") for address in page.fetched)
    assert "<script>alert(1)</script>" in page.text
    assert "\N{RIGHT-TO-LEFT OVERRIDE}" not in page.text
    assert "محاكمة" in page.text
    book = openpyxl.load_workbook(io.BytesIO(contents[".xlsx"]))
    cells = [cell for sheet in book for row in sheet.iter_rows() for cell in row if cell.value is not None]
    assert "=cmd|'/c calc'!A1" in {cell.value for cell in cells}
    assert {cell.data_type for cell in cells} <= {"s", "n"}
    shown = slides(contents[".pptx"])
    assert one_line(HOSTILE[1]) in table_cells(shown)
    for slide in shown:
        for shape in slide.shapes:
            if shape.has_chart:
                behind = openpyxl.load_workbook(io.BytesIO(shape.chart.part.chart_workbook.xlsx_part.blob))
                assert {
                    cell.data_type for row in behind.active.iter_rows() for cell in row if cell.value is not None
                } <= {"s", "n"}
    assert "panic" in "".join(pdf_text(contents[".pdf"])[1])


# The command and the page


def test_the_command_writes_each_kind_from_the_store(
    sample_settings: Path, tmp_path: Path, files: dict[str, bytes]
) -> None:
    for ending in (".pptx", ".html"):
        out = tmp_path / f"pack{ending}"
        ran = mappa("pack", "--settings", sample_settings, "--period", "2023-Q4", "--out", out)
        assert (ran.code, ran.out) == (0, "")
        assert "Wrote Board pack, 2023-Q4 with" in ran.err
        assert out.read_bytes() == files[ending]
        assert out.stat().st_mode & 0o077 == 0
    ran = mappa(
        "pack",
        "--settings",
        sample_settings,
        "--period",
        "2023-Q4",
        "--snapshot",
        1,
        "--small-counts",
        "--out",
        tmp_path / "all.html",
    )
    assert ran.code == 0
    assert "Small counts are shown in full." in ran.err
    assert (tmp_path / "all.html").read_bytes() != files[".html"]


def test_the_command_can_make_it_from_the_records_alone(tmp_path: Path, whole: Pack) -> None:
    out = tmp_path / "pack.html"
    ran = mappa(
        "pack",
        "--source",
        "sample",
        "--as-at",
        "2023-12-31",
        "--standard",
        "jersey",
        "--period",
        "2023-Q4",
        "--small-counts",
        "--out",
        out,
    )
    assert ran.code == 0, ran.err
    page = html(out.read_bytes())
    assert "none kept: made straight from the records" in page.text
    message = next(part.message for part in whole.parts if part.title == "Level 2 cases reviewed in time")
    assert message in page.text
    assert [path.name for path in tmp_path.iterdir()] == ["pack.html"]


@pytest.mark.parametrize(
    ("words", "code", "said"),
    [
        (("--out", "pack.doc"), 2, "the name must end in .pdf or .pptx or .xlsx or .html"),
        (("--out", "p.pdf", "--period", "1999-Q4"), 2, "there is nothing for “1999-Q4” under the standard jersey"),
        (("--out", "p.pdf", "--snapshot", "7"), 2, "there is no snapshot 7 of Jersey (sample); there is 1"),
        (("--out", "p.pdf", "--standard", "england-wales"), 2, "snapshot 1 was not measured by england-wales"),
        (("--out", "p.pdf", "--snapshot", "1", "--source", "sample"), 2, "Leave out --source and --as-at"),
    ],
)
def test_what_cannot_be_made_is_said(
    sample_settings: Path, tmp_path: Path, words: tuple[str, ...], code: int, said: str
) -> None:
    placed = [str(tmp_path / word) if word.startswith(("pack.", "p.")) else word for word in words]
    ran = mappa("pack", "--settings", sample_settings, *placed)
    assert ran.code == code
    assert said in ran.said
    assert list(tmp_path.iterdir()) == []


def test_a_store_without_a_snapshot_says_what_to_do(tmp_path: Path) -> None:
    write(tmp_path / "records", area(1))
    settings = settings_in(tmp_path)
    ran = mappa("pack", "--settings", settings, "--out", tmp_path / "p.pdf")
    assert ran.code == 5


def test_the_page_offers_the_four_files_and_the_switch(sample_settings: Path, open_page: OpenPage) -> None:
    page = open_page(sample_settings, "board_pack", period="2023-Q4")
    assert [each.proto.label for each in page.get("download_button")] == [
        "Download PDF",
        "Download PowerPoint",
        "Download Excel workbook",
        "Download web page (HTML)",
    ]
    assert not page.checkbox[0].value
    parts = page.table[0].value
    assert parts["Part"].iloc[0] == "The quarter in figures"
    assert not page.warning
    page.checkbox[0].check().run()
    assert page.query_params["small"] == "shown"
    assert "Small counts are shown in full" in page.warning[0].value
