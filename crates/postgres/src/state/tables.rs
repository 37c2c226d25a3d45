//! The tables of a memory, and the statements on them.
//!
//! Spaces and names are bytes, so that neither the database's encoding nor its collation has a say in them.

use crate::{admission::Tables, session::Parameter};
use sinpyo_core::time::Timestamp;
use sinpyo_state::Change;

pub(crate) const TABLES: Tables = Tables {
    first: "record",
    format: "record_format",
    version: "SELECT version FROM record_format",
    known: 2,
    create: &[
        SCHEMA,
        FUNCTION,
        "INSERT INTO record_format SELECT 2 WHERE NOT EXISTS (SELECT FROM record_format);",
    ],
    upgrades: &[&[FUNCTION, "UPDATE record_format SET version = 2;"]],
};

const SCHEMA: &str = "
    CREATE TABLE IF NOT EXISTS record_format (version int NOT NULL);
    -- expires is Unix seconds
    CREATE TABLE IF NOT EXISTS record (
        space bytea NOT NULL, name bytea NOT NULL, version bigint NOT NULL, data bytea NOT NULL, expires bigint,
        PRIMARY KEY (space, name)
    );
    CREATE INDEX IF NOT EXISTS record_expiry ON record (expires) WHERE expires IS NOT NULL;
    CREATE TABLE IF NOT EXISTS event (
        space bytea NOT NULL, name bytea NOT NULL, version bigint NOT NULL, data bytea NOT NULL,
        PRIMARY KEY (space, name, version)
    );";

/// `make_changes` gets the changes in the order of their keys, which is everywhere the same, so that no two lists wait
/// for each other; changes of one key are in the order of the list. Every one is tried: the first in the list that does
/// not apply may be of a later key. Version 1 of the format knew no records that are kept.
const FUNCTION: &str = "
    CREATE OR REPLACE FUNCTION make_changes(
        kinds int2[], spaces bytea[], names bytea[], versions bigint[], contents bytea[], expiries bigint[], places int4[]
    ) RETURNS int4 LANGUAGE plpgsql AS $body$
    DECLARE refused int4;
    BEGIN
        FOR i IN 1 .. coalesce(array_length(kinds, 1), 0) LOOP
            CASE kinds[i]
            WHEN 0 THEN
                INSERT INTO record VALUES (spaces[i], names[i], 1, contents[i], expiries[i]) ON CONFLICT DO NOTHING;
            WHEN 1 THEN
                UPDATE record SET version = version + 1, data = contents[i], expires = expiries[i]
                WHERE space = spaces[i] AND name = names[i] AND version = versions[i];
            WHEN 2 THEN
                DELETE FROM record WHERE space = spaces[i] AND name = names[i] AND version = versions[i];
            WHEN 3 THEN
                INSERT INTO event SELECT spaces[i], names[i], versions[i] + 1, contents[i] WHERE versions[i] =
                    (SELECT coalesce(max(version), 0) FROM event WHERE space = spaces[i] AND name = names[i])
                ON CONFLICT DO NOTHING;
            WHEN 4 THEN
                PERFORM FROM record WHERE space = spaces[i] AND name = names[i] AND version = versions[i] FOR SHARE;
            END CASE;
            IF NOT FOUND THEN refused := least(refused, places[i]); END IF;
        END LOOP;
        IF refused IS NOT NULL THEN RAISE EXCEPTION USING ERRCODE = 'SPY01'; END IF;
        RETURN NULL;
    EXCEPTION WHEN SQLSTATE 'SPY01' THEN
        RETURN refused;
    END $body$;";

pub(super) const CHANGE: &str = "SELECT make_changes($1, $2, $3, $4, $5, $6, $7)";

pub(super) const GET: &str = "SELECT version, data, expires FROM record
    WHERE space = $1 AND name = $2 AND (expires IS NULL OR expires > $3)";

/// None is before the empty name.
pub(super) const PAGE: &str = "SELECT version, data, expires, name FROM record
    WHERE space = $1 AND name >= coalesce($2, ''::bytea) AND name IS DISTINCT FROM $2
      AND (expires IS NULL OR expires > $3)
    ORDER BY name LIMIT $4";

pub(super) const EVENTS: &str = "SELECT data FROM event WHERE space = $1 AND name = $2 AND version > $3
    ORDER BY version LIMIT $4";

/// Some at a time, so that nobody waits long behind it, and none that somebody else is changing.
pub(super) const SWEEP: &str = "DELETE FROM record WHERE (space, name) IN
    (SELECT space, name FROM record WHERE expires <= $1 LIMIT 1000 FOR UPDATE SKIP LOCKED)";

/// Changes as the columns of [`CHANGE`].
#[derive(Debug, Default)]
pub(super) struct List<'a> {
    kinds: Vec<i16>,
    spaces: Vec<&'a [u8]>,
    names: Vec<&'a [u8]>,
    versions: Vec<i64>,
    contents: Vec<&'a [u8]>,
    expiries: Vec<Option<i64>>,
    places: Vec<i32>,
}

impl<'a> List<'a> {
    pub(super) fn of(changes: &[Change<'a>]) -> Self {
        let mut ordered: Vec<(i32, Change<'a>)> = (0..).zip(changes.iter().copied()).collect();
        // Streams and records apart, as they are in the tables; otherwise by key; the sort keeps the order of the list.
        ordered.sort_by_key(|(_, change)| (matches!(change, Change::Append { .. }), change.key()));
        let mut list = Self::default();
        for (place, change) in ordered {
            list.push(place, &change);
        }
        list
    }

    fn push(&mut self, place: i32, change: &Change<'a>) {
        // No row has a negative version, as which one beyond PostgreSQL's numbers is looked for.
        let (kind, version, content, expires) = match *change {
            Change::Insert { data, expires, .. } => (0, 0, data, expires),
            Change::Replace { version, data, expires, .. } => (1, version.0.cast_signed(), data, expires),
            Change::Remove { version, .. } => (2, version.0.cast_signed(), &[][..], None),
            Change::Keep { version, .. } => (4, version.0.cast_signed(), &[][..], None), // [STA-09]
            Change::Append { after, event, .. } => (3, after.0.cast_signed(), event, None),
        };
        let key = change.key();
        self.kinds.push(kind);
        self.spaces.push(key.space().name().as_bytes());
        self.names.push(key.name().as_bytes());
        self.versions.push(version);
        self.contents.push(content);
        self.expiries.push(expires.map(Timestamp::unix));
        self.places.push(place);
    }

    pub(super) fn values(&self) -> [Parameter<'_>; 7] {
        [&self.kinds, &self.spaces, &self.names, &self.versions, &self.contents, &self.expiries, &self.places]
    }
}
