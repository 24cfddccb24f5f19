"""The product's own version."""

from __future__ import annotations

from importlib.metadata import PackageNotFoundError, version

try:
    PRODUCT_VERSION = version("mappa-monitor")
except PackageNotFoundError:  # run from a folder that has not been installed
    PRODUCT_VERSION = "0"
