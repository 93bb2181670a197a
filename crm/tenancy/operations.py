"""Migration operations that put the tenancy fences around a table. Use after the migration's CreateModel.

TenantTable makes the key (shop_id, id), row-level security and grants; SameShop makes a foreign key that cannot
point into another shop. The build gates in tests/tenancy/ compare the catalog with what these make.
"""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from django.apps.registry import Apps
from django.db import migrations
from django.db.backends.base.schema import BaseDatabaseSchemaEditor
from django.db.migrations.operations.base import Operation
from django.db.migrations.state import ProjectState
from django.db.models import Model

from crm.tenancy.leases import HELD_LOCKS, LOCK_KEY

CURRENT_SHOP_SQL = "shop_id = nullif(current_setting('app.shop_id', true), '')::bigint"
ALL = ("SELECT", "INSERT", "UPDATE", "DELETE")
JOB_COLUMNS = ("shop_id", "state", "due_at", "lease_until", "token")  # what the tick sees of jobs


class _ForwardOperation(Operation):
    """An operation on one model of the app, with SQL forwards; dropping the table takes everything back."""

    reversible = True
    reduces_to_sql = True

    def __init__(self, model_name: str) -> None:
        self.model_name = model_name

    def state_forwards(self, app_label: str, state: ProjectState) -> None:
        """These fences are not part of Django's model state."""

    def database_backwards(
        self, app_label: str, schema_editor: BaseDatabaseSchemaEditor, from_state: ProjectState, to_state: ProjectState
    ) -> None:
        """Nothing: migrating back drops the table."""

    def _model(self, app_label: str, state: ProjectState) -> type[Model]:
        return state.apps.get_model(app_label, self.model_name)


class TenantTable(_ForwardOperation):
    """Key (shop_id, pk), foreign key to the shop, forced row-level security, grants for crm_app."""

    def __init__(self, model_name: str, app_grants: Sequence[str] = ALL) -> None:
        super().__init__(model_name)
        self.app_grants = app_grants

    def database_forwards(
        self, app_label: str, schema_editor: BaseDatabaseSchemaEditor, from_state: ProjectState, to_state: ProjectState
    ) -> None:
        model = self._model(app_label, to_state)
        table, key = model._meta.db_table, model._meta.pk.column
        for statement in (
            f"ALTER TABLE {table} DROP CONSTRAINT {table}_pkey,"
            f" ADD CONSTRAINT {table}_pkey PRIMARY KEY (shop_id, {key})",
            f"ALTER TABLE {table} ADD CONSTRAINT {table}_shop_fk FOREIGN KEY (shop_id) REFERENCES shops_shop (id)"
            " ON DELETE CASCADE NOT DEFERRABLE",
            f"ALTER TABLE {table} ENABLE ROW LEVEL SECURITY",
            f"ALTER TABLE {table} FORCE ROW LEVEL SECURITY",
            f"CREATE POLICY tenant ON {table} USING ({CURRENT_SHOP_SQL}) WITH CHECK ({CURRENT_SHOP_SQL})",
            f"CREATE POLICY platform ON {table} TO crm_platform USING (true) WITH CHECK (true)",
            f"GRANT {', '.join(self.app_grants)} ON {table} TO crm_app",
            f"GRANT SELECT, INSERT, UPDATE, DELETE ON {table} TO crm_platform",
        ):
            schema_editor.execute(statement)
        if key == "id":
            # Bulk writes take their keys ahead, so that lines need no second look-up of their order.
            schema_editor.execute(f"GRANT USAGE ON SEQUENCE {table}_id_seq TO crm_app")

    def describe(self) -> str:
        return f"Fence the table of {self.model_name} by shop"


class JobTable(TenantTable):
    """A TenantTable of jobs: the tick's question (DueWork) may see which shops have work, and nothing else of it."""

    def database_forwards(
        self, app_label: str, schema_editor: BaseDatabaseSchemaEditor, from_state: ProjectState, to_state: ProjectState
    ) -> None:
        super().database_forwards(app_label, schema_editor, from_state, to_state)
        table = self._model(app_label, to_state)._meta.db_table
        schema_editor.execute(f"CREATE POLICY search ON {table} FOR SELECT TO crm_search USING (true)")
        schema_editor.execute(f"GRANT SELECT ({', '.join(JOB_COLUMNS)}) ON {table} TO crm_search")


class SameShop(_ForwardOperation):
    """Foreign key (shop_id, field) to (shop_id, key) of the target.

    The model says ForeignKey(..., db_constraint=False, db_index=False).
    """

    def __init__(self, model_name: str, field: str, on_delete: str = "CASCADE") -> None:
        super().__init__(model_name)
        self.field, self.on_delete = field, on_delete

    def database_forwards(
        self, app_label: str, schema_editor: BaseDatabaseSchemaEditor, from_state: ProjectState, to_state: ProjectState
    ) -> None:
        model = self._model(app_label, to_state)
        field = model._meta.get_field(self.field)
        table, column, target = model._meta.db_table, field.column, field.related_model._meta  # type: ignore[union-attr]  # a ForeignKey's target is a model
        # FORCE hides all rows from the owner, and the check would pass over bad rows: so not during the check.
        for statement in (
            f"ALTER TABLE {table} NO FORCE ROW LEVEL SECURITY",
            f"ALTER TABLE {target.db_table} NO FORCE ROW LEVEL SECURITY",
            f"ALTER TABLE {table} ADD CONSTRAINT {table}_{column}_fk FOREIGN KEY (shop_id, {column})"
            f" REFERENCES {target.db_table} (shop_id, {target.pk.column}) ON DELETE {self.on_delete} NOT DEFERRABLE",
            f"ALTER TABLE {table} FORCE ROW LEVEL SECURITY",
            f"ALTER TABLE {target.db_table} FORCE ROW LEVEL SECURITY",
        ):
            schema_editor.execute(statement)

    def describe(self) -> str:
        return f"Keep {self.model_name}.{self.field} inside the shop"


def for_every_shop(
    change: Callable[[Apps, BaseDatabaseSchemaEditor, int], None],
) -> Callable[[Apps, BaseDatabaseSchemaEditor], None]:
    """Wrap a RunPython function so that it sees, one after another, the rows of every shop.

    `change(apps, schema_editor, shop_id)` reads and writes with `.using(schema_editor.connection.alias)`.
    """

    def run(apps: Apps, schema_editor: BaseDatabaseSchemaEditor) -> None:
        shops = apps.get_model("shops", "Shop").objects.using(schema_editor.connection.alias)
        with schema_editor.connection.cursor() as cursor:
            for shop_id in shops.values_list("pk", flat=True).order_by("pk"):
                cursor.execute("SET LOCAL row_security = on")
                cursor.execute(f"SET LOCAL app.shop_id = '{int(shop_id)}'")
                change(apps, schema_editor, shop_id)
            cursor.execute("SET LOCAL app.shop_id = ''")
            cursor.execute("SET LOCAL row_security = off")

    return run


class SecurityDefinerFunction(migrations.RunSQL):
    """A function that runs as crm_search, with a fixed search path; EXECUTE for crm_app only.

    `signature` is name and argument types, as ALTER FUNCTION wants them. Each use is on the list in
    tests/tenancy/test_catalog.py.
    """

    def __init__(self, signature: str, create_sql: str) -> None:
        self.signature, self.create_sql = signature, create_sql
        super().__init__(
            [
                # The owner runs with row_security off, and the body is checked as if it ran now.
                "SET LOCAL row_security = on",
                create_sql,
                # ALTER … OWNER TO wants CREATE on the schema from the new owner, for that moment.
                "GRANT CREATE ON SCHEMA public TO crm_search",
                f"ALTER FUNCTION {signature} OWNER TO crm_search",
                "REVOKE CREATE ON SCHEMA public FROM crm_search",
                "SET LOCAL ROLE crm_search",
                f"REVOKE ALL ON FUNCTION {signature} FROM PUBLIC",
                f"GRANT EXECUTE ON FUNCTION {signature} TO crm_app",
                "RESET ROLE",
                "SET LOCAL row_security = off",
            ],
            reverse_sql=[f"SET LOCAL ROLE crm_search; DROP FUNCTION {signature}; RESET ROLE"],
        )

    def deconstruct(self) -> tuple[str, list[Any], dict[str, Any]]:
        return self.__class__.__name__, [self.signature, self.create_sql], {}


class DueWork(SecurityDefinerFunction):
    """<app>_due_work(): the one question of the tick, for all shops; it must not open a scope for each of them.

    jobs: the table of each kind of job, made with JobTable.
    others: further SELECTs of kind, shop and since, for work without a job. A kind is due in a shop that has a queued
    or abandoned job of it and nobody at work: a shop has one job of a kind at work at a time.
    """

    def __init__(self, app: str, jobs: Mapping[str, str], others: Sequence[str] = ()) -> None:
        self.app, self.jobs, self.others = app, jobs, others
        selects = [*(_due_jobs(kind, table) for kind, table in jobs.items()), *others]
        super().__init__(
            f"{app}_due_work()",
            f"""
            CREATE FUNCTION {app}_due_work() RETURNS TABLE (kind text, shop bigint, since timestamptz)
                LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
            DECLARE
                held bigint[] := ARRAY({HELD_LOCKS});
            BEGIN
                RETURN QUERY {" UNION ALL ".join(selects)};
            END $$
            """,  # names of our tables
        )

    def deconstruct(self) -> tuple[str, list[Any], dict[str, Any]]:
        return self.__class__.__name__, [self.app, self.jobs, self.others], {}


def _due_jobs(kind: str, table: str) -> str:
    return f"""
        SELECT '{kind}', shop_id, min(CASE WHEN state = 'queued' THEN due_at ELSE lease_until END)
        FROM public.{table}
        WHERE state IN ('queued', 'running') AND due_at <= now()
        GROUP BY shop_id
        HAVING NOT bool_or(state = 'running' AND lease_until >= now() AND {LOCK_KEY} = ANY(held))
    """  # noqa: S608  # names of our tables
