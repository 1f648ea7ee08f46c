"""Zalo: its two surfaces, the Bot Platform and the Official Account, each a channel."""
