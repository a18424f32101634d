"""What must not change on the server, in digests, each under a name that says what it is of."""
import psycopg

DIGESTS = """
SELECT 'rows of ' || c.oid::regclass, md5(query_to_xml(
    format('SELECT to_jsonb(x) FROM ONLY %s x ORDER BY to_jsonb(x)', c.oid::regclass), true, true, '')::text)
  FROM pg_class c WHERE c.relkind IN ('r', 'm') AND c.relnamespace::regnamespace::text IN ('shop', 'other', 'public')
UNION ALL SELECT 'relations and columns', md5(string_agg(row(c.relname, c.relnamespace, c.relkind, c.relowner, c.relacl,
    c.reloptions, c.relrowsecurity, a.attname, a.atttypid, a.attnotnull, a.attacl)::text, '|' ORDER BY c.oid, a.attnum))
  FROM pg_class c LEFT JOIN pg_attribute a ON a.attrelid = c.oid WHERE c.oid >= 16384 AND c.relpersistence <> 't'
    AND c.relnamespace::regnamespace::text NOT LIKE 'pg_toast%'
UNION ALL SELECT 'functions', md5(string_agg(p::text, '|' ORDER BY oid)) FROM pg_proc p WHERE oid >= 16384
UNION ALL SELECT 'rules and views', md5(string_agg(row(ev_class, rulename, ev_type)::text, '|' ORDER BY oid)) FROM pg_rewrite
UNION ALL SELECT 'triggers', md5(string_agg(t::text, '|' ORDER BY oid)) FROM pg_trigger t
UNION ALL SELECT 'constraints', md5(string_agg(row(conname, conrelid)::text, '|' ORDER BY oid)) FROM pg_constraint
UNION ALL SELECT 'types, casts and operators', (SELECT count(*) FROM pg_type WHERE typnamespace::regnamespace::text NOT LIKE 'pg_t%')
    || '|' || (SELECT count(*) FROM pg_cast) || '|' || (SELECT count(*) FROM pg_operator)
UNION ALL SELECT 'roles', md5(string_agg(a::text, '|' ORDER BY oid)) FROM pg_authid a
UNION ALL SELECT 'memberships', md5(string_agg(m::text, '|' ORDER BY m::text)) FROM pg_auth_members m
UNION ALL SELECT 'settings of roles and databases', md5(coalesce(string_agg(s::text, '|' ORDER BY s::text), '')) FROM pg_db_role_setting s
UNION ALL SELECT 'settings in files', md5(coalesce(string_agg(s::text, '|' ORDER BY s::text), '')) FROM pg_file_settings s
UNION ALL SELECT 'default privileges', count(*)::text FROM pg_default_acl
UNION ALL SELECT 'schemas', md5(string_agg(row(nspname, nspowner, nspacl)::text, '|' ORDER BY oid)) FROM pg_namespace
    WHERE nspname NOT LIKE 'pg_t%'
UNION ALL SELECT 'databases', md5(string_agg(row(datname, datdba, datacl)::text, '|' ORDER BY oid)) FROM pg_database
UNION ALL SELECT 'extensions, languages', (SELECT count(*) FROM pg_extension) || '|' || (SELECT count(*) FROM pg_language)
UNION ALL SELECT 'foreign data', (SELECT count(*) FROM pg_foreign_server) || '|' || (SELECT count(*) FROM pg_user_mapping)
    || '|' || (SELECT count(*) FROM pg_foreign_data_wrapper)
UNION ALL SELECT 'publications and subscriptions', (SELECT count(*) FROM pg_publication) || '|' || (SELECT count(*) FROM pg_subscription)
UNION ALL SELECT 'policies', md5(coalesce(string_agg(p::text, '|' ORDER BY oid), '')) FROM pg_policy p
UNION ALL SELECT 'comments', count(*)::text FROM pg_description WHERE objoid >= 16384
UNION ALL SELECT 'large objects', count(*)::text FROM pg_largeobject_metadata
UNION ALL SELECT 'replication slots', count(*)::text FROM pg_replication_slots
UNION ALL SELECT 'prepared transactions', count(*)::text FROM pg_prepared_xacts
UNION ALL SELECT 'files of the server', md5(string_agg(f, '|' ORDER BY f)) FROM pg_ls_dir('.') f
    WHERE f NOT IN ('postmaster.pid', 'pg_internal.init')
UNION ALL SELECT 'files in /tmp that a statement would make', count(*)::text FROM pg_ls_dir('/tmp') f WHERE f LIKE 'stile-attack%'
"""


class Effects:
    def __init__(self, port, password):
        self.connection = psycopg.connect(
            host="127.0.0.1", port=port, user="postgres", password=password, dbname="postgres", autocommit=True)
        self.last = self.read()

    def read(self):
        return dict(self.connection.execute(DIGESTS).fetchall())

    def changes(self):
        """What has changed since the last look."""
        now, before = self.read(), self.last
        self.last = now
        return sorted(name for name in now.keys() | before.keys() if now.get(name) != before.get(name))
