"""The web application that is served: app.py behind one rule about what browsers may keep."""

from pathlib import Path
from typing import Final

import streamlit as st
from starlette.datastructures import Headers, MutableHeaders
from starlette.middleware import Middleware
from starlette.types import ASGIApp, Message, Receive, Scope, Send

ROOT: Final = Path(__file__).parents[1]
NOT_MODIFIED: Final = 304


class AskAgain:
    """Let browsers keep the files of static/, but ask each time whether they are still the same.

    Streamlit says nothing about them, so a browser that knows the app from before an upgrade would mix old modules of
    the viewer with new ones for days, and the viewer would be dead.
    """

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or "/app/static/" not in scope["path"]:
            await self._app(scope, receive, send)
            return
        known = Headers(scope=scope).get("if-none-match")
        unchanged = False

        async def send_on(message: Message) -> None:
            nonlocal unchanged
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                headers["cache-control"] = "no-cache"
                unchanged = known is not None and headers.get("etag") == known
                if unchanged:
                    message["status"] = NOT_MODIFIED
                    del headers["content-length"]
            elif unchanged:
                message = {"type": "http.response.body", "body": b"", "more_body": message.get("more_body", False)}
            await send(message)

        await self._app(scope, receive, send_on)


app = st.App(ROOT / "app.py", middleware=[Middleware(AskAgain)])
