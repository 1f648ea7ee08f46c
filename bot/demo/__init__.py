"""The demo: one commune with invented people, marked as such in every row that can be."""
