//! What of a presentation is handed on and kept: what was asked for. A wallet that shows more shows it to nobody.

use serde_json::{Map, Value};
use sinpyo_core::claims::{ClaimPath, ClaimStep};
use sinpyo_dcql::Fit;
use sinpyo_jose::Typ;
use sinpyo_proof::sd_jwt::Holding;
use sinpyo_verifier::Shown;

/// The claims of `shown` that were asked for. Where no claim was asked for, those that cannot be withheld.
pub(crate) fn claims(shown: &Shown, fit: &Fit) -> Map<String, Value> {
    let all = shown.credential().claims();
    if !fit.claims.is_empty() {
        let paths: Vec<_> = fit.claims.iter().map(|path| within_subject(path, all)).collect();
        return members(all, &paths); // [VSV-21]
    }
    match disclosed(shown).and_then(|(holding, _)| selected(&holding, &[])) {
        Some(bare) => {
            let open = Holding::parse(&bare, &[Typ::SD_JWT_VC]);
            let open = open.map(|open| open.claims().clone()).unwrap_or_default();
            all.keys().filter_map(|name| Some((name.clone(), open.get(name)?.clone()))).collect() // [VSV-21]
        }
        None => all.clone(),
    }
}

/// The presentation without the disclosures that nobody asked for. If there were any, the holder's signature, which was
/// over all of them, does not fit to what is kept; the issuer's does.
pub(crate) fn evidence(shown: &Shown, fit: &Fit) -> Value {
    let Some(wire) = shown.evidence() else { return Value::Null };
    if let Some((holding, binding)) = disclosed(shown) {
        let Some(kept) = selected(&holding, &fit.claims) else { return Value::Null };
        let is_all = kept.matches('~').count() == wire.matches('~').count();
        // As it came, if it can be: the holder has signed the disclosures in this order.
        return Value::from(if is_all { wire.to_owned() } else { format!("{kept}{binding}") }); // [VSV-21]
    }
    serde_json::from_str(wire).map_or_else(|_| Value::from(wire), Value::Object)
}

/// An SD-JWT, and what binds it.
fn disclosed(shown: &Shown) -> Option<(Holding, &str)> {
    let (bound, binding) = shown.evidence()?.rsplit_once('~')?;
    let holding = Holding::parse(&format!("{bound}~"), &[Typ::SD_JWT_VC]).ok()?;
    Some((holding, binding))
}

fn selected(holding: &Holding, paths: &[ClaimPath]) -> Option<String> {
    holding.select(paths).ok().map(sinpyo_proof::sd_jwt::Selection::unbound)
}

/// The steps of `path` from the subject's claims on: queries for W3C credentials begin at the credential
/// [OpenID4VP 1.0 §B.1.3].
fn within_subject<'p>(path: &'p ClaimPath, claims: &Map<String, Value>) -> &'p [ClaimStep] {
    match path.steps() {
        [ClaimStep::Name(first), rest @ ..]
            if first == "credentialSubject" && !claims.contains_key(first) =>
        {
            rest
        }
        steps => steps,
    }
}

/// The members of `object` to which `paths` lead, each whole. A path of no steps means all.
fn members(object: &Map<String, Value>, paths: &[&[ClaimStep]]) -> Map<String, Value> {
    if paths.iter().any(|path| path.is_empty()) {
        return object.clone();
    }
    let below = |name: &str| -> Vec<&[ClaimStep]> {
        let rest = |path: &&[ClaimStep]| matches!(path.first(), Some(ClaimStep::Name(own)) if own == name);
        paths.iter().copied().filter(rest).filter_map(|path| path.get(1..)).collect()
    };
    let chosen = object.iter().filter_map(|(name, value)| Some((name.clone(), part(value, &below(name))?)));
    chosen.collect()
}

/// What `paths` select of `value`; none if none leads into it.
fn part(value: &Value, paths: &[&[ClaimStep]]) -> Option<Value> {
    if paths.iter().any(|path| path.is_empty()) {
        return Some(value.clone());
    }
    match value {
        _ if paths.is_empty() => None,
        Value::Object(object) => Some(members(object, paths).into()),
        Value::Array(elements) => {
            let below = |index: usize| -> Vec<&[ClaimStep]> {
                let leads = |step: Option<&ClaimStep>| match step {
                    Some(ClaimStep::Every) => true,
                    Some(ClaimStep::Index(own)) => *own == index,
                    _ => false,
                };
                paths
                    .iter()
                    .copied()
                    .filter(|path| leads(path.first()))
                    .filter_map(|path| path.get(1..))
                    .collect()
            };
            Some(elements.iter().enumerate().filter_map(|(index, one)| part(one, &below(index))).collect())
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn what_no_path_leads_to_is_left_out() {
        let claims = json!({"name": "a", "born": 1, "address": {"city": "b", "street": "c"},
            "lists": [{"x": 1, "y": 2}, {"x": 3, "y": 4}]});
        let check = |paths: Value, expected: Value| {
            let paths: Vec<_> =
                paths.as_array().unwrap().iter().map(|path| ClaimPath::from_json(path).unwrap()).collect();
            let claims = claims.as_object().unwrap();
            let steps: Vec<_> = paths.iter().map(|path| within_subject(path, claims)).collect();
            assert_eq!(Value::Object(members(claims, &steps)), expected);
        };
        check(json!([["name"]]), json!({"name": "a"}));
        check(json!([["address", "city"], ["born"]]), json!({"born": 1, "address": {"city": "b"}}));
        check(json!([["address"], ["address", "city"]]), json!({"address": {"city": "b", "street": "c"}}));
        check(json!([["lists", null, "y"]]), json!({"lists": [{"y": 2}, {"y": 4}]}));
        check(json!([["lists", 1]]), json!({"lists": [{"x": 3, "y": 4}]}));
        check(json!([["credentialSubject", "name"]]), json!({"name": "a"}));
        check(json!([["absent"]]), json!({}));
    }
}
