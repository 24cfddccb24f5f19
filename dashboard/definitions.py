"""What was declared when a snapshot was made: measures, rules, fields and standards, as one document.

Stored with every snapshot, so that an old one is read with its own definitions, and a page needs no import of the checks.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from checks.rule import Rule
from checks.standard import Standard, figure_sentences
from kpis.measure import Example, Measure
from kpis.measures import MEASURES


def definitions(standards: Sequence[Standard]) -> dict[str, Any]:
    """Every declaration, ready for JSON: `measures`, `rules`, `tables`, `standards`."""
    # These bring pandera, which takes a second to import and which pages never need.
    from checks.field_rules import FIELD_RULES
    from checks.rules import RULES
    from checks.tables import TABLES

    return {
        "measures": {each.id: _measure(each) for each in MEASURES.values()},
        "rules": {each.id: _rule(each, standards) for each in (*FIELD_RULES.values(), *RULES.values())},
        "tables": {
            name: {
                "sentence": (model.__doc__ or "").strip(),
                "optional": model.about().optional,
                "fields": {field.name: _field(field) for field in model.fields().values()},
            }
            for name, model in TABLES.items()
        },
        "standards": {each.name: _standard(each) for each in standards},
    }


def _measure(measure: Measure) -> dict[str, Any]:
    words = ("title", "sentence", "numerator", "denominator", "cite", "target", "window", "unit", "each", "by_case")
    return {
        **{word: getattr(measure, word) for word in words},
        "how_to_read": measure.how_to_read,
        "counts": list(measure.counts),
        "dimensions": list(measure.dimensions),
        "examples": [_example(measure.passes), _example(measure.breaks)],
    }


def _example(example: Example) -> dict[str, Any]:
    words = ("story", "period", "standard", "as_at", "met", "owed", "unknown", "verdict")
    return {word: getattr(example, word) for word in words}


def _rule(rule: Rule, standards: Sequence[Standard]) -> dict[str, Any]:
    words = ("severity", "dimension", "table", "message", "fix", "cite")
    applies = [each.name for each in standards if rule.applies(each)]
    return {**{word: getattr(rule, word) for word in words}, "field": rule.fields[0], "standards": applies}


def _field(field: Any) -> dict[str, Any]:
    required = field.required if isinstance(field.required, bool) else f"when {field.required.words}"
    return {"sentence": field.sentence, "expected": field.expected, "required": required}


def _standard(standard: Standard) -> dict[str, Any]:
    figures = {
        name: {"sentence": sentence, **figure.model_dump(mode="json")}
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
