"""Backup and restore: one consistent cut of database and photos in one file, for either engine."""
