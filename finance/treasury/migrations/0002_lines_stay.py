"""The bank's lines are only ever added."""

from django.db import migrations

from marketplace.foundation.append_only import make_append_only


class Migration(migrations.Migration):
    dependencies = [("treasury", "0001_initial")]
    operations = [make_append_only("treasury_bankstatementline")]
