//! Reads what a set gives. Nothing here goes through our own parsers: they are what is being tested.

use anyhow::{Context, Result, bail};
use serde_json::{Map, Value};
use std::{
    fs,
    path::{Path, PathBuf},
};

/// The content of a file.
pub(crate) fn bytes(path: &Path) -> Result<Vec<u8>> {
    fs::read(path).with_context(|| format!("cannot read {}", path.display()))
}

/// The content of a text file.
pub(crate) fn text(path: &Path) -> Result<String> {
    String::from_utf8(bytes(path)?).with_context(|| format!("{} is not UTF-8", path.display()))
}

/// The content of a JSON file.
pub(crate) fn json(path: &Path) -> Result<Value> {
    serde_json::from_slice(&bytes(path)?).with_context(|| format!("{} is not JSON", path.display()))
}

/// The files in and below `folder` that end in `.json`, by name.
pub(crate) fn json_files(folder: &Path) -> Result<Vec<PathBuf>> {
    let mut found = Vec::new();
    for path in entries(folder)? {
        if path.is_dir() {
            found.extend(json_files(&path)?);
        } else if path.extension().is_some_and(|extension| extension == "json") {
            found.push(path);
        }
    }
    Ok(found)
}

/// What stands directly in `folder`, by name.
pub(crate) fn entries(folder: &Path) -> Result<Vec<PathBuf>> {
    let listing = fs::read_dir(folder).with_context(|| format!("cannot list {}", folder.display()))?;
    let mut paths = listing.map(|entry| Ok(entry?.path())).collect::<Result<Vec<_>>>()?;
    paths.sort();
    Ok(paths)
}

/// The name of `path` within `folder`.
pub(crate) fn name(folder: &Path, path: &Path) -> String {
    path.strip_prefix(folder).unwrap_or(path).display().to_string()
}

/// The member `name` of an object.
pub(crate) fn member<'a>(value: &'a Value, name: &str) -> Result<&'a Value> {
    value.get(name).with_context(|| format!("the vector has no member \"{name}\""))
}

/// The text member `name` of an object.
pub(crate) fn text_member<'a>(value: &'a Value, name: &str) -> Result<&'a str> {
    member(value, name)?.as_str().with_context(|| format!("\"{name}\" of the vector is not text"))
}

/// The member `name` of an object, a whole number.
pub(crate) fn number_member(value: &Value, name: &str) -> Result<u64> {
    member(value, name)?.as_u64().with_context(|| format!("\"{name}\" of the vector is not a whole number"))
}

/// An array.
pub(crate) fn array(value: &Value) -> Result<&[Value]> {
    value.as_array().map(Vec::as_slice).context("the vector is not an array where it should be")
}

/// The members of an object.
pub(crate) fn object(value: &Value) -> Result<&Map<String, Value>> {
    value.as_object().context("the vector is not an object where it should be")
}

/// The bytes that `text` writes in hexadecimal, white space aside.
pub(crate) fn hex(text: &str) -> Result<Vec<u8>> {
    let digits: Vec<char> = text.chars().filter(|digit| !digit.is_whitespace()).collect();
    let (pairs, rest) = digits.as_chunks();
    if !rest.is_empty() {
        bail!("an odd number of hexadecimal digits");
    }
    let byte = |[high, low]: &[char; 2]| {
        let value = high.to_digit(16)? << 4 | low.to_digit(16)?;
        u8::try_from(value).ok()
    };
    pairs.iter().map(byte).collect::<Option<_>>().context("not hexadecimal digits")
}

/// The bytes in hexadecimal, as vectors write them.
pub(crate) fn to_hex(bytes: &[u8]) -> String {
    let digit = |nibble: u8| char::from_digit(nibble.into(), 16);
    bytes.iter().flat_map(|byte| [byte >> 4, byte & 15]).filter_map(digit).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hexadecimal_is_read_or_refused() {
        assert_eq!(hex("00 fF\n5b").unwrap(), [0, 255, 0x5b]);
        assert_eq!(to_hex(&[0, 255, 0x5b]), "00ff5b");
        assert!(hex("0").is_err());
        assert!(hex("0g").is_err());
    }

    #[test]
    fn a_missing_member_names_itself() {
        let error = text_member(&serde_json::json!({"a": 1}), "b").unwrap_err();
        assert_eq!(error.to_string(), "the vector has no member \"b\"");
    }
}
