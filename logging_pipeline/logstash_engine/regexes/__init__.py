"""
Regular expressions in Oniguruma's syntax, run by Python's engines.

`parser` reads Oniguruma's syntax into a tree, `writer` writes the tree in Python's, `cost` estimates how long the
result may take on a hostile text, and `engine` runs it: on the fast `re` where that is bounded, on `regex` with a
deadline where it is not.
"""

from logging_pipeline.logstash_engine.regexes.engine import Regex, RegexError, RegexTimeout, compile_regex

__all__ = ["Regex", "RegexError", "RegexTimeout", "compile_regex"]
