"""
MurmurHash 3: the hash of 32 bits, and the one of 128 bits for 64-bit machines (Austin Appleby's public-domain
algorithm).
"""

from __future__ import annotations

import struct

__all__ = ["murmur3_32", "murmur3_128"]

_M32 = 0xFFFFFFFF
_M64 = 0xFFFFFFFFFFFFFFFF
_SEED_128 = 2  # as the fingerprint filter has it


def murmur3_32(value: int | str) -> int:
    """The hash of a text's UTF-8 bytes, or of an integer as eight bytes, little end first; seed 0."""
    data = _bytes(value)
    hashed = 0
    tail = len(data) & ~3
    for (block,) in struct.iter_unpack("<I", data[:tail]):
        hashed = _rotate(hashed ^ _mix32(block), 13, 32)
        hashed = (hashed * 5 + 0xE6546B64) & _M32
    if len(data) > tail:
        hashed ^= _mix32(int.from_bytes(data[tail:], "little"))
    return _finish32(hashed ^ len(data))


def murmur3_128(value: int | str) -> bytes:
    """The hash as sixteen bytes, as its words lie in memory; an integer of 32 bits is hashed as four bytes; seed 2."""
    data = struct.pack("<i", value) if isinstance(value, int) and -(1 << 31) <= value < 1 << 31 else _bytes(value)
    low = high = _SEED_128
    tail = len(data) & ~15
    for first, second in struct.iter_unpack("<QQ", data[:tail]):
        low = (_rotate(low ^ _mix_low(first), 27, 64) + high) * 5 + 0x52DCE729 & _M64
        high = (_rotate(high ^ _mix_high(second), 31, 64) + low) * 5 + 0x38495AB5 & _M64
    rest = data[tail:]
    high ^= _mix_high(int.from_bytes(rest[8:], "little"))
    low ^= _mix_low(int.from_bytes(rest[:8], "little"))
    low, high = low ^ len(data), high ^ len(data)
    low = (low + high) & _M64
    high = (high + low) & _M64
    low, high = _finish64(low), _finish64(high)
    low = (low + high) & _M64
    high = (high + low) & _M64
    return struct.pack("<QQ", low, high)


def _bytes(value: int | str) -> bytes:
    if isinstance(value, int):
        return struct.pack("<Q", value & _M64)
    return value.encode("utf-8", "surrogatepass")


def _rotate(number: int, by: int, bits: int) -> int:
    mask = (1 << bits) - 1
    return ((number << by) | (number >> (bits - by))) & mask


def _mix32(block: int) -> int:
    return _rotate(block * 0xCC9E2D51 & _M32, 15, 32) * 0x1B873593 & _M32


def _mix_low(block: int) -> int:
    return _rotate(block * 0x87C37B91114253D5 & _M64, 31, 64) * 0x4CF5AD432745937F & _M64


def _mix_high(block: int) -> int:
    return _rotate(block * 0x4CF5AD432745937F & _M64, 33, 64) * 0x87C37B91114253D5 & _M64


def _finish32(hashed: int) -> int:
    hashed = (hashed ^ hashed >> 16) * 0x85EBCA6B & _M32
    hashed = (hashed ^ hashed >> 13) * 0xC2B2AE35 & _M32
    return hashed ^ hashed >> 16


def _finish64(hashed: int) -> int:
    hashed = (hashed ^ hashed >> 33) * 0xFF51AFD7ED558CCD & _M64
    hashed = (hashed ^ hashed >> 33) * 0xC4CEB9FE1A85EC53 & _M64
    return hashed ^ hashed >> 33
