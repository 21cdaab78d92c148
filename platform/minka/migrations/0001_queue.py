"""The message queue on the same PostgreSQL: the SQL that the locked `pgmq` carries, in a schema of its own.

It needs no extension. A newer `pgmq` needs its upgrade script in a migration of its own; this file is never re-run.
"""

from django.db import migrations
from pgmq import get_embedded_install_sql


def install(apps, schema_editor):
    with schema_editor.connection.cursor() as cursor:
        cursor.execute("SELECT 1 FROM pg_namespace WHERE nspname = 'pgmq'")
        if cursor.fetchone():
            return
        cursor.connection.execute(get_embedded_install_sql())


def remove(apps, schema_editor):
    schema_editor.execute("DROP SCHEMA IF EXISTS pgmq CASCADE")


class Migration(migrations.Migration):
    dependencies: list[tuple[str, str]] = []
    operations = [migrations.RunPython(install, remove)]
