//! `sinpyo-core`: status lists and what points into them.

use super::{OK, SKIPPED, target, texts};
use crate::{Outcome, Target};
use serde_json::Value;
use sinpyo_core::{
    json,
    status::{
        Aggregation, BitOrder, StatusList, StatusListError, StatusMessages, StatusSize, parse_index,
        parse_time,
    },
};
use std::str;

pub(super) const TARGETS: &[Target] = &[
    target("core/status-list-token", token_seeds, read_token_list),
    target("core/status-list-bitstring", bitstring_seeds, read_bitstring),
    target("core/status-facts", fact_seeds, read_facts),
];

/// Longest list that is written again, in bytes: compressing is not what is measured.
const REWRITTEN: usize = 1 << 16;

fn token_seeds() -> Vec<Vec<u8>> {
    let list = |bits: u8| {
        let mut list = StatusList::new(bits, BitOrder::LeastFirst, 400).expect("a list");
        list.set(7, 1).expect("an entry");
        [&[bits][..], list.to_lst().as_bytes()].concat()
    };
    vec![list(1), list(2), list(4), list(8)]
}

/// The first byte of the input is the number of bits.
fn read_token_list(input: &[u8]) -> Outcome {
    let Some((bits, rest)) = input.split_first() else { return SKIPPED };
    let _binary = StatusList::from_zlib(*bits, rest).map(|list| list.get(0));
    let Ok(text) = str::from_utf8(rest) else { return SKIPPED };
    let list = StatusList::from_lst(*bits, text);
    check(&list, |list| StatusList::from_lst(*bits, &list.to_lst()))
}

fn bitstring_seeds() -> Vec<Vec<u8>> {
    let list = |size: u8| {
        let mut list = StatusList::new(size, BitOrder::MostFirst, 400).expect("a list");
        list.set(7, 1).expect("an entry");
        [&[size][..], list.to_encoded_list().as_bytes()].concat()
    };
    vec![list(1), list(3), list(8)]
}

/// The first byte of the input is the size of an entry.
fn read_bitstring(input: &[u8]) -> Outcome {
    let Some((size, rest)) = input.split_first() else { return SKIPPED };
    let (Some(size), Ok(text)) = (StatusSize::new(*size), str::from_utf8(rest)) else { return SKIPPED };
    let list = StatusList::from_encoded_list(size, text);
    check(&list, |list| StatusList::from_encoded_list(size, &list.to_encoded_list()))
}

/// A list that was read has the entries that it counts, and no more, and survives being written.
fn check(
    list: &Result<StatusList, StatusListError>,
    again: impl Fn(&StatusList) -> Result<StatusList, StatusListError>,
) -> Outcome {
    let list = match list {
        Ok(list) => list,
        Err(error) => return error.code(),
    };
    let length = u64::try_from(list.len()).expect("a length");
    assert!(length == 0 || list.get(length - 1).is_ok());
    assert!(list.get(length).is_err() && list.get(u64::MAX).is_err());
    if list.len() * usize::from(list.bits()) / 8 <= REWRITTEN {
        assert!(again(list).as_ref() == Ok(list), "a list is written as it was read");
    }
    OK
}

fn fact_seeds() -> Vec<Vec<u8>> {
    texts(&[
        r#"{"status_lists":["https://a.example/1","https://a.example/2"]}"#,
        r#"{"statusSize":1,"statusMessage":[{"status":"0x0","message":"a"},{"status":"0x1","message":"b"}]}"#,
        r#"{"statusSize":2,"statusMessage":[{"status":"0x0","message":"a"},{"status":"0x1","message":"b"},{"status":"0x2","message":"c"},{"status":"0x3","message":"d"}]}"#,
        "18446744073709551615",
        "1795319100",
    ])
}

fn read_facts(input: &[u8]) -> Outcome {
    let Ok(text) = str::from_utf8(input) else { return SKIPPED };
    if let Some(index) = parse_index(text) {
        assert_eq!(index.to_string(), text, "an index has one spelling");
        return "index";
    }
    if let Ok(time) = parse_time(text) {
        let _unix = time.unix();
        return "time";
    }
    if let Ok(lists) = Aggregation::parse(input) {
        let written = lists.to_json().to_string();
        assert_eq!(Aggregation::parse(written.as_bytes()), Ok(lists));
        return "aggregation";
    }
    let Ok(members) = json::parse_object(input) else { return SKIPPED };
    match StatusMessages::from_json(members.get("statusSize"), members.get("statusMessage")) {
        Ok(Some(messages)) => {
            let size = Value::from(messages.size().bits());
            let again = StatusMessages::from_json(Some(&size), Some(&messages.to_json()));
            assert_eq!(again, Ok(Some(messages)));
            OK
        }
        Ok(None) => "none",
        Err(error) => error.code(),
    }
}
