-- A shop and the clinic next door: 10,000 customers with cards, national ids and health records. Everything is computed
-- from the row's number, so that every run has the same rows; nobody in here exists.

CREATE SCHEMA shop;
CREATE SCHEMA clinic;

-- A number from 0 to 2^31-1 that depends on the row and on what it is for.
CREATE FUNCTION pg_temp.pick(row_number int, purpose text) RETURNS int LANGUAGE sql IMMUTABLE AS
$$ SELECT ('x' || substr(md5(purpose || ':' || row_number), 1, 7))::bit(28)::int $$;

-- The digits with the Luhn check digit behind them.
CREATE FUNCTION pg_temp.with_check_digit(digits text) RETURNS text LANGUAGE sql IMMUTABLE AS
$$
    SELECT digits || (10 - sum(CASE WHEN d > 9 THEN d - 9 ELSE d END) % 10) % 10
    FROM (
        SELECT substr(digits, i, 1)::int * CASE WHEN (length(digits) - i) % 2 = 0 THEN 2 ELSE 1 END AS d
        FROM generate_series(1, length(digits)) AS i
    ) AS doubled
$$;

CREATE TABLE shop.customers (
    id int PRIMARY KEY,
    name text NOT NULL,
    email text NOT NULL UNIQUE,
    phone text NOT NULL,
    ssn text NOT NULL,
    city text NOT NULL,
    signed_up date NOT NULL,
    notes text
);

INSERT INTO shop.customers
SELECT id,
       first || ' ' || last,
       lower(first) || '.' || lower(last) || id || '@example.com',
       '(' || 201 + pg_temp.pick(id, 'area') % 700 || ') 555-' || lpad((pg_temp.pick(id, 'line') % 10000)::text, 4, '0'),
       lpad((101 + pg_temp.pick(id, 'ssn-area') % 560)::text, 3, '0') || '-'
           || lpad((10 + pg_temp.pick(id, 'ssn-group') % 89)::text, 2, '0') || '-'
           || lpad((1000 + pg_temp.pick(id, 'ssn-serial') % 8999)::text, 4, '0'),
       (ARRAY['Albany','Boise','Chicago','Denver','El Paso','Fresno','Houston','Madison','Norfolk','Portland'])
           [1 + pg_temp.pick(id, 'city') % 10],
       date '2015-01-01' + pg_temp.pick(id, 'signed-up') % 3600,
       CASE pg_temp.pick(id, 'note') % 5
           WHEN 0 THEN 'prefers to be called after six'
           WHEN 1 THEN 'asked about the return policy'
           WHEN 2 THEN 'second address: mail to ' || lower(last) || id || '@example.org'
           ELSE NULL
       END
FROM (
    SELECT id,
           (ARRAY['Ada','Ben','Cleo','Dara','Eli','Fay','Gus','Hana','Ivo','June','Kai','Lena','Milo','Nora','Otis','Pia'])
               [1 + pg_temp.pick(id, 'first') % 16] AS first,
           (ARRAY['Abbott','Baker','Chavez','Dunn','Ellis','Flores','Grant','Hayes','Ingram','Jensen','Klein','Lopez',
                  'Mercer','Novak','Ortega','Price']) [1 + pg_temp.pick(id, 'last') % 16] AS last
    FROM generate_series(1, 10000) AS id
) AS people;

CREATE TABLE shop.cards (
    id int PRIMARY KEY,
    customer_id int NOT NULL REFERENCES shop.customers,
    card_number text NOT NULL,
    expires date NOT NULL
);

INSERT INTO shop.cards
SELECT id, id,
       pg_temp.with_check_digit(
           (ARRAY['4539','5425','4916','5290']) [1 + pg_temp.pick(id, 'brand') % 4]
               || lpad((pg_temp.pick(id, 'card-a') % 1000000)::text, 6, '0')
               || lpad((pg_temp.pick(id, 'card-b') % 100000)::text, 5, '0')),
       date '2027-01-31' + 30 * (pg_temp.pick(id, 'expires') % 48)
FROM generate_series(1, 10000) AS id;

CREATE TABLE shop.orders (
    id int PRIMARY KEY,
    customer_id int NOT NULL REFERENCES shop.customers,
    placed timestamptz NOT NULL,
    total numeric(10, 2) NOT NULL,
    status text NOT NULL
);

INSERT INTO shop.orders
SELECT id, 1 + pg_temp.pick(id, 'buyer') % 10000,
       timestamptz '2026-01-01 00:00:00+00' + (pg_temp.pick(id, 'placed') % 300) * interval '1 day',
       (500 + pg_temp.pick(id, 'total') % 50000) / 100.0,
       (ARRAY['paid','shipped','delivered','returned']) [1 + pg_temp.pick(id, 'status') % 4]
FROM generate_series(1, 30000) AS id;

CREATE INDEX ON shop.orders (customer_id);

CREATE TABLE clinic.patients (
    id int PRIMARY KEY,
    customer_id int NOT NULL REFERENCES shop.customers,
    mrn text NOT NULL,
    born date NOT NULL,
    allergies text
);

INSERT INTO clinic.patients
SELECT id, id, 'MRN-' || lpad((pg_temp.pick(id, 'mrn') % 100000000)::text, 8, '0'),
       date '1940-01-01' + pg_temp.pick(id, 'born') % 25000,
       (ARRAY['penicillin','peanuts','latex',NULL,NULL,NULL]) [1 + pg_temp.pick(id, 'allergy') % 6]
FROM generate_series(1, 10000) AS id;

CREATE TABLE clinic.visits (
    id int PRIMARY KEY,
    patient_id int NOT NULL REFERENCES clinic.patients,
    visited date NOT NULL,
    diagnosis text NOT NULL,
    medication text NOT NULL,
    cost numeric(10, 2) NOT NULL
);

INSERT INTO clinic.visits
SELECT id, 1 + pg_temp.pick(id, 'patient') % 10000,
       date '2024-01-01' + pg_temp.pick(id, 'visited') % 900,
       (ARRAY['Type 2 diabetes','Hypertension','Major depressive disorder','Asthma','Migraine','HIV positive',
              'Atrial fibrillation','Hypothyroidism']) [1 + pg_temp.pick(id, 'diagnosis') % 8],
       (ARRAY['metformin','lisinopril','sertraline','salbutamol','sumatriptan','bictegravir','apixaban','levothyroxine'])
           [1 + pg_temp.pick(id, 'medication') % 8],
       (4000 + pg_temp.pick(id, 'cost') % 90000) / 100.0
FROM generate_series(1, 20000) AS id;

CREATE INDEX ON clinic.visits (patient_id);

-- A view that renames: masks must follow the column, not its name.
CREATE VIEW shop.billing AS
    SELECT c.id AS customer_id, c.name AS holder, k.card_number AS pan, k.expires
    FROM shop.customers AS c JOIN shop.cards AS k ON k.customer_id = c.id;

CREATE ROLE assistant LOGIN PASSWORD 'known-to-the-sidecar-alone';
GRANT USAGE ON SCHEMA shop, clinic TO assistant;
GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA shop, clinic TO assistant;

ANALYZE;
