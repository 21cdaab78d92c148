"""A person, whom the tables of other packages point at: those are made before all others of ours, see `0002_tables`."""

import django.contrib.auth.validators
import django.contrib.postgres.fields
import django.db.models.functions.datetime
import uuid
from django.db import migrations, models


class Migration(migrations.Migration):

    initial = True

    dependencies = [
        ('auth', '0012_alter_user_first_name_max_length'),
    ]

    replaces = [
        ('annotations', '0001_initial'),
    ]

    operations = [
        migrations.CreateModel(
            name='Person',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('password', models.CharField(max_length=128, verbose_name='password')),
                ('last_login', models.DateTimeField(blank=True, null=True, verbose_name='last login')),
                ('is_superuser', models.BooleanField(default=False, help_text='Designates that this user has all permissions without explicitly assigning them.', verbose_name='superuser status')),
                ('username', models.CharField(help_text='Letters, digits and . + - _ only. It need not be a real name.', max_length=60, validators=[django.contrib.auth.validators.UnicodeUsernameValidator()], verbose_name='user name')),
                ('email', models.EmailField(blank=True, max_length=254, verbose_name='e-mail')),
                ('language', models.CharField(default='es', max_length=5)),
                ('subject', models.UUIDField(default=uuid.uuid4, editable=False, unique=True)),
                ('standing', models.CharField(choices=[('good', 'Good'), ('paused', 'Paused'), ('closed', 'Closed')], default='good', max_length=6)),
                ('paused_at', models.DateTimeField(blank=True, editable=False, null=True)),
                ('warned_at', models.DateTimeField(blank=True, editable=False, null=True)),
                ('avoids', django.contrib.postgres.fields.ArrayField(base_field=models.CharField(max_length=30), blank=True, default=list, help_text='Categories of bias this person never wants to meet.', size=None)),
                ('is_demo', models.BooleanField(default=False)),
                ('is_proven', models.BooleanField(default=True, help_text='Joined with a proof of work, or was looked at since: their work counts.', verbose_name='proven')),
                ('is_active', models.BooleanField(default=True)),
                ('is_staff', models.BooleanField(default=False)),
                ('date_joined', models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
                ('groups', models.ManyToManyField(blank=True, help_text='The groups this user belongs to. A user will get all permissions granted to each of their groups.', related_name='user_set', related_query_name='user', to='auth.group', verbose_name='groups')),
                ('user_permissions', models.ManyToManyField(blank=True, help_text='Specific permissions for this user.', related_name='user_set', related_query_name='user', to='auth.permission', verbose_name='user permissions')),
            ],
            options={
                'verbose_name_plural': 'people',
            },
        ),
    ]
