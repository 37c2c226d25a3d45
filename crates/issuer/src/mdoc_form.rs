//! How credentials of a profile are mobile documents.

use crate::{ClaimType, Profile};
use serde_json::{Map, Value};
use sinpyo_core::{claims::ClaimPath, credential::CredentialType};
use sinpyo_proof::mdoc::ElementForm;
use std::collections::BTreeMap;

/// The type, the namespace and the element identifiers of a profile's credentials as mobile documents
/// [ISO/IEC 18013-5 §7.1].
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MdocForm {
    doc_type: CredentialType,
    namespace: String,
    /// By claim, where the element is not called as the claim is.
    identifiers: BTreeMap<String, String>,
}

/// Longest type, namespace and identifier, in bytes.
const MAX_NAME: usize = 200;

impl MdocForm {
    /// Reads the member `mdoc` of a profile with these `claims`: `doc_type`, `namespace`, and `elements` with the
    /// identifiers of claims whose elements are called otherwise.
    pub(crate) fn from_value(form: &Value, claims: &[crate::ClaimSpec]) -> Option<Self> {
        let text = |name| form.get(name).and_then(Value::as_str).filter(|text| is_name(text));
        let named = match form.get("elements") {
            None => &Map::new(),
            Some(elements) => elements.as_object()?,
        };
        let mut identifiers = BTreeMap::new();
        for (claim, identifier) in named {
            let identifier = identifier.as_str().filter(|text| is_name(text))?;
            claims.iter().find(|spec| spec.name == *claim)?;
            identifiers.insert(claim.clone(), identifier.to_owned());
        }
        let form = Self {
            doc_type: text("doc_type")?.parse().ok()?,
            namespace: text("namespace")?.to_owned(),
            identifiers,
        };
        let mut taken: Vec<&str> = claims.iter().map(|spec| form.identifier(&spec.name)).collect();
        taken.sort_unstable();
        taken.is_sorted_by(|a, b| a < b).then_some(form)
    }

    /// The type of the document.
    pub const fn doc_type(&self) -> &CredentialType {
        &self.doc_type
    }

    /// What defines the element identifiers.
    pub fn namespace(&self) -> &str {
        &self.namespace
    }

    /// The element that holds the claim `claim`.
    pub fn identifier<'a>(&'a self, claim: &'a str) -> &'a str {
        self.identifiers.get(claim).map_or(claim, String::as_str)
    }

    /// Where the claim `claim` stands in the document.
    pub(crate) fn path(&self, claim: &str) -> ClaimPath {
        ClaimPath::name(&self.namespace).member(self.identifier(claim))
    }

    /// `claims` as elements of the namespace.
    pub(crate) fn elements(&self, claims: &Map<String, Value>) -> Map<String, Value> {
        let elements = claims.iter().map(|(claim, value)| (self.identifier(claim).to_owned(), value.clone()));
        let elements: Map<String, Value> = elements.collect();
        [(self.namespace.clone(), Value::Object(elements))].into_iter().collect()
    }

    /// How the texts of the element `identifier` of `profile` are written.
    pub(crate) fn written(&self, profile: &Profile, identifier: &str) -> ElementForm {
        let claim = profile.claims().iter().find(|claim| self.identifier(&claim.name) == identifier);
        claim.map_or(ElementForm::Text, |claim| form_of(&claim.kind))
    }
}

fn form_of(kind: &ClaimType) -> ElementForm {
    match kind {
        ClaimType::Date => ElementForm::Day,
        ClaimType::DateTime => ElementForm::Moment,
        ClaimType::List(element) => form_of(element),
        _ => ElementForm::Text,
    }
}

fn is_name(text: &str) -> bool {
    (1..=MAX_NAME).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_graphic())
}
