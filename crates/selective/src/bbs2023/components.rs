//! What the two kinds of proof value hold.

use crate::{
    Pointer, ProofValueError,
    labels::HmacKey,
    proof_value::{
        Components, CompressedLabels, Kind, List, MandatoryPointers, compressed_labels, number, numbers,
        write,
    },
};
use sinpyo_bbs::{PublicKey, Signature};
use sinpyo_core::Secret;
use sinpyo_cose::cbor::Value;
use sinpyo_crypto::hash::Sha256;

/// The hash of the proof options, and that of the mandatory statements.
pub(super) type Header = [u8; 64];

/// A base proof [VC-DI-BBS §3.3.1].
pub(super) struct BaseProof {
    pub(super) signature: [u8; Signature::BYTES],
    pub(super) header: Header,
    pub(super) public_key: [u8; PublicKey::BYTES],
    pub(super) hmac_key: HmacKey,
    pub(super) mandatory: Vec<Pointer>,
}

impl BaseProof {
    pub(super) fn read(text: &str) -> Result<Self, ProofValueError> {
        let mut components = Components::read(Kind::BbsBase, text)?;
        let (signature, header, public_key) = (components.take()?, components.take()?, components.take()?);
        let hmac_key = Secret::new(components.take()?);
        let MandatoryPointers(mandatory) = components.take()?;
        components.finish()?;
        Ok(Self { signature, header, public_key, hmac_key, mandatory })
    }

    pub(super) fn write(&self) -> String {
        let components = vec![
            Value::from(&self.signature[..]),
            Value::from(&self.header[..]),
            Value::from(&self.public_key[..]),
            Value::from(&self.hmac_key.expose()[..]),
            MandatoryPointers::to_value(&self.mandatory),
        ];
        write(Kind::BbsBase, components)
    }

    /// Key and signature as points; `None` if they are none.
    pub(super) fn parse(&self) -> Option<(PublicKey, Signature)> {
        let key = PublicKey::from_octets(&self.public_key).ok()?;
        Some((key, Signature::from_octets(&self.signature).ok()?))
    }
}

/// A derived proof [VC-DI-BBS §3.3.6].
pub(super) struct DerivedProof {
    pub(super) proof: Vec<u8>,
    /// What the labels are made of, that of `c14n0` first.
    pub(super) labels: Vec<usize>,
    /// Which statements are mandatory.
    pub(super) mandatory: Vec<usize>,
    /// Which messages of the signature the others are.
    pub(super) selected: Vec<usize>,
    pub(super) presentation_header: Vec<u8>,
}

impl DerivedProof {
    pub(super) fn read(text: &str) -> Result<Self, ProofValueError> {
        let mut components = Components::read(Kind::BbsDerived, text)?;
        let (proof, CompressedLabels(labels)) = (components.take()?, components.take()?);
        let (List(mandatory), List(selected)) = (components.take()?, components.take()?);
        let presentation_header = components.take()?;
        components.finish()?;
        Ok(Self { proof, labels, mandatory, selected, presentation_header })
    }

    pub(super) fn write(&self) -> String {
        let components = vec![
            Value::from(&self.proof[..]),
            compressed_labels(self.labels.iter().map(|rank| number(*rank))),
            numbers(&self.mandatory),
            numbers(&self.selected),
            Value::from(&self.presentation_header[..]),
        ];
        write(Kind::BbsDerived, components)
    }
}

/// The header of the signature [VC-DI-BBS §3.3.4].
pub(super) fn header(proof_hash: &[u8; 32], mandatory: &[&str]) -> Header {
    let mut header = [0; 64];
    let (first, second) = header.split_at_mut(32);
    first.copy_from_slice(proof_hash);
    second.copy_from_slice(&hash(mandatory));
    header
}

/// SHA-256 of the mandatory statements.
pub(super) fn hash(mandatory: &[&str]) -> [u8; 32] {
    let mut hash = Sha256::new();
    for line in mandatory {
        hash.update(line.as_bytes());
    }
    hash.finish()
}
