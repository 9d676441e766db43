"""A page of our own on loopback that grows an element while somebody looks: what the browser must be able to see."""

import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Final, Self

LOOPBACK: Final = "127.0.0.1"
_PAGE: Final = """<!doctype html><title>ours</title><p>{words}</p>
<script>
  new EventSource("/live").onmessage = (event) => {{
    const fresh = document.createElement("p");
    fresh.textContent = event.data;
    document.body.append(fresh);
  }};
</script>
"""
_NAMES: Final = {"/": "text/html; charset=utf-8", "/live": "text/event-stream"}


class SamplePage:
    """Serves the page with these words, which grows a second paragraph with the same words; use it in a `with`."""

    def __init__(self, words: str) -> None:
        bodies = {"/": _PAGE.format(words=words), "/live": f"retry: 600000\ndata: {words}\n\n"}
        self._server = ThreadingHTTPServer((LOOPBACK, 0), _serving(bodies))
        self._server.daemon_threads = True
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.05,), daemon=True)

    @property
    def url(self) -> str:
        """Where it is."""
        return f"http://{LOOPBACK}:{self._server.server_port}/"

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()


def _serving(bodies: dict[str, str]) -> type[BaseHTTPRequestHandler]:
    class Serving(BaseHTTPRequestHandler):
        """Gives what lies at a path."""

        def do_GET(self) -> None:
            """Answer once and close."""
            body = bodies.get(self.path, "").encode()
            self.send_response(200 if body else 404)
            self.send_header("Content-Type", _NAMES.get(self.path, "text/plain"))
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - its name there
            """Say nothing."""

    return Serving
