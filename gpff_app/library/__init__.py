"""The library: everything that was generated, kept in one file, to search, compare, note and take away."""
