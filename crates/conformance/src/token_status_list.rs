//! `token-status-list`: the lists and tokens of the draft. A case is a file: a long list that `cases.json` names, a short
//! list or a token that the draft explains in its text, in JSON or CBOR.
//!
//! Every entry is compared. The draft prints no key for its tokens: their claims are read, not their signatures.

use crate::{expect, given, report::Report};
use anyhow::{Context, Result, ensure};
use serde_json::Value;
use sinpyo_core::{
    encoding::from_base64url,
    status::{BitOrder, StatusEntry, StatusList},
};
use sinpyo_cose::{
    cbor,
    cwt::{Claims, TTL},
};
use std::{collections::BTreeMap, path::Path};

/// The draft's first example: the bytes b9 a3.
const ONE_BIT: &[u8] = &[1, 0, 0, 1, 1, 1, 0, 1, 1, 1, 0, 0, 0, 1, 0, 1];
/// Its second: the bytes c9 44 f9.
const TWO_BITS: &[u8] = &[1, 2, 0, 3, 0, 1, 0, 1, 1, 2, 3, 3];
/// Files that hold one of the two and nothing else.
const SHORT: [(&str, u8, &[u8]); 4] = [
    ("status_list_encoding_json.json", 1, ONE_BIT),
    ("status_list_encoding_cbor.hex", 1, ONE_BIT),
    ("status_list_encoding2_json.json", 2, TWO_BITS),
    ("status_list_encoding2_cbor.hex", 2, TWO_BITS),
];
/// Reads the content of a file.
type Check = fn(&str) -> Result<()>;
/// Files that hold a token.
const TOKENS: [(&str, Check); 3] = [
    ("status_list_jwt_raw.txt", list_in_jwt),
    ("status_list_cwt.hex", list_in_cwt),
    ("referenced_token_cwt.hex", reference_in_cwt),
];
const LIST: &str = "https://example.com/statuslists/1";

pub(crate) fn run(folder: &Path) -> Result<Report> {
    let manifest = given::json(&folder.join("cases.json"))?;
    let mut files = Vec::new();
    for case in given::array(&manifest)? {
        for file in given::array(given::member(case, "files")?)? {
            files.push((case, file.as_str().context("a file name is text")?));
        }
    }
    let mut report = Report::new(files.len() + SHORT.len() + TOKENS.len());
    let text = |file: &str| given::text(&folder.join(file));
    for (case, file) in files {
        report.record(file, text(file).and_then(|text| check(case, &text)));
    }
    for (file, bits, statuses) in SHORT {
        report.record(file, text(file).and_then(|text| same_statuses(&packed(&text)?, bits, statuses)));
    }
    for (file, check) in TOKENS {
        report.record(file, text(file).and_then(|text| check(text.trim())));
    }
    Ok(report)
}

fn check(case: &Value, text: &str) -> Result<()> {
    let list = packed(text)?;
    expect::same("bits", &u64::from(list.bits()), &given::number_member(case, "bits")?)?;
    let size = given::number_member(case, "size")?;
    let stated = statuses(case)?;
    let mut expected = StatusList::new(list.bits(), BitOrder::LeastFirst, size)?;
    for (index, status) in &stated {
        expected.set(*index, *status)?;
    }
    for index in 0..size {
        let (ours, stated) = (list.get(index)?, stated.get(&index).copied().unwrap_or_default());
        ensure!(ours == stated, "entry {index}: expected {stated}, got {ours}");
    }
    expect::refused("an entry beyond the end", &list.get(size))?;
    // Packing differs between implementations, so it is the unpacked list that must come back.
    expect::same(
        "the list as we pack it in JSON",
        &StatusList::from_lst(list.bits(), &expected.to_lst())?,
        &list,
    )?;
    expect::same(
        "the list as we pack it in CBOR",
        &StatusList::from_zlib(list.bits(), &expected.to_zlib())?,
        &list,
    )
}

/// The entries that are not zero.
fn statuses(case: &Value) -> Result<BTreeMap<u64, u8>> {
    let statuses = given::object(given::member(case, "statuses")?)?.iter();
    let entry = |(index, status): (&String, &Value)| {
        let status = status.as_u64().and_then(|status| u8::try_from(status).ok());
        Ok((index.parse()?, status.context("a status is a byte")?))
    };
    statuses.map(entry).collect()
}

/// The list in a file: a JSON object, or a CBOR map in hexadecimal, perhaps after the word `encoded:`.
fn packed(text: &str) -> Result<StatusList> {
    if text.starts_with('{') {
        return from_json(&serde_json::from_str(text)?);
    }
    let hex = text.rsplit_once("encoded:").map_or(text, |(_, hex)| hex);
    let map = cbor::Value::parse_as(&given::hex(hex.trim())?, cbor::Form::AnyOrder)?;
    let read = |map: &cbor::Map| {
        let bits = u8::try_from(map.get_text("bits")?.as_u64()?).ok()?;
        Some((bits, map.get_text("lst")?.as_bytes()?.to_vec()))
    };
    let (bits, lst) = map.as_map().and_then(read).context("not a CBOR map of \"bits\" and \"lst\"")?;
    Ok(StatusList::from_zlib(bits, &lst)?)
}

fn from_json(list: &Value) -> Result<StatusList> {
    let bits = u8::try_from(given::number_member(list, "bits")?)?;
    Ok(StatusList::from_lst(bits, given::text_member(list, "lst")?)?)
}

fn same_statuses(list: &StatusList, bits: u8, statuses: &[u8]) -> Result<()> {
    expect::same("bits", &list.bits(), &bits)?;
    let ours: Vec<u8> = (0..).map_while(|index| list.get(index).ok()).collect();
    expect::same("the statuses", ours.as_slice(), statuses)
}

/// A Status List Token in JSON [draft, "Status List Token in JWT Format"].
fn list_in_jwt(text: &str) -> Result<()> {
    let text: String = text.split_whitespace().collect();
    let mut parts = text.split('.');
    let mut part = || -> Result<Value> {
        Ok(serde_json::from_slice(&from_base64url(parts.next().context("a token has three parts")?)?)?)
    };
    let (header, claims) = (part()?, part()?);
    expect::same("typ", given::text_member(&header, "typ")?, "statuslist+jwt")?;
    expect::same("sub", given::text_member(&claims, "sub")?, LIST)?;
    expect::same("ttl", &given::number_member(&claims, "ttl")?, &43_200)?;
    same_statuses(&from_json(given::member(&claims, "status_list")?)?, 1, ONE_BIT)
}

/// A Status List Token in CBOR [draft, "Status List Token in CWT Format"].
fn list_in_cwt(text: &str) -> Result<()> {
    let claims = claims(text)?;
    expect::same("sub", claims.subject.as_deref().unwrap_or_default(), LIST)?;
    expect::same("ttl", &claims.other.get_int(TTL).and_then(cbor::Value::as_u64), &Some(43_200))?;
    let (bits, lst) = claims.status_list()?;
    same_statuses(&StatusList::from_zlib(bits, lst)?, 1, ONE_BIT)
}

/// A token whose status is an entry of that list.
fn reference_in_cwt(text: &str) -> Result<()> {
    let entry = claims(text)?.status.map(StatusEntry::from);
    expect::same("status", &entry, &Some(StatusEntry::Token { list: LIST.to_owned(), index: 0 }))
}

/// The claims in a tagged `COSE_Sign1` in hexadecimal.
fn claims(hex: &str) -> Result<Claims> {
    let message = cbor::Value::parse_as(&given::hex(hex)?, cbor::Form::AnyOrder)?;
    let parts = message.as_tagged(18).and_then(cbor::Value::as_array).context("not a COSE_Sign1")?;
    let payload = parts.get(2).and_then(cbor::Value::as_bytes).context("no payload")?;
    Ok(Claims::parse(payload)?)
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    /// The one-bit example of the draft: the bytes b9 a3.
    const JSON: &str = r#"{"bits": 1, "lst": "eNrbuRgAAhcBXQ"}"#;
    const CBOR: &str = "a2646269747301636c73744a78dadbb918000217015d";

    fn case(size: u64, set: &[u64]) -> Value {
        let statuses: Value =
            set.iter().map(|index| (index.to_string(), json!(1))).collect::<serde_json::Map<_, _>>().into();
        json!({"bits": 1, "size": size, "statuses": statuses})
    }

    #[test]
    fn one_wrong_entry_fails() {
        let set = [0, 3, 4, 5, 7, 8, 9, 13, 15];
        for text in [JSON, CBOR] {
            assert!(check(&case(16, &set), text).is_ok(), "{text}");
            assert!(check(&case(16, &set[1..]), text).is_err(), "{text}");
            assert!(check(&case(16, &[&set[..], &[1]].concat()), text).is_err(), "{text}");
            assert!(check(&case(8, &set[..5]), text).is_err(), "{text}: the list is longer");
            assert!(check(&case(24, &set), text).is_err(), "{text}: the list is shorter");
        }
    }

    #[test]
    fn other_cbor_is_refused() {
        for hex in ["", "a1", "a2646269747301636c73744a78da", "a2646269747301636c737401"] {
            assert!(packed(hex).is_err(), "{hex}");
        }
    }

    #[test]
    fn another_status_or_another_list_fails() {
        assert!(same_statuses(&packed(JSON).unwrap(), 1, ONE_BIT).is_ok());
        assert!(same_statuses(&packed(JSON).unwrap(), 1, &ONE_BIT[1..]).is_err());
        assert!(same_statuses(&packed(JSON).unwrap(), 2, ONE_BIT).is_err());
        assert!(packed(&format!("byte_array=[0xb9,0xa3]encoded:{CBOR}")).is_ok());
        let mut other = Claims { subject: Some(LIST.to_owned()), ..Claims::default() };
        other.other.insert(TTL, 43_200_u64);
        let none = || cbor::Value::from(Vec::<u8>::new());
        let message = vec![none(), cbor::Map::new().into(), other.to_bytes().into(), none()];
        let message = cbor::Value::tag(18, message.into()).to_bytes();
        let hex = given::to_hex(&message);
        assert!(list_in_cwt(&hex).is_err() && reference_in_cwt(&hex).is_err());
    }
}
