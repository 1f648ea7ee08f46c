"""The web chat: a page for phones, posting into the same inbox as every other channel."""
