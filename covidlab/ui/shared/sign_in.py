"""Who has signed in with a provider (``st.login``, the section [auth] of secrets.toml), on pages and in what their browsers ask for."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import streamlit as st
from starlette.requests import Request
from streamlit.auth_util import get_cookie_with_chunks
from streamlit.web.server.server_util import get_cookie_secret
from streamlit.web.server.starlette.starlette_app_utils import decode_signed_value
from streamlit.web.server.starlette.starlette_server_config import USER_COOKIE_NAME

from covidlab.errors import SetupError
from covidlab.language import tr
from covidlab.services.roles import Identity

# Keys of the section that belong to no one provider.
_OF_ALL = ("redirect_uri", "cookie_secret", "expose_tokens")


def has_provider() -> bool:
    """Whether people sign in with a provider here."""
    return bool(_section())


def providers() -> list[str | None]:
    """Return the providers that are named; None stands for the one that has no name."""
    section = _section()
    if "client_id" in section:
        return [None]
    return [name for name, values in section.items() if name not in _OF_ALL and isinstance(values, Mapping)]


def signed_in_on_page() -> Identity | None:
    """Return who has signed in, in the session of the page that is drawn."""
    if not (has_provider() and getattr(st.user, "is_logged_in", False)):
        return None
    return identity_from(st.user.to_dict())


def signed_in_request(request: Request) -> Identity | None:
    """Return who has signed in, in the browser that sent a request."""
    if not has_provider():
        return None
    secret = get_cookie_secret()

    def single(name: str) -> bytes | None:
        value = request.cookies.get(name)
        return decode_signed_value(secret, name, value.encode("latin-1", "replace")) if value else None

    signed = get_cookie_with_chunks(single, USER_COOKIE_NAME)
    claims = json.loads(signed) if signed else {}
    # The cookie of another address of this server, as Streamlit has it for pages.
    if urlsplit(str(claims.get("origin", ""))).netloc != request.headers.get("host"):
        return None
    return identity_from(claims) if claims.get("is_logged_in") else None


def identity_from(claims: Mapping[str, Any]) -> Identity | None:
    """Return whom the claims of a provider name.

    The file of roles may name people by an address of mail that the provider says it has verified: others could be anybody's. It
    may name them by their subject, and where there are several providers, each of which counts for itself, by issuer and subject.
    """
    subject, issuer = str(claims.get("sub") or ""), str(claims.get("iss") or claims.get("provider") or "")
    if not subject:
        return None
    mail = str(claims.get("email") or "") if claims.get("email_verified") in (True, "true") else ""
    own = subject if len(providers()) < 2 else ""
    names = tuple(name for name in (mail, own, f"{issuer}|{subject}") if name)
    return Identity(name=mail or _called(claims, subject), subject=f"{issuer}|{subject}", names=names)


def _called(claims: Mapping[str, Any], subject: str) -> str:
    """What somebody is called without an address of mail: a name that people may choose for themselves, and what tells them apart."""
    name = str(claims.get("name") or "")
    return f"{name} ({subject})" if name and name != subject else subject


def _section() -> Mapping[str, Any]:
    """The section [auth] of secrets.toml, empty where there is none; raises SetupError where the file cannot be understood."""
    if st.secrets.load_if_toml_exists():
        return st.secrets.get("auth") or {}
    # Streamlit takes a file with a mistake for none: then nobody would have to sign in.
    if broken := next((path for path in st.get_option("secrets.files") if Path(path).exists()), None):
        raise SetupError(
            tr(
                "secrets.toml cannot be read, so nobody can sign in. Mend or remove it. Received: {broken}.",
                broken=broken,
            )
        )
    return {}
