//! Reading members of received objects: each has one type, or the object is refused by the member's name.

use serde_json::{Map, Value};

/// A JSON object.
pub(crate) type Object = Map<String, Value>;

/// The member of this name is missing, or is not what it must be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Unfit(pub(crate) &'static str);

/// `name` as text, if it is there.
pub(crate) fn text<'a>(object: &'a Object, name: &'static str) -> Result<Option<&'a str>, Unfit> {
    object.get(name).map(|value| value.as_str().ok_or(Unfit(name))).transpose()
}

/// `name` as text that is not empty.
pub(crate) fn required_text<'a>(object: &'a Object, name: &'static str) -> Result<&'a str, Unfit> {
    text(object, name)?.filter(|text| !text.is_empty()).ok_or(Unfit(name))
}

/// `name` as a truth value; absent is false.
pub(crate) fn flag(object: &Object, name: &'static str) -> Result<bool, Unfit> {
    object.get(name).map_or(Ok(false), |value| value.as_bool().ok_or(Unfit(name)))
}

/// `name` as an integer that is not negative, if it is there.
pub(crate) fn number(object: &Object, name: &'static str) -> Result<Option<u64>, Unfit> {
    object.get(name).map(|value| value.as_u64().ok_or(Unfit(name))).transpose()
}

/// `name` as an object, if it is there.
pub(crate) fn object<'a>(outer: &'a Object, name: &'static str) -> Result<Option<&'a Object>, Unfit> {
    outer.get(name).map(|value| value.as_object().ok_or(Unfit(name))).transpose()
}

/// `name` as an array, if it is there.
pub(crate) fn array<'a>(object: &'a Object, name: &'static str) -> Result<Option<&'a [Value]>, Unfit> {
    object.get(name).map(|value| value.as_array().map(Vec::as_slice).ok_or(Unfit(name))).transpose()
}

/// `name` as an array of different texts, none of them empty; the array itself has at least one.
pub(crate) fn texts(object: &Object, name: &'static str) -> Result<Option<Vec<String>>, Unfit> {
    let Some(elements) = array(object, name)? else { return Ok(None) };
    let mut texts: Vec<String> = Vec::with_capacity(elements.len());
    for element in elements {
        let text = element.as_str().filter(|text| !text.is_empty()).ok_or(Unfit(name))?;
        if texts.iter().any(|earlier| earlier == text) {
            return Err(Unfit(name));
        }
        texts.push(text.to_owned());
    }
    if texts.is_empty() { Err(Unfit(name)) } else { Ok(Some(texts)) }
}

/// As [`texts`], and it must be there.
pub(crate) fn required_texts(object: &Object, name: &'static str) -> Result<Vec<String>, Unfit> {
    texts(object, name)?.ok_or(Unfit(name))
}

/// Adds `name` unless there is nothing to add: an absent member and `null` are different things.
pub(crate) fn put(object: &mut Object, name: &str, value: Option<impl Into<Value>>) {
    if let Some(value) = value {
        object.insert(name.to_owned(), value.into());
    }
}
