"""The log of what we refuse: who may not, and what does not exist, is no fault of the program's."""

import logging


class PlainRefusals(logging.Filter):
    """Django logs each answer from 400 on with its exception. Below 500 a line says all; 37 would hide the others."""

    def filter(self, record: logging.LogRecord) -> bool:
        if getattr(record, "status_code", 500) < 500:
            record.exc_info = record.exc_text = None
        return True
