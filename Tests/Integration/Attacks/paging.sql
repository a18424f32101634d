-- A register whose cards are valid, all different, and told apart by their last four digits.
CREATE SCHEMA shop;
CREATE FUNCTION pg_temp.check_digit(digits text) RETURNS text LANGUAGE sql AS $$
    SELECT ((10 - sum(CASE WHEN place % 2 = 1 THEN d * 2 - CASE WHEN d > 4 THEN 9 ELSE 0 END ELSE d END) % 10) % 10)::text
    FROM (SELECT substr(digits, place, 1)::int AS d, place FROM generate_series(1, length(digits)) AS place) AS s
$$;
CREATE TABLE shop.register (id int PRIMARY KEY, name text, card text, memo text, doc jsonb);
INSERT INTO shop.register
    SELECT n, 'row-' || lpad(n::text, 4, '0'), c.card, 'paid by ' || c.card, jsonb_build_object('note', 'by ' || c.card)
    FROM generate_series(1, 999) AS n,
        LATERAL (SELECT '453900000000' || lpad(n::text, 3, '0') AS body) AS b,
        LATERAL (SELECT body || pg_temp.check_digit(body) AS card) AS c;
