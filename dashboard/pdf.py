"""Documents as PDF: tagged for screen readers (PDF/UA), with contents and page numbers, the same bytes for the same content.

What is said in a document is handed to the typesetter as data, never as markup: text from a source can do nothing there.
"""

from __future__ import annotations

import json
import unicodedata
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Literal

from checks.errors import UsageError

_TEMPLATE = r"""
#let told = json("document.json")
#set document(title: told.title, date: none)
#set text(lang: "en", region: "GB", size: 10pt, font: ("Libertinus Serif", "New Computer Modern", "DejaVu Sans Mono"))
#set page(
  paper: "a4",
  margin: (x: 20mm, top: 20mm, bottom: 22mm),
  footer: context text(size: 8.5pt)[#told.footer #h(1fr) Page #counter(page).display("1 of 1", both: true)],
)
#set par(leading: 0.6em, spacing: 0.8em)
#show heading: set block(above: 1.4em, below: 0.7em, sticky: true)
#show table.cell.where(y: 0): set text(weight: "bold")
#title()
#for (name, value) in told.about [
  #strong(name): #value \
]
#for warning in told.warnings {
  block(stroke: 0.8pt + black, inset: 8pt, width: 100%)[#strong[Note.] #warning]
}
#outline(title: "Contents", depth: 1)
#let inks = (rgb("#00508f"), rgb("#d9690f"), rgb("#968796"), rgb("#5a2d2d"))
#let target-line = (paint: rgb("#b3002d"), thickness: 1.4pt, dash: "dashed")
#let columns-over-time(bars) = {
  let tall = 42mm
  grid(
    columns: (1fr,) * bars.names.len(),
    ..bars.names.enumerate().map(((at, name)) => {
      let height = bars.heights.at(at).sum() * tall
      block(width: 100%, {
        box(width: 100%, height: tall + 6mm, {
          place(bottom + center, rect(width: 62%, height: height, fill: inks.at(0)))
          // On the bar where there is room, so that the target's line does not run through it.
          let inside = height > 8mm
          place(bottom + center, dy: if inside { -height + 5mm } else { -height - 1.2mm },
            text(size: 8.5pt, fill: if inside { white } else { black }, bars.texts.at(at)))
          let target = bars.targets.at(at, default: none)
          if target != none { place(bottom, dy: -target * tall, line(length: 100%, stroke: target-line)) }
        })
        line(length: 100%, stroke: 0.6pt)
        align(center, text(size: 8pt, name))
      })
    })
  )
}
#let bars-by-name(bars) = {
  let wide = 82mm
  if bars.series.len() > 1 {
    block(below: 0.8em, text(size: 8.5pt, bars.series.enumerate().map(((at, name)) =>
      box(width: 3mm, height: 3mm, baseline: 0.3mm, fill: inks.at(calc.rem(at, 4))) + [ ] + name
    ).join(h(1em))))
  }
  grid(
    columns: (1fr, wide, 26mm), column-gutter: 2mm, row-gutter: 2mm,
    ..bars.names.enumerate().map(((at, name)) => (
      align(right + horizon, text(size: 8.5pt, name)),
      box(width: wide, height: 6mm, {
        let x = 0mm
        for (place-of, share) in bars.heights.at(at).enumerate() {
          place(left + horizon, dx: x, rect(width: share * wide, height: 5mm, fill: inks.at(calc.rem(place-of, 4))))
          x += share * wide
        }
        let target = bars.targets.at(at, default: none)
        if target != none { place(left + top, dx: target * wide, line(length: 6mm, angle: 90deg, stroke: target-line)) }
      }),
      align(left + horizon, text(size: 8.5pt, bars.texts.at(at))),
    )).flatten()
  )
}
#let drawn(bars) = block(breakable: false, width: 100%, {
  set par(spacing: 0.4em)
  figure(alt: bars.alt, kind: image, supplement: none, numbering: none, block(width: 100%, {
    set align(left)
    if bars.kind == "columns" { columns-over-time(bars) } else { bars-by-name(bars) }
  }))
  par(text(size: 9pt)[#strong(bars.title). #bars.how])
})
#for (place-of, section) in told.sections.enumerate() {
  if section.starts_page and place-of > 0 { pagebreak(weak: true) }
  // What fits on a page is not parted.
  block(breakable: section.rows.len() > 25 or section.bars.len() > 0 or section.says.len() > 0 or section.words > 1, {
    heading(level: section.level, section.heading)
    for (at, said) in section.says.enumerate() { par(if at == 0 { strong(said) } else { said }) }
    for bars in section.bars { drawn(bars) }
    if section.headings.len() > 0 {
      let size = if section.headings.len() > 6 { 8.5pt } else { 10pt }
      set text(size: size)
      table(
        columns: if section.widths.len() > 0 { section.widths.map(each => each * 1fr) } else {
          (1.6fr, ..((1fr,) * (section.headings.len() - 1)))
        },
        align: (column, row) => if column < section.words { left } else { right },
        stroke: (x, y) => (bottom: if y == 0 { 0.8pt + black } else { 0.4pt + luma(60%) }),
        inset: (x: 4pt, y: 5pt),
        table.header(..section.headings.map(text)),
        ..section.rows.flatten().map(text),
      )
    }
    for said in section.paragraphs { par(text(size: 9pt, said)) }
  })
}
"""

UNSHOWN = "□"
"""Stands for a character that the fonts of a document do not have."""

# What the fonts that come with the typesetter show: Latin, Greek and Cyrillic writing, punctuation, currency, arrows and signs.
_SHOWN = (
    (0x20, 0x7E),
    (0xA0, 0x2FF),
    (0x370, 0x4FF),
    (0x1E00, 0x1FFF),
    (0x2010, 0x2027),
    (0x2030, 0x203A),
    (0x20A0, 0x20BF),
)
_SIGNS = frozenset("←↑→↓−≈≠≤≥□○●◐✓✗\N{NO-BREAK SPACE}\N{NARROW NO-BREAK SPACE}")


@dataclass(frozen=True)
class Bars:
    """A chart of bars: in `columns` over time, or lying beside their names, one series or several `stacked`.

    `heights` per name, one per series, as shares of the whole axis · `texts` what stands at each bar · `targets` per name, as a
    share of the axis, None where there is none · `alt` what it shows, in words · `how` how to read it.
    """

    kind: Literal["columns", "bars", "stacked"]
    title: str
    names: Sequence[str]
    series: Sequence[str]
    heights: Sequence[Sequence[float]]
    texts: Sequence[str]
    targets: Sequence[float | None]
    alt: str
    how: str


@dataclass(frozen=True)
class Section:
    """A heading, what is said below it, charts, a table (its `headings`, and rows of as many texts), and paragraphs at the end.

    `level` of the heading; the contents name the first · `words` how many columns hold words, set to the left · `widths` of the
    columns, beside each other · `starts_page` it begins a page.
    """

    heading: str
    headings: Sequence[str]
    rows: Sequence[Sequence[str]]
    paragraphs: Sequence[str] = ()
    says: Sequence[str] = ()
    bars: Sequence[Bars] = ()
    level: int = 1
    words: int = 1
    widths: Sequence[float] = ()
    starts_page: bool = False


@dataclass(frozen=True)
class Document:
    """What a PDF holds: title, lines about it (name and value), notes set apart, sections, and a line at the foot of each page."""

    title: str
    about: Sequence[tuple[str, str]]
    warnings: Sequence[str]
    sections: Sequence[Section]
    footer: str


def pdf_bytes(document: Document, made_at: datetime | None = None) -> bytes:
    """The document as PDF. `made_at` is written into it as its date; without one the start of 1970 is.

    Raises UsageError (exit 2) where it cannot be set, without repeating what it holds.
    """
    import typst  # eighty megabytes that nothing else needs

    told = _displayable(asdict(document))
    files = {"main.typ": _TEMPLATE.encode(), "document.json": json.dumps(told).encode()}
    try:
        return typst.compile(
            files,  # ty: ignore[invalid-argument-type]  # files by name are taken, only not declared
            format="pdf",
            pdf_standards=["ua-1"],
            ignore_system_fonts=True,
            timestamp=0 if made_at is None else int(made_at.timestamp()),
        )
    except typst.TypstError:
        # Its text may quote the document.
        raise UsageError("The tables could not be set as PDF. Choose another kind of file, such as .html.") from None


def _displayable(told: object) -> object:
    """The same with every text in characters that the fonts have."""
    if isinstance(told, str):
        return "".join(map(_shown, unicodedata.normalize("NFC", told)))
    if isinstance(told, dict):
        return {name: _displayable(value) for name, value in told.items()}
    if isinstance(told, list | tuple):
        return [_displayable(each) for each in told]
    return told


def _shown(character: str) -> str:
    """The character; nothing for one that takes no room, a space for a break, else a box."""
    kind = unicodedata.category(character)
    if kind == "Cf":
        return ""
    if character in "\t\r\n\N{LINE SEPARATOR}\N{PARAGRAPH SEPARATOR}":
        return " "
    assigned = kind not in {"Cn", "Cc", "Co", "Cs"}
    known = any(first <= ord(character) <= last for first, last in _SHOWN)
    return character if character in _SIGNS or (assigned and known) else UNSHOWN
