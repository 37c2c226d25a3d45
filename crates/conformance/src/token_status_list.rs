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
use std::path::Path;

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
        report.record(file, given::text(&folder.join(file)).and_then(|text| check(case, file, &text)));
    }
    Ok(report)
}

fn check(case: &Value, file: &str, text: &str) -> Result<()> {
    let (bits, lst) = if file.ends_with(".json") { from_json(text)? } else { from_cbor(text)? };
    expect::same("bits", &u64::from(bits), &given::number_member(case, "bits")?)?;
    let list = StatusList::from_lst(bits, &lst)?;
    let size = given::number_member(case, "size")?;
    let mut expected = StatusList::new(bits, BitOrder::LeastFirst, size)?;
    let statuses = given::object(given::member(case, "statuses")?)?;
    for (index, status) in statuses {
        let status = status.as_u64().and_then(|status| u8::try_from(status).ok());
        expected.set(index.parse()?, status.context("a status is a byte")?)?;
    }
    for index in 0..size {
        let stated = statuses.get(&index.to_string()).and_then(Value::as_u64).unwrap_or_default();
        let ours = u64::from(list.get(index)?);
        ensure!(ours == stated, "entry {index}: expected {stated}, got {ours}");
    }
    expect::refused("an entry beyond the end", list.get(size))?;
    // Packing differs between implementations, so it is the unpacked list that must come back.
    let again = StatusList::from_lst(bits, &expected.to_lst())?;
    expect::same("the list as we pack it", &again, &list)
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
        let statuses: Value = set.iter().map(|index| (index.to_string(), json!(1))).collect::<serde_json::Map<_, _>>().into();
        json!({"bits": 1, "size": size, "statuses": statuses})
    }

    #[test]
    fn one_wrong_entry_fails() {
        let set = [0, 3, 4, 5, 7, 8, 9, 13, 15];
        for (file, text) in [("list.json", JSON), ("list.hex", CBOR)] {
            assert!(check(&case(16, &set), file, text).is_ok(), "{file}");
            assert!(check(&case(16, &set[1..]), file, text).is_err(), "{file}");
            assert!(check(&case(16, &[&set[..], &[1]].concat()), file, text).is_err(), "{file}");
            assert!(check(&case(8, &set[..5]), file, text).is_err(), "{file}: the list is longer");
            assert!(check(&case(24, &set), file, text).is_err(), "{file}: the list is shorter");
        }
    }

    #[test]
    fn other_cbor_is_refused() {
        for hex in ["", "a1", "a2646269747301636c73744a78da", "a2646269747301636c737401"] {
            assert!(from_cbor(hex).is_err(), "{hex}");
        }
    }
}
