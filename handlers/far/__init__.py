"""Far photos: those that lie on a platform's servers until they are fetched."""
