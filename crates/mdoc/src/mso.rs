//! The mobile security object: what an issuer signs [ISO 18013-5 §9.1.2.4].

use crate::{
    ElementName, ParseMdocError, Selection,
    members::{self, Members, VERSION, tdate},
};
use sinpyo_core::time::Timestamp;
use sinpyo_cose::{
    cbor::{Map, Value},
    cwt::StatusReference,
    key,
};
use sinpyo_crypto::{VerifyingKey, hash};
use std::collections::BTreeSet;

/// When an mdoc may be accepted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Validity {
    /// When it was signed.
    pub signed: Timestamp,
    /// From when it may be accepted; not before `signed`.
    pub from: Timestamp,
    /// Until when it may be accepted, that second included.
    pub until: Timestamp,
    /// When the issuer expects to sign it again.
    pub expected_update: Option<Timestamp>,
}

/// For which elements the issuer takes the device's word.
#[derive(Clone, Debug, PartialEq, Eq, Default)]
pub struct KeyAuthorizations {
    /// Namespaces all of whose elements the device may sign.
    pub namespaces: BTreeSet<String>,
    /// Single elements that the device may sign.
    pub elements: Selection,
}

impl KeyAuthorizations {
    /// Whether the device may sign `name`.
    pub fn allows(&self, name: ElementName<'_>) -> bool {
        self.namespaces.contains(name.namespace) || self.elements.contains(name)
    }

    fn from_value(value: Value) -> Result<Self, ParseMdocError> {
        const NAME: &str = "keyAuthorizations";
        let mut members = Members::of(value, NAME)?;
        let mut namespaces = BTreeSet::new();
        for namespace in members.optional("nameSpaces").as_ref().map_or(Ok(&[][..]), |value| {
            value.as_array().ok_or(ParseMdocError::Member(NAME)) // [MDC-01]
        })? {
            namespaces.insert(namespace.as_text().ok_or(ParseMdocError::Member(NAME))?.to_owned()); // [MDC-01]
        }
        let elements = match members.optional("dataElements") {
            None => Selection::default(),
            Some(Value::Map(elements)) => Selection::from_map(&elements, NAME)?,
            Some(_) => return Err(ParseMdocError::Member(NAME)), // [MDC-01]
        };
        Ok(Self { namespaces, elements })
    }

    /// `None` if the device may sign nothing.
    fn to_value(&self) -> Option<Value> {
        let mut map = Map::new();
        if !self.namespaces.is_empty() {
            let namespaces: Vec<Value> =
                self.namespaces.iter().map(|one| Value::from(one.as_str())).collect();
            map.insert("nameSpaces", namespaces);
        }
        if !self.elements.is_empty() {
            map.insert("dataElements", self.elements.to_map());
        }
        (!map.is_empty()).then_some(Value::Map(map))
    }
}

/// How elements are hashed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum DigestAlgorithm {
    Sha256,
    Sha384,
    Sha512,
}

impl DigestAlgorithm {
    const ALL: [Self; 3] = [Self::Sha256, Self::Sha384, Self::Sha512];

    const fn name(self) -> &'static str {
        match self {
            Self::Sha256 => "SHA-256",
            Self::Sha384 => "SHA-384",
            Self::Sha512 => "SHA-512",
        }
    }

    /// Whether `digest` is that of `bytes`.
    pub(crate) fn fits(self, digest: &[u8], bytes: &[u8]) -> bool {
        match self {
            Self::Sha256 => hash::sha256(bytes) == digest,
            Self::Sha384 => hash::sha384(bytes) == digest,
            Self::Sha512 => hash::sha512(bytes) == digest,
        }
    }
}

/// What the issuer signed.
#[derive(Debug)]
pub(crate) struct SecurityObject {
    pub(crate) doc_type: String,
    pub(crate) digest_algorithm: DigestAlgorithm,
    /// Namespace → digest identifier → digest.
    pub(crate) digests: Map,
    pub(crate) device_key: VerifyingKey,
    pub(crate) authorizations: KeyAuthorizations,
    pub(crate) validity: Validity,
    pub(crate) status: Option<StatusReference>,
}

impl SecurityObject {
    /// Reads the payload of an `issuerAuth`, which its caller has verified.
    pub(crate) fn parse(payload: &[u8]) -> Result<Self, ParseMdocError> {
        const NAME: &str = "MobileSecurityObject";
        let mut members =
            Members::of(members::parse(&members::encoded(members::parse(payload)?, NAME)?)?, NAME)?;
        members.version()?; // [MDC-02]
        let named = members.text("digestAlgorithm")?;
        let digest_algorithm = DigestAlgorithm::ALL.into_iter().find(|algorithm| algorithm.name() == named);
        let mut device = members.map("deviceKeyInfo")?;
        let device_key =
            key::from_value(&device.required("deviceKey")?).map_err(ParseMdocError::DeviceKey)?;
        let authorizations = device.optional("keyAuthorizations").map(KeyAuthorizations::from_value);
        let status = members.optional("status").map(|status| StatusReference::from_value(&status));
        let mut validity = members.map("validityInfo")?;
        Ok(Self {
            doc_type: members.text("docType")?,
            digest_algorithm: digest_algorithm.ok_or(ParseMdocError::DigestAlgorithm)?, // [MDC-03]
            digests: members.map("valueDigests")?.into_map(),
            device_key,
            authorizations: authorizations.transpose()?.unwrap_or_default(),
            validity: Validity {
                signed: validity.time("signed")?,
                from: validity.time("validFrom")?,
                until: validity.time("validUntil")?,
                expected_update: validity.optional_time("expectedUpdate")?,
            },
            status: status.transpose().map_err(|_| ParseMdocError::Member("status"))?, // [MDC-01]
        })
    }

    /// The payload of an `issuerAuth`.
    pub(crate) fn to_payload(&self) -> Vec<u8> {
        let mut device = Map::new();
        device.insert("deviceKey", key::to_value(&self.device_key));
        if let Some(authorizations) = self.authorizations.to_value() {
            device.insert("keyAuthorizations", authorizations);
        }
        let mut validity = Map::new();
        validity.insert("signed", tdate(self.validity.signed));
        validity.insert("validFrom", tdate(self.validity.from));
        validity.insert("validUntil", tdate(self.validity.until));
        if let Some(expected_update) = self.validity.expected_update {
            validity.insert("expectedUpdate", tdate(expected_update));
        }
        let mut map = Map::new();
        map.insert("version", VERSION);
        map.insert("digestAlgorithm", self.digest_algorithm.name());
        map.insert("valueDigests", self.digests.clone());
        map.insert("deviceKeyInfo", device);
        map.insert("docType", self.doc_type.as_str());
        map.insert("validityInfo", validity);
        if let Some(status) = &self.status {
            map.insert("status", status.to_value());
        }
        Value::encoded(&Value::Map(map)).to_bytes()
    }

    /// The digest with the identifier `id` in `namespace`.
    pub(crate) fn digest(&self, namespace: &str, id: u64) -> Option<&[u8]> {
        self.digests.get_text(namespace)?.as_map()?.get(&id.into())?.as_bytes()
    }
}
