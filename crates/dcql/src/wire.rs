//! The JSON form of a query. Members that are not known are ignored [OpenID4VP 1.0 §6].

use crate::{
    Binding, ClaimQuery, Count, CredentialQuery, CredentialSet, Part, Query, QueryError, QueryId,
    TrustedAuthorities, Wanted,
};
use serde_json::{Map, Value, json};
use sinpyo_core::{claims::ClaimPath, json};

/// Longest text of a query that is read, in bytes.
const MAX_LENGTH: usize = 64 << 10;

impl Query {
    /// Reads the text of a query.
    ///
    /// # Errors
    /// It is longer than 64 KiB, is not JSON, or what [`Self::from_json`] refuses.
    pub fn parse(text: &[u8]) -> Result<Self, QueryError> {
        if text.len() > MAX_LENGTH {
            return Err(QueryError::TooMuch(Part::Query)); // [VP-DCQ-12]
        }
        Self::from_json(&json::parse(text).map_err(QueryError::Json)?)
    }

    /// Reads a query from JSON that was read strictly.
    ///
    /// # Errors
    /// A part is missing, malformed, too large, or makes no sense with the others.
    pub fn from_json(value: &Value) -> Result<Self, QueryError> {
        let members = value.as_object().ok_or(QueryError::Malformed(Part::Query))?;
        let credentials =
            list(members, Part::Credentials)?.ok_or(QueryError::Malformed(Part::Credentials))?;
        let sets = list(members, Part::CredentialSets)?.unwrap_or_default();
        Self::new(
            credentials.iter().map(credential).collect::<Result<_, _>>()?,
            sets.iter().map(set).collect::<Result<_, _>>()?,
        )
    }

    /// The wire form. What is the default is left out.
    pub fn to_json(&self) -> Value {
        let mut members = Map::new();
        members.insert("credentials".to_owned(), self.credentials().iter().map(credential_json).collect());
        if !self.sets().is_empty() {
            members.insert("credential_sets".to_owned(), self.sets().iter().map(set_json).collect());
        }
        Value::Object(members)
    }
}

/// The array at `part`, which must not be empty [OpenID4VP 1.0 §6]; `None` if the member is absent.
fn list(members: &Map<String, Value>, part: Part) -> Result<Option<&[Value]>, QueryError> {
    match members.get(part.as_str()) {
        None => Ok(None),
        Some(Value::Array(entries)) if !entries.is_empty() => Ok(Some(entries)),
        Some(_) => Err(QueryError::Malformed(part)),
    }
}

fn text(members: &Map<String, Value>, part: Part) -> Result<&str, QueryError> {
    members.get(part.as_str()).and_then(Value::as_str).ok_or(QueryError::Malformed(part))
}

fn flag(members: &Map<String, Value>, part: Part) -> Result<Option<bool>, QueryError> {
    match members.get(part.as_str()) {
        None => Ok(None),
        Some(Value::Bool(flag)) => Ok(Some(*flag)),
        Some(_) => Err(QueryError::Malformed(part)), // [VP-DCQ-10b]
    }
}

fn texts(value: Option<&Value>, part: Part) -> Result<Vec<String>, QueryError> {
    let values = value.and_then(Value::as_array).ok_or(QueryError::Malformed(part))?;
    let text = |value: &Value| value.as_str().map(str::to_owned).ok_or(QueryError::Malformed(part));
    values.iter().map(text).collect()
}

/// A list of lists of names.
fn names(lists: &[Value], part: Part) -> Result<Vec<Vec<QueryId>>, QueryError> {
    let names = |list: &Value| texts(Some(list), part)?.iter().map(|name| name.parse()).collect();
    lists.iter().map(names).collect()
}

fn credential(value: &Value) -> Result<CredentialQuery, QueryError> {
    let members = value.as_object().ok_or(QueryError::Malformed(Part::Credentials))?;
    let meta = members.get("meta").and_then(Value::as_object).ok_or(QueryError::Malformed(Part::Meta))?;
    let authorities = list(members, Part::TrustedAuthorities)?.unwrap_or_default();
    let claims = list(members, Part::Claims)?.unwrap_or_default();
    Ok(CredentialQuery {
        id: text(members, Part::Id)?.parse()?,
        wanted: wanted(text(members, Part::Format)?, meta)?,
        count: match flag(members, Part::Multiple)? {
            Some(true) => Count::Several,
            Some(false) | None => Count::One, // [VP-DCQ-10a]
        },
        binding: match flag(members, Part::HolderBinding)? {
            Some(false) => Binding::NotRequired,
            Some(true) | None => Binding::Required,
        },
        authorities: authorities.iter().map(authority).collect::<Result<_, _>>()?,
        claims: claims.iter().map(claim).collect::<Result<_, _>>()?,
        claim_sets: names(list(members, Part::ClaimSets)?.unwrap_or_default(), Part::ClaimSets)?,
    })
}

fn wanted(format: &str, meta: &Map<String, Value>) -> Result<Wanted, QueryError> {
    let types = || {
        let lists = meta.get("type_values").and_then(Value::as_array);
        let lists = lists.ok_or(QueryError::Malformed(Part::Meta))?;
        lists.iter().map(|list| texts(Some(list), Part::Meta)).collect::<Result<Vec<_>, _>>()
    };
    // [VP-DCQ-02]
    Ok(match format {
        "dc+sd-jwt" => Wanted::SdJwtVc { types: texts(meta.get("vct_values"), Part::Meta)? },
        "mso_mdoc" => {
            let doctype = meta.get("doctype_value").and_then(Value::as_str);
            Wanted::Mdoc { doctype: doctype.ok_or(QueryError::Malformed(Part::Meta))?.to_owned() }
        }
        "jwt_vc_json" => Wanted::JwtVc { types: types()? },
        "ldp_vc" => Wanted::LdpVc { types: types()? },
        other => Wanted::Unknown { format: other.to_owned(), meta: meta.clone() },
    })
}

fn authority(value: &Value) -> Result<TrustedAuthorities, QueryError> {
    const PART: Part = Part::TrustedAuthorities;
    let kind = value.get("type").and_then(Value::as_str).ok_or(QueryError::Malformed(PART))?; // [VP-DCQ-08b]
    Ok(TrustedAuthorities { kind: kind.to_owned(), values: texts(value.get("values"), PART)? })
}

fn claim(value: &Value) -> Result<ClaimQuery, QueryError> {
    let members = value.as_object().ok_or(QueryError::Malformed(Part::Claims))?;
    let path = members.get("path").and_then(|path| ClaimPath::from_json(path).ok());
    let id = members.get("id").map(|_| text(members, Part::Id)?.parse()).transpose()?;
    Ok(ClaimQuery {
        id,
        path: path.ok_or(QueryError::Malformed(Part::Claims))?, // [VP-DCQ-03a]
        values: list(members, Part::Values)?.unwrap_or_default().to_vec(),
        retained: flag(members, Part::IntentToRetain)?,
    })
}

fn set(value: &Value) -> Result<CredentialSet, QueryError> {
    let members = value.as_object().ok_or(QueryError::Malformed(Part::CredentialSets))?;
    let options = list(members, Part::Options)?.ok_or(QueryError::Malformed(Part::Options))?;
    Ok(CredentialSet {
        options: names(options, Part::Options)?,
        required: flag(members, Part::Required)?.unwrap_or(true),
    })
}

fn credential_json(query: &CredentialQuery) -> Value {
    let meta = match &query.wanted {
        Wanted::SdJwtVc { types } => json!({"vct_values": types}),
        Wanted::Mdoc { doctype } => json!({"doctype_value": doctype}),
        Wanted::JwtVc { types } | Wanted::LdpVc { types } => json!({"type_values": types}),
        Wanted::Unknown { meta, .. } => Value::Object(meta.clone()),
    };
    let mut members = Map::new();
    let mut put = |part: Part, value: Value| members.insert(part.as_str().to_owned(), value);
    put(Part::Id, query.id.as_str().into());
    put(Part::Format, query.wanted.format().into());
    put(Part::Meta, meta);
    if query.count == Count::Several {
        put(Part::Multiple, true.into());
    }
    if query.binding == Binding::NotRequired {
        put(Part::HolderBinding, false.into());
    }
    if !query.authorities.is_empty() {
        let entry = |entry: &TrustedAuthorities| json!({"type": entry.kind, "values": entry.values});
        put(Part::TrustedAuthorities, query.authorities.iter().map(entry).collect());
    }
    if !query.claims.is_empty() {
        put(Part::Claims, query.claims.iter().map(claim_json).collect());
    }
    if !query.claim_sets.is_empty() {
        put(Part::ClaimSets, names_json(&query.claim_sets));
    }
    Value::Object(members)
}

fn claim_json(claim: &ClaimQuery) -> Value {
    let mut members = Map::new();
    let mut put = |part: Part, value: Value| members.insert(part.as_str().to_owned(), value);
    if let Some(id) = &claim.id {
        put(Part::Id, id.as_str().into());
    }
    put(Part::Path, claim.path.to_json());
    if !claim.values.is_empty() {
        put(Part::Values, claim.values.clone().into());
    }
    if let Some(retained) = claim.retained {
        put(Part::IntentToRetain, retained.into());
    }
    Value::Object(members)
}

fn set_json(set: &CredentialSet) -> Value {
    let mut members = Map::new();
    members.insert("options".to_owned(), names_json(&set.options));
    if !set.required {
        members.insert("required".to_owned(), false.into());
    }
    Value::Object(members)
}

fn names_json(lists: &[Vec<QueryId>]) -> Value {
    lists.iter().map(|list| list.iter().map(QueryId::as_str).collect::<Value>()).collect()
}
