"""The command line, one file a noun; each imports what is heavy only when it runs."""
