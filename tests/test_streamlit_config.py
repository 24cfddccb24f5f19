"""The dashboard's settings: understood by Streamlit, confidential, and readable for everybody in both themes."""

from __future__ import annotations

import itertools
import math
import re
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

FILE = Path(__file__).resolve().parents[1] / ".streamlit" / "config.toml"
SETTINGS = tomllib.loads(FILE.read_text(encoding="utf-8"))
THEMES = ("light", "dark")
AA_TEXT = 4.5
AA_GRAPHICS = 3.0
CAPTION_STRENGTH = 0.6
CHART_COLOURS = 6
# Distances in CIELAB; about 2 can just be told apart side by side, 20 at a glance and at a distance.
APART = 20

Colour = tuple[float, float, float]

# How colours look with a cone missing, applied to linear RGB (Machado, Oliveira and Fernandes 2009, severity 1).
SIGHT: dict[str, tuple[Colour, Colour, Colour]] = {
    "full": ((1, 0, 0), (0, 1, 0), (0, 0, 1)),
    "no red cones": ((0.152286, 1.052583, -0.204868), (0.114503, 0.786281, 0.099216), (-0.003882, -0.048116, 1.051998)),
    "no green cones": ((0.367322, 0.860646, -0.227968), (0.280085, 0.672501, 0.047413), (-0.01182, 0.04294, 0.968881)),
    "no blue cones": ((1.255528, -0.076749, -0.178779), (-0.078411, 0.930809, 0.147602), (0.004733, 0.691367, 0.3039)),
}


def rgb(code: str) -> Colour:
    return (int(code[1:3], 16), int(code[3:5], 16), int(code[5:7], 16))


def linear(colour: Colour) -> Colour:
    r, g, b = (c / 255 / 12.92 if c / 255 <= 0.04045 else ((c / 255 + 0.055) / 1.055) ** 2.4 for c in colour)
    return (r, g, b)


def contrast(one: Colour, other: Colour) -> float:
    """WCAG 2 contrast ratio."""
    light = [sum(w * c for w, c in zip((0.2126, 0.7152, 0.0722), linear(x), strict=True)) for x in (one, other)]
    return (max(light) + 0.05) / (min(light) + 0.05)


def mixed(top: Colour, ground: Colour, strength: float) -> Colour:
    r, g, b = (t * strength + u * (1 - strength) for t, u in zip(top, ground, strict=True))
    return (r, g, b)


def lab(colour: Colour, sight: str) -> Colour:
    seen = [min(1, max(0, sum(a * b for a, b in zip(row, linear(colour), strict=True)))) for row in SIGHT[sight]]
    to_xyz = ((0.4124, 0.3576, 0.1805), (0.2126, 0.7152, 0.0722), (0.0193, 0.1192, 0.9505))
    white = (0.95047, 1.0, 1.08883)
    ratios = [sum(a * b for a, b in zip(row, seen, strict=True)) / w for row, w in zip(to_xyz, white, strict=True)]
    x, y, z = (t ** (1 / 3) if t > 0.008856 else 7.787 * t + 16 / 116 for t in ratios)
    return (116 * y - 16, 500 * (x - y), 200 * (y - z))


def grounds(theme: str) -> set[str]:
    """Every colour that text stands on in a theme."""
    colours = SETTINGS["theme"][theme]
    return {
        part[key] for part in (colours, colours["sidebar"]) for key in ("backgroundColor", "secondaryBackgroundColor")
    }


def streamlit_reads(folder: Path) -> subprocess.CompletedProcess[str]:
    code = (
        "from streamlit import config as c; c.get_config_options(force_reparse=True); "
        "print(c.get_option('server.address'), c.get_option('theme.dark.sidebar.backgroundColor'))"
    )
    return subprocess.run([sys.executable, "-c", code], cwd=folder, capture_output=True, text=True, check=True)


def test_streamlit_understands_every_setting() -> None:
    read = streamlit_reads(FILE.parents[1])
    assert read.stderr == ""
    assert read.stdout.split() == ["127.0.0.1", SETTINGS["theme"]["dark"]["sidebar"]["backgroundColor"]]


def test_a_setting_streamlit_does_not_know_would_be_noticed(tmp_path: Path) -> None:
    (tmp_path / ".streamlit").mkdir()
    changed = FILE.read_text(encoding="utf-8").replace("[browser]", "[browser]\ngatherUsageStatistics = false", 1)
    (tmp_path / ".streamlit" / "config.toml").write_text(changed, encoding="utf-8")
    assert "gatherUsageStatistics" in streamlit_reads(tmp_path).stderr


@pytest.mark.parametrize(
    ("section", "key", "value"),
    [
        ("server", "address", "127.0.0.1"),
        ("server", "allowedHosts", ["127.0.0.1", "localhost"]),
        ("server", "enableCORS", True),
        ("server", "enableXsrfProtection", True),
        ("server", "enableAgentApi", False),
        ("server", "enableStaticServing", False),
        ("browser", "gatherUsageStats", False),
        ("client", "showErrorDetails", "none"),
        ("client", "showErrorLinks", False),
        ("runner", "magicEnabled", False),
    ],
)
def test_nothing_leaves_the_machine_and_no_record_shows_in_an_error(section: str, key: str, value: object) -> None:
    assert SETTINGS[section][key] == value


def test_nothing_is_fetched_from_elsewhere_and_no_secret_is_kept_here() -> None:
    text = FILE.read_text(encoding="utf-8")
    assert "://" not in text
    assert "cookieSecret" not in text
    assert "fontFaces" not in text


def test_every_setting_says_why() -> None:
    lines = FILE.read_text(encoding="utf-8").splitlines()
    settings = lines[: next(n for n, line in enumerate(lines) if line == "[theme]")]
    explained = False
    for line in settings:
        if line.startswith("["):
            explained = False
        elif line.startswith("#"):
            explained = True
        elif re.match(r"\w+ =", line):
            assert explained, line


@pytest.mark.parametrize("theme", THEMES)
def test_text_captions_and_links_can_be_read(theme: str) -> None:
    colours = SETTINGS["theme"][theme]
    text = rgb(colours["textColor"])
    for code in grounds(theme):
        ground = rgb(code)
        assert contrast(text, ground) >= AA_TEXT
        assert contrast(mixed(text, ground, CAPTION_STRENGTH), ground) >= AA_TEXT
        assert contrast(rgb(colours["linkColor"]), ground) >= AA_TEXT
        assert contrast(rgb(colours["borderColor"]), ground) >= AA_GRAPHICS


@pytest.mark.parametrize("theme", THEMES)
def test_the_primary_colour_can_be_read_as_text_and_beneath_white_text(theme: str) -> None:
    primary = rgb(SETTINGS["theme"][theme]["primaryColor"])
    assert contrast(primary, rgb("#ffffff")) >= AA_TEXT
    assert contrast(primary, rgb(SETTINGS["theme"][theme]["backgroundColor"])) >= AA_TEXT


@pytest.mark.parametrize("theme", THEMES)
def test_chart_colours_reach_plotly_and_stand_out_from_the_ground(theme: str) -> None:
    codes = SETTINGS["theme"][theme]["chartCategoricalColors"]
    assert len(codes) == 10, "Plotly charts fall back to colours of their own unless there are exactly ten"
    assert codes[CHART_COLOURS:] == codes[: 10 - CHART_COLOURS]
    ground = rgb(SETTINGS["theme"][theme]["backgroundColor"])
    assert min(contrast(rgb(code), ground) for code in codes) >= AA_GRAPHICS


@pytest.mark.parametrize("theme", THEMES)
@pytest.mark.parametrize("sight", SIGHT)
def test_chart_colours_keep_apart_for_every_kind_of_sight(theme: str, sight: str) -> None:
    codes = SETTINGS["theme"][theme]["chartCategoricalColors"][:CHART_COLOURS]
    for one, other in itertools.combinations(codes, 2):
        assert math.dist(lab(rgb(one), sight), lab(rgb(other), sight)) >= APART, (one, other)
