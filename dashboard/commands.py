"""The commands of `mappa-monitor`, one function each: options in, exit code out. Errors are raised (`checks.errors`)."""

from __future__ import annotations

import re
import shlex
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import polars as pl
import sqlalchemy as sa
import typer
from sqlalchemy import exc

from checks.errors import UsageError
from checks.locators import LOCATORS
from checks.standard import Standard, load_standard, standard_names
from connectors.mapping.pulling import may_be_mapped, pull
from connectors.sample.area import AS_AT, LARGEST_CASES, LARGEST_YEARS, SampleArea, make_area
from connectors.sources.source import Progress, Pull
from dashboard import exports
from dashboard.serving import FIRST_PORT, HOST, chosen_port
from dashboard.serving import serve as serve_until_stopped
from dashboard.settings import (
    DEFAULT_STANDARD,
    EARLIEST,
    FILE_NAME,
    LATEST,
    SOURCE_PASSWORD,
    Settings,
    has_password,
    key_place,
    load_settings,
    password,
    template,
)
from dashboard.shown_in_terminal import give, give_json, presentable, progress, say, show_findings, show_results
from dashboard.version import PRODUCT_VERSION
from kpis.area import Area
from kpis.evidence import EVIDENCE, in_text
from kpis.measures import MEASURES
from kpis.periods import Period, last_complete_quarter, parse_period
from kpis.reach import beyond
from kpis.results import HEADLINE, UNIT, in_periods, results

if TYPE_CHECKING:
    from checks.runner import Checked

FINDINGS_FILES = (".csv", ".xlsx")
EVIDENCE_FILES = (".csv", ".parquet")

app = typer.Typer(
    name="mappa-monitor",
    help="Data quality and compliance for multi-agency public protection boards.",
    epilog="Start with “mappa-monitor demo”. COMMAND --help tells more about one command.",
    no_args_is_help=True,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
    add_completion=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)


# Options that mean the same everywhere

WE_READ_IT: Any = {"readable": False}
"""For a file that we open: whoever opens it says what is wrong with it, by what it is; the parser would call it wrong usage."""


def _whole_number(least: int, most: int) -> Any:
    def parsed(text: str | int) -> int:
        try:
            number = int(text)
        except ValueError:
            number = None
        if number is None or not least <= number <= most:
            raise typer.BadParameter(f"expected a whole number from {least} to {most}")
        return number

    return parsed


_DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")


def _date(text: str | date) -> date:
    try:
        if isinstance(text, str) and not _DAY.fullmatch(text):
            raise ValueError
        day = date.fromisoformat(text) if isinstance(text, str) else text
    except ValueError:
        raise typer.BadParameter("expected a date, written as 2023-12-31") from None
    if not EARLIEST <= day <= LATEST:
        raise typer.BadParameter(f"expected a date from {EARLIEST.year} to {LATEST.year}")
    return day


Source = Annotated[
    str | None,
    typer.Option(
        "--source",
        metavar="PLACE",
        help="Where the records are: a folder, a workbook, a database's URL, or “sample” for made-up ones. "
        "[default: what the settings say]",
    ),
]
MappingFile = Annotated[
    Path | None,
    typer.Option(
        "--mapping",
        metavar="FILE",
        **WE_READ_IT,
        help="The mapping of a source with headings of its own, as `mappa-monitor map` writes it. "
        "[default: what the settings say, or the one beside the source]",
    ),
]
StandardName = Annotated[
    str | None,
    typer.Option(
        "--standard",
        metavar="NAME",
        help=f"The standard to hold them to: {', '.join(standard_names())}, or a .toml file. "
        f"[default: the settings' first, or {DEFAULT_STANDARD}]",
    ),
]
AsAt = Annotated[
    date | None,
    typer.Option(
        "--as-at",
        metavar="DATE",
        parser=_date,
        help="The day as of which the records are read, such as 2023-12-31; nothing dated after it counts. "
        "[default: what the settings say, or today]",
    ),
]
PeriodName = Annotated[
    str | None,
    typer.Option(
        "--period",
        metavar="PERIOD",
        help="A quarter or a year of the standard's reporting year: 2023-Q4 or 2023; for a year that starts in April "
        "2023-24-Q4 or 2023-24. [default: the last complete quarter]",
    ),
]
SettingsFile = Annotated[
    Path | None,
    typer.Option(
        "--settings",
        metavar="FILE",
        help=f"The settings file. [default: {FILE_NAME} in this folder, if there is one]",
        **WE_READ_IT,
    ),
]
NeededSettingsFile = Annotated[
    Path,
    typer.Option(
        "--settings", metavar="FILE", help="The settings file, as `mappa-monitor init` writes it.", **WE_READ_IT
    ),
]
Json = Annotated[bool, typer.Option("--json", help="Write JSON to standard output, and nothing else there.")]
Port = Annotated[
    int | None,
    typer.Option(
        "--port",
        metavar="PORT",
        parser=_whole_number(1, 65535),
        help=f"The port to serve on. [default: the first free one from {FIRST_PORT}]",
    ),
]
Browser = Annotated[bool, typer.Option("--browser/--no-browser", help="Whether to open the dashboard in a browser.")]


# The commands


@app.callback(invoke_without_command=True)
def _about(version: Annotated[bool, typer.Option("--version", help="Say the version and stop.")] = False) -> None:
    if version:
        give(PRODUCT_VERSION)
        raise typer.Exit


@app.command(short_help="Make a sample area and open the dashboard on it.")
def demo(
    folder: Annotated[
        Path, typer.Option("--folder", metavar="FOLDER", help="Where the sample area and its store are kept.")
    ] = Path("demo-area"),
    port: Port = None,
    open_browser: Browser = True,
) -> int:
    """Make a sample area, refresh, and open the dashboard, to this machine only.

    Everybody in the sample area is invented. A second start uses what is there.
    """
    chosen = chosen_port(port)
    settings_file = folder / FILE_NAME
    with progress("making the sample area") as told:
        told("inventing lives", 0, 1)
        _write_sample(make_area(), folder / "records", "--folder")
    if not settings_file.exists():
        shipped = standard_names()
        standards = [DEFAULT_STANDARD, *(name for name in shipped if name != DEFAULT_STANDARD)]
        text = template(shipped, source="records", as_at=AS_AT, area="Sample area", standards=standards)
        exports.write_bytes(text.encode(), settings_file)
    _refresh(settings_file, None)
    return _serve(settings_file, chosen, open_browser)


@app.command(short_help="Write a commented settings file to start from.")
def init(
    out: Annotated[Path, typer.Option("--out", metavar="FILE", help="Where to write the settings.")] = Path(FILE_NAME),
    source: Annotated[
        str,
        typer.Option(
            "--source",
            metavar="PLACE",
            help="Where the records are: a folder, a workbook, a database's URL, or “sample” for made-up ones.",
        ),
    ] = "sample",
) -> int:
    """Write a commented settings file to start from. A file that is there already is left as it is."""
    if has_password(source):
        raise UsageError(
            "--source: a password must not stand in the settings. "
            f"Leave it out here, and put it into the environment variable {SOURCE_PASSWORD}."
        )
    _must_be_new(out)
    if Path(source).exists() and out.resolve().parent != Path.cwd():
        source = str(Path(source).resolve())  # paths in the settings start at their own folder
    is_sample = source.split(":")[0] == "sample"
    exports.write_bytes(template(standard_names(), source=source, as_at=AS_AT if is_sample else None).encode(), out)
    more = "" if out == Path(FILE_NAME) else f" --settings {shlex.quote(str(out))}"
    first = "Open it and say where your records are" if is_sample else "Open it and see whether it is right"
    say(f"Wrote {out}. {first}, then run `mappa-monitor refresh{more}` and `mappa-monitor serve{more}`.")
    return 0


@app.command("map", short_help="Propose which heading and value is which, or show how a mapping fits.")
def map_source(
    source: Source = None,
    mapping: MappingFile = None,
    settings: SettingsFile = None,
    as_json: Json = False,
    out: Annotated[
        Path | None, typer.Option("--out", metavar="FILE", help="Write the proposed mapping to this .toml file.")
    ] = None,
) -> int:
    """Propose a mapping for a workbook, a text file or a folder of them; where there is one, show how it fits.

    Nothing is written without --out. What cannot be told is said to be unknown, or asked.
    """
    from connectors.mapping.writing import save_mapping
    from dashboard import mapping_command
    from dashboard.mapped import looked_at

    found = _settings(settings)
    _, address = _place(source, found)
    if not may_be_mapped(address) and ("://" in address or address.split(":")[0] == "sample"):
        raise UsageError(
            "--source: a mapping is for workbooks and text files; this source gives its tables by their names."
        )
    if out is not None:
        exports.must_end_in(out, (".toml",))
        _not_over(address, out, "--out")
        _must_be_new(out)
    with progress("mapping") as told:
        own = found.own_agencies if found else ()
        given = mapping or (found.mapping_path if found and source is None else None)
        mapped = looked_at(address, given, own, told)
    if out is not None:
        save_mapping(mapped.mapping, out, mapped.preview.questions)
    if as_json:
        give_json(mapping_command.document(mapped), exports.plain_json)
    else:
        mapping_command.show(mapped)
    say(mapping_command.how_to_save(mapped, address, out))
    return 0


@app.command(short_help="Show what is missing or wrong in the records.")
def check(
    source: Source = None,
    mapping: MappingFile = None,
    standard: StandardName = None,
    as_at: AsAt = None,
    settings: SettingsFile = None,
    as_json: Json = False,
    out: Annotated[
        Path | None, typer.Option("--out", metavar="FILE", help="Write every finding to this .csv or .xlsx file.")
    ] = None,
) -> int:
    """Check the records and show what is missing or wrong, grouped by rule.

    Exit code 1 if there are findings of severity error, 0 if there are none.
    """
    given = _given(source, mapping, standard, as_at, settings)
    given.may_write(out, "--out", FINDINGS_FILES)
    with progress("checking") as told:
        pulled, checked = given.checked(told)
    given.say_what(pulled)
    if out is not None:
        exports.write_file(checked.findings, out, FINDINGS_FILES)
        say(f"Wrote {checked.findings.height:,} findings to {out}.")
    if as_json:
        rules = checked.outcomes.select("rule", "severity", "dimension", "table", "field", "status", "rows", "failing")
        give_json({"findings": checked.findings.to_dicts(), "rules": rules.to_dicts()}, exports.plain_json)
    else:
        show_findings(checked.findings, checked.outcomes)
    return 1 if checked.has_errors else 0


@app.command(short_help="Measure what was owed in a period and whether it was done.")
def measure(
    source: Source = None,
    mapping: MappingFile = None,
    standard: StandardName = None,
    as_at: AsAt = None,
    period: PeriodName = None,
    settings: SettingsFile = None,
    as_json: Json = False,
    evidence: Annotated[
        Path | None,
        typer.Option(
            "--evidence", metavar="FILE", help="Write the rows beneath the figures to this .csv or .parquet file."
        ),
    ] = None,
) -> int:
    """Measure what was owed in a period and whether it was done."""
    given = _given(source, mapping, standard, as_at, settings)
    name, held_to, day = given.name, given.standard, given.day
    chosen = last_complete_quarter(held_to, day) if period is None else parse_period(period, held_to)
    given.may_write(evidence, "--evidence", EVIDENCE_FILES)
    with progress("measuring") as told:
        pulled, checked = given.checked(told)
        area = given.settings.area_of(checked.tables, held_to) if given.settings else Area(checked.tables, held_to)
        told("computing the results", 0, 1)
        owed = {
            each.id: each.evidence(area).collect()
            for each in MEASURES.values()
            if each.in_standard(held_to) and each.supplied(area)
        }
        computed = pl.concat([results(each, area, [chosen], owed.get(each.id)) for each in MEASURES.values()])
    given.say_what(pulled)
    for note in given.settings.not_used(held_to) if given.settings else ():
        say(note)
    _say_of(chosen, checked)
    if evidence is not None:
        _write_evidence(_evidence(owed, area, chosen), evidence)
    told_of = computed.filter(pl.col("by").is_in([HEADLINE, UNIT]))
    if as_json:
        give_json(_results_document(name, held_to, day, chosen, told_of), exports.plain_json)
    else:
        said = f"{name}, {held_to.title}, {chosen.name} ({chosen.start} to {chosen.end}), as at {day}"
        give(presentable(said) + "\n")
        show_results(told_of, {each.id: each.title for each in MEASURES.values()})
    return 0


@app.command(short_help="Read, check, measure and store one snapshot.")
def refresh(settings: NeededSettingsFile = Path(FILE_NAME), as_at: AsAt = None) -> int:
    """Pull, check, measure and store one snapshot, as the settings file says.

    All of it is stored or nothing. Where nothing has changed since the last snapshot, none is added.
    """
    _refresh(settings, as_at)
    return 0


@app.command(short_help="Serve the dashboard, to this machine only.")
def serve(
    settings: NeededSettingsFile = Path(FILE_NAME),
    port: Port = None,
    open_browser: Browser = False,
) -> int:
    """Serve the dashboard, to this machine only, until Ctrl-C stops it."""
    load_settings(settings).loaded_standards()
    return _serve(settings, chosen_port(port), open_browser)


@app.command(short_help="Write the annual tables of a reporting year.")
def annual(
    source: Source = None,
    mapping: MappingFile = None,
    standard: StandardName = None,
    as_at: AsAt = None,
    year: Annotated[
        str | None,
        typer.Option(
            "--year",
            metavar="YEAR",
            help="A reporting year of the standard: 2023; for a year that starts in April 2023-24. "
            "[default: the last complete one]",
        ),
    ] = None,
    settings: SettingsFile = None,
    as_json: Json = False,
    out: Annotated[
        Path | None,
        typer.Option("--out", metavar="FILE", help="Write the tables to this .xlsx, .csv, .pdf or .html file."),
    ] = None,
    evidence: Annotated[
        Path | None,
        typer.Option(
            "--evidence",
            metavar="FILE",
            help="Write the cases beneath the figures to this .csv or .parquet file; it holds pseudonyms.",
        ),
    ] = None,
) -> int:
    """Write the annual tables of a reporting year, in the layout of the standard; show them where no file is named."""
    from dashboard import annual_command
    from dashboard.annual_files import WRITERS
    from kpis.annual.records import Records
    from kpis.annual.tables import annual_beneath, annual_tables, last_complete_year, reporting_year

    given = _given(source, mapping, standard, as_at, settings)
    name, held_to, day = given.name, given.standard, given.day
    chosen = last_complete_year(held_to, day) if year is None else reporting_year(year, held_to, day)
    given.may_write(out, "--out", tuple(WRITERS))
    given.may_write(evidence, "--evidence", EVIDENCE_FILES)
    with progress("counting") as told:
        pulled, checked = given.checked(told)
        area = Area(checked.tables, held_to, name=name)
        records = Records(area)
        cells = annual_tables(area, chosen, records)
    given.say_what(pulled)
    _say_of(chosen, checked)
    made = annual_command.report_of(cells, presentable(name), held_to, chosen, day)
    for warning in made.warnings:
        say(warning)
    if out is not None:
        exports.write_bytes(WRITERS[out.suffix.lower()](made, None), out)
        say(f"Wrote {len(made.tables)} tables to {out}.")
    if evidence is not None:
        beneath = annual_beneath(area, chosen, records)
        _write_evidence(_without_names(beneath, ("case_id", "reference")), evidence)
    if as_json:
        give_json(annual_command.document(cells, presentable(name), held_to, chosen, day), exports.plain_json)
    elif out is None:
        annual_command.show(made)
    return 0


@app.command(short_help="Write the Board's pack of a quarter or a year.")
def pack(
    out: Annotated[
        Path, typer.Option("--out", metavar="FILE", help="Write the pack to this .pdf, .pptx, .xlsx or .html file.")
    ],
    source: Source = None,
    mapping: MappingFile = None,
    standard: StandardName = None,
    as_at: AsAt = None,
    period: PeriodName = None,
    settings: SettingsFile = None,
    snapshot: Annotated[
        int | None,
        typer.Option(
            "--snapshot",
            metavar="N",
            parser=_whole_number(1, 2**31),
            help="The snapshot to make it from, by its number. [default: the newest]",
        ),
    ] = None,
    small_counts: Annotated[
        bool,
        typer.Option(
            "--small-counts/--no-small-counts",
            help="Whether to show counts from 1 to 4 and what they follow from, or “c” in their place.",
        ),
    ] = False,
) -> int:
    """Write the Board's pack of a quarter or a year, from a stored snapshot: the same numbers whenever it is made.

    With --source or --as-at it is made straight from the records; nothing of that is stored.
    """
    from dashboard import pack_command
    from dashboard.pack import pack as made_of
    from dashboard.pack_files import WRITERS

    exports.must_end_in(out, tuple(WRITERS))
    found = _settings(settings)
    if source is None and as_at is None and mapping is None and found is not None:
        name = None if standard is None else load_standard(standard).name
        with progress("making the pack"), pack_command.of_store(found, snapshot, name, period) as given:
            made = made_of(given, small_counts=small_counts)
            content = WRITERS[out.suffix.lower()](made)
    elif snapshot is not None:
        raise UsageError("--snapshot: a snapshot is found by the settings alone. Leave out --source and --as-at.")
    else:
        area, address = _place(source, found)
        _not_over(address, out, "--out")
        of_it = _settings_of(area, address, standard, found, mapping)
        now = datetime.now().astimezone()
        with (
            progress("making the pack") as told,
            pack_command.of_records(of_it, _day(as_at, found), now, period, told) as given,
        ):
            made = made_of(given, small_counts=small_counts)
            content = WRITERS[out.suffix.lower()](made)
    exports.write_bytes(content, out)
    for warning in made.warnings:
        say(warning)
    say(f"Wrote {made.title} with {len(made.parts)} parts to {out}. {made.foot}.")
    return 0


@app.command(short_help="Check whether the figures of a published report add up.")
def published(
    source: Annotated[
        Path,
        typer.Option(
            "--source",
            metavar="FILE",
            help="The published figures: a CSV of area,reporting_year,table,row,column,value; “total” names a sum.",
            **WE_READ_IT,
        ),
    ],
    as_json: Json = False,
) -> int:
    """Check every sum, part, and start + in − out = end that published figures allow.

    Exit code 1 if anything does not add up, 0 if all does. What is only worth a question is shown too, as a note.
    """
    from connectors.published import read_file
    from dashboard import published_command
    from kpis.published.check import check_figures

    figures = read_file(source)
    checked = check_figures(figures)
    published_command.say_unchecked(checked)
    if as_json:
        give_json(published_command.document(checked), exports.plain_json)
    else:
        published_command.show(checked, figures.height)
    return 1 if checked.has_errors else 0


@app.command(short_help="Write a synthetic area as CSV files.")
def sample(
    out: Annotated[Path, typer.Option("--out", metavar="FOLDER", help="The folder to write to.")],
    cases: Annotated[
        int | None,
        typer.Option(
            "--cases",
            metavar="N",
            parser=_whole_number(1, LARGEST_CASES),
            help="How many active cases. [default: as many as Jersey had in 2023]",
        ),
    ] = None,
    years: Annotated[
        int,
        typer.Option("--years", metavar="Y", parser=_whole_number(1, LARGEST_YEARS), help="How many years of history."),
    ] = 5,
    seed: Annotated[
        int,
        typer.Option(
            "--seed",
            metavar="S",
            parser=_whole_number(0, 2**63),
            help="Another seed, another area; the same, the same.",
        ),
    ] = 2023,
    as_at: Annotated[
        date,
        typer.Option("--as-at", metavar="DATE", parser=_date, help="The day on which the records end."),
    ] = AS_AT,
    flaws: Annotated[
        bool, typer.Option("--flaws/--no-flaws", help="Whether to plant flaws of every kind in the records.")
    ] = True,
) -> int:
    """Write a synthetic area in the canonical tables, as CSV files. Everybody in it is invented."""
    with progress("making the sample area") as told:
        told("inventing lives", 0, 1)
        given = {} if cases is None else {"cases": cases}
        area = make_area(years=years, seed=seed, as_at=as_at, flaws=flaws, **given)
        _write_sample(area, out, "--out")
    say(f"Wrote {len(area.tables)} tables to {out}, as at {as_at}. Everybody in them is invented.")
    return 0


# What the commands share


def _settings(file: Path | None) -> Settings | None:
    """The settings named, or those of this folder if there are any."""
    if file is not None:
        return load_settings(file)
    here = Path(FILE_NAME)
    return load_settings(here) if here.exists() else None


def _day(given: date | None, settings: Settings | None) -> date:
    return given or (settings.as_at if settings else None) or datetime.now().astimezone().date()


def _standard(name: str | None, settings: Settings | None) -> Standard:
    if name is not None:
        return load_standard(name)
    return settings.loaded_standards()[0] if settings else load_standard(DEFAULT_STANDARD)


def _place(source: str | None, settings: Settings | None) -> tuple[str, str]:
    """What the area is called, and where its records are."""
    if source is not None:
        return settings.area if settings else _called(source), source
    if settings is None:
        raise UsageError("No source is named. Name one with --source, or write settings with `mappa-monitor init`.")
    return settings.area, settings.source_address


@dataclass(frozen=True)
class _Given:
    """What the options of a command on records come to: the records, what they are called and held to, and as at which day."""

    settings: Settings | None
    standard: Standard
    day: date
    name: str
    address: str
    mapping: Path | None

    def may_write(self, out: Path | None, option: str, kinds: tuple[str, ...]) -> None:
        """Refuse a file of another kind, and one of the records themselves; none is always well."""
        if out is not None:
            exports.must_end_in(out, kinds)
            _not_over(self.address, out, option)

    def checked(self, told: Progress) -> tuple[Pull, Checked]:
        """The records, pulled and checked."""
        from checks.runner import check as check_records

        pulled = _pulled(self.address, self.settings, told, self.mapping)
        return pulled, check_records(pulled.tables, self.standard, self.day, told)

    def say_what(self, pulled: Pull) -> None:
        """What the records are, and what there is to say about how they arrived."""
        for note in pulled.notes:
            say(note)
        say(f"{self.name}, held to {self.standard.title}, {self.standard.edition}. As at {self.day}.")


def _given(
    source: str | None, mapping: Path | None, standard: str | None, as_at: date | None, settings: Path | None
) -> _Given:
    found = _settings(settings)
    held_to, day = _standard(standard, found), _day(as_at, found)
    return _Given(found, held_to, day, *_place(source, found), mapping)


def _settings_of(
    area: str, address: str, standard: str | None, settings: Settings | None, mapping: Path | None
) -> Settings:
    """Settings that name these records and one standard, with what the area's own say besides."""
    held_to = standard or (settings.standards[0] if settings else DEFAULT_STANDARD)
    if standard is not None and standard.endswith(".toml"):
        held_to = str(Path(standard).resolve())
    whole = str(Path(address).resolve()) if Path(address).exists() else address
    by = mapping or _mapping_of(address, settings)
    named = Settings(area=area, source=whole, standards=[held_to], mapping=str(by.resolve()) if by else "")
    if settings is None:
        return named
    (of_it,) = named.loaded_standards() if standard else settings.loaded_standards()[:1]
    said = {"area": area, "source": whole, "standards": named.standards, "mapping": named.mapping}
    return settings.model_copy(update={**said, "adopted_targets": settings.adopted_under(of_it)})


def _mapping_of(address: str, settings: Settings | None) -> Path | None:
    """The mapping that the settings name, which is for their own source."""
    own = settings is not None and address == settings.source_address
    return settings.mapping_path if settings is not None and own else None


def _called(source: str) -> str:
    """A source's name without its folder, server, user or password."""
    if "://" not in source:
        return source if source.split(":")[0] == "sample" else Path(source).resolve().name or source
    try:
        url = sa.make_url(source)
    except (exc.ArgumentError, ValueError):
        return "database"
    return Path(url.database or "").name or "database"


def _pulled(address: str, settings: Settings | None, told: Progress, mapping: Path | None) -> Pull:
    """The tables; a password that stands in the address itself is the one meant; the settings' mapping is for their own source."""
    kept = None if has_password(address) else password(SOURCE_PASSWORD, settings.folder if settings else Path())
    return pull(
        address,
        password=kept,
        progress=told,
        mapping=mapping or _mapping_of(address, settings),
        wanted=settings.wanted if settings else None,
        key=key_place(settings.folder if settings else Path()),
    )


def _not_over(address: str, out: Path, option: str) -> None:
    """Refuse to write over the records themselves."""
    place = address.removeprefix("sqlite:///") if address.startswith("sqlite:") else address
    source = Path(place).resolve()
    if out.resolve() == source or (out.exists() and out.resolve().parent == source):
        raise UsageError(
            f"{option}: {out} is one of the files that the records are read from. Choose another name or place."
        )


def _must_be_new(out: Path) -> None:
    """Refuse to write over a file of the person's own."""
    if out.exists():
        raise UsageError(
            f"{out} is there already, and was left as it was. Name another file with --out, or edit that one."
        )


def _say_of(period: Period, checked: Checked) -> None:
    """What there is to say of figures of a period before they are shown."""
    if out_of_reach := beyond(period, checked.tables):
        say(out_of_reach)
    if checked.findings.height:
        say(f"There are {checked.findings.height:,} findings on these records; `mappa-monitor check` shows them.")


def _write_evidence(rows: pl.DataFrame, out: Path) -> None:
    """The rows to a file, where each stands headed `file`, `sheet`, `row`, as findings have it."""
    plain = {name: name.removeprefix("_") for name in LOCATORS if name in rows.columns}
    exports.write_file(rows.rename(plain), out, EVIDENCE_FILES)
    say(f"Wrote {rows.height:,} rows of evidence to {out}.")


def _evidence(owed: Mapping[str, pl.DataFrame], area: Area, period: Period) -> pl.DataFrame:
    """The rows of evidence of one period, under the measure they belong to.

    A name that stands where a pseudonym should is left out, as in findings; file and row say where it is.
    """
    rows = [
        in_periods(frame.lazy(), MEASURES[name], area.standard, [period], area.as_at).select(
            pl.lit(name).alias("measure"), "period", *EVIDENCE
        )
        for name, frame in owed.items()
    ]
    empty = pl.DataFrame(schema={"measure": pl.String, "period": pl.String, **EVIDENCE})
    return _without_names(pl.concat([empty, *map(in_text, pl.collect_all(rows))]), ("case_id", "meeting_id"))


def _without_names(rows: pl.DataFrame, columns: Sequence[str]) -> pl.DataFrame:
    """The rows without what looks like a name where a pseudonym should stand."""
    from checks.names import like_name

    return rows.with_columns(pl.when(~like_name(pl.col(column))).then(column).alias(column) for column in columns)


def _results_document(
    name: str, standard: Standard, day: date, period: Period, told_of: pl.DataFrame
) -> dict[str, Any]:
    columns = ["measure", "unit", "met", "owed", "unknown", "rate", "worst", "best", "low", "high", "target", "verdict"]
    return {
        "area": presentable(name),
        "standard": standard.name,
        "as_at": day,
        "period": {"name": period.name, "start": period.start, "end": period.end},
        "results": told_of.select(columns).to_dicts(),
    }


def _refresh(settings_file: Path, as_at: date | None) -> None:
    from dashboard import refresh as refreshing

    settings = load_settings(settings_file)
    now = datetime.now().astimezone()
    with progress("refreshing") as told:
        done = refreshing.refresh(settings, _day(as_at, settings), now, told)
    for note in (*done.notes, *(said for each in settings.loaded_standards() for said in settings.not_used(each))):
        say(note)
    what = (
        f"Stored snapshot {done.snapshot.id}"
        if done.added
        else f"Nothing has changed since snapshot {done.snapshot.id}"
    )
    say(
        f"{what}: {settings.area} as at {done.snapshot.as_at}, "
        f"{done.errors:,} errors and {done.warnings:,} warnings in the records."
    )


def _serve(settings_file: Path, port: int, open_browser: bool) -> int:
    say(f"The dashboard is at http://{HOST}:{port} (this machine only). Press Ctrl-C to stop it.")
    return serve_until_stopped(settings_file, port, open_browser)


def _write_sample(area: SampleArea, folder: Path, option: str) -> None:
    """Write the area's tables; a file that holds anything else is left alone, and then nothing is written."""
    contents = {folder / f"{name}.csv": frame.write_csv().encode() for name, frame in area.tables.items()}
    try:
        folder.mkdir(parents=True, exist_ok=True)
        there = {path for path in contents if path.exists()}
        others = [path for path in there if path.read_bytes() != contents[path]]
    except OSError as error:
        why = (error.strerror or "no access").lower()
        raise UsageError(f"{folder} cannot be written to: {why}. Name another folder with {option}.") from None
    if others:
        raise UsageError(
            f"{folder} already holds {min(others).name} with other content, and was left as it was. "
            f"Name another folder with {option}."
        )
    for path, content in contents.items():
        if path not in there:
            exports.write_bytes(content, path)
