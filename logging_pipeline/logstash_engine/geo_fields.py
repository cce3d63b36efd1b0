"""What a record of a geographic database says, by the names that the geoip filter's option ``fields`` uses."""

from __future__ import annotations

from ipaddress import IPv6Address, ip_address
from typing import Any

import maxminddb

__all__ = ["ECS_NAMES", "LEGACY_NAMES", "read_record"]

# Where each part goes below the target.
ECS_NAMES = {
    "ip": "[ip]",
    "city_name": "[geo][city_name]",
    "continent_code": "[geo][continent_code]",
    "continent_name": "[geo][continent_name]",
    "country_code2": "[geo][country_iso_code]",
    "country_code3": "[geo][country_code3]",
    "country_name": "[geo][country_name]",
    "dma_code": "[geo][dma_code]",
    "latitude": "[geo][location][lat]",
    "longitude": "[geo][location][lon]",
    "postal_code": "[geo][postal_code]",
    "region_name": "[geo][region_name]",
    "region_iso_code": "[geo][region_iso_code]",
    "region_code": "[geo][region_code]",
    "timezone": "[geo][timezone]",
    "asn": "[as][number]",
    "autonomous_system_number": "[as][number]",
    "autonomous_system_organization": "[as][organization][name]",
    "as_org": "[as][organization][name]",
}
LEGACY_NAMES = {name: f"[{name}]" for name in ECS_NAMES} | {"location": "[location]"}


def read_record(database: maxminddb.Reader, text: str, *, ecs: bool) -> dict[str, Any]:
    """The parts known of the address *text*, empty if it is not in *database*."""
    address = ip_address(text)
    record = database.get(address)
    if not isinstance(record, dict):
        return {}
    parts = {**_place(record, ecs=ecs), **_network(record)}
    parts = {name: value for name, value in parts.items() if value is not None}
    if parts:
        parts["ip"] = _full(address) if isinstance(address, IPv6Address) else text
    return parts


def _full(address: IPv6Address) -> str:
    """An IPv6 address as Java writes it: eight groups without leading zeros."""
    return ":".join(f"{int(group, 16):x}" for group in address.exploded.split(":"))


def _name(record: dict[str, Any], part: str) -> Any:
    return record.get(part, {}).get("names", {}).get("en")


def _place(record: dict[str, Any], *, ecs: bool) -> dict[str, Any]:
    location, country = record.get("location", {}), record.get("country", {})
    region = (record.get("subdivisions") or [{}])[0]
    country_code, region_code = country.get("iso_code"), region.get("iso_code")
    latitude, longitude = location.get("latitude"), location.get("longitude")
    parts = {
        "city_name": _name(record, "city"),
        "continent_code": record.get("continent", {}).get("code"),
        "continent_name": _name(record, "continent"),
        "country_code2": country_code,
        "country_name": _name(record, "country"),
        "latitude": latitude,
        "longitude": longitude,
        "postal_code": record.get("postal", {}).get("code"),
        "region_name": region.get("names", {}).get("en"),
        "dma_code": location.get("metro_code"),
        "timezone": location.get("time_zone"),
    }
    if ecs:
        parts["region_iso_code"] = f"{country_code}-{region_code}" if country_code and region_code else None
        return parts
    parts["country_code3"] = country_code
    parts["region_code"] = region_code
    parts["location"] = {"lat": latitude, "lon": longitude} if latitude is not None else None
    return parts


def _network(record: dict[str, Any]) -> dict[str, Any]:
    number, name = record.get("autonomous_system_number"), record.get("autonomous_system_organization")
    return {"asn": number, "as_org": name}
