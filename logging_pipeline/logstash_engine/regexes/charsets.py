"""
Sets of characters in Oniguruma's sense: ``\\w`` and ``\\d`` know ASCII only, POSIX brackets and properties know
Unicode.
"""

from __future__ import annotations

__all__ = ["CLASSES", "POSIX", "PROPERTIES", "escape"]

# What each escape stands for, as the inside of a Python set that both engines read alike.
CLASSES = {
    "w": "a-zA-Z0-9_",
    "W": r"\x00-/:-@\[-\^`\{-\U0010ffff",
    "d": "0-9",
    "D": r"\x00-/:-\U0010ffff",
    "s": r"\t-\r ",
    "S": r"\x00-\x08\x0e-\x1f!-\U0010ffff",
    "h": "0-9a-fA-F",
    "H": r"\x00-/:-@G-`g-\U0010ffff",
}

POSIX = {
    "alnum": r"\p{L}\p{M}\p{Nd}\p{Nl}",
    "alpha": r"\p{Alphabetic}",
    "ascii": r"\x00-\x7f",
    "blank": r"\p{Zs}\t",
    "cntrl": r"\p{Cc}",
    "digit": r"\p{Nd}",
    "graph": r"\p{Graph}",
    "lower": r"\p{Lowercase}",
    "print": r"\p{Print}",
    "punct": r"\p{P}$+<=>\^`|~",
    "space": r"\p{White_Space}",
    "upper": r"\p{Uppercase}",
    "word": r"\p{L}\p{M}\p{Nd}\p{Nl}\p{Pc}",
    "xdigit": "0-9a-fA-F",
}


PROPERTIES = {**POSIX, "any": r"\x00-\U0010ffff"}


def escape(char: str) -> str:
    """*char* so that it means itself, inside a set and outside."""
    if char.isalnum() or char in " _\"'%,/:;<=>@!`" or ord(char) > 127:
        return char
    return f"\\{char}" if 32 < ord(char) < 127 else f"\\x{ord(char):02x}"
