"""A source looked at through a mapping: what the command `map` and the page *Sources* both show."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from connectors.mapping.mapping import SourceMapping, load_mapping
from connectors.mapping.preview import Preview, preview
from connectors.mapping.propose import Proposal, propose
from connectors.mapping.pulling import Files, mapping_beside, read_files
from connectors.sources.source import Progress, silent


@dataclass(frozen=True)
class Mapped:
    """How a source is mapped: `path` the mapping file it was held against, None where `mapping` is the proposal's own."""

    files: Files
    proposal: Proposal
    mapping: SourceMapping
    preview: Preview
    path: Path | None


def looked_at(
    address: str, mapping: Path | None = None, own: Iterable[str] = (), progress: Progress = silent
) -> Mapped:
    """The mapping of a source, named or beside it, and how it fits; or else a proposal. `own`: the area's names for agencies."""
    path = mapping or mapping_beside(address)
    said = load_mapping(path) if path is not None else None
    files = read_files(address, progress, said)
    progress("looking at headings and contents", 0, 1)
    proposal = propose(files.reads, own)
    chosen = said or proposal.mapping
    return Mapped(files, proposal, chosen, preview(files.reads, chosen, proposal, proposed=said is None), path)
