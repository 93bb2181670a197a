"""Django's PostgreSQL backend for tables whose database key is (shop_id, id)."""

from django.db.backends.postgresql import base, features


class DatabaseFeatures(features.DatabaseFeatures):
    # Django would GROUP BY id alone; PostgreSQL accepts that only where id alone is the primary key.
    allows_group_by_selected_pks = False


class DatabaseWrapper(base.DatabaseWrapper):
    features_class = DatabaseFeatures
