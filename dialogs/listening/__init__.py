"""How people really write: tables and readers behind `answers`, `names`, `commands`, `villages`."""
