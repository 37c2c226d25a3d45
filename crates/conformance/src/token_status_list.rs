//! `token-status-list`: the long lists of the draft. A case is a file that `cases.json` names: a list in JSON or CBOR.
//!
//! Every entry is compared. The CBOR container is taken off here, because we read no CBOR; the packed list in it goes
//! through our code as the one in JSON does.

use crate::{expect, given, report::Report};
use anyhow::{Context, Result, ensure};
use serde_json::Value;
use sinpyo_core::{
    encoding::to_base64url,
    status::{BitOrder, StatusList},
};
use std::{collections::BTreeMap, path::Path};

pub(crate) fn run(folder: &Path) -> Result<Report> {
    let manifest = given::json(&folder.join("cases.json"))?;
    let mut files = Vec::new();
    for case in given::array(&manifest)? {
        for file in given::array(given::member(case, "files")?)? {
            files.push((case, file.as_str().context("a file name is text")?));
        }
    }
    let mut report = Report::new(files.len());
    for (case, file) in files {
        report.record(file, given::text(&folder.join(file)).and_then(|text| check(case, &text)));
    }
    Ok(report)
}

fn check(case: &Value, text: &str) -> Result<()> {
    let (bits, packed) = if text.starts_with('{') { from_json(text)? } else { from_cbor(text)? };
    expect::same("bits", &u64::from(bits), &given::number_member(case, "bits")?)?;
    let list = StatusList::from_lst(bits, &packed)?;
    let size = given::number_member(case, "size")?;
    let stated = statuses(case)?;
    let mut expected = StatusList::new(bits, BitOrder::LeastFirst, size)?;
    for (index, status) in &stated {
        expected.set(*index, *status)?;
    }
    for index in 0..size {
        let (ours, stated) = (list.get(index)?, stated.get(&index).copied().unwrap_or_default());
        ensure!(ours == stated, "entry {index}: expected {stated}, got {ours}");
    }
    expect::refused("an entry beyond the end", &list.get(size))?;
    // Packing differs between implementations, so it is the unpacked list that must come back.
    let again = StatusList::from_lst(bits, &expected.to_lst())?;
    expect::same("the list as we pack it", &again, &list)
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

fn from_json(text: &str) -> Result<(u8, String)> {
    let value: Value = serde_json::from_str(text)?;
    let bits = u8::try_from(given::number_member(&value, "bits")?)?;
    Ok((bits, given::text_member(&value, "lst")?.to_owned()))
}

fn from_cbor(hex: &str) -> Result<(u8, String)> {
    let bytes = given::hex(hex)?;
    let (bits, lst) = map_of_two(&bytes).context("not a CBOR map of \"bits\" and \"lst\"")?;
    Ok((bits, to_base64url(lst)))
}

/// The values of a CBOR map of `bits`, a small number, and `lst`, a byte string [RFC 8949 §3].
fn map_of_two(bytes: &[u8]) -> Option<(u8, &[u8])> {
    let (bits, rest) = bytes.strip_prefix(b"\xa2\x64bits")?.split_first()?;
    let (length, lst) = match rest.strip_prefix(b"\x63lst")? {
        [short @ 0x40..=0x57, lst @ ..] => (usize::from(short - 0x40), lst),
        [0x58, length, lst @ ..] => (usize::from(*length), lst),
        [0x59, high, low, lst @ ..] => (usize::from(u16::from_be_bytes([*high, *low])), lst),
        _ => return None,
    };
    (lst.len() == length).then_some((*bits, lst))
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
            assert!(from_cbor(hex).is_err(), "{hex}");
        }
    }
}
