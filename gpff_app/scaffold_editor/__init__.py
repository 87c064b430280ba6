"""The scaffold editor: a document, edits of it, where documents come from, and what is grown on them.

`document`, `steps`, `edits`, `choosing`, `placing`, `sources` and `growth` know nothing of Streamlit; `state`,
`toolbar`, `open_panel` and `grow_panel` are what the page is made of.
"""
