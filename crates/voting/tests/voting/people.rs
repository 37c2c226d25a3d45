//! Who takes part in the small election.

use serde_json::{Map, Value, json};
use sinpyo_ballot::ceremony::BoxSecret;
use sinpyo_blind_rsa::{KeySize, SecretKey};
use sinpyo_core::{Secret, encoding::to_base64url, time::Timestamp};
use sinpyo_crypto::{Algorithm, SigningKey, hash::sha256};
use sinpyo_testkit::key;
use sinpyo_voting::{event::Role, form::to_hex, manifest::Manifest};
use std::sync::OnceLock;

use crate::{record_of::Heads, world::START};

/// The voter who votes only where a test says so.
pub(crate) const SPARE: usize = 4;

pub(crate) fn key_of(role: Role) -> SigningKey {
    let seed = match role {
        Role::Host => 1,
        Role::Registrar => 2,
        Role::Board => 3,
        Role::Trustee(number) => 10 + u8::try_from(number).unwrap(),
    };
    key(Algorithm::Ed25519, seed)
}

pub(crate) fn public(role: Role) -> String {
    to_hex(key_of(role).verifying_key().to_multikey().key())
}

pub(crate) fn box_of(number: u8) -> BoxSecret {
    BoxSecret::from_bytes(Secret::new([200 + number; 32]))
}

/// The registrar's RSA key for a district; the same for all tests, because making them takes long.
pub(crate) fn token_key(district: u32) -> &'static SecretKey {
    static KEYS: OnceLock<[SecretKey; 5]> = OnceLock::new();
    let keys = KEYS.get_or_init(|| [(); 5].map(|()| SecretKey::generate(KeySize::Bits2048).unwrap()));
    &keys[usize::try_from(district).unwrap()]
}

/// Its public half, as a manifest has it.
pub(crate) fn token_spki(district: u32) -> String {
    to_base64url(&token_key(district).public().to_spki())
}

fn words(en: &str) -> Value {
    json!({"en": en, "ko": "말"})
}

/// Five districts, two contests, three styles, four trustees of whom two open.
pub(crate) fn manifest_body(token: bool, first_counts: bool) -> Map<String, Value> {
    let option = |id: &str| json!({"id": id, "name": words(id)});
    let district = |id: &str, legal: u64, style: u64| json!({"id": id, "legal": legal, "name": words(id), "style": style});
    let trustee = |number: u8| {
        json!({
            "box": to_hex(box_of(number).public().as_bytes()),
            "key": public(Role::Trustee(number.into())),
            "name": words("trustee"),
        })
    };
    let time = |after: i64| Timestamp::from_unix(START + after).unwrap().to_string();
    let heads = Heads::default();
    let body = json!({
        "admission": null,
        "board": {"key": public(Role::Board), "log": heads.log_key().to_string()},
        "closes": time(900),
        "contests": [
            {"id": "chair", "options": [option("kim"), option("lee"), option("park")], "title": words("chair")},
            {"id": "motion", "options": [option("yes"), option("no")], "title": words("motion")},
        ],
        "districts": [district("d1", 20, 0), district("d2", 9, 0), district("d3", 8, 1), district("d4", 5, 2), district("d5", 6, 1)],
        "floor": 3,
        "host": public(Role::Host),
        "keys": 5,
        "opens": time(400),
        "profile": if token { "token" } else { "ring" },
        "registrar": public(Role::Registrar),
        "revote": if first_counts { "first" } else { "last" },
        "ring": if token { Value::Null } else { json!({"base": 4, "digits": 2}) },
        "styles": [{"contests": ["chair", "motion"]}, {"contests": ["motion"]}, {"contests": ["chair"]}],
        "threshold": 2,
        "title": words("an election"),
        "token": if token { json!({"keys": (0..5).map(token_spki).collect::<Vec<_>>()}) } else { Value::Null },
        "trustees": [trustee(1), trustee(2), trustee(3), trustee(4)],
        "version": 1,
        "witnesses": {"keys": Heads::witness_keys(), "quorum": 2},
    });
    match body {
        Value::Object(body) => body,
        _ => unreachable!(),
    }
}

/// District and choices of each voter. 18 in district d1, so that it has two rings of 16.
pub(crate) fn voter_plan(manifest: &Manifest) -> Vec<(u32, Vec<u8>)> {
    let districts = [[0; 18].as_slice(), &[1; 4], &[2; 5], &[3; 2], &[4; 4]].concat();
    let choose = |(number, district): (usize, u32)| {
        let style = manifest.district(district).unwrap().style;
        let pick = |(contest, options): (usize, usize)| {
            u8::try_from((number + 2 * contest) % (options + 1)).unwrap()
        };
        let options = manifest.contests_of(style).map(|contest| contest.options.len());
        (district, options.enumerate().map(pick).collect())
    };
    districts.into_iter().enumerate().map(choose).collect()
}

/// Who votes: five of d1, two of d2 (too few: joined with d1), four of d3, one of d4 (withheld), three of d5.
pub(crate) fn votes(number: usize) -> bool {
    matches!(number, 0..=3 | 17 | 18..=19 | 22..=25 | 27 | 29..=31)
}

/// Who votes twice.
pub(crate) fn re_votes(number: usize) -> bool {
    matches!(number, 1 | 18 | 23)
}

pub(crate) fn slot(number: usize) -> [u8; 16] {
    sha256(&[b"slot".as_slice(), &number.to_le_bytes()].concat())[..16].try_into().unwrap()
}
