"""Writes a geographic database in MaxMind's format with a few networks, for tests."""

from __future__ import annotations

import struct
from ipaddress import ip_network
from typing import Any

RECORD_SIZE = 24
MARKER = b"\xab\xcd\xefMaxMind.com"


def encode_value(value: Any) -> bytes:
    if isinstance(value, dict):
        return bytes([0xE0 | len(value)]) + b"".join(encode_value(part) for pair in value.items() for part in pair)
    if isinstance(value, list):
        return bytes([len(value), 4]) + b"".join(map(encode_value, value))
    if isinstance(value, str):
        data = value.encode()
        size = bytes([0x40 | len(data)]) if len(data) < 29 else bytes([0x5D, len(data) - 29])
        return size + data
    if isinstance(value, float):
        return b"\x68" + struct.pack(">d", value)
    return value  # an integer, encoded by its width


def uint16(number: int) -> bytes:
    return b"\xa2" + struct.pack(">H", number)


def uint32(number: int) -> bytes:
    return b"\xc4" + struct.pack(">I", number)


def uint64(number: int) -> bytes:
    return b"\x08\x02" + struct.pack(">Q", number)


def geo_database(networks: dict[str, dict[str, Any]]) -> bytes:
    """The bytes of a database in which addresses of *networks* (IPv4) have those records."""
    nodes: list[list[Any]] = [[None, None]]
    data, offsets = b"", {}
    for network, record in networks.items():
        offsets[network] = len(data)
        data += encode_value(record)
        net = ip_network(network)
        bits = f"{int(net.network_address):032b}"[: net.prefixlen]
        bits = "0" * 96 + bits
        node = 0
        for bit in bits[:-1]:
            child = nodes[node][int(bit)]
            if child is None:
                nodes.append([None, None])
                child = nodes[node][int(bit)] = len(nodes) - 1
            node = child
        nodes[node][int(bits[-1])] = ("data", offsets[network])
    count = len(nodes)
    tree = b""
    for node in nodes:
        for record in node:
            value = count if record is None else record if isinstance(record, int) else count + 16 + record[1]
            tree += struct.pack(">I", value)[1:]
    metadata = {
        "node_count": uint32(count),
        "record_size": uint16(RECORD_SIZE),
        "ip_version": uint16(6),
        "database_type": "Test-City",
        "languages": ["en"],
        "binary_format_major_version": uint16(2),
        "binary_format_minor_version": uint16(0),
        "build_epoch": uint64(1_700_000_000),
        "description": {"en": "made up"},
    }
    return tree + b"\0" * 16 + data + MARKER + encode_value(metadata)
