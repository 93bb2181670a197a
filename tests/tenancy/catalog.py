"""The build gates of tenancy: each asks the database's catalog and returns its complaints, one sentence each.

A gate that returns [] is satisfied. tests/tenancy/test_catalog.py runs them, and breaks each rule once to see it bite.
"""

from django.apps import apps

from crm.tenancy.grants import GLOBAL_TABLES
from crm.tenancy.jobs import Job
from crm.tenancy.scope import ShopModel
from crm.tenancy.work import WORK

APP_ROLES = ("crm_app", "crm_platform", "crm_search")
ALL_ROLES = ("crm_owner", *APP_ROLES)
SHOP_IN_SCOPE = "(shop_id = (NULLIF(current_setting('app.shop_id'::text, true), ''::text))::bigint)"
FENCES = {
    ("tenant", "public", "ALL", SHOP_IN_SCOPE, SHOP_IN_SCOPE),
    ("platform", "crm_platform", "ALL", "true", "true"),
}
# The tick asks of every kind of job which shops have work, of whatever app.
JOB_TABLES = sorted(model._meta.db_table for model in apps.get_models() if issubclass(model, Job))
_NO_STAFF = "((NOT is_staff) AND (NOT is_superuser))"

# (table, policy, role, command, USING, WITH CHECK): every policy that is not one of the two fences, each with a reason.
OTHER_POLICIES = {
    # Nobody may be made staff of the installation by an injected statement.
    ("shops_user", "read_all", "crm_app", "SELECT", "true", None),
    ("shops_user", "insert_people", "crm_app", "INSERT", None, _NO_STAFF),
    ("shops_user", "update_people", "crm_app", "UPDATE", _NO_STAFF, _NO_STAFF),
    ("shops_user", "platform", "crm_platform", "ALL", "true", "true"),
    # What the SECURITY DEFINER functions below read.
    ("shops_membership", "search", "crm_search", "SELECT", "true", None),
    ("customers_searchdocument", "search", "crm_search", "SELECT", "true", None),
    ("customers_salesday", "search", "crm_search", "SELECT", "true", None),
    ("customers_signup", "search", "crm_search", "SELECT", "true", None),
    *((table, "search", "crm_search", "SELECT", "true", None) for table in JOB_TABLES),
}

# What crm_search may read, column by column: no names, no addresses, no amounts.
SEARCH_COLUMNS = {
    "shops_membership": {"shop_id", "user_id"},
    "customers_searchdocument": {"shop_id", "customer_id", "terms"},
    "customers_salesday": {"shop_id", "is_stale"},
    "customers_signup": {"shop_id", "due_at"},
    **{table: {"shop_id", "state", "due_at", "lease_until", "token"} for table in JOB_TABLES},
}

# Functions that run with other rights than their caller's, each reviewed: ids and times come out, nothing else.
SECURITY_DEFINER = {
    "shops_of_user(bigint)",
    "search_customers(text[],integer)",
    "customers_refresh_statistics()",
    *(f"{work.name.partition('.')[0]}_due_work()" for work in WORK),
}

# Tables whose statistics customers_refresh_statistics() renews: crm_search cannot log in, so nobody else gets at it.
ANALYZED_BY_SEARCH = {
    "customers_customer",
    "customers_identifier",
    "customers_searchdocument",
    "customers_product",
    "customers_order",
    "customers_orderline",
    "customers_refund",
    "customers_refundline",
    "customers_salesday",
    "customers_importchange",
    "customers_attributevalue",
}

# Tables whose shop is checked by their parent's key, which must be there: (shop_id, order_id) says the shop exists.
SHOP_BY_PARENT = {
    "customers_orderline": "order",
    "customers_refundline": "refund",
    "customers_importchange": "job",
    "customers_mergechange": "merge",
    "customers_consent": "customer",
    "customers_attributevalue": "customer",
    "customers_productcategory": "product",
    "customers_contactpreference": "customer",
    "customers_signup": "form",
    "segmentation_customerscore": "customer",
}

EVERYTHING = {"SELECT", "INSERT", "UPDATE", "DELETE"}
# What crm_app and crm_platform may do with a tenant table where it is not everything.
FEWER_GRANTS = {
    "shops_auditentry": {"SELECT", "INSERT"},
    "shops_audithead": {"SELECT", "INSERT", "UPDATE"},
    "customers_consentevent": {"SELECT", "INSERT"},
    "customers_consenttext": {"SELECT", "INSERT"},
}
# Columns that a role may change of a table of which it may not change the others.
CHANGING_COLUMNS = {
    # Whose an event is changes with a merge; the others are what erasing takes out.
    ("customers_consentevent", "crm_app"): {"customer_id", "source", "ip", "evidence"},
}

OUR_TABLES = """
    FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
    WHERE n.nspname NOT IN ('pg_catalog', 'information_schema') AND n.nspname !~ '^pg_(toast|temp)'
"""
TENANT = """
    EXISTS (SELECT FROM pg_attribute a WHERE a.attrelid = {0} AND a.attname = 'shop_id' AND NOT a.attisdropped)
"""


def _rows(cursor, sql, params=()):
    cursor.execute(sql, params)
    return cursor.fetchall()


def tenant_tables(cursor):
    return {
        name
        for (name,) in _rows(
            cursor, f"SELECT c.relname {OUR_TABLES} AND c.relkind IN ('r','p') AND {TENANT.format('c.oid')}"
        )
    }


def tables_are_fenced(cursor):
    """ENABLE and FORCE on every tenant table, and exactly the two policies; a partition has none, and no grants."""
    sql = f"""SELECT c.relname, c.relrowsecurity, c.relforcerowsecurity, c.relispartition
        {OUR_TABLES} AND c.relkind IN ('r','p') AND {TENANT.format("c.oid")}"""
    complaints = []
    for table, enabled, forced, partition in _rows(cursor, sql):
        if not (enabled and forced):
            complaints.append(f"{table}: row-level security is not ENABLE and FORCE; use TenantTable in a migration")
        found = {policy[1:] for policy in _policies(cursor) if policy[0] == table}
        listed = {policy[1:] for policy in OTHER_POLICIES if policy[0] == table}
        if found - listed != (set() if partition else FENCES):
            complaints.append(f"{table}: its policies are not exactly those of TenantTable: {sorted(map(str, found))}")
    return complaints


def _policies(cursor):
    sql = """SELECT tablename, policyname, array_to_string(roles, ','), cmd, qual, with_check, permissive
        FROM pg_policies"""
    return [(*row[:6], *(() if row[6] == "PERMISSIVE" else ("RESTRICTIVE",))) for row in _rows(cursor, sql)]


def policies_are_known(cursor):
    """Any policy that is neither a fence of a tenant table nor on the list, and any on the list that is gone."""
    tenants = tenant_tables(cursor)
    found = {policy for policy in _policies(cursor) if not (policy[0] in tenants and policy[1:] in FENCES)}
    return [f"policy {row[:3]} is not in OTHER_POLICIES" for row in sorted(found - OTHER_POLICIES, key=str)] + [
        f"policy {row[:3]} of OTHER_POLICIES is not in the database" for row in sorted(OTHER_POLICIES - found, key=str)
    ]


def shop_id_is_required(cursor):
    sql = f"""SELECT c.relname, format_type(a.atttypid, NULL), a.attnotnull
        FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid AND a.attname = 'shop_id'
        WHERE c.oid IN (SELECT c.oid {OUR_TABLES} AND c.relkind IN ('r','p'))"""
    return [
        f"{table}: shop_id is {kind}{'' if required else ' and may be null'}, not bigint NOT NULL"
        for table, kind, required in _rows(cursor, sql)
        if (kind, required) != ("bigint", True)
    ]


def unique_keys_begin_with_shop(cursor):
    sql = f"""SELECT c.relname, i.indexrelid::regclass::text,
            (SELECT attname FROM pg_attribute WHERE attrelid = c.oid AND attnum = i.indkey[0])
        FROM pg_index i JOIN pg_class c ON c.oid = i.indrelid
        WHERE (i.indisunique OR i.indisexclusion) AND c.relkind IN ('r','p')
          AND c.relnamespace = 'public'::regnamespace AND {TENANT.format("c.oid")}"""
    return [
        f"{table}: unique key {index} begins with {first}, not with shop_id"
        for table, index, first in _rows(cursor, sql)
        if first != "shop_id"
    ]


def foreign_keys_stay_in_shop(cursor):
    sql = f"""SELECT k.conname, k.conrelid::regclass::text, k.confrelid::regclass::text, k.condeferrable,
            k.confdeltype IN ('n','d') OR k.confupdtype IN ('n','d'), k.convalidated,
            {TENANT.format("k.conrelid")}, {TENANT.format("k.confrelid")},
            (SELECT array_agg(s.attname || '=' || t.attname)
             FROM unnest(k.conkey, k.confkey) AS pair(source, target)
             JOIN pg_attribute s ON s.attrelid = k.conrelid AND s.attnum = pair.source
             JOIN pg_attribute t ON t.attrelid = k.confrelid AND t.attnum = pair.target)
        FROM pg_constraint k WHERE k.contype = 'f' AND k.connamespace = 'public'::regnamespace"""
    complaints = []
    for name, table, target, deferrable, unset, valid, from_tenant, to_tenant, pairs in _rows(cursor, sql):
        where = f"{table}: foreign key {name} to {target}"
        if to_tenant and "shop_id=shop_id" not in pairs:
            complaints.append(f"{where} does not carry shop_id; use SameShop in a migration")
        if from_tenant and deferrable:
            complaints.append(f"{where} is DEFERRABLE")
        if from_tenant and unset:
            complaints.append(f"{where} has SET NULL or SET DEFAULT")
        if from_tenant and not valid:
            complaints.append(f"{where} is NOT VALID")
    return complaints


def model_relations_have_foreign_keys(cursor):
    """Every ForeignKey between tenant models, and every `shop`, is a foreign key of the database too."""
    sql = """SELECT k.conrelid::regclass::text, k.confrelid::regclass::text,
            (SELECT array_agg(a.attname::text ORDER BY a.attname)
             FROM pg_attribute a WHERE a.attrelid = k.conrelid AND a.attnum = ANY (k.conkey))
        FROM pg_constraint k WHERE k.contype = 'f'"""
    present = {(table, target, tuple(columns)) for table, target, columns in _rows(cursor, sql)}
    complaints = []
    for model in _tenant_models():
        table = model._meta.db_table
        parent = SHOP_BY_PARENT.get(table)
        if (table, "shops_shop", ("shop_id",)) not in present and (not parent or model._meta.get_field(parent).null):
            complaints.append(f"{table}: shop_id is no foreign key; use TenantTable in a migration")
        for field in model._meta.concrete_fields:
            target = field.related_model
            if target is None or not issubclass(target, ShopModel):
                continue
            if (table, target._meta.db_table, tuple(sorted(["shop_id", field.column]))) not in present:
                complaints.append(f"{table}: {field.column} is no foreign key; use SameShop in a migration")
    return complaints


def _tenant_models():
    return [model for model in apps.get_models() if issubclass(model, ShopModel) and model._meta.managed]


def tables_are_listed(cursor):
    """Each table is a tenant model's or in crm/tenancy/grants.py, and the other way round."""
    found = {
        f"{schema}.{name}"
        for schema, name in _rows(
            cursor, f"SELECT n.nspname, c.relname {OUR_TABLES} AND c.relkind IN ('r','p','f') AND NOT c.relispartition"
        )
    }
    tenants = {f"public.{model._meta.db_table}" for model in _tenant_models()}
    listed = {f"public.{table}" for table in GLOBAL_TABLES}
    with_shop = {f"public.{table}" for table in tenant_tables(cursor)}
    return (
        [f"{name} is neither a ShopModel's table nor in GLOBAL_TABLES" for name in sorted(found - tenants - listed)]
        + [f"{name} of GLOBAL_TABLES has a shop_id" for name in sorted(listed & with_shop)]
        + [f"{name} is listed but not in the database" for name in sorted((listed | tenants) - found)]
    )


def views_use_the_readers_rights(cursor):
    sql = f"SELECT c.relname, c.relkind, c.reloptions {OUR_TABLES} AND c.relkind IN ('v','m')"
    complaints = []
    for name, kind, options in _rows(cursor, sql):
        if kind == "m":
            complaints.append(f"{name}: a materialized view shows every shop's rows to whoever may read it")
        elif not {"security_invoker=true", "security_invoker=on"} & set(options or ()):
            complaints.append(f"{name}: a view without security_invoker = true reads with its owner's rights")
    return complaints


def definer_functions_are_known(cursor):
    sql = """SELECT p.oid::regprocedure::text, p.prosecdef, p.proconfig, p.proowner::regrole::text, p.prokind,
            EXISTS (SELECT FROM aclexplode(coalesce(p.proacl, acldefault('f', p.proowner))) g WHERE g.grantee = 0),
            array(SELECT g.grantee::regrole::text FROM aclexplode(p.proacl) g WHERE g.grantee NOT IN (0, p.proowner))
        FROM pg_proc p JOIN pg_namespace n ON n.oid = p.pronamespace
        WHERE n.nspname NOT IN ('pg_catalog', 'information_schema') AND p.prosecdef"""
    complaints, found = [], set()
    for name, _, config, owner, _, public, grantees in _rows(cursor, sql):
        found.add(name)
        if name not in SECURITY_DEFINER:
            complaints.append(f"{name}: a SECURITY DEFINER function that is not on the list")
        if config != ["search_path=pg_catalog, pg_temp"]:
            complaints.append(f"{name}: search_path is not fixed to pg_catalog, pg_temp")
        if owner != "crm_search":
            complaints.append(f"{name}: owned by {owner}, not by crm_search")
        if public or grantees != ["crm_app"]:
            complaints.append(f"{name}: executable by {['PUBLIC'] * public + grantees}, not by crm_app alone")
    return complaints + [f"{name}: on the list, not in the database" for name in sorted(SECURITY_DEFINER - found)]


def roles_are_plain(cursor, roles=ALL_ROLES):
    """No role of ours is superuser or above row-level security, and none may become another but the owner crm_search.

    crm_owner may create databases in development and tests, so that is not asked here; see crm/tenancy/checks.py.
    """
    sql = """SELECT rolname, rolsuper, rolbypassrls, rolcreaterole, rolreplication,
            rolcreatedb AND rolname <> 'crm_owner'
        FROM pg_roles WHERE rolname = ANY (%s)"""
    names = ("SUPERUSER", "BYPASSRLS", "CREATEROLE", "REPLICATION", "CREATEDB")
    rows = _rows(cursor, sql, [list(roles)])
    complaints = [f"role {role} is missing" for role in sorted(set(roles) - {row[0] for row in rows})]
    for role, *flags in rows:
        complaints += [f"role {role} has {name}" for name, flag in zip(names, flags, strict=True) if flag]
    members = """SELECT m.member::regrole::text, m.roleid::regrole::text, m.inherit_option FROM pg_auth_members m
        WHERE m.member::regrole::text = ANY (%s)"""
    for member, role, inherits in _rows(cursor, members, [list(roles)]):
        if (member, role, inherits) != ("crm_owner", "crm_search", False):
            complaints.append(f"role {member} is a member of {role}")
    return complaints


def grants_are_exact(cursor):
    """Every grant of a role of ours on a table, compared with GLOBAL_TABLES, FEWER_GRANTS and the rule for the rest."""
    complaints = []
    expected = _expected_grants(tenant_tables(cursor), _partitions(cursor))
    sql = f"""SELECT c.relname, CASE WHEN g.grantee = 0 THEN 'PUBLIC' ELSE g.grantee::regrole::text END,
            array_agg(g.privilege_type), bool_or(g.is_grantable)
        FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace, aclexplode(c.relacl) g
        WHERE c.oid IN (SELECT c.oid {OUR_TABLES}) AND c.relkind IN ('r','p','v','m','f') AND g.grantee <> c.relowner
        GROUP BY 1, 2"""
    found = {}
    for table, role, grants, grantable in _rows(cursor, sql):
        found[table, role] = set(grants)
        if grantable:
            complaints.append(f"{table}: {role} may pass its grants on")
    for key in sorted(found.keys() | expected.keys()):
        if found.get(key, set()) != expected.get(key, set()):
            complaints.append(
                f"{key[0]}: {key[1]} has {sorted(found.get(key, ()))}, should have {sorted(expected.get(key, ()))}"
            )
    return complaints


def _partitions(cursor):
    return {name for (name,) in _rows(cursor, f"SELECT c.relname {OUR_TABLES} AND c.relispartition")}


def _expected_grants(tenants, partitions):
    expected = {}
    for table in tenants - partitions:
        for role in ("crm_app", "crm_platform"):
            expected[table, role] = FEWER_GRANTS.get(table, EVERYTHING)
    for table in ANALYZED_BY_SEARCH:
        expected[table, "crm_search"] = {"MAINTAIN"}
    for table, (app, platform) in GLOBAL_TABLES.items():
        for role, grants in (("crm_app", app), ("crm_platform", platform)):
            if grants:
                expected[table, role] = set(grants.split(", "))
    return expected


def column_grants_are_exact(cursor):
    sql = f"""SELECT c.relname, g.grantee::regrole::text, g.privilege_type, array_agg(a.attname::text)
        FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace JOIN pg_attribute a ON a.attrelid = c.oid,
            aclexplode(a.attacl) g
        WHERE c.oid IN (SELECT c.oid {OUR_TABLES}) GROUP BY 1, 2, 3"""
    found = {(table, role, grant): set(columns) for table, role, grant, columns in _rows(cursor, sql)}
    expected = {(table, "crm_search", "SELECT"): columns for table, columns in SEARCH_COLUMNS.items()}
    expected |= {(table, role, "UPDATE"): columns for (table, role), columns in CHANGING_COLUMNS.items()}
    return [
        f"{key[0]}: {key[1]} may {key[2]} {sorted(found.get(key, ()))}, not {sorted(expected.get(key, ()))}"
        for key in sorted(found.keys() | expected.keys())
        if found.get(key) != expected.get(key)
    ]


def schemas_are_closed(cursor):
    """Nobody but the owner creates anything, no new table gets grants by itself, sequences only hand out numbers."""
    create = """SELECT n.nspname, r.rolname FROM pg_namespace n, pg_roles r
        WHERE n.nspname !~ '^pg_' AND n.nspname <> 'information_schema' AND r.rolname = ANY (%s)
          AND has_schema_privilege(r.oid, n.oid, 'CREATE')"""
    complaints = [f"{role} may create in schema {schema}" for schema, role in _rows(cursor, create, [list(APP_ROLES)])]
    complaints += [
        f"default privileges of {role} give grants to tables nobody has looked at"
        for (role,) in _rows(cursor, "SELECT defaclrole::regrole::text FROM pg_default_acl")
    ]
    sequences = f"""SELECT c.relname, g.grantee::regrole::text, g.privilege_type
        FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace, aclexplode(c.relacl) g
        WHERE c.oid IN (SELECT c.oid {OUR_TABLES}) AND c.relkind = 'S' AND g.grantee <> c.relowner
          AND (g.grantee = 0 OR g.privilege_type <> 'USAGE')"""
    return complaints + [f"sequence {name}: {role} has {grant}" for name, role, grant in _rows(cursor, sequences)]


def app_roles_own_nothing(cursor):
    """crm_app and crm_platform own nothing; crm_search owns its functions; every table is crm_owner's."""
    owned = """SELECT r.rolname, d.classid::regclass::text, pg_describe_object(d.classid, d.objid, d.objsubid)
        FROM pg_shdepend d JOIN pg_roles r ON r.oid = d.refobjid
        WHERE d.deptype = 'o' AND d.dbid = (SELECT oid FROM pg_database WHERE datname = current_database())
          AND r.rolname = ANY (%s)"""
    complaints = [
        f"{role} owns {thing}"
        for role, kind, thing in _rows(cursor, owned, [list(APP_ROLES)])
        if (role, kind) != ("crm_search", "pg_proc")
    ]
    tables = f"SELECT c.relname, c.relowner::regrole::text {OUR_TABLES} AND c.relkind IN ('r','p','v','m','S')"
    return complaints + [f"{name} is owned by {owner}" for name, owner in _rows(cursor, tables) if owner != "crm_owner"]


def tenant_tables_have_no_triggers(cursor):
    sql = f"""SELECT t.tgrelid::regclass::text, t.tgname FROM pg_trigger t
        WHERE NOT t.tgisinternal AND {TENANT.format("t.tgrelid")}"""
    rules = f"""SELECT r.ev_class::regclass::text, r.rulename FROM pg_rewrite r JOIN pg_class c ON c.oid = r.ev_class
        WHERE c.relkind IN ('r','p') AND {TENANT.format("c.oid")}"""
    return [f"{table}: trigger {name}" for table, name in _rows(cursor, sql)] + [
        f"{table}: rule {name}" for table, name in _rows(cursor, rules)
    ]


GATES = (
    tables_are_fenced,
    policies_are_known,
    shop_id_is_required,
    unique_keys_begin_with_shop,
    foreign_keys_stay_in_shop,
    model_relations_have_foreign_keys,
    tables_are_listed,
    views_use_the_readers_rights,
    definer_functions_are_known,
    roles_are_plain,
    grants_are_exact,
    column_grants_are_exact,
    schemas_are_closed,
    app_roles_own_nothing,
    tenant_tables_have_no_triggers,
)
