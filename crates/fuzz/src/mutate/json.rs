//! Mutation that keeps JSON well-formed, so that it gets past the first parser.

use super::Dice;
use serde_json::{Map, Value, json};

/// The JSON document in `input` with one to three changes; `None` if there is none, and half of the time.
///
/// Lines of JSON are changed one at a time.
pub(super) fn mutate(input: &[u8], others: &[Vec<u8>], dice: &mut Dice) -> Option<Vec<u8>> {
    if dice.below(2) == 0 {
        return None;
    }
    let mut lines: Vec<&[u8]> = input.split(|byte| *byte == b'\n').collect();
    let at = dice.below(lines.len());
    let chosen = lines.get_mut(at)?;
    let mut value: Value = serde_json::from_slice(chosen).ok()?;
    let donor = dice.pick(others).and_then(|other| serde_json::from_slice(other).ok()).unwrap_or(Value::Null);
    for _ in 0..=dice.below(3) {
        let depth = 1 + dice.below(8);
        change(descend(&mut value, depth, dice), &donor, dice);
    }
    let text = value.to_string().into_bytes();
    *chosen = &text;
    Some(lines.join(&b'\n'))
}

/// A value somewhere within `value`, at most `depth` levels down.
fn descend<'v>(value: &'v mut Value, depth: usize, dice: &mut Dice) -> &'v mut Value {
    if depth == 0 {
        return value;
    }
    let at = dice.below(value.as_array().map_or_else(|| value.as_object().map_or(0, Map::len), Vec::len));
    let has_parts = match value {
        Value::Array(items) => !items.is_empty(),
        Value::Object(members) => !members.is_empty(),
        _ => false,
    };
    if !has_parts {
        return value;
    }
    let part = match value {
        Value::Array(items) => items.get_mut(at),
        Value::Object(members) => members.values_mut().nth(at),
        _ => None,
    };
    descend(part.expect("a position below the length"), depth - 1, dice)
}

fn change(value: &mut Value, donor: &Value, dice: &mut Dice) {
    match value {
        Value::Array(items) if dice.below(3) > 0 => change_items(items, dice),
        Value::Object(members) if dice.below(3) > 0 => change_members(members, donor, dice),
        Value::String(text) if dice.below(3) > 0 => change_text(text, dice),
        Value::Number(number) if dice.below(3) > 0 => {
            let near = number.as_i64().unwrap_or(0);
            *value = match dice.below(3) {
                0 => json!(near.wrapping_add(1)),
                1 => json!(near.wrapping_sub(1)),
                _ => json!(near.wrapping_neg()),
            };
        }
        _ => *value = odd(donor, dice),
    }
}

/// A value that is seldom expected.
fn odd(donor: &Value, dice: &mut Dice) -> Value {
    match dice.below(14) {
        0 => Value::Null,
        1 => json!(true),
        2 => json!(0),
        3 => json!(-1),
        4 => json!(1e300),
        5 => json!(u64::MAX),
        6 => json!(9_007_199_254_740_992_i64),
        7 => json!(""),
        8 => json!([]),
        9 => json!({}),
        10 => json!([[], {}]),
        11 => json!({"@value": "x", "@type": "@json"}),
        12 => json!("did:example:other#key"),
        _ => {
            let mut donor = donor.clone();
            let depth = dice.below(4);
            descend(&mut donor, depth, dice).take()
        }
    }
}

fn change_items(items: &mut Vec<Value>, dice: &mut Dice) {
    let at = dice.below(items.len());
    let Some(item) = items.get(at).cloned() else { return items.push(Value::Null) };
    match dice.below(4) {
        0 => drop(items.remove(at)),
        1 => items.reverse(),
        2 => items.push(item),
        _ => items.extend(std::iter::repeat_n(item, 1 + dice.below(20))),
    }
}

fn change_members(members: &mut Map<String, Value>, donor: &Value, dice: &mut Dice) {
    let names: Vec<String> = members.keys().cloned().collect();
    let Some(name) = dice.pick(&names) else {
        members.insert("@id".to_owned(), odd(donor, dice));
        return;
    };
    match dice.below(5) {
        0 => drop(members.remove(name)),
        1 => {
            let value = members.remove(name).unwrap_or_default();
            members.insert(format!("{name}x"), value);
        }
        2 => {
            let other = dice.pick(&names).and_then(|other| members.get(other)).cloned();
            members.insert(name.clone(), other.unwrap_or_default());
        }
        3 => {
            let inner = members.clone();
            members.insert(name.clone(), Value::Object(inner));
        }
        _ => {
            if let Value::Object(donor) = donor {
                let at = dice.below(donor.len());
                members.extend(donor.iter().nth(at).map(|(name, value)| (name.clone(), value.clone())));
            }
        }
    }
}

fn change_text(text: &mut String, dice: &mut Dice) {
    const ODD: [&str; 12] = [
        "",
        "\0",
        "\u{202e}",
        "e\u{301}",
        "\u{10ffff}",
        " ",
        "/",
        "#",
        "?",
        ":",
        "https://a.example/",
        "_:b",
    ];
    let characters: Vec<char> = text.chars().collect();
    let at = dice.below(characters.len());
    let (before, after) = characters.split_at(at);
    let before: String = before.iter().collect();
    let after: String = after.iter().skip(dice.below(2)).collect();
    let middle = dice.pick(&ODD).copied().unwrap_or_default();
    *text = match dice.below(4) {
        0 => before,
        1 => format!("{before}{after}"),
        2 => text.repeat(1 + dice.below(4)),
        _ => format!("{before}{middle}{after}"),
    };
}
