//! As much of JSON Schema as the suite's schema uses. A keyword that is not known is an error, not a pass.

use anyhow::{Context, Result, bail, ensure};
use serde_json::Value;

/// Keywords that say nothing about a value. The schema writes `$def` where it may have meant a reference.
const SILENT: [&str; 5] = ["$schema", "$defs", "$def", "title", "description"];

pub(super) struct Schema(Value);

impl Schema {
    pub(super) const fn new(schema: Value) -> Self {
        Self(schema)
    }

    /// The value meets the schema.
    pub(super) fn check(&self, value: &Value) -> Result<()> {
        self.check_by(&self.0, value)
    }

    fn check_by(&self, schema: &Value, value: &Value) -> Result<()> {
        for (keyword, rule) in schema.as_object().context("a schema is an object")? {
            match keyword.as_str() {
                silent if SILENT.contains(&silent) => {}
                "type" => ensure!(has_type(value, rule), "{value} is not of type {rule}"),
                "required" => {
                    for name in rule.as_array().into_iter().flatten().filter_map(Value::as_str) {
                        ensure!(value.get(name).is_some(), "\"{name}\" is missing");
                    }
                }
                "properties" => {
                    for (name, schema) in rule.as_object().context("properties are an object")? {
                        if let Some(member) = value.get(name) {
                            self.check_by(schema, member).with_context(|| name.clone())?;
                        }
                    }
                }
                "items" => self.check_items(rule, value)?,
                "anyOf" => {
                    let schemas = rule.as_array().context("alternatives are a list")?;
                    let any = schemas.iter().any(|schema| self.check_by(schema, value).is_ok());
                    ensure!(any, "{value} is none of the alternatives");
                }
                "$ref" => {
                    let pointer = rule.as_str().and_then(|reference| reference.strip_prefix('#'));
                    let schema = pointer.and_then(|pointer| self.0.pointer(pointer));
                    self.check_by(schema.context("a reference leads into the schema")?, value)?;
                }
                other => bail!("the keyword {other} is not known"),
            }
        }
        Ok(())
    }

    /// One schema is for every element, a list of them for the first elements.
    fn check_items(&self, rule: &Value, value: &Value) -> Result<()> {
        let Some(elements) = value.as_array() else { return Ok(()) };
        for (index, element) in elements.iter().enumerate() {
            let schema = match rule {
                Value::Array(schemas) => schemas.get(index),
                schema => Some(schema),
            };
            if let Some(schema) = schema {
                self.check_by(schema, element).with_context(|| format!("element {index}"))?;
            }
        }
        Ok(())
    }
}

fn has_type(value: &Value, rule: &Value) -> bool {
    match rule.as_str() {
        Some("object") => value.is_object(),
        Some("array") => value.is_array(),
        Some("string") => value.is_string(),
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn what_breaks_the_schema_is_refused() {
        let schema = Schema::new(json!({
            "type": "object", "required": ["id"], "$defs": {"M": {"type": "object", "required": ["id"]}},
            "properties": {"id": {"type": "string"}, "m": {"type": "array", "items": [{"$ref": "#/$defs/M"}]},
                           "n": {"anyOf": [{"type": "string"}, {"type": "array", "items": {"type": "string"}}]}},
        }));
        assert!(schema.check(&json!({"id": "a", "m": [{"id": 1}, 2], "n": ["a"]})).is_ok());
        for broken in [
            json!([]),
            json!({}),
            json!({"id": 1}),
            json!({"id": "a", "m": [{}]}),
            json!({"id": "a", "n": [1]}),
        ] {
            assert!(schema.check(&broken).is_err(), "{broken}");
        }
        assert!(Schema::new(json!({"minimum": 1})).check(&json!(2)).is_err());
    }
}
