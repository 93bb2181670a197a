"""Who can log in to the demo shop. Importable without Django: the supervisor prints it."""

import os
import secrets
from typing import NamedTuple

from crm.lib.embedded import places


class Account(NamedTuple):
    email: str
    name: str
    role: str
    password: str


def _password() -> str:
    """One for all demo accounts, made once for each clone: a fixed one would open every demo on the network."""
    path = places.make_data_dir() / "demo_password"
    if not path.exists():
        with open(os.open(path, os.O_WRONLY | os.O_CREAT, 0o600), "w") as file:
            file.write(f"huitou-{secrets.token_hex(5)}")
    return path.read_text()


def accounts() -> list[Account]:
    password = _password()
    return [
        Account("owner@example.com", "Olivia Owner", "owner", password),
        Account("marketer@example.com", "Ma Xiaomei 马小美", "marketer", password),
        Account("agent@example.com", "Adam Agent", "agent", password),
    ]
