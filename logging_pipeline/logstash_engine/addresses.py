"""Addresses and networks, written as Ruby's IPAddr reads them."""

from __future__ import annotations

import re
from functools import lru_cache
from ipaddress import IPv4Network, IPv6Network, ip_network

__all__ = ["Network", "holds", "parse_network"]

Network = IPv4Network | IPv6Network

_MASK = re.compile(r"0|[1-9]\d*|\d+(?:\.\d+){3}", re.ASCII)


@lru_cache(maxsize=4096)  # addresses come again and again
def parse_network(text: str) -> Network:
    """
    The addresses that *text* names: ``10.0.0.0/8``, ``10.0.0.0/255.0.0.0``, or one such as ``10.0.0.7`` or ``[::1]``.

    Raises:
        ValueError: it is neither an address nor a network; blanks around it count.
    """
    address, slash, mask = text.partition("/")
    if slash and _MASK.fullmatch(mask) is None:
        raise ValueError(f"{mask!r} is no mask")
    if address.startswith("[") and address.endswith("]") and ":" in address:
        address = address[1:-1]
    network = ip_network(f"{address}{slash}{mask}", strict=False)
    if "." in mask and str(network.netmask) != mask:
        raise ValueError(f"the bits of the mask {mask} do not stand together")
    return network


def holds(network: Network, other: Network) -> bool:
    """Whether all addresses of *other* are in *network*."""
    return network.version == other.version and other.subnet_of(network)  # type: ignore[arg-type]
