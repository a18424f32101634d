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

    // hstore's OID is another in every database; domains and arrays have documents in them as their types do.
    // What a generated column is computed from: up to PostgreSQL 14 the column depends on it, and since then its
    // expression does.
    static let columns = """
        SELECT a.attrelid, a.attnum, a.attname, a.atttypid, \
        CASE WHEN a.attgenerated <> '' THEN (SELECT pg_catalog.string_agg(DISTINCT d.refobjsubid::text, ',') \
        FROM pg_catalog.pg_depend d WHERE d.refclassid = 'pg_catalog.pg_class'::pg_catalog.regclass \
        AND d.refobjid = a.attrelid AND d.refobjsubid NOT IN (0, a.attnum) \
        AND (d.classid = 'pg_catalog.pg_class'::pg_catalog.regclass AND d.objid = a.attrelid AND d.objsubid = a.attnum \
        OR d.classid = 'pg_catalog.pg_attrdef'::pg_catalog.regclass AND d.objid = (SELECT f.oid \
        FROM pg_catalog.pg_attrdef f WHERE f.adrelid = a.attrelid AND f.adnum = a.attnum))) END, \
        CASE WHEN 'hstore' IN (t.typname, b.typname, e.typname) OR t.typbasetype IN (114, 3802) THEN 't' END \
        FROM pg_catalog.pg_attribute a JOIN pg_catalog.pg_class c ON c.oid = a.attrelid \
        LEFT JOIN pg_catalog.pg_type t ON t.oid = a.atttypid \
        LEFT JOIN pg_catalog.pg_type b ON b.oid = t.typbasetype \
        LEFT JOIN pg_catalog.pg_type e ON e.oid = t.typelem \
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

    // Functions of extensions, and of whoever is a superuser, are in C: those are the types' own operators and casts.
    static let operators = """
        SELECT DISTINCT n.nspname, o.oprname \
        FROM pg_catalog.pg_operator o JOIN pg_catalog.pg_namespace n ON n.oid = o.oprnamespace \
        JOIN pg_catalog.pg_proc p ON p.oid = o.oprcode JOIN pg_catalog.pg_language l ON l.oid = p.prolang \
        WHERE n.nspname <> 'pg_catalog' AND l.lanname NOT IN ('internal', 'c') ORDER BY 1, 2
        """

    static let casts = """
        SELECT t.typname, s.typname, s.oid, s.typarray, n.nspname, p.proname \
        FROM pg_catalog.pg_cast c JOIN pg_catalog.pg_type t ON t.oid = c.casttarget \
        JOIN pg_catalog.pg_type s ON s.oid = c.castsource \
        JOIN pg_catalog.pg_proc p ON p.oid = c.castfunc JOIN pg_catalog.pg_namespace n ON n.oid = p.pronamespace \
        JOIN pg_catalog.pg_language l ON l.oid = p.prolang \
        WHERE n.nspname <> 'pg_catalog' AND l.lanname NOT IN ('internal', 'c') ORDER BY 1, 2, 5, 6
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
        UNION ALL SELECT 'o', count(*), coalesce(sum(xmin::text::bigint), 0) FROM pg_catalog.pg_operator \
        WHERE oid >= 16384 \
        UNION ALL SELECT 't', count(*), coalesce(sum(xmin::text::bigint), 0) FROM pg_catalog.pg_cast \
        WHERE oid >= 16384 \
        UNION ALL SELECT 'p', count(*), coalesce(sum(xmin::text::bigint), 0) FROM pg_catalog.pg_proc \
        WHERE oid >= 16384) t
        """
}
