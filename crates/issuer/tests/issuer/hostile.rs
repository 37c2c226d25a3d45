//! Input that nobody in good faith would send.

use proptest::prelude::*;
use serde_json::json;
use sinpyo_issuer::{Catalogue, ClaimType, Profile, StatusEvent, Term};

const PROFILE: &str = r#"{"id": "X1", "type": "LibraryCard", "display": {"ko": "가", "en": "a"}, "validity": "P6M",
    "issuer": {"ko": "가", "en": "a"}, "status": "SL1", "claims": [{"name": "member_no", "type": "string(1..8)",
    "disclosure": "selective", "display": {"ko": "가", "en": "a"}}]}"#;

fn claim_types() -> Vec<ClaimType> {
    let catalogue = Catalogue::bundled().unwrap();
    catalogue.profiles().iter().flat_map(Profile::claims).map(|claim| claim.kind.clone()).collect()
}

proptest! {
    #[test]
    fn a_damaged_profile_is_read_or_refused(at in 0..PROFILE.len(), byte in any::<u8>(), cut in any::<bool>()) {
        let mut bytes = PROFILE.as_bytes().to_vec();
        if cut {
            bytes.truncate(at);
        } else {
            bytes[at] = byte;
        }
        let profile = Profile::from_json(&bytes);
        prop_assert!(!cut || profile.is_err());
    }

    #[test]
    fn an_accepted_value_is_accepted_as_it_was_written(text in "\\PC{0,40}|[0-9./-]{1,24}|[ᄀ-ᇿ]{0,12}") {
        for kind in claim_types() {
            if let Ok(once) = kind.check(&json!(text)) {
                prop_assert_eq!(kind.check(&once), Ok(once.clone()));
            }
        }
    }

    #[test]
    fn any_text_is_parsed_or_refused(text in "\\PC{0,30}|[a-z]{2,8}[({][0-9.,a-z]{0,12}[)}](\\[\\])?|P[0-9YMDTHS]{0,12}") {
        let _ = text.parse::<ClaimType>();
        let _ = text.parse::<Term>().map(|term| term.end("9999-01-31T00:00:00Z".parse().unwrap()));
        let _ = StatusEvent::from_bytes(text.as_bytes());
    }
}
