import django.core.validators
import django.db.models.deletion
import django.db.models.functions.datetime
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('annotations', '0008_cycle'),
    ]

    operations = [
        # The table keeps its rows: each of them is an item to learn from.
        migrations.RenameModel(old_name='Practice', new_name='Known'),
        migrations.CreateModel(
            name='GoldCount',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('agreed', models.PositiveIntegerField()),
                ('answered', models.PositiveIntegerField()),
            ],
        ),
        migrations.CreateModel(
            name='Objection',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('text', models.TextField(max_length=2000, verbose_name='why')),
                ('made_at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now(), verbose_name='received')),
                ('decision', models.CharField(blank=True, choices=[('upheld', 'right: the item is asked of nobody any more, and stands in no figure'), ('kept', 'the item stays as it is'), ('answered', 'answered')], max_length=8, verbose_name='decision')),
                ('answer', models.TextField(blank=True, max_length=2000, verbose_name='in words, for them')),
                ('decided_at', models.DateTimeField(blank=True, null=True, verbose_name='answered')),
            ],
            options={
                'verbose_name': 'objection',
                'verbose_name_plural': 'objections',
            },
        ),
        migrations.CreateModel(
            name='Reliability',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('judgements', models.PositiveIntegerField()),
                ('gold_agreed', models.PositiveIntegerField(default=0)),
                ('gold_of', models.PositiveIntegerField(default=0)),
                ('anchors_agreed', models.PositiveIntegerField(default=0)),
                ('anchors_of', models.PositiveIntegerField(default=0)),
                ('others_agreed', models.PositiveIntegerField(default=0)),
                ('others_of', models.PositiveIntegerField(default=0)),
                ('computed_at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
            ],
            options={
                'verbose_name': 'agreement of a person',
                'verbose_name_plural': 'agreement of people',
                'permissions': [('see_reliability', "Can see in how many of somebody's answers others say the same")],
            },
        ),
        migrations.AlterModelOptions(
            name='known',
            options={'verbose_name': 'item whose answer is known', 'verbose_name_plural': 'items whose answer is known'},
        ),
        migrations.AddField(
            model_name='campaign',
            name='gold',
            field=models.PositiveSmallIntegerField(db_default=0, default=0, help_text="How likely somebody's first turn is an item whose answer is known. It is half of that after 20 answers, a third after 40, and never nothing. 0: none.", validators=[django.core.validators.MaxValueValidator(50)], verbose_name='gold, in %'),
        ),
        migrations.AddField(
            model_name='known',
            name='purpose',
            field=models.CharField(choices=[('practice', 'practice'), ('gold', 'gold')], db_default='practice', default='practice', max_length=8),
        ),
        migrations.AddField(
            model_name='known',
            name='retired_at',
            field=models.DateTimeField(blank=True, null=True, verbose_name='retired'),
        ),
        migrations.AddField(
            model_name='known',
            name='retired_by',
            field=models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='retired by'),
        ),
        migrations.AddField(
            model_name='known',
            name='retired_why',
            field=models.TextField(blank=True, max_length=2000, verbose_name='why it was retired'),
        ),
        migrations.AlterField(
            model_name='known',
            name='explanation',
            field=models.JSONField(blank=True, default=dict),
        ),
        migrations.AlterField(
            model_name='known',
            name='item',
            field=models.OneToOneField(on_delete=django.db.models.deletion.CASCADE, primary_key=True, related_name='known', serialize=False, to='annotations.item'),
        ),
        migrations.AddConstraint(
            model_name='campaign',
            constraint=models.CheckConstraint(condition=models.Q(('gold__lte', 50)), name='most_turns_are_real_work'),
        ),
        migrations.AddConstraint(
            model_name='known',
            constraint=models.CheckConstraint(condition=models.Q(('purpose', 'practice'), models.Q(('expected', {}), _negated=True), _connector='OR'), name='gold_expects_an_answer'),
        ),
        migrations.AddConstraint(
            model_name='known',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('retired_at', None), ('retired_by', None), ('retired_why', '')), models.Q(('purpose', 'gold'), ('retired_at__isnull', False), models.Q(('retired_why', ''), _negated=True)), _connector='OR'), name='gold_is_retired_for_a_reason'),
        ),
        migrations.AddField(
            model_name='goldcount',
            name='item',
            field=models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name='gold_counts', to='annotations.item'),
        ),
        migrations.AddField(
            model_name='goldcount',
            name='variety',
            field=models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='annotations.variety'),
        ),
        migrations.AddField(
            model_name='objection',
            name='decided_by',
            field=models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='answered by'),
        ),
        migrations.AddField(
            model_name='objection',
            name='item',
            field=models.ForeignKey(blank=True, db_index=False, null=True, on_delete=django.db.models.deletion.CASCADE, related_name='objections', to='annotations.item'),
        ),
        migrations.AddField(
            model_name='objection',
            name='person',
            field=models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to=settings.AUTH_USER_MODEL),
        ),
        migrations.AddField(
            model_name='reliability',
            name='campaign',
            field=models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name='+', to='annotations.campaign'),
        ),
        migrations.AddField(
            model_name='reliability',
            name='person',
            field=models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to=settings.AUTH_USER_MODEL),
        ),
        migrations.AddField(
            model_name='reliability',
            name='variety',
            field=models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='annotations.variety'),
        ),
        migrations.AddConstraint(
            model_name='goldcount',
            constraint=models.UniqueConstraint(fields=('item', 'variety'), name='gold_is_counted_once_in_a_variety'),
        ),
        migrations.AddConstraint(
            model_name='goldcount',
            constraint=models.CheckConstraint(condition=models.Q(('agreed__lte', models.F('answered'))), name='no_more_agree_than_answered'),
        ),
        migrations.AddConstraint(
            model_name='objection',
            constraint=models.UniqueConstraint(condition=models.Q(('item__isnull', False)), fields=('person', 'item'), name='one_objection_to_an_item'),
        ),
        migrations.AddConstraint(
            model_name='objection',
            constraint=models.UniqueConstraint(condition=models.Q(('decided_at', None), ('item', None)), fields=('person',), name='one_open_objection_to_the_figures'),
        ),
        migrations.AddConstraint(
            model_name='objection',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('answer', ''), ('decided_at', None), ('decided_by', None), ('decision', '')), models.Q(('decided_at__isnull', False), models.Q(('decision', ''), _negated=True), models.Q(('answer', ''), _negated=True)), _connector='OR'), name='an_objection_is_answered_in_words'),
        ),
        migrations.AddConstraint(
            model_name='objection',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('decision__in', ['', 'answered']), ('item', None)), models.Q(('decision__in', ['', 'upheld', 'kept']), ('item__isnull', False)), _connector='OR'), name='only_an_item_is_upheld_or_kept'),
        ),
        migrations.AddConstraint(
            model_name='objection',
            constraint=models.CheckConstraint(condition=models.Q(('decided_by', None), models.Q(('decided_by', models.F('person')), _negated=True), _connector='OR'), name='nobody_answers_their_own_objection'),
        ),
        migrations.AddConstraint(
            model_name='reliability',
            constraint=models.UniqueConstraint(fields=('campaign', 'variety', 'person'), name='a_person_is_counted_once_in_a_variety'),
        ),
        migrations.AddConstraint(
            model_name='reliability',
            constraint=models.CheckConstraint(condition=models.Q(('anchors_agreed__lte', models.F('anchors_of')), ('gold_agreed__lte', models.F('gold_of')), ('others_agreed__lte', models.F('others_of'))), name='nobody_agrees_more_often_than_they_could'),
        ),
    ]
