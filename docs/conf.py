"""How the pages are built: `make docs`, or `sphinx-build -W --keep-going -n docs <folder>`."""

from __future__ import annotations

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent / "_ext"))

from jupyterlab_compute import __version__

project = "Compute"
author = "The Compute developers"
release = version = __version__

extensions = ["myst_parser", "sphinx.ext.autodoc", "from_code"]
myst_enable_extensions = ["colon_fence", "deflist"]
myst_heading_anchors = 4
exclude_patterns = ["_ext", "_static"]

html_theme = "furo"
html_title = f"Compute {version}"
html_static_path = ["_static"]
html_css_files = ["tables.css"]
html_copy_source = False
html_show_sourcelink = False

# Docstrings are written for readers of the code: one backtick is code.
default_role = "code"
autodoc_member_order = "bysource"
autodoc_typehints = "signature"
# What a signature names and these pages do not describe: Python's own, and parts of ours that no driver uses.
nitpick_ignore_regex = [
    ("py:class", r"collections\.abc\..*|Sequence|Mapping|Any|Enum|enum\.Enum|ABC|abc\.ABC|Protocol|(dict|tuple)\[.*")
]
