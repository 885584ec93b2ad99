"""People and the organisations they act for."""

from __future__ import annotations

from django.contrib.auth.models import AbstractUser
from django.db import models


class User(AbstractUser):
    """A person who signs in; `language` is how the person reads."""

    language = models.CharField(max_length=10, default="en")
