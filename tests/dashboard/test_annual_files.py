"""The annual tables as files: what stands in them, that text stays text, and that a PDF can be heard."""

from __future__ import annotations

import io
from datetime import UTC, date, datetime
from html.parser import HTMLParser
from pathlib import Path

import openpyxl
import polars as pl
import pypdf
import pytest
from pypdf.generic import BooleanObject, DictionaryObject

from connectors.published import read
from dashboard.annual import AnnualReport, report
from dashboard.annual_files import WRITERS, as_csv, as_html, as_pdf, as_xlsx, figures
from dashboard.pdf import Document, Section, pdf_bytes
from kpis.annual.tables import annual_tables, reporting_year
from kpis.area import Area
from kpis.published.check import check_figures
from tests.dashboard.conftest import ODD
from tests.kpis.published_areas import JERSEY_AS_AT, england_and_wales, jersey_2023, printed
from tests.kpis.test_annual import area_of

MADE_AT = datetime(2024, 4, 3, 9, 15, tzinfo=UTC)
FORMULA = '=HYPERLINK("http://example.invalid","x")'


def report_of(area: Area, year: str) -> AnnualReport:
    cells = annual_tables(area, reporting_year(year, area.standard, area.as_at))
    return report(cells, f"Annual tables {year}", {"Area": area.name, "As at": "31 March 2024"})


@pytest.fixture(scope="module")
def jersey() -> AnnualReport:
    """The report of Jersey 2023, an agency's name in it being a formula, and another's every kind of markup."""
    tables = jersey_2023()
    for referral, name in zip(tables["referrals"], [FORMULA] * 3 + [ODD] * 2, strict=False):
        referral["source_agency"] = name
    return report_of(area_of(tables, "jersey", JERSEY_AS_AT, "Jersey"), "2023")


@pytest.fixture(scope="module")
def kent() -> AnnualReport:
    tables = england_and_wales(printed("kent", "2013-14"), "kent", date(2013, 4, 1), date(2014, 3, 31))
    return report_of(area_of(tables, "hampshire", date(2014, 3, 31), "Kent"), "2013-14")


def test_small_numbers_are_warned_of_and_a_whole_year_is_not_called_running(kent: AnnualReport) -> None:
    (warning,) = kent.warnings
    small = kent.cells.filter(pl.col("value").is_between(1, 4))
    assert warning.startswith(f"Small numbers: {small.height} of the figures are from 1 to 4.")
    running = report(kent.cells, "x", {"Area": "Kent"}, "4 May 2013")
    assert running.warnings[0] == "The reporting year is not over: the figures are those up to 4 May 2013."


# CSV


def test_the_csv_can_be_checked_as_a_published_report_and_adds_up(jersey: AnnualReport, kent: AnnualReport) -> None:
    for made in (jersey, kent):
        figures_read = read(as_csv(made), "annual.csv")
        assert figures_read.height == figures(made).height > 40
        checked = check_figures(figures_read)
        assert checked.checks > 10
        assert not checked.has_errors


def test_the_csv_starts_no_formula_and_says_what_is_not_supplied(jersey: AnnualReport) -> None:
    rows = pl.read_csv(io.BytesIO(as_csv(jersey)), infer_schema=False)
    assert f"'{FORMULA}" in rows["column"].to_list()
    assert FORMULA not in rows["column"].to_list()
    empty = report_of(area_of({"cases": []}, "jersey", date(2023, 12, 31), "Nowhere"), "2023")
    bare = pl.read_csv(io.BytesIO(as_csv(empty)), infer_schema=False)
    assert set(bare["value"]) == {None}
    assert set(bare["state"]) == {"not supplied"}


# A workbook


def test_the_workbook_holds_numbers_as_numbers_and_text_as_text(jersey: AnnualReport) -> None:
    book = openpyxl.load_workbook(io.BytesIO(as_xlsx(jersey, MADE_AT)))
    assert book.sheetnames == ["About", "Tables", "All figures"]
    cells = [cell for row in book["Tables"].iter_rows() for cell in row if cell.value is not None]
    by_label = {row[0].value: [cell.value for cell in row[1:7]] for row in book["Tables"].iter_rows() if row[0].value}
    assert by_label["2. People under management on 31 December 2023, by level and category"][0] is None
    assert by_label["Managed through multi-agency plans"][0] == 87
    assert by_label[FORMULA][0] == 3
    for sheet in book:
        for row in sheet.iter_rows():
            assert all(cell.data_type in {"s", "n"} and cell.hyperlink is None for cell in row)
    assert {cell.value for cell in cells} >= {246, 158, "Total"}
    assert book["About"]["A1"].value == "What"
    assert as_xlsx(jersey, MADE_AT) == as_xlsx(jersey, MADE_AT)


# HTML


class Seen(HTMLParser):
    """The tags, the attributes that fetch or run something, and the text of a page."""

    def __init__(self) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.fetched: list[str] = []
        self.text = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.fetched += [
            value or "" for name, value in attrs if name in {"src", "href", "srcset"} or name.startswith("on")
        ]

    def handle_data(self, data: str) -> None:
        self.text += data


def test_the_html_is_one_file_that_fetches_nothing_and_shows_text_as_it_stands(jersey: AnnualReport) -> None:
    page = as_html(jersey).decode()
    seen = Seen()
    seen.feed(page)
    assert all(address.startswith("#table-") for address in seen.fetched)
    assert not {"script", "link", "img", "iframe", "b"} & set(seen.tags)
    assert "url(" not in page
    assert "default-src 'none'" in page
    assert ODD[:1].upper() + ODD[1:] in seen.text
    assert seen.tags.count("table") == len(jersey.tables) == 10
    assert page.count('scope="row"') == sum(len(each.rows) for each in jersey.tables)


# PDF


def pdf(content: bytes) -> pypdf.PdfReader:
    return pypdf.PdfReader(io.BytesIO(content))


def test_the_pdf_is_tagged_has_contents_and_page_numbers_and_every_table(jersey: AnnualReport) -> None:
    read_back = pdf(as_pdf(jersey, MADE_AT))
    root = read_back.root_object
    marked = root["/MarkInfo"]
    assert isinstance(marked, DictionaryObject)
    assert marked["/Marked"] == BooleanObject(value=True)
    assert root["/Lang"] == "en-GB"
    assert read_back.metadata is not None
    assert read_back.metadata.title == "Annual tables 2023"
    assert len(read_back.outline) >= 10
    pages = [page.extract_text() for page in read_back.pages]
    assert [f"Page {n} of {len(pages)}" in text for n, text in enumerate(pages, start=1)] == [True] * len(pages)
    text = " ".join("\n".join(pages).split())
    assert "Contents" in pages[0]
    for table in jersey.tables:
        assert text.count(table.heading) >= 2  # in the contents and over the table
    assert "Managed through multi-agency plans 87" in text
    assert "<script>alert(1)</script>" in text.replace(" ", "")


def test_the_same_tables_give_the_same_pdf(kent: AnnualReport) -> None:
    assert as_pdf(kent, MADE_AT) == as_pdf(kent, MADE_AT)


@pytest.mark.parametrize(
    "text", ['#panic("x")', "$x$ *b* _i_ `c` @a <l> // c /* c", '"\\', "日本 \U0001f600 \x00\u200b", "x" * 300]
)
def test_no_text_does_anything_in_a_pdf(text: str) -> None:
    content = pdf_bytes(
        Document(text, [(text, text)], [text], [Section(text, [text, "n"], [[text, "1"]], [text])], text)
    )
    shown = "".join(page.extract_text() for page in pdf(content).pages)
    if text.isascii() and "\n" not in text:
        assert "".join(text.split()) in "".join(shown.split())
    else:
        assert "□" in shown


def test_every_kind_of_file_is_made_of_tables_of_which_nothing_is_known(tmp_path: Path) -> None:
    empty = report_of(area_of({"cases": []}, "england-wales", date(2023, 12, 31)), "2022-23")
    for ending, write in WRITERS.items():
        (tmp_path / f"x{ending}").write_bytes(write(empty, MADE_AT))
        assert (tmp_path / f"x{ending}").stat().st_size > 300
    assert "Not supplied: the records have no table events." in as_html(empty).decode()
