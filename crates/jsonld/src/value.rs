//! Values: how a JSON scalar or a value object becomes a literal [JSON-LD 1.1 API §5.3, §8.2].

use crate::{
    active::{Active, Coercion, Definition, Direction, Name, Read},
    entries::{Entries, Slot},
    error::{Breach, ErrorCode, JsonLdError},
    expand::{At, Expander, Shape, check_value_place},
    iri,
    keyword::Keyword,
    sink::{Item, Kind, literal, words},
};
use serde_json::{Number, Value};
use sinpyo_core::jcs;
use sinpyo_rdf::Term;
use std::sync::Arc;

impl Expander<'_> {
    /// Value expansion: a scalar by the definition of its property.
    pub(crate) fn scalar_item(
        &mut self,
        context: &Active,
        definition: Option<&Definition>,
        value: &Value,
    ) -> Result<Item, Breach> {
        let coercion = definition.map_or(&Coercion::Native, |definition| &definition.coercion);
        let read = match coercion {
            Coercion::Id => Some(Read::Document),
            Coercion::Vocab => Some(Read::VocabOrDocument),
            _ => None,
        };
        if let (Some(read), Value::String(text)) = (read, value) {
            let term = self.reference(context, text, read)?;
            return Ok(Item { term, kind: Kind::Node });
        }
        let term = match (coercion, value) {
            (Coercion::Json, value) => json_literal(value),
            (Coercion::Datatype(datatype), value) => typed(value, Some(datatype)),
            (_, Value::String(text)) => {
                let (language, direction) = (context.language.as_ref(), context.direction.as_ref());
                match definition {
                    None => text_literal(text, language.cloned(), direction.copied()),
                    Some(said) => {
                        text_literal(text, said.language.or(language), said.direction.or(direction))
                    }
                }
            }
            (_, value) => typed(value, None),
        };
        Ok(Item { term, kind: Kind::Value })
    }

    /// A value that its property says is JSON.
    pub(crate) fn json(&mut self, at: &At<'_>, value: &Value) -> Result<Shape, JsonLdError> {
        check_value_place(at)?;
        self.sink.stack.push(Item { term: json_literal(value), kind: Kind::Value });
        Ok(Shape::Single)
    }

    /// Expands an object that has a `@value`.
    pub(crate) fn value_object(
        &mut self,
        at: At<'_>,
        (context, base): (&Active, &Active),
        entries: &Entries<'_>,
    ) -> Result<Shape, JsonLdError> {
        let term = value_term(&at, (context, base), entries)?;
        check_value_place(&at)?;
        let item = Item { term, kind: Kind::Value };
        self.give(&at, &item)?;
        self.sink.stack.push(item);
        Ok(Shape::Single)
    }
}

fn value_term(
    at: &At<'_>,
    (context, base): (&Active, &Active),
    entries: &Entries<'_>,
) -> Result<Term, JsonLdError> {
    let Entries { value: Some(slot), language, direction, types, .. } = entries else {
        return Err(at.path.error(Breach::DroppedValue));
    };
    let fail = |slot: &Slot<'_>, code| at.path.member(slot.key).error(Breach::Syntax(code)); // [JLD-03]
    let whole = |code| at.path.error(Breach::Syntax(code));
    let language = language.as_ref().map(|slot| language_of(slot, at)).transpose()?;
    let direction = match direction {
        None => None,
        Some(slot) => {
            let direction = slot.value.as_str().and_then(Direction::parse);
            Some(direction.ok_or_else(|| fail(slot, ErrorCode::InvalidBaseDirection))?)
        }
    };
    if entries.index.is_some_and(|slot| !slot.value.is_string()) {
        return Err(whole(ErrorCode::InvalidIndexValue));
    }
    let datatype = match types.as_slice() {
        [] => None,
        [slot, ..] => Some((slot, datatype_of(slot, (context, base)).map_err(|code| fail(slot, code))?)),
    };
    let is_json = matches!(datatype, Some((_, Name::Keyword(Keyword::Json))));
    if !is_json && (slot.value.is_array() || slot.value.is_object()) {
        return Err(fail(slot, ErrorCode::InvalidValueObjectValue));
    }
    let is_text = language.is_some() || direction.is_some();
    let has_more = entries.id.is_some() || entries.list.is_some() || entries.set.is_some();
    let is_node =
        has_more || !entries.properties.is_empty() || entries.is_graph() || entries.reverse.is_some();
    let is_node =
        is_node || entries.graph.is_some() || !entries.included.is_empty() || !entries.nests.is_empty();
    if is_node || types.len() > 1 || (datatype.is_some() && is_text) {
        return Err(whole(ErrorCode::InvalidValueObject));
    }
    match (slot.value, datatype) {
        (value, Some((_, Name::Keyword(Keyword::Json)))) => Ok(json_literal(value)),
        (Value::Null, _) => Err(at.path.error(Breach::DroppedValue)), // [JLD-06]
        (value, Some((_, Name::Iri(iri)))) => Ok(typed(value, Some(&iri))),
        (_, Some((slot, _))) => Err(fail(slot, ErrorCode::InvalidTypedValue)),
        (Value::String(text), None) => Ok(text_literal(text, language, direction)),
        (_, None) if language.is_some() => Err(fail(slot, ErrorCode::InvalidLanguageTaggedValue)),
        (_, None) if direction.is_some() => Err(at.path.error(Breach::DroppedValue)), // [JLD-06]
        (value, None) => Ok(typed(value, None)),
    }
}

fn language_of(slot: &Slot<'_>, at: &At<'_>) -> Result<Arc<str>, JsonLdError> {
    let fail = |breach| at.path.member(slot.key).error(breach);
    match slot.value {
        Value::String(tag) => language_tag(tag).map_err(fail),
        _ => Err(fail(Breach::Syntax(ErrorCode::InvalidLanguageTaggedString))),
    }
}

/// A language tag in the form that is stated: lower case.
pub(crate) fn language_tag(tag: &str) -> Result<Arc<str>, Breach> {
    if !iri::is_language_tag(tag) {
        return Err(Breach::LanguageTag); // [JLD-07]
    }
    Ok(tag.to_ascii_lowercase().into())
}

/// The type of a value object. Only `@json` is looked up where the members are read [JSON-LD 1.1 API §5.1.2 step 12].
fn datatype_of(slot: &Slot<'_>, (context, base): (&Active, &Active)) -> Result<Name, ErrorCode> {
    match slot.value {
        Value::String(text) => match context.expand(text, Read::Vocab) {
            json @ Name::Keyword(Keyword::Json) => Ok(json),
            _ => Ok(base.expand(text, Read::VocabOrDocument)),
        },
        Value::Array(items) if items.iter().all(Value::is_string) => Err(ErrorCode::InvalidTypedValue),
        _ => Err(ErrorCode::InvalidTypeValue),
    }
}

fn json_literal(value: &Value) -> Term {
    let canonical = jcs::canonicalize(value);
    literal(String::from_utf8_lossy(&canonical).into(), &words().json, None)
}

/// A text with its language and direction [JSON-LD 1.1 API §8.2.2 step 13, `i18n-datatype`].
pub(crate) fn text_literal(text: &str, language: Option<Arc<str>>, direction: Option<Direction>) -> Term {
    match (language, direction) {
        (None, None) => literal(text.into(), &words().string, None),
        (Some(language), None) => literal(text.into(), &words().lang_string, Some(language)),
        (language, Some(direction)) => {
            let language = language.as_deref().unwrap_or_default();
            let datatype = format!("https://www.w3.org/ns/i18n#{language}_{}", direction.as_str());
            literal(text.into(), &datatype.into(), None)
        }
    }
}

/// A value by its JSON type, or of `datatype`.
fn typed(value: &Value, datatype: Option<&Arc<str>>) -> Term {
    let words = words();
    match value {
        Value::Bool(value) => {
            literal(if *value { "true" } else { "false" }.into(), datatype.unwrap_or(&words.boolean), None)
        }
        Value::Number(number) => {
            let is_double = datatype.is_some_and(|datatype| **datatype == *words.double);
            match integer_text(number).filter(|_| !is_double) {
                Some(text) => literal(text.into(), datatype.unwrap_or(&words.integer), None),
                None => literal(double_text(number).into(), datatype.unwrap_or(&words.double), None),
            }
        }
        Value::String(text) => literal(text.as_str().into(), datatype.unwrap_or(&words.string), None),
        Value::Null | Value::Array(_) | Value::Object(_) => json_literal(value),
    }
}

/// The digits of a number without a fraction below 10^21.
fn integer_text(number: &Number) -> Option<String> {
    if number.is_i64() || number.is_u64() {
        return Some(number.to_string());
    }
    let double = number.as_f64()?;
    if double.fract().abs() > 0.0 || double.abs() >= 1e21 {
        return None;
    }
    // The sum turns -0 into 0.
    Some(format!("{:.0}", double + 0.0))
}

/// The canonical form of xsd:double with 15 digits after the point.
fn double_text(number: &Number) -> String {
    let double = number.as_f64().unwrap_or_default() + 0.0;
    let text = format!("{double:.15E}");
    let Some((mantissa, exponent)) = text.split_once('E') else { return text };
    let mantissa = mantissa.trim_end_matches('0');
    let point = if mantissa.ends_with('.') { "0" } else { "" };
    format!("{mantissa}{point}E{exponent}")
}

#[cfg(test)]
mod tests {
    use super::*;

    /// JSON-LD 1.1 API §8.6 and XML Schema Part 2 §3.2.5.2.
    #[test]
    fn numbers_have_their_canonical_text() {
        let number = |text: &str| -> Number { serde_json::from_str(text).unwrap() };
        let cases =
            [("5", "5"), ("-5.0", "-5"), ("-0", "0"), ("1e20", "100000000000000000000"), ("0.0", "0")];
        for (given, expected) in cases {
            assert_eq!(integer_text(&number(given)).as_deref(), Some(expected), "{given}");
        }
        let cases =
            [("5.3", "5.3E0"), ("1e21", "1.0E21"), ("-0.0000001", "-1.0E-7"), ("5", "5.0E0"), ("0", "0.0E0")];
        for (given, expected) in cases {
            assert_eq!(double_text(&number(given)), expected, "{given}");
        }
        assert_eq!(integer_text(&number("5.3")), None);
        assert_eq!(integer_text(&number("1e21")), None);
    }
}
