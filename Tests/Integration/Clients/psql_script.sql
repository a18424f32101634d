\pset pager off
\d
\dn
\dt t.*
\d t.kinds
\d+ t.readable
\df t.*
\dT+ t.mood
\di t.*
\du agent
\l postgres
\dp t.kinds
SELECT id, words FROM t.kinds ORDER BY id;
SELECT 1 AS one \gset
\echo :one
\copy (SELECT id, words FROM t.kinds ORDER BY id) TO STDOUT WITH (FORMAT csv, HEADER)
\copy t.work FROM STDIN
1	first
2	second
\.
SELECT * FROM t.work ORDER BY id;
BEGIN;
INSERT INTO t.work VALUES (3, 'third');
SAVEPOINT s;
INSERT INTO t.work VALUES (3, 'again');
ROLLBACK TO s;
COMMIT;
SELECT count(*) FROM t.work;
BEGIN;
DECLARE c CURSOR FOR SELECT id FROM t.work ORDER BY id;
FETCH 2 FROM c;
FETCH 2 FROM c;
CLOSE c;
ROLLBACK;
PREPARE p AS SELECT words FROM t.kinds WHERE id = $1;
EXECUTE p(1);
DEALLOCATE p;
SELECT 1 \; SELECT 2 \; SELECT 3;
\set ON_ERROR_ROLLBACK on
SHOW server_version_num;
SET search_path = t;
SELECT id FROM work ORDER BY id;
\d work
RESET search_path;
EXPLAIN (COSTS off) SELECT * FROM t.kinds WHERE id = 1;
DELETE FROM t.work;
