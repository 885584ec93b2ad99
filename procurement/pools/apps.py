from django.apps import AppConfig


class PoolsConfig(AppConfig):
    name = "procurement.pools"
    label = "pools"
    default_auto_field = "django.db.models.BigAutoField"
