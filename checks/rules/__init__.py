"""The rules across fields and tables, found by folder: every `Rule` that a module of this folder declares."""

from __future__ import annotations

from importlib import import_module
from pkgutil import iter_modules

from checks.rule import Rule


def _found() -> dict[str, Rule]:
    rules: dict[str, Rule] = {}
    for info in sorted(iter_modules(__path__), key=lambda module: module.name):
        module = import_module(f"{__name__}.{info.name}")
        for rule in vars(module).values():
            if isinstance(rule, Rule):
                if rules.get(rule.id, rule) is not rule:
                    raise ValueError(f"two rules are called {rule.id}")
                rules[rule.id] = rule
    return rules


RULES: dict[str, Rule] = _found()
"""Every rule across fields and tables by id."""
