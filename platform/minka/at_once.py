"""All tables at once, for a database that has none: as the models are now, instead of as they came to be.

Django draws all models anew at each operation of a migration, and a first start spent most of its time on that. Here
they are drawn once and their tables made; then what migrations of ours do in SQL or Python is done in its order, but
for what they call elidable: it has nothing to do where there are no rows. All migrations are written down as applied.
`tests/house/test_at_once.py` proves that the database is the one that the migrations make, one by one.
"""

from typing import Final

from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.migrations import RunPython, RunSQL
from django.db.migrations.executor import MigrationExecutor

OURS: Final = ("annotations", "minka")


def is_empty(connection: BaseDatabaseWrapper) -> bool:
    return not connection.introspection.table_names()


def make(connection: BaseDatabaseWrapper) -> None:
    """Makes everything, or nothing: in one transaction."""
    executor = MigrationExecutor(connection)
    plan = executor.migration_plan(executor.loader.graph.leaf_nodes())
    state = executor.loader.project_state()
    models = [model for model in state.apps.get_models() if model._meta.can_migrate(connection)]
    with connection.schema_editor(atomic=True) as editor:
        for model in models:
            editor.create_model(model)
        for model in models:
            for trigger in getattr(model._meta, "triggers", ()):
                editor.execute(trigger.install_sql, params=None)
        for migration, _backwards in plan:
            for step in migration.operations if migration.app_label in OURS else ():
                if isinstance(step, RunSQL | RunPython) and not step.elidable:
                    step.database_forwards(migration.app_label, editor, state, state)
            for app, name in {*migration.replaces, (migration.app_label, migration.name)}:
                executor.recorder.record_applied(app, name)
