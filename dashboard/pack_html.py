"""The pack as one HTML file: no script, nothing fetched from anywhere, charts drawn in it, every text shown as it stands."""

from __future__ import annotations

from html import escape

from dashboard.pack_parts import Chart, Pack, Part, Table

_STYLE = """
:root { color-scheme: light dark; --bar: #00508f; --two: #d9690f; --three: #968796; --four: #5a2d2d; --target: #b3002d; }
@media (prefers-color-scheme: dark) {
  :root { --bar: #6cb6f5; --two: #ff9f4a; --three: #e1d2b4; --four: #788796; --target: #ff8095; }
}
body { font: 1rem/1.5 system-ui, sans-serif; max-width: 66rem; margin: 2rem auto; padding: 0 1rem; }
table { border-collapse: collapse; width: 100%; margin: .5rem 0 1.5rem; }
caption { text-align: left; font-weight: bold; padding: .3rem 0; }
th, td { padding: .3rem .5rem; border-bottom: 1px solid #767676; text-align: right; vertical-align: top; }
th.words, td.words { text-align: left; } tbody th { font-weight: normal; text-align: left; }
td { font-variant-numeric: tabular-nums; overflow-wrap: break-word; }
.wide { overflow-x: auto; } .message { font-size: 1.25rem; font-weight: bold; }
.note { border: 2px solid; padding: .5rem 1rem; } dt { font-weight: bold; } dl { margin: 1rem 0; } dd { margin: 0 0 .3rem; }
section { margin: 2.5rem 0; } figure { margin: 1rem 0; max-width: 52rem; } svg { width: 100%; height: auto; }
svg text { font: 14px system-ui, sans-serif; fill: currentColor; } svg .inside { font-size: 12px; }
svg .axis { stroke: currentColor; stroke-width: 1; }
svg .target { stroke: var(--target); stroke-width: 3; stroke-dasharray: 7 4; }
svg .s0 { fill: var(--bar); } svg .s1 { fill: var(--two); } svg .s2 { fill: var(--three); } svg .s3 { fill: var(--four); }
figcaption { font-size: .95rem; } details { margin: .5rem 0; }
@media print { body { max-width: none; margin: 0; } figure, tr { break-inside: avoid; } nav { display: none; } }
"""

_WIDE, _BAR, _NAME = 760, 28, 230


def html_bytes(pack: Pack) -> bytes:
    """The pack as HTML."""
    about = "".join(f"<dt>{escape(name)}</dt><dd>{escape(text)}</dd>" for name, text in pack.about.items() if text)
    notes = "".join(f'<p class="note"><strong>Note.</strong> {escape(text)}</p>' for text in pack.warnings)
    contents = "".join(
        f'<li><a href="#part-{at}">{escape(part.title)}</a></li>' for at, part in enumerate(pack.parts, start=1)
    )
    parts = "".join(_part(part, at) for at, part in enumerate(pack.parts, start=1))
    page = (
        '<!DOCTYPE html>\n<html lang="en-GB">\n<head>\n<meta charset="utf-8">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'unsafe-inline'\">\n"
        '<meta name="referrer" content="no-referrer">\n'
        f"<title>{escape(pack.title)} – {escape(pack.about['Area'])}</title>\n<style>{_STYLE}</style>\n</head>\n<body>\n"
        f"<main>\n<h1>{escape(pack.title)}</h1>\n<dl>{about}</dl>\n{notes}\n"
        f'<nav aria-label="Contents"><h2>Contents</h2><ol>{contents}</ol></nav>\n{parts}</main>\n'
        f"<footer><p>{escape(pack.foot)}</p></footer>\n</body>\n</html>\n"
    )
    return page.encode()


def _part(part: Part, at: int) -> str:
    name = f"part-{at}"
    says = "".join(f"<p>{escape(text)}</p>" for text in part.says)
    notes = "".join(f"<li>{escape(text)}</li>" for text in part.notes)
    definitions = f"<details><summary>Definitions</summary><ul>{notes}</ul></details>" if part.notes else ""
    charts = "".join(_figure(chart) for chart in part.charts if not chart.is_empty)
    tables = "".join(_table(table, f"{name}-table-{number}") for number, table in enumerate(part.tables, start=1))
    return (
        f'<section id="{name}" aria-labelledby="{name}-title">\n<h2 id="{name}-title">{at}. {escape(part.title)}</h2>\n'
        f'<p class="message">{escape(part.message)}</p>\n{charts}{says}{tables}{definitions}</section>\n'
    )


def _table(table: Table, name: str) -> str:
    def kind(column: int) -> str:
        return ' class="words"' if column < table.words else ""

    head = "".join(f'<th scope="col"{kind(at)}>{escape(text)}</th>' for at, text in enumerate(table.headings))
    body = "".join(
        f'<tr><th scope="row" dir="auto">{escape(row[0].text)}</th>'
        + "".join(f"<td{kind(at)}>{escape(cell.text)}</td>" for at, cell in enumerate(row[1:], start=1))
        + "</tr>"
        for row in table.rows
    )
    return (
        f'<div class="wide" tabindex="0" role="region" aria-labelledby="{name}">'
        f'<table><caption id="{name}">{escape(table.title)}</caption>'
        f"<thead><tr>{head}</tr></thead><tbody>{body}</tbody></table></div>\n"
    )


# Charts


def _figure(chart: Chart) -> str:
    drawn = {"columns": _columns, "bars": _bars, "stacked": _bars}[chart.kind](chart)
    target = " The dashed line is the target." if chart.has_targets else ""
    return f"<figure>{drawn}<figcaption><strong>{escape(chart.title)}.</strong> {escape(chart.how)}{target}</figcaption></figure>\n"


def _svg(chart: Chart, height: int, inside: str) -> str:
    return f'<svg viewBox="0 0 {_WIDE} {height}" role="img" aria-label="{escape(chart.alt)}">{inside}</svg>'


def _text(x: float, y: float, text: str, more: str = "") -> str:
    return f'<text x="{x:.1f}" y="{y:.1f}"{more}>{escape(text)}</text>'


def _columns(chart: Chart) -> str:
    series, tall, top = chart.series[0], 200, 30
    step = _WIDE / max(len(chart.categories), 1)
    out = [f'<line class="axis" x1="0" x2="{_WIDE}" y1="{top + tall}" y2="{top + tall}"/>']
    for at, (name, value, text) in enumerate(zip(chart.categories, series.values, series.texts, strict=True)):
        middle, height = step * (at + 0.5), tall * (value or 0) / chart.top
        y = top + tall - height
        out.append(
            f'<rect class="s0" x="{middle - step * 0.3:.1f}" y="{y:.1f}" width="{step * 0.6:.1f}" height="{height:.1f}"/>'
        )
        out.append(_text(middle, y - 8, text, ' text-anchor="middle"'))
        out.append(_text(middle, top + tall + 20, name, ' text-anchor="middle"'))
        target = chart.targets[at] if chart.targets else None
        if target is not None:
            line = top + tall - tall * target / chart.top
            out.append(
                f'<line class="target" x1="{step * at:.1f}" x2="{step * (at + 1):.1f}" y1="{line:.1f}" y2="{line:.1f}"/>'
            )
    return _svg(chart, top + tall + 30, "".join(out))


def _bars(chart: Chart) -> str:
    several = len(chart.series) > 1
    legend = 30 if several else 0
    room = _WIDE - _NAME - 150
    out = []
    for place, each in enumerate(chart.series if several else ()):
        x = _NAME + place * 130
        out.append(f'<rect class="s{place % 4}" x="{x}" y="4" width="14" height="14"/>{_text(x + 20, 16, each.name)}')
    for at, name in enumerate(chart.categories):
        y, x = legend + at * (_BAR + 12), float(_NAME)
        out.append(_text(_NAME - 10, y + 19, _short(name), ' text-anchor="end"'))
        for place, each in enumerate(chart.series):
            width = room * (each.values[at] or 0) / chart.top
            out.append(f'<rect class="s{place % 4}" x="{x:.1f}" y="{y}" width="{width:.1f}" height="{_BAR}"/>')
            x += width
        said = " / ".join(each.texts[at] for each in chart.series)
        out.append(_text(x + 8, y + 19, said))
        target = chart.targets[at] if chart.targets else None
        if target is not None:
            line = _NAME + room * target / chart.top
            out.append(f'<line class="target" x1="{line:.1f}" x2="{line:.1f}" y1="{y - 4}" y2="{y + _BAR + 4}"/>')
    return _svg(chart, legend + len(chart.categories) * (_BAR + 12), "".join(out))


def _short(name: str) -> str:
    return name if len(name) <= 30 else f"{name[:29]}…"
