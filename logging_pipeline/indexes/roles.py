"""
What each Elasticsearch user may do, as data: the least with which its work succeeds.

The same form serves ``config/roles.yml`` (file realm) and ``PUT _security/role/<name>``. Where a named privilege
gives more than is needed, the single action stands here instead.
"""

from __future__ import annotations

from typing import Any

__all__ = ["PRIVACY", "READER", "SETUP", "WRITER", "roles"]

SETUP = "logpipe_setup"
WRITER = "logpipe_writer"
READER = "logpipe_reader"
PRIVACY = "logpipe_privacy"

Role = dict[str, Any]


def roles(app: str) -> dict[str, Role]:
    """
    Role name → its body, for the streams of *app*.

    * `SETUP` makes templates and data streams, rolls over, deletes expired backing indices; reads no event.
    * `WRITER` adds events, and fetches one by its id when that id is already taken; searches and changes nothing, and
      cannot make an index, so nothing is written before set-up succeeded.
    * `READER` searches; writes nothing.
    * `PRIVACY` searches and deletes events, and adds to the ledger which; for `logpipe forget`, no program has it.
    """
    return {
        # create_doc: a data stream comes into being with a first write, which set-up makes one that is refused.
        SETUP: _role(app, ["manage_index_templates", "monitor"], ["manage", "create_doc"]),
        WRITER: _role(
            app,
            ["monitor"],
            [
                "create_doc",
                "indices:admin/mapping/auto_put",  # a new numeric label; auto_configure would also make indices
                "indices:admin/resolve/index",  # is the stream there, and which backing indices has it
                "indices:data/read/mget*",  # the stored event of a taken id: a duplicate or another one's content?
            ],
        ),
        READER: _role(app, ["monitor"], ["read", "view_index_metadata"]),
        PRIVACY: _role(app, ["monitor"], ["read", "delete", "create_doc"]),
    }


def _role(app: str, cluster: list[str], privileges: list[str]) -> Role:
    """No list is shared between roles: YAML would write an alias for it, which Elasticsearch takes for no name."""
    return {"cluster": cluster, "indices": [{"names": [f"logs-{app}.*"], "privileges": privileges}]}
