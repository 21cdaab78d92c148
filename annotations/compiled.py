"""Questions that are asked at every turn are put into SQL once (ADR 19).

Django writes the SQL of a queryset anew each time it is evaluated. For the small questions of a turn, which find a row
or two by an index, that costs several times what the answer does. A `Compiled` is a queryset that is built once, with
`given` in place of what differs from one time to the next; afterwards only the values travel:

    spoken = Compiled(lambda: spoken_by(given("person")))
    spoken(person=ana.pk)  # a list, as `list(spoken_by(ana))` is

What `given` cannot stand for, such as a part of the condition that is there or not, makes another question: it is a
`Compiled` of its own, or stays with Django.
"""

from collections.abc import Callable
from copy import copy
from functools import cached_property
from typing import Any, Generic, TypeVar

from django.db import connections
from django.db.models import Expression, Func, QuerySet
from django.db.models.sql.compiler import SQLCompiler
from django.db.transaction import TransactionManagementError

Row = TypeVar("Row", covariant=True)


class _Given(Expression):
    """It stands among the parameters of the SQL until there is a value."""

    def __init__(self, name: str) -> None:
        super().__init__()
        self.name = name

    def as_sql(self, compiler: SQLCompiler, connection: Any) -> tuple[str, list[Any]]:  # type: ignore[override]
        return "%s", [self]


def given(name: str) -> Any:
    """What a condition compares with: an id, a text, a time. It travels to the database as it is given."""
    return _Given(name)


def any_given(name: str, of: str = "bigint") -> Any:
    """The same for a list, of values of a type of the database's: `pk__in=any_given("pks")`."""
    return Func(_Given(name), template=f"(SELECT unnest(%(expressions)s::{of}[]))")


class _Written(SQLCompiler):
    """A compiler whose SQL is written, for other values and another connection."""

    statement: str
    places: tuple[Any, ...]
    values: dict[str, Any]

    def write(self) -> "_Written":
        self.statement, self.places = super().as_sql()
        self.converters = super().get_converters([column for column, _sql, _alias in self.select[: self.col_count]])
        return self

    def saying(self, connection: Any, values: dict[str, Any]) -> "_Written":
        if self.query.select_for_update and connection.get_autocommit():
            raise TransactionManagementError("A row is locked in a transaction.")
        said = copy(self)
        said.connection, said.values = connection, values
        return said

    def as_sql(self, *_args: Any, **_how: Any) -> tuple[str, tuple[Any, ...]]:
        return self.statement, tuple(self.values[p.name] if isinstance(p, _Given) else p for p in self.places)

    def get_converters(self, expressions: Any) -> Any:
        return self.converters


class Compiled(Generic[Row]):
    """A queryset whose SQL is written the first time it is asked. `build` makes it; calling it with the values that it
    names gives its rows, as the queryset would. Rows are locked only inside a transaction, as Django's are."""

    def __init__(self, build: Callable[[], QuerySet[Any, Row]]) -> None:
        self._build = build

    @cached_property
    def _written(self) -> tuple[QuerySet[Any, Row], _Written]:
        queryset = self._build()
        connection = connections[queryset.db]
        return queryset, _Written(queryset.query, connection, queryset.db).write()

    def __call__(self, **values: Any) -> list[Row]:
        queryset, written = self._written
        said, query = written.saying(connections[queryset.db], values), copy(queryset.query)
        query.get_compiler = lambda *_args, **_how: said  # type: ignore[method-assign]
        asked: Any = QuerySet(queryset.model, query, queryset.db)
        asked._iterable_class, asked._fields = queryset._iterable_class, queryset._fields  # type: ignore[attr-defined]
        return list(asked)

    def first(self, **values: Any) -> Row | None:
        """The first of its rows, where there is one. How many are read is the queryset's own word."""
        return next(iter(self(**values)), None)
