"""Full-text search in the way of each database: FTS5 of SQLite, tsvector and GIN of PostgreSQL.

Both hold the terms that `app.search.terms` makes, none that they would make themselves: the table
`recipe_search` has a row for each recipe that is not in the trash, whose `rowid` is its id. An
expression is built once and written in the language of either.
https://www.sqlite.org/fts5.html · https://www.postgresql.org/docs/current/textsearch.html
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import BigInteger, BindParameter, String, column, table
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.compiler import SQLCompiler

from app.db.driver import for_both
from app.db.expressions import Condition

search_table = table("recipe_search", column("rowid", BigInteger))


# --- Expressions ---------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Expression:
    """What is searched for. Terms consist of letters, digits and `#`."""

    fts5: str
    tsquery: str

    def text(self, dialect: str) -> str:
        """In the language of the database."""
        return self.fts5 if dialect == "sqlite" else self.tsquery

    def __and__(self, other: "Expression") -> "Expression":
        return all_of((self, other))

    def __or__(self, other: "Expression") -> "Expression":
        return any_of((self, other))

    def without(self, other: "Expression") -> "Expression":
        """What matches this and not `other`."""
        return Expression(f"({self.fts5} NOT {other.fts5})", f"({self.tsquery} & !{other.tsquery})")


def term(value: str, *, is_prefix: bool = False) -> Expression:
    """One term, or all that begin with it."""
    if is_prefix:
        return Expression(f'"{value}"*', f"'{value}':*")
    return Expression(f'"{value}"', f"'{value}'")


def phrase(terms: Sequence[str]) -> Expression:
    """Terms that follow each other."""
    following = " <-> ".join(f"'{each}'" for each in terms)
    return Expression(f'(ordered : "{" ".join(terms)}")', f"({following})")


def all_of(expressions: Sequence[Expression]) -> Expression:
    """What matches each of them."""
    return _joined(expressions, " AND ", " & ")


def any_of(expressions: Sequence[Expression]) -> Expression:
    """What matches one of them."""
    return _joined(expressions, " OR ", " | ")


def _joined(expressions: Sequence[Expression], fts5: str, tsquery: str) -> Expression:
    if len(expressions) == 1:
        return expressions[0]
    return Expression(
        f"({fts5.join(each.fts5 for each in expressions)})",
        f"({tsquery.join(each.tsquery for each in expressions)})",
    )


# --- In statements -------------------------------------------------------------------------------


class Matches(Condition):
    """That a row of `search_table` matches the expression in a parameter, as `Expression.text`."""

    inherit_cache = True

    def __init__(self, parameter: str) -> None:
        self.bind: BindParameter[str] = BindParameter(parameter, type_=String(), required=True)

    def get_children(self, **kwargs: Any) -> tuple[BindParameter[str]]:
        """The parameter, so that a statement knows it."""
        return (self.bind,)


@compiles(Matches, "sqlite")
def _match(element: Matches, compiler: SQLCompiler, **kwargs: Any) -> str:
    return f"recipe_search MATCH {compiler.process(element.bind, **kwargs)}"


@compiles(Matches, "postgresql")
def _match_tsquery(element: Matches, compiler: SQLCompiler, **kwargs: Any) -> str:
    return f"recipe_search.terms @@ CAST({compiler.process(element.bind, **kwargs)} AS tsquery)"


# --- The rows ------------------------------------------------------------------------------------


INSERT = {
    "sqlite": "INSERT INTO recipe_search (rowid, ordered, others) VALUES (?, ?, ?)",
    "postgresql": "INSERT INTO recipe_search (rowid, terms) VALUES (%s, CAST(%s AS tsvector))",
    "copy": "COPY recipe_search (rowid, terms) FROM STDIN",
}
EXPECT_MANY = {
    "sqlite": "SELECT 1",
    # Sorted into the index in larger parts: a third less time for all.
    "postgresql": "SET LOCAL gin_pending_list_limit = '4MB'",
}
DELETE = for_both("DELETE FROM recipe_search WHERE rowid = ?")
REMEMBER_LANGUAGE = for_both("INSERT INTO search_language (code) VALUES (?) ON CONFLICT DO NOTHING")
REMEMBER_WORDS = {
    "sqlite": "INSERT INTO search_word (word, reverse) VALUES (?, ?) ON CONFLICT DO NOTHING",
    "postgresql": (
        "INSERT INTO search_word (word, reverse)"
        " SELECT word, reverse(word) FROM unnest(CAST(%s AS text[])) AS word"
        " ON CONFLICT DO NOTHING"
    ),
}
UNUSED_WORDS = {
    "sqlite": (
        "SELECT asked.value FROM json_each(?) AS asked WHERE NOT EXISTS"
        " (SELECT 1 FROM recipe_search WHERE recipe_search MATCH '\"' || asked.value || '\"')"
    ),
    "postgresql": (
        "SELECT word FROM json_array_elements_text(CAST(%s AS json)) AS word WHERE NOT EXISTS"
        " (SELECT 1 FROM recipe_search WHERE terms @@ CAST('''' || word || '''' AS tsquery))"
    ),
}
"""Of the words in a JSON array those that no public recipe has."""
COUNT_TAG = for_both(
    "INSERT INTO tag (kind, key, name, count, public_count) VALUES (?, ?, ?, ?, ?)"
    " ON CONFLICT (kind, key) DO UPDATE SET count = tag.count + excluded.count,"
    " public_count = tag.public_count + excluded.public_count,"
    # The spelling of a recipe that is not public must not show.
    " name = CASE WHEN tag.public_count = 0 AND excluded.public_count > 0 THEN excluded.name"
    " ELSE tag.name END RETURNING id"
)
UNCOUNT_TAG = for_both(
    "UPDATE tag SET count = count - 1, public_count = public_count - ? WHERE id = ?"
)
INSERT_TAG = {
    **for_both("INSERT INTO recipe_tag (recipe_id, tag_id, created_at) VALUES (?, ?, ?)"),
    "copy": "COPY recipe_tag (recipe_id, tag_id, created_at) FROM STDIN",
}
DELETE_TAGS = for_both("DELETE FROM recipe_tag WHERE recipe_id = ? RETURNING tag_id")


def row_of(
    dialect: str, recipe_id: int, ordered: Sequence[str | None], others: Sequence[str]
) -> tuple[Any, ...]:
    """The values of INSERT. None parts the terms before it from those behind it."""
    if dialect == "sqlite":
        # A term that nobody searches for takes the place.
        return recipe_id, " ".join(each or "#" for each in ordered), " ".join(others)
    places: dict[str, list[str]] = {each: [] for each in others}
    for position, each in enumerate(ordered, 1):
        if each is not None:
            places.setdefault(each, []).append(str(position))
    terms = (f"'{each}':{','.join(at)}" if at else f"'{each}'" for each, at in places.items())
    return recipe_id, " ".join(terms)
