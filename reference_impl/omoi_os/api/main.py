"""The module to serve: omoi_os.api.main:app."""

import gc
import traceback

# What is made while loading stays: looking it through for garbage again and again would be a tenth of a start.
gc.disable()
try:
    from omoi_os.api.assembly import create_app
except (ImportError, SyntaxError) as error:
    frames = traceback.extract_tb(error.__traceback__)
    broken = isinstance(error, SyntaxError)
    said = f"{error.msg} at {error.filename}:{error.lineno}" if broken else f"{error}"
    raise SystemExit(f"omoi_os cannot start: {said}, needed by {frames[-1].filename}") from error

app = create_app()
gc.freeze()
gc.enable()
