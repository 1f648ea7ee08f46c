"""Measures the program against its budgets, and against the usual ways to build such a bot."""
