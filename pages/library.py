"""Library: everything that was generated, to search, compare and take away."""

from gpff_app.library.page import library_page

library_page()
