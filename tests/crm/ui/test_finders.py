import json

from django.conf import settings
from django.contrib.staticfiles.finders import find

from crm.ui.finders import PACKAGE_FILES, PackageFinder


def test_only_listed_package_files_are_served():
    assert [name for name, _storage in PackageFinder().list([])] == list(PACKAGE_FILES)
    assert find("vendor/htmx/htmx.min.js") == str(settings.BASE_DIR / "node_modules/htmx.org/dist/htmx.min.js")
    assert find("vendor/htmx/htmx.js") is None


def test_collected_files_name_no_source_map():
    for name, storage in PackageFinder().list([]):
        with storage.open(name) as file:
            assert b"sourceMappingURL" not in file.read()


def test_missing_package_is_reported(settings, tmp_path):
    settings.BASE_DIR = tmp_path
    assert {error.id for error in PackageFinder().check()} == {"ui.E001"}


def test_manifest_storage_accepts_everything(settings, tmp_path):
    from django.core.management import call_command

    settings.STATIC_ROOT = tmp_path
    settings.STATICFILES_FINDERS = [
        "django.contrib.staticfiles.finders.FileSystemFinder",
        "crm.ui.finders.PackageFinder",
    ]
    settings.STATICFILES_DIRS = [settings.BASE_DIR / "crm/ui/static"]
    settings.STORAGES = settings.STORAGES | {
        "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.ManifestStaticFilesStorage"}
    }
    call_command("collectstatic", interactive=False, verbosity=0)
    assert (tmp_path / "staticfiles.json").is_file()


def test_package_lock_pins_versions_without_addresses():
    lock = (settings.BASE_DIR / "package-lock.json").read_text(encoding="utf-8")
    package = json.loads((settings.BASE_DIR / "package.json").read_text(encoding="utf-8"))
    wanted = package["dependencies"] | package["devDependencies"]
    assert '"resolved"' not in lock
    assert all(version[0].isdigit() for version in wanted.values())
