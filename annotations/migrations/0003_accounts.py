"""Accounts: sessions that name their person, ways back in, counts of tries (`minka_cache`), and whether a judgement
waits for somebody to look at its account (the view of releases shows why a judgement does not count)."""

import django.contrib.auth.validators
import django.db.models.deletion
import django.db.models.functions.datetime
from django.conf import settings
from django.db import migrations, models

# The table of Django's database cache, as `createcachetable` makes it. UNLOGGED: losing it forgets some counts.
CACHE = """
CREATE UNLOGGED TABLE minka_cache (cache_key varchar(255) PRIMARY KEY, value text NOT NULL, expires timestamptz NOT NULL);
CREATE INDEX minka_cache_expires ON minka_cache (expires);
"""
VIEW = """
CREATE OR REPLACE VIEW annotations_exportable AS
SELECT j.id, j.person_id, j.item_id, j.cell_id, j.kind, j.opt_out, j.judge_variety_id, j.shown, j.counted, j.late,
       j.undone_at, j.received_at, j.seconds, j.guideline_version, j.channel, j.offer_policy, j.offer_probability,
       j.consent_id, c.version AS consent_version,
       coalesce((c.purposes ->> 'train')::boolean, false) AS may_train,
       w.id IS NOT NULL AS withdrawn, j.not_counted
  FROM annotations_judgement j
  JOIN annotations_consent c ON c.id = j.consent_id
  LEFT JOIN LATERAL (
      SELECT w.id FROM annotations_consent w
       WHERE w.subject = c.subject AND w.act = 'withdraw' AND w.id > c.id LIMIT 1
  ) w ON true
"""


class Migration(migrations.Migration):

    dependencies = [
        ('annotations', '0002_exportable'),
    ]

    operations = [
        migrations.AddField(
            model_name='person',
            name='is_proven',
            field=models.BooleanField(default=True, help_text='Joined with a proof of work, or was looked at since: their work counts.', verbose_name='proven'),
        ),
        migrations.AlterField(
            model_name='person',
            name='username',
            field=models.CharField(help_text='Letters, digits and . + - _ only. It need not be a real name.', max_length=60, validators=[django.contrib.auth.validators.UnicodeUsernameValidator()], verbose_name='user name'),
        ),
        migrations.CreateModel(
            name='Session',
            fields=[
                ('session_key', models.CharField(max_length=40, primary_key=True, serialize=False, verbose_name='session key')),
                ('session_data', models.TextField(verbose_name='session data')),
                ('expire_date', models.DateTimeField(db_index=True, verbose_name='expire date')),
                ('person', models.ForeignKey(null=True, on_delete=django.db.models.deletion.CASCADE, related_name='sessions', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'verbose_name': 'session',
                'verbose_name_plural': 'sessions',
                'abstract': False,
            },
        ),
        migrations.CreateModel(
            name='WayBack',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('digest', models.CharField(max_length=64, unique=True)),
                ('made_at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
                ('expires_at', models.DateTimeField(blank=True, null=True)),
                ('person', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='ways_back', to=settings.AUTH_USER_MODEL)),
            ],
        ),
        migrations.CreateModel(
            name='Help',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('reason', models.CharField(max_length=200)),
                ('asked_at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
                ('agreed_at', models.DateTimeField(blank=True, null=True)),
                ('agreed_by', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('asked_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('person', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'verbose_name_plural': 'help with accounts',
                'permissions': [('help_back_in', 'Can help somebody back into their account')],
                'constraints': [models.CheckConstraint(condition=models.Q(('agreed_by', None), models.Q(('agreed_by', models.F('asked_by')), _negated=True), _connector='OR'), name='help_needs_a_second_person'), models.CheckConstraint(condition=models.Q(models.Q(('person', models.F('asked_by')), _negated=True), models.Q(('person', models.F('agreed_by')), _negated=True)), name='nobody_helps_themselves')],
            },
        ),
        migrations.RunSQL(CACHE, "DROP TABLE minka_cache"),
        migrations.RunSQL(VIEW, migrations.RunSQL.noop),
    ]
