"""The language: what a query means as a tree, how a tree is written, and what is refused where."""

from __future__ import annotations

import contextlib
import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from logging_pipeline.kql import KqlError, Limits, fields, parse, to_text
from logging_pipeline.kql.syntax import BLANKS, And, Is, Literal, Nested, Node, Not, Or, Pattern, Range

ANY = Pattern(("", ""))


def word(text: str) -> Literal:
    return Literal(text)


def phrase(text: str) -> Literal:
    return Literal(text, quoted=True)


def bare(text: str) -> Is:
    return Is(None, word(text))


def pair(name: str, value: str) -> Is:
    return Is(word(name), word(value))


LANGUAGE: tuple[tuple[str, Node], ...] = (
    # What is searched.
    ("", Is(ANY, ANY)),
    ("  \n", Is(ANY, ANY)),
    ("*", Is(None, ANY)),
    ("*:*", Is(ANY, ANY)),
    ("timeout", bare("timeout")),
    ("connection refused", bare("connection refused")),
    ('"could not connect"', Is(None, phrase("could not connect"))),
    ("log.level:error", pair("log.level", "error")),
    ("log.level : error ", pair("log.level", "error")),
    ('"log.level": error', Is(phrase("log.level"), word("error"))),
    ('message:"went away"', Is(word("message"), phrase("went away"))),
    ('message:""', Is(word("message"), phrase(""))),
    ("message: went away", pair("message", "went away")),
    ("sla.breached:true", pair("sla.breached", "true")),
    ("client.ip:10.0.0.0/8", pair("client.ip", "10.0.0.0/8")),
    # Wildcards.
    ("error.type:*", Is(word("error.type"), ANY)),
    ("http.route:product/*", Is(word("http.route"), Pattern(("product/", "")))),
    ("http.route:*/edit", Is(word("http.route"), Pattern(("", "/edit")))),
    ("http.route:a*b*c", Is(word("http.route"), Pattern(("a", "b", "c")))),
    ("http.route:a**b", Is(word("http.route"), Pattern(("a", "b")))),
    (r"http.route:a\*b", pair("http.route", "a*b")),
    (r"http.route:a\*b*", Is(word("http.route"), Pattern(("a*b", "")))),
    ('http.route:"a*b"', Is(word("http.route"), phrase("a*b"))),
    ("http.*:500", Is(Pattern(("http.", "")), word("500"))),
    # Ranges.
    ("status>=500", Range(word("status"), ">=", word("500"))),
    ("status > 500", Range(word("status"), ">", word("500"))),
    ("status<500", Range(word("status"), "<", word("500"))),
    ("status <= 500", Range(word("status"), "<=", word("500"))),
    ('@timestamp >= "now-15m"', Range(word("@timestamp"), ">=", phrase("now-15m"))),
    ("@timestamp < now/d", Range(word("@timestamp"), "<", word("now/d"))),
    # Joins: not before and before or, whatever the case of their letters.
    ("a or b and c", Or((bare("a"), And((bare("b"), bare("c")))))),
    ("a and b or c", Or((And((bare("a"), bare("b"))), bare("c")))),
    ("a AND b Or c", Or((And((bare("a"), bare("b"))), bare("c")))),
    ("(a or b) and c", And((Or((bare("a"), bare("b"))), bare("c")))),
    ("a and b and c", And((bare("a"), bare("b"), bare("c")))),
    ("a or b or c", Or((bare("a"), bare("b"), bare("c")))),
    ("not a and b", And((Not(bare("a")), bare("b")))),
    ("a and NOT b", And((bare("a"), Not(bare("b"))))),
    ("not (a or b)", Not(Or((bare("a"), bare("b"))))),
    ("not (not a)", Not(Not(bare("a")))),
    ("((a))", bare("a")),
    ("a\nand\tb", And((bare("a"), bare("b")))),
    ("a\u00a0and\u00a0b", And((bare("a"), bare("b")))),
    ("x:1 and y > 2", And((pair("x", "1"), Range(word("y"), ">", word("2"))))),
    # Groups of values, and fields below a path.
    ("f:(a or b)", Or((pair("f", "a"), pair("f", "b")))),
    ("f:(a or b and not c)", Or((pair("f", "a"), And((pair("f", "b"), Not(pair("f", "c"))))))),
    ('f:(a b or "c d")', Or((pair("f", "a b"), Is(word("f"), phrase("c d"))))),
    ("f:((a or b) and c)", And((Or((pair("f", "a"), pair("f", "b"))), pair("f", "c")))),
    ("not f:(a)", Not(pair("f", "a"))),
    ("p:{ x: 1 and y > 2 }", Nested(word("p"), And((pair("x", "1"), Range(word("y"), ">", word("2")))))),
    ("p:{q:{x:1}}", Nested(word("p"), Nested(word("q"), pair("x", "1")))),
    # Escapes.
    (r"a\:b", bare("a:b")),
    (r"\(a\)", bare("(a)")),
    (r"a\\b", bare(r"a\b")),
    (r"\{\}\<\>\"", bare('{}<>"')),
    (r"a \and b", bare("a and b")),
    (r"\or", bare("or")),
    (r"\not", bare("not")),
    (r"a \not b", bare("a not b")),
    (r"\nothing", bare("othing")),  # white space that is written out
    (r"a\tb", bare("a\tb")),
    (r"caf\u00e9", bare("café")),
    (r"\uD83D\uDE00", bare("😀")),
    (r'"a \"b\" \\ \d"', Is(None, phrase(r'a "b" \ \d'))),
    (r'"\u00e9\n"', Is(None, phrase("é\n"))),
    # Words that only look like keywords.
    ("android", bare("android")),
    ("nothing or", bare("nothing or")),
    ("or", bare("or")),
    ("cannot connect", bare("cannot connect")),
    ("a and or b", And((bare("a"), bare("or b")))),
    ("a band b", bare("a band b")),
)


@pytest.mark.parametrize(("text", "tree"), LANGUAGE)
def test_reads_the_language(text, tree):
    """Each construct of the language has the meaning that it has in Kibana."""
    assert parse(text) == tree


@pytest.mark.parametrize(("text", "tree"), LANGUAGE)
def test_writes_what_it_reads(text, tree):
    """The canonical text of a tree has that tree, and is its own canonical text."""
    assert parse(to_text(tree)) == tree
    assert to_text(parse(to_text(tree))) == to_text(tree)


REFUSED = (
    ("a:b c:d", 1, 6, "a second colon", ("`and`", "`or`", "the end of the query")),
    ("status:>5", 1, 8, "without a colon", ("a value or (",)),
    ("status >", 1, 9, "ends too early", ("a value",)),
    ("status > *", 1, 10, "a range has no wildcards", ()),
    ("status > (1 or 2)", 1, 10, "'(' cannot stand here", ("a value",)),
    ("f:", 1, 3, "ends too early", ("a value or (",)),
    ("(a or b", 1, 1, "( is never closed", (")",)),
    ("p:{ x:1", 1, 3, "{ is never closed", ("}",)),
    ("p*:{ x:1 }", 1, 1, "one name, without wildcards", ()),
    ("a)", 1, 2, ") was never opened", ("`and`", "`or`", "the end of the query")),
    ("(a}", 1, 3, "} was never opened", ("`and`", "`or`", ")")),
    ('x and "abc', 1, 7, "quotation mark is never closed", ('a second "',)),
    ("a and\n  not not b", 2, 7, "`not` twice", ()),
    ("f:not b", 1, 3, "`not` belongs before the field", ()),
    ("a not b", 1, 3, "without `and` or `or`", ("`and`", "`or`", "the end of the query")),
    ("(a)or b", 1, 4, "White space stands on both sides", ("`and`", "`or`", "the end of the query")),
    (r"C\dir", 1, 2, r"Write \\ for a backslash", ()),
    (r"\uD83D x", 1, 1, "half of a surrogate pair", (r"\uD83D\uDE00 in two halves",)),
    (r"f:\t", 1, 3, "an empty value", ()),
    ("()", 1, 2, "')' cannot stand here", ("a field, a value or (",)),
    (":a", 1, 1, "':' cannot stand here", ("a field, a value or (",)),
    ("a and (\n\nb or c:{ )", 3, 10, "')' cannot stand here", ("a field, a value or (",)),
)


@pytest.mark.parametrize(("text", "line", "column", "problem", "expected"), REFUSED)
def test_says_where_and_why(text, line, column, problem, expected):
    """An error names the place, the problem and what could stand there, and shows the line with a caret below it."""
    with pytest.raises(KqlError, match="line") as caught:
        parse(text)
    error = caught.value
    assert (error.line, error.column, error.expected) == (line, column, expected)
    assert problem in error.problem
    shown, caret = error.excerpt.split("\n")
    assert shown.strip() == text.split("\n")[line - 1].strip()
    assert caret.index("^") == column + 1
    assert str(error).startswith(f"line {line}, column {column}: ")
    assert str(error).endswith(error.excerpt)


def test_shows_the_part_of_a_long_line_that_is_wrong():
    """The excerpt of a long query is short, and its caret still points at the place."""
    with pytest.raises(KqlError) as caught:
        parse("a" * 500 + ' and "b')
    shown, caret = caught.value.excerpt.split("\n")
    assert len(shown) < 80
    assert shown[caret.index("^")] == '"'


def test_refuses_half_a_character():
    """A text that cannot be sent anywhere is refused, not passed on."""
    with pytest.raises(KqlError, match="surrogate"):
        parse("a \ud83d")


def test_limits_length_and_depth():
    """Length and depth end in an error that names the limit."""
    assert parse("(" * 20 + "a" + ")" * 20) == bare("a")
    with pytest.raises(KqlError, match="more than 20 parentheses") as caught:
        parse("(" * 21 + "a" + ")" * 21)
    assert caught.value.column == 21
    with pytest.raises(KqlError, match="8,193 characters, 8,192 are allowed"):
        parse("a" * 8_193)
    with pytest.raises(KqlError, match="more than 2 parentheses"):
        parse("p:{ x:(a or (b)) }", Limits(max_depth=2))


def test_names_the_fields():
    """`fields` lists every field once, with the path it lies below, and patterns as written."""
    text = 'b:1 and (a > 2 or not "c d":x) and p:{ q:{ r:1 } and s:2 } and http.*:5 and free and b:(3 or 4)'
    assert fields(parse(text)) == ("a", "b", "c d", "http.*", "p.q.r", "p.s")
    assert fields(parse("free text")) == ()


TEXTS = st.text(
    st.one_of(
        st.sampled_from([*BLANKS, *'\\():<>"*{}', "and", "or", "not", "t", "n", "u", "AND", "é", "😀", "-"]),
        st.characters(codec="utf-8"),
    ).filter(lambda c: len(c) == 1),
    max_size=12,
) | st.lists(
    st.sampled_from([" ", "and", "or", "not", "x", "\t", "*", "(", "\\", "\u00a0", "null", "Not", "\n", '"']),
    max_size=7,
).map("".join)
LITERALS = st.one_of(TEXTS.map(phrase), TEXTS.map(lambda t: t.strip(BLANKS)).filter(bool).map(word))
PATTERNS = st.lists(TEXTS, min_size=2, max_size=4).map(
    lambda p: Pattern((p[0].lstrip(BLANKS), *filter(None, p[1:-1]), p[-1].rstrip(BLANKS)))
)
VALUES = LITERALS | PATTERNS
TREES = st.recursive(
    st.builds(Is, st.none() | VALUES, VALUES)
    | st.builds(Range, VALUES, st.sampled_from((">", ">=", "<", "<=")), LITERALS),
    lambda inner: st.one_of(
        st.builds(Not, inner),
        st.builds(And, st.lists(inner, min_size=2, max_size=3).map(tuple)),
        st.builds(Or, st.lists(inner, min_size=2, max_size=3).map(tuple)),
        st.builds(Nested, LITERALS, inner),
    ),
    max_leaves=6,
)


@settings(max_examples=300, derandomize=True, deadline=None)
@given(TREES)
def test_round_trip(tree):
    """Whatever a tree holds, its text has that tree."""
    assert parse(to_text(tree), Limits(max_depth=100, max_chars=100_000)) == tree


@settings(max_examples=500, derandomize=True, deadline=None)
@given(st.lists(st.sampled_from(["a", " ", *'\\():<>"*{}', "and ", " or ", "not ", "\\u12", "\n", "é"]), max_size=25))
def test_never_fails_otherwise(pieces):
    """Any text is a tree or a `KqlError` that points into the text; a tree can be written and read again."""
    read_or_refused("".join(pieces))


@settings(max_examples=200, derandomize=True, deadline=None)
@given(st.text(max_size=40))
def test_never_fails_on_any_text(text):
    """The same for any characters."""
    read_or_refused(text)


def read_or_refused(text: str) -> None:
    try:
        tree = parse(text)
    except KqlError as error:
        offset = error.offset
    else:
        assert parse(to_text(tree), Limits(max_depth=100)) == tree
        offset = 0
    assert 0 <= offset <= len(text)


HOSTILE = (
    "(",
    "a ",
    " ",
    "a or ",
    "not ",
    "\\(",
    "*",
    '"a" or ',
    "a and not ",
    "f:(",
    '\\"',
    "\\u0041",
    '"\\',
    "a:b ",
    "\u00a0",
)


@pytest.mark.parametrize("piece", HOSTILE)
def test_takes_time_by_length(piece):
    """A hostile text of 200,000 characters is read or refused at the pace of a short one."""
    text = piece * (200_000 // len(piece)) + "x"
    started = time.process_time()
    with contextlib.suppress(KqlError):
        parse(text, Limits(max_chars=1_000_000))
    assert time.process_time() - started < 2.0


def test_trees_are_checked():
    """A tree that no text has cannot be made."""
    for make in (
        lambda: Literal(""),
        lambda: Literal(" a"),
        lambda: Pattern(("a",)),
        lambda: Pattern(("a", "", "b")),
        lambda: Pattern((" a", "b")),
        lambda: And((bare("a"),)),
        lambda: Or(()),
    ):
        with pytest.raises(ValueError):
            make()
