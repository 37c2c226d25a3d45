//! `ed25519-speccheck` and `ed25519-cctv`: edge cases on which libraries disagree. A case is an entry of the file.
//!
//! Neither set says what is right; both say what distinguishes a rule. Ours is the strict one (canonical A and R of
//! large order, S < L, no cofactor), and the expectations are those of that rule.

use crate::{given, report::Report};
use anyhow::{Result, ensure};
use serde_json::Value;
use sinpyo_core::{encoding::Multikey, key::Verifier};
use sinpyo_crypto::VerifyingKey;
use std::path::Path;

/// The code of `ed25519-pub` in the multicodec table.
const ED25519_PUB: u64 = 0xed;

/// The cases that a strict verifier accepts [Chalkias, Garillot, Nikolaenko 2020, table 5].
const SPECCHECK_ACCEPTED: [usize; 1] = [3];

/// The CCTV flags that are no reason to refuse: A or R has a component of small order beside one of large order.
const HARMLESS: [&str; 2] = ["low_order_component_A", "low_order_component_R"];

pub(crate) fn run_speccheck(folder: &Path) -> Result<Report> {
    let cases = given::json(&folder.join("cases.json"))?;
    let cases = given::array(&cases)?;
    let mut report = Report::new(cases.len());
    for (number, case) in cases.iter().enumerate() {
        report.record(number.to_string(), speccheck(number, case));
    }
    Ok(report)
}

pub(crate) fn run_cctv(folder: &Path) -> Result<Report> {
    let cases = given::json(&folder.join("ed25519vectors.json"))?;
    let cases = given::array(&cases)?;
    let mut report = Report::new(cases.len());
    for case in cases {
        report.record(given::number_member(case, "number")?.to_string(), cctv(case));
    }
    Ok(report)
}

fn speccheck(number: usize, case: &Value) -> Result<()> {
    let bytes = |name| given::hex(given::text_member(case, name)?);
    let accepted = accepts(&bytes("pub_key")?, &bytes("message")?, &bytes("signature")?);
    agrees(accepted, SPECCHECK_ACCEPTED.contains(&number))
}

fn cctv(case: &Value) -> Result<()> {
    // A case without edges has `null` for flags.
    let flags = given::member(case, "flags")?.as_array().map(Vec::as_slice).unwrap_or_default();
    let harmless = flags.iter().all(|flag| flag.as_str().is_some_and(|flag| HARMLESS.contains(&flag)));
    let bytes = |name| given::hex(given::text_member(case, name)?);
    let message = given::text_member(case, "msg")?.as_bytes();
    agrees(accepts(&bytes("key")?, message, &bytes("sig")?), harmless)
}

fn accepts(public: &[u8], message: &[u8], signature: &[u8]) -> bool {
    VerifyingKey::from_multikey(&Multikey::new(ED25519_PUB, public))
        .is_ok_and(|key| key.verify(message, signature).is_ok())
}

fn agrees(accepted: bool, expected: bool) -> Result<()> {
    let word = |accepted: bool| if accepted { "accepts" } else { "refuses" };
    ensure!(accepted == expected, "the strict rule {} it, ours {}", word(expected), word(accepted));
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    /// RFC 8032 §7.1, test 1: the empty message.
    const PUBLIC: &str = "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a";
    const SIGNATURE: &str = "e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e065224901555fb8821590a33bacc61e39701cf9b46bd25bf5f0595bbe24655141438e7a100b";

    #[test]
    fn a_case_fails_either_way() {
        let case = |flags: &Value, message: &str| json!({"key": PUBLIC, "sig": SIGNATURE, "msg": message, "flags": flags});
        assert!(cctv(&case(&Value::Null, "")).is_ok());
        assert!(cctv(&case(&json!(["low_order_component_A"]), "")).is_ok());
        assert!(cctv(&case(&json!(["low_order_R"]), "x")).is_ok());
        assert!(cctv(&case(&json!(["low_order_R"]), "")).is_err());
        assert!(cctv(&case(&Value::Null, "x")).is_err());

        let case = json!({"pub_key": PUBLIC, "signature": SIGNATURE, "message": ""});
        assert!(speccheck(3, &case).is_ok());
        assert!(speccheck(4, &case).is_err());
    }
}
