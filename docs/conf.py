"""Configuration of the documentation site: `make docs` builds it, strictly."""

project = "dlvm"
extensions = ["myst_parser"]
html_theme = "furo"
html_title = "dlvm"
html_copy_source = False
html_show_sphinx = False
myst_heading_anchors = 3  # headings up to this level can be linked to
myst_links_external_new_tab = False
suppress_warnings = ["misc.highlighting_failure"]  # consoles hold … where a person fills in a value
nitpicky = True
exclude_patterns = ["_build"]
