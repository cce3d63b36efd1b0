"""
Stage 9 of 12: push a batch to its Redis lists and publish it for the live tail, once per batch id.

The Celery task's work. One script does all of it at once, so a worker that is killed has streamed the whole batch or
nothing, and a second delivery of the same id does nothing.
"""

from __future__ import annotations

from collections.abc import Mapping

import redis

__all__ = ["channel", "list_key", "stream"]

SEEN_S = 86_400  # longer than any redelivery: Celery's visibility timeout and the spool's replay included

# A full Redis refuses new batches, not this: the batch is in it already, and leaves the queue when it is in its lists.
_SCRIPT = """#!lua flags=allow-oom
if not redis.call('SET', KEYS[1], '1', 'NX', 'EX', ARGV[1]) then
  return 0
end
local at = 2
for k = 2, #KEYS do
  local left = tonumber(ARGV[at])
  local body = ARGV[at + 1]
  at = at + 2
  local from = 1
  local lines = {}
  while left > 0 do
    local to = string.find(body, '\\n', from, true)
    lines[#lines + 1] = string.sub(body, from, (to or 0) - 1)
    from = (to or 0) + 1
    left = left - 1
    if #lines == 1000 or left == 0 then
      redis.call('RPUSH', KEYS[k], unpack(lines))
      lines = {}
    end
  end
  redis.call('PUBLISH', KEYS[k], body)
end
return 1
"""


def stream(batch_id: str, bodies: Mapping[str, bytes], *, client: redis.Redis) -> bool:
    """
    Push each category's events to the end of its list; publish them as one message.

    Args:
        bodies: NDJSON by category, without a newline at the end.

    Returns:
        Whether this was the first delivery of *batch_id*.

    Raises:
        redis.RedisError: nothing was pushed, or all was and the answer was lost; call again.
    """
    keys = [f"logs:batch:{batch_id}"]
    values: list[str | bytes | int] = [SEEN_S]
    for category, body in bodies.items():
        keys.append(list_key(category))
        values += [body.count(b"\n") + 1, body]
    return bool(client.register_script(_SCRIPT)(keys=keys, args=values))


def list_key(category: str) -> str:
    """The list that holds the waiting events of *category*."""
    return f"logs:{category}"


def channel(category: str) -> str:
    """The channel on which the events of *category* pass by; a batch is one message of NDJSON."""
    return f"logs:{category}"
