import GRDB

/// The tables, as a list of steps: what has been released is never edited, a change is a step more.
enum Schema {
    static var migrator: DatabaseMigrator {
        var migrator = DatabaseMigrator()
        migrator.registerMigration("1: evidence, approvals, revocations") { db in
            for statement in [properties, sidecars, sessions, records, findings, approvals, revocations] {
                try db.execute(sql: statement)
            }
        }
        migrator.registerMigration("2: what is alike or can be told is indexed once") { db in
            try db.execute(sql: alike)
            try db.execute(sql: names)
            try RecordNames.markStored(db)
            try db.execute(sql: carriedIndex)
        }
        return migrator
    }

    private static let properties = """
        CREATE TABLE properties (name TEXT NOT NULL PRIMARY KEY, value TEXT NOT NULL) STRICT, WITHOUT ROWID;
        """

    /// Every key that a sidecar has ever connected with: a session may be closed by a key that was rotated since.
    private static let sidecars = """
        CREATE TABLE sidecars (
            sidecar_id TEXT NOT NULL PRIMARY KEY,
            agent TEXT,
            version TEXT,
            policy TEXT,
            policy_digest BLOB,
            first_seen_us INTEGER NOT NULL,
            last_seen_us INTEGER NOT NULL,
            spool_bytes INTEGER,
            open_sessions INTEGER
        ) STRICT;
        CREATE TABLE sidecar_keys (
            sidecar_id TEXT NOT NULL,
            key_id BLOB NOT NULL,
            public_key BLOB NOT NULL,
            certificate BLOB NOT NULL,
            first_seen_us INTEGER NOT NULL,
            PRIMARY KEY (sidecar_id, key_id)
        ) STRICT;
        """

    /// `next_sequence` and `head` are the end of the verified prefix: every record below is stored and linked.
    private static let sessions = """
        CREATE TABLE sessions (
            session INTEGER PRIMARY KEY AUTOINCREMENT,
            session_id BLOB NOT NULL UNIQUE,
            sidecar_id TEXT NOT NULL,
            received_us INTEGER NOT NULL,
            last_received_us INTEGER NOT NULL,
            opened_us INTEGER,
            last_us INTEGER NOT NULL,
            subject TEXT, issuer TEXT, groups TEXT, actors TEXT,
            resource TEXT, protocol TEXT, client TEXT, "database" TEXT,
            agent TEXT, namespace TEXT, workload TEXT, pod TEXT,
            policy_digest BLOB,
            refused TEXT,
            records INTEGER NOT NULL DEFAULT 0,
            statements INTEGER NOT NULL DEFAULT 0,
            denied INTEGER NOT NULL DEFAULT 0,
            held INTEGER NOT NULL DEFAULT 0,
            rows INTEGER NOT NULL DEFAULT 0,
            bytes INTEGER NOT NULL DEFAULT 0,
            masked INTEGER NOT NULL DEFAULT 0,
            closed_us INTEGER,
            close_reason TEXT,
            signature TEXT,
            max_sequence INTEGER NOT NULL,
            next_sequence INTEGER NOT NULL DEFAULT 0,
            head BLOB NOT NULL,
            head_us INTEGER,
            findings INTEGER NOT NULL DEFAULT 0
        ) STRICT;
        CREATE INDEX sessions_subject ON sessions (subject);
        CREATE INDEX sessions_resource ON sessions (resource);
        CREATE INDEX sessions_open ON sessions (sidecar_id, closed_us);
        """

    /// `ordinal` is the order of arrival: it never changes, so pages by it are stable whatever arrives meanwhile.
    /// `raw` is the evidence; the columns beside it are for searching, and can be made again from it.
    private static let records = """
        CREATE TABLE records (
            ordinal INTEGER PRIMARY KEY AUTOINCREMENT,
            session INTEGER NOT NULL REFERENCES sessions (session),
            sequence INTEGER NOT NULL,
            id BLOB NOT NULL,
            hash BLOB NOT NULL,
            raw BLOB NOT NULL,
            received_us INTEGER NOT NULL,
            time_us INTEGER NOT NULL,
            kind TEXT NOT NULL,
            statement INTEGER,
            verdict TEXT,
            UNIQUE (session, sequence)
        ) STRICT;
        CREATE INDEX records_id ON records (id);
        CREATE INDEX records_time ON records (time_us);
        CREATE INDEX records_verdict ON records (verdict, ordinal) WHERE verdict IS NOT NULL;
        CREATE TABLE record_values (
            dimension TEXT NOT NULL,
            value TEXT NOT NULL,
            ordinal INTEGER NOT NULL,
            PRIMARY KEY (dimension, value, ordinal)
        ) STRICT, WITHOUT ROWID;
        CREATE VIRTUAL TABLE record_text USING fts5 (text, content='', tokenize='trigram');
        """

    /// `values_back` and `text_back` say how far back the record lies that stands for this one in `record_values` and in the
    /// text of `record_search` (see `AlikeRecords`); NULL is itself, as every record is that was stored before this step: what is
    /// indexed of those stays true as it is, and `record_text` goes on to find their text. Nothing has to be moved.
    private static let alike = """
        ALTER TABLE records ADD COLUMN values_back INTEGER;
        ALTER TABLE records ADD COLUMN text_back INTEGER;
        CREATE TABLE alike (
            leader INTEGER NOT NULL,
            block INTEGER NOT NULL,
            PRIMARY KEY (leader, block)
        ) STRICT, WITHOUT ROWID;
        CREATE VIRTUAL TABLE record_search USING fts5 (
            text, parameters, content='', columnsize=0, tokenize='trigram'
        );
        """

    /// See `RecordNames`. NULL in `id_key` is a key that another session has.
    private static let names = """
        ALTER TABLE records ADD COLUMN carried INTEGER;
        ALTER TABLE sessions ADD COLUMN id_key INTEGER;
        CREATE UNIQUE INDEX sessions_id_key ON sessions (id_key);
        """

    private static let carriedIndex = """
        CREATE INDEX records_carried ON records (id) WHERE carried IS NOT NULL;
        DROP INDEX records_id;
        """

    private static let findings = """
        CREATE TABLE findings (
            finding INTEGER PRIMARY KEY AUTOINCREMENT,
            kind TEXT NOT NULL,
            session_id BLOB NOT NULL,
            sequence INTEGER NOT NULL,
            digest BLOB NOT NULL,
            sidecar_id TEXT NOT NULL,
            detail TEXT NOT NULL,
            raw BLOB,
            found_us INTEGER NOT NULL,
            resolved_us INTEGER,
            UNIQUE (kind, session_id, sequence, digest)
        ) STRICT;
        CREATE INDEX findings_session ON findings (session_id);
        """

    /// `change` grows with every change of a row: whoever watches asks for what is above the last that they saw.
    private static let approvals = """
        CREATE TABLE approvals (
            approval_id TEXT NOT NULL PRIMARY KEY,
            change INTEGER NOT NULL UNIQUE,
            sidecar_id TEXT NOT NULL,
            session_id BLOB NOT NULL,
            statement INTEGER NOT NULL,
            subject TEXT NOT NULL, issuer TEXT NOT NULL,
            request BLOB NOT NULL,
            binding BLOB NOT NULL,
            asked_us INTEGER NOT NULL,
            expires_us INTEGER NOT NULL,
            state TEXT NOT NULL,
            decided_us INTEGER,
            approver TEXT, approver_issuer TEXT, reason TEXT,
            used_us INTEGER
        ) STRICT;
        CREATE INDEX approvals_state ON approvals (state, expires_us);
        CREATE INDEX approvals_sidecar ON approvals (sidecar_id, state);
        CREATE TABLE approval_groups (
            group_name TEXT NOT NULL,
            approval_id TEXT NOT NULL REFERENCES approvals (approval_id),
            PRIMARY KEY (group_name, approval_id)
        ) STRICT, WITHOUT ROWID;
        """

    private static let revocations = """
        CREATE TABLE revocations (
            ordinal INTEGER PRIMARY KEY AUTOINCREMENT,
            id TEXT NOT NULL UNIQUE,
            subject TEXT NOT NULL, issuer TEXT NOT NULL, session_id BLOB NOT NULL,
            reason TEXT NOT NULL,
            before_s INTEGER NOT NULL,
            created_us INTEGER NOT NULL, created_by TEXT NOT NULL,
            lifted_us INTEGER, lifted_by TEXT
        ) STRICT;
        """
}
