"""A regular package, because one of the installed libraries brings a package of this name, too."""
