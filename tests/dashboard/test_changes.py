"""What is new, still there and resolved: on any two sets of findings nothing is lost, counted twice or called put right unseen."""

from __future__ import annotations

from collections import Counter

import polars as pl
from hypothesis import given, settings
from hypothesis import strategies as st

from checks.findings import FINDINGS
from dashboard.changes import NEW, NO_LONGER_CHECKED, RESOLVED, STILL_THERE, gone_how, since_last, with_changes

RULES = ("cases.sex.required", "cases.case_id.unique", "meetings.kind.code")

finding = st.fixed_dictionaries(
    {
        "rule": st.sampled_from(RULES),
        "severity": st.sampled_from(["error", "warning"]),
        "dimension": st.just("validity"),
        "table": st.sampled_from(["cases", "meetings"]),
        "key": st.sampled_from([None, "C1", "C2"]),
        "field": st.just("sex"),
        "file": st.sampled_from(["a.csv", "b.csv"]),
        "sheet": st.none(),
        "row": st.sampled_from([None, 2, 3]),
        "message": st.just("It is missing."),
        "fix": st.just("Enter it."),
    }
)
findings = st.lists(finding, max_size=12).map(lambda rows: pl.DataFrame(rows, schema=FINDINGS, orient="row"))


def identities(frame: pl.DataFrame) -> Counter[tuple[object, ...]]:
    """How often each finding stands there; a row number tells only where there is no key."""
    return Counter(
        (rule, table, key, row if key is None else None)
        for rule, table, key, row in frame.select("rule", "table", "key", "row").iter_rows()
    )


@settings(deadline=None)
@given(findings, findings)
def test_new_and_still_there_are_all_of_now(now: pl.DataFrame, before: pl.DataFrame) -> None:
    marked, _ = since_last(now, before)
    assert marked.drop("since").equals(now)
    assert set(marked["since"]) <= {NEW, STILL_THERE}


@settings(deadline=None)
@given(findings, findings)
def test_resolved_and_still_there_are_all_of_before(now: pl.DataFrame, before: pl.DataFrame) -> None:
    marked, gone = since_last(now, before)
    still = identities(marked.filter(since=STILL_THERE))
    assert still + identities(gone) == identities(before)
    assert still == identities(now) & identities(before)


@settings(deadline=None)
@given(findings)
def test_nothing_changes_against_itself_in_whatever_order(now: pl.DataFrame) -> None:
    marked, gone = since_last(now, now.reverse())
    assert set(marked["since"]) <= {STILL_THERE}
    assert gone.is_empty()


@settings(deadline=None)
@given(findings)
def test_without_a_snapshot_before_nothing_is_called_new_or_resolved(now: pl.DataFrame) -> None:
    marked, gone = since_last(now, None)
    assert marked["since"].null_count() == now.height
    assert gone.is_empty()


def test_a_row_that_has_moved_down_is_the_same_finding_if_it_has_a_key() -> None:
    row = {"rule": RULES[0], "table": "cases", "key": "C1", "row": 2}
    before = pl.DataFrame([row], schema=FINDINGS, orient="row")
    marked, gone = since_last(before.with_columns(row=pl.lit(9, dtype=pl.UInt32)), before)
    assert marked["since"].to_list() == [STILL_THERE]
    assert gone.is_empty()


def outcomes(**status: str) -> pl.DataFrame:
    rules = {"sex": RULES[0], "unique": RULES[1], "kind": RULES[2]}
    return pl.DataFrame({"rule": [rules[name] for name in status], "status": list(status.values())})


def gone_of(*rules: str) -> pl.DataFrame:
    rows = [{"rule": rule, "table": "cases", "key": "C1", "row": 2} for rule in rules]
    return pl.DataFrame(rows, schema=FINDINGS, orient="row")


def test_what_could_not_be_checked_again_is_not_resolved() -> None:
    gone = gone_of(RULES[0], RULES[1], RULES[2], "cases.sex.absent")
    said = gone_how(gone, outcomes(sex="could not check", unique="pass"), ("absent",))
    # The rule on meetings is no longer one of the product's: nobody has looked.
    assert said["since"].to_list() == [NO_LONGER_CHECKED, RESOLVED, NO_LONGER_CHECKED, RESOLVED]


def test_a_rule_that_could_not_be_checked_counts_nothing_as_resolved() -> None:
    counted = with_changes(
        outcomes(sex="could not check", unique="pass", kind="fail"),
        gone_of(RULES[2]).with_columns(since=pl.lit(NEW)),
        gone_of(RULES[0], RULES[1]),
        compared=True,
    )
    assert counted.select("new", "persisting", "resolved").rows() == [(None, None, None), (0, 0, 1), (1, 0, 0)]
