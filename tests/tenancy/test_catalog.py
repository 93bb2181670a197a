"""The catalog gates hold on the migrated database, and each of them bites: its twin breaks the rule and is named."""

import pytest
from django.db import connections

from tests.tenancy import catalog

pytestmark = pytest.mark.django_db(databases=["owner"])


@pytest.fixture
def cursor():
    with connections["owner"].cursor() as cursor:
        yield cursor


@pytest.mark.parametrize("gate", catalog.GATES, ids=lambda gate: gate.__name__)
def test_gate_finds_nothing(gate, cursor):
    assert gate(cursor) == []


NEW_TABLE = (
    "CREATE TABLE leak (id bigint GENERATED ALWAYS AS IDENTITY, shop_id bigint NOT NULL, PRIMARY KEY (shop_id, id))"
)
DEFINER = "CREATE FUNCTION leak() RETURNS bigint LANGUAGE sql SECURITY DEFINER {} AS 'SELECT 1::bigint'"
TENANT = "shop_id = nullif(current_setting('app.shop_id', true), '')::bigint"

# (gate, what breaks the rule, the beginning of the complaint it must make). Foreign keys are NOT VALID because
# PostgreSQL will not check rows that the owner cannot see.
BREAKS = [
    ("tables_are_fenced", "ALTER TABLE customers_note NO FORCE ROW LEVEL SECURITY", "customers_note: row-level"),
    ("tables_are_fenced", "ALTER TABLE customers_note DISABLE ROW LEVEL SECURITY", "customers_note: row-level"),
    ("tables_are_fenced", "DROP POLICY tenant ON customers_note", "customers_note: its policies"),
    ("tables_are_fenced", "ALTER POLICY tenant ON customers_note WITH CHECK (true)", "customers_note: its policies"),
    (
        "tables_are_fenced",
        f"ALTER POLICY tenant ON customers_note USING ({TENANT} OR shop_id = 1)",
        "customers_note: its policies",
    ),
    ("tables_are_fenced", "ALTER POLICY platform ON customers_note TO crm_app", "customers_note: its policies"),
    (
        "tables_are_fenced",
        "CREATE POLICY extra ON customers_note FOR SELECT USING (true)",
        "customers_note: its policies",
    ),
    (
        "policies_are_known",
        "CREATE POLICY extra ON customers_note FOR SELECT USING (true)",
        "policy ('customers_note', 'extra'",
    ),
    (
        "policies_are_known",
        "ALTER POLICY update_people ON shops_user USING (true)",
        "policy ('shops_user', 'update_people'",
    ),
    ("policies_are_known", "DROP POLICY search ON customers_salesday", "policy ('customers_salesday', 'search'"),
    ("shop_id_is_required", "CREATE TABLE leak (shop_id bigint)", "leak: shop_id is bigint and may be null"),
    ("shop_id_is_required", "CREATE TABLE leak (shop_id integer NOT NULL)", "leak: shop_id is integer"),
    ("unique_keys_begin_with_shop", "CREATE UNIQUE INDEX bad ON customers_tag (name)", "customers_tag: unique key bad"),
    (
        "unique_keys_begin_with_shop",
        "CREATE UNIQUE INDEX bad ON customers_tag (name, shop_id)",
        "customers_tag: unique key bad",
    ),
    (
        "unique_keys_begin_with_shop",
        "CREATE UNIQUE INDEX bad ON customers_tag (lower(name))",
        "customers_tag: unique key bad",
    ),
    (
        "unique_keys_begin_with_shop",
        "CREATE TABLE leak (id bigint PRIMARY KEY, shop_id bigint NOT NULL)",
        "leak: unique key leak_pkey",
    ),
    (
        "foreign_keys_stay_in_shop",
        "ALTER TABLE customers_note ADD CONSTRAINT bad FOREIGN KEY (shop_id, customer_id)"
        " REFERENCES customers_customer (shop_id, id) DEFERRABLE NOT VALID",
        "customers_note: foreign key bad to customers_customer is DEFERRABLE",
    ),
    (
        "foreign_keys_stay_in_shop",
        "ALTER TABLE customers_note ADD CONSTRAINT bad FOREIGN KEY (shop_id, customer_id)"
        " REFERENCES customers_customer (shop_id, id) ON DELETE SET NULL (customer_id) NOT VALID",
        "customers_note: foreign key bad to customers_customer has SET NULL",
    ),
    (
        "foreign_keys_stay_in_shop",
        "ALTER TABLE customers_note ADD CONSTRAINT bad FOREIGN KEY (shop_id, customer_id)"
        " REFERENCES customers_customer (shop_id, id) NOT VALID",
        "customers_note: foreign key bad to customers_customer is NOT VALID",
    ),
    (
        "foreign_keys_stay_in_shop",
        # Crosswise: the note's customer against the customer's shop.
        "ALTER TABLE customers_note ADD CONSTRAINT bad FOREIGN KEY (customer_id, shop_id)"
        " REFERENCES customers_customer (shop_id, id) NOT VALID",
        "customers_note: foreign key bad to customers_customer does not carry shop_id",
    ),
    (
        "model_relations_have_foreign_keys",
        "ALTER TABLE customers_note DROP CONSTRAINT customers_note_customer_id_fk",
        "customers_note: customer_id is no foreign key",
    ),
    (
        "model_relations_have_foreign_keys",
        "ALTER TABLE customers_note DROP CONSTRAINT customers_note_shop_fk",
        "customers_note: shop_id is no foreign key",
    ),
    (
        "model_relations_have_foreign_keys",
        "ALTER TABLE customers_orderline DROP CONSTRAINT customers_orderline_order_id_fk",
        "customers_orderline: order_id is no foreign key",
    ),
    ("grants_are_exact", "GRANT MAINTAIN ON customers_note TO crm_app", "customers_note: crm_app has"),
    ("tables_are_listed", NEW_TABLE, "public.leak is neither"),
    ("tables_are_listed", "CREATE TABLE leak (id bigint)", "public.leak is neither"),
    ("tables_are_listed", "ALTER TABLE auth_group ADD COLUMN shop_id bigint", "public.auth_group of GLOBAL_TABLES"),
    ("tables_are_listed", "ALTER TABLE auth_group RENAME TO leak", "public.leak is neither"),
    ("views_use_the_readers_rights", "CREATE VIEW leak AS SELECT * FROM customers_note", "leak: a view"),
    (
        "views_use_the_readers_rights",
        "CREATE VIEW leak WITH (security_invoker = false) AS SELECT * FROM customers_note",
        "leak: a view",
    ),
    ("views_use_the_readers_rights", "CREATE MATERIALIZED VIEW leak AS SELECT 1 AS one", "leak: a materialized view"),
    (
        "definer_functions_are_known",
        DEFINER.format("SET search_path = pg_catalog, pg_temp"),
        "leak(): a SECURITY DEFINER",
    ),
    ("definer_functions_are_known", DEFINER.format(""), "leak(): search_path"),
    ("definer_functions_are_known", DEFINER.format(""), "leak(): executable by ['PUBLIC']"),
    ("definer_functions_are_known", DEFINER.format(""), "leak(): owned by crm_owner"),
    (
        "definer_functions_are_known",
        "SET LOCAL ROLE crm_search; GRANT EXECUTE ON FUNCTION shops_of_user(bigint) TO PUBLIC; RESET ROLE",
        "shops_of_user(bigint): executable by",
    ),
    (
        "definer_functions_are_known",
        "SET LOCAL ROLE crm_search; ALTER FUNCTION shops_of_user(bigint) SET search_path = public; RESET ROLE",
        "shops_of_user(bigint): search_path",
    ),
    ("grants_are_exact", "GRANT TRUNCATE ON customers_note TO crm_app", "customers_note: crm_app has"),
    ("grants_are_exact", "GRANT REFERENCES ON customers_note TO crm_app", "customers_note: crm_app has"),
    ("grants_are_exact", "GRANT TRIGGER ON customers_note TO crm_platform", "customers_note: crm_platform has"),
    ("grants_are_exact", "GRANT SELECT ON customers_note TO PUBLIC", "customers_note: PUBLIC has"),
    ("grants_are_exact", "GRANT SELECT ON customers_note TO crm_search", "customers_note: crm_search has"),
    (
        "grants_are_exact",
        "GRANT SELECT ON customers_note TO crm_app WITH GRANT OPTION",
        "customers_note: crm_app may pass",
    ),
    ("grants_are_exact", "GRANT UPDATE ON shops_auditentry TO crm_app", "shops_auditentry: crm_app has"),
    ("grants_are_exact", "GRANT DELETE ON shops_auditentry TO crm_app", "shops_auditentry: crm_app has"),
    ("grants_are_exact", "GRANT DELETE ON shops_audithead TO crm_app", "shops_audithead: crm_app has"),
    ("grants_are_exact", "GRANT UPDATE ON shops_auditentry TO crm_platform", "shops_auditentry: crm_platform has"),
    ("grants_are_exact", "GRANT DELETE ON shops_auditentry TO crm_platform", "shops_auditentry: crm_platform has"),
    ("grants_are_exact", "GRANT DELETE ON shops_audithead TO crm_platform", "shops_audithead: crm_platform has"),
    ("grants_are_exact", "GRANT DELETE ON shops_shop TO crm_app", "shops_shop: crm_app has"),
    ("grants_are_exact", "GRANT SELECT ON django_admin_log TO crm_app", "django_admin_log: crm_app has"),
    (
        "column_grants_are_exact",
        "GRANT SELECT (body) ON customers_note TO crm_search",
        "customers_note: crm_search may",
    ),
    (
        "column_grants_are_exact",
        "GRANT SELECT (day) ON customers_salesday TO crm_search",
        "customers_salesday: crm_search may",
    ),
    ("column_grants_are_exact", "GRANT UPDATE (hash) ON shops_auditentry TO crm_app", "shops_auditentry: crm_app may"),
    ("schemas_are_closed", "GRANT CREATE ON SCHEMA public TO crm_app", "crm_app may create in schema public"),
    (
        "schemas_are_closed",
        "ALTER DEFAULT PRIVILEGES GRANT SELECT ON TABLES TO crm_app",
        "default privileges of crm_owner",
    ),
    (
        "schemas_are_closed",
        "GRANT UPDATE ON SEQUENCE customers_note_id_seq TO crm_app",
        "sequence customers_note_id_seq",
    ),
    (
        "app_roles_own_nothing",
        "GRANT CREATE ON SCHEMA public TO crm_search; ALTER TABLE customers_note OWNER TO crm_search",
        "crm_search owns table customers_note",
    ),
    (
        "tenant_tables_have_no_triggers",
        "CREATE FUNCTION noop() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NEW; END';"
        "CREATE TRIGGER bad BEFORE INSERT ON customers_note FOR EACH ROW EXECUTE FUNCTION noop()",
        "customers_note: trigger bad",
    ),
    (
        "tenant_tables_have_no_triggers",
        "CREATE RULE bad AS ON DELETE TO customers_note DO INSTEAD NOTHING",
        "customers_note: rule bad",
    ),
]


@pytest.mark.parametrize(("gate", "breaks", "complaint"), BREAKS)
def test_gate_names_what_breaks_it(gate, breaks, complaint, cursor):
    gate = getattr(catalog, gate)
    cursor.execute(breaks)
    assert [text for text in gate(cursor) if text.startswith(complaint)]


def test_every_gate_was_seen_to_bite():
    assert {gate.__name__ for gate in catalog.GATES} == {row[0] for row in BREAKS} | {"roles_are_plain"}


def test_partition_needs_fence_and_no_grants(cursor):
    cursor.execute(
        "CREATE TABLE leak (id bigint, shop_id bigint NOT NULL, PRIMARY KEY (shop_id, id)) PARTITION BY RANGE (id);"
        "CREATE TABLE leak_1 PARTITION OF leak FOR VALUES FROM (1) TO (2); GRANT SELECT ON leak_1 TO crm_app"
    )
    assert [text[:7] for text in catalog.tables_are_fenced(cursor) if text.startswith("leak_1")] == ["leak_1:"]
    assert "leak_1: crm_app has ['SELECT'], should have []" in catalog.grants_are_exact(cursor)


def test_role_gate_names_a_superuser_and_a_missing_role(cursor):
    """Attributes of roles are beyond the owner, so the gate is shown the one role that has them."""
    cursor.execute("SELECT rolname FROM pg_roles WHERE rolsuper ORDER BY oid LIMIT 1")
    superuser = cursor.fetchone()[0]
    complaints = catalog.roles_are_plain(cursor, roles=(superuser, "crm_nobody"))
    assert f"role {superuser} has SUPERUSER" in complaints
    assert f"role {superuser} has BYPASSRLS" in complaints
    assert "role crm_nobody is missing" in complaints
