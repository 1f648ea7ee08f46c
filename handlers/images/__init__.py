"""Strangers' pictures, looked at in a process of their own: type, size, what can be read."""
