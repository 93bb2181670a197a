"""Mails as files, for an installation without a mail server. They hold links that sign people in: private ones."""

import os
from pathlib import Path
from typing import Any

from django.core.mail.backends import filebased


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
