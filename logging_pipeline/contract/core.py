"""The fields that every event may carry, and the categories that every project has."""

from __future__ import annotations

from logging_pipeline.contract.categories import Category, Event
from logging_pipeline.contract.fields import Field

__all__ = ["CORE_CATEGORIES", "CORE_FIELDS"]


CORE_FIELDS: tuple[Field, ...] = (
    # The event itself.
    Field("@timestamp", "date_nanos", "When the code logged it, microseconds, UTC.", trusted=True),
    Field("message", "text", "A line for people.", trusted=True),
    Field("event.action", "keyword", "The name under which code logged it, e.g. order.placed.", trusted=True),
    Field("event.id", "keyword", "Producer, category and sequence: the document's own id.", trusted=True),
    Field("event.sequence", "long", "Contiguous from 1 per producer and category.", trusted=True),
    Field("event.created", "date_nanos", "When the producer packed it, UTC.", trusted=True),
    Field("event.ingested", "date_nanos", "When the Logstash pipeline had it, UTC.", trusted=True, enriched=True),
    Field("event.start", "date_nanos", "When what it tells of began, UTC.", alias="started_at"),
    Field("event.duration", "long", "How long what it tells of took, nanoseconds.", alias="duration_ns"),
    Field("event.outcome", "keyword", "success, failure or unknown.", alias="outcome"),
    Field("event.reason", "keyword", "Why it ended so, in a word or two.", alias="reason"),
    Field("event.severity", "long", "The level as a number: 10 debug to 50 critical.", trusted=True),
    Field("event.dataset", "keyword", "Copy of data_stream.dataset.", trusted=True),
    Field("data_stream.type", "keyword", "Always logs.", trusted=True),
    Field("data_stream.dataset", "keyword", "<app>.<category>.", trusted=True),
    Field("data_stream.namespace", "keyword", "What a team keeps apart, e.g. default.", trusted=True),
    Field("log.level", "keyword", "debug, info, warning, error or critical.", trusted=True),
    Field("log.logger", "keyword", "The logger's name."),
    Field("tags", "keyword", "Marks that pipelines leave, e.g. _grokparsefailure."),
    Field("labels", "flattened", "Text that the contract does not name, by key."),
    Field("ecs.version", "keyword", "The version of ECS whose names these are.", trusted=True),
    # Who sent it.
    Field("agent.ephemeral_id", "keyword", "The producer: one process, 128 random bits.", trusted=True),
    Field("agent.version", "keyword", "The library's version.", trusted=True),
    Field("service.name", "keyword", "The program, e.g. shop-web.", trusted=True),
    Field("service.version", "keyword", "Its release.", trusted=True),
    Field("service.environment", "keyword", "development, production, ...", trusted=True),
    Field("host.name", "keyword", "The machine it ran on.", trusted=True),
    Field("process.pid", "long", "The process it ran in.", trusted=True),
    # What it belongs to.
    Field("trace.id", "keyword", "32 hex digits, shared by all that one request caused.", trusted=True),
    Field("transaction.id", "keyword", "The request or task run it was logged in.", trusted=True),
    Field("span.id", "keyword", "The unit of work it was logged in.", trusted=True),
    Field("parent.id", "keyword", "The unit of work that caused that one.", trusted=True),
    Field("user.hash", "keyword", "The user, by a keyed hash: countable, not nameable.", trusted=True),
    Field("client.ip", "ip", "The client's address, cut to /24 or /48 except in auth."),
    Field("client.class", "keyword", "browser, mobile, bot, script or unknown.", enriched=True),
    # The request.
    Field("http.request.id", "keyword", "The request's id, as in its X-Request-ID header.", trusted=True),
    Field("http.request.method", "keyword", "GET, POST, ..."),
    Field("http.request.referrer", "keyword", "Where the client came from, without query."),
    Field("http.request.body.bytes", "long", "Size of the body that came, bytes."),
    Field("http.response.status_code", "long", "200, 404, ..."),
    Field("http.response.status_class", "keyword", "2xx, 3xx, 4xx or 5xx.", enriched=True),
    Field("http.response.body.bytes", "long", "Size of the body that went, bytes."),
    Field("http.response.mime_type", "keyword", "The body's type."),
    Field("http.route", "keyword", "The URL pattern that matched, e.g. product/<slug>/."),
    Field("http.latency_bucket", "keyword", "fast, ok, slow or very_slow.", enriched=True),
    Field("url.path", "keyword", "Path without query."),
    Field("url.domain", "keyword", "The host that was asked."),
    Field("url.scheme", "keyword", "http or https."),
    Field("url.section", "keyword", "The path's first part.", enriched=True),
    Field("url.extension", "keyword", "The path's file ending.", enriched=True),
    Field("user_agent.original", "keyword", "The User-Agent header, cut to length."),
    Field("user_agent.name", "keyword", "The browser or program.", enriched=True),
    Field("user_agent.version", "keyword", "Its version.", enriched=True),
    Field("user_agent.device.name", "keyword", "The device.", enriched=True),
    Field("user_agent.os.name", "keyword", "The operating system.", enriched=True),
    Field("user_agent.os.version", "keyword", "Its version.", enriched=True),
    Field("user_agent.os.full", "keyword", "Its name and version.", enriched=True),
    # What went wrong.
    Field("error.type", "keyword", "The exception's class."),
    Field("error.message", "text", "The exception's text."),
    Field("error.stack_trace", "text", "The traceback, as Python prints it."),
    Field("error.grouping_key", "keyword", "The same for the same fault at the same place.", trusted=True),
    # Service levels, by the pipelines.
    Field("sla.breached", "boolean", "It took longer than its category's limit.", enriched=True),
    Field("sla.limit_ms", "long", "That limit, milliseconds.", enriched=True),
)

CORE_CATEGORIES: tuple[Category, ...] = (
    Category(
        "http",
        "One event for every request that a Django process answered.",
        events=(Event("http.request", "Answered.", "{http.request.method} {url.path} {http.response.status_code}"),),
    ),
    Category(
        "auth",
        "Log-ins, log-outs, failed attempts and sign-ups.",
        retention_days=90,
        events=(
            Event("auth.login", "A user logged in.", "logged in"),
            Event("auth.logout", "A user logged out.", "logged out"),
            Event("auth.failed", "Somebody failed to log in.", "log-in failed"),
            Event("auth.locked", "Log-in was locked after too many failures.", "log-in locked"),
            Event("auth.signup", "A user account was made.", "signed up"),
        ),
    ),
    Category(
        "task",
        "One event for every attempt at a Celery task.",
        fields=(
            Field("celery.task.name", "keyword", "The task's registered name.", alias="task_name"),
            Field("celery.task.id", "keyword", "The task's id; the same in every attempt.", alias="task_id"),
            Field("celery.task.state", "keyword", "Celery's own word, or TIMEOUT, or LOST.", alias="state"),
            Field("celery.task.attempt", "long", "1 for the first.", alias="attempt"),
            Field("celery.task.queue", "keyword", "The queue it came from.", alias="queue"),
            Field("celery.task.eager", "boolean", "It ran in the process that called it.", alias="eager"),
            Field(
                "celery.task.queue_delay_ns",
                "long",
                "From publishing to starting, nanoseconds.",
                alias="queue_delay_ns",
            ),
        ),
        events=(Event("task.run", "An attempt at a task ended.", "{task_name} {state}"),),
    ),
    Category(
        "audit",
        "What staff and administrators changed.",
        fields=(
            Field("audit.object.type", "keyword", "What was changed, e.g. product.", alias="object_type"),
            Field("audit.object.id", "keyword", "Which one.", alias="object_id"),
            Field("audit.changes", "keyword", "The names of the fields that changed.", alias="changes"),
        ),
        retention_days=365,
        events=(
            Event("audit.created", "A staff member made an object.", "{object_type} {object_id} created"),
            Event("audit.changed", "A staff member changed an object.", "{object_type} {object_id} changed"),
            Event("audit.deleted", "A staff member deleted an object.", "{object_type} {object_id} deleted"),
            Event("audit.exported", "A staff member exported events.", "exported {object_type}"),
            Event(
                "audit.error_resolved",
                "A staff member marked a group of errors as resolved.",
                "error group {object_id} resolved",
            ),
            Event(
                "audit.error_ignored", "A staff member put a group of errors aside.", "error group {object_id} ignored"
            ),
            Event(
                "audit.error_reopened",
                "A staff member opened a group of errors again.",
                "error group {object_id} reopened",
            ),
            Event("audit.dashboards_uploaded", "A staff member brought dashboards.", "a file for {object_id}"),
            Event(
                "audit.dashboards_compared",
                "A staff member looked at what importing it would change.",
                "a file compared with {object_id}",
            ),
            Event("audit.dashboards_imported", "A staff member imported it.", "dashboards imported into {object_id}"),
            Event(
                "audit.dashboards_rolled_back",
                "A staff member took an import back.",
                "dashboards of {object_id} rolled back",
            ),
            Event("audit.forgotten", "A person's events were removed.", "{removed} events of a person removed"),
            Event(
                "audit.levels_changed",
                "The level of a logger was changed while the program ran.",
                "level of {object_id} changed",
            ),
        ),
    ),
    Category(
        "system",
        "Everything that no other category claims: libraries, start and stop.",
        events=(
            Event(
                "system.storm",
                "An event repeated so often that some were left out; the count is exact.",
                "{storm_event} repeated: {suppressed} left out",
            ),
        ),
    ),
    Category(
        "ledger",
        "What became of events that were not indexed: cumulative totals of every producer.",
        fields=(
            Field("ledger.category", "keyword", "The category that the totals are of.", trusted=True),
            Field("ledger.numbered", "long", "Numbers given so far.", trusted=True),
            Field("ledger.shipped", "long", "Events handed to the broker so far.", trusted=True),
            Field("ledger.spooled", "long", "Events put on disk so far.", trusted=True),
            Field("ledger.dropped", "long", "Events dropped on purpose so far.", trusted=True),
            Field("ledger.reason", "keyword", "Why events were dropped; one entry a reason.", trusted=True),
            Field("ledger.ranges", "keyword", "The dropped numbers, as first-last.", trusted=True),
            Field("ledger.final", "boolean", "The producer ended cleanly; nothing follows.", trusted=True),
            # What accounting found.
            Field("ledger.clean", "boolean", "Nothing was lost, doubled, forged or unknown.", trusted=True),
            Field("ledger.producer", "keyword", "Whose events an entry tells of, when it is another's.", trusted=True),
            Field("ledger.producers", "long", "Producers that were accounted for.", trusted=True),
            Field("ledger.indexed", "long", "Events found indexed.", trusted=True),
            Field("ledger.discarded", "long", "Events that a pipeline put aside.", trusted=True),
            Field("ledger.dead_lettered", "long", "Events that were refused.", trusted=True),
            Field("ledger.in_flight", "long", "Events on their way.", trusted=True),
            Field("ledger.lost", "long", "Events that are nowhere.", trusted=True),
            Field("ledger.duplicates", "long", "Events that are indexed more than once.", trusted=True),
            Field("ledger.forged", "long", "Numbers under which another event came as well.", trusted=True),
            Field("ledger.unknown", "long", "Producers and categories whose last number nobody knows.", trusted=True),
            Field("ledger.replayed", "long", "Events sent again.", trusted=True),
        ),
        retention_days=365,
        events=(
            Event(
                "ledger.totals",
                "Totals of one category of one producer.",
                "{ledger.category}: {ledger.numbered} numbered",
            ),
            Event(
                "ledger.dropped",
                "Numbers that were dropped, with the reason.",
                "{ledger.category}: dropped, {ledger.reason}",
            ),
            Event(
                "ledger.reconciled",
                "Every event was looked for: the counts.",
                "{ledger.numbered} numbered, {ledger.lost} lost, {ledger.duplicates} doubled",
            ),
            Event(
                "ledger.unaccounted",
                "What is lost, doubled, forged or unknown of one producer and category.",
                "{ledger.category} of {ledger.producer}: {ledger.lost} lost, {ledger.duplicates} doubled, "
                "{ledger.forged} forged",
            ),
            Event(
                "ledger.replayed",
                "Dead letters were sent again.",
                "{ledger.category}: {ledger.replayed} sent again",
            ),
        ),
    ),
)
