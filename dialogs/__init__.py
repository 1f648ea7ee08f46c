"""All decisions: pure rules and conversations, no I/O, no clock, no randomness, no framework."""
