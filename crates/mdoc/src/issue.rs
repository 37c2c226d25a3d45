//! Issuing.

use crate::{
    Elements, IssueError, IssuerSigned, KeyAuthorizations, Validity,
    issuer_signed::Item,
    mso::{DigestAlgorithm, SecurityObject},
};
use sinpyo_core::key::{Entropy, Signer};
use sinpyo_cose::{
    Header, Payload, Prepared, Sign1, SignError,
    cbor::{Key, Map, Value},
    cwt::StatusReference,
};
use sinpyo_crypto::{VerifyingKey, hash::sha256};
use std::fmt;

/// Length of an element's random part, in bytes.
const RANDOM: usize = 32;

/// An mdoc about to be issued to one device.
#[derive(Clone, Debug)]
pub struct Draft<'a> {
    /// The type, as `org.iso.18013.5.1.mDL`.
    pub doc_type: &'a str,
    /// What the issuer vouches for.
    pub elements: &'a Elements,
    /// When it may be accepted.
    pub validity: Validity,
    /// The key that the device will authenticate with.
    pub device_key: &'a VerifyingKey,
    /// What else the device may vouch for.
    pub authorizations: KeyAuthorizations,
    /// Where its status will stand.
    pub status: Option<StatusReference>,
}

/// The key that will sign, and the certificates for it: the signer's first, without the root.
#[derive(Clone, Copy, Debug)]
pub struct MdocSigner<'a> {
    /// The public key.
    pub key: &'a VerifyingKey,
    /// DER certificates; empty where the verifier knows the key by other means.
    pub x5chain: &'a [Vec<u8>],
}

impl Draft<'_> {
    /// Prepares the mdoc. Each element gets 32 random bytes, and digest identifiers in random order.
    ///
    /// # Errors
    /// The validity is not in order, or there is no element.
    pub fn prepare(
        &self,
        signer: MdocSigner<'_>,
        entropy: &mut dyn Entropy,
    ) -> Result<PreparedMdoc, IssueError> {
        let Validity { signed, from, until, .. } = self.validity;
        if signed > from || from >= until {
            return Err(IssueError::Validity); // [MDC-19]
        }
        if self.elements.is_empty() {
            return Err(IssueError::Empty); // [MDC-20]
        }
        let (mut items, mut digests) = (Vec::new(), Map::new());
        for (namespace, elements) in self.elements.namespaces() {
            let mut salted: Vec<([u8; RANDOM], (&String, &Value))> = Vec::new();
            for element in elements {
                let mut random = [0; RANDOM];
                entropy.fill(&mut random);
                salted.push((random, element));
            }
            // The order of what is random says nothing about the order of what is hidden.
            salted.sort_by_key(|(random, _)| *random);
            let mut of_namespace = Map::new();
            for (digest_id, (random, (identifier, value))) in (0..).zip(salted) {
                let item = item(namespace, digest_id, &random, (identifier, value));
                of_namespace.insert(Key::Unsigned(digest_id), sha256(&item.digested()).as_slice());
                items.push(item);
            }
            digests.insert(namespace, of_namespace);
        }
        let object = SecurityObject {
            doc_type: self.doc_type.to_owned(),
            digest_algorithm: DigestAlgorithm::Sha256,
            digests,
            device_key: self.device_key.clone(),
            authorizations: self.authorizations.clone(),
            validity: self.validity,
            status: self.status.clone(),
        };
        let header = Header { x5chain: signer.x5chain.to_vec(), ..Header::default() };
        let prepared = Sign1::prepare(&header, Payload::Attached(&object.to_payload()), &[], signer.key);
        Ok(PreparedMdoc { items, prepared })
    }
}

fn item(namespace: &str, digest_id: u64, random: &[u8], (identifier, value): (&String, &Value)) -> Item {
    let mut map = Map::new();
    map.insert("digestID", digest_id);
    map.insert("random", random);
    map.insert("elementIdentifier", identifier.as_str());
    map.insert("elementValue", value.clone());
    Item {
        namespace: namespace.to_owned(),
        identifier: identifier.clone(),
        digest_id,
        value: value.clone(),
        content: Value::Map(map).to_bytes(),
    }
}

/// An mdoc that waits for its issuer's signature.
///
/// Debug output shows the key and nothing of the mdoc.
#[must_use]
pub struct PreparedMdoc {
    items: Vec<Item>,
    prepared: Prepared,
}

impl PreparedMdoc {
    /// The bytes to sign, in full (not a digest of them).
    pub fn signing_input(&self) -> &[u8] {
        self.prepared.signing_input()
    }

    /// The signed mdoc.
    ///
    /// # Errors
    /// `signature` was not made over [`PreparedMdoc::signing_input`] with the key that was announced.
    pub fn attach(self, signature: &[u8]) -> Result<IssuerSigned, SignError> {
        Ok(IssuerSigned { items: self.items, issuer_auth: self.prepared.attach(signature)? })
    }

    /// Signs with `signer`, whose public half was announced.
    ///
    /// # Errors
    /// The key store refused, or signed with another key.
    pub fn sign(self, signer: &dyn Signer) -> Result<IssuerSigned, SignError> {
        Ok(IssuerSigned { items: self.items, issuer_auth: self.prepared.sign(signer)? })
    }
}

impl fmt::Debug for PreparedMdoc {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("PreparedMdoc").field("prepared", &self.prepared).finish_non_exhaustive()
    }
}
