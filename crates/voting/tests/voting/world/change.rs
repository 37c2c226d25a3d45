//! Making one thing wrong in what was made.

use super::{
    ELECTION, ElectionId, Entry, Map, Role, Timestamp, Value, World, from_hex_array, hazmat, json, key_of,
    to_base64url, to_hex,
};

impl World {
    /// The place of the entry called `label`.
    pub(crate) fn place(&self, label: &str) -> usize {
        self.entries
            .iter()
            .position(|entry| entry.label == label)
            .unwrap_or_else(|| panic!("no entry {label}"))
    }

    /// Changes the members of an event and signs it anew.
    pub(crate) fn edit(&mut self, label: &str, change: impl FnOnce(&mut Map<String, Value>)) {
        let place = self.place(label);
        let entry = &mut self.entries[place];
        let mut event: Map<String, Value> = serde_json::from_slice(&entry.bytes).unwrap();
        change(&mut event);
        entry.bytes = sign(entry.by.unwrap(), &event);
    }

    /// Changes the body of an event and signs it anew.
    pub(crate) fn edit_body(&mut self, label: &str, change: impl FnOnce(&mut Map<String, Value>)) {
        self.edit(label, |event| change(event.get_mut("body").unwrap().as_object_mut().unwrap()));
    }

    /// Flips a bit of a hex member.
    pub(crate) fn flip(&mut self, label: &str, member: &str, at: usize) {
        self.edit_body(label, |body| {
            let text = body[member].as_str().unwrap();
            body.insert(member.into(), json!(flipped(text, at)));
        });
    }

    /// Puts an event before the entry `before`, at the time of that entry.
    pub(crate) fn insert(&mut self, before: &str, by: Role, name: &str, body: &Value) {
        let place = self.place(before);
        let time = self.time_at(place);
        let heading = hazmat::Heading { by, election: ELECTION, time };
        let bytes = hazmat::sign(&heading, name, body, &key_of(by)).unwrap();
        self.insert_bytes(before, Some(by), bytes);
    }

    /// Puts any bytes before the entry `before`.
    pub(crate) fn insert_bytes(&mut self, before: &str, by: Option<Role>, bytes: Vec<u8>) {
        let place = self.place(before);
        self.entries.insert(place, Entry { label: "inserted".into(), by, bytes });
        self.recount();
    }

    /// The time of the next event at or after `place`.
    fn time_at(&self, place: usize) -> Timestamp {
        let event = self.entries[place..].iter().find(|entry| entry.by.is_some()).unwrap();
        let event: Value = serde_json::from_slice(&event.bytes).unwrap();
        event["time"].as_str().unwrap().parse().unwrap()
    }

    /// Makes `close` count what stands before it.
    pub(crate) fn recount(&mut self) {
        let (open, place) = (self.place("open"), self.place("close"));
        let ballots =
            self.entries[open..place].iter().filter(|entry| entry.bytes.first() == Some(&1)).count();
        self.edit_body("close", |body| {
            body.insert("ballots".into(), json!(ballots));
            body.insert("size".into(), json!(place));
        });
    }

    /// The body of an event.
    pub(crate) fn body(&self, label: &str) -> Value {
        let event: Value = serde_json::from_slice(&self.entries[self.place(label)].bytes).unwrap();
        event["body"].clone()
    }
}

/// Signs the members of an event as they stand.
fn sign(by: Role, event: &Map<String, Value>) -> Vec<u8> {
    let heading = hazmat::Heading {
        by,
        election: ElectionId(from_hex_array(event["election"].as_str().unwrap()).unwrap()),
        time: event["time"].as_str().unwrap().parse().unwrap(),
    };
    hazmat::sign(&heading, event["type"].as_str().unwrap(), &event["body"], &key_of(by)).unwrap()
}

/// Hexadecimal text with one bit of byte `at` flipped.
pub(crate) fn flipped(text: &str, at: usize) -> String {
    let mut bytes = sinpyo_voting::form::from_hex(text).unwrap();
    bytes[at] ^= 1;
    to_hex(&bytes)
}

/// A ballot as `rejected` keeps it.
pub(crate) fn kept(bytes: &[u8]) -> Value {
    json!(to_base64url(bytes))
}
