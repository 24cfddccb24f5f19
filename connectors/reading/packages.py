"""The zip packages that workbooks are, and what reading a broken one raises."""

from __future__ import annotations

import zipfile
import zlib

BROKEN_PACKAGE = (zipfile.BadZipFile, zlib.error, OSError, RuntimeError)
"""What `zipfile` raises of a package, or of a part of it, that is damaged, locked or packed in a way it does not know. A damaged
list of parts makes it raise ValueError besides, and a part that is not there KeyError."""
