"""What can be known of the image and the composition without a container engine."""

import re
from pathlib import Path

import pytest
import yaml

CLONE = Path(__file__).resolve().parents[2]


@pytest.fixture(scope="module")
def services():
    return yaml.safe_load((CLONE / "docker-compose.yml").read_text())["services"]


OURS = ["web", "worker", "beat", "roles", "migrate"]


def test_services(services):
    assert sorted(services) == sorted([*OURS, "database", "redis"])
    assert services["database"]["image"] == "pgvector/pgvector:pg18"


def test_only_web_has_a_port_and_only_for_the_host(services):
    published = {name: service["ports"] for name, service in services.items() if "ports" in service}
    assert published == {"web": ["127.0.0.1:${PORT:-8000}:8000"]}


@pytest.mark.parametrize("name", OURS)
def test_our_containers_have_no_privileges(services, name):
    service = services[name]
    assert service["user"] == "10001"
    assert service["read_only"] is True
    assert service["cap_drop"] == ["ALL"]


def test_what_stays_up_is_checked(services):
    checked = {name for name, service in services.items() if service.get("healthcheck", {}).get("test")}
    assert checked == {"web", "worker", "database", "redis"}


def test_only_migrate_and_roles_know_more_than_the_application(services):
    knowing = {
        name for name, service in services.items() if re.search(r"OWNER_|SUPERUSER_", str(service.get("environment")))
    }
    assert knowing == {"migrate", "roles"}


def test_every_secret_must_be_set(services):
    text = (CLONE / "docker-compose.yml").read_text()
    assert set(re.findall(r"\$\{(\w*(?:PASSWORD|SECRET_KEY))(?!\w)(?!:\?)", text)) == set()


def test_image_ends_as_an_ordinary_user_and_installs_by_hash():
    lines = (CLONE / "Dockerfile").read_text().splitlines()
    assert [line for line in lines if line.startswith("USER")] == ["USER huitou"]
    assert any("--require-hashes" in line for line in lines)
    assert any(line.startswith("HEALTHCHECK") for line in lines)


def test_image_keeps_the_packages_that_icons_are_drawn_from():
    lines = (CLONE / "Dockerfile").read_text().splitlines()
    assert "COPY --from=packages /app/node_modules node_modules" in lines
    assert [line for line in lines if "rm " in line and "node_modules" in line] == []
