//! What proof values say, in the words of the vectors.

use crate::given;
use anyhow::{Context, Result, bail, ensure};
use serde_json::{Map, Value, json};
use sinpyo_bls12381::Expander;
use sinpyo_core::{
    encoding::{Base, from_multibase, to_base64url, to_multibase},
    key::Entropy,
};
use sinpyo_cose::cbor::{Form, Key, Value as Cbor};
use sinpyo_testkit::TestEntropy;
use std::collections::VecDeque;

/// The key of the labels in every example.
pub(super) const HMAC_KEY: [u8; 32] = [
    0x00, 0x11, 0x22, 0x33, 0x44, 0x55, 0x66, 0x77, 0x88, 0x99, 0xaa, 0xbb, 0xcc, 0xdd, 0xee, 0xff, 0x00,
    0x11, 0x22, 0x33, 0x44, 0x55, 0x66, 0x77, 0x88, 0x99, 0xaa, 0xbb, 0xcc, 0xdd, 0xee, 0xff,
];

/// Named values.
#[derive(Default)]
pub(super) struct Facts(Map<String, Value>);

impl Facts {
    /// What a base proof holds.
    pub(super) fn of_base(proof_value: &str) -> Result<Self> {
        let mut facts = Self::default();
        match parse(proof_value, "base")?.as_slice() {
            [signature, header, key, hmac_key, pointers]
                if pointers.as_array().is_some_and(is_texts) && is_long(key) =>
            {
                facts.put("bbsSignature", hex(signature)?);
                facts.put("bbsHeader", hex(header)?);
                facts.put("publicKey", hex(key)?);
                facts.put("hmacKey", hex(hmac_key)?);
                facts.put("mandatoryPointers", texts(pointers)?);
            }
            [signature, key, hmac_key, signatures, pointers] => {
                facts.put("baseSignature", hex(signature)?);
                for name in ["publicKey", "proofPublicKey"] {
                    facts.put(name, multibase(key)?);
                }
                facts.put("hmacKey", hex(hmac_key)?);
                facts.put("signatures", list(signatures, hex)?);
                facts.put("mandatoryPointers", texts(pointers)?);
            }
            _ => bail!("not the parts of a base proof"),
        }
        Ok(facts)
    }

    /// What a derived proof holds.
    pub(super) fn of_derived(proof_value: &str) -> Result<Self> {
        let mut facts = Self::default();
        match parse(proof_value, "derived")?.as_slice() {
            [proof, labels @ Cbor::Map(_), mandatory, selected, header] => {
                facts.put("bbsProof", hex(proof)?);
                facts.put("labelMap", label_map(labels)?);
                facts.indexes(mandatory)?;
                for name in ["adjSelectiveIndexes", "adjSelectedIndexes"] {
                    facts.put(name, list(selected, number)?);
                }
                facts.put("presentationHeader", numbered(header)?);
            }
            [signature, key, signatures, labels, mandatory] => {
                facts.put("baseSignature", hex(signature)?);
                facts.put("publicKey", multibase(key)?);
                for name in ["signatures", "filteredSignatures"] {
                    facts.put(name, list(signatures, hex)?);
                }
                facts.put("labelMap", label_map(labels)?);
                facts.indexes(mandatory)?;
            }
            _ => bail!("not the parts of a derived proof"),
        }
        Ok(facts)
    }

    fn indexes(&mut self, mandatory: &Cbor) -> Result<()> {
        for name in ["mandatoryIndexes", "adjMandatoryIndexes"] {
            self.put(name, list(mandatory, number)?);
        }
        Ok(())
    }

    pub(super) fn put(&mut self, name: &str, value: Value) {
        self.0.insert(name.to_owned(), value);
    }

    pub(super) fn get(&self, name: &str) -> Result<&Value> {
        self.0.get(name).with_context(|| format!("the proof says nothing of {name}"))
    }

    /// Every member of `stated` is a fact.
    pub(super) fn agree(&self, stated: &Value) -> Result<()> {
        let stated = given::object(stated)?;
        ensure!(!stated.is_empty(), "nothing is stated");
        for (name, value) in stated {
            let ours = self.get(name)?;
            // Maps are lists of pairs, some of them in an object of their own.
            let value = value.get("value").unwrap_or(value);
            ensure!(ours == value, "{name}: expected {value}, got {ours}");
        }
        Ok(())
    }
}

/// The parts of a `proofValue`, whose first three bytes say which kind it is.
fn parse(proof_value: &str, kind: &str) -> Result<Vec<Cbor>> {
    let bytes = from_multibase(Base::Base64Url, proof_value)?;
    let (head, body) = bytes.split_at_checked(3).context("a proof value has a head")?;
    let known = match head {
        [0xd9, 0x5d, 0x00 | 0x02] => "base",
        [0xd9, 0x5d, 0x01 | 0x03] => "derived",
        _ => "unknown",
    };
    ensure!(known == kind, "a {known} proof where a {kind} one is due");
    match Cbor::parse_as(body, Form::AnyOrder)? {
        Cbor::Array(parts) => Ok(parts),
        _ => bail!("a proof value is a list"),
    }
}

fn is_long(key: &Cbor) -> bool {
    key.as_bytes().is_some_and(|key| key.len() == 96)
}

fn is_texts(list: &[Cbor]) -> bool {
    list.iter().all(|one| one.as_text().is_some())
}

fn bytes(value: &Cbor) -> Result<&[u8]> {
    value.as_bytes().context("expected bytes")
}

fn hex(value: &Cbor) -> Result<Value> {
    Ok(json!(given::to_hex(bytes(value)?)))
}

fn multibase(value: &Cbor) -> Result<Value> {
    Ok(json!(to_multibase(Base::Base58Btc, bytes(value)?)))
}

fn number(value: &Cbor) -> Result<Value> {
    Ok(json!(value.as_u64().context("expected a number")?))
}

fn list(value: &Cbor, each: impl Fn(&Cbor) -> Result<Value>) -> Result<Value> {
    let list = value.as_array().context("expected a list")?;
    Ok(Value::Array(list.iter().map(each).collect::<Result<_>>()?))
}

fn texts(value: &Cbor) -> Result<Value> {
    list(value, |text| Ok(json!(text.as_text().context("expected a text")?)))
}

/// Bytes as JavaScript prints them.
fn numbered(value: &Cbor) -> Result<Value> {
    Ok(bytes(value)?.iter().enumerate().map(|(index, byte)| (index.to_string(), json!(byte))).collect())
}

/// Pairs of canonical label and label.
fn label_map(labels: &Cbor) -> Result<Value> {
    let labels = labels.as_map().context("expected a map")?;
    let pair = |(key, value): &(Key, Cbor)| {
        let key = key.as_u64().context("a label is numbered")?;
        let label = match value {
            Cbor::Unsigned(number) => format!("b{number}"),
            other => format!("u{}", to_base64url(bytes(other)?)),
        };
        Ok(json!([format!("c14n{key}"), label]))
    };
    Ok(Value::Array(labels.iter().map(pair).collect::<Result<_>>()?))
}

/// Hands out the key of the labels first; what comes after it is not compared.
pub(super) struct Scripted {
    first: VecDeque<u8>,
    rest: TestEntropy,
}

impl Scripted {
    pub(super) fn new() -> Self {
        Self { first: HMAC_KEY.into(), rest: TestEntropy::new(1) }
    }
}

impl Entropy for Scripted {
    fn fill(&mut self, out: &mut [u8]) {
        if self.first.len() < out.len() {
            return self.rest.fill(out);
        }
        out.iter_mut().zip(self.first.drain(..)).for_each(|(out, byte)| *out = byte);
    }
}

/// The scalars that the BBS proofs were made with, 48 bytes each: those of draft-irtf-cfrg-bbs-signatures §8.1, but with
/// the bare interface identifier as separator.
pub(super) struct Mocked(Vec<u8>);

impl Mocked {
    /// Scalars for a proof with so many `bytes`: three points, four scalars, and one for each hidden message.
    pub(super) fn new(seed: &[u8], separator: &str, bytes: usize) -> Result<Self> {
        let scalars = bytes.saturating_sub(3 * 48) / 32 + 1;
        let (expander, separator) = (Expander::XmdSha256, separator.as_bytes());
        Ok(Self(match scalars {
            13 => expander.expand::<{ 13 * 48 }>(seed, separator).to_vec(),
            19 => expander.expand::<{ 19 * 48 }>(seed, separator).to_vec(),
            _ => bail!("a proof of {bytes} bytes"),
        }))
    }
}

impl Entropy for Mocked {
    fn fill(&mut self, out: &mut [u8]) {
        let drawn = self.0.drain(..out.len().min(self.0.len()));
        out.iter_mut().zip(drawn).for_each(|(out, byte)| *out = byte);
    }
}
