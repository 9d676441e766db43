"""The module to serve: omoi_os.api.main:app."""

import traceback

try:
    from omoi_os.api.assembly import create_app
except (ImportError, SyntaxError) as error:
    frames = traceback.extract_tb(error.__traceback__)
    raise SystemExit(f"omoi_os cannot start: {error}, needed by {frames[-1].filename}") from error

app = create_app()
