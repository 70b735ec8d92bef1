"""Settings of a shop behind a load balancer that ends TLS."""
import os
from pathlib import Path

SECRET_KEY = os.environ.get("SECRET_KEY", "only-for-the-example")
DEBUG = False
ALLOWED_HOSTS = [".test", "localhost", "127.0.0.1"]
ROOT_URLCONF = "shop.urls"
INSTALLED_APPS = ["django.contrib.sessions"]
MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
]
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [Path(__file__).parent / "templates"],
        "OPTIONS": {"context_processors": ["django.template.context_processors.request"]},
    }
]
SESSION_ENGINE = "django.contrib.sessions.backends.signed_cookies"
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
USE_TZ = True

PIXEL_ID = os.environ.get("PIXEL_ID", "1234567890123456")
ACCESS_TOKEN = os.environ.get("META_ACCESS_TOKEN", "example-token")
# The example's switch: `cased-external-id` plants the fault.
FAULT = os.environ.get("SHOP_FAULT", "")
