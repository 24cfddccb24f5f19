"""The command `mappa-monitor`: what scripts and schedulers call, and what starts the dashboard.

Results go to standard output, people's messages and progress to standard error. Exit codes: 0 done · 1 done, and findings of
severity error exist · 2 wrong usage · 3 a source could not be read · 4 settings or a standard is wrong · 5 the store could not be
reached or written.
"""

from __future__ import annotations

import io
import json
import sys
import traceback
from datetime import date, datetime
from pathlib import Path
from typing import Annotated, Any

import polars as pl
import typer

from checks.errors import MappaError, UsageError
from checks.standard import Standard, load_standard, standard_names
from dashboard import exports
from dashboard.settings import (
    DEFAULT_STANDARD,
    FILE_NAME,
    SOURCE_PASSWORD,
    Settings,
    load_settings,
    password,
    template,
)
from dashboard.shown_in_terminal import console, progress, say, show_findings, show_results
from dashboard.version import PRODUCT_VERSION

FAULT = 70
"""The exit code of a fault in the program itself, none of the contract's."""

app = typer.Typer(
    name="mappa-monitor",
    help="Data quality and compliance for multi-agency public protection boards.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    add_completion=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)

Source = Annotated[
    str | None,
    typer.Option(
        "--source",
        help="A folder, workbook or database address with the records, or “sample”. [default: from the settings]",
    ),
]
StandardName = Annotated[
    str | None,
    typer.Option(
        "--standard",
        help=f"A standard's name ({', '.join(standard_names())}) or file. [default: the settings' first, or {DEFAULT_STANDARD}]",
    ),
]
AsAt = Annotated[
    str | None,
    typer.Option(
        "--as-at", help="The day as of which the records are read, as 2023-12-31. [default: the settings', or today]"
    ),
]
PeriodName = Annotated[
    str | None,
    typer.Option(
        "--period",
        help="A quarter or year of the standard's reporting year, as 2023-Q4 or 2023 (2023-24-Q4 or 2023-24 where it "
        "does not begin in January). [default: the last complete quarter]",
    ),
]
SettingsFile = Annotated[
    Path | None,
    typer.Option("--settings", help=f"The settings file. [default: {FILE_NAME} in this folder, if it is there]"),
]
Json = Annotated[bool, typer.Option("--json", help="Write JSON to standard output, and nothing else there.")]


@app.callback(invoke_without_command=True)
def _about(version: Annotated[bool, typer.Option("--version", help="Say the version and stop.")] = False) -> None:
    if version:
        console().print(PRODUCT_VERSION)
        raise typer.Exit


def _settings(file: Path | None) -> Settings | None:
    """The settings named, or those of this folder if there are any."""
    if file is not None:
        return load_settings(file)
    here = Path(FILE_NAME)
    return load_settings(here) if here.exists() else None


def _must_have_settings(file: Path | None) -> tuple[Settings, Path]:
    path = file or Path(FILE_NAME)
    return load_settings(path), path


def _day(text: str | None, settings: Settings | None) -> date:
    if text is None:
        return (settings.as_at if settings else None) or datetime.now().astimezone().date()
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise UsageError(f"--as-at: “{text}” is not a date; write it as 2023-12-31.") from None


def _standard(name: str | None, settings: Settings | None) -> Standard:
    if name is not None:
        return load_standard(name)
    return settings.loaded_standards()[0] if settings else load_standard(DEFAULT_STANDARD)


def _pulled(source: str | None, settings: Settings | None, told: Any) -> tuple[str, Any]:
    """What the source is called, and its tables."""
    from connectors.sources import pull

    if source is None:
        if settings is None:
            raise UsageError("No source is named. Name one with --source, or write settings with `mappa-monitor init`.")
        address, name = settings.source_address, settings.area
    else:
        address, name = source, settings.area if settings else _called(source)
    return name, pull(
        address, password=password(SOURCE_PASSWORD, settings.folder if settings else Path()), progress=told
    )


def _called(source: str) -> str:
    """A source's name without its folder, user or password."""
    if "://" in source:
        return source.rpartition("/")[2].partition("?")[0] or "database"
    return Path(source).name or source


@app.command()
def demo(
    folder: Annotated[Path, typer.Option(help="Where the sample area and its store are kept.")] = Path("demo-area"),
    port: Annotated[
        int | None, typer.Option(help="The port to serve on. [default: the first free one from 8501]")
    ] = None,
    open_browser: Annotated[
        bool, typer.Option("--browser/--no-browser", help="Open the dashboard in a browser.")
    ] = True,
) -> None:
    """Make a sample area, refresh, and open the dashboard."""
    from connectors.sample.area import AS_AT, make_area
    from dashboard.serving import HOST, chosen_port, serve

    chosen = chosen_port(port)
    with progress("making the sample area") as told:
        told("writing the records", 0, 1)
        _write_sample(make_area(), folder / "records")
        settings_file = folder / FILE_NAME
        if not settings_file.exists():
            text = template(standard_names(), source="records", as_at=AS_AT.isoformat(), area="Sample area")
            every = ", ".join(
                f'"{name}"' for name in [DEFAULT_STANDARD, *(n for n in standard_names() if n != DEFAULT_STANDARD)]
            )
            exports.write_bytes(
                text.replace(f'standards = ["{DEFAULT_STANDARD}"]', f"standards = [{every}]").encode(), settings_file
            )
    _refresh(settings_file, None)
    say(f"The dashboard is at http://{HOST}:{chosen} (this machine only). Press Ctrl-C to stop it.")
    raise typer.Exit(serve(settings_file, chosen, open_browser))


@app.command()
def init(
    out: Annotated[Path, typer.Option("--out", help="Where to write the settings.")] = Path(FILE_NAME),
    source: Annotated[str, typer.Option("--source", help="Where the records are, if you know it already.")] = "sample",
) -> None:
    """Write a commented settings file to start from."""
    if out.exists():
        raise UsageError(
            f"{out} is there already and was left as it is. Name another file with --out, or edit that one."
        )
    exports.write_bytes(template(standard_names(), source=source).encode(), out)
    say(
        f"Wrote {out}. Open it, say where your records are, then run `mappa-monitor refresh` and `mappa-monitor serve`."
    )


@app.command()
def check(
    source: Source = None,
    standard: StandardName = None,
    as_at: AsAt = None,
    settings: SettingsFile = None,
    as_json: Json = False,
    out: Annotated[Path | None, typer.Option("--out", help="Write every finding to this file (.csv or .xlsx).")] = None,
) -> None:
    """Check the records and show what is missing or wrong, grouped by rule."""
    from checks import runner

    found_settings = _settings(settings)
    held_to, day = _standard(standard, found_settings), _day(as_at, found_settings)
    with progress("checking") as told:
        _, pulled = _pulled(source, found_settings, told)
        checked = runner.check(pulled.tables, held_to, day, told)
    _say_notes(pulled.notes, held_to, day)
    if out is not None:
        exports.write_file(checked.findings, out, (".csv", ".xlsx"))
        say(f"Wrote {checked.findings.height:,} findings to {out}.")
    if as_json:
        rules = checked.outcomes.select("rule", "severity", "dimension", "table", "field", "status", "rows", "failing")
        _write_json({"findings": checked.findings.to_dicts(), "rules": rules.to_dicts()})
    else:
        show_findings(checked.findings, checked.outcomes)
    raise typer.Exit(1 if checked.has_errors else 0)


@app.command()
def measure(
    source: Source = None,
    standard: StandardName = None,
    as_at: AsAt = None,
    period: PeriodName = None,
    settings: SettingsFile = None,
    as_json: Json = False,
    evidence: Annotated[
        Path | None,
        typer.Option("--evidence", help="Write the rows beneath the figures to this file (.csv or .parquet)."),
    ] = None,
) -> None:
    """Measure what was owed in a period and whether it was done."""
    from checks import runner
    from kpis.area import Area
    from kpis.measures import MEASURES
    from kpis.periods import last_complete_quarter, parse_period
    from kpis.results import HEADLINE, UNIT, results

    found_settings = _settings(settings)
    held_to, day = _standard(standard, found_settings), _day(as_at, found_settings)
    chosen = parse_period(period, held_to) if period else last_complete_quarter(held_to, day)
    with progress("measuring") as told:
        name, pulled = _pulled(source, found_settings, told)
        checked = runner.check(pulled.tables, held_to, day, told)
        members = tuple(found_settings.smb_members) if found_settings else ()
        area = Area(checked.tables, held_to, members, found_settings.adopted_targets if found_settings else {})
        told("computing the results", 0, 1)
        computed = pl.concat([results(each, area, [chosen]) for each in MEASURES.values()])
    _say_notes(pulled.notes, held_to, day)
    if checked.findings.height:
        say(f"{checked.findings.height:,} findings on these records; `mappa-monitor check` shows them.")
    if evidence is not None:
        rows = _evidence(area, chosen)
        exports.write_file(rows, evidence, (".csv", ".parquet"))
        say(f"Wrote {rows.height:,} rows of evidence to {evidence}.")
    told_of = computed.filter(pl.col("by").is_in([HEADLINE, UNIT]))
    if as_json:
        columns = (
            "measure",
            "unit",
            "met",
            "owed",
            "unknown",
            "rate",
            "worst",
            "best",
            "low",
            "high",
            "target",
            "verdict",
        )
        _write_json(
            {
                "area": name,
                "standard": held_to.name,
                "as_at": day,
                "period": {"name": chosen.name, "start": chosen.start, "end": chosen.end},
                "results": told_of.select(columns).to_dicts(),
            }
        )
    else:
        console().print(
            f"{name}, {held_to.title}, {chosen.name} ({chosen.start} to {chosen.end}), as at {day}", markup=False
        )
        show_results(told_of, {each.id: each.title for each in MEASURES.values()})


def _evidence(area: Any, period: Any) -> pl.DataFrame:
    from kpis.measures import MEASURES
    from kpis.results import in_periods

    rows = [
        in_periods(each.evidence(area), each, area.standard, [period])
        .select(pl.lit(each.id).alias("measure"), pl.all())
        .collect()
        for each in MEASURES.values()
        if each.in_standard(area.standard) and each.supplied(area)
    ]
    return pl.concat(rows) if rows else pl.DataFrame()


@app.command()
def refresh(settings: SettingsFile = None, as_at: AsAt = None) -> None:
    """Pull, check, measure and store one snapshot, as the settings file says."""
    _refresh(settings or Path(FILE_NAME), as_at)


def _refresh(settings_file: Path, as_at: str | None) -> None:
    from dashboard import refresh as refreshing

    settings = load_settings(settings_file)
    now = datetime.now().astimezone()
    with progress("refreshing") as told:
        done = refreshing.refresh(settings, _day(as_at, settings), now, told)
    for note in done.notes:
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


@app.command()
def serve(
    settings: SettingsFile = None,
    port: Annotated[
        int | None, typer.Option(help="The port to serve on. [default: the first free one from 8501]")
    ] = None,
    open_browser: Annotated[
        bool, typer.Option("--browser/--no-browser", help="Open the dashboard in a browser.")
    ] = False,
) -> None:
    """Serve the dashboard, to this machine only."""
    from dashboard.serving import HOST, chosen_port
    from dashboard.serving import serve as serve_app

    _, path = _must_have_settings(settings)
    chosen = chosen_port(port)
    say(f"The dashboard is at http://{HOST}:{chosen} (this machine only). Press Ctrl-C to stop it.")
    raise typer.Exit(serve_app(path, chosen, open_browser))


@app.command()
def sample(
    out: Annotated[Path, typer.Option("--out", help="The folder to write to.")],
    cases: Annotated[
        int | None, typer.Option("--cases", help="How many active cases. [default: as many as Jersey had in 2023]")
    ] = None,
    years: Annotated[int, typer.Option("--years", help="How many years of history.")] = 5,
    seed: Annotated[int, typer.Option("--seed", help="The same seed gives the same area.")] = 2023,
    as_at: AsAt = None,
    flaws: Annotated[bool, typer.Option("--flaws/--no-flaws", help="Plant flaws of every kind in the records.")] = True,
) -> None:
    """Write a synthetic area in the canonical tables, as CSV files."""
    from connectors.sample.area import AS_AT, make_area

    day = AS_AT if as_at is None else _day(as_at, None)
    with progress("making the sample area") as told:
        told("inventing lives", 0, 1)
        area = make_area(years=years, seed=seed, as_at=day, flaws=flaws, **({} if cases is None else {"cases": cases}))
        _write_sample(area, out)
    say(f"Wrote {len(area.tables)} tables to {out}, as at {day}. Everybody in them is invented.")


def _write_sample(area: Any, folder: Path) -> None:
    """Write the area's tables; files of the same name that hold anything else are left alone, and so is the rest."""
    contents = {folder / f"{name}.csv": frame.write_csv().encode() for name, frame in area.tables.items()}
    try:
        folder.mkdir(parents=True, exist_ok=True)
        others = [path for path, content in contents.items() if path.exists() and path.read_bytes() != content]
    except OSError as error:
        raise UsageError(
            f"{folder} cannot be written to: {(error.strerror or 'no access').lower()}. Choose another folder."
        ) from None
    if others:
        raise UsageError(
            f"{folder} already holds {others[0].name} with other content, and was left as it is. Choose another folder."
        )
    for path, content in contents.items():
        exports.write_bytes(content, path)


def _say_notes(notes: list[str], standard: Standard, day: date) -> None:
    for note in notes:
        say(note)
    say(f"Standard: {standard.title}, {standard.edition}. As at {day}.")


def _write_json(document: dict[str, Any]) -> None:
    sys.stdout.write(json.dumps(document, default=exports.plain_json, ensure_ascii=False, allow_nan=False) + "\n")


def main() -> None:
    """Run the command; every error ends in one or two sentences and its exit code, never in a traceback."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(encoding="utf-8", errors="replace")
    try:
        app(prog_name="mappa-monitor")
    except MappaError as error:
        say(str(error))
        sys.exit(error.exit_code)
    except BrokenPipeError:
        sys.stderr.close()  # whoever read our output has gone; nothing is left to be told
        sys.exit(0)
    except Exception as fault:
        # The text of an unforeseen exception may hold a record: only its kind and place are shown.
        place = traceback.extract_tb(fault.__traceback__)[-1]
        where = f"{Path(place.filename).name}, line {place.lineno}"
        say(f"The program has failed ({type(fault).__name__} in {where}). Nothing was stored; please report this line.")
        sys.exit(FAULT)


if __name__ == "__main__":
    main()
