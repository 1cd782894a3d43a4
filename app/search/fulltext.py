"""Full-text expressions for FTS5 of SQLite, and for tsvector and GIN of PostgreSQL.

Both databases store only the terms of `app.search.words`: the table
`recipe_search` has a row for each recipe that is not in the trash, whose `rowid` is the recipe's
id. An expression is built once, in the languages of both.
https://www.sqlite.org/fts5.html · https://www.postgresql.org/docs/current/textsearch.html
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import BigInteger, BindParameter, String, column, table
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.compiler import SQLCompiler

from app.db.expressions import Condition

search_table = table("recipe_search", column("rowid", BigInteger))


# --- Expressions ---------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Expression:
    """A full-text query. Its terms consist of letters, digits and `#`."""

    fts5: str
    tsquery: str

    def text(self, dialect: str) -> str:
        """Return the query in the language of a database."""
        return self.fts5 if dialect == "sqlite" else self.tsquery

    def __and__(self, other: "Expression") -> "Expression":
        return all_of((self, other))

    def __or__(self, other: "Expression") -> "Expression":
        return any_of((self, other))

    def without(self, other: "Expression") -> "Expression":
        """Return what matches this and not `other`."""
        return Expression(f"({self.fts5} NOT {other.fts5})", f"({self.tsquery} & !{other.tsquery})")


def term(value: str, *, is_prefix: bool = False) -> Expression:
    """Return a term, or all terms with this prefix."""
    if is_prefix:
        return Expression(f'"{value}"*', f"'{value}':*")
    return Expression(f'"{value}"', f"'{value}'")


def phrase(terms: Sequence[str]) -> Expression:
    """Return terms that follow each other."""
    following = " <-> ".join(f"'{each}'" for each in terms)
    return Expression(f'(ordered : "{" ".join(terms)}")', f"({following})")


def all_of(expressions: Sequence[Expression]) -> Expression:
    """Return what matches each of them."""
    return _joined(expressions, " AND ", " & ")


def any_of(expressions: Sequence[Expression]) -> Expression:
    """Return what matches one of them."""
    return _joined(expressions, " OR ", " | ")


def _joined(expressions: Sequence[Expression], fts5: str, tsquery: str) -> Expression:
    if len(expressions) == 1:
        return expressions[0]
    return Expression(
        f"({fts5.join(each.fts5 for each in expressions)})",
        f"({tsquery.join(each.tsquery for each in expressions)})",
    )


# --- In a WHERE -----------------------------------------------------------------------------------


class Matches(Condition):
    """A row of `search_table` matches the parameter, which is the text of an Expression."""

    inherit_cache = True

    def __init__(self, parameter: str) -> None:
        self.bind: BindParameter[str] = BindParameter(parameter, type_=String(), required=True)

    def get_children(self, **kwargs: Any) -> tuple[BindParameter[str]]:
        """The parameter, so that the statement binds it."""
        return (self.bind,)


@compiles(Matches, "sqlite")
def _matches_sqlite(element: Matches, compiler: SQLCompiler, **kwargs: Any) -> str:
    return f"recipe_search MATCH {compiler.process(element.bind, **kwargs)}"


@compiles(Matches, "postgresql")
def _matches_postgresql(element: Matches, compiler: SQLCompiler, **kwargs: Any) -> str:
    return f"recipe_search.terms @@ CAST({compiler.process(element.bind, **kwargs)} AS tsquery)"
