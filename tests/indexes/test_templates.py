"""Templates say what the contract says, in types that every Elasticsearch has."""

from __future__ import annotations

from typing import Any

from logging_pipeline.contract import CORE_CATEGORIES, CORE_FIELDS, Category, Contract, Field
from logging_pipeline.indexes import templates
from logging_pipeline.indexes.templates import mapping_hash
from logging_pipeline.settings import Settings

SETTINGS = Settings(app="shop", namespace="default")
ORDER = Category("order", "Orders.", fields=(Field("shop.order.total_cents", "long", "Cents."),), retention_days=7)

# Types that the full distribution alone has.
FULL_ONLY = {"constant_keyword", "wildcard", "match_only_text", "scaled_float", "unsigned_long", "version"}


def contract_with(*categories: Category) -> Contract:
    return Contract(CORE_FIELDS, (*CORE_CATEGORIES, *categories))


def leaves(properties: dict[str, Any], above: str = "") -> dict[str, dict[str, Any]]:
    found: dict[str, dict[str, Any]] = {}
    for name, mapping in properties.items():
        if "properties" in mapping:
            found |= leaves(mapping["properties"], f"{above}{name}.")
        else:
            found[above + name] = mapping
    return found


def fields(template: dict[str, Any]) -> dict[str, dict[str, Any]]:
    return leaves(template["template"]["mappings"]["properties"])


def test_every_category_has_a_template_with_exactly_its_fields():
    """A field that the contract declares is mapped, one that it does not is not; numbers by key have a place."""
    contract = contract_with(ORDER)
    found = templates(SETTINGS, contract)

    for name in contract.by_name:
        template = found[f"logs-shop.{name}"]
        declared = {f.name: f.type for f in contract.fields_of(name)}
        assert {name: mapping["type"] for name, mapping in fields(template).items()} == declared | {
            "numeric_labels": "object"
        }
        assert template["index_patterns"] == [f"logs-shop.{name}-*"]
    assert set(found) == {f"logs-shop.{name}" for name in (*contract.by_name, "dead_letter", "discarded")}


def test_only_types_that_every_distribution_has():
    """The same template is accepted by the full and by the small distribution."""
    types = {
        mapping["type"]
        for template in templates(SETTINGS, contract_with()).values()
        for mapping in fields(template).values()
    }

    assert types == {"keyword", "text", "long", "boolean", "date_nanos", "ip", "flattened", "object"}
    assert not types & FULL_ONLY


def test_templates_win_over_elasticsearchs_own_and_close_the_mapping():
    """Ours have the highest priority; an unknown field cannot change the mapping; nothing hides a refusal."""
    for template in templates(SETTINGS, contract_with()).values():
        inner = template["template"]
        assert template["priority"] > 500
        assert template["data_stream"] == {}
        assert inner["mappings"]["dynamic"] is False
        assert inner["data_stream_options"] == {"failure_store": {"enabled": False}}
        assert inner["settings"]["index.mode"] == "standard"


def test_retention_comes_from_the_category():
    """A category's retention_days is what its stream's lifecycle says."""
    assert templates(SETTINGS, contract_with(ORDER))["logs-shop.order"]["template"]["lifecycle"] == {
        "data_retention": "7d"
    }


def test_the_hash_follows_the_mapping():
    """The hash changes with a field and with nothing else."""
    same = Category("order", "Other words.", fields=ORDER.fields, retention_days=9)
    wider = Category("order", "Orders.", fields=(*ORDER.fields, Field("shop.order.id", "keyword", "Number.")))

    def hashes(category: Category) -> str:
        return mapping_hash(templates(SETTINGS, contract_with(category))["logs-shop.order"])

    assert hashes(ORDER) == hashes(same)
    assert hashes(ORDER) != hashes(wider)


def test_a_dead_letter_keeps_the_original_out_of_the_index():
    """The refused event is kept as text that nothing parses, so that no original can be refused a second time."""
    original = fields(templates(SETTINGS, contract_with())["logs-shop.dead_letter"])["event.original"]

    assert original == {"type": "keyword", "index": False, "doc_values": False}
