"""Questions that are asked at every turn are put into SQL once (ADR 19, 21).

Django writes the SQL of a queryset anew each time it is evaluated, and works out anew what its columns mean. For the
small questions of a turn, which find a row or two by an index, that costs several times what the answer does. A
`Compiled` is a queryset that is built once, with `given` in place of what differs from one time to the next; afterwards
only the values travel:

    spoken = Compiled(lambda: spoken_by(given("person")))
    spoken(person=ana.pk)  # a list, as `list(spoken_by(ana))` is

What `given` cannot stand for, such as a part of the condition that is there or not, makes another question: it is a
`Compiled` of its own, or stays with Django.
"""

import datetime as dt
import re
import uuid
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from functools import cached_property
from typing import Any, Final, Generic, TypeVar

from django.db import connection, connections
from django.db.models import Expression, Func, Model, QuerySet
from django.db.models.base import ModelState
from django.db.models.expressions import DatabaseDefault
from django.db.models.query import FlatValuesListIterable, ModelIterable, ValuesListIterable
from django.db.models.signals import post_init, pre_init
from django.db.models.sql.compiler import SQLCompiler
from django.db.transaction import TransactionManagementError
from psycopg.sql import Literal

Row = TypeVar("Row", covariant=True)


class _Given(Expression):
    """It stands in the SQL by its name, until there is a value."""

    def __init__(self, name: str, of: str = "") -> None:
        super().__init__()
        self.sql = f"%({name})s::{of}" if of else f"%({name})s"

    def as_sql(self, compiler: SQLCompiler, connection: Any) -> tuple[str, list[Any]]:  # type: ignore[override]
        return self.sql, []


def given(name: str, of: str = "") -> Any:
    """What a condition compares with: an id, a text, a time. It travels to the database as it is given; `of` is its
    type there, where the database cannot know."""
    return _Given(name, of)


def any_given(name: str, of: str = "bigint") -> Any:
    """The same for a list, of values of a type of the database's: `pk__in=any_given("pks")`."""
    return Func(_Given(name, f"{of}[]"), template="(SELECT unnest(%(expressions)s))")


class Compiled(Generic[Row]):
    """A queryset whose SQL is written the first time it is asked. `build` makes it; calling it with the values that it
    names gives its rows, as the queryset would. Rows are locked only inside a transaction, as Django's are.

    `written` is a statement that writes rows of the queryset's table and gives them back (`RETURNING *`), with its
    values by name: then the question is about those rows, and not asked of the table.
    """

    def __init__(self, build: Callable[[], QuerySet[Any, Row]], *, written: str = "") -> None:
        self._build, self._written = build, written

    @cached_property
    def _question(self) -> "_Question":
        return _Question(self._build(), self._written)

    def __call__(self, **values: Any) -> list[Row]:
        question = self._question
        connection = connections[question.using]
        if question.locks and connection.get_autocommit():
            raise TransactionManagementError("A row is locked in a transaction.")
        with connection.cursor() as cursor:
            cursor.execute(question.sql, values)
            return list(question.made_of(cursor.fetchall(), connection))

    def first(self, **values: Any) -> Row | None:
        """The first of its rows, where there is one. How many are read is the queryset's own word."""
        return next(iter(self(**values)), None)


class _Question:
    """The SQL of a queryset, and what becomes of the rows that answer it."""

    def __init__(self, queryset: QuerySet[Any, Any], written: str) -> None:
        self.using, self.locks = queryset.db, queryset.query.select_for_update
        connection = connections[self.using]
        compiler = queryset.query.get_compiler(connection=connection)
        sql, constants = compiler.as_sql()
        self.sql = _with_constants(sql, constants, connection)
        if written:  # a name of the WITH stands for the table, but not inside itself
            self.sql = f"WITH {queryset.model._meta.db_table} AS ({squeezed(written)}) {self.sql}"
        self._compiler = compiler
        columns = [column for column, _sql, _alias in compiler.select[: compiler.col_count]]
        self._converters = list(compiler.get_converters(columns).items())
        self._make = _MAKES[queryset._iterable_class](self)

    def made_of(self, rows: list[Any], connection: Any) -> Iterator[Any]:
        for row in rows:
            values = list(row)
            for place, (converters, expression) in self._converters:
                for convert in converters:
                    values[place] = convert(values[place], expression, connection)
            yield self._make(values)

    def objects(self) -> Callable[[list[Any]], Any]:
        make = _Made(self._compiler.klass_info, self._compiler.select, self.using)
        annotated: Mapping[str, int] = self._compiler.annotation_col_map or {}

        def annotate(values: list[Any]) -> Any:
            made = make(values)
            made.__dict__.update((name, values[place]) for name, place in annotated.items())
            return made

        return annotate


class _Made:
    """How an object of a model comes of the columns of a row, with those that are read with it. What Django's own
    `ModelIterable` makes, but for the signals that tell of a new object: nobody may listen to them."""

    def __init__(self, about: Mapping[str, Any], select: Sequence[Any], using: str) -> None:
        self.model, fields, self.using = about["model"], about["select_fields"], using
        assert not pre_init.has_listeners(self.model), self.model
        assert not post_init.has_listeners(self.model), self.model
        self.columns = slice(fields[0], fields[-1] + 1)
        self.names = [column.target.attname for column, _sql, _alias in select[self.columns]]
        self.key = fields[0] + self.names.index(self.model._meta.pk.attname)
        self.related = [
            (_Made(each, select, using), each["local_setter"], each["remote_setter"])
            for each in about.get("related_klass_infos", [])
        ]

    def __call__(self, values: list[Any]) -> Any:
        if values[self.key] is None:
            return None
        made = self.model.__new__(self.model)
        made.__dict__.update(zip(self.names, values[self.columns], strict=True))
        made._state = ModelState()
        made._state.adding, made._state.db = False, self.using
        for make, set_here, set_there in self.related:
            other = make(values)
            set_here(made, other)
            if other is not None:
                set_there(other, made)
        return made


_MAKES: Mapping[Any, Callable[[_Question], Callable[[list[Any]], Any]]] = {
    ModelIterable: _Question.objects,
    ValuesListIterable: lambda _question: tuple,
    FlatValuesListIterable: lambda _question: lambda values: values[0],
}


def _with_constants(sql: str, constants: tuple[Any, ...], connection: Any) -> str:
    """What is the same each time stands in the text: a plan that is kept for all values may then use an index that is
    only of rows `WHERE state = 'held'`."""
    connection.ensure_connection()
    waiting = iter(constants)
    return re.sub("%s", lambda _found: _literal(next(waiting), connection), sql)


def _literal(value: Any, connection: Any) -> str:
    return Literal(value).as_string(connection.connection).replace("%", "%%")


def squeezed(sql: str) -> str:
    """A long statement without the space it is laid out with: psycopg reads those up to 4,096 characters once."""
    return " ".join(sql.split())


def listed(values: Iterable[Any]) -> str:
    """A list as the database writes it, of what needs no quotes: numbers, tags, names. psycopg looks at each one."""
    return "{" + ",".join(map(str, values)) + "}"


def columns_of(row: Model, *, but: Collection[str]) -> dict[str, Any]:
    """What Django would write of a new row, by column, for a statement of our own. What the database fills by itself is
    left to it."""
    columns: dict[str, Any] = {}
    for field in row._meta.concrete_fields:
        value = getattr(row, field.attname)
        if field.column in but or field.generated or isinstance(value, DatabaseDefault):
            continue
        columns[str(field.column)] = value if type(value) in _PLAIN else field.get_db_prep_save(value, connection)
    return columns


_PLAIN: Final = {type(None), bool, int, float, str, uuid.UUID, dt.datetime}
"""What travels as it is. All else the field makes fit: JSON, lists, choices."""
