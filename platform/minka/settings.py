"""All settings. Values come from the environment; what is not set there is safe for a laptop.

`MINKA_ENV` is `demo` (the default: a laptop, demo people allowed) or `production` (starts only when it is safe to:
see `security.py`). `MINKA_HOME` holds everything that is not code: database, releases, media, logs, secrets.
"""

import json
import os
import re
import secrets
from contextlib import suppress
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import django_stubs_ext
import environ
from celery.schedules import crontab
from csp.constants import NONE, SELF
from django.core.exceptions import ImproperlyConfigured
from psycopg.conninfo import conninfo_to_dict, make_conninfo

from minka.services.up import NOTE

django_stubs_ext.monkeypatch()  # so that `ModelAdmin[Campaign]` is also true at run time

env = environ.Env()
ROOT = Path(__file__).resolve().parents[2]

MINKA_ENV = env("MINKA_ENV", default="") or "demo"
if MINKA_ENV not in ("demo", "production"):  # a slip here would open a demo to the world
    raise ImproperlyConfigured("MINKA_ENV is demo or production.")
MINKA_HOME = Path(env("MINKA_HOME", default=str(ROOT / "var"))).absolute()
MINKA_PROMISES = MINKA_HOME / NOTE
MINKA_SITE_NAME = env("MINKA_SITE_NAME", default="Minka")
PRODUCTION = MINKA_ENV == "production"
DEBUG = env.bool("DEBUG", default=False)


def _kept_secret(name: str) -> str:
    """A secret from the environment, or one made once and kept in `MINKA_HOME` (refused in production)."""
    if value := env(name, default=""):
        return str(value)
    path = MINKA_HOME / "secrets" / name.lower()
    if not path.exists():
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        fresh = path.with_name(f".{path.name}-{secrets.token_hex(4)}")
        fresh.touch(mode=0o600)
        fresh.write_text(secrets.token_urlsafe(64))
        with suppress(FileExistsError):  # whoever comes second keeps the first's
            path.hardlink_to(fresh)
        fresh.unlink()
    return path.read_text()


MINKA_SECRETS_GIVEN = [name for name in ("SECRET_KEY", "MINKA_MASTER_KEY") if env(name, default="")]
SECRET_KEY = _kept_secret("SECRET_KEY")
MINKA_MASTER_KEY = _kept_secret("MINKA_MASTER_KEY")
"""From it the pseudonym key of each release is derived; whoever has it can join releases."""
MINKA_MASTER_KEY_OLD = env("MINKA_MASTER_KEY_OLD", default="")
"""The one before, while what it sealed is sealed anew (`manage.py reseal`)."""

LOOPBACK = ["localhost", "127.0.0.1", "[::1]"]  # health is asked for from this machine, wherever the site lives
ALLOWED_HOSTS = [*env.list("MINKA_HOSTS", default=[]), *LOOPBACK]
CSRF_TRUSTED_ORIGINS = env.list("MINKA_ORIGINS", default=[])

# Applications ------------------------------------------------------------------------------------------------------

INSTALLED_APPS = [
    "annotations",
    "minka.apps.MinkaConfig",
    "minka.apps.Panel",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.humanize",
    "django.contrib.messages",
    "minka.apps.Static",
    "django.contrib.postgres",
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "django_htmx",
    "knox",
    "pgtrigger",
    "rest_framework",
    "drf_spectacular",
    "template_partials.apps.SimpleAppConfig",
]
MIDDLEWARE = [
    "minka.tracing.traced",
    "minka.metrics.counted",
    "minka.security.no_api_in_the_clear",
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "minka.compression.Compressed",
    "minka.security.headers",
    "minka.security.well_formed",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "minka.pages.for_pages",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "minka.security.panel_for_whoever_proved_it",
    "minka.problems.refusals_as_pages",
    "minka.pages.views",
]
ROOT_URLCONF = "minka.urls"
WSGI_APPLICATION = "minka.wsgi.application"
AUTH_USER_MODEL = "annotations.Person"
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [ROOT / "templates"],
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "django.template.context_processors.i18n",
                "minka.security.site",
            ],
            "loaders": [
                (
                    "template_partials.loader.Loader",
                    [
                        (
                            "django.template.loaders.cached.Loader",
                            [
                                "django.template.loaders.filesystem.Loader",
                                "django.template.loaders.app_directories.Loader",
                            ],
                        )
                    ],
                )
            ],
            "builtins": ["template_partials.templatetags.partials"],
        },
    }
]

# Database: three logins on one PostgreSQL ---------------------------------------------------------------------------


def _embedded() -> dict[str, str]:
    """The addresses a running `make up` wrote down, so that a command beside it finds its database."""
    try:
        return dict(json.loads((MINKA_HOME / "database.json").read_text()))
    except (OSError, ValueError):
        return {}


def _login(url: str) -> dict[str, Any]:
    """A libpq address as parameters; `conninfo_to_dict` reads what psycopg would."""
    return dict(conninfo_to_dict(url))


def _django(parameters: dict[str, Any], **options: Any) -> dict[str, Any]:
    """The same for Django; what it has no word for (`sslmode`, `sslrootcert`, …) goes to psycopg as it is."""
    named = ("dbname", "user", "password", "host", "port")
    return {
        "ENGINE": "django.db.backends.postgresql",
        "NAME": parameters.get("dbname", "minka"),
        "USER": parameters.get("user", ""),
        "PASSWORD": parameters.get("password", ""),
        "HOST": parameters.get("host", ""),
        "PORT": parameters.get("port", ""),
        "CONN_MAX_AGE": 0,
        "OPTIONS": {name: value for name, value in parameters.items() if name not in named} | options,
    }


_urls = {} if env("DATABASE_URL", default="") else _embedded()
DATABASE_URL = env("DATABASE_URL", default="") or _urls.get("app", "postgresql:///minka")
_owner_url = env("DATABASE_OWNER_URL", default="") or _urls.get("owner", DATABASE_URL)
_export_url = env("DATABASE_EXPORT_URL", default="") or _urls.get("export", DATABASE_URL)
_pool = {"min_size": 1, "max_size": env.int("MINKA_POOL", default=8), "timeout": 10}
# What a connection is asked a fourth time it has planned: planning was more than half of what a turn cost the database.
_prepared = {"server_side_binding": True, "prepare_threshold": 3} if env.bool("MINKA_PREPARED", default=True) else {}

MINKA_DATABASES = [_login(url) for url in (DATABASE_URL, _owner_url, _export_url)]
_app, _owner, MINKA_EXPORT_DATABASE = MINKA_DATABASES
DATABASES = {
    "default": _django(_app, pool=_pool, **_prepared),
    # Migrations run as the owner: `manage.py migrate` takes this alias by itself.
    "owner": _django(_owner),
}

# The clock and the queue --------------------------------------------------------------------------------------------

CELERY_BROKER_URL = env("CELERY_BROKER_URL", default="pgmq://localhost")
if CELERY_BROKER_URL.startswith("pgmq"):
    CELERY_BROKER_TRANSPORT_OPTIONS = {
        # Keywords, not a URI: the transport drops a URI's query without a word, and with it a socket's directory.
        "conn_string": make_conninfo(**_login(DATABASE_URL)),
        "init_extension": False,
        "visibility_timeout": 1800,
        "use_notify": True,
        "wait_time_seconds": 0,
        "polling_interval": 5,
        "pool_size": 2,
    }
elif CELERY_BROKER_URL.startswith("redis"):
    CELERY_BROKER_TRANSPORT_OPTIONS = {"visibility_timeout": 1800, "unacked_restore_throttle": 1}
else:
    CELERY_TASK_DEFAULT_QUEUE_TYPE = CELERY_TASK_CREATE_MISSING_QUEUE_TYPE = "quorum"
    # Through no other can a job wait for its time in the broker: a worker would wait for it, and do nothing else.
    CELERY_TASK_DEFAULT_EXCHANGE_TYPE = "topic"
    CELERY_BROKER_TRANSPORT_OPTIONS = {"confirm_publish": True}
CELERY_TASK_ACKS_LATE = True
CELERY_TASK_REJECT_ON_WORKER_LOST = True
CELERY_TASK_IGNORE_RESULT = True
CELERY_TASK_DEFAULT_QUEUE = "minka"
CELERY_TASK_ROUTES = {
    "annotations.training.here.jobs.train": {"queue": "gpu"},
    "annotations.quality.argilla.jobs.exchange_all": {"queue": "argilla"},
}
CELERY_WORKER_PREFETCH_MULTIPLIER = 1
CELERY_WORKER_HIJACK_ROOT_LOGGER = False
CELERY_ACCEPT_CONTENT = ["json"]
CELERY_TIMEZONE = "UTC"
MINKA_NIGHTLY_HOUR = env.int("MINKA_NIGHTLY_HOUR", default=6)
"""When the nightly release is due (UTC); what belongs to it stands before and after."""
CELERY_BEAT_SCHEDULE = {
    "add up how far everything is": {"task": "annotations.assignments.tallies.jobs.tidy", "schedule": 60.0},
    "bring back seats that ran out": {"task": "annotations.assignments.jobs.expire", "schedule": 60.0},
    "delete what guests left and nobody claimed": {
        "task": "annotations.assignments.guests.jobs.forget",
        "schedule": 3600.0,
    },
    "open reviews of what was written, and settle them": {
        "task": "annotations.reviewing.jobs.review",
        "schedule": 60.0,
    },
    "look into what is flagged": {"task": "annotations.flagging.jobs.watch", "schedule": 60.0},
    "ask models what people proposed": {"task": "annotations.writing.asking.jobs.ask", "schedule": 60.0},
    "settle what is due": {"task": "annotations.quality.jobs.settle", "schedule": 60.0},
    "put items in the order that is wanted": {
        "task": "annotations.quality.jobs.order",
        "schedule": crontab(minute=35),
    },
    "see what anchors change": {
        "task": "annotations.quality.jobs.check",
        "schedule": crontab(minute=50),
    },
    "see whether anything is too much": {
        "task": "annotations.quality.jobs.gate",
        "schedule": crontab(hour=(MINKA_NIGHTLY_HOUR - 3) % 24, minute=50),
    },
    "measure agreement": {
        "task": "annotations.quality.jobs.measure",
        "schedule": crontab(hour=(MINKA_NIGHTLY_HOUR - 1) % 24, minute=40),
    },
    "look for signals": {
        "task": "annotations.quality.jobs.signal",
        "schedule": crontab(hour=(MINKA_NIGHTLY_HOUR - 1) % 24, minute=10),
    },
    # After the release, and after a recall: the job asks whether the newest release has its boards.
    "make the boards of the newest release": {
        "task": "annotations.training.boards.jobs.make",
        "schedule": crontab(minute="12-59/15"),
    },
    "offer runs that are to be trained here": {"task": "annotations.training.here.jobs.offer", "schedule": 300.0},
    "end sanctions whose time is up": {"task": "annotations.moderation.sanctions.jobs.end", "schedule": 300.0},
    "take out what two people agreed to": {"task": "annotations.moderation.purges.jobs.work", "schedule": 30.0},
    "see which runs fell silent": {"task": "annotations.training.jobs.listen", "schedule": 300.0},
    # Every quarter of an hour, not once a night: the job asks whether tonight's release is there.
    "publish tonight's release": {
        "task": "annotations.datasets.jobs.publish_nightly",
        "schedule": crontab(minute="*/15"),
    },
    # Three hours after it is due: at six in the morning in Buenos Aires and São Paulo, unless it was moved.
    "look whether tonight's release is there": {
        "task": "annotations.datasets.jobs.look_for_tonight",
        "schedule": crontab(hour=(MINKA_NIGHTLY_HOUR + 3) % 24, minute=0),
    },
    "recall releases that hold what was erased": {
        "task": "annotations.datasets.jobs.recall",
        "schedule": crontab(minute="7-59/15"),
    },
    "take away from targets what was recalled": {
        "task": "annotations.datasets.jobs.follow_recalls",
        "schedule": crontab(minute="10-59/15"),
    },
    "look whether answers still come in": {
        "task": "annotations.moderation.watch.jobs.look_for_answers",
        "schedule": crontab(minute="25,55"),
    },
    "look whether the disk fills up": {
        "task": "annotations.moderation.watch.jobs.look_at_the_disk",
        "schedule": crontab(hour="*/6", minute=46),
    },
    "look whether recalls come about": {
        "task": "annotations.datasets.jobs.look_for_recalls",
        "schedule": crontab(hour="*/6", minute=41),
    },
    # After the release, and after a recall, as the boards.
    "write what partners get": {
        "task": "annotations.datasets.jobs.write_for_partners",
        "schedule": crontab(minute="13-59/15"),
    },
    "let nightlies go whose time is over": {
        "task": "annotations.datasets.jobs.expire",
        "schedule": crontab(minute=26),
    },
    "tell those who asked that there is more": {
        "task": "annotations.assignments.notes.jobs.send",
        "schedule": crontab(minute=20),
    },
    "empty what is past its period": {
        "task": "annotations.people.rights.jobs.keep_periods",
        "schedule": crontab(hour=4, minute=10),
    },
    "remind of requests that are due": {
        "task": "annotations.people.rights.jobs.remind",
        "schedule": crontab(hour=11, minute=10),
    },
}

# Models that are asked ----------------------------------------------------------------------------------------------


def _models(text: str) -> list[dict[str, str]]:
    """Servers of models that answer what people propose. A row that is not as described is a fault one must hear of."""
    try:
        rows = [dict(row) for row in json.loads(text or "[]")]
    except (TypeError, ValueError):
        raise ImproperlyConfigured("MINKA_MODELS is a JSON list of objects.") from None
    for row in rows:
        texts = all(isinstance(value, str) for value in row.values())
        if not texts or set(row) - {"key"} != {"name", "url", "model", "licence"}:
            raise ImproperlyConfigured(
                "A model of MINKA_MODELS has name, url, model, licence, and key if it takes one."
            )
        if not row["url"].startswith(("https://", "http://")):
            raise ImproperlyConfigured("The url of a model starts with https:// or http://.")
        row["key"] = os.environ[row["key"]] if row.get("key") else ""
    return rows


MINKA_MODELS = _models(env("MINKA_MODELS", default=""))

# Training in the house ----------------------------------------------------------------------------------------------

MINKA_TRAINER = env("MINKA_TRAINER", default="")
"""The Python of the trainer's environment (`requirements/training.txt`); empty, and runs are trained elsewhere only."""
MINKA_BASE_MODELS = Path(env("MINKA_BASE_MODELS", default=str(MINKA_HOME / "models")))
"""The folder of base models, on the machine of the worker of the queue `gpu`: one folder each, by name."""

# The desk of the experts --------------------------------------------------------------------------------------------

MINKA_ARGILLA_URL = env("MINKA_ARGILLA_URL", default="")
"""Where the Argilla server is reached; empty, and there is no desk. Its keys are read from the environment when they
are needed: `MINKA_ARGILLA_KEY`, of an admin of the workspace, `MINKA_ARGILLA_OWNER_KEY`, where accounts are made or
removed, `MINKA_ARGILLA_WEBHOOK_SECRET`."""
if MINKA_ARGILLA_URL and not MINKA_ARGILLA_URL.startswith(("https://", "http://")):
    raise ImproperlyConfigured("MINKA_ARGILLA_URL starts with https:// or http://.")
MINKA_ARGILLA_WORKSPACE = env("MINKA_ARGILLA_WORKSPACE", default="minka")
if MINKA_ARGILLA_URL:
    CELERY_BEAT_SCHEDULE["send to experts, and take what they say"] = {
        "task": "annotations.quality.argilla.jobs.exchange_all", "schedule": 300.0, "options": {"expires": 300},
    }  # fmt: skip

# Releases -----------------------------------------------------------------------------------------------------------

MINKA_RELEASES = MINKA_HOME / "releases" / "minka"
MINKA_BOARDS = MINKA_HOME / "boards"
MINKA_PARTNERS = MINKA_HOME / "partners"
MINKA_SMALL_CELL = env.int("MINKA_SMALL_CELL", default=5)
"""Rows of a variety with fewer people than this carry no pseudonym; 0 switches the rule off."""
MINKA_RELEASES_FOR = env("MINKA_RELEASES_FOR", default="everybody")
"""Who may take the rows of a new release: `everybody`, or `registered`, people with an account. Of each it can be said
otherwise in the panel."""
if MINKA_RELEASES_FOR not in ("everybody", "registered"):
    raise ImproperlyConfigured("MINKA_RELEASES_FOR is everybody or registered.")
MINKA_LINK_DAYS = env.int("MINKA_LINK_DAYS", default=7)
"""For so many days a link holds with which a machine without an account takes such a release."""
MINKA_NIGHTLY_DAYS = env.int("MINKA_NIGHTLY_DAYS", default=30)
"""For so many days the files of a nightly release are kept, where nothing keeps it longer."""


def _targets(text: str) -> dict[str, str]:
    """`name=address …`: where releases can be sent. A fault is told without the address: a secret may stand in it."""
    found: dict[str, str] = {}
    for word in text.split():
        name, _equals, address = word.partition("=")
        if not re.fullmatch(r"[a-z0-9-]{1,40}", name) or name in found or not _is_target(address):
            raise ImproperlyConfigured(
                f"Target {len(found) + 1} of MINKA_RELEASE_TARGETS is not as docs/release.md has it: name=file:///folder,"
                " name=s3://bucket/prefix, name=hub://owner/name or name=argilla://workspace/config, no secret in it."
            )
        found[name] = address
    return found


def _is_target(address: str) -> bool:
    parts = urlsplit(address)
    more = dict(parse_qsl(parts.query, keep_blank_values=True))
    path = [part for part in parts.path.split("/") if part]
    whole = {
        "file": not parts.netloc and path, "s3": parts.netloc, "hub": parts.netloc and len(path) == 1,
        "argilla": parts.netloc and len(path) == 1 and more.get("endpoint") and more.get("most", "1").isdecimal(),
    }  # fmt: skip
    known = {
        "s3": {"endpoint", "region", "key", "secret"}, "hub": {"endpoint", "token"},
        "argilla": {"endpoint", "key", "variety", "most"},
    }.get(parts.scheme, set())  # fmt: skip
    variables = all(re.fullmatch(r"[A-Z][A-Z0-9_]*", more.get(name, "A")) for name in ("key", "secret", "token"))
    reached = re.fullmatch(r"(https?://[^/@?#]+)?", more.get("endpoint", ""))
    return bool(whole.get(parts.scheme) and "@" not in parts.netloc and set(more) <= known and variables and reached)


def _apart_from_experts(targets: dict[str, str], url: str, workspace: str) -> dict[str, str]:
    """The same targets; none of them is where experts review."""
    for name, address in targets.items():
        parts = urlsplit(address)
        server = dict(parse_qsl(parts.query)).get("endpoint", "")
        if url and parts.scheme == "argilla" and (parts.netloc, server) == (workspace, url.rstrip("/")):
            raise ImproperlyConfigured(
                f"The target {name} is the workspace in which experts review: a release names models and verdicts."
            )
    return targets


MINKA_RELEASE_TARGETS = _apart_from_experts(
    _targets(env("MINKA_RELEASE_TARGETS", default="")), MINKA_ARGILLA_URL, MINKA_ARGILLA_WORKSPACE
)
"""Where `push_release` sends releases, by name. What is secret stands in variables of their own, which it names."""

# Who answers for the data --------------------------------------------------------------------------------------------

MINKA_CONTROLLER = {
    "controller_name": env("MINKA_CONTROLLER_NAME", default=""),
    "controller_address": env("MINKA_CONTROLLER_ADDRESS", default=""),
    "controller_contact": env("MINKA_CONTROLLER_CONTACT", default=""),
    "controller_country": env("MINKA_CONTROLLER_COUNTRY", default=""),
    "hosting_provider": env("MINKA_HOSTING_PROVIDER", default=""),
    "hosting_country": env("MINKA_HOSTING_COUNTRY", default=""),
}
if not PRODUCTION:
    MINKA_CONTROLLER = {name: value or "(demo)" for name, value in MINKA_CONTROLLER.items()}


def _processors(text: str) -> tuple[tuple[str, str, str], ...]:
    """`name|country|purpose; …` as rows of three; a row that is not is a fault one must hear of."""
    rows = [tuple(part.strip() for part in row.split("|")) for row in text.split(";") if row.strip()]
    if any(len(row) != 3 or not all(row) for row in rows):
        raise ImproperlyConfigured("MINKA_PROCESSORS is name|country|purpose, with ; between processors.")
    return tuple((name, country, purpose) for name, country, purpose in rows)


MINKA_PROCESSORS = _processors(env("MINKA_PROCESSORS", default=""))
"""Whoever handles personal data for the controller, beside the host."""

MINKA_CONSENT_DIR = env("MINKA_CONSENT_DIR", default="")
"""The folder of the approved consent texts; its name is their version. Empty: the drafts that come with the code."""
# Rights: what we promise, and what the law of a country gives at most. Gathered in November 2026 and not advice:
# whoever answers for the data has counsel confirm them. (days, "business" or "calendar"), by kind of request.
MINKA_ANSWER_WITHIN = (5, "business")
MINKA_LAW_WITHIN = {
    "AR": {"access": (10, "calendar"), "any": (5, "business")},  # Ley 25.326, art. 14 and 16
    "BR": {"any": (15, "calendar")},  # LGPD, art. 19
    "CL": {"any": (30, "calendar")},  # Ley 21.719
    "CO": {"any": (15, "business")},  # Ley 1581 de 2012, art. 15
    "MX": {"any": (20, "calendar")},  # LFPDPPP of 2025
}
MINKA_INACTIVE_MONTHS = env.int("MINKA_INACTIVE_MONTHS", default=24)
MINKA_NOTICE_DAYS = env.int("MINKA_NOTICE_DAYS", default=60)
"""An account unused for so many months is warned, and rests so many days later."""

# Words and time -----------------------------------------------------------------------------------------------------

LANGUAGE_CODE = "es"
LANGUAGES = [("es", "Español"), ("pt-br", "Português"), ("en", "English")]
_BEGUN = {"arn": "Mapudungun", "gn": "Avañe'ẽ", "quz": "Qusqu runasimi"}


def _begun(codes: list[str]) -> dict[str, str]:
    if unknown := sorted(set(codes) - set(_BEGUN)):
        raise ImproperlyConfigured(f"MINKA_EXTRA_LANGUAGES knows {', '.join(_BEGUN)}, and not {', '.join(unknown)}.")
    return {code: _BEGUN[code] for code in codes}


MINKA_BEGUN = _begun(env.list("MINKA_EXTRA_LANGUAGES", default=[]))
"""Begun, and not yet read by their speakers: nobody meets them unless the operator says so. What they lack is Spanish,
and a page that is mostly Spanish says that it is (docs/add-a-language-of-the-interface.md)."""
LANGUAGES += MINKA_BEGUN.items()
# What a language says nothing of is written as in Spanish.
DATE_FORMAT, TIME_FORMAT, DATETIME_FORMAT = r"j \d\e F \d\e Y", "H:i", r"j \d\e F \d\e Y \a \l\a\s H:i"
YEAR_MONTH_FORMAT = r"F \d\e Y"
SHORT_DATE_FORMAT, SHORT_DATETIME_FORMAT = "d/m/Y", "d/m/Y H:i"
LOCALE_PATHS = [ROOT / "locale"]
LANGUAGE_COOKIE_AGE = 365 * 24 * 3600
LANGUAGE_COOKIE_SAMESITE = "Lax"
USE_I18N = True
USE_TZ = True
TIME_ZONE = "UTC"

# The API ------------------------------------------------------------------------------------------------------------

REST_FRAMEWORK = {
    "DEFAULT_AUTHENTICATION_CLASSES": ["annotations.people.accounts.tokens.OneToken"],
    "DEFAULT_PERMISSION_CLASSES": ["rest_framework.permissions.IsAuthenticated"],
    "DEFAULT_RENDERER_CLASSES": ["rest_framework.renderers.JSONRenderer"],
    "DEFAULT_PARSER_CLASSES": ["annotations.requests.JSON"],
    "DEFAULT_SCHEMA_CLASS": "minka.openapi.Told",
    "EXCEPTION_HANDLER": "minka.problems.as_problem",
    "UNAUTHENTICATED_USER": "django.contrib.auth.models.AnonymousUser",
}
REST_KNOX = {"TOKEN_TTL": None, "AUTO_REFRESH": False}
SPECTACULAR_SETTINGS = {"TITLE": "Minka", "VERSION": "1", "SERVE_INCLUDE_SCHEMA": False}

# Security -----------------------------------------------------------------------------------------------------------

PASSWORD_HASHERS = ["django.contrib.auth.hashers.PBKDF2PasswordHasher"]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator"},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
    {"NAME": "django.contrib.auth.password_validation.NumericPasswordValidator"},
    {"NAME": "annotations.people.accounts.passwords.NotTheHouse"},
]
LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "/rate/"
LOGOUT_REDIRECT_URL = "home"
AUTHENTICATION_BACKENDS = ["annotations.people.accounts.adapter.Backend"]
ACCOUNT_ADAPTER = "annotations.people.accounts.adapter.Adapter"
ACCOUNT_FORMS = {
    "change_password": "annotations.people.accounts.forms.ChangePasswordForm",
    "login": "annotations.people.accounts.forms.LoginForm",
    "reauthenticate": "annotations.people.accounts.forms.ReauthenticateForm",
    "reset_password": "annotations.people.accounts.forms.ResetPasswordForm",
    "reset_password_from_key": "annotations.people.accounts.forms.ResetPasswordKeyForm",
    "set_password": "annotations.people.accounts.forms.SetPasswordForm",
    "signup": "annotations.people.accounts.forms.SignupForm",
}
ACCOUNT_LOGIN_METHODS = {"username", "email"}
ACCOUNT_SIGNUP_FIELDS = ["username", "email", "password1*"]
ACCOUNT_EMAIL_VERIFICATION = "optional"
ACCOUNT_CHANGE_EMAIL = True
# Whoever has an open session of somebody else has no way back into their account by giving an address of their own.
ACCOUNT_REAUTHENTICATION_REQUIRED = True
# An address in use is no reason to refuse: whoever asks would learn that. Only its confirmed owner logs in by it.
ACCOUNT_PREVENT_ENUMERATION = "strict"
ACCOUNT_EMAIL_UNKNOWN_ACCOUNTS = False
ACCOUNT_SESSION_REMEMBER = True
ACCOUNT_RATE_LIMITS = {"login_failed": "30/m/ip,10/15m/key", "signup": "100/h/ip"}
MINKA_RATES = {"join_unproven": "20/h/ip", "way_back": "20/h/ip,5/h/key", "erase": "10/h/key", "keep": "60/h/ip",
               "try": "300/h/ip", "names": "60/h/key", "vouch": "30/h/key", "row": "300/h/ip"}  # fmt: skip
"""Limits of our own, in allauth's words: so many, in this time, per address (`ip`) or per name (`key`).
A workshop of forty people joins behind one address, and all classes of a school begin to try behind one."""


def _proxies(text: str) -> int:
    if not re.fullmatch(r"[0-9]", text.strip()):
        raise ImproperlyConfigured("MINKA_PROXIES is how many proxies of yours stand before Minka: a number, 0 to 9.")
    return int(text)


ALLAUTH_TRUSTED_PROXY_COUNT = _proxies(env("MINKA_PROXIES", default="") or "0")
MFA_ADAPTER = "annotations.people.accounts.adapter.SecondStep"
MFA_FORMS = {
    "activate_totp": "annotations.people.accounts.forms.ActivateCodesForm",
    "add_webauthn": "annotations.people.accounts.forms.AddKeyForm",
    "edit_webauthn": "annotations.people.accounts.forms.EditKeyForm",
}
MFA_SUPPORTED_TYPES = ["totp", "webauthn", "recovery_codes"]
MFA_TOTP_ISSUER = MINKA_SITE_NAME
MFA_WEBAUTHN_ALLOW_INSECURE_ORIGIN = not PRODUCTION
# Counts of tries and used proofs: shared by every web process, so in the database.
CACHES = {"default": {"BACKEND": "django.core.cache.backends.db.DatabaseCache", "LOCATION": "minka_cache"}}
SESSION_ENGINE = "annotations.people.accounts.sessions"
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [NONE],
        "script-src": [SELF],
        "style-src": [SELF],
        "img-src": [SELF],
        "connect-src": [SELF],
        "manifest-src": [SELF],
        "form-action": [SELF],
        "base-uri": [NONE],
        "frame-ancestors": [NONE],
    }
}
SECURE_CONTENT_TYPE_NOSNIFF = True
SECURE_REFERRER_POLICY = "same-origin"
SECURE_CROSS_ORIGIN_OPENER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"
SESSION_COOKIE_AGE = 30 * 24 * 3600
MINKA_PANEL_ASKS_AFTER = 12 * 3600
"""Seconds after which the panel asks again who is there; the rest of the house does not."""
SESSION_COOKIE_SAMESITE = "Lax"
# In a cookie of its own and not in the session: kept there, every public page would read the session.
CSRF_COOKIE_HTTPONLY = True
DATA_UPLOAD_MAX_MEMORY_SIZE = 2_500_000
DATA_UPLOAD_MAX_NUMBER_FIELDS = 500
if PRODUCTION:
    SECURE_SSL_REDIRECT = True
    SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
    SECURE_REDIRECT_EXEMPT = [r"^livez$", r"^readyz$", r"^metrics$"]
    SECURE_HSTS_SECONDS = 365 * 24 * 3600
    SECURE_HSTS_INCLUDE_SUBDOMAINS = True
    SECURE_HSTS_PRELOAD = True
    SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = LANGUAGE_COOKIE_SECURE = True
    # No other host, not even one of ours, can set what a browser sends under such a name.
    SESSION_COOKIE_NAME, CSRF_COOKIE_NAME = "__Host-session", "__Host-csrf"
    LANGUAGE_COOKIE_NAME = "__Host-language"

# Files, mail, logs --------------------------------------------------------------------------------------------------

STATIC_URL = "/static/"
STATIC_ROOT = MINKA_HOME / "static"
STATICFILES_DIRS = [ROOT / "static"]
# Pages link a file by the name that holds its sum, so that a browser may keep it for ever: the other one is not served.
WHITENOISE_KEEP_ONLY_HASHED_FILES = True
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "minka.bundles.Storage"},
}
MEDIA_ROOT = MINKA_HOME / "media"
if email_url := env("EMAIL_URL", default=""):
    vars().update(env.email_url_config(email_url))
else:
    EMAIL_BACKEND = "django.core.mail.backends.filebased.EmailBackend"
    EMAIL_FILE_PATH = str(MINKA_HOME / "mail")
EMAIL_TIMEOUT = 20
DEFAULT_FROM_EMAIL = env("MINKA_FROM", default="minka@localhost")
if env("MINKA_LOGS", default="lines") not in ("lines", "json"):
    raise ImproperlyConfigured("MINKA_LOGS is lines or json.")
LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {
        "line": {
            "()": "minka.logs.formatter",
            "format": "{asctime} {levelname} {request} {name} {message}",
            "style": "{",
        },
    },
    "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": "line"}},
    "root": {"handlers": ["stderr"], "level": "WARNING"},
    "loggers": {
        "annotations": {"level": "INFO"},
        "minka": {"level": "INFO"},
        # Below it stands every try to find a database that is away; the requests that fail meanwhile say enough.
        "psycopg.pool": {"level": "ERROR"},
        # Below it stands every address that was refused, whatever somebody wrote into it.
        "django.request": {"level": "ERROR"},
        # Below it stands the address of a form without its token; some are secrets. `tracing.py` says at which door.
        "django.security.csrf": {"level": "ERROR"},
    },
}
MESSAGE_STORAGE = "django.contrib.messages.storage.session.SessionStorage"
# A user name is unique without regard to case: a constraint over lower(username), which the first two do not see; and
# one may join with an address alone, which the third takes for a slip.
SILENCED_SYSTEM_CHECKS = ["auth.E003", "auth.W004", "account.W001"]
