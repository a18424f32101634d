CREATE SCHEMA t;
CREATE TYPE t.mood AS ENUM ('sad', 'ok', 'happy');
CREATE TABLE t.kinds (
    id int PRIMARY KEY, flag bool, small int2, big int8, single float4, twice float8, exact numeric(20, 5), words text,
    fixed char(5), short varchar(20), bytes bytea, day date, clock time, moment timestamp, instant timestamptz,
    span interval, uid uuid, doc json, docb jsonb, net inet, ints int[], texts text[], mood t.mood, period int4range,
    spot point, bits bit(4), cash money, tree xml
);
INSERT INTO t.kinds VALUES
 (1, true, -7, 9007199254740993, 1.5, 2.25, 12345.67890, 'zwölf Boxkämpfer', 'abc', 'x', '\x00ff10', '2026-02-28',
  '12:34:56', '2026-02-28 12:34:56.789', '2026-02-28 12:34:56+02', '1 day 02:03:04',
  '6ba7b810-9dad-11d1-80b4-00c04fd430c8', '{"a": [1, 2]}', '{"b": null}', '10.0.0.1/8', '{1,NULL,3}', '{"a b",c}', 'ok',
  '[1,5)', '(1,2)', '1010', '12.34', '<a>b</a>'),
 (2, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL,
  NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL),
 (3, false, 32767, -1, 'NaN', '-Infinity', 'NaN', '', '', '', '', 'infinity', '00:00', '-infinity', 'infinity', '0',
  '00000000-0000-0000-0000-000000000000', '[]', '{}', '::1', '{}', '{}', 'sad', 'empty', '(0,0)', '0000', '0', '');
CREATE TABLE t.work (id int PRIMARY KEY, note text);
CREATE FUNCTION t.twice(n int) RETURNS int LANGUAGE sql IMMUTABLE AS 'SELECT n * 2';
CREATE VIEW t.readable AS SELECT id, words FROM t.kinds;
