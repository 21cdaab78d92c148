"""Pictures of labels: PNG files that whoever runs the house was given and placed, `labels/ID.png` in the media folder.

None is drawn here, none is fetched, and nobody uploads one: a label's picture is Local Contexts' or its community's.
Where none lies, its words stand alone.
"""

import re
from pathlib import Path

from django.conf import settings


def picture_of(local_contexts_id: str) -> Path | None:
    """The file with the picture of the label of this id; an id that is no plain name has none."""
    if not re.fullmatch(r"[A-Za-z0-9_-]+", local_contexts_id):
        return None
    path = Path(settings.MEDIA_ROOT) / "labels" / f"{local_contexts_id}.png"
    return path if path.is_file() else None
