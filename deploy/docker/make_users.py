"""
Make the pipeline's roles and users in an Elasticsearch that keeps them itself; run once, or again after a change.

Reads LOGPIPE_ELASTICSEARCH_URL, LOGPIPE_APP and the passwords ELASTIC_PASSWORD, LOGPIPE_SETUP_PASSWORD,
LOGPIPE_WRITER_PASSWORD, LOGPIPE_READER_PASSWORD, LOGPIPE_PRIVACY_PASSWORD and KIBANA_SYSTEM_PASSWORD. It acts as the
administrator, "elastic".
"""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping
from dataclasses import replace

from logging_pipeline.errors import ConfigurationError, PipelineError
from logging_pipeline.indexes import PRIVACY, READER, SETUP, WRITER, client, roles
from logging_pipeline.indexes.ask import ask
from logging_pipeline.settings import load

PASSWORDS = {
    SETUP: "LOGPIPE_SETUP_PASSWORD",
    WRITER: "LOGPIPE_WRITER_PASSWORD",
    READER: "LOGPIPE_READER_PASSWORD",
    PRIVACY: "LOGPIPE_PRIVACY_PASSWORD",
}


def make_users(environ: Mapping[str, str]) -> list[str]:
    """
    Put every role and user as it should be; return their names.

    Raises:
        ConfigurationError: a password is not set, or elastic's is wrong.
        StoreUnavailable: Elasticsearch did not answer or refused.
    """
    passwords = {user: _password(environ, name) for user, name in PASSWORDS.items()}
    kibana_password = _password(environ, "KIBANA_SYSTEM_PASSWORD")
    settings = replace(
        load(environ=environ),
        elasticsearch_user="elastic",
        elasticsearch_password=_password(environ, "ELASTIC_PASSWORD"),
    )
    with client(settings) as elastic:
        for name, role in roles(settings.app).items():
            ask(elastic, "PUT", f"/_security/role/{name}", body=role)
        for name, password in passwords.items():
            ask(elastic, "PUT", f"/_security/user/{name}", body={"password": password, "roles": [name]})
        # Kibana's own account is there already; it only has no password yet.
        ask(elastic, "POST", "/_security/user/kibana_system/_password", body={"password": kibana_password})
    return [*passwords, "kibana_system"]


def _password(environ: Mapping[str, str], name: str) -> str:
    password = environ.get(name, "")
    if len(password) < 16:
        raise ConfigurationError(
            name, "is missing or shorter than 16 characters", "Generate .env as .env.example says, and start again"
        )
    return password


if __name__ == "__main__":
    try:
        print("users ready:", ", ".join(make_users(os.environ)))
    except PipelineError as error:
        sys.exit(str(error))
