//! Every rule of the data model that can be seen without processing JSON-LD, each breach with its place.

use super::{CONTEXT_V1, CONTEXT_V2, MAX_ELEMENTS, Version, url};
use crate::time::Timestamp;
use serde_json::{Map, Value};
use std::collections::BTreeSet;

/// A rule of the data model [VCDM 2.0 §4].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Rule {
    /// VCM-01: `@context` is a list of URLs and objects that begins with the data model's own.
    Context,
    /// VCM-02: `type` names the base type.
    Type,
    /// VCM-03: an `id` is one URL.
    Id,
    /// VCM-04: `issuer` is a URL or an object with one.
    Issuer,
    /// VCM-05: `credentialSubject` is one or several objects that say something.
    Subject,
    /// VCM-06: a time is an RFC 3339 time with its offset.
    Time,
    /// VCM-07: the validity does not end before it begins.
    Order,
    /// VCM-08: status, schema, terms, evidence, refresh service and proof are objects with a `type`.
    Typed,
    /// VCM-09: a name or description is a text, or `@value` with `@language` and `@direction` and nothing else.
    Language,
    /// VCM-10: a related resource has an `id` of its own and a digest.
    Resource,
    /// VCM-11: `holder` is a URL or an object with one.
    Holder,
    /// VCM-12: `verifiableCredential` holds credentials, as objects or enveloped.
    Credentials,
}

impl Rule {
    /// The rule's id, as in `spec/checks/vcm.toml`.
    pub const fn code(self) -> &'static str {
        match self {
            Self::Context => "VCM-01",
            Self::Type => "VCM-02",
            Self::Id => "VCM-03",
            Self::Issuer => "VCM-04",
            Self::Subject => "VCM-05",
            Self::Time => "VCM-06",
            Self::Order => "VCM-07",
            Self::Typed => "VCM-08",
            Self::Language => "VCM-09",
            Self::Resource => "VCM-10",
            Self::Holder => "VCM-11",
            Self::Credentials => "VCM-12",
        }
    }
}

/// A place where a document breaks a rule.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Breach {
    /// The rule.
    pub rule: Rule,
    /// The top-level member.
    pub member: &'static str,
    /// Where: a JSON Pointer [RFC 6901].
    pub pointer: String,
}

/// The rules of the data model that a credential breaks; none if it is well-formed.
pub fn credential_breaches(members: &Map<String, Value>, accept: Version) -> Vec<Breach> {
    let mut found = Found::default();
    found.credential(members, accept);
    found.breaches
}

/// The rules of the data model that a presentation, or a credential in it, breaks; none if it is well-formed.
pub fn presentation_breaches(members: &Map<String, Value>, accept: Version) -> Vec<Breach> {
    let mut found = Found::default();
    found.context(members, accept);
    found.base_type(members, "VerifiablePresentation");
    found.id(members, "id");
    match members.get("holder") {
        None => {}
        Some(Value::Object(holder)) if holder.get("id").is_some_and(is_url) => {}
        Some(holder) if is_url(holder) => {}
        Some(_) => found.report(Rule::Holder, "holder"), // [VCM-11]
    }
    found.proofs(members);
    found.each(members, "verifiableCredential", Rule::Credentials, |found, credential| {
        if is_enveloped(credential) {
            found.envelope(credential);
        } else {
            found.credential(credential, accept);
        }
    });
    found.breaches
}

/// Whether an entry of a presentation is a token in a `data:` URL.
pub fn is_enveloped(members: &Map<String, Value>) -> bool {
    types(members.get("type")).is_some_and(|types| types.contains(&"EnvelopedVerifiableCredential"))
}

/// What was found, and where the search is.
#[derive(Default)]
struct Found {
    breaches: Vec<Breach>,
    prefix: String,
    member: Option<&'static str>,
}

impl Found {
    fn report(&mut self, rule: Rule, member: &'static str) {
        let slash = if member.is_empty() { "" } else { "/" };
        let pointer = format!("{}{slash}{member}", self.prefix);
        self.breaches.push(Breach { rule, member: self.member.unwrap_or(member), pointer });
    }

    fn credential(&mut self, members: &Map<String, Value>, accept: Version) {
        let is_v1 = self.context(members, accept);
        self.base_type(members, "VerifiableCredential");
        self.id(members, "id");
        self.issuer(members);
        self.subjects(members);
        if is_v1 {
            self.validity(members, ("issuanceDate", "expirationDate"));
            if !members.contains_key("issuanceDate") {
                self.report(Rule::Time, "issuanceDate");
            }
        } else {
            self.validity(members, ("validFrom", "validUntil"));
            self.language(members, "name");
            self.language(members, "description");
            self.related_resources(members);
        }
        for name in ["credentialStatus", "termsOfUse", "evidence", "refreshService"] {
            self.each(members, name, Rule::Typed, |found, entry| {
                found.typed(entry);
                found.id(entry, "id");
            });
        }
        self.each(members, "credentialSchema", Rule::Typed, |found, schema| {
            found.typed(schema);
            if !schema.get("id").is_some_and(is_url) {
                found.report(Rule::Id, "id");
            }
        });
        self.proofs(members);
    }

    /// Whether the object is of the data model 1.1.
    fn context(&mut self, members: &Map<String, Value>, accept: Version) -> bool {
        let contexts = match members.get("@context") {
            Some(Value::Array(contexts)) if contexts.len() <= MAX_ELEMENTS => contexts.as_slice(),
            _ => &[],
        };
        let fine = contexts.iter().all(|context| context.is_object() || is_url(context));
        match contexts.first().and_then(Value::as_str) {
            Some(CONTEXT_V2) if fine => false,
            Some(CONTEXT_V1) if fine && accept == Version::V2OrV1 => true,
            _ => {
                self.report(Rule::Context, "@context"); // [VCM-01]
                false
            }
        }
    }

    fn base_type(&mut self, members: &Map<String, Value>, base: &str) {
        if !types(members.get("type")).is_some_and(|types| types.contains(&base)) {
            self.report(Rule::Type, "type"); // [VCM-02]
        }
    }

    fn id(&mut self, members: &Map<String, Value>, name: &'static str) {
        if members.get(name).is_some_and(|id| !is_url(id)) {
            self.report(Rule::Id, name); // [VCM-03]
        }
    }

    fn issuer(&mut self, members: &Map<String, Value>) {
        match members.get("issuer") {
            Some(Value::Object(issuer)) => {
                if !issuer.get("id").is_some_and(is_url) {
                    self.report(Rule::Issuer, "issuer"); // [VCM-04]
                }
                self.within("issuer", None, |found| {
                    found.language(issuer, "name");
                    found.language(issuer, "description");
                });
            }
            Some(issuer) if is_url(issuer) => {}
            _ => self.report(Rule::Issuer, "issuer"),
        }
    }

    fn subjects(&mut self, members: &Map<String, Value>) {
        match members.get("credentialSubject") {
            None => self.report(Rule::Subject, "credentialSubject"),
            Some(Value::Array(subjects)) if subjects.is_empty() => {
                self.report(Rule::Subject, "credentialSubject");
            }
            Some(_) => {}
        }
        self.each(members, "credentialSubject", Rule::Subject, |found, subject| {
            if subject.is_empty() {
                found.report(Rule::Subject, ""); // [VCM-05]
            }
            found.id(subject, "id");
        });
    }

    fn validity(&mut self, members: &Map<String, Value>, (from, until): (&'static str, &'static str)) {
        let mut time = |name: &'static str| -> Option<Timestamp> {
            let value = members.get(name)?;
            let time = value.as_str().and_then(|text| text.parse().ok());
            if time.is_none() {
                self.report(Rule::Time, name); // [VCM-06]
            }
            time
        };
        let bounds = (time(from), time(until));
        if matches!(bounds, (Some(from), Some(until)) if from > until) {
            self.report(Rule::Order, until); // [VCM-07]
        }
    }

    fn typed(&mut self, members: &Map<String, Value>) {
        if types(members.get("type")).is_none() {
            self.report(Rule::Typed, "type"); // [VCM-08]
        }
    }

    fn proofs(&mut self, members: &Map<String, Value>) {
        self.each(members, "proof", Rule::Typed, Self::typed);
    }

    fn envelope(&mut self, members: &Map<String, Value>) {
        if !members.get("id").and_then(Value::as_str).is_some_and(|id| id.starts_with("data:")) {
            self.report(Rule::Credentials, "id");
        }
        let first = match members.get("@context") {
            Some(Value::Array(contexts)) => contexts.first(),
            context => context,
        };
        if first.and_then(Value::as_str) != Some(CONTEXT_V2) {
            self.report(Rule::Context, "@context");
        }
    }

    fn language(&mut self, members: &Map<String, Value>, name: &'static str) {
        let fine = |value: &Value| match value {
            Value::String(_) => true,
            Value::Object(value) => {
                let text = |name: &str| value.get(name).is_none_or(Value::is_string);
                value.get("@value").is_some_and(Value::is_string)
                    && value.keys().all(|key| ["@value", "@language", "@direction"].contains(&key.as_str()))
                    && text("@language")
                    && text("@direction")
            }
            _ => false,
        };
        let all = match members.get(name) {
            None => true,
            Some(Value::Array(values)) => values.iter().all(fine),
            Some(value) => fine(value),
        };
        if !all {
            self.report(Rule::Language, name); // [VCM-09]
        }
    }

    fn related_resources(&mut self, members: &Map<String, Value>) {
        let mut seen = BTreeSet::new();
        self.each(members, "relatedResource", Rule::Resource, |found, resource| {
            let id = resource.get("id").filter(|id| is_url(id)).and_then(Value::as_str);
            if !id.is_some_and(|id| seen.insert(id.to_owned())) {
                found.report(Rule::Resource, "id"); // [VCM-10]
            }
            if !["digestSRI", "digestMultibase"].iter().any(|name| resource.contains_key(*name)) {
                found.report(Rule::Resource, "digestSRI");
            }
        });
    }

    /// Looks at each object of a member that holds one or several.
    fn each(
        &mut self,
        members: &Map<String, Value>,
        name: &'static str,
        rule: Rule,
        mut look: impl FnMut(&mut Self, &Map<String, Value>),
    ) {
        match members.get(name) {
            None => {}
            Some(Value::Object(one)) => self.within(name, None, |found| look(found, one)),
            Some(Value::Array(many)) if many.len() <= MAX_ELEMENTS => {
                for (index, one) in many.iter().enumerate() {
                    self.within(name, Some(index), |found| match one {
                        Value::Object(one) => look(found, one),
                        _ => found.report(rule, ""),
                    });
                }
            }
            Some(_) => self.report(rule, name), // [VCM-12]
        }
    }

    fn within(&mut self, name: &'static str, index: Option<usize>, look: impl FnOnce(&mut Self)) {
        let (length, outer) = (self.prefix.len(), self.member);
        self.prefix.push('/');
        self.prefix.push_str(name);
        if let Some(index) = index {
            self.prefix.push('/');
            self.prefix.push_str(&index.to_string());
        }
        self.member = outer.or(Some(name));
        look(self);
        self.member = outer;
        self.prefix.truncate(length);
    }
}

fn is_url(value: &Value) -> bool {
    url(value).is_some()
}

/// The types, if there is at least one and each is a text.
fn types(value: Option<&Value>) -> Option<Vec<&str>> {
    let types = match value? {
        Value::String(one) => vec![one.as_str()],
        Value::Array(many) if many.len() <= MAX_ELEMENTS => {
            many.iter().map(Value::as_str).collect::<Option<_>>()?
        }
        _ => return None,
    };
    (!types.is_empty() && types.iter().all(|name| !name.is_empty())).then_some(types)
}
