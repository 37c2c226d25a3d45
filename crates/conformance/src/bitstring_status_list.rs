//! `bitstring-status-list`: lists that another implementation packed, and the examples of the specification. A case is an
//! entry of either file.

use crate::{expect, given, report::Report};
use anyhow::{Context, Result, ensure};
use serde_json::{Value, json};
use sinpyo_core::{
    status::{BitOrder, StatusEntry, StatusList, StatusSize},
    vcdm::{self, Version},
};
use std::{collections::BTreeSet, path::Path};

pub(crate) fn run(folder: &Path) -> Result<Report> {
    let cases = given::json(&folder.join("generated-digitalbazaar-2.0.1.json"))?;
    let cases = given::array(&cases)?;
    let examples = given::json(&folder.join("spec-examples.json"))?;
    let examples = given::array(&examples)?;
    let mut report = Report::new(cases.len() + examples.len());
    for (number, case) in cases.iter().enumerate() {
        report.record(number.to_string(), check(case));
    }
    for (number, example) in examples.iter().enumerate() {
        report.record(format!("example {number}"), check_example(example));
    }
    Ok(report)
}

/// A credential of the specification's text: its status entries read, and its list if it is one.
fn check_example(example: &Value) -> Result<()> {
    let credential = vcdm::credential_from_json(given::object(example)?, Version::V2)?;
    let stated = match example.get("credentialStatus") {
        Some(Value::Array(entries)) => entries.as_slice(),
        Some(entry) => std::slice::from_ref(entry),
        None => &[],
    };
    let ours: Vec<Value> = credential.status().iter().map(entry).collect();
    expect::same("the status entries", ours.as_slice(), stated)?;
    let subject = given::member(example, "credentialSubject")?;
    if let Some(list) = subject.get("encodedList").and_then(Value::as_str) {
        let empty = StatusList::new(1, BitOrder::MostFirst, 131_072)?;
        expect::same("the list", &StatusList::from_encoded_list(StatusSize::ONE, list)?, &empty)?;
    }
    Ok(())
}

/// The entry as the examples write it: its name is that of the list with the index behind.
fn entry(entry: &StatusEntry) -> Value {
    match entry {
        StatusEntry::Token { .. } => Value::Null,
        StatusEntry::Bitstring { list, index, purpose, .. } => json!({
            "id": format!("{list}#{index}"),
            "type": "BitstringStatusListEntry",
            "statusPurpose": purpose.name(),
            "statusListIndex": index.to_string(),
            "statusListCredential": list,
        }),
    }
}

fn check(case: &Value) -> Result<()> {
    let length = given::number_member(case, "length")?;
    let set = given::array(given::member(case, "set")?)?;
    let set: BTreeSet<u64> =
        set.iter().map(Value::as_u64).collect::<Option<_>>().context("an index is a number")?;
    let list = StatusList::from_encoded_list(StatusSize::ONE, given::text_member(case, "encodedList")?)?;
    let mut expected = StatusList::new(1, BitOrder::MostFirst, length)?;
    for index in &set {
        expected.set(*index, 1)?;
    }
    for index in 0..length {
        let (stated, ours) = (u8::from(set.contains(&index)), list.get(index)?);
        ensure!(ours == stated, "bit {index}: expected {stated}, got {ours}");
    }
    expect::refused("a bit beyond the end", &list.get(length))?;
    // GZIP bytes differ between implementations, so it is the unpacked list that must come back.
    let again = StatusList::from_encoded_list(StatusSize::ONE, &expected.to_encoded_list())?;
    expect::same("the list as we pack it", &again, &list)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_wrong_bit_fails() {
        let mut list = StatusList::new(1, BitOrder::MostFirst, 16).unwrap();
        list.set(9, 1).unwrap();
        let case = |length: u64, set: &[u64]| json!({"length": length, "set": set, "encodedList": list.to_encoded_list()});
        assert!(check(&case(16, &[9])).is_ok());
        for (length, set) in [(16, &[8][..]), (16, &[]), (16, &[9, 10]), (8, &[]), (24, &[9])] {
            assert!(check(&case(length, set)).is_err(), "{length} {set:?}");
        }
    }

    #[test]
    fn an_example_with_another_entry_or_list_fails() {
        let mut list = StatusList::new(1, BitOrder::MostFirst, 131_072).unwrap();
        let with = |status: &Value, list: &StatusList| {
            json!({
                "@context": ["https://www.w3.org/ns/credentials/v2"],
                "type": ["VerifiableCredential"],
                "issuer": "did:example:12345",
                "credentialStatus": status,
                "credentialSubject": {"id": "https://a.example/1#list", "encodedList": list.to_encoded_list()},
            })
        };
        let good = json!([{"id": "https://a.example/1#7", "type": "BitstringStatusListEntry",
            "statusPurpose": "revocation", "statusListIndex": "7", "statusListCredential": "https://a.example/1"}]);
        check_example(&with(&good, &list)).unwrap();
        let mut other = good.clone();
        other[0]["id"] = json!("https://a.example/1#8");
        assert!(check_example(&with(&other, &list)).is_err());
        list.set(3, 1).unwrap();
        assert!(check_example(&with(&good, &list)).is_err());
    }
}
