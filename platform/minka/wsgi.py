"""The door for gunicorn. Refuses to open when it would not be safe to (`security.py`)."""

import os

from django.core.wsgi import get_wsgi_application

from minka.connections import close_all
from minka.security import refuse_unsafe_start

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "minka.settings")

application = get_wsgi_application()
refuse_unsafe_start()
close_all()
