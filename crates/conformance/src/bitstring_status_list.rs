//! `bitstring-status-list`: lists that another implementation packed. A case is an entry of the file it wrote.

use crate::{expect, given, report::Report};
use anyhow::{Context, Result, ensure};
use serde_json::Value;
use sinpyo_core::status::{BitOrder, StatusList};
use std::{collections::BTreeSet, path::Path};

pub(crate) fn run(folder: &Path) -> Result<Report> {
    let cases = given::json(&folder.join("generated-digitalbazaar-2.0.1.json"))?;
    let cases = given::array(&cases)?;
    let mut report = Report::new(cases.len());
    for (number, case) in cases.iter().enumerate() {
        report.record(number.to_string(), check(case));
    }
    Ok(report)
}

fn check(case: &Value) -> Result<()> {
    let length = given::number_member(case, "length")?;
    let set = given::array(given::member(case, "set")?)?;
    let set: BTreeSet<u64> =
        set.iter().map(Value::as_u64).collect::<Option<_>>().context("an index is a number")?;
    let list = StatusList::from_encoded_list(1, given::text_member(case, "encodedList")?)?;
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
    let again = StatusList::from_encoded_list(1, &expected.to_encoded_list())?;
    expect::same("the list as we pack it", &again, &list)
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

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
}
