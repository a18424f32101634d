import Enforcement

/// The SQL that reads a schema from PostgreSQL 12–17. Everything is qualified and `search_path` is empty, so that
/// nothing of a user's stands in for something of the server's, and pg_get_viewdef qualifies every name.
enum CatalogQueries {
    /// The sidecar's own connections name themselves, and are not in anybody's way.
    static let startupParameters = [
        StartupParameter(name: "client_encoding", value: "UTF8"),
        StartupParameter(name: "application_name", value: "stile-catalog"),
        StartupParameter(name: "search_path", value: ""),
        StartupParameter(name: "standard_conforming_strings", value: "on"),
    ]

    static let begin = """
        BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY; SET LOCAL search_path = ''; \
        SET LOCAL statement_timeout = '30s'; SET LOCAL lock_timeout = '5s'
        """
    static let commit = "COMMIT"
    static let rollback = "ROLLBACK"

    // Oids below 16384 (FirstNormalObjectId, access/transam.h) are the server's own, which no one changes at run
    // time; their views' definitions are of no use, since whoever reads the catalog is judged by the catalog itself.
    // Temporary relations belong to one session each and cannot be told apart from here: they stay unknown.
    static let relations = """
        SELECT c.oid, n.nspname, c.relname, c.relkind, \
        CASE WHEN c.relkind IN ('v', 'm') AND c.oid >= 16384 THEN pg_catalog.pg_get_viewdef(c.oid) END \
        FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace \
        WHERE c.relkind IN ('r', 'p', 'v', 'm', 'f', 'S', 'c', 'i', 'I') AND c.relpersistence <> 't' \
        AND n.nspname !~ '^pg_toast' ORDER BY c.oid
        """

    static let columns = """
        SELECT a.attrelid, a.attnum, a.attname, a.atttypid \
        FROM pg_catalog.pg_attribute a JOIN pg_catalog.pg_class c ON c.oid = a.attrelid \
        WHERE a.attnum > 0 AND NOT a.attisdropped \
        AND c.relkind IN ('r', 'p', 'v', 'm', 'f', 'S', 'c') AND c.relpersistence <> 't' \
        ORDER BY a.attrelid, a.attnum
        """

    static let parents = """
        SELECT inhrelid, inhparent FROM pg_catalog.pg_inherits ORDER BY inhrelid, inhseqno
        """

    static let functions = """
        SELECT DISTINCT n.nspname, p.proname \
        FROM pg_catalog.pg_proc p JOIN pg_catalog.pg_namespace n ON n.oid = p.pronamespace \
        WHERE n.nspname <> 'pg_catalog' ORDER BY 1, 2
        """

    /// Changes whenever any of the above does. Every change of a catalog row gives it a new xmin, greater than all
    /// before: with equal counts the sum is greater, and a row that goes changes the count. (VACUUM and ANALYZE update
    /// pg_class in place, and do not show.)
    static let fingerprint = """
        SELECT pg_catalog.string_agg(t.k || ':' || t.n || ':' || t.s, ',' ORDER BY t.k) FROM ( \
        SELECT 'c' AS k, count(*) AS n, coalesce(sum(xmin::text::bigint), 0) AS s FROM pg_catalog.pg_class \
        WHERE oid >= 16384 AND relpersistence <> 't' \
        UNION ALL SELECT 'a', count(*), coalesce(sum(a.xmin::text::bigint), 0) FROM pg_catalog.pg_attribute a \
        JOIN pg_catalog.pg_class c ON c.oid = a.attrelid WHERE c.oid >= 16384 AND c.relpersistence <> 't' \
        UNION ALL SELECT 'r', count(*), coalesce(sum(xmin::text::bigint), 0) FROM pg_catalog.pg_rewrite \
        WHERE oid >= 16384 \
        UNION ALL SELECT 'n', count(*), coalesce(sum(xmin::text::bigint), 0) FROM pg_catalog.pg_namespace \
        WHERE nspname !~ '^pg_(temp|toast)' \
        UNION ALL SELECT 'i', count(*), coalesce(sum(xmin::text::bigint), 0) FROM pg_catalog.pg_inherits \
        UNION ALL SELECT 'p', count(*), coalesce(sum(xmin::text::bigint), 0) FROM pg_catalog.pg_proc \
        WHERE oid >= 16384) t
        """
}
