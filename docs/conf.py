"""How the documentation is built: `make docs`."""

from tutela import __version__

project = "Tutela"
copyright = "the Tutela authors, Apache-2.0"
version = release = __version__
extensions = ["myst_parser", "sphinx.ext.autodoc"]
myst_enable_extensions = ["colon_fence", "deflist"]
myst_heading_anchors = 3
html_theme = "furo"
html_title = f"Tutela {release}"
html_show_sphinx = False
exclude_patterns = ["_build"]
