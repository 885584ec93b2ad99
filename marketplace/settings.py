"""One settings file. DATABASE_URL and REDIS_URL move everything to PostgreSQL and Redis; nothing else has to change."""

from __future__ import annotations

import secrets
import sys
from pathlib import Path

import environ
from csp.constants import NONE, SELF
from django.utils.translation import gettext_lazy as _

ROOT = Path(__file__).resolve().parent.parent
env = environ.Env()
VAR = Path(env("JICAI_VAR", default=str(ROOT / "var")))
VAR.mkdir(parents=True, exist_ok=True)


def kept_secret(name: str) -> str:
    """Return the secret `name` from the environment, else from var/, made there once and readable by us alone."""
    given: str = env(name.upper(), default="")
    if given:
        return given
    path = VAR / name
    if not path.exists():
        mine = path.with_suffix(f".{secrets.token_hex(4)}")
        mine.touch(mode=0o600)
        mine.write_text(secrets.token_urlsafe(64))
        try:
            path.hardlink_to(mine)
        except FileExistsError:
            pass
        finally:
            mine.unlink()
    return path.read_text().strip()


TESTING = "pytest" in sys.modules
DEBUG = env.bool("DEBUG", default=False)
SECRET_KEY = kept_secret("secret_key")
PUBLIC_URL: str = env("PUBLIC_URL", default="http://127.0.0.1:8000")
HTTPS = PUBLIC_URL.startswith("https://")
ALLOWED_HOSTS = env.list("ALLOWED_HOSTS", default=["127.0.0.1", "localhost", "[::1]", "testserver"])

INSTALLED_APPS = [
    "unfold",
    "django.contrib.admin",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "whitenoise.runserver_nostatic",
    "django.contrib.staticfiles",
    "django.contrib.humanize",
    "django.forms",
    "rest_framework",
    "knox",
    "django_filters",
    "drf_spectacular",
    "drf_spectacular_sidecar",
    "django_htmx",
    "axes",
    "csp",
    "marketplace",
    "marketplace.foundation",
    "marketplace.events",
    "marketplace.parties",
    "marketplace.catalogue",
    "finance.ledger",
    "finance.credit",
    "finance.invoicing",
    "finance.treasury",
    "finance.settlement",
    "procurement.demand",
    "procurement.pools",
    "procurement.tenders",
    "procurement.contracts",
    "procurement.capacity",
    "procurement.delivery",
    "procurement.insights",
]

MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "csp.middleware.CSPMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "axes.middleware.AxesMiddleware",
]

ROOT_URLCONF = "marketplace.urls"
WSGI_APPLICATION = "marketplace.wsgi.application"
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [ROOT / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.template.context_processors.i18n",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "marketplace.foundation.navigation.navigation",
                "marketplace.parties.web.seats",
            ]
        },
    }
]

# The database has the last word: SQLite here, PostgreSQL by DATABASE_URL.
DATABASES = {"default": env.db("DATABASE_URL", default=f"sqlite:///{VAR / 'jicai.sqlite3'}")}
DATABASES["default"]["CONN_MAX_AGE"] = 60
DATABASES["default"]["CONN_HEALTH_CHECKS"] = True
ON_SQLITE = DATABASES["default"]["ENGINE"].endswith("sqlite3")
if ON_SQLITE:
    DATABASES["default"]["OPTIONS"] = {
        "transaction_mode": "IMMEDIATE",
        "timeout": 20,
        "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL; PRAGMA recursive_triggers=ON;",
    }
    DATABASES["default"]["TEST"] = {"NAME": str(VAR / "test.sqlite3")}

# Celery is a doorbell: rows are the truth, so losing this broker delays work and never loses it.
REDIS_URL: str = env("REDIS_URL", default="")
RING_DOORBELL = env.bool("RING_DOORBELL", default=not TESTING)
BROKER_FOLDER = VAR / "broker"
if REDIS_URL:
    CELERY_BROKER_URL = REDIS_URL
    CELERY_BROKER_TRANSPORT_OPTIONS: dict[str, object] = {
        "visibility_timeout": 600,
        "socket_connect_timeout": 2,
        "socket_timeout": 10,
    }
    CACHES = {"default": {"BACKEND": "django.core.cache.backends.redis.RedisCache", "LOCATION": REDIS_URL}}
else:
    for folder in ("queue", "processed", "control"):
        (BROKER_FOLDER / folder).mkdir(parents=True, exist_ok=True)
    CELERY_BROKER_URL = "filesystem://"
    CELERY_BROKER_TRANSPORT_OPTIONS = {
        "data_folder_in": str(BROKER_FOLDER / "queue"),
        "data_folder_out": str(BROKER_FOLDER / "queue"),
        "processed_folder": str(BROKER_FOLDER / "processed"),
        "control_folder": str(BROKER_FOLDER / "control"),
        "store_processed": False,
        "polling_interval": 0.1,
    }
    CACHES = {
        "default": {"BACKEND": "django.core.cache.backends.filebased.FileBasedCache", "LOCATION": str(VAR / "cache")}
    }
CELERY_TASK_IGNORE_RESULT = True
CELERY_TASK_ACKS_LATE = True
CELERY_TASK_REJECT_ON_WORKER_LOST = True
CELERY_WORKER_PREFETCH_MULTIPLIER = 1
CELERY_TASK_PUBLISH_RETRY = False
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
CELERY_TIMEZONE = "UTC"
CELERY_BEAT_SCHEDULE_FILENAME = str(VAR / "beat-schedule")
CELERY_BEAT_SCHEDULE = {
    "relay": {"task": "marketplace.events.tasks.relay_outbox", "schedule": 5.0, "options": {"expires": 5}},
    "sweep": {"task": "marketplace.events.tasks.sweep_overdue", "schedule": 30.0, "options": {"expires": 30}},
}

AUTH_USER_MODEL = "parties.User"
ACTOR_RESOLVER = "marketplace.parties.queries.actor_of"
AUTHENTICATION_BACKENDS = ["axes.backends.AxesStandaloneBackend", "django.contrib.auth.backends.ModelBackend"]
HASHER = "MD5PasswordHasher" if TESTING else "Argon2PasswordHasher"
PASSWORD_HASHERS = [f"django.contrib.auth.hashers.{HASHER}"]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator"},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
]
AXES_FAILURE_LIMIT = 8
AXES_COOLOFF_TIME = 0.25
AXES_LOCKOUT_PARAMETERS = [["username", "ip_address"]]
AXES_ENABLED = not TESTING
LOGIN_URL = "/sign-in/"
LOGIN_REDIRECT_URL = "/"
LOGOUT_REDIRECT_URL = "/"

REST_FRAMEWORK = {
    "EXCEPTION_HANDLER": "marketplace.foundation.doors.answer",
    "DEFAULT_AUTHENTICATION_CLASSES": [
        "knox.auth.TokenAuthentication",
        "rest_framework.authentication.SessionAuthentication",
    ],
    "DEFAULT_PERMISSION_CLASSES": ["rest_framework.permissions.IsAuthenticated"],
    "DEFAULT_RENDERER_CLASSES": ["rest_framework.renderers.JSONRenderer"],
    "DEFAULT_PARSER_CLASSES": ["marketplace.foundation.parsers.StrictJSONParser"],
    "DEFAULT_FILTER_BACKENDS": ["django_filters.rest_framework.DjangoFilterBackend"],
    "DEFAULT_SCHEMA_CLASS": "drf_spectacular.openapi.AutoSchema",
    "COERCE_DECIMAL_TO_STRING": True,
    "STRICT_JSON": True,
    "TEST_REQUEST_DEFAULT_FORMAT": "json",
}
SPECTACULAR_SETTINGS = {
    "TITLE": "Jicai",
    "DESCRIPTION": "Collaborative procurement: pooled demand, sealed tenders, cloud factories, settled on a ledger.",
    "VERSION": "0.1.0",
    "SERVE_INCLUDE_SCHEMA": False,
    "SWAGGER_UI_DIST": "SIDECAR",
    "SWAGGER_UI_FAVICON_HREF": "SIDECAR",
    "REDOC_DIST": "SIDECAR",
}
REST_KNOX = {"AUTH_HEADER_PREFIX": "Bearer", "TOKEN_LIMIT_PER_USER": 20}

# The blocks of everybody's first page, in their order: functions (actor) -> Panel | None of the apps' web.py.
HOME_PANELS: list[str] = [
    "procurement.demand.web.requests.to_approve",
    "procurement.demand.web.requests.drafts",
    "procurement.demand.web.matches.waiting_lines",
    "procurement.pools.web.closing_soon",
    "procurement.delivery.web.awaiting",
    "finance.invoicing.web.due",
    "procurement.insights.web.saved_so_far",
    "procurement.tenders.web.to_bid",
    "procurement.tenders.web.to_hand_in",
    "procurement.contracts.web.to_confirm",
    "procurement.contracts.web.changes_waiting",
    "procurement.capacity.web.to_make",
    "procurement.tenders.web.staff_queues",
    "finance.credit.web.waiting",
    "finance.credit.web.at_a_glance",
    "finance.settlement.web.money_queues",
]

LANGUAGE_CODE = "en"
LANGUAGES = [("en", _("English")), ("zh-hans", _("Simplified Chinese"))]
LOCALE_PATHS = [ROOT / "locale"]
TIME_ZONE = "Asia/Shanghai"
USE_I18N = True
USE_TZ = True
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

STATIC_URL = "/static/"
STATICFILES_DIRS = [ROOT / "static"] if (ROOT / "static").is_dir() else []
STATIC_ROOT = VAR / "static"
STATIC_ROOT.mkdir(exist_ok=True)
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"},
}
WHITENOISE_USE_FINDERS = True
MEDIA_ROOT = VAR / "media"
DATA_UPLOAD_MAX_MEMORY_SIZE = 10 * 2**20

CONTENT_SECURITY_POLICY = {
    "EXCLUDE_URL_PREFIXES": ["/admin/", "/api/docs/"],
    "DIRECTIVES": {
        "default-src": [SELF],
        "img-src": [SELF, "data:"],
        "object-src": [NONE],
        "base-uri": [NONE],
        "frame-ancestors": [NONE],
        "form-action": [SELF],
    },
}
X_FRAME_OPTIONS = "DENY"
SECURE_REFERRER_POLICY = "same-origin"
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = HTTPS
SECURE_SSL_REDIRECT = HTTPS
SECURE_HSTS_SECONDS = 365 * 86400 if HTTPS else 0
SECURE_HSTS_INCLUDE_SUBDOMAINS = SECURE_HSTS_PRELOAD = HTTPS
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if HTTPS else None
CSRF_TRUSTED_ORIGINS = [PUBLIC_URL]

# Opening a tender needs this secret beside the database (see docs/decisions on sealed bids).
BID_KEY_SECRET = kept_secret("bid_key_secret")
# The bank behind the adapter: "fake" answers like one and counts; "file" writes pain.001 for a real one.
BANK_ADAPTER: str = env("BANK_ADAPTER", default="fake")
FAKE_BANK_FILE = Path(env("FAKE_BANK_FILE", default=str(VAR / "fake_bank.sqlite3")))
BANK_FOLDER = Path(env("BANK_FOLDER", default=str(VAR / "bank")))
BANK_HOLDER: str = env("BANK_HOLDER", default="Jicai 集采")
BANK_CODE: str = env("BANK_CODE", default="000000000000")

# Open data. The prefix is given by the Open Contracting Partnership's registry; this one is a placeholder for trials.
OCDS_PREFIX: str = env("OCDS_PREFIX", default="ocds-000000")
OCDS_LICENSE: str = env("OCDS_LICENSE", default="https://creativecommons.org/licenses/by/4.0/")

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"line": {"format": "%(asctime)s %(levelname)s %(name)s %(message)s"}},
    "handlers": {"console": {"class": "logging.StreamHandler", "formatter": "line"}},
    "root": {"handlers": ["console"], "level": env("LOG_LEVEL", default="WARNING")},
    "loggers": {"kombu.connection": {"level": "ERROR"}},  # it warns that the embedded broker has no host
}
TEALS = {
    "50": "#e6f0ef",
    "100": "#cfe3e2",
    "200": "#a5cbc9",
    "300": "#7dcfcc",
    "400": "#5bbab7",
    "500": "#2b8a88",
    "600": "#0f6b6b",
    "700": "#0a5252",
    "800": "#0a4343",
    "900": "#0b3636",
    "950": "#08201f",
}
UNFOLD = {
    "SITE_TITLE": "Jicai 集采",
    "SITE_HEADER": "Jicai 集采",
    "SITE_ICON": "/static/mark.svg",
    "SITE_FAVICONS": [{"rel": "icon", "type": "image/svg+xml", "href": "/static/mark.svg"}],
    "SITE_URL": "/",
    "COLORS": {"primary": TEALS},
    "SHOW_LANGUAGES": True,
    "SHOW_HISTORY": False,
    "SHOW_VIEW_ON_SITE": False,
}
