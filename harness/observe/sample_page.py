"""A page of our own on loopback that grows an element while somebody looks: what the browser must be able to see."""

import threading
from collections.abc import Mapping
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Final, Self

LOOPBACK: Final = "127.0.0.1"
_PAGE: Final = """<!doctype html><meta charset="utf-8"><title>ours</title><p>{words}</p>
<script>
  new EventSource("/live").onmessage = (event) => {{
    const fresh = document.createElement("p");
    fresh.textContent = event.data;
    document.body.append(fresh);
  }};
</script>
"""
_LIVE: Final = "retry: 600000\ndata: {words}\n\n"


class Served:
    """Serves texts by their paths until it is closed: a path that ends in `live` as events, any other as a page."""

    def __init__(self, texts: Mapping[str, str]) -> None:
        self._server = ThreadingHTTPServer((LOOPBACK, 0), _serving(texts))
        self._server.daemon_threads = True
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.05,), daemon=True)

    @property
    def url(self) -> str:
        """Where the path `/` is."""
        return f"http://{LOOPBACK}:{self._server.server_port}/"

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()


def growing(words: str) -> Served:
    """A page with these words, which grows a second paragraph with the same words."""
    return Served({"/": _PAGE.format(words=words), "/live": _LIVE.format(words=words)})


def _serving(texts: Mapping[str, str]) -> type[BaseHTTPRequestHandler]:
    class Serving(BaseHTTPRequestHandler):
        """Gives what lies at a path."""

        def do_GET(self) -> None:
            """Answer once and close."""
            body = texts.get(self.path, "nothing lies here").encode()
            self.send_response(200 if self.path in texts else 404)
            kind = "text/event-stream" if self.path.endswith("live") else "text/html; charset=utf-8"
            self.send_header("Content-Type", kind)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the library names it so
            """Say nothing."""

    return Serving
