"""The Prior studio: where generation starts, designed by eye and by number.

A *design* is what the controls of one kind of prior hold, as a dictionary JSON can carry; its kind makes a prior of it.
A kind is one file here, and one line in `kinds.KINDS`.
"""
