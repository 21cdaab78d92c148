"""What every test stands on: inside a test the database role is the application's, so that a missing grant fails."""

import shutil
from collections.abc import Iterator

import pytest
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.backends.signals import connection_created
from django.utils import translation
from hypothesis import HealthCheck, settings

# How fast an example is says more about the machine than about us.
settings.register_profile("minka", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("minka")


@pytest.fixture(autouse=True)
def _as_the_application(request: pytest.FixtureRequest) -> Iterator[None]:
    marker = request.node.get_closest_marker("django_db")
    if marker is None:
        yield
        return
    request.getfixturevalue("transactional_db" if marker.kwargs.get("transaction") else "db")
    from django.db import connection

    def take_role(connection: BaseDatabaseWrapper, **_told: object) -> None:
        if connection.alias == "default":
            connection.connection.execute("SET ROLE minka_app")

    connection_created.connect(take_role)
    with connection.cursor() as cursor:
        cursor.execute("SET ROLE minka_app")
    yield
    connection_created.disconnect(take_role)
    if not connection.needs_rollback:
        with connection.cursor() as cursor:
            cursor.execute("RESET ROLE")


def _as_its_login(connection: BaseDatabaseWrapper, **_told: object) -> None:
    """A connection out of the pool may have been somebody's in a test before."""
    connection.connection.execute("RESET ROLE")


connection_created.connect(_as_its_login)


@pytest.fixture
def seeds(db: None) -> None:
    from annotations.people.seeding import load_varieties

    load_varieties()


@pytest.fixture(autouse=True)
def _no_release_of_another_test(settings) -> None:
    """Their rows went with it, and what stands in its place without a row is completed by the next recall."""
    shutil.rmtree(settings.MINKA_RELEASES, ignore_errors=True)


@pytest.fixture(autouse=True)
def _no_consent_text_of_another_test() -> None:
    """What this process knows of it for some seconds."""
    from annotations.people.consenting.queries import forget

    forget()


@pytest.fixture(autouse=True)
def _quick_passwords(settings) -> None:
    """The real hasher is slow on purpose, a third of a second each."""
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]


@pytest.fixture(autouse=True)
def _static_files_without_a_manifest(settings) -> None:
    """Names with hashes are made when Minka starts; here pages link the files by their own names."""
    plain = {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}
    settings.STORAGES = {**settings.STORAGES, "staticfiles": plain}


@pytest.fixture(autouse=True)
def _nobody_s_language_stays() -> Iterator[None]:
    """A page in another language leaves it to whoever comes next in this process."""
    yield
    translation.deactivate()


@pytest.fixture(autouse=True)
def _jobs_wait_in_this_process() -> None:
    """What a request leaves to the worker; `cast.work_off` is the worker."""
    from minka.celery import app

    app.conf.update(broker_url="memory://localhost", broker_transport_options={})
    with app.connection_for_write() as link:  # none of the pool's, which a test may have cut
        app.control.purge(link)
