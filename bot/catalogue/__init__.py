"""Where the facts come from: the bundled tables now, the docs page with the same reader and gates."""
