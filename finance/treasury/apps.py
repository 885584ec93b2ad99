from django.apps import AppConfig


class TreasuryConfig(AppConfig):
    name = "finance.treasury"
    label = "treasury"
    default_auto_field = "django.db.models.BigAutoField"
