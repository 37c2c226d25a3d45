//! Queries for credentials.

use super::{
    answer::{Answer, Refusal},
    arguments::{Arguments, wrong},
};
use serde_json::{Map, Value, json};
use sinpyo_core::claims::ClaimPath;
use sinpyo_dcql::{Arrays, Authority, AuthorityKind, Bound, Candidate, Fit, Kind, Query, QueryId};

/// `dcql.matches`: what of the argument `credentials` answers the argument `query`.
///
/// A credential is `{format, vct | doctype | types, claims, bound, authority?: {type, values}}`.
pub(super) fn matches(arguments: &Arguments) -> Answer {
    let query = Query::from_json(arguments.required("query")?)?;
    let held = arguments.list("credentials").iter().map(candidate).collect::<Result<Vec<_>, _>>()?;
    let matches = query.matches(&held);
    let fit = |(position, fit): &(usize, Fit)| {
        let claims: Value = fit.claims.iter().map(ClaimPath::to_json).collect();
        json!({"credential": position, "claims": claims, "claimSet": fit.claim_set})
    };
    let queries = matches.queries.iter().map(|found| {
        let fits: Value = found.fits.iter().map(fit).collect();
        (found.id.to_string(), fits)
    });
    let names = |option: &Vec<QueryId>| option.iter().map(QueryId::as_str).collect::<Value>();
    let sets = matches.sets.iter().map(|set| set.options.iter().map(names).collect::<Value>());
    Ok(json!({
        "satisfiable": matches.satisfiable(),
        "queries": queries.collect::<Map<_, _>>(),
        "sets": sets.collect::<Value>(),
    }))
}

fn candidate(value: &Value) -> Result<Candidate, Refusal> {
    let text = |name: &str| value.get(name).and_then(Value::as_str).ok_or_else(|| wrong("credentials"));
    let kind = match text("format")? {
        "dc+sd-jwt" => Kind::SdJwtVc { vct: text("vct")?.to_owned(), extends: Vec::new() },
        "mso_mdoc" => Kind::Mdoc { doctype: text("doctype")?.to_owned() },
        "jwt_vc_json" => Kind::JwtVc { types: texts(value.get("types"))? },
        "ldp_vc" => Kind::LdpVc { types: texts(value.get("types"))? },
        _ => return Err(wrong("credentials")),
    };
    let claims = value.get("claims").and_then(Value::as_object).ok_or_else(|| wrong("credentials"))?;
    let bound = match value.get("bound").and_then(Value::as_bool) {
        Some(true) => Bound::ToKey,
        Some(false) => Bound::ToNobody,
        None => return Err(wrong("credentials")),
    };
    let authorities = value.get("authority").map_or_else(|| Ok(Vec::new()), authorities)?;
    let arrays = match &kind {
        Kind::SdJwtVc { .. } => Arrays::Thinned,
        _ => Arrays::Whole,
    };
    Ok(Candidate { kind, claims: claims.clone(), bound, arrays, authorities })
}

fn authorities(value: &Value) -> Result<Vec<Authority>, Refusal> {
    let kind = value.get("type").and_then(Value::as_str).and_then(AuthorityKind::named);
    let kind = kind.ok_or_else(|| wrong("credentials"))?;
    Ok(texts(value.get("values"))?.into_iter().map(|value| Authority { kind, value }).collect())
}

fn texts(value: Option<&Value>) -> Result<Vec<String>, Refusal> {
    let values = value.and_then(Value::as_array).ok_or_else(|| wrong("credentials"))?;
    values.iter().map(|text| text.as_str().map(str::to_owned).ok_or_else(|| wrong("credentials"))).collect()
}
