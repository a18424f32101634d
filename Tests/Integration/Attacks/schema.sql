-- What the techniques are tried on. Every value that the table of techniques lists stands somewhere in here.
CREATE SCHEMA shop;
CREATE SCHEMA other;
CREATE TABLE shop.people (id int PRIMARY KEY, name text, email text UNIQUE, card_number text, ssn text, born date, city text);
INSERT INTO shop.people VALUES
    (1, 'June', 'june.chavez1@example.com', '4539148803436467', '283-68-4467', '1971-09-23', 'Boise'),
    (2, 'Kai', 'kai.ortega2@example.com', '5425233430109903', '617-22-9035', '1984-12-05', 'Denver');
CREATE TABLE shop.plain (id int PRIMARY KEY, a text);
INSERT INTO shop.plain VALUES (1, 'plain');
CREATE VIEW shop.billing AS SELECT name AS holder, card_number AS pan FROM shop.people;
CREATE VIEW shop.again AS SELECT holder, pan AS number FROM shop.billing;
CREATE VIEW shop.mixed AS SELECT p.id, p.ssn || '' AS joined, (SELECT max(email) FROM shop.people) AS most FROM shop.people p
    UNION ALL SELECT id, a, a FROM shop.plain;
CREATE MATERIALIZED VIEW shop.stored AS SELECT id, ssn AS s FROM shop.people;
CREATE FUNCTION shop.leak(i int) RETURNS text LANGUAGE sql AS 'SELECT ssn FROM shop.people WHERE id = i';
-- Documents of several types, the whole column classified.
CREATE TABLE shop.documents (id int PRIMARY KEY, doc jsonb, tags text[], raw bytea, page xml, number numeric, big bigint, code uuid);
INSERT INTO shop.documents VALUES (1, '{"ssn": "283-68-4467", "card": 4539148803436467}', '{283-68-4467,x}', '283-68-4467',
    '<p>283-68-4467</p>', 4539148803436467, 4539148803436467, '28368446-7000-4000-8000-453914880343');
-- Documents that nothing classifies but keys in them.
CREATE EXTENSION hstore SCHEMA public;
CREATE TABLE shop.visits (id int PRIMARY KEY, details jsonb, plain json, notes text, h public.hstore);
INSERT INTO shop.visits SELECT 1, d::jsonb, d::json, d, 'name => "Imogen Vale-Brandt", city => Boise' FROM (VALUES
    ('{"age": 5, "all": {"name": ["Imogen Vale-Brandt"]}, "city": "Boise", "seen_by": {"name": "Imogen Vale-Brandt", "pin": 90817263}}')) v (d);
CREATE VIEW shop.seen AS SELECT details -> 'seen_by' ->> 'name' AS who FROM shop.visits;
CREATE TYPE shop.named AS (name text);
-- Partitions, and tables that inherit, classified above and below.
CREATE TABLE shop.events (id int, ssn text) PARTITION BY RANGE (id);
CREATE TABLE shop.events_1 PARTITION OF shop.events FOR VALUES FROM (0) TO (100);
INSERT INTO shop.events VALUES (1, '283-68-4467');
CREATE TABLE shop.above (id int, hidden text);
CREATE TABLE shop.below () INHERITS (shop.above);
INSERT INTO shop.below VALUES (1, '283-68-4467');
-- What the server computes from other columns.
CREATE TABLE shop.computed (id int PRIMARY KEY, ssn text, backwards text GENERATED ALWAYS AS (reverse(ssn)) STORED);
INSERT INTO shop.computed VALUES (1, '283-68-4467');
-- Code of the database's own that speaks of rows.
CREATE TABLE shop.noisy (id int PRIMARY KEY, ssn text, note text);
INSERT INTO shop.noisy VALUES (1, '283-68-4467', ''), (2, '617-22-9035', '');
CREATE FUNCTION shop.tell() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE NOTICE 'was %', OLD.ssn;
    RAISE WARNING 'was %', OLD.ssn USING DETAIL = OLD.ssn, HINT = OLD.ssn, COLUMN = OLD.ssn, ERRCODE = substr(replace(OLD.ssn, '-', ''), 1, 5);
    PERFORM pg_notify('changes', OLD.ssn);
    IF OLD.id = 2 THEN
        RAISE EXCEPTION '% may not', OLD.ssn USING ERRCODE = 'insufficient_privilege', TABLE = OLD.ssn, CONSTRAINT = OLD.ssn;
    END IF;
    RETURN OLD;
END $$;
CREATE TRIGGER tell BEFORE UPDATE ON shop.noisy FOR EACH ROW EXECUTE FUNCTION shop.tell();
CREATE FUNCTION shop.say(i int) RETURNS text LANGUAGE plpgsql AS $$
BEGIN
    RAISE NOTICE '%', (SELECT ssn FROM shop.people WHERE id = i);
    RAISE EXCEPTION '%', (SELECT ssn FROM shop.people WHERE id = i) USING ERRCODE = 'undefined_table';
END $$;
CREATE FUNCTION shop.run(q text) RETURNS text LANGUAGE plpgsql AS $$ DECLARE r text; BEGIN EXECUTE q INTO r; RETURN r; END $$;
-- Constraints whose failure quotes rows.
CREATE TABLE shop.deferred (id int PRIMARY KEY, email text UNIQUE DEFERRABLE INITIALLY DEFERRED);
INSERT INTO shop.deferred VALUES (1, 'june.chavez1@example.com');
CREATE TABLE shop.checked (id int, ssn text CHECK (length(ssn) = 11), email text REFERENCES shop.people (email), other text NOT NULL);
INSERT INTO shop.checked VALUES (1, '283-68-4467', 'june.chavez1@example.com', 'x');
CREATE TABLE shop.excluded (ssn text, EXCLUDE USING hash (ssn WITH =));
INSERT INTO shop.excluded VALUES ('283-68-4467');
CREATE VIEW shop.of_boise AS SELECT id, city, ssn FROM shop.people WHERE city = 'Boise' WITH CHECK OPTION;
-- Operators, casts, types and aggregates of the database's own.
CREATE FUNCTION shop.glue(text, text) RETURNS text LANGUAGE sql AS 'SELECT ssn FROM shop.people WHERE id = 1';
CREATE OPERATOR shop.@@@ (LEFTARG = text, RIGHTARG = text, FUNCTION = shop.glue);
CREATE TYPE shop.pair AS (a text, b text);
CREATE FUNCTION shop.pair_text(shop.pair) RETURNS text LANGUAGE sql AS 'SELECT ssn FROM shop.people WHERE id = 1';
CREATE CAST (shop.pair AS text) WITH FUNCTION shop.pair_text(shop.pair);
CREATE AGGREGATE shop.last_of (text) (SFUNC = shop.glue, STYPE = text);
CREATE DOMAIN shop.short AS text CHECK (length(VALUE) < 5);
CREATE TABLE shop.pairs (id int, p shop.pair);
INSERT INTO shop.pairs VALUES (1, ('283-68-4467', 'x'));
-- Row security that computes with what nobody asked for.
CREATE TABLE shop.secured (id int, ssn text, note text);
INSERT INTO shop.secured VALUES (1, '283-68-4467', 'note');
CREATE TABLE shop.with_index (id int, ssn text);
INSERT INTO shop.with_index VALUES (1, '283-68-4467');
-- Secrets of the server's.
CREATE EXTENSION postgres_fdw;
CREATE EXTENSION dblink SCHEMA public;
CREATE SERVER elsewhere FOREIGN DATA WRAPPER postgres_fdw OPTIONS (host '127.0.0.1', dbname 'x');
CREATE USER MAPPING FOR postgres SERVER elsewhere OPTIONS (user 'x', password 'hunter2-and-three');
CREATE FOREIGN TABLE shop.remote (id int, ssn text) SERVER elsewhere;
CREATE SUBSCRIPTION pull CONNECTION 'host=127.0.0.1 password=hunter2-and-three' PUBLICATION p WITH (connect = false, enabled = false, slot_name = NONE);
ALTER SYSTEM SET primary_conninfo = 'host=127.0.0.1 password=hunter2-and-three';
ALTER ROLE postgres SET application.secret = 'hunter2-and-three';
SELECT pg_reload_conf();
SELECT lo_from_bytea(4711, '283-68-4467');
ANALYZE;
CREATE STATISTICS shop.both (mcv) ON name, ssn FROM shop.people;
ANALYZE shop.people;
