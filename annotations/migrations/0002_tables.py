"""Every table up to the queue. The operations are as `makemigrations` writes them.

Django draws all models anew at each operation, and a first start spent three quarters of its time on that: here they are
drawn once, and other packages' tables, of which each would draw all of ours again, are made before.
"""

import django.contrib.postgres.fields
import django.core.validators
import django.db.models.deletion
import django.db.models.expressions
import django.db.models.functions.datetime
import django.db.models.functions.text
import pgtrigger.compiler
import pgtrigger.migrations
import uuid
from django.conf import settings
from django.db import migrations, models
from django.db.backends.base.schema import BaseDatabaseSchemaEditor
from django.db.migrations.state import ProjectState, StateApps

# What a release may see of judgements: their facts, the terms of their consent, whether it was taken back. The view
# runs with its owner's rights, so the export role reads through it what it cannot read itself: nothing else of a person.
EXPORTABLE = """
CREATE VIEW annotations_exportable AS
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
# What a release may see of what stewards decided: no person. Each view runs with its owner's rights.
GOVERNED = """
CREATE VIEW annotations_governed AS
SELECT v.tag AS variety_id, u.free_from,
       CASE WHEN c.stands THEN c.permitted_use ELSE '{}' END AS permitted_use,
       coalesce(c.stands AND s.enough AND c.takes_contributions, false) AS takes_contributions,
       coalesce(c.stands AND s.enough AND c.shows_anonymous, false) AS shows_anonymous,
       coalesce(c.stands AND s.enough AND c.sends_to_endpoints, false) AS sends_to_endpoints,
       coalesce(c.stands AND s.enough AND c.sends_to_argilla, false) AS sends_to_argilla,
       coalesce(c.stands AND s.enough AND c.keeps_in_memory, false) AS keeps_in_memory
  FROM annotations_variety v
  LEFT JOIN LATERAL (
      SELECT count(*) >= 2 AS enough FROM annotations_steward st
       WHERE st.variety_id = v.tag AND st.accepted_at IS NOT NULL AND st.ended_at IS NULL
  ) s ON true
  LEFT JOIN LATERAL (
      -- The last that came into force, whether it still is or not: one taken back does not bring the one before it back.
      SELECT ch.*, d.revoked_at IS NULL AS stands
        FROM annotations_charter ch JOIN annotations_stewardsdecision d ON d.charter_id = ch.id
       WHERE ch.variety_id = v.tag AND d.in_force_at IS NOT NULL ORDER BY d.in_force_at DESC LIMIT 1
  ) c ON true
  LEFT JOIN LATERAL (
      SELECT min(d.in_force_at) AS free_from FROM annotations_stewardsdecision d
       WHERE v.governed = 'ask' AND d.variety_id = v.tag AND d.kind = 'ungoverned' AND d.in_force_at IS NOT NULL
         AND d.revoked_at IS NULL AND (d.expires_at IS NULL OR d.expires_at > now())
  ) u ON true
 WHERE v.governed <> 'no';

CREATE VIEW annotations_opened AS
SELECT d.id, d.variety_id, d.campaign, d.item_kind, d.in_force_at, d.expires_at,
       d.since::timestamp AT TIME ZONE 'UTC' AS since, (d.until + 1)::timestamp AT TIME ZONE 'UTC' AS until
  FROM annotations_stewardsdecision d
 WHERE d.kind = 'export' AND d.in_force_at IS NOT NULL AND d.revoked_at IS NULL;

CREATE VIEW annotations_hiddenprompt AS
SELECT h.id, i.prompt_id, h.kind, h.lifted_at
  FROM annotations_hidden h JOIN annotations_item i ON i.id = h.item_id;
"""
# The table of Django's database cache, as `createcachetable` makes it. UNLOGGED: losing it forgets some counts.
CACHE = """
CREATE UNLOGGED TABLE minka_cache (cache_key varchar(255) PRIMARY KEY, value text NOT NULL, expires timestamptz NOT NULL);
CREATE INDEX minka_cache_expires ON minka_cache (expires);
"""


class AllAtOnce(migrations.SeparateDatabaseAndState):
    """What tables are to be there, said without drawing the models after each of them."""

    def state_forwards(self, app_label: str, state: ProjectState) -> None:
        vars(state).pop("apps", None)
        super().state_forwards(app_label, state)


def make_tables(apps: StateApps, editor: BaseDatabaseSchemaEditor) -> None:
    models = [
        model for model in apps.get_app_config("annotations").get_models()
        if model._meta.model_name != "person" and model._meta.can_migrate(editor.connection)
    ]
    for model in models:
        editor.create_model(model)
    for model in models:
        for trigger in getattr(model._meta, "triggers", ()):
            editor.execute(trigger.install_sql, params=None)


class Migration(migrations.Migration):

    dependencies = [
        ('annotations', '0001_person'),
        ('account', '0009_emailaddress_unique_primary_email'),
        ('admin', '0003_logentry_add_action_flag_choices'),
        ('knox', '0009_extend_authtoken_field'),
        ('mfa', '0003_authenticator_type_uniq'),
    ]

    replaces = [
        ('annotations', '0002_exportable'),
        ('annotations', '0003_accounts'),
        ('annotations', '0004_guests'),
        ('annotations', '0005_stewards'),
        ('annotations', '0006_rights'),
        ('annotations', '0007_table'),
        ('annotations', '0008_notes'),
        ('annotations', '0009_writing'),
        ('annotations', '0010_flagging'),
        ('annotations', '0011_translating'),
        ('annotations', '0012_packs'),
        ('annotations', '0013_agreement'),
        ('annotations', '0014_tallies'),
        ('annotations', '0015_queue'),
    ]

    tables = [
        migrations.CreateModel(
            name='Variety',
            fields=[
                ('tag', models.CharField(max_length=35, primary_key=True, serialize=False)),
                ('lineage', django.contrib.postgres.fields.ArrayField(base_field=models.CharField(max_length=35), size=None)),
                ('level', models.CharField(choices=[('language', 'Language'), ('dialect', 'Dialect'), ('register', 'Register'), ('group', 'Group'), ('macrolanguage', 'Macrolanguage'), ('collection', 'Collection'), ('source', 'Source')], max_length=14)),
                ('governed', models.CharField(choices=[('no', 'No'), ('ask', 'Ask'), ('yes', 'Yes')], max_length=3)),
                ('autonym', models.CharField(max_length=80)),
                ('name_es', models.CharField(max_length=80)),
                ('name_pt', models.CharField(max_length=80)),
                ('name_en', models.CharField(max_length=80)),
                ('search_names', django.contrib.postgres.fields.ArrayField(base_field=models.CharField(max_length=80), default=list, size=None)),
                ('countries', django.contrib.postgres.fields.ArrayField(base_field=models.CharField(max_length=2), default=list, size=None)),
                ('iso639_3', models.CharField(blank=True, max_length=8)),
                ('glottocode', models.CharField(blank=True, max_length=8)),
                ('direction', models.CharField(default='ltr', max_length=3)),
                ('certainty', models.CharField(blank=True, max_length=10)),
                ('notes', models.TextField(blank=True)),
                ('parent', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='children', to='annotations.variety')),
            ],
            options={
                'verbose_name_plural': 'varieties',
                'ordering': ['tag'],
            },
        ),
        migrations.CreateModel(
            name='Assignment',
            fields=[
                ('id', models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                ('state', models.CharField(choices=[('held', 'Held'), ('answered', 'Answered'), ('expired', 'Expired'), ('returned', 'Returned'), ('outside', 'Outside')], default='held', max_length=8)),
                ('shown', django.contrib.postgres.fields.ArrayField(base_field=models.BigIntegerField(), size=None)),
                ('offer_policy', models.CharField(default='in_order', max_length=20)),
                ('offer_probability', models.FloatField(default=1.0)),
                ('claimed_at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
                ('expires_at', models.DateTimeField()),
                ('judge_variety', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='annotations.variety')),
                ('person', models.ForeignKey(null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='assignments', to=settings.AUTH_USER_MODEL)),
            ],
        ),
        migrations.CreateModel(
            name='BiasCategory',
            fields=[
                ('code', models.CharField(max_length=40, primary_key=True, serialize=False)),
                ('family', models.CharField(max_length=20)),
                ('name_es', models.CharField(max_length=120)),
                ('name_pt', models.CharField(max_length=120)),
                ('name_en', models.CharField(max_length=120)),
                ('help_es', models.TextField()),
                ('help_pt', models.TextField()),
                ('help_en', models.TextField()),
                ('target_groups', django.contrib.postgres.fields.ArrayField(base_field=models.CharField(max_length=40), default=list, size=None)),
                ('maps_to', models.TextField(blank=True)),
                ('display_order', models.PositiveSmallIntegerField()),
            ],
            options={
                'verbose_name_plural': 'bias categories',
                'ordering': ['display_order'],
            },
        ),
        migrations.CreateModel(
            name='Consent',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('subject', models.UUIDField(db_index=True)),
                ('act', models.CharField(choices=[('give', 'Give'), ('withdraw', 'Withdraw'), ('leave', 'Leave')], max_length=8)),
                ('version', models.CharField(max_length=40)),
                ('text_sha256', models.CharField(max_length=64)),
                ('language', models.CharField(max_length=5)),
                ('purposes', models.JSONField(default=dict)),
                ('contribution_licence', models.CharField(max_length=40)),
                ('channel', models.CharField(max_length=8)),
                ('recorded_at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
            ],
            options={
                'verbose_name_plural': 'consents',
            },
        ),
        migrations.CreateModel(
            name='Judgement',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('kind', models.CharField(max_length=20)),
                ('opt_out', models.CharField(blank=True, max_length=20)),
                ('guideline_version', models.CharField(max_length=20)),
                ('rubric_version', models.CharField(blank=True, max_length=20)),
                ('language', models.CharField(max_length=5)),
                ('channel', models.CharField(choices=[('web', 'Web'), ('offline', 'Offline'), ('api', 'Api'), ('argilla', 'Argilla'), ('import', 'Import')], max_length=8)),
                ('shown', django.contrib.postgres.fields.ArrayField(base_field=models.BigIntegerField(), size=None)),
                ('offer_policy', models.CharField(max_length=20)),
                ('offer_probability', models.FloatField()),
                ('seconds', models.FloatField(blank=True, null=True)),
                ('client_at', models.DateTimeField(blank=True, null=True)),
                ('received_at', models.DateTimeField(db_index=True)),
                ('late', models.BooleanField(default=False)),
                ('counted', models.BooleanField()),
                ('not_counted', models.CharField(blank=True, max_length=20)),
                ('undone_at', models.DateTimeField(blank=True, null=True)),
            ],
        ),
        migrations.CreateModel(
            name='Verdict',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('outcome', models.CharField(choices=[('output', 'Output'), ('tie', 'Tie'), ('both_good', 'Both Good'), ('both_bad', 'Both Bad'), ('no_majority', 'No Majority')], max_length=11)),
                ('method', models.CharField(max_length=20)),
                ('n', models.PositiveSmallIntegerField()),
                ('agreement', models.FloatField()),
                ('margin', models.FloatField(null=True)),
                ('evidence_until', models.DateTimeField()),
                ('settled_at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
                ('superseded_at', models.DateTimeField(null=True)),
            ],
        ),
        migrations.CreateModel(
            name='Flag',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('wrong', models.BooleanField()),
                ('weighs', models.BooleanField(default=True)),
                ('start', models.PositiveIntegerField(null=True)),
                ('end', models.PositiveIntegerField(null=True)),
                ('categories', django.contrib.postgres.fields.ArrayField(base_field=models.CharField(max_length=40), default=list, size=None)),
                ('severity', models.PositiveSmallIntegerField(null=True)),
                ('groups', django.contrib.postgres.fields.ArrayField(base_field=models.CharField(max_length=40), default=list, size=None)),
                ('stance', models.CharField(blank=True, choices=[('endorsed', 'The answer says it as its own'), ('mentioned', 'It only mentions it'), ('criticised', 'It mentions it to object')], max_length=10)),
                ('common', models.CharField(blank=True, choices=[('often', 'One hears it often'), ('sometimes', 'Sometimes'), ('rarely', 'Rarely'), ('never', 'Never')], max_length=9)),
                ('counter_example', models.TextField(blank=True)),
                ('comment', models.TextField(blank=True)),
                ('flagged_at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
            ],
        ),
        migrations.CreateModel(
            name='Guest',
            fields=[
                ('id', models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                ('text_version', models.CharField(max_length=20)),
                ('text_sha256', models.CharField(max_length=64)),
                ('language', models.CharField(max_length=5)),
                ('agreed_at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now(), db_index=True)),
            ],
        ),
        migrations.CreateModel(
            name='GuestJudgement',
            fields=[
                ('id', models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                ('number', models.PositiveSmallIntegerField()),
                ('shown', django.contrib.postgres.fields.ArrayField(base_field=models.BigIntegerField(), size=None)),
                ('offer_probability', models.FloatField()),
                ('guideline_version', models.CharField(max_length=20)),
                ('shown_at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now(), db_index=True)),
                ('key', models.UUIDField(null=True)),
                ('answer', models.JSONField(null=True)),
                ('opt_out', models.CharField(blank=True, max_length=20)),
                ('language', models.CharField(blank=True, max_length=5)),
                ('seconds', models.FloatField(null=True)),
                ('given_at', models.DateTimeField(null=True)),
            ],
        ),
        migrations.CreateModel(
            name='Help',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('reason', models.CharField(max_length=200)),
                ('asked_at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
                ('agreed_at', models.DateTimeField(blank=True, null=True)),
            ],
            options={
                'verbose_name_plural': 'help with accounts',
                'permissions': [('help_back_in', 'Can help somebody back into their account')],
            },
        ),
        migrations.CreateModel(
            name='Hidden',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('kind', models.CharField(choices=[('restricted', 'restricted knowledge'), ('withheld', 'withheld by stewards')], max_length=10)),
                ('code', models.CharField(max_length=20)),
                ('text', models.TextField(blank=True, max_length=2000)),
                ('hidden_at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
                ('kept_at', models.DateTimeField(null=True)),
                ('lifted_at', models.DateTimeField(null=True)),
            ],
            options={
                'verbose_name_plural': 'hidden',
            },
        ),
        migrations.CreateModel(
            name='Item',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('kind', models.CharField(default='vote', max_length=20)),
                ('source_id', models.CharField(max_length=200)),
                ('sensitive', django.contrib.postgres.fields.ArrayField(base_field=models.CharField(max_length=30), blank=True, default=list, size=None)),
                ('created_at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now(), editable=False)),
            ],
        ),
        migrations.CreateModel(
            name='ItemOutput',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('position', models.PositiveSmallIntegerField()),
            ],
            options={
                'ordering': ['item', 'position'],
            },
        ),
        migrations.CreateModel(
            name='Look',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('opened_at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
                ('hidden_at', models.DateTimeField(blank=True, null=True)),
                ('hidden_by', models.CharField(blank=True, choices=[('severity', 'somebody says that it is critical'), ('second', 'a second person says so'), ('speaker', 'a steward of the variety says so'), ('machine', 'screening finds something too'), ('moderator', 'a moderator decided so')], max_length=10)),
                ('called_at', models.DateTimeField(blank=True, null=True)),
                ('decision', models.CharField(blank=True, choices=[('out', 'it stays out'), ('veiled', 'it comes back, behind a click'), ('fine', 'it comes back')], max_length=6)),
                ('reason', models.TextField(blank=True)),
                ('decided_at', models.DateTimeField(blank=True, null=True)),
            ],
        ),
        migrations.CreateModel(
            name='MacroZone',
            fields=[
                ('code', models.CharField(max_length=40, primary_key=True, serialize=False)),
                ('name_es', models.CharField(max_length=80)),
                ('name_pt', models.CharField(max_length=80)),
                ('name_en', models.CharField(max_length=80)),
                ('basis', models.CharField(max_length=200)),
            ],
        ),
        migrations.CreateModel(
            name='ModelVersion',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('name', models.CharField(max_length=120, unique=True)),
                ('licence', models.CharField(blank=True, max_length=80)),
            ],
        ),
        migrations.CreateModel(
            name='Note',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('asked_at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
            ],
        ),
        migrations.CreateModel(
            name='Output',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('sample', models.PositiveIntegerField(default=0)),
                ('text', models.TextField()),
                ('text_sha256', models.CharField(max_length=64)),
                ('licence', models.CharField(blank=True, max_length=80)),
                ('permitted_use', django.contrib.postgres.fields.ArrayField(base_field=models.CharField(choices=[('train', 'Train'), ('evaluate', 'Evaluate')], max_length=8), size=None)),
                ('params', models.JSONField(default=dict)),
                ('quarantine', models.CharField(blank=True, max_length=40)),
                ('entered_at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
            ],
        ),
        migrations.CreateModel(
            name='Pack',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('weight', models.PositiveIntegerField(default=0)),
                ('taken_at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
                ('expires_at', models.DateTimeField()),
                ('ended_at', models.DateTimeField(blank=True, null=True)),
            ],
        ),
        migrations.CreateModel(
            name='Prompt',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('messages', models.JSONField()),
                ('content_key', models.CharField(max_length=64)),
                ('register', models.CharField(blank=True, max_length=40)),
                ('domain', models.CharField(blank=True, max_length=40)),
                ('task', models.CharField(blank=True, max_length=40)),
                ('country', models.CharField(blank=True, max_length=2)),
                ('country_about', models.CharField(blank=True, max_length=2)),
                ('entered_at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
            ],
        ),
        migrations.CreateModel(
            name='PromptGroup',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('key', models.CharField(max_length=64, unique=True)),
                ('role', models.CharField(choices=[('train', 'Train'), ('evaluate', 'Evaluate')], max_length=8)),
                ('split', models.CharField(choices=[('train', 'Train'), ('validation', 'Validation'), ('test', 'Test'), ('evaluate', 'Evaluate')], max_length=10)),
            ],
        ),
        migrations.CreateModel(
            name='Question',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('model', models.CharField(max_length=120)),
                ('text', models.TextField(blank=True)),
                ('tries', models.PositiveSmallIntegerField(default=0)),
                ('problem', models.CharField(blank=True, max_length=40)),
                ('due_at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now(), null=True)),
                ('answered_at', models.DateTimeField(blank=True, null=True)),
            ],
        ),
        migrations.CreateModel(
            name='Receipt',
            fields=[
                ('key', models.UUIDField(primary_key=True, serialize=False)),
                ('body_sha256', models.CharField(max_length=64)),
            ],
        ),
        migrations.CreateModel(
            name='Release',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('version', models.CharField(max_length=32, unique=True)),
                ('cutoff', models.DateTimeField()),
                ('state', models.CharField(choices=[('published', 'Published'), ('recalled', 'Recalled')], default='published', max_length=9)),
                ('release_id', models.CharField(max_length=64)),
                ('manifest', models.JSONField()),
                ('published_at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
            ],
            options={
                'ordering': ['-cutoff'],
            },
        ),
        migrations.CreateModel(
            name='Request',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('subject', models.UUIDField(db_index=True)),
                ('kind', models.CharField(choices=[('access', 'see and take along'), ('correct', 'correct'), ('pause', 'pause'), ('resume', 'go on after a pause'), ('erase', 'erase'), ('oppose', 'oppose a use'), ('block', 'block while a doubt is cleared up'), ('other', 'something else')], max_length=7)),
                ('country', models.CharField(blank=True, max_length=2)),
                ('received_at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
                ('due_on', models.DateField()),
                ('limit_on', models.DateField()),
                ('reminded_on', models.DateField(null=True)),
                ('done_at', models.DateTimeField(null=True)),
                ('outcome', models.CharField(blank=True, choices=[('done', 'done'), ('partly', 'done in part'), ('refused', 'refused'), ('moot', 'no longer needed')], max_length=7)),
                ('reason', models.CharField(blank=True, choices=[('at_once', 'done at once by the person'), ('by_hand', 'done by the team'), ('contributions_too', 'account and contributions erased'), ('contributions_left', 'account erased, contributions left without a link'), ('account_gone', 'the account was erased meanwhile'), ('no_such_data', 'there are no such data'), ('law_keeps_it', 'the law asks to keep it'), ('others_rights', 'it would touch the rights of others')], max_length=18)),
            ],
            options={
                'ordering': ['-id'],
            },
        ),
        migrations.CreateModel(
            name='RubricPoint',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('aspect', models.CharField(max_length=40)),
                ('applies_to', models.CharField(max_length=20)),
                ('order', models.PositiveSmallIntegerField()),
                ('name_es', models.CharField(max_length=80)),
                ('name_pt', models.CharField(max_length=80)),
                ('name_en', models.CharField(max_length=80)),
                ('question_es', models.TextField()),
                ('question_pt', models.TextField()),
                ('question_en', models.TextField()),
                ('scale_min', models.SmallIntegerField()),
                ('scale_max', models.PositiveSmallIntegerField()),
                ('point', models.SmallIntegerField()),
                ('anchor_es', models.TextField()),
                ('anchor_pt', models.TextField()),
                ('anchor_en', models.TextField()),
            ],
            options={
                'ordering': ['order', 'point'],
            },
        ),
        migrations.CreateModel(
            name='Session',
            fields=[
                ('session_key', models.CharField(max_length=40, primary_key=True, serialize=False, verbose_name='session key')),
                ('session_data', models.TextField(verbose_name='session data')),
                ('expire_date', models.DateTimeField(db_index=True, verbose_name='expire date')),
            ],
            options={
                'verbose_name': 'session',
                'verbose_name_plural': 'sessions',
                'abstract': False,
            },
        ),
        migrations.CreateModel(
            name='Severity',
            fields=[
                ('level', models.PositiveSmallIntegerField(primary_key=True, serialize=False)),
                ('code', models.CharField(max_length=20, unique=True)),
                ('name_es', models.CharField(max_length=80)),
                ('name_pt', models.CharField(max_length=80)),
                ('name_en', models.CharField(max_length=80)),
                ('anchor_es', models.TextField()),
                ('anchor_pt', models.TextField()),
                ('anchor_en', models.TextField()),
                ('workflow', models.CharField(max_length=20)),
            ],
            options={
                'verbose_name_plural': 'severities',
                'ordering': ['level'],
            },
        ),
        migrations.CreateModel(
            name='Source',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('name', models.CharField(max_length=200)),
                ('licence', models.CharField(blank=True, max_length=80)),
                ('permitted_use', django.contrib.postgres.fields.ArrayField(base_field=models.CharField(choices=[('train', 'Train'), ('evaluate', 'Evaluate')], max_length=8), size=None)),
                ('url', models.CharField(blank=True, max_length=400)),
                ('attribution', models.CharField(blank=True, max_length=400)),
            ],
        ),
        migrations.CreateModel(
            name='SpokenVariety',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('how', models.CharField(choices=[('grew_up', 'I grew up with it'), ('live_there', 'I live where it is spoken'), ('learned', 'I learned it'), ('reads', 'I read it')], max_length=10)),
                ('command', models.PositiveSmallIntegerField(choices=[(1, 'Some'), (2, 'Good'), (3, 'It is mine')], default=3)),
                ('since', models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
                ('until', models.DateTimeField(blank=True, null=True)),
            ],
            options={
                'verbose_name_plural': 'spoken varieties',
            },
        ),
        migrations.CreateModel(
            name='Steward',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('proposed_at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
                ('why', models.TextField(max_length=2000)),
                ('letter_by', models.CharField(blank=True, max_length=120, verbose_name='who wrote the letter')),
                ('letter_body', models.CharField(blank=True, max_length=200, verbose_name='for which body')),
                ('letter_date', models.DateField(blank=True, null=True, verbose_name='its date')),
                ('letter_reference', models.CharField(blank=True, max_length=200, verbose_name='SHA-256 of the file, or where it is kept')),
                ('recorded_at', models.DateTimeField(null=True)),
                ('shown_name', models.CharField(blank=True, max_length=80)),
                ('accepted_at', models.DateTimeField(null=True)),
                ('ended_at', models.DateTimeField(null=True)),
            ],
        ),
        migrations.CreateModel(
            name='StewardsApproval',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('approves', models.BooleanField()),
                ('at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
            ],
        ),
        migrations.CreateModel(
            name='StewardsDecision',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('kind', models.CharField(choices=[('export', 'may be exported'), ('charter', 'a charter'), ('ungoverned', 'needs no governance'), ('restore', 'a record comes back')], max_length=10)),
                ('campaign', models.CharField(blank=True, max_length=60, verbose_name='only this campaign')),
                ('item_kind', models.CharField(blank=True, max_length=20, verbose_name='only this kind of work')),
                ('since', models.DateField(blank=True, null=True, verbose_name='entered from this day')),
                ('until', models.DateField(blank=True, null=True, verbose_name='until this day')),
                ('reason', models.TextField(max_length=2000, verbose_name='reason')),
                ('proposed_at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
                ('expires_at', models.DateTimeField(null=True)),
                ('in_force_at', models.DateTimeField(null=True)),
                ('revoked_at', models.DateTimeField(null=True)),
            ],
        ),
        migrations.CreateModel(
            name='StewardsLog',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('subject', models.UUIDField()),
                ('act', models.CharField(max_length=20)),
                ('about', models.CharField(blank=True, max_length=80)),
                ('code', models.CharField(blank=True, max_length=20)),
                ('text', models.TextField(blank=True)),
                ('at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
            ],
        ),
        migrations.CreateModel(
            name='Tally',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('items', models.IntegerField()),
                ('needed', models.IntegerField()),
                ('done', models.IntegerField()),
                ('settled', models.IntegerField()),
            ],
            options={
                'verbose_name_plural': 'tallies',
            },
        ),
        migrations.CreateModel(
            name='TargetGroup',
            fields=[
                ('code', models.CharField(max_length=40, primary_key=True, serialize=False)),
                ('name_es', models.CharField(max_length=120)),
                ('name_pt', models.CharField(max_length=120)),
                ('name_en', models.CharField(max_length=120)),
                ('note', models.TextField(blank=True)),
            ],
            options={
                'abstract': False,
            },
        ),
        migrations.CreateModel(
            name='Term',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('term', models.CharField(max_length=120, verbose_name='term')),
                ('translation', models.CharField(max_length=200, verbose_name='its translation')),
                ('note', models.CharField(blank=True, max_length=400, verbose_name='note')),
            ],
            options={
                'ordering': ['source_variety', 'variety', 'term'],
            },
        ),
        migrations.CreateModel(
            name='Tombstone',
            fields=[
                ('judgement_id', models.BigIntegerField(primary_key=True, serialize=False)),
                ('received_at', models.DateTimeField(db_index=True)),
                ('erased_on', models.DateField()),
            ],
        ),
        migrations.CreateModel(
            name='VarietyProposal',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('name', models.CharField(max_length=80, verbose_name='the name its speakers use')),
                ('other_names', models.CharField(blank=True, max_length=200, verbose_name='other names it is found under')),
                ('place', models.CharField(max_length=200, verbose_name='where it is spoken')),
                ('why', models.TextField(max_length=2000, verbose_name='why it is missed')),
                ('proposed_at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now(), editable=False)),
                ('state', models.CharField(choices=[('waiting', 'waiting'), ('accepted', 'accepted'), ('declined', 'declined')], default='waiting', max_length=8, verbose_name='state')),
                ('note', models.TextField(blank=True, max_length=2000, verbose_name='note to who proposed it')),
                ('decided_at', models.DateTimeField(editable=False, null=True)),
            ],
        ),
        migrations.CreateModel(
            name='WayBack',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('digest', models.CharField(max_length=64, unique=True)),
                ('made_at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
                ('expires_at', models.DateTimeField(blank=True, null=True)),
            ],
        ),
        migrations.CreateModel(
            name='Governance',
            fields=[
                ('variety', models.OneToOneField(db_constraint=False, on_delete=django.db.models.deletion.DO_NOTHING, primary_key=True, related_name='governance', serialize=False, to='annotations.variety')),
                ('free_from', models.DateTimeField(null=True)),
                ('permitted_use', django.contrib.postgres.fields.ArrayField(base_field=models.CharField(max_length=8), size=None)),
                ('takes_contributions', models.BooleanField()),
                ('shows_anonymous', models.BooleanField()),
                ('sends_to_endpoints', models.BooleanField()),
                ('sends_to_argilla', models.BooleanField()),
                ('keeps_in_memory', models.BooleanField()),
            ],
            options={
                'db_table': 'annotations_governed',
                'managed': False,
                'default_permissions': (),
            },
        ),
        migrations.CreateModel(
            name='SensitiveFacts',
            fields=[
                ('person', models.OneToOneField(on_delete=django.db.models.deletion.CASCADE, primary_key=True, related_name='+', serialize=False, to=settings.AUTH_USER_MODEL)),
                ('sealed', models.TextField()),
            ],
            options={
                'verbose_name_plural': 'sensitive facts',
                'permissions': [('count_sensitivefacts', 'Can see counts of sensitive facts')],
                'default_permissions': (),
            },
        ),
        migrations.CreateModel(
            name='Draft',
            fields=[
                ('assignment', models.OneToOneField(on_delete=django.db.models.deletion.CASCADE, primary_key=True, related_name='draft', serialize=False, to='annotations.assignment')),
                ('fields', models.JSONField()),
                ('version', models.PositiveIntegerField(default=1)),
                ('saved_at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
            ],
        ),
        migrations.CreateModel(
            name='Averted',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('since', models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
                ('person', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='averted', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'verbose_name_plural': 'averted',
            },
        ),
        migrations.CreateModel(
            name='Campaign',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('slug', models.SlugField(max_length=60, unique=True)),
                ('name', models.CharField(max_length=120)),
                ('about', models.TextField(blank=True, help_text='What it is for, in Markdown.')),
                ('asked_by', models.CharField(blank=True, max_length=120)),
                ('kind', models.CharField(default='vote', max_length=20)),
                ('state', models.CharField(choices=[('open', 'open'), ('paused', 'paused'), ('closed', 'closed')], default='open', max_length=6)),
                ('needed', models.PositiveSmallIntegerField(default=3, help_text='K: what an item, or each variety it is judged in, needs.', verbose_name='judgements per item')),
                ('rule', models.CharField(choices=[('strict_majority', 'strict majority')], default='strict_majority', max_length=20)),
                ('judged_in', django.contrib.postgres.fields.ArrayField(base_field=models.CharField(max_length=35), blank=True, default=list, help_text="Tags of varieties that judge every item, each with its own verdict. Empty: the item's own.", size=None)),
                ('contribution_licence', models.CharField(choices=[('CC-BY-4.0', 'CC-BY-4.0'), ('CC-BY-SA-4.0', 'CC-BY-SA-4.0'), ('CC0-1.0', 'CC0-1.0')], default='CC-BY-4.0', max_length=40)),
                ('lease_minutes', models.PositiveSmallIntegerField(default=20)),
                ('practice', models.PositiveSmallIntegerField(default=0, help_text='How many items with an explanation everybody meets before the first real one.', verbose_name='practice items')),
                ('takes_guests', models.BooleanField(default=True, help_text='Up to ten items, without an account.', verbose_name='guests may try it')),
                ('asks_models', django.contrib.postgres.fields.ArrayField(base_field=models.CharField(max_length=120), blank=True, default=list, help_text='Names from MINKA_MODELS, two or more: they answer the prompts that people propose here.', size=None, verbose_name='models that are asked')),
                ('starts_at', models.DateTimeField(blank=True, null=True)),
                ('ends_at', models.DateTimeField(blank=True, null=True)),
                ('created_at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now(), editable=False)),
            ],
            options={
                'constraints': [models.CheckConstraint(condition=models.Q(('needed__gte', 1)), name='campaign_needs_at_least_one_judgement'), models.CheckConstraint(condition=models.Q(('lease_minutes__gte', 1)), name='campaign_lease_is_positive')],
            },
        ),
        migrations.CreateModel(
            name='Bookmark',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('kind', models.CharField(max_length=20)),
                ('terms', models.CharField(max_length=32)),
                ('rank', models.FloatField()),
                ('cell', models.BigIntegerField()),
                ('returned', models.BigIntegerField()),
                ('returned_cell', models.BigIntegerField()),
                ('whole_at', models.DateTimeField(null=True)),
                ('person', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('variety', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='annotations.variety')),
                ('campaign', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to='annotations.campaign')),
            ],
        ),
        migrations.CreateModel(
            name='Agreement',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('kind', models.CharField(max_length=20)),
                ('aspect', models.CharField(max_length=40)),
                ('level', models.CharField(choices=[('nominal', 'each as different as the next'), ('ordinal', 'in an order')], max_length=8)),
                ('alpha', models.FloatField(null=True)),
                ('low', models.FloatField(null=True)),
                ('high', models.FloatField(null=True)),
                ('undefined', models.CharField(blank=True, choices=[('no_pairs', 'no item was judged by two who can be compared'), ('one_value', 'everybody always said the same')], max_length=9)),
                ('units', models.PositiveIntegerField()),
                ('people', models.PositiveIntegerField()),
                ('judgements', models.PositiveIntegerField()),
                ('values', models.JSONField(default=list)),
                ('coincidences', models.JSONField(default=list)),
                ('computed_at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
                ('version', models.CharField(max_length=40)),
                ('variety', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='annotations.variety')),
                ('campaign', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='agreements', to='annotations.campaign')),
            ],
            options={
                'permissions': [('see_quality', 'Can see how much people agree and what lacks')],
            },
        ),
        migrations.CreateModel(
            name='Cell',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('kind', models.CharField(default='vote', max_length=20)),
                ('priority', models.FloatField(default=0)),
                ('needed', models.PositiveSmallIntegerField()),
                ('held', models.PositiveSmallIntegerField(default=0)),
                ('done', models.PositiveSmallIntegerField(default=0)),
                ('held_back', models.CharField(blank=True, max_length=40)),
                ('settled_at', models.DateTimeField(blank=True, null=True)),
                ('returned', models.BigIntegerField(editable=False, null=True)),
                ('open', models.GeneratedField(db_persist=True, expression=models.ExpressionWrapper(models.Q(('held__lt', django.db.models.expressions.CombinedExpression(models.F('needed'), '-', models.F('done'))), ('held_back', ''), ('settled_at', None)), output_field=models.BooleanField()), output_field=models.BooleanField())),
                ('campaign', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='annotations.campaign')),
                ('variety', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='annotations.variety')),
            ],
        ),
        migrations.AddField(
            model_name='assignment',
            name='cell',
            field=models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='assignments', to='annotations.cell'),
        ),
        migrations.CreateModel(
            name='Charter',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('version', models.PositiveIntegerField()),
                ('policy', models.TextField(max_length=20000, verbose_name='the policy, in Markdown')),
                ('permitted_use', django.contrib.postgres.fields.ArrayField(base_field=models.CharField(choices=[('evaluate', 'evaluate'), ('train', 'train')], max_length=8), default=list, size=None)),
                ('quorum', models.PositiveSmallIntegerField(default=2, verbose_name='stewards a decision needs')),
                ('orthographies', django.contrib.postgres.fields.ArrayField(base_field=models.CharField(max_length=80), blank=True, default=list, size=None)),
                ('takes_contributions', models.BooleanField(default=False, verbose_name='takes contributions')),
                ('shows_anonymous', models.BooleanField(default=False, verbose_name='visitors without an account may see its texts')),
                ('sends_to_endpoints', models.BooleanField(default=False, verbose_name='its texts may be sent to model endpoints outside')),
                ('sends_to_argilla', models.BooleanField(default=False, verbose_name='its texts may be sent to Argilla')),
                ('keeps_in_memory', models.BooleanField(default=False, verbose_name='its texts may stand in the translation memory')),
                ('written_at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
                ('variety', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='charters', to='annotations.variety')),
            ],
        ),
        migrations.CreateModel(
            name='CommunityLabel',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('campaign', models.CharField(blank=True, max_length=60, verbose_name='only this campaign')),
                ('record', models.CharField(blank=True, max_length=200, verbose_name='only this record')),
                ('system', models.CharField(choices=[('TK', 'Traditional Knowledge'), ('BC', 'Biocultural')], max_length=2, verbose_name='kind of label')),
                ('local_contexts_id', models.CharField(max_length=80, verbose_name='id at Local Contexts')),
                ('name', models.CharField(max_length=120, verbose_name='name')),
                ('community', models.CharField(max_length=120, verbose_name='community')),
                ('url', models.CharField(blank=True, max_length=400, validators=[django.core.validators.URLValidator(schemes=['http', 'https'])], verbose_name='address')),
                ('image_alt', models.CharField(max_length=200, verbose_name='what its picture shows, in words')),
                ('added_at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
                ('ended_at', models.DateTimeField(null=True)),
                ('variety', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='labels', to='annotations.variety')),
            ],
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='consent',
            trigger=pgtrigger.compiler.Trigger(name='consent_is_append_only', sql=pgtrigger.compiler.UpsertTriggerSql(func="RAISE EXCEPTION 'pgtrigger: Cannot update or delete rows from % table', TG_TABLE_NAME;", hash='f8e71b9adfdb6f6413acd3d4d767951ed6745b5b', operation='UPDATE OR DELETE', pgid='pgtrigger_consent_is_append_only_4db13', table='annotations_consent', when='BEFORE')),
        ),
        migrations.CreateModel(
            name='Correction',
            fields=[
                ('judgement', models.OneToOneField(on_delete=django.db.models.deletion.CASCADE, primary_key=True, related_name='correction', serialize=False, to='annotations.judgement')),
                ('text', models.TextField()),
                ('distance', models.PositiveIntegerField()),
            ],
        ),
        migrations.CreateModel(
            name='Demonstration',
            fields=[
                ('judgement', models.OneToOneField(on_delete=django.db.models.deletion.CASCADE, primary_key=True, related_name='demonstration', serialize=False, to='annotations.judgement')),
                ('text', models.TextField()),
            ],
        ),
        migrations.CreateModel(
            name='PromptProposal',
            fields=[
                ('judgement', models.OneToOneField(on_delete=django.db.models.deletion.CASCADE, primary_key=True, related_name='proposal', serialize=False, to='annotations.judgement')),
                ('text', models.TextField()),
                ('domain', models.CharField(blank=True, max_length=40)),
                ('country_about', models.CharField(blank=True, max_length=2)),
                ('is_new', models.BooleanField(default=False)),
            ],
        ),
        migrations.CreateModel(
            name='Review',
            fields=[
                ('judgement', models.OneToOneField(on_delete=django.db.models.deletion.CASCADE, primary_key=True, related_name='review', serialize=False, to='annotations.judgement')),
                ('decision', models.CharField(choices=[('accept', 'accept'), ('edit', 'accept with changes'), ('reject', 'do not accept')], max_length=6)),
                ('text', models.TextField(blank=True)),
                ('reason', models.CharField(blank=True, choices=[('off_task', 'It does not do what was asked'), ('wrong', 'It says something that is not so'), ('unclear', 'One cannot follow it, or it is cut off'), ('harm', 'It hurts or puts somebody in danger'), ('personal', 'It shows who somebody is'), ('copied', 'It seems to be copied, or written by a machine'), ('variety', 'It is not in the variety that was asked for'), ('other', 'Something else, in the words below')], max_length=10)),
                ('words', models.CharField(blank=True, max_length=1000)),
            ],
        ),
        migrations.CreateModel(
            name='Score',
            fields=[
                ('judgement', models.OneToOneField(on_delete=django.db.models.deletion.CASCADE, primary_key=True, related_name='score', serialize=False, to='annotations.judgement')),
                ('points', models.JSONField()),
                ('overall', models.PositiveSmallIntegerField()),
            ],
        ),
        migrations.CreateModel(
            name='Translation',
            fields=[
                ('judgement', models.OneToOneField(on_delete=django.db.models.deletion.CASCADE, primary_key=True, related_name='translation', serialize=False, to='annotations.judgement')),
                ('text', models.TextField(blank=True)),
                ('orthography', models.CharField(blank=True, max_length=20)),
                ('distance', models.PositiveIntegerField(blank=True, null=True)),
                ('valid_here', models.BooleanField(default=False)),
                ('warnings', django.contrib.postgres.fields.ArrayField(base_field=models.CharField(max_length=20), blank=True, default=list, size=None)),
            ],
        ),
        migrations.CreateModel(
            name='Vote',
            fields=[
                ('judgement', models.OneToOneField(on_delete=django.db.models.deletion.CASCADE, primary_key=True, related_name='vote', serialize=False, to='annotations.judgement')),
                ('outcome', models.CharField(choices=[('output', 'Output'), ('tie', 'Tie'), ('both_good', 'Both Good'), ('both_bad', 'Both Bad')], max_length=9)),
                ('strength', models.PositiveSmallIntegerField(null=True)),
                ('ranking', models.JSONField(null=True)),
                ('aspects', django.contrib.postgres.fields.ArrayField(base_field=models.CharField(max_length=40), default=list, size=None)),
                ('reason', models.TextField(blank=True)),
            ],
        ),
        migrations.AddField(
            model_name='judgement',
            name='assignment',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='judgements', to='annotations.assignment'),
        ),
        migrations.AddField(
            model_name='judgement',
            name='campaign',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='annotations.campaign'),
        ),
        migrations.AddField(
            model_name='judgement',
            name='cell',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='judgements', to='annotations.cell'),
        ),
        migrations.AddField(
            model_name='judgement',
            name='consent',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='annotations.consent'),
        ),
        migrations.AddField(
            model_name='judgement',
            name='judge_variety',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='annotations.variety'),
        ),
        migrations.AddField(
            model_name='judgement',
            name='person',
            field=models.ForeignKey(null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='judgements', to=settings.AUTH_USER_MODEL),
        ),
        migrations.CreateModel(
            name='Estimate',
            fields=[
                ('verdict', models.OneToOneField(on_delete=django.db.models.deletion.CASCADE, primary_key=True, related_name='estimate', serialize=False, to='annotations.verdict')),
                ('outcome', models.CharField(choices=[('output', 'Output'), ('tie', 'Tie'), ('both_good', 'Both Good'), ('both_bad', 'Both Bad'), ('no_majority', 'No Majority')], max_length=11)),
                ('confidence', models.FloatField()),
                ('computed_at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
                ('version', models.CharField(max_length=40)),
            ],
        ),
        migrations.AddField(
            model_name='verdict',
            name='cell',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='verdicts', to='annotations.cell'),
        ),
        migrations.AddField(
            model_name='flag',
            name='judgement',
            field=models.OneToOneField(null=True, on_delete=django.db.models.deletion.CASCADE, related_name='flag', to='annotations.judgement'),
        ),
        migrations.AddField(
            model_name='flag',
            name='seat',
            field=models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='flags', to='annotations.assignment'),
        ),
        migrations.AddField(
            model_name='guest',
            name='person',
            field=models.ForeignKey(null=True, on_delete=django.db.models.deletion.CASCADE, related_name='guests', to=settings.AUTH_USER_MODEL),
        ),
        migrations.AddField(
            model_name='guest',
            name='variety',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='annotations.variety'),
        ),
        migrations.AddField(
            model_name='guestjudgement',
            name='cell',
            field=models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to='annotations.cell'),
        ),
        migrations.AddField(
            model_name='guestjudgement',
            name='guest',
            field=models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='judgements', to='annotations.guest'),
        ),
        migrations.AddField(
            model_name='guestjudgement',
            name='judge_variety',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='annotations.variety'),
        ),
        migrations.AddField(
            model_name='help',
            name='agreed_by',
            field=models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL),
        ),
        migrations.AddField(
            model_name='help',
            name='asked_by',
            field=models.ForeignKey(null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL),
        ),
        migrations.AddField(
            model_name='help',
            name='person',
            field=models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to=settings.AUTH_USER_MODEL),
        ),
        migrations.AddField(
            model_name='hidden',
            name='hidden_by',
            field=models.ForeignKey(null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL),
        ),
        migrations.CreateModel(
            name='Practice',
            fields=[
                ('item', models.OneToOneField(on_delete=django.db.models.deletion.CASCADE, primary_key=True, related_name='practice', serialize=False, to='annotations.item')),
                ('expected', models.JSONField(blank=True, default=dict)),
                ('explanation', models.JSONField()),
            ],
        ),
        migrations.CreateModel(
            name='Reviewed',
            fields=[
                ('item', models.OneToOneField(on_delete=django.db.models.deletion.PROTECT, primary_key=True, related_name='reviewed', serialize=False, to='annotations.item')),
                ('outcome', models.CharField(blank=True, choices=[('accepted', 'accepted'), ('edited', 'accepted with changes'), ('rejected', 'not accepted'), ('taken_back', 'taken back')], max_length=10)),
                ('text', models.TextField(blank=True)),
                ('settled_at', models.DateTimeField(blank=True, null=True)),
            ],
        ),
        migrations.AddField(
            model_name='verdict',
            name='item',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='verdicts', to='annotations.item'),
        ),
        migrations.AddField(
            model_name='judgement',
            name='item',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='judgements', to='annotations.item'),
        ),
        migrations.AddField(
            model_name='item',
            name='author',
            field=models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL),
        ),
        migrations.AddField(
            model_name='item',
            name='campaign',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='items', to='annotations.campaign'),
        ),
        migrations.AddField(
            model_name='item',
            name='variety',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='annotations.variety'),
        ),
        migrations.AddField(
            model_name='hidden',
            name='item',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='hidings', to='annotations.item'),
        ),
        migrations.AddField(
            model_name='guestjudgement',
            name='item',
            field=models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to='annotations.item'),
        ),
        migrations.AddField(
            model_name='cell',
            name='item',
            field=models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='cells', to='annotations.item'),
        ),
        migrations.AddField(
            model_name='assignment',
            name='item',
            field=models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='assignments', to='annotations.item'),
        ),
        migrations.AddField(
            model_name='itemoutput',
            name='item',
            field=models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='places', to='annotations.item'),
        ),
        migrations.AddField(
            model_name='look',
            name='decided_by',
            field=models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL),
        ),
        migrations.AddField(
            model_name='look',
            name='item',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='looks', to='annotations.item'),
        ),
        migrations.AddField(
            model_name='flag',
            name='look',
            field=models.ForeignKey(null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='flags', to='annotations.look'),
        ),
        migrations.AddField(
            model_name='variety',
            name='macro_zone',
            field=models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='annotations.macrozone'),
        ),
        migrations.AddField(
            model_name='note',
            name='campaign',
            field=models.ForeignKey(null=True, on_delete=django.db.models.deletion.CASCADE, related_name='+', to='annotations.campaign'),
        ),
        migrations.AddField(
            model_name='note',
            name='person',
            field=models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='notes', to=settings.AUTH_USER_MODEL),
        ),
        migrations.AddField(
            model_name='verdict',
            name='preferred',
            field=models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='annotations.output'),
        ),
        migrations.AddField(
            model_name='verdict',
            name='rejected',
            field=models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='annotations.output'),
        ),
        migrations.AddField(
            model_name='output',
            name='model',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='outputs', to='annotations.modelversion'),
        ),
        migrations.AddField(
            model_name='look',
            name='output',
            field=models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='looks', to='annotations.output'),
        ),
        migrations.AddField(
            model_name='itemoutput',
            name='output',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='annotations.output'),
        ),
        migrations.AddField(
            model_name='item',
            name='outputs',
            field=models.ManyToManyField(through='annotations.ItemOutput', to='annotations.output'),
        ),
        migrations.AddField(
            model_name='flag',
            name='output',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='flags', to='annotations.output'),
        ),
        migrations.AddField(
            model_name='averted',
            name='output',
            field=models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to='annotations.output'),
        ),
        migrations.AddField(
            model_name='pack',
            name='campaign',
            field=models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to='annotations.campaign'),
        ),
        migrations.AddField(
            model_name='pack',
            name='person',
            field=models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='packs', to=settings.AUTH_USER_MODEL),
        ),
        migrations.AddField(
            model_name='assignment',
            name='pack',
            field=models.ForeignKey(blank=True, db_index=False, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='seats', to='annotations.pack'),
        ),
        migrations.AddField(
            model_name='prompt',
            name='variety',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='annotations.variety'),
        ),
        migrations.AddField(
            model_name='output',
            name='prompt',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='outputs', to='annotations.prompt'),
        ),
        migrations.AddField(
            model_name='item',
            name='prompt',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='items', to='annotations.prompt'),
        ),
        migrations.AddConstraint(
            model_name='promptgroup',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('role', 'evaluate'), ('split', 'evaluate')), models.Q(('role', 'train'), models.Q(('split', 'evaluate'), _negated=True)), _connector='OR'), name='evaluation_never_trains'),
        ),
        migrations.AddField(
            model_name='prompt',
            name='group',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='prompts', to='annotations.promptgroup'),
        ),
        migrations.AddField(
            model_name='receipt',
            name='judgement',
            field=models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='receipts', to='annotations.judgement'),
        ),
        migrations.AddField(
            model_name='receipt',
            name='person',
            field=models.ForeignKey(null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL),
        ),
        migrations.CreateModel(
            name='RequestText',
            fields=[
                ('request', models.OneToOneField(on_delete=django.db.models.deletion.CASCADE, primary_key=True, related_name='words', serialize=False, to='annotations.request')),
                ('text', models.TextField(max_length=4000)),
            ],
        ),
        migrations.AddIndex(
            model_name='request',
            index=models.Index(condition=models.Q(('done_at', None)), fields=['due_on'], name='requests_due'),
        ),
        migrations.AddConstraint(
            model_name='request',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('done_at', None), ('outcome', ''), ('reason', '')), models.Q(('done_at__isnull', False), models.Q(('outcome', ''), _negated=True), models.Q(('reason', ''), _negated=True)), _connector='OR'), name='a_done_request_says_how_and_why'),
        ),
        migrations.AddConstraint(
            model_name='request',
            constraint=models.CheckConstraint(condition=models.Q(('due_on__lte', models.F('limit_on'))), name='we_promise_no_later_than_the_law'),
        ),
        migrations.AddConstraint(
            model_name='rubricpoint',
            constraint=models.UniqueConstraint(fields=('aspect', 'point'), name='one_anchor_per_aspect_and_point'),
        ),
        migrations.AddField(
            model_name='session',
            name='person',
            field=models.ForeignKey(null=True, on_delete=django.db.models.deletion.CASCADE, related_name='sessions', to=settings.AUTH_USER_MODEL),
        ),
        migrations.AddConstraint(
            model_name='source',
            constraint=models.UniqueConstraint(fields=('name', 'licence', 'permitted_use'), name='one_source_per_terms'),
        ),
        migrations.AddField(
            model_name='prompt',
            name='source',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='prompts', to='annotations.source'),
        ),
        migrations.AddField(
            model_name='spokenvariety',
            name='person',
            field=models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='spoken', to=settings.AUTH_USER_MODEL),
        ),
        migrations.AddField(
            model_name='spokenvariety',
            name='variety',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='annotations.variety'),
        ),
        migrations.AddField(
            model_name='steward',
            name='person',
            field=models.ForeignKey(null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='stewardships', to=settings.AUTH_USER_MODEL),
        ),
        migrations.AddField(
            model_name='steward',
            name='proposed_by',
            field=models.ForeignKey(null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL),
        ),
        migrations.AddField(
            model_name='steward',
            name='recorded_by',
            field=models.ForeignKey(null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL),
        ),
        migrations.AddField(
            model_name='steward',
            name='variety',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='stewards', to='annotations.variety'),
        ),
        migrations.AddField(
            model_name='stewardsapproval',
            name='person',
            field=models.ForeignKey(null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL),
        ),
        migrations.AddField(
            model_name='stewardsapproval',
            name='steward',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='annotations.steward'),
        ),
        migrations.AddField(
            model_name='stewardsdecision',
            name='charter',
            field=models.OneToOneField(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='decision', to='annotations.charter'),
        ),
        migrations.AddField(
            model_name='stewardsdecision',
            name='proposed_by',
            field=models.ForeignKey(null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL),
        ),
        migrations.AddField(
            model_name='stewardsdecision',
            name='variety',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='annotations.variety'),
        ),
        migrations.AddField(
            model_name='stewardsapproval',
            name='decision',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='approvals', to='annotations.stewardsdecision'),
        ),
        migrations.AddField(
            model_name='hidden',
            name='restoring',
            field=models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='annotations.stewardsdecision'),
        ),
        migrations.AddField(
            model_name='stewardslog',
            name='variety',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='annotations.variety'),
        ),
        migrations.AddField(
            model_name='tally',
            name='campaign',
            field=models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name='+', to='annotations.campaign'),
        ),
        migrations.AddField(
            model_name='tally',
            name='variety',
            field=models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name='+', to='annotations.variety'),
        ),
        migrations.AddField(
            model_name='term',
            name='source_variety',
            field=models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to='annotations.variety', verbose_name='from'),
        ),
        migrations.AddField(
            model_name='term',
            name='variety',
            field=models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to='annotations.variety', verbose_name='into'),
        ),
        migrations.AddField(
            model_name='tombstone',
            name='cell',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='annotations.cell'),
        ),
        migrations.AddField(
            model_name='varietyproposal',
            name='decided_by',
            field=models.ForeignKey(editable=False, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL),
        ),
        migrations.AddField(
            model_name='varietyproposal',
            name='parent',
            field=models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to='annotations.variety', verbose_name='a kind of'),
        ),
        migrations.AddField(
            model_name='varietyproposal',
            name='proposed_by',
            field=models.ForeignKey(editable=False, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL),
        ),
        migrations.AddField(
            model_name='wayback',
            name='person',
            field=models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='ways_back', to=settings.AUTH_USER_MODEL),
        ),
        migrations.AddField(
            model_name='draft',
            name='person',
            field=models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='drafts', to=settings.AUTH_USER_MODEL),
        ),
        migrations.AddConstraint(
            model_name='bookmark',
            constraint=models.UniqueConstraint(fields=('person', 'campaign', 'kind', 'variety'), name='one_bookmark_per_person_and_queue'),
        ),
        migrations.AddConstraint(
            model_name='agreement',
            constraint=models.UniqueConstraint(fields=('campaign', 'kind', 'aspect', 'variety'), name='an_agreement_is_measured_once', nulls_distinct=False),
        ),
        migrations.AddConstraint(
            model_name='agreement',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('alpha__isnull', False), ('undefined', '')), models.Q(('alpha', None), ('high', None), ('low', None), models.Q(('undefined', ''), _negated=True)), _connector='OR'), name='no_alpha_says_why'),
        ),
        migrations.AddConstraint(
            model_name='agreement',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('high', None), ('low', None)), ('low__lte', models.F('high')), _connector='OR'), name='an_interval_has_two_ends'),
        ),
        migrations.AddConstraint(
            model_name='charter',
            constraint=models.UniqueConstraint(fields=('variety', 'version'), name='one_charter_per_variety_and_version'),
        ),
        migrations.AddConstraint(
            model_name='charter',
            constraint=models.CheckConstraint(condition=models.Q(('quorum__gte', 2)), name='no_steward_decides_alone'),
        ),
        migrations.AddConstraint(
            model_name='charter',
            constraint=models.CheckConstraint(condition=models.Q(('permitted_use__contained_by', ['evaluate', 'train'])), name='charter_uses_are_known'),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='charter',
            trigger=pgtrigger.compiler.Trigger(name='charter_is_append_only', sql=pgtrigger.compiler.UpsertTriggerSql(func="RAISE EXCEPTION 'pgtrigger: Cannot update or delete rows from % table', TG_TABLE_NAME;", hash='0d7ce2f71ba0af1f1a37e98e603c6656a9fd2f6c', operation='UPDATE OR DELETE', pgid='pgtrigger_charter_is_append_only_291c9', table='annotations_charter', when='BEFORE')),
        ),
        migrations.AddConstraint(
            model_name='communitylabel',
            constraint=models.CheckConstraint(condition=models.Q(('record', ''), models.Q(('campaign', ''), _negated=True), _connector='OR'), name='a_record_stands_in_a_campaign'),
        ),
        migrations.AddField(
            model_name='correction',
            name='output',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='annotations.output'),
        ),
        migrations.AddConstraint(
            model_name='demonstration',
            constraint=models.CheckConstraint(condition=models.Q(('text', ''), _negated=True), name='a_demonstration_says_something'),
        ),
        migrations.AddField(
            model_name='question',
            name='proposal',
            field=models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='questions', to='annotations.promptproposal'),
        ),
        migrations.AddField(
            model_name='promptproposal',
            name='item',
            field=models.OneToOneField(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='proposal', to='annotations.item'),
        ),
        migrations.AddField(
            model_name='promptproposal',
            name='prompt',
            field=models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='proposals', to='annotations.prompt'),
        ),
        migrations.AddField(
            model_name='review',
            name='read_as',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='annotations.variety'),
        ),
        migrations.AddField(
            model_name='review',
            name='target',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='annotations.variety'),
        ),
        migrations.AddField(
            model_name='review',
            name='written_as',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='annotations.variety'),
        ),
        migrations.AddConstraint(
            model_name='score',
            constraint=models.CheckConstraint(condition=models.Q(('overall__range', (1, 5))), name='a_score_is_from_one_to_five'),
        ),
        migrations.CreateModel(
            name='Approved',
            fields=[
                ('translation', models.OneToOneField(on_delete=django.db.models.deletion.CASCADE, primary_key=True, related_name='approved', serialize=False, to='annotations.translation')),
                ('source', models.TextField()),
                ('text', models.TextField()),
                ('approved_at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
            ],
        ),
        migrations.AddField(
            model_name='translation',
            name='started_from',
            field=models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='went_on', to='annotations.translation'),
        ),
        migrations.AddField(
            model_name='vote',
            name='preferred',
            field=models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='annotations.output'),
        ),
        migrations.AddField(
            model_name='estimate',
            name='preferred',
            field=models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='annotations.output'),
        ),
        migrations.AddConstraint(
            model_name='help',
            constraint=models.CheckConstraint(condition=models.Q(('agreed_by', None), models.Q(('agreed_by', models.F('asked_by')), _negated=True), _connector='OR'), name='help_needs_a_second_person'),
        ),
        migrations.AddConstraint(
            model_name='help',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('person', models.F('asked_by')), _negated=True), models.Q(('person', models.F('agreed_by')), _negated=True)), name='nobody_helps_themselves'),
        ),
        migrations.AddField(
            model_name='reviewed',
            name='judgement',
            field=models.OneToOneField(on_delete=django.db.models.deletion.CASCADE, related_name='reviewed', to='annotations.judgement'),
        ),
        migrations.AddIndex(
            model_name='judgement',
            index=models.Index(condition=models.Q(('counted', True)), fields=['cell'], name='counted_of_cell'),
        ),
        migrations.AddIndex(
            model_name='judgement',
            index=models.Index(condition=models.Q(('opt_out', 'tarea_rota'), ('undone_at', None)), fields=['item'], name='told_to_be_broken'),
        ),
        migrations.AddConstraint(
            model_name='judgement',
            constraint=models.UniqueConstraint(condition=models.Q(('undone_at', None)), fields=('person', 'item'), name='one_judgement_per_person_and_item'),
        ),
        migrations.AddConstraint(
            model_name='judgement',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('counted', True), ('not_counted', '')), models.Q(('counted', False), models.Q(('not_counted', ''), _negated=True)), _connector='OR'), name='what_is_not_counted_says_why'),
        ),
        migrations.AddConstraint(
            model_name='judgement',
            constraint=models.CheckConstraint(condition=models.Q(('counted', False), models.Q(('opt_out', ''), ('undone_at', None)), _connector='OR'), name='only_standing_answers_count'),
        ),
        migrations.AddConstraint(
            model_name='guestjudgement',
            constraint=models.UniqueConstraint(fields=('guest', 'item'), name='one_judgement_per_guest_and_item'),
        ),
        migrations.AddConstraint(
            model_name='guestjudgement',
            constraint=models.UniqueConstraint(fields=('guest', 'key'), name='one_judgement_per_guest_and_key'),
        ),
        migrations.AddConstraint(
            model_name='guestjudgement',
            constraint=models.UniqueConstraint(fields=('guest', 'number'), name='one_judgement_per_guest_and_number'),
        ),
        migrations.AddConstraint(
            model_name='guestjudgement',
            constraint=models.CheckConstraint(condition=models.Q(('number__range', (1, 10))), name='a_guest_is_shown_ten_at_most'),
        ),
        migrations.AddConstraint(
            model_name='guestjudgement',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('answer__isnull', True), ('given_at', None), ('key', None), ('opt_out', '')), models.Q(('answer__isnull', False), ('given_at__isnull', False), ('key__isnull', False), ('opt_out', '')), models.Q(('answer__isnull', True), ('given_at__isnull', False), ('key__isnull', False), models.Q(('opt_out', ''), _negated=True)), _connector='OR'), name='a_guest_gave_an_answer_or_a_way_out_or_nothing'),
        ),
        migrations.AddIndex(
            model_name='cell',
            index=models.Index(models.F('campaign'), models.F('kind'), models.F('variety'), django.db.models.expressions.CombinedExpression(models.F('priority'), '*', models.Value(-1)), models.F('id'), condition=models.Q(('open', True)), name='cells_in_order'),
        ),
        migrations.AddIndex(
            model_name='cell',
            index=models.Index(models.F('campaign'), models.F('kind'), models.F('variety'), models.F('returned'), models.F('id'), condition=models.Q(('open', True), ('returned__isnull', False)), name='cells_returned'),
        ),
        migrations.AddIndex(
            model_name='cell',
            index=models.Index(condition=models.Q(('done__gte', models.F('needed')), ('settled_at', None)), fields=['id'], name='cell_due'),
        ),
        migrations.AddConstraint(
            model_name='cell',
            constraint=models.UniqueConstraint(fields=('item', 'variety'), name='one_cell_per_item_and_variety'),
        ),
        migrations.AddConstraint(
            model_name='cell',
            constraint=models.CheckConstraint(condition=models.Q(('held__lte', django.db.models.expressions.CombinedExpression(models.F('needed'), '-', models.F('done')))), name='cell_is_never_oversold'),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='cell',
            trigger=pgtrigger.compiler.Trigger(name='a_cell_comes_back', sql=pgtrigger.compiler.UpsertTriggerSql(condition="WHEN (NEW.held + NEW.done < NEW.needed AND NEW.settled_at IS NULL AND NEW.held_back = '' AND (NOT OLD.open OR NEW.held + NEW.done < OLD.held + OLD.done OR NEW.priority > OLD.priority))", func='NEW.returned := pg_current_xact_id()::text::bigint; RETURN NEW;', hash='ae65a3d3082bca0c54dd3cd5ce4466a94e084720', operation='UPDATE', pgid='pgtrigger_a_cell_comes_back_8c077', table='annotations_cell', when='BEFORE')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='cell',
            trigger=pgtrigger.compiler.Trigger(name='a_cell_comes_first', sql=pgtrigger.compiler.UpsertTriggerSql(condition='WHEN (NEW.priority > 0)', func='NEW.returned := pg_current_xact_id()::text::bigint; RETURN NEW;', hash='e4c75cf802ababa9471701ba4d96c32e288cd54c', operation='INSERT', pgid='pgtrigger_a_cell_comes_first_dd5ea', table='annotations_cell', when='BEFORE')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='cell',
            trigger=pgtrigger.compiler.Trigger(name='cells_that_come_are_tallied', sql=pgtrigger.compiler.UpsertTriggerSql(func="\n    INSERT INTO annotations_tally (campaign_id, variety_id, items, needed, done, settled)\n    SELECT campaign_id, variety_id, sum(sign), sum(sign * CASE WHEN settled_at IS NULL THEN needed ELSE done END),\n           sum(sign * done), sum(sign * (settled_at IS NOT NULL)::int)\n      FROM (SELECT 1 AS sign, * FROM came) AS moved\n     WHERE held_back = ''\n     GROUP BY campaign_id, variety_id;\n    RETURN NULL;", hash='12a726bd45707696602eba3fed2b2eb641ec972b', level='STATEMENT', operation='INSERT', pgid='pgtrigger_cells_that_come_are_tallied_4d2f8', referencing='REFERENCING NEW TABLE AS came ', table='annotations_cell', when='AFTER')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='cell',
            trigger=pgtrigger.compiler.Trigger(name='a_cell_that_changes_is_tallied', sql=pgtrigger.compiler.UpsertTriggerSql(condition='WHEN (OLD."done" IS DISTINCT FROM (NEW."done") OR OLD."held_back" IS DISTINCT FROM (NEW."held_back") OR OLD."needed" IS DISTINCT FROM (NEW."needed") OR OLD."settled_at" IS DISTINCT FROM (NEW."settled_at"))', func="\n    INSERT INTO annotations_tally (campaign_id, variety_id, items, needed, done, settled)\n    SELECT campaign_id, variety_id, sum(sign), sum(sign * CASE WHEN settled_at IS NULL THEN needed ELSE done END),\n           sum(sign * done), sum(sign * (settled_at IS NOT NULL)::int)\n      FROM (SELECT 1 AS sign, NEW.* UNION ALL SELECT -1, OLD.*) AS moved\n     WHERE held_back = ''\n     GROUP BY campaign_id, variety_id;\n    RETURN NULL;", hash='4b7ee736bccc462a065eaf3d9c8cccb13c861d08', operation='UPDATE', pgid='pgtrigger_a_cell_that_changes_is_tallied_9c0ed', table='annotations_cell', when='AFTER')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='cell',
            trigger=pgtrigger.compiler.Trigger(name='cells_that_go_are_tallied', sql=pgtrigger.compiler.UpsertTriggerSql(func="\n    INSERT INTO annotations_tally (campaign_id, variety_id, items, needed, done, settled)\n    SELECT campaign_id, variety_id, sum(sign), sum(sign * CASE WHEN settled_at IS NULL THEN needed ELSE done END),\n           sum(sign * done), sum(sign * (settled_at IS NOT NULL)::int)\n      FROM (SELECT -1 AS sign, * FROM gone) AS moved\n     WHERE held_back = ''\n     GROUP BY campaign_id, variety_id;\n    RETURN NULL;", hash='09f54eb91aaa8be92d5f60917230f97748e8d44e', level='STATEMENT', operation='DELETE', pgid='pgtrigger_cells_that_go_are_tallied_17197', referencing='REFERENCING OLD TABLE AS gone ', table='annotations_cell', when='AFTER')),
        ),
        migrations.AddConstraint(
            model_name='note',
            constraint=models.UniqueConstraint(fields=('person', 'campaign'), name='one_note_per_person_and_campaign', nulls_distinct=False),
        ),
        migrations.AddConstraint(
            model_name='verdict',
            constraint=models.UniqueConstraint(condition=models.Q(('superseded_at', None)), fields=('cell',), name='one_current_verdict_per_cell'),
        ),
        migrations.AddConstraint(
            model_name='verdict',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('margin__isnull', False), ('outcome', 'output'), ('preferred__isnull', False), ('rejected__isnull', False)), models.Q(models.Q(('outcome', 'output'), _negated=True), ('margin', None), ('preferred', None), ('rejected', None)), _connector='OR'), name='a_verdict_names_both_sides_or_none'),
        ),
        migrations.AddConstraint(
            model_name='look',
            constraint=models.UniqueConstraint(condition=models.Q(('decided_at', None)), fields=('output',), name='an_output_is_looked_at_once_at_a_time'),
        ),
        migrations.AddConstraint(
            model_name='look',
            constraint=models.UniqueConstraint(condition=models.Q(('decided_at', None), ('output', None)), fields=('item',), name='a_task_is_looked_at_once_at_a_time'),
        ),
        migrations.AddConstraint(
            model_name='look',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('hidden_at', None), ('hidden_by', '')), models.Q(('hidden_at__isnull', False), models.Q(('hidden_by', ''), _negated=True)), _connector='OR'), name='what_is_hidden_says_by_which_rule'),
        ),
        migrations.AddConstraint(
            model_name='look',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('decided_at', None), ('decision', ''), ('reason', '')), models.Q(('decided_at__isnull', False), models.Q(('decision', ''), _negated=True), models.Q(('reason', ''), _negated=True)), _connector='OR'), name='a_decision_says_why'),
        ),
        migrations.AddConstraint(
            model_name='itemoutput',
            constraint=models.UniqueConstraint(fields=('item', 'position'), name='one_output_per_item_and_position'),
        ),
        migrations.AddConstraint(
            model_name='itemoutput',
            constraint=models.UniqueConstraint(fields=('item', 'output'), name='one_position_per_item_and_output'),
        ),
        migrations.AddIndex(
            model_name='flag',
            index=models.Index(condition=models.Q(('look', None), ('wrong', True), models.Q(('judgement', None), ('severity__gte', 3), _connector='OR')), fields=['output'], name='flags_to_look_into'),
        ),
        migrations.AddConstraint(
            model_name='flag',
            constraint=models.UniqueConstraint(condition=models.Q(('judgement', None)), fields=('seat', 'output'), name='an_output_is_flagged_in_passing_once'),
        ),
        migrations.AddConstraint(
            model_name='flag',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('severity__isnull', False), ('wrong', True), models.Q(('categories', []), _negated=True), models.Q(('stance', ''), _negated=True)), models.Q(('categories', []), ('comment', ''), ('common', ''), ('counter_example', ''), ('end', None), ('groups', []), ('severity', None), ('stance', ''), ('start', None), ('wrong', False)), _connector='OR'), name='a_flag_says_what_is_wrong'),
        ),
        migrations.AddConstraint(
            model_name='flag',
            constraint=models.CheckConstraint(condition=models.Q(('wrong', True), ('judgement__isnull', False), _connector='OR'), name='only_who_is_asked_says_nothing_is_wrong'),
        ),
        migrations.AddConstraint(
            model_name='flag',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('end', None), ('start', None)), models.Q(('end__isnull', False), ('start__isnull', False), ('start__lt', models.F('end'))), _connector='OR'), name='a_span_has_two_ends'),
        ),
        migrations.AddConstraint(
            model_name='averted',
            constraint=models.UniqueConstraint(fields=('person', 'output'), name='an_output_is_averted_once'),
        ),
        migrations.AddConstraint(
            model_name='pack',
            constraint=models.UniqueConstraint(condition=models.Q(('ended_at', None)), fields=('person',), name='one_open_pack_per_person'),
        ),
        migrations.AddConstraint(
            model_name='pack',
            constraint=models.CheckConstraint(condition=models.Q(('weight__lte', 100000)), name='pack_weighs_at_most_100_kb'),
        ),
        migrations.AddIndex(
            model_name='assignment',
            index=models.Index(condition=models.Q(('state', 'held')), fields=['expires_at'], name='seat_expiry'),
        ),
        migrations.AddIndex(
            model_name='assignment',
            index=models.Index(condition=models.Q(('state', 'held')), fields=['person'], name='seats_held'),
        ),
        migrations.AddIndex(
            model_name='assignment',
            index=models.Index(condition=models.Q(('state', 'held')), fields=['cell'], name='seats_of_cell'),
        ),
        migrations.AddIndex(
            model_name='assignment',
            index=models.Index(condition=models.Q(('pack__isnull', False)), fields=['pack'], name='seats_of_pack'),
        ),
        migrations.AddConstraint(
            model_name='assignment',
            constraint=models.UniqueConstraint(fields=('person', 'item'), name='one_seat_per_person_and_item'),
        ),
        migrations.AddConstraint(
            model_name='assignment',
            constraint=models.UniqueConstraint(condition=models.Q(('pack__isnull', False), ('state', 'held')), fields=('item',), name='one_pack_seat_per_item'),
        ),
        migrations.AddConstraint(
            model_name='output',
            constraint=models.UniqueConstraint(fields=('prompt', 'model', 'sample'), name='one_output_per_prompt_model_and_sample'),
        ),
        migrations.AddConstraint(
            model_name='output',
            constraint=models.UniqueConstraint(fields=('prompt', 'model', 'text_sha256'), name='one_output_per_prompt_model_and_text'),
        ),
        migrations.AddConstraint(
            model_name='item',
            constraint=models.UniqueConstraint(fields=('campaign', 'source_id'), name='one_item_per_campaign_and_source_id'),
        ),
        migrations.AddField(
            model_name='requesttext',
            name='person',
            field=models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to=settings.AUTH_USER_MODEL),
        ),
        migrations.AddConstraint(
            model_name='prompt',
            constraint=models.UniqueConstraint(fields=('content_key',), name='one_prompt_per_content'),
        ),
        migrations.AddConstraint(
            model_name='spokenvariety',
            constraint=models.UniqueConstraint(condition=models.Q(('until', None)), fields=('person', 'variety'), name='one_current_entry_per_person_and_variety'),
        ),
        migrations.AddConstraint(
            model_name='steward',
            constraint=models.UniqueConstraint(condition=models.Q(('ended_at', None)), fields=('person', 'variety'), name='one_stewardship_per_person_and_variety'),
        ),
        migrations.AddConstraint(
            model_name='steward',
            constraint=models.CheckConstraint(condition=models.Q(('recorded_at', None), models.Q(('letter_date__isnull', False), models.Q(('letter_by', ''), ('letter_body', ''), ('letter_reference', ''), _connector='OR', _negated=True)), _connector='OR'), name='a_recorded_letter_is_whole'),
        ),
        migrations.AddConstraint(
            model_name='steward',
            constraint=models.CheckConstraint(condition=models.Q(('accepted_at', None), ('recorded_at__isnull', False), _connector='OR'), name='a_letter_comes_before_acceptance'),
        ),
        migrations.AddConstraint(
            model_name='steward',
            constraint=models.CheckConstraint(condition=models.Q(('recorded_by', models.F('person')), _negated=True), name='nobody_records_the_letter_that_appoints_them'),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='steward',
            trigger=pgtrigger.compiler.Trigger(name='a_steward_begins_as_a_proposal', sql=pgtrigger.compiler.UpsertTriggerSql(func="\n        IF NEW.recorded_at IS NOT NULL OR NEW.accepted_at IS NOT NULL THEN\n            RAISE EXCEPTION 'a_steward_begins_as_a_proposal';\n        END IF;\n        RETURN NEW;", hash='fc5b355ff3f925e0fcf54e82e215f28a7fcbeb15', operation='INSERT', pgid='pgtrigger_a_steward_begins_as_a_proposal_73e9a', table='annotations_steward', when='BEFORE')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='steward',
            trigger=pgtrigger.compiler.Trigger(name='a_stewardship_is_never_anothers', sql=pgtrigger.compiler.UpsertTriggerSql(func="\n        IF NEW.person_id IS NULL AND OLD.person_id IS NOT NULL THEN\n            NEW.shown_name := '';\n            NEW.ended_at := coalesce(NEW.ended_at, clock_timestamp());\n        ELSIF NEW.person_id IS DISTINCT FROM OLD.person_id THEN\n            RAISE EXCEPTION 'a_stewardship_is_never_anothers';\n        END IF;\n        IF NEW.variety_id <> OLD.variety_id\n           OR (OLD.accepted_at IS NOT NULL AND NEW.accepted_at IS DISTINCT FROM OLD.accepted_at)\n           OR (OLD.ended_at IS NOT NULL AND NEW.ended_at IS DISTINCT FROM OLD.ended_at)\n           OR (OLD.recorded_at IS NOT NULL\n               AND (NEW.letter_by, NEW.letter_body, NEW.letter_date, NEW.letter_reference, NEW.recorded_at)\n                   IS DISTINCT FROM\n                   (OLD.letter_by, OLD.letter_body, OLD.letter_date, OLD.letter_reference, OLD.recorded_at)) THEN\n            RAISE EXCEPTION 'a_stewardship_is_never_anothers';\n        END IF;\n        RETURN NEW;", hash='d229895971b5ec20db4833251cb794c63d9164c6', operation='UPDATE', pgid='pgtrigger_a_stewardship_is_never_anothers_0591c', table='annotations_steward', when='BEFORE')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='steward',
            trigger=pgtrigger.compiler.Trigger(name='a_stewardship_is_kept', sql=pgtrigger.compiler.UpsertTriggerSql(func="RAISE EXCEPTION 'pgtrigger: Cannot delete rows from % table', TG_TABLE_NAME;", hash='7196ee3fb535e529cf570a7cd0f63533964a5419', operation='DELETE', pgid='pgtrigger_a_stewardship_is_kept_6a753', table='annotations_steward', when='BEFORE')),
        ),
        migrations.AddIndex(
            model_name='stewardsdecision',
            index=models.Index(fields=['variety', 'kind'], name='decisions_of_variety'),
        ),
        migrations.AddConstraint(
            model_name='stewardsdecision',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('kind', 'export'), _negated=True), ('expires_at__isnull', False), _connector='OR'), name='what_opens_an_export_expires'),
        ),
        migrations.AddConstraint(
            model_name='stewardsdecision',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('charter__isnull', False), ('kind', 'charter')), models.Q(models.Q(('kind', 'charter'), _negated=True), ('charter', None)), _connector='OR'), name='a_decision_on_a_charter_names_it'),
        ),
        migrations.AddConstraint(
            model_name='stewardsdecision',
            constraint=models.CheckConstraint(condition=models.Q(('kind', 'export'), models.Q(('campaign', ''), ('item_kind', ''), ('since', None), ('until', None)), _connector='OR'), name='only_exports_have_a_slice'),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='stewardsdecision',
            trigger=pgtrigger.compiler.Trigger(name='a_decision_begins_as_a_proposal', sql=pgtrigger.compiler.UpsertTriggerSql(func="\n        IF NEW.in_force_at IS NOT NULL OR NEW.revoked_at IS NOT NULL THEN\n            RAISE EXCEPTION 'a_decision_begins_as_a_proposal';\n        END IF;\n        RETURN NEW;", hash='e9249f9040bb100397a741e9b308fc3230260c9d', operation='INSERT', pgid='pgtrigger_a_decision_begins_as_a_proposal_92a2c', table='annotations_stewardsdecision', when='BEFORE')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='stewardsdecision',
            trigger=pgtrigger.compiler.Trigger(name='a_decision_stands_on_its_approvals', sql=pgtrigger.compiler.UpsertTriggerSql(func="\n        IF (NEW.variety_id, NEW.kind, NEW.campaign, NEW.item_kind, NEW.since, NEW.until, NEW.charter_id, NEW.reason,\n            NEW.proposed_at, NEW.expires_at)\n           IS DISTINCT FROM\n           (OLD.variety_id, OLD.kind, OLD.campaign, OLD.item_kind, OLD.since, OLD.until, OLD.charter_id, OLD.reason,\n            OLD.proposed_at, OLD.expires_at)\n           OR (NEW.proposed_by_id IS NOT NULL AND NEW.proposed_by_id IS DISTINCT FROM OLD.proposed_by_id)\n           OR (OLD.in_force_at IS NOT NULL AND NEW.in_force_at IS DISTINCT FROM OLD.in_force_at)\n           OR (OLD.revoked_at IS NOT NULL AND NEW.revoked_at IS DISTINCT FROM OLD.revoked_at) THEN\n            RAISE EXCEPTION 'a_decision_stands_on_its_approvals';\n        END IF;\n        IF OLD.in_force_at IS NULL AND NEW.in_force_at IS NOT NULL THEN\n            IF (\n    SELECT count(*) FROM annotations_stewardsapproval a JOIN annotations_steward s ON s.id = a.steward_id\n     WHERE a.decision_id = NEW.id AND a.approves AND s.accepted_at IS NOT NULL AND s.ended_at IS NULL) < coalesce((\n    SELECT c.quorum FROM annotations_charter c JOIN annotations_stewardsdecision r ON r.charter_id = c.id\n     WHERE c.variety_id = NEW.variety_id AND r.in_force_at IS NOT NULL ORDER BY r.in_force_at DESC LIMIT 1), 2) THEN\n                RAISE EXCEPTION 'a_decision_stands_on_its_approvals';\n            END IF;\n            NEW.in_force_at := clock_timestamp();\n        END IF;\n        RETURN NEW;", hash='86ec367f3df0c3dab63fe7d861eacd8e443f4861', operation='UPDATE', pgid='pgtrigger_a_decision_stands_on_its_approvals_9f701', table='annotations_stewardsdecision', when='BEFORE')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='stewardsdecision',
            trigger=pgtrigger.compiler.Trigger(name='a_decision_is_kept', sql=pgtrigger.compiler.UpsertTriggerSql(func="RAISE EXCEPTION 'pgtrigger: Cannot delete rows from % table', TG_TABLE_NAME;", hash='836fedb05b2309edb30912ce2cf5f16616bb6acf', operation='DELETE', pgid='pgtrigger_a_decision_is_kept_3d8fe', table='annotations_stewardsdecision', when='BEFORE')),
        ),
        migrations.AddConstraint(
            model_name='stewardsapproval',
            constraint=models.UniqueConstraint(fields=('decision', 'steward'), name='one_approval_per_decision_and_steward'),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='stewardsapproval',
            trigger=pgtrigger.compiler.Trigger(name='an_approval_is_a_stewards_own', sql=pgtrigger.compiler.UpsertTriggerSql(declare='DECLARE about text;', func="\n        SELECT variety_id INTO about FROM annotations_stewardsdecision\n         WHERE id = NEW.decision_id AND revoked_at IS NULL\n           AND (expires_at IS NULL OR expires_at > clock_timestamp()) FOR NO KEY UPDATE;\n        PERFORM 1 FROM annotations_steward\n          WHERE id = NEW.steward_id AND person_id = NEW.person_id AND variety_id = about\n            AND accepted_at IS NOT NULL AND ended_at IS NULL FOR SHARE;\n        IF about IS NULL OR NOT FOUND THEN\n            RAISE EXCEPTION 'an_approval_is_a_stewards_own';\n        END IF;\n        NEW.at := clock_timestamp();\n        RETURN NEW;", hash='1725ceaad88b2951579c7b82ba32811c37d9247c', operation='INSERT', pgid='pgtrigger_an_approval_is_a_stewards_own_85b71', table='annotations_stewardsapproval', when='BEFORE')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='stewardsapproval',
            trigger=pgtrigger.compiler.Trigger(name='the_quorum_puts_in_force', sql=pgtrigger.compiler.UpsertTriggerSql(func='\n        UPDATE annotations_stewardsdecision d SET in_force_at = clock_timestamp()\n         WHERE d.id = NEW.decision_id AND d.in_force_at IS NULL\n           AND (\n    SELECT count(*) FROM annotations_stewardsapproval a JOIN annotations_steward s ON s.id = a.steward_id\n     WHERE a.decision_id = d.id AND a.approves AND s.accepted_at IS NOT NULL AND s.ended_at IS NULL) >= coalesce((\n    SELECT c.quorum FROM annotations_charter c JOIN annotations_stewardsdecision r ON r.charter_id = c.id\n     WHERE c.variety_id = d.variety_id AND r.in_force_at IS NOT NULL ORDER BY r.in_force_at DESC LIMIT 1), 2);\n        RETURN NULL;', hash='063b374d955a3be5ba311642b1ed9924240945c2', operation='INSERT', pgid='pgtrigger_the_quorum_puts_in_force_04cc9', table='annotations_stewardsapproval', when='AFTER')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='stewardsapproval',
            trigger=pgtrigger.compiler.Trigger(name='an_approval_stays', sql=pgtrigger.compiler.UpsertTriggerSql(condition='WHEN ((OLD.id, OLD.decision_id, OLD.steward_id, OLD.approves, OLD.at) IS DISTINCT FROM (NEW.id, NEW.decision_id, NEW.steward_id, NEW.approves, NEW.at) OR (NEW.person_id IS NOT NULL AND NEW.person_id IS DISTINCT FROM OLD.person_id))', func="RAISE EXCEPTION 'pgtrigger: Cannot update rows from % table', TG_TABLE_NAME;", hash='3817589df8da85c031476d597803578b480b7513', operation='UPDATE', pgid='pgtrigger_an_approval_stays_98713', table='annotations_stewardsapproval', when='BEFORE')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='stewardsapproval',
            trigger=pgtrigger.compiler.Trigger(name='an_approval_is_kept', sql=pgtrigger.compiler.UpsertTriggerSql(func="RAISE EXCEPTION 'pgtrigger: Cannot delete rows from % table', TG_TABLE_NAME;", hash='59215b60e5ef8ef2d84d6af98aeda83f5d926213', operation='DELETE', pgid='pgtrigger_an_approval_is_kept_9b564', table='annotations_stewardsapproval', when='BEFORE')),
        ),
        migrations.AddConstraint(
            model_name='hidden',
            constraint=models.UniqueConstraint(condition=models.Q(('lifted_at', None)), fields=('item',), name='an_item_is_hidden_once'),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='hidden',
            trigger=pgtrigger.compiler.Trigger(name='what_was_hidden_is_kept', sql=pgtrigger.compiler.UpsertTriggerSql(func="RAISE EXCEPTION 'pgtrigger: Cannot delete rows from % table', TG_TABLE_NAME;", hash='00a01acf26aa84426c74b36c505893194c964b6e', operation='DELETE', pgid='pgtrigger_what_was_hidden_is_kept_0806b', table='annotations_hidden', when='BEFORE')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='hidden',
            trigger=pgtrigger.compiler.Trigger(name='only_stewards_bring_back_what_is_theirs', sql=pgtrigger.compiler.UpsertTriggerSql(func="\n                    IF NEW.item_id <> OLD.item_id OR NEW.kind <> OLD.kind\n                       OR (OLD.lifted_at IS NOT NULL AND NEW.lifted_at IS DISTINCT FROM OLD.lifted_at)\n                       OR (OLD.lifted_at IS NULL AND NEW.lifted_at IS NOT NULL\n                           AND EXISTS (SELECT 1 FROM annotations_item i JOIN annotations_governed g\n                                           ON g.variety_id = i.variety_id AND g.free_from IS NULL\n                                        WHERE i.id = NEW.item_id)\n                           AND NOT EXISTS (SELECT 1 FROM annotations_stewardsdecision d\n                                             JOIN annotations_item i ON i.variety_id = d.variety_id\n                                            WHERE d.id = NEW.restoring_id AND i.id = NEW.item_id\n                                              AND d.kind = 'restore' AND d.in_force_at IS NOT NULL\n                                              AND d.revoked_at IS NULL)) THEN\n                        RAISE EXCEPTION 'only_stewards_bring_back_what_is_theirs';\n                    END IF;\n                    RETURN NEW;", hash='b2a2ecd4767c5ea0e52e8ef658bbe33a231c511c', operation='UPDATE', pgid='pgtrigger_only_stewards_bring_back_what_is_theirs_cadd2', table='annotations_hidden', when='BEFORE')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='stewardslog',
            trigger=pgtrigger.compiler.Trigger(name='stewards_log_is_append_only', sql=pgtrigger.compiler.UpsertTriggerSql(func="RAISE EXCEPTION 'pgtrigger: Cannot update or delete rows from % table', TG_TABLE_NAME;", hash='993fe0d4598ee809c0d382062910dd39939f292f', operation='UPDATE OR DELETE', pgid='pgtrigger_stewards_log_is_append_only_dc7f1', table='annotations_stewardslog', when='BEFORE')),
        ),
        migrations.AddIndex(
            model_name='tally',
            index=models.Index(fields=['campaign', 'variety'], name='tallies_of_campaign'),
        ),
        migrations.AddConstraint(
            model_name='term',
            constraint=models.UniqueConstraint(fields=('source_variety', 'variety', 'term'), name='one_translation_per_term_and_varieties'),
        ),
        migrations.AddConstraint(
            model_name='term',
            constraint=models.CheckConstraint(condition=models.Q(('term', ''), ('translation', ''), _connector='OR', _negated=True), name='a_term_has_its_translation'),
        ),
        migrations.AddConstraint(
            model_name='varietyproposal',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('decided_at', None), ('state', 'waiting')), models.Q(models.Q(('state', 'waiting'), _negated=True), ('decided_at__isnull', False), models.Q(('note', ''), _negated=True)), _connector='OR'), name='what_is_decided_says_why'),
        ),
        migrations.AddConstraint(
            model_name='correction',
            constraint=models.CheckConstraint(condition=models.Q(('text', ''), _negated=True), name='a_correction_says_something'),
        ),
        migrations.AddConstraint(
            model_name='correction',
            constraint=models.CheckConstraint(condition=models.Q(('distance__gte', 1)), name='a_correction_changes_something'),
        ),
        migrations.AddIndex(
            model_name='question',
            index=models.Index(condition=models.Q(('due_at__isnull', False)), fields=['due_at'], name='questions_due'),
        ),
        migrations.AddConstraint(
            model_name='question',
            constraint=models.UniqueConstraint(fields=('proposal', 'model'), name='one_question_per_proposal_and_model'),
        ),
        migrations.AddConstraint(
            model_name='question',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('answered_at', None), ('text', '')), models.Q(('answered_at__isnull', False), ('due_at', None), models.Q(('text', ''), _negated=True)), _connector='OR'), name='an_answered_question_has_its_answer'),
        ),
        migrations.AddConstraint(
            model_name='promptproposal',
            constraint=models.CheckConstraint(condition=models.Q(('text', ''), _negated=True), name='a_proposal_says_something'),
        ),
        migrations.AddConstraint(
            model_name='promptproposal',
            constraint=models.UniqueConstraint(condition=models.Q(('is_new', True)), fields=('prompt',), name='one_proposal_brought_a_prompt'),
        ),
        migrations.AddConstraint(
            model_name='promptproposal',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('is_new', False), ('item', None)), ('prompt__isnull', False), _connector='OR'), name='what_is_asked_is_a_prompt'),
        ),
        migrations.AddConstraint(
            model_name='review',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('reason', 'variety'), _negated=True), models.Q(('read_as', models.F('target')), ('written_as', models.F('target'))), _connector='OR'), name='nobody_is_rejected_for_their_variety'),
        ),
        migrations.AddConstraint(
            model_name='review',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('decision', 'reject'), models.Q(('reason', ''), _negated=True)), models.Q(models.Q(('decision', 'reject'), _negated=True), ('reason', ''), ('words', '')), _connector='OR'), name='a_rejection_says_why'),
        ),
        migrations.AddConstraint(
            model_name='review',
            constraint=models.CheckConstraint(condition=models.Q(('text', ''), ('decision', 'edit'), _connector='OR'), name='only_an_edit_has_a_text'),
        ),
        migrations.AddField(
            model_name='approved',
            name='source_variety',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='annotations.variety'),
        ),
        migrations.AddField(
            model_name='approved',
            name='variety',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='annotations.variety'),
        ),
        migrations.AddConstraint(
            model_name='translation',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('text', ''), _negated=True), models.Q(('distance__isnull', False), ('started_from', None)), _connector='OR'), name='a_translation_says_something'),
        ),
        migrations.AddConstraint(
            model_name='translation',
            constraint=models.CheckConstraint(condition=models.Q(('started_from', None), ('distance__isnull', False), _connector='OR'), name='what_began_elsewhere_says_how_far_it_went'),
        ),
        migrations.AddConstraint(
            model_name='translation',
            constraint=models.CheckConstraint(condition=models.Q(('valid_here', False), models.Q(('distance', 0), ('distance__isnull', False)), _connector='OR'), name='what_is_valid_here_was_taken_as_it_is'),
        ),
        migrations.AddConstraint(
            model_name='vote',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('outcome', 'output'), ('preferred__isnull', False), ('strength__in', [1, 2])), models.Q(models.Q(('outcome', 'output'), _negated=True), ('preferred', None), ('strength', None)), _connector='OR'), name='a_vote_prefers_an_output_or_none'),
        ),
        migrations.AddConstraint(
            model_name='estimate',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('outcome', 'output'), ('preferred__isnull', False)), models.Q(('outcome__in', ['tie', 'both_good', 'both_bad']), ('preferred', None)), _connector='OR'), name='an_estimate_prefers_an_output_or_none'),
        ),
        migrations.AddConstraint(
            model_name='estimate',
            constraint=models.CheckConstraint(condition=models.Q(('confidence__range', (0, 1))), name='confidence_is_a_chance'),
        ),
        migrations.AddConstraint(
            model_name='reviewed',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('outcome__in', ['accepted', 'edited']), models.Q(('text', ''), _negated=True)), models.Q(models.Q(('outcome__in', ['accepted', 'edited']), _negated=True), ('text', '')), _connector='OR'), name='what_is_accepted_has_its_text'),
        ),
        migrations.AddConstraint(
            model_name='reviewed',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('outcome', ''), ('settled_at', None)), models.Q(models.Q(('outcome', ''), _negated=True), ('settled_at__isnull', False)), _connector='OR'), name='an_outcome_has_its_moment'),
        ),
        migrations.AddIndex(
            model_name='approved',
            index=models.Index(models.F('variety'), django.db.models.functions.text.Length('source'), name='memory_by_length'),
        ),
        migrations.AddConstraint(
            model_name='approved',
            constraint=models.CheckConstraint(condition=models.Q(('source', ''), ('text', ''), _connector='OR', _negated=True), name='the_memory_holds_both_texts'),
        ),
    ]

    operations = [
        AllAtOnce(state_operations=tables),
        migrations.RunPython(make_tables, elidable=True),
        migrations.AddField(
            model_name='person',
            name='consent',
            field=models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='annotations.consent'),
        ),
        migrations.AddField(
            model_name='person',
            name='varieties',
            field=models.ManyToManyField(through='annotations.SpokenVariety', to='annotations.variety'),
        ),
        migrations.AddConstraint(
            model_name='person',
            constraint=models.UniqueConstraint(django.db.models.functions.text.Lower('username'), name='one_person_per_username'),
        ),
        migrations.RunSQL([EXPORTABLE, GOVERNED, CACHE]),
    ]
