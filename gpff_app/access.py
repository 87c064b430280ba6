"""Who may use a shared server: everybody, those who sign in, or those who know the password.

`.streamlit/secrets.toml` decides: an `[auth]` section is Streamlit's own sign-in with an identity provider, a
`password` is one for all, and without either the app is open, as on one's own machine. See docs/server.md.
"""

import hmac
import time
from typing import Final

import streamlit as st

_ADMITTED: Final = "knows the password"

DELAY: Final = 1.0
"""Seconds that a wrong password costs whoever guesses."""


def admitted() -> bool:
    """Whether this browser session may see the pages; if not, the way in is drawn."""
    secrets = dict(st.secrets) if st.secrets.load_if_toml_exists() else {}
    if "auth" in secrets:
        return _signed_in()
    if "password" in secrets:
        return _knows(str(secrets["password"]))
    return True


def _signed_in() -> bool:
    if st.user.get("is_logged_in"):
        return True
    st.markdown("#### GPFF Studio")
    st.button("Sign in", icon=":material/login:", type="primary", on_click=st.login, key="sign in")
    return False


def _knows(password: str) -> bool:
    if st.session_state.get(_ADMITTED):
        return True
    st.markdown("#### GPFF Studio")
    with st.form("password", border=False, width=360):
        given = st.text_input("Password", type="password", help="Whoever runs this server knows it.")
        sent = st.form_submit_button("Enter", icon=":material/login:")
    if sent and hmac.compare_digest(given.encode(), password.encode()):
        st.session_state[_ADMITTED] = True
        st.rerun()
    if sent:
        time.sleep(DELAY)
        st.error("This is not the password; ask whoever runs this server.")
    return False
