//! Values with members.

use super::{ClaimError, Identifier, MAX_ELEMENTS, SAFE, number, text};
use serde_json::{Map, Value, json};
use sinpyo_core::{accreditation::ServiceCode, claims::ClaimPath};

/// The members of `value`, which must be exactly `N` in number.
fn members<const N: usize>(value: &Value) -> Result<&Map<String, Value>, ClaimError> {
    let members = value.as_object().ok_or(ClaimError::Kind)?;
    if members.len() == N { Ok(members) } else { Err(ClaimError::Form) }
}

fn member<'a>(members: &'a Map<String, Value>, name: &str) -> Result<&'a str, ClaimError> {
    members.get(name).ok_or(ClaimError::Form)?.as_str().ok_or(ClaimError::Kind)
}

pub(super) fn range(value: &Value) -> Result<Value, ClaimError> {
    let members = members::<2>(value)?;
    let end = |name| Identifier::Any.check(member(members, name)?);
    Ok(json!({"first": end("first")?, "last": end("last")?}))
}

pub(super) fn scope(value: &Value) -> Result<Value, ClaimError> {
    let members = members::<3>(value)?;
    let service: ServiceCode = member(members, "service")?.parse().map_err(|_| ClaimError::Form)?;
    let kind = Identifier::CredentialType.check(member(members, "type")?)?;
    let paths = members.get("claims").and_then(Value::as_array).ok_or(ClaimError::Kind)?;
    if paths.len() > MAX_ELEMENTS {
        return Err(ClaimError::Length);
    }
    let paths = paths.iter().map(|path| {
        let path = ClaimPath::from_json(path).map_err(|_| ClaimError::Form)?;
        Ok(path.to_json())
    });
    let paths: Vec<Value> = paths.collect::<Result<_, ClaimError>>()?;
    Ok(json!({"service": service.as_str(), "type": kind, "claims": paths}))
}

pub(super) fn shares(value: &Value) -> Result<Value, ClaimError> {
    let shares = value.as_array().ok_or(ClaimError::Kind)?;
    if shares.len() > MAX_ELEMENTS {
        return Err(ClaimError::Length);
    }
    let (mut checked, mut sum) = (Vec::new(), 0);
    for share in shares {
        let members = members::<2>(share)?;
        let payee = Identifier::Any.check(member(members, "payee")?)?;
        let points = number::integer(members.get("basis_points").ok_or(ClaimError::Form)?, 1..=10_000)?;
        sum += points;
        checked.push(json!({"payee": payee, "basis_points": points}));
    }
    if sum == 10_000 { Ok(Value::Array(checked)) } else { Err(ClaimError::Range) }
}

/// Named texts, whole numbers and truth values; no nesting.
pub(super) fn fields(value: &Value) -> Result<Value, ClaimError> {
    let fields = value.as_object().ok_or(ClaimError::Kind)?;
    if fields.len() > MAX_ELEMENTS {
        return Err(ClaimError::Length);
    }
    let mut checked = Map::new();
    for (name, value) in fields {
        let value = match value {
            Value::Bool(flag) => Value::from(*flag),
            Value::Number(_) => Value::from(number::integer(value, SAFE)?),
            Value::String(value) => Value::from(text::checked(value)?),
            Value::Null | Value::Array(_) | Value::Object(_) => return Err(ClaimError::Kind),
        };
        // "_sd" and "..." steer selective disclosure; no field may take their names.
        let name = Some(text::of_length(name, 1, 64)?).filter(|name| name != "_sd" && name != "...");
        if checked.insert(name.ok_or(ClaimError::Form)?, value).is_some() {
            return Err(ClaimError::Form);
        }
    }
    Ok(Value::Object(checked))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn members_are_checked_like_claims() {
        assert!(range(&json!({"first": "REC-1", "last": "REC-9"})).is_ok());
        let scope_of =
            |claims: Value| scope(&json!({"service": "post.login", "type": "urn:x", "claims": claims}));
        assert!(scope_of(json!([["family_name"]])).is_ok());
        let payee = |points: i64| json!({"payee": "p", "basis_points": points});
        assert!(shares(&json!([payee(4000), payee(6000)])).is_ok());
        assert!(fields(&json!({"name": "김한별", "count": 1, "done": true})).is_ok());
        for refused in [
            range(&json!({"first": "a"})),
            range(&json!({"first": "a", "last": 1})),
            range(&json!({"first": "a", "last": "b", "more": "c"})),
            scope_of(json!("family_name")),
            scope_of(json!(["family_name"])),
            shares(&json!([payee(4000), payee(5999)])),
            shares(&json!([payee(0), payee(10_000)])),
            fields(&json!({"a": ["nested"]})),
            fields(&json!({"_sd": "x"})),
            fields(&json!({"...": "x"})),
            fields(&json!({"a": "000000-0000000"})),
            fields(&json!({"가": 1, "\u{1100}\u{1161}": 2})),
            fields(&json!([])),
        ] {
            assert!(refused.is_err());
        }
    }
}
