-- What the scripts find: made once, so that both runs see the same object numbers.
CREATE SCHEMA transparent;
CREATE TYPE transparent.mood AS ENUM ('sad', 'very happy');
CREATE DOMAIN transparent.email_text AS text CHECK (VALUE = '' OR VALUE LIKE '%@%');
CREATE TYPE transparent.pair AS (a int, b text);
CREATE TYPE transparent.floats AS RANGE (subtype = float8);
CREATE TABLE transparent.things (id int PRIMARY KEY, note text NOT NULL, size int CHECK (size > 0));
INSERT INTO transparent.things SELECT n, 'thing ' || n, n FROM generate_series(1, 1000) n;
CREATE TABLE transparent.parts (id int PRIMARY KEY, thing int REFERENCES transparent.things (id) DEFERRABLE INITIALLY DEFERRED);
CREATE VIEW transparent.small AS SELECT id, note FROM transparent.things WHERE size < 10;
CREATE FUNCTION transparent.twice(n int) RETURNS int LANGUAGE plpgsql AS $$
BEGIN
    IF n < 0 THEN
        RAISE EXCEPTION 'a negative number: %', n USING ERRCODE = 'ZZ123', DETAIL = 'a detail', HINT = 'a hint',
            SCHEMA = 's', TABLE = 't', COLUMN = 'c', CONSTRAINT = 'k', DATATYPE = 'd';
    END IF;
    RAISE NOTICE 'doubling %', n USING DETAIL = 'a detail', HINT = 'a hint';
    RETURN n * 2;
END $$;
CREATE PROCEDURE transparent.work() LANGUAGE plpgsql AS $$ BEGIN RAISE WARNING 'working'; COMMIT; END $$;
