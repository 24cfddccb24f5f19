"""Figures that areas have published: whether they add up, and how they stand beside one's own."""

from __future__ import annotations

from pathlib import Path

SHIPPED = Path(__file__).with_name("figures.csv")
"""Figures read off published annual reports, wrong sums and all: a CSV of `area,reporting_year,table,row,column,value,source`."""
