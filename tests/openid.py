"""An OpenID provider on this machine, which asks nobody for a password."""

import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


@contextmanager
def provider_for(*names: str) -> Iterator[str]:
    """Let people of these names sign in, each with a verified address of mail; yields the address of the provider."""
    with warnings.catch_warnings():
        # The provider still uses a part of Authlib that is to go; Authlib has its warning shown always.
        import authlib.deprecate  # noqa: F401

        warnings.simplefilter("ignore")
        from oidc_provider_mock import User, run_server_in_thread

        claims = {name: {"email": f"{name}@example.org", "email_verified": True} for name in names}
        users = [User(sub=name, claims=claims[name]) for name in names]
        with run_server_in_thread(user_claims=users) as server:
            yield f"http://localhost:{server.server_port}"


def write_secrets(path: Path, *, provider: str, dashboard: str) -> None:
    """Write the secrets.toml of a dashboard whose people sign in with a provider; both are named by their addresses."""
    path.write_text(
        f'[auth]\nredirect_uri = "{dashboard}/oauth2callback"\ncookie_secret = "{"c" * 40}"\nclient_id = "covidlab"\n'
        f'client_secret = "secret"\nserver_metadata_url = "{provider}/.well-known/openid-configuration"\n'
    )
