"""A source with headings of its own is pulled by the mapping that is named or lies beside it; others are pulled as ever."""

from __future__ import annotations

from pathlib import Path

import pytest
import xlsxwriter

from checks.errors import SettingsError, SourceError, UsageError
from connectors import sources
from connectors.mapping.propose import propose
from connectors.mapping.pulling import mapping_beside, mapping_place, may_be_mapped, pull, read_files
from connectors.mapping.writing import save_mapping
from tests.connectors.small_area import texts, write_csv

CSV = "Ref;MAPPA Level;Date adopted\nC1;L2;31/12/2023\nC2;1;3/4/2023\n;;\nC3;?9;n/a\n"


def write(folder: Path, name: str, text: str = CSV, encoding: str = "cp1252") -> Path:
    folder.mkdir(exist_ok=True)
    path = folder / name
    path.write_text(text, encoding=encoding)
    return path


def book(path: Path, **sheets: list[list[str]]) -> Path:
    with xlsxwriter.Workbook(str(path)) as workbook:
        for name, rows in sheets.items():
            sheet = workbook.add_worksheet(name)
            for number, row in enumerate(rows):
                sheet.write_row(number, 0, row)
    return path


def proposed(source: Path, place: Path | None = None) -> Path:
    """Save what is proposed for a source."""
    path = place or mapping_place(str(source))
    save_mapping(propose(read_files(str(source)).reads).mapping, path)
    return path


def test_a_file_with_headings_of_its_own_is_pulled_by_the_mapping_beside_it(tmp_path: Path) -> None:
    path = write(tmp_path, "caseload.csv")
    assert proposed(path).name == "caseload.mapping.toml"
    pulled = pull(str(path))
    assert pulled.notes[0] == "Read by the mapping caseload.mapping.toml, which lies beside the source."
    cases = pulled.tables["cases"]
    assert cases.select("case_id", "level", "entered_on", "_row").rows() == [
        ("C1", "2", "2023-12-31", 2), ("C2", "1", "2023-04-03", 3), ("C3", "?9", None, 5)
    ]  # fmt: skip
    (account,) = pulled.accounts
    assert account.adds_up
    assert (account.rows, account.data, account.cells_not_understood) == (5, 3, 1)
    assert any(note.startswith("caseload.csv: 5 rows, of these 3 records; left out:") for note in pulled.notes)


def test_a_mapping_that_is_named_comes_before_the_one_beside(tmp_path: Path) -> None:
    path = write(tmp_path, "caseload.csv")
    proposed(path)
    other = proposed(path, tmp_path / "other.toml")
    other.write_text(
        other.read_text("utf-8").replace('table = "cases"', 'table = "spells"').replace("entered_on", "from_on"),
        "utf-8",
    )
    assert set(pull(str(path), mapping=other).tables) == {"spells"}


def test_changing_the_mapping_changes_its_fingerprint(tmp_path: Path) -> None:
    path = write(tmp_path, "caseload.csv")
    place = proposed(path)
    before = pull(str(path)).mapped_by
    place.write_text(place.read_text("utf-8") + "\n# looked at\n", "utf-8")
    assert before != pull(str(path)).mapped_by


def test_last_months_mapping_is_used_for_this_months_file(tmp_path: Path) -> None:
    proposed(write(tmp_path, "caseload 2024-03.csv"))
    path = write(tmp_path, "caseload 2024-04.csv", CSV.replace("C1", "C9"))
    assert mapping_beside(str(path)) == tmp_path / "caseload 2024-03.mapping.toml"
    assert pull(str(path)).tables["cases"]["case_id"].to_list() == ["C9", "C2", "C3"]
    assert mapping_beside(str(write(tmp_path, "other 2024-04.csv"))) is None


def test_a_folder_of_agencies_files_feeds_one_table(tmp_path: Path) -> None:
    folder = tmp_path / "records"
    write(folder, "police.csv")
    write(folder, "probation.txt", CSV.replace(";", "\t").replace("C2", "C8"), "utf-16")
    book(folder / "prison.xlsx", Cases=[["Ref", "MAPPA Level", "Date adopted"], ["C7", "3", "2023-01-31"]])
    (folder / "letter.docx").write_bytes(b"x")
    assert proposed(folder) == tmp_path / "records.mapping.toml"
    pulled = pull(str(folder))
    cases = pulled.tables["cases"]
    assert sorted(cases["case_id"]) == ["C1", "C1", "C2", "C3", "C3", "C7", "C8"], (
        "two agencies each say that they lead"
    )
    assert cases["lead_agency"].unique().sort().to_list() == ["police", "prison", "probation"]
    assert [file.name for file in pulled.files] == ["police.csv", "prison.xlsx", "probation.txt"]
    assert any('left aside, as they are not of ours: "letter.docx"' in note for note in pulled.notes)
    assert all(account.adds_up for account in pulled.accounts)


def test_canonical_sources_are_pulled_exactly_as_ever(tmp_path: Path) -> None:
    folder = write_csv(tmp_path / "area")
    by_mapping, as_ever = pull(str(folder)), sources.pull(str(folder))
    assert (by_mapping.notes, by_mapping.files, by_mapping.accounts) == (as_ever.notes, as_ever.files, [])
    assert texts(by_mapping).keys() == texts(as_ever).keys()


@pytest.mark.parametrize("name", ["caseload.csv", "caseload.tsv", "caseload.xlsx"])
def test_headings_of_its_own_without_a_mapping_lead_to_map(tmp_path: Path, name: str) -> None:
    path = tmp_path / name
    if name.endswith(".xlsx"):
        book(path, Nominals=[["Ref", "Level"], ["C1", "2"]])
    else:
        write(tmp_path, name)
    with pytest.raises(
        SourceError, match=rf"`mappa-monitor map --source {name}` and the page Sources propose which is which"
    ):
        pull(str(path))


def test_a_sheet_called_cases_with_other_headings_leads_to_map_too(tmp_path: Path) -> None:
    path = book(tmp_path / "b.xlsx", cases=[["Ref", "Colour"], ["C1", "2"]])
    with pytest.raises(SourceError, match="mappa-monitor map"):
        pull(str(path))


@pytest.mark.parametrize("address", ["sample", "sqlite:///a.db", "postgresql://u@h/d"])
def test_what_needs_no_mapping_refuses_one(tmp_path: Path, address: str) -> None:
    assert not may_be_mapped(address)
    with pytest.raises(UsageError, match="A mapping is for workbooks and text files"):
        pull(address, mapping=tmp_path / "m.toml")


def test_a_source_or_mapping_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(SourceError, match="There is no file or folder called"):
        pull(str(tmp_path / "none.xlsx"), mapping=tmp_path / "m.toml")
    with pytest.raises(SettingsError, match="There is no mapping file"):
        pull(str(write(tmp_path, "a.csv")), mapping=tmp_path / "m.toml")
    (tmp_path / "empty").mkdir()
    with pytest.raises(SourceError, match="holds no workbook and no text file"):
        read_files(str(tmp_path / "empty"))


def test_a_workbook_of_1904_has_its_serial_numbers_read_so(tmp_path: Path) -> None:
    path = tmp_path / "mac.xlsx"
    with xlsxwriter.Workbook(str(path), {"date_1904": True}) as workbook:
        sheet = workbook.add_worksheet("Caseload")
        sheet.write_row(0, 0, ["Ref", "MAPPA level", "Date adopted"])
        sheet.write_row(1, 0, ["C1", "2", 43500])
        sheet.write_row(2, 0, ["C2", "2", 43501])
    proposed(path)
    assert pull(str(path)).tables["cases"]["entered_on"].to_list() == ["2023-02-05", "2023-02-06"]
