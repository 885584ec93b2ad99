from django.apps import AppConfig


class FoundationConfig(AppConfig):
    name = "marketplace.foundation"
    label = "foundation"
