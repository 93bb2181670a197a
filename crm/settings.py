"""Settings: one file. Machines differ only by the environment variables of crm/lib/environment.py."""

import os
from pathlib import Path
from typing import Any

from crm.lib import environment

# Before anything imports numpy. The models multiply short vectors, thousands of times: handing half of each to a second
# thread costs up to twenty times what it saves where other processes want that core too.
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

BASE_DIR = Path(__file__).resolve().parent.parent
DATA_DIR = environment.data_dir()

SECRET_KEY = environment.secret_key()
DEBUG = environment.switch("DEBUG")
ALLOWED_HOSTS = environment.allowed_hosts()
BASE_URL = environment.base_url()
CSRF_TRUSTED_ORIGINS = [BASE_URL]
VERSION = "0.1.0"

INSTALLED_APPS = [
    "crm.shops",
    "crm.ui",
    "crm.rest",
    "customers",
    "segmentation",
    "campaigns",
    "support",
    "crm.dashboard",
    "crm.demo",
    "crm.platform.apps.PlatformConfig",
    "crm.platform.apps.PlatformAdminConfig",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.humanize",
    "django.contrib.staticfiles",
    "django.contrib.postgres",
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "allauth.usersessions",
    "csp",
    "rest_framework",
    "django_filters",
    "drf_spectacular",
]

MIDDLEWARE = [
    "crm.shops.middleware.PlatformMiddleware",
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "crm.shops.middleware.PrivateMiddleware",
    "csp.middleware.CSPMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "crm.shops.middleware.PersonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.auth.middleware.LoginRequiredMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "crm.shops.middleware.SeenMiddleware",
    "crm.shops.middleware.ShopMiddleware",
    "crm.rest.middleware.ApiMiddleware",
]

ROOT_URLCONF = "crm.urls"
ASGI_APPLICATION = "crm.asgi.application"
WSGI_APPLICATION = "crm.wsgi.application"

TEMPLATES: list[dict[str, Any]] = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "crm.dashboard.context.frame",
            ],
            "builtins": ["crm.ui.templatetags.ui", "django.templatetags.i18n", "django.templatetags.static"],
        },
    },
]


_POOL = {"min_size": 0, "max_size": 10, "timeout": 10}


def _database(role: str, **options: Any) -> dict[str, Any]:
    """One alias: the database of the environment as this role; {} where the environment does not know the role."""
    if (entry := environment.database(role)) is None:
        return {}
    # The pool keeps connections; under ASGI a persistent one for each thread uses up all slots.
    return entry | {"ENGINE": "crm.lib.postgres", "CONN_MAX_AGE": 0, "OPTIONS": entry["OPTIONS"] | options}


DATABASES: dict[str, dict[str, Any]] = {
    "default": _database("crm_app", pool=_POOL),
    "platform": _database("crm_platform", pool=_POOL),
    "owner": _database("crm_owner", options="-c row_security=off"),
}
DATABASES = {alias: entry for alias, entry in DATABASES.items() if entry}
DATABASE_ROUTERS = ["crm.tenancy.scope.DoorRouter"]
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

REDIS_URL = environment.redis_url()
CACHES = {"default": {"BACKEND": "crm.lib.redis_or_memory.RedisOrMemoryCache", "LOCATION": REDIS_URL}}
CELERY_BROKER_URL = environment.celery_broker_url()

AUTH_USER_MODEL = "shops.User"
AUTHENTICATION_BACKENDS = [
    "django.contrib.auth.backends.ModelBackend",
    "allauth.account.auth_backends.AuthenticationBackend",
]
PASSWORD_HASHERS = ["django.contrib.auth.hashers.Argon2PasswordHasher"]
AUTH_PASSWORD_VALIDATORS = [{"NAME": "crm.shops.passwords.PasswordValidator"}]
LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "home"
LOGOUT_REDIRECT_URL = "account_login"
SESSION_ENGINE = "crm.shops.sessions"
SESSION_COOKIE_AGE = 12 * 3600
SESSION_COOKIE_SAMESITE = "Lax"
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = BASE_URL.startswith("https://")

ACCOUNT_ADAPTER = "crm.shops.accounts.AccountAdapter"
ACCOUNT_USER_MODEL_USERNAME_FIELD = None
ACCOUNT_LOGIN_METHODS = {"email"}
ACCOUNT_SIGNUP_FIELDS = ["email*", "password1*"]
ACCOUNT_SIGNUP_FORM_CLASS = "crm.shops.forms.ShopSignupForm"
ACCOUNT_FORMS = {
    "reset_password": "crm.shops.account_forms.ResetPasswordForm",
    "signup": "crm.shops.account_forms.SignupForm",
}
ACCOUNT_EMAIL_VERIFICATION = "mandatory"
ACCOUNT_LOGIN_ON_EMAIL_CONFIRMATION = True  # only in the browser that has just given the password
ACCOUNT_EMAIL_CONFIRMATION_EXPIRE_DAYS = 3
ACCOUNT_EMAIL_SUBJECT_PREFIX = ""
ACCOUNT_DEFAULT_HTTP_PROTOCOL = BASE_URL.partition(":")[0]
ACCOUNT_PREVENT_ENUMERATION = True
ACCOUNT_CHANGE_EMAIL = True
ACCOUNT_SESSION_REMEMBER = True
ACCOUNT_LOGIN_ON_PASSWORD_RESET = False
ACCOUNT_LOGOUT_ON_PASSWORD_CHANGE = False
# Beside the library's own: whoever asks, a mailbox gets few mails, and one client causes few. (Invitations: people.py.)
ACCOUNT_RATE_LIMITS = {
    "signup": "10/m/ip,40/h/ip",
    "reset_password": "20/m/ip,60/h/ip,5/h/key",
    "confirm_email": "1/3m/key,5/h/key,15/d/key",
    "manage_email": "10/m/user,30/d/user",
    "invitation_link": "30/h/user",  # our own: crm/shops/views/staff.py
    "invitation_mail": "1/3m/key,5/h/key,15/d/key",  # our own: crm/shops/views/invitation.py
    # Our own, of pages for customers; the key is shop and client address: customers/consent/limits.py. Mail programs of
    # large services unsubscribe for many people from few addresses, and each of them has a link of its own.
    "preferences": "600/m/key",
    "bad_link": "30/m/key,300/h/key",
    "signup_page": "60/m/key",
    "signup_sent": "10/m/key,60/h/key",
    "signup_mail": "5/h/key,10/d/key",  # here the key is the mailbox, whichever shops write to it
}
PASSWORD_RESET_TIMEOUT = 20 * 60
MFA_ADAPTER = "crm.shops.mfa.MFAAdapter"
MFA_FORMS = {
    "authenticate": "crm.shops.mfa_forms.AuthenticateForm",
    "reauthenticate": "crm.shops.mfa_forms.ReauthenticateForm",
    "activate_totp": "crm.shops.mfa_forms.ActivateForm",
}
MFA_SUPPORTED_TYPES = ["totp", "webauthn", "recovery_codes"]
MFA_PASSKEY_LOGIN_ENABLED = True
MFA_TOTP_ISSUER = "Huitou"
MFA_TOTP_TOLERANCE = 1  # a code typed at the end of its half minute arrives in the next (RFC 6238, 5.2)
MFA_RECOVERY_CODES_SHOW_ONCE = True
MFA_WEBAUTHN_ALLOW_INSECURE_ORIGIN = BASE_URL.startswith("http://")
USERSESSIONS_TRACK_ACTIVITY = True
ALLAUTH_TRUSTED_PROXY_COUNT = environment.number("TRUSTED_PROXY_COUNT")  # Rate limits count per client address.

globals().update(environment.email())
DEFAULT_FROM_EMAIL = SERVER_EMAIL = environment.text("MAIL_FROM")

LANGUAGE_CODE = environment.text("LANGUAGE")
LANGUAGES = [("en", "English"), ("zh-hans", "简体中文")]
LOCALE_PATHS = [BASE_DIR / "locale"]
USE_I18N = True
USE_TZ = True
TIME_ZONE = "UTC"

STATIC_URL = "/static/"
STATIC_ROOT = BASE_DIR / "staticfiles"
STATICFILES_FINDERS = [
    "django.contrib.staticfiles.finders.AppDirectoriesFinder",
    "crm.ui.finders.PackageFinder",
]
MEDIA_ROOT = DATA_DIR / "media"
FILE_UPLOAD_PERMISSIONS, FILE_UPLOAD_DIRECTORY_PERMISSIONS = 0o600, 0o700  # uploads and exports are a shop's own
STORAGES: dict[str, dict[str, Any]] = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {
        "BACKEND": "whitenoise.storage.CompressedManifestStaticFilesStorage",
        # Everybody's: an image collects them as root and serves them as somebody else.
        "OPTIONS": {"file_permissions_mode": 0o644, "directory_permissions_mode": 0o755},
    },
}
# An upload is streamed to a file above 2.5 MB; forms themselves stay small.
DATA_UPLOAD_MAX_MEMORY_SIZE = 2 * 1024 * 1024
FILE_UPLOAD_TEMP_DIR = None

SECURE_CONTENT_TYPE_NOSNIFF = True
SECURE_REFERRER_POLICY = "same-origin"
SECURE_HSTS_SECONDS = 31_536_000 if BASE_URL.startswith("https://") else 0
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if environment.number("TRUSTED_PROXY_COUNT") else None
X_FRAME_OPTIONS = "DENY"
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": ["'none'"],
        "script-src": ["'self'"],
        "style-src": ["'self'"],
        "img-src": ["'self'", "data:"],
        "font-src": ["'self'"],
        "connect-src": ["'self'"],
        "manifest-src": ["'self'"],
        "form-action": ["'self'"],
        "base-uri": ["'none'"],
        "frame-ancestors": ["'none'"],
    }
}

CELERY_TASK_ACKS_LATE = True
CELERY_WORKER_PREFETCH_MULTIPLIER = 1
CELERY_TASK_IGNORE_RESULT = True
CELERY_TASK_REJECT_ON_WORKER_LOST = False  # The work is a row: the next tick finds it, not the broker.
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
CELERY_TIMEZONE = "UTC"
CELERY_BEAT_SCHEDULE = {
    "tick": {"task": "crm.tick", "schedule": 15.0, "options": {"expires": 15}},
    "clean-up": {"task": "crm.clean_up", "schedule": 3600.0, "options": {"expires": 3600}},
}

REST_FRAMEWORK = {
    "DEFAULT_AUTHENTICATION_CLASSES": ["crm.rest.auth.KeyAuthentication"],
    "DEFAULT_PERMISSION_CLASSES": ["crm.rest.auth.HasScope"],
    "DEFAULT_THROTTLE_CLASSES": ["crm.rest.auth.KeyThrottle"],
    "DEFAULT_RENDERER_CLASSES": ["rest_framework.renderers.JSONRenderer"],
    "DEFAULT_PARSER_CLASSES": ["rest_framework.parsers.JSONParser"],
    "DEFAULT_SCHEMA_CLASS": "crm.rest.openapi.ShapeSchema",
    "EXCEPTION_HANDLER": "crm.rest.problems.exception_handler",
}
SPECTACULAR_SETTINGS = {
    "TITLE": "Huitou API",
    "VERSION": "1",
    "OAS_VERSION": "3.1.0",
    "SERVE_PUBLIC": True,
    "SCHEMA_PATH_PREFIX": "/api/v1",
    "SERVE_INCLUDE_SCHEMA": False,
    "POSTPROCESSING_HOOKS": ["crm.rest.openapi.add_shapes"],
    "ENUM_GENERATE_CHOICE_DESCRIPTION": False,
}
API_REQUESTS_PER_MINUTE = 1200

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"plain": {"format": "%(asctime)s %(levelname)s %(name)s %(message)s"}},
    "filters": {
        "plain_refusals": {"()": "crm.lib.log_filters.PlainRefusals"},
        "hide_tokens": {"()": "crm.lib.log_filters.HideTokens"},
    },
    "handlers": {
        "console": {
            "class": "logging.StreamHandler",
            "formatter": "plain",
            "filters": ["plain_refusals", "hide_tokens"],
        }
    },
    "root": {"handlers": ["console"], "level": environment.text("LOG_LEVEL").upper()},
    # Without handlers of their own: what they write about requests leaves by the one that hides tokens.
    "loggers": {
        **{name: {"propagate": True} for name in ("django", "django.server", "uvicorn", "uvicorn.access")},
        "uvicorn.error": {
            "level": environment.text("LOG_LEVEL").upper() if environment.is_set("LOG_LEVEL") else "WARNING"
        },
    },
}

SILENCED_SYSTEM_CHECKS: list[str] = []
