//! DID documents: which keys speak for a DID, and for what [DID Core §5, CID 1.0 §2].

use crate::{
    did::{Did, KeyId, ParseDidError},
    encoding::{EncodingError, Multikey},
    jwk::{JwkError, PublicJwk},
    time::Timestamp,
};
use serde_json::{Map, Value, json};
use std::{collections::BTreeMap, fmt};

/// Most verification methods a document may hold, and most references in one relationship.
const MAX_METHODS: usize = 64;

/// What a verification method may be used for [CID 1.0 §2.3].
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum VerificationRelationship {
    /// To authenticate as the subject: presentations, requests.
    Authentication,
    /// To make statements: credentials, status lists, accreditations.
    AssertionMethod,
    /// To agree on keys for encryption.
    KeyAgreement,
    /// To invoke capabilities.
    CapabilityInvocation,
    /// To delegate capabilities.
    CapabilityDelegation,
}

impl VerificationRelationship {
    /// All relationships.
    pub const ALL: [Self; 5] = [
        Self::Authentication,
        Self::AssertionMethod,
        Self::KeyAgreement,
        Self::CapabilityInvocation,
        Self::CapabilityDelegation,
    ];

    /// The member of the document, which is also the `proofPurpose` of a proof.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Authentication => "authentication",
            Self::AssertionMethod => "assertionMethod",
            Self::KeyAgreement => "keyAgreement",
            Self::CapabilityInvocation => "capabilityInvocation",
            Self::CapabilityDelegation => "capabilityDelegation",
        }
    }

    /// The relationship that `name` names.
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|relationship| relationship.name() == name)
    }
}

impl fmt::Display for VerificationRelationship {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// A public key as a document writes it; `sinpyo-crypto` makes a usable key of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum PublicKeyMaterial {
    /// `type: Multikey` with `publicKeyMultibase`.
    Multikey(Multikey),
    /// `type: JsonWebKey` with `publicKeyJwk`.
    Jwk(PublicJwk),
}

/// One key of a document.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct VerificationMethod {
    /// The name under which signatures refer to the key.
    pub id: KeyId,
    /// Who may change the key; signatures by it speak for this DID.
    pub controller: Did,
    /// The key.
    pub key: PublicKeyMaterial,
    /// From when on signatures by the key are not to be accepted, whenever they were made.
    pub revoked: Option<Timestamp>,
}

/// An endpoint of the DID's subject.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Service {
    /// DID URL or URL of the service entry.
    pub id: String,
    /// Its type, such as `LinkedDomains`.
    pub kind: String,
    /// `serviceEndpoint` as written.
    pub endpoint: Value,
}

/// The keys and services of one DID.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DidDocument {
    id: Did,
    also_known_as: Vec<String>,
    methods: Vec<VerificationMethod>,
    relationships: BTreeMap<VerificationRelationship, Vec<KeyId>>,
    services: Vec<Service>,
}

impl DidDocument {
    /// A document without keys.
    pub const fn new(id: Did) -> Self {
        Self {
            id,
            also_known_as: Vec::new(),
            methods: Vec::new(),
            relationships: BTreeMap::new(),
            services: Vec::new(),
        }
    }

    /// Adds a key that may be used for `relationships`.
    #[must_use]
    pub fn with_key(
        mut self,
        method: VerificationMethod,
        relationships: &[VerificationRelationship],
    ) -> Self {
        for relationship in relationships {
            self.relationships.entry(*relationship).or_default().push(method.id.clone());
        }
        self.methods.push(method);
        self
    }

    /// Adds a service.
    #[must_use]
    pub fn with_service(mut self, service: Service) -> Self {
        self.services.push(service);
        self
    }

    /// The DID that the document is about.
    pub const fn id(&self) -> &Did {
        &self.id
    }

    /// Other identifiers of the subject, as the document claims them.
    pub fn also_known_as(&self) -> &[String] {
        &self.also_known_as
    }

    /// All keys.
    pub fn methods(&self) -> &[VerificationMethod] {
        &self.methods
    }

    /// All services.
    pub fn services(&self) -> &[Service] {
        &self.services
    }

    /// The keys that may be used for `relationship`.
    pub fn keys_for(
        &self,
        relationship: VerificationRelationship,
    ) -> impl Iterator<Item = &VerificationMethod> {
        let ids = self.relationships.get(&relationship).map_or(&[][..], Vec::as_slice);
        self.methods.iter().filter(move |method| ids.contains(&method.id))
    }

    /// The key `id`, if it may be used for `relationship`, is this DID's own and was not revoked.
    ///
    /// # Errors
    /// The document does not authorise the key.
    pub fn authorised_key(
        &self,
        id: &KeyId,
        relationship: VerificationRelationship,
    ) -> Result<&VerificationMethod, KeyNotAuthorised> {
        let method = self.methods.iter().find(|method| method.id == *id).ok_or(KeyNotAuthorised::Unknown)?;
        if method.revoked.is_some() {
            return Err(KeyNotAuthorised::Revoked); // [DID-04]
        }
        if !self.relationships.get(&relationship).is_some_and(|ids| ids.contains(id)) {
            return Err(KeyNotAuthorised::Relationship(relationship)); // [DID-02]
        }
        if method.controller != self.id {
            return Err(KeyNotAuthorised::Controller); // [DID-03]
        }
        Ok(method)
    }
}

/// Why a key may not be used as it was.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum KeyNotAuthorised {
    /// DID-01: the document has no verification method of this name.
    #[error("the document has no such verification method")]
    Unknown,
    /// DID-02: the key is there, but not for this use.
    #[error("the key is not authorised for {0}")]
    Relationship(VerificationRelationship),
    /// DID-03: the key belongs to another DID.
    #[error("the key is controlled by another DID")]
    Controller,
    /// DID-04: the document declares the key revoked.
    #[error("the key was revoked")]
    Revoked,
}

impl KeyNotAuthorised {
    /// The rule that was broken, as in `spec/checks/did.toml`.
    pub const fn code(&self) -> &'static str {
        match self {
            Self::Unknown => "DID-01", // [DID-01]
            Self::Relationship(_) => "DID-02",
            Self::Controller => "DID-03",
            Self::Revoked => "DID-04",
        }
    }
}

/// Why a JSON object is no DID document.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum DocumentError {
    /// A member is missing or has the wrong form.
    #[error("member \"{0}\" of the document is missing or malformed")]
    Member(&'static str),
    /// An identifier in it is malformed.
    #[error("an identifier in the document is malformed")]
    Identifier(#[from] ParseDidError),
    /// A multibase key is malformed.
    #[error("a multibase key in the document is malformed")]
    Multikey(#[from] EncodingError),
    /// A JSON Web Key is malformed or private.
    #[error("a JSON Web Key in the document is refused")]
    Jwk(#[from] JwkError),
    /// More than 64 keys, references or services.
    #[error("the document holds more than 64 keys, references or services")]
    TooMany,
    /// Two verification methods of one name.
    #[error("two verification methods have one name")]
    DuplicateMethod,
}

impl DidDocument {
    /// Reads a document from strictly parsed JSON. Unknown members and unknown key types are ignored, unknown
    /// references are kept.
    ///
    /// # Errors
    /// What is malformed.
    pub fn from_json(members: &Map<String, Value>) -> Result<Self, DocumentError> {
        let id = members.get("id").and_then(Value::as_str).ok_or(DocumentError::Member("id"))?.parse()?;
        let mut document = Self::new(id);
        document.also_known_as = array(members, "alsoKnownAs")?
            .iter()
            .map(|name| name.as_str().map(str::to_owned).ok_or(DocumentError::Member("alsoKnownAs")))
            .collect::<Result<_, _>>()?;
        for method in array(members, "verificationMethod")? {
            document.add_method(method)?;
        }
        for relationship in VerificationRelationship::ALL {
            for entry in array(members, relationship.name())? {
                let id = match entry {
                    Value::String(reference) => document.absolute(reference)?,
                    embedded => match document.add_method(embedded)? {
                        Some(id) => id,
                        None => continue,
                    },
                };
                document.relationships.entry(relationship).or_default().push(id);
            }
        }
        for service in array(members, "service")? {
            document.services.push(service_from_json(service)?);
        }
        Ok(document)
    }

    /// A reference such as `#key-1` names a method of this document.
    fn absolute(&self, reference: &str) -> Result<KeyId, ParseDidError> {
        if reference.starts_with('#') { format!("{}{reference}", self.id).parse() } else { reference.parse() }
    }

    /// Adds the method unless its type is one we do not know.
    fn add_method(&mut self, value: &Value) -> Result<Option<KeyId>, DocumentError> {
        const WHAT: DocumentError = DocumentError::Member("verificationMethod");
        let text = |name: &str| value.get(name).and_then(Value::as_str);
        let id = self.absolute(text("id").ok_or(WHAT)?)?;
        let controller = text("controller").ok_or(WHAT)?.parse()?;
        let key = match (value.get("publicKeyMultibase"), value.get("publicKeyJwk")) {
            (Some(Value::String(multibase)), None) => match text("type").ok_or(WHAT)? {
                "Multikey" | "Ed25519VerificationKey2020" => {
                    PublicKeyMaterial::Multikey(Multikey::parse(multibase)?)
                }
                _ => return Ok(None),
            },
            (None, Some(Value::Object(jwk))) => PublicKeyMaterial::Jwk(PublicJwk::from_members(jwk.clone())?),
            (None, None) => return Ok(None),
            _ => return Err(WHAT),
        };
        let revoked = match value.get("revoked") {
            None => None,
            Some(time) => Some(time.as_str().and_then(|time| time.parse().ok()).ok_or(WHAT)?),
        };
        if self.methods.iter().any(|method| method.id == id) {
            return Err(DocumentError::DuplicateMethod);
        }
        self.methods.push(VerificationMethod { id: id.clone(), controller, key, revoked });
        Ok(Some(id))
    }

    /// The document as JSON-LD, with the contexts that its members need.
    pub fn to_json(&self) -> Map<String, Value> {
        let mut members = Map::new();
        members.insert(
            "@context".into(),
            json!(["https://www.w3.org/ns/did/v1", "https://www.w3.org/ns/cid/v1"]),
        );
        members.insert("id".into(), json!(self.id.as_str()));
        if !self.also_known_as.is_empty() {
            members.insert("alsoKnownAs".into(), json!(self.also_known_as));
        }
        if !self.methods.is_empty() {
            let methods = self.methods.iter().map(VerificationMethod::to_json).collect();
            members.insert("verificationMethod".into(), Value::Array(methods));
        }
        for (relationship, ids) in &self.relationships {
            members.insert(relationship.name().into(), ids.iter().map(KeyId::as_str).collect());
        }
        if !self.services.is_empty() {
            let services = self
                .services
                .iter()
                .map(|service| json!({"id": service.id, "type": service.kind, "serviceEndpoint": service.endpoint}))
                .collect();
            members.insert("service".into(), Value::Array(services));
        }
        members
    }
}

impl VerificationMethod {
    fn to_json(&self) -> Value {
        let mut method = match &self.key {
            PublicKeyMaterial::Multikey(key) => {
                json!({"type": "Multikey", "publicKeyMultibase": key.to_string()})
            }
            PublicKeyMaterial::Jwk(key) => json!({"type": "JsonWebKey", "publicKeyJwk": key.members()}),
        };
        if let Value::Object(members) = &mut method {
            members.insert("id".into(), json!(self.id.as_str()));
            members.insert("controller".into(), json!(self.controller.as_str()));
            if let Some(revoked) = self.revoked {
                members.insert("revoked".into(), json!(revoked.to_string()));
            }
        }
        method
    }
}

fn array<'a>(members: &'a Map<String, Value>, name: &'static str) -> Result<&'a [Value], DocumentError> {
    match members.get(name) {
        None => Ok(&[]),
        Some(Value::Array(elements)) if elements.len() > MAX_METHODS => Err(DocumentError::TooMany),
        Some(Value::Array(elements)) => Ok(elements),
        Some(_) => Err(DocumentError::Member(name)),
    }
}

fn service_from_json(value: &Value) -> Result<Service, DocumentError> {
    const WHAT: DocumentError = DocumentError::Member("service");
    let kind = match value.get("type") {
        Some(Value::String(kind)) => kind.clone(),
        Some(Value::Array(kinds)) => kinds.first().and_then(Value::as_str).ok_or(WHAT)?.to_owned(),
        _ => return Err(WHAT),
    };
    let id = value.get("id").and_then(Value::as_str).ok_or(WHAT)?.to_owned();
    Ok(Service { id, kind, endpoint: value.get("serviceEndpoint").ok_or(WHAT)?.clone() })
}

#[cfg(test)]
mod tests {
    use super::*;

    const KEY: &str = "z6MkhaXgBZDvotDkL5257faiztiGiC2QtKLGpbnnEGta2doK";

    fn document(text: &str) -> Result<DidDocument, DocumentError> {
        DidDocument::from_json(&crate::json::parse_object(text.as_bytes()).unwrap())
    }

    fn one_key(extra: &str) -> String {
        format!(
            r##"{{"id":"did:x:a","verificationMethod":[{{"id":"#k","type":"Multikey","controller":"did:x:a",
               "publicKeyMultibase":"{KEY}"{extra}}}],"assertionMethod":["#k"]}}"##
        )
    }

    #[test]
    fn a_key_is_authorised_only_for_what_the_document_says() {
        let document = document(&one_key("")).unwrap();
        let id = "did:x:a#k".parse().unwrap();
        assert!(document.authorised_key(&id, VerificationRelationship::AssertionMethod).is_ok());
        assert_eq!(
            document.authorised_key(&id, VerificationRelationship::Authentication).unwrap_err(),
            KeyNotAuthorised::Relationship(VerificationRelationship::Authentication)
        );
        let other = "did:x:a#other".parse().unwrap();
        assert_eq!(
            document.authorised_key(&other, VerificationRelationship::AssertionMethod).unwrap_err(),
            KeyNotAuthorised::Unknown
        );
        assert_eq!(DidDocument::from_json(&document.to_json()).unwrap(), document);
    }

    #[test]
    fn a_revoked_or_foreign_key_is_not_authorised() {
        let id = "did:x:a#k".parse().unwrap();
        let revoked = document(&one_key(r#","revoked":"2026-01-01T00:00:00Z""#)).unwrap();
        assert_eq!(
            revoked.authorised_key(&id, VerificationRelationship::AssertionMethod).unwrap_err(),
            KeyNotAuthorised::Revoked
        );
        let foreign =
            document(&one_key("").replace(r#""controller":"did:x:a""#, r#""controller":"did:x:b""#)).unwrap();
        assert_eq!(
            foreign.authorised_key(&id, VerificationRelationship::AssertionMethod).unwrap_err(),
            KeyNotAuthorised::Controller
        );
    }

    #[test]
    fn malformed_documents_are_refused() {
        for (text, error) in [
            ("{}".to_owned(), DocumentError::Member("id")),
            (r#"{"id":"x"}"#.to_owned(), DocumentError::Identifier(ParseDidError::Scheme)),
            (one_key("").replace("z6Mk", "u6Mk"), DocumentError::Multikey(EncodingError::Multibase)),
            (one_key(r#","revoked":1"#), DocumentError::Member("verificationMethod")),
            (one_key(r#","publicKeyJwk":{}"#), DocumentError::Member("verificationMethod")),
            (
                r#"{"id":"did:x:a","authentication":"did:x:a#k"}"#.to_owned(),
                DocumentError::Member("authentication"),
            ),
        ] {
            assert_eq!(document(&text).unwrap_err(), error, "{text}");
        }
        let private = one_key("")
            .replace("publicKeyMultibase", "publicKeyJwk")
            .replace(&format!("\"{KEY}\""), r#"{"kty":"EC","d":"AA"}"#);
        assert_eq!(document(&private).unwrap_err(), DocumentError::Jwk(JwkError::PrivateMember));
    }
}
