"""Mails as files, for an installation without a mail server. They hold links that sign people in: private ones."""

import os
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.mail.backends import filebased


def shown_folder() -> str:
    """Where a page tells people to look for their mail: "…/.data/mail". "" where mail is really sent.

    Strangers read it too, so what lies above our own folder, mostly somebody's name, is left out. A folder elsewhere
    was named by whoever runs this, and could not be found without the rest.
    """
    if f"{__name__}.{EmailBackend.__name__}" != settings.EMAIL_BACKEND:
        return ""
    folder = Path(settings.EMAIL_FILE_PATH)  # type: ignore[misc]  # the environment sets it together with the back end
    return f"…/{folder.relative_to(settings.BASE_DIR)}" if folder.is_relative_to(settings.BASE_DIR) else str(folder)


class EmailBackend(filebased.EmailBackend):
    """Django's, but the folder is 0700 and each file 0600, whatever the umask."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        Path(self.file_path).chmod(0o700)

    def open(self) -> bool:
        ours: Any = self  # the stubs know neither that there may be no stream, nor the name of its file
        if ours.stream is not None:
            return False
        ours.stream = os.fdopen(os.open(ours._get_filename(), os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600), "ab")
        return True
