//! Manifests.

use super::{HELD, MANIFEST, OK, SKIPPED};
use crate::Outcome;
use serde_json::{Value, json};
use sinpyo_core::{encoding::to_base64url, jcs, json as strict};
use sinpyo_voting::{
    event::Role,
    manifest::{Manifest, Profile, manifest_hash},
};
use std::collections::BTreeSet;

pub(super) fn bodies() -> Vec<Vec<u8>> {
    let usual = HELD.body("manifest");
    let mut token = usual.clone();
    let key = to_base64url(&crate::targets::blind_rsa::public_key());
    token["profile"] = json!("token");
    token["ring"] = Value::Null;
    token["token"] = json!({"keys": [key, key, key, key, key]});
    token["admission"] = json!({"key": key});
    let mut written = usual.clone();
    written["contests"][0]["write-in"] = json!(true);
    [usual, token, written].iter().map(|body| body.to_string().into_bytes()).collect()
}

/// A lawful manifest has no fault, and all that it promises can be had; whoever audits an unlawful one hears of it.
pub(crate) fn read(input: &[u8]) -> Outcome {
    let Ok(body) = strict::parse_object(input) else { return SKIPPED };
    let reading = Manifest::read(&body);
    match Manifest::parse(&body) {
        Ok(manifest) => {
            let reading = reading.expect("what is lawful is read");
            assert!(reading.faults.is_empty() && manifest.write_in().is_none(), "{:?}", reading.faults);
            assert_eq!(manifest.hash(), &manifest_hash(&body));
            let is_ours = jcs::canonicalize_object(&body) == jcs::canonicalize(&HELD.body("manifest"));
            assert_eq!(manifest.hash() == MANIFEST.hash(), is_ours, "two manifests of one hash");
            keep_promises(&manifest);
            if is_ours { OK } else { "another" }
        }
        Err(error) => {
            if let Ok(reading) = reading {
                let is_told = !reading.faults.is_empty() || reading.manifest.write_in().is_some();
                assert!(is_told, "refused, and an auditor hears nothing");
                for style in reading.manifest.style_numbers() {
                    let _auditors_go_on = reading.manifest.shape(style).is_ok();
                }
            }
            error.code()
        }
    }
}

fn keep_promises(manifest: &Manifest) {
    for style in manifest.style_numbers() {
        let shape = manifest.shape(style).expect("each style has a shape");
        assert_eq!(shape.options(), manifest.options_of(style));
        assert!(
            usize::try_from(manifest.keys).is_ok_and(|keys| keys >= shape.options()),
            "an option without a key"
        );
        assert_eq!(shape.ring_size() == 0, manifest.profile == Profile::Token);
    }
    for (place, district) in (0..).zip(&manifest.districts) {
        assert_eq!(manifest.district_index(&district.id), Some(place), "two districts of one name");
        assert!(manifest.districts_of(district.style).any(|own| own == place));
        assert_eq!(manifest.token_key(place).is_some(), manifest.profile == Profile::Token);
    }
    let trustees = (1..=manifest.trustee_count()).map(Role::Trustee);
    let roles = [Role::Host, Role::Registrar, Role::Board].into_iter().chain(trustees);
    let keys: Vec<String> = roles
        .map(|role| manifest.key_of(role).expect("each role has a key").to_multikey().to_string())
        .collect();
    assert_eq!(keys.iter().collect::<BTreeSet<_>>().len(), keys.len(), "two roles of one key");
    assert!((1..=manifest.trustee_count()).contains(&manifest.threshold));
    assert!(manifest.opens < manifest.closes && manifest.floor > 0);
    assert!(manifest.keeps_districts_in(manifest) && manifest.binds_ceremony_of(manifest));
}
