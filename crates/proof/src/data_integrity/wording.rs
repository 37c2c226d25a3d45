//! One way to say it: how a document whose *statements* are signed may be written.
//!
//! JSON-LD can write the same statements in many ways: a member under its full name, a node under `@included`, an
//! identifier as `@id`. The signature holds for each of them, but whoever reads members finds only the usual one. So
//! what the usual one does not need is refused before anything is believed.

use super::{ProofSetError, context};
use crate::profile::InlineContexts;
use serde_json::{Map, Value};

/// What the members that decide whether a credential or proof holds are called in full.
const DECISIVE: [&str; 20] = [
    "https://www.w3.org/2018/credentials#credentialStatus",
    "https://www.w3.org/2018/credentials#credentialSubject",
    "https://www.w3.org/2018/credentials#expirationDate",
    "https://www.w3.org/2018/credentials#holder",
    "https://www.w3.org/2018/credentials#issuanceDate",
    "https://www.w3.org/2018/credentials#issuer",
    "https://www.w3.org/2018/credentials#validFrom",
    "https://www.w3.org/2018/credentials#validUntil",
    "https://www.w3.org/2018/credentials#verifiableCredential",
    "http://purl.org/dc/terms/created",
    "https://w3id.org/security#challenge",
    "https://w3id.org/security#cryptosuite",
    "https://w3id.org/security#domain",
    "https://w3id.org/security#expiration",
    "https://w3id.org/security#nonce",
    "https://w3id.org/security#previousProof",
    "https://w3id.org/security#proof",
    "https://w3id.org/security#proofPurpose",
    "https://w3id.org/security#proofValue",
    "https://w3id.org/security#verificationMethod",
];

/// Keywords with which a member can be moved away from where it is looked for.
const MOVING: [&str; 4] = ["@graph", "@included", "@nest", "@reverse"];

/// Refuses a document, without its proofs, that says something in a way in which it is not looked for.
pub(super) fn check(document: &Map<String, Value>, inline: InlineContexts) -> Result<(), ProofSetError> {
    match inline {
        InlineContexts::Refused if !context::all_named(document) => Err(ProofSetError::InlineContext), // [DI-13]
        InlineContexts::Refused if !is_usual(document) => Err(ProofSetError::Wording), // [DI-17]
        InlineContexts::Used if !is_findable(document) => Err(ProofSetError::Wording), // [DI-17]
        InlineContexts::Refused | InlineContexts::Used => Ok(()),
    }
}

/// Whether nothing that decides is written so that it is not found.
///
/// Enough only for those who read the statements: definitions in the document may give the words any meaning.
fn is_findable(members: &Map<String, Value>) -> bool {
    let subjects = members.get("credentialSubject").map_or(&[][..], context::as_list);
    let named = |subject: &Value| subject.get("@id").is_none();
    !members.contains_key("@id") && subjects.iter().all(named) && nothing_moved(members)
}

fn nothing_moved(members: &Map<String, Value>) -> bool {
    members.iter().filter(|(name, _)| *name != "@context").all(|(name, value)| {
        let moved = DECISIVE.contains(&name.as_str()) || MOVING.contains(&name.as_str());
        !moved && context::as_list(value).iter().filter_map(Value::as_object).all(nothing_moved)
    })
}

/// Whether a document uses terms only, and describes what it is about in one place.
fn is_usual(document: &Map<String, Value>) -> bool {
    let subjects = document.get("credentialSubject").map_or(&[][..], context::as_list);
    let subjects = subjects.iter().map(|subject| subject.get("id"));
    let about: Vec<_> = std::iter::once(document.get("id")).chain(subjects).flatten().collect();
    let mut walk = Walk { about: about.into_iter().map(|id| (id, 0)).collect() };
    walk.members(document, Place::Document)
}

/// Where an object stands.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Place {
    /// At the top, or as a credential in a presentation.
    Document,
    /// As a proof in such a credential: there, it carries the context that was signed.
    Proof,
    Within,
}

/// A walk through one document.
struct Walk<'d> {
    /// The identifiers of the document and its subjects, and how often each was described.
    about: Vec<(&'d Value, usize)>,
}

impl Walk<'_> {
    fn members(&mut self, members: &Map<String, Value>, place: Place) -> bool {
        let is_value = members.contains_key("@value");
        let fine = members.iter().all(|(name, value)| match name.as_str() {
            "@context" => place != Place::Within,
            "@value" | "@language" | "@direction" | "@type" => is_value && !value.is_null(),
            name if name.starts_with('@') || name.contains(':') => false,
            "proof" if place == Place::Document => self.value(value, Place::Proof),
            // Each is a document of its own, whose statements stand apart.
            "verifiableCredential" if place == Place::Document => each_document(value),
            _ => self.value(value, Place::Within),
        });
        fine && self.is_described_once(members)
    }

    // Strict parsing has bounded the depth.
    fn value(&mut self, value: &Value, place: Place) -> bool {
        match value {
            // What makes no statement is not signed.
            Value::Null => false,
            Value::Array(elements) => {
                !elements.is_empty() && elements.iter().all(|element| self.value(element, place))
            }
            Value::Object(members) => !members.is_empty() && self.members(members, place),
            Value::Bool(_) | Value::Number(_) | Value::String(_) => true,
        }
    }

    /// What is said about one thing in two places, a reader finds half of.
    fn is_described_once(&mut self, members: &Map<String, Value>) -> bool {
        let described = members.get("id").filter(|_| members.len() > 1);
        let known = self.about.iter_mut().find(|(about, _)| Some(*about) == described);
        known.is_none_or(|(_, times)| {
            *times += 1;
            *times == 1
        })
    }
}

fn each_document(value: &Value) -> bool {
    let credentials = context::as_list(value);
    !credentials.is_empty() && credentials.iter().all(|one| one.as_object().is_some_and(is_usual))
}
