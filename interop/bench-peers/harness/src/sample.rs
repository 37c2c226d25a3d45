//! What the input modules produce.

use anyhow::Context as _;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::{Map, Value};

use crate::key::Key;

/// How many distinct inputs a row has.
pub(crate) const INPUTS: usize = 1_000;

/// The inputs of one verification row.
#[derive(Debug)]
pub(crate) struct Material {
    pub(crate) samples: Vec<Sample>,
    pub(crate) hostile: Vec<Hostile>,
}

/// A genuine input, and what the issuer signed in it.
#[derive(Debug)]
pub(crate) struct Sample {
    pub(crate) wire: String,
    pub(crate) message: Vec<u8>,
    pub(crate) signature: Vec<u8>,
}

/// An input to be refused: a verifier that accepts it leaves out the check named.
#[derive(Debug)]
pub(crate) struct Hostile {
    pub(crate) check: &'static str,
    pub(crate) wire: String,
}

/// A compact JWS.
#[derive(Debug)]
pub(crate) struct Jws {
    pub(crate) text: String,
    pub(crate) signing_input: String,
    pub(crate) signature: Vec<u8>,
}

impl Jws {
    pub(crate) fn sign(header: &str, payload: &str, key: &Key) -> anyhow::Result<Self> {
        let encode = |text: &str| URL_SAFE_NO_PAD.encode(text);
        let signing_input = format!("{}.{}", encode(header), encode(payload));
        let signature = key.sign(signing_input.as_bytes())?;
        let text = format!("{signing_input}.{}", URL_SAFE_NO_PAD.encode(&signature));
        Ok(Self { text, signing_input, signature })
    }

    /// The same JWS with a bit of the signature flipped.
    pub(crate) fn damaged(&self) -> String {
        let mut signature = self.signature.clone();
        if let Some(byte) = signature.get_mut(40) {
            *byte ^= 1;
        }
        format!("{}.{}", self.signing_input, URL_SAFE_NO_PAD.encode(signature))
    }
}

/// Changes a JSON object held as text.
pub(crate) fn edit(text: &mut String, change: impl FnOnce(&mut Map<String, Value>)) -> anyhow::Result<()> {
    let mut object = serde_json::from_str(text)?;
    change(&mut object);
    *text = serde_json::to_string(&object)?;
    Ok(())
}

/// Puts a member in front of a JSON object held as text, whether or not it has one of that name.
pub(crate) fn prepend_member(text: &mut String, member: &str) -> anyhow::Result<()> {
    let rest = text.strip_prefix('{').context("not a JSON object")?;
    *text = format!("{{{member},{rest}");
    Ok(())
}
