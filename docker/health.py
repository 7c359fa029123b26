"""Whether the dashboard in this container is well: status 0 or 1. Python's own library only, so that it starts in no time."""

import os
import re
import sys
import urllib.error
import urllib.request

SECONDS = 5.0


def main() -> int:
    """Ask the server and return the exit status."""
    request = urllib.request.Request(address(), headers=host())
    try:
        with urllib.request.urlopen(request, timeout=SECONDS) as answer:
            return 0 if answer.status == 200 else 1
    except (OSError, urllib.error.URLError) as error:
        print(f"{request.full_url}: {error}", file=sys.stderr)
        return 1


def address() -> str:
    """Return the address of the health page, below the path that the dashboard is served at."""
    port = os.environ.get("STREAMLIT_SERVER_PORT") or "8501"
    base = os.environ.get("STREAMLIT_SERVER_BASE_URL_PATH", "").strip("/")
    return f"http://127.0.0.1:{port}/{base + '/' if base else ''}_stcore/health"


def host() -> dict[str, str]:
    """Return the header with a name the server answers to, where it answers to some only (server.allowedHosts)."""
    named = re.findall(r"[^\s,\[\]\"']+", os.environ.get("STREAMLIT_SERVER_ALLOWED_HOSTS", ""))
    whole = [name for name in named if "*" not in name]
    return {"Host": whole[0]} if whole else {}


if __name__ == "__main__":
    sys.exit(main())
