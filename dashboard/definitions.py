"""What was declared when a snapshot was made: measures, rules, fields and standards, as one document.

Stored with every snapshot, so that an old one is read with its own definitions, and a page needs no import of the checks.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any

from checks.rule import Rule
from checks.standard import Standard, figure_sentences
from dashboard.words_of_the_field import WORDS
from kpis.measure import Example, Measure
from kpis.measures import MEASURES


def definitions(standards: Sequence[Standard], adopted_targets: Mapping[str, Decimal] | None = None) -> dict[str, Any]:
    """Every declaration, ready for JSON: `measures`, `rules`, `table_rules`, `tables`, `standards`, `words`.

    `adopted_targets`: measure id → the target that the area has set itself where the guidance sets none.
    """
    # These bring pandera, which takes a second to import and which pages never need.
    from checks.field_rules import FIELD_RULES
    from checks.findings import TABLE_RULES
    from checks.rules import RULES
    from checks.tables import TABLES

    return {
        "measures": {each.id: _measure(each, standards, adopted_targets or {}) for each in MEASURES.values()},
        "rules": {each.id: _rule(each, standards) for each in (*FIELD_RULES.values(), *RULES.values())},
        "table_rules": [_table_rule(each) for each in TABLE_RULES],
        "tables": {
            name: {
                "sentence": (model.__doc__ or "").strip(),
                "optional": model.about().optional,
                "fields": {field.name: _field(field) for field in model.fields().values()},
            }
            for name, model in TABLES.items()
        },
        "standards": {each.name: _standard(each) for each in standards},
        "words": dict(WORDS),
    }


def _measure(measure: Measure, standards: Sequence[Standard], adopted_targets: Mapping[str, Decimal]) -> dict[str, Any]:
    words = (
        "title",
        "sentence",
        "numerator",
        "denominator",
        "cite",
        "target",
        "window",
        "unit",
        "each",
        "by_case",
        "together",
    )
    words += ("theme", "things", "describes", "of_cases")
    return {
        **{word: getattr(measure, word) for word in words},
        "how_to_read": measure.how_to_read,
        "short": measure.short,
        "cannot_tell": measure.cannot_tell,
        "counts": list(measure.counts),
        "dimensions": list(measure.dimensions),
        "standards": [each.name for each in standards if measure.in_standard(each)],
        "adopted_target": None if (adopted := adopted_targets.get(measure.id)) is None else str(adopted),
        "examples": [_example(measure.passes), _example(measure.breaks)],
    }


def _example(example: Example) -> dict[str, Any]:
    words = ("story", "period", "standard", "as_at", "met", "owed", "unknown", "verdict")
    return {word: getattr(example, word) for word in words}


def _rule(rule: Rule, standards: Sequence[Standard]) -> dict[str, Any]:
    words = ("severity", "dimension", "table", "message", "fix", "cite")
    applies = [each.name for each in standards if rule.applies(each)]
    return {**{word: getattr(rule, word) for word in words}, "field": rule.fields[0], "standards": applies}


def _table_rule(rule: Any) -> dict[str, Any]:
    """A rule on tables and columns as a whole, its table called TABLE and its column FIELD."""
    from checks.findings import EXTRA_CELLS_FIELD, EXTRA_CELLS_IN_ROW, WHOLE

    named = {"table": "TABLE", "field": "FIELD"}
    of_column = "FIELD" if "{field}" in rule.message else WHOLE
    return {
        "id": rule.id("TABLE", EXTRA_CELLS_FIELD if rule is EXTRA_CELLS_IN_ROW else of_column),
        "severity": rule.severity,
        "dimension": rule.dimension,
        "message": rule.message.format(**named),
        "fix": rule.fix.format(**named),
        "cite": rule.cite,
    }


def _field(field: Any) -> dict[str, Any]:
    required = field.required if isinstance(field.required, bool) else f"when {field.required.words}"
    return {"sentence": field.sentence, "expected": field.expected, "required": required}


def _standard(standard: Standard) -> dict[str, Any]:
    figures = {
        name: {"sentence": sentence, **figure.model_dump(mode="json", by_alias=True)}
        for name, sentence in figure_sentences().items()
        if (figure := getattr(standard.figures, name)) is not None
    }
    return {
        "title": standard.title,
        "edition": standard.edition,
        "caution": standard.caution,
        "sources": [each.model_dump() for each in standard.sources],
        "figures": figures,
        "not_set": [sentence for name, sentence in figure_sentences().items() if name not in figures],
    }
