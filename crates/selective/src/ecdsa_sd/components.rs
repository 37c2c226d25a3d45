//! What the two kinds of proof value hold, and the signatures that both have.

use crate::{
    Pointer, ProofValueError, Proven, VerifyError,
    labels::HmacKey,
    proof_value::{
        Components, CompressedLabels, Kind, List, MandatoryPointers, compressed_labels, numbers, write,
    },
};
use sinpyo_core::{Secret, encoding::Multikey, key::Verifier as _};
use sinpyo_cose::cbor::Value;
use sinpyo_crypto::{Algorithm, VerifyingKey, hash::Sha256};

/// A signature `r‖s`.
pub(super) type Signature = [u8; 64];

/// The multicodec of P-256 keys and the compressed point.
pub(super) type EphemeralKey = [u8; 35];

/// The multicodec of P-256 public keys as a varint, and as a number.
const P256_PUB: ([u8; 2], u64) = ([0x80, 0x24], 0x1200);

/// A base proof [VC-DI-ECDSA §3.5.2].
pub(super) struct BaseProof {
    pub(super) signatures: Signatures,
    pub(super) hmac_key: HmacKey,
    pub(super) mandatory: Vec<Pointer>,
}

impl BaseProof {
    pub(super) fn read(text: &str) -> Result<Self, ProofValueError> {
        let mut components = Components::read(Kind::EcdsaSdBase, text)?;
        let (issuer, ephemeral_key) = (components.take()?, components.take()?);
        let hmac_key = Secret::new(components.take()?);
        let (List(statements), MandatoryPointers(mandatory)) = (components.take()?, components.take()?);
        components.finish()?;
        Ok(Self { signatures: Signatures { issuer, ephemeral_key, statements }, hmac_key, mandatory })
    }

    pub(super) fn write(&self) -> String {
        let components = vec![
            Value::from(&self.signatures.issuer[..]),
            Value::from(&self.signatures.ephemeral_key[..]),
            Value::from(&self.hmac_key.expose()[..]),
            self.signatures.statements_value(),
            MandatoryPointers::to_value(&self.mandatory),
        ];
        write(Kind::EcdsaSdBase, components)
    }
}

/// A derived proof [VC-DI-ECDSA §3.5.7].
pub(super) struct DerivedProof {
    pub(super) signatures: Signatures,
    /// What the labels are made of, that of `c14n0` first.
    pub(super) labels: Vec<[u8; 32]>,
    /// Which statements are mandatory.
    pub(super) mandatory: Vec<usize>,
}

impl DerivedProof {
    pub(super) fn read(text: &str) -> Result<Self, ProofValueError> {
        let mut components = Components::read(Kind::EcdsaSdDerived, text)?;
        let (issuer, ephemeral_key) = (components.take()?, components.take()?);
        let (List(statements), CompressedLabels(labels)) = (components.take()?, components.take()?);
        let List(mandatory) = components.take()?;
        components.finish()?;
        Ok(Self { signatures: Signatures { issuer, ephemeral_key, statements }, labels, mandatory })
    }

    pub(super) fn write(&self) -> String {
        let components = vec![
            Value::from(&self.signatures.issuer[..]),
            Value::from(&self.signatures.ephemeral_key[..]),
            self.signatures.statements_value(),
            compressed_labels(self.labels.iter().map(|tag| Value::from(&tag[..]))),
            numbers(&self.mandatory),
        ];
        write(Kind::EcdsaSdDerived, components)
    }
}

/// The issuer's signature, the key it vouches for, and what that key signed.
pub(super) struct Signatures {
    pub(super) issuer: Signature,
    pub(super) ephemeral_key: EphemeralKey,
    /// One for each statement that is not mandatory, in their order.
    pub(super) statements: Vec<Signature>,
}

impl Signatures {
    /// Verifies that these are signatures of exactly these statements.
    pub(super) fn verify(
        &self,
        proof_hash: &[u8; 32],
        mandatory: &[&str],
        optional: &[&str],
        key: &VerifyingKey,
    ) -> Result<Proven, VerifyError> {
        if optional.len() != self.statements.len() {
            return Err(ProofValueError::Count.into()); // [SDI-18]
        }
        if key.algorithm() != Algorithm::Es256 {
            return Err(VerifyError::Key); // [SDI-20]
        }
        let message = message(proof_hash, &self.ephemeral_key, mandatory);
        let _ = key.verify(&message, &self.issuer).map_err(|_| VerifyError::IssuerSignature)?; // [SDI-21]

        let ephemeral = parse_ephemeral_key(&self.ephemeral_key).ok_or(VerifyError::Key)?; // [SDI-20]
        for (number, (line, signature)) in optional.iter().zip(&self.statements).enumerate() {
            let verified = ephemeral.verify(line.as_bytes(), signature);
            let _ = verified.map_err(|_| VerifyError::StatementSignature(number))?; // [SDI-23]
        }
        Ok(Proven { mandatory: mandatory.len(), selected: optional.len() })
    }

    fn statements_value(&self) -> Value {
        Value::Array(self.statements.iter().map(|signature| Value::from(&signature[..])).collect())
    }
}

/// What the issuer signs [VC-DI-ECDSA §3.5.1].
pub(super) fn message(proof_hash: &[u8; 32], ephemeral_key: &EphemeralKey, mandatory: &[&str]) -> Vec<u8> {
    let mut hash = Sha256::new();
    for line in mandatory {
        hash.update(line.as_bytes());
    }
    [&proof_hash[..], ephemeral_key, &hash.finish()].concat()
}

/// The public half of an ephemeral key as it stands in proof values.
pub(super) fn ephemeral_key(key: &VerifyingKey) -> EphemeralKey {
    let mut bytes = [0; 35];
    let key = key.to_multikey();
    for (byte, part) in bytes.iter_mut().zip(P256_PUB.0.iter().chain(key.key())) {
        *byte = *part;
    }
    bytes
}

fn parse_ephemeral_key(bytes: &EphemeralKey) -> Option<VerifyingKey> {
    let point = bytes.strip_prefix(&P256_PUB.0)?;
    VerifyingKey::from_multikey(&Multikey::new(P256_PUB.1, point)).ok()
}
