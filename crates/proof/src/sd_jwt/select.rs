//! Choosing what to show.

use super::{
    DigestAlgorithm, SdJwtError,
    disclosure::{DIGESTS, Disclosure, ELEMENT},
    parts::{Parts, digest_algorithm},
};
use crate::{
    SignError,
    jws::{PreparedToken, Typ},
};
use serde_json::{Map, Value, json};
use sinpyo_core::{
    claims::{ClaimPath, ClaimStep},
    json::MAX_DEPTH,
    key::Signer,
    time::Timestamp,
};
use sinpyo_crypto::VerifyingKey;
use sinpyo_jose::{JwtHeader, KeyHint};
use std::{
    collections::{BTreeSet, HashMap},
    fmt,
};

/// An SD-JWT in its holder's hands. The holder checked its signature when it came.
///
/// Debug output names the claims and shows no value, disclosure or salt.
pub struct Holding {
    issuer: String,
    algorithm: DigestAlgorithm,
    hidden: Vec<Hidden>,
    claims: Map<String, Value>,
}

/// A claim that may be shown or not.
struct Hidden {
    text: String,
    path: Vec<ClaimStep>,
}

impl Holding {
    /// Takes apart what the issuer sent, of one of the types `typs`.
    ///
    /// # Errors
    /// As [`super::verify`], but signatures are not checked; a key binding token is refused.
    pub fn parse(text: &str, typs: &[Typ]) -> Result<Self, SdJwtError> {
        let parts = Parts::parse(text.to_owned(), typs)?;
        if parts.has_key_binding() {
            return Err(SdJwtError::KeyBindingNotWanted); // [SDJ-11]
        }
        let signed = parts.issuer.claimed();
        let algorithm = digest_algorithm(signed)?;
        let mut locating = Locating { pending: HashMap::new(), hidden: Vec::new(), path: Vec::new() };
        for text in parts.text.disclosures() {
            locating.pending.insert(algorithm.digest(text), (text, Disclosure::parse(text)?));
        }
        locating.object(signed)?;
        let hidden = locating.hidden;
        let claims =
            super::reveal::reveal(signed.clone(), parts.text.disclosures(), super::Visible::NOTHING)?;
        Ok(Self { issuer: parts.text.issuer().to_owned(), algorithm, hidden, claims })
    }

    /// All claims, hidden ones included.
    pub const fn claims(&self) -> &Map<String, Value> {
        &self.claims
    }

    /// Where the claims stand that may be shown or not.
    pub fn hidden(&self) -> impl Iterator<Item = &[ClaimStep]> {
        self.hidden.iter().map(|hidden| hidden.path.as_slice())
    }

    /// Chooses the claims that `paths` select: each whole, with what it is nested in, and nothing beside it.
    ///
    /// # Errors
    /// A path selects no claim.
    pub fn select(&self, paths: &[ClaimPath]) -> Result<Selection, SelectError> {
        if paths.iter().any(|path| path.select(&self.claims).is_empty()) {
            return Err(SelectError); // [SDJ-17]
        }
        let needed: BTreeSet<usize> = self
            .hidden
            .iter()
            .enumerate()
            .filter(|(_, hidden)| paths.iter().any(|path| needs(path.steps(), &hidden.path)))
            .map(|(position, _)| position)
            .collect();
        let mut text = format!("{}~", self.issuer);
        for hidden in needed.iter().filter_map(|position| self.hidden.get(*position)) {
            text.push_str(&hidden.text);
            text.push('~');
        }
        Ok(Selection { text, algorithm: self.algorithm })
    }
}

impl fmt::Debug for Holding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Holding")
            .field("algorithm", &self.algorithm)
            .field("hidden", &self.hidden.len())
            .field("claims", &self.claims.keys().collect::<Vec<_>>())
            .finish_non_exhaustive()
    }
}

/// Whether showing what `wanted` selects needs the disclosure of the claim at `hidden`: because it lies on the way
/// there, or within.
fn needs(wanted: &[ClaimStep], hidden: &[ClaimStep]) -> bool {
    wanted.iter().zip(hidden).all(|(wanted, hidden)| match wanted {
        ClaimStep::Every => matches!(hidden, ClaimStep::Index(_)),
        exact => exact == hidden,
    })
}

/// What a holder has chosen to show.
///
/// Debug output counts the disclosures.
#[must_use]
pub struct Selection {
    text: String,
    algorithm: DigestAlgorithm,
}

impl Selection {
    /// The wire form without key binding.
    pub fn unbound(self) -> String {
        self.text
    }

    /// Prepares the token that binds the selection to one verifier and challenge, to be signed with the private half
    /// of `key`.
    ///
    /// The token names no verification method: the issuer named the key in `cnf`.
    pub fn prepare_binding(
        self,
        audience: &str,
        nonce: &str,
        now: Timestamp,
        key: &VerifyingKey,
    ) -> PreparedToken {
        self.prepare_binding_with(audience, nonce, now, key, Map::new())
    }

    /// As [`Self::prepare_binding`], with `more` claims that the holder signs, such as the hashes of transaction data
    /// [OpenID4VP 1.0 §B.3.3]. They never replace those of the binding.
    pub fn prepare_binding_with(
        self,
        audience: &str,
        nonce: &str,
        now: Timestamp,
        key: &VerifyingKey,
        more: Map<String, Value>,
    ) -> PreparedToken {
        let mut claims = more;
        let sd_hash = self.algorithm.digest(&self.text);
        for (name, value) in [
            ("iat", json!(now.unix())),
            ("aud", json!(audience)),
            ("nonce", json!(nonce)),
            ("sd_hash", json!(sd_hash)),
        ] {
            claims.insert(name.to_owned(), value);
        }
        let header = JwtHeader::new(Typ::KEY_BINDING, KeyHint::None);
        sinpyo_jose::prepare(header, &claims, key).between(self.text, String::new())
    }

    /// Binds the selection to one verifier and challenge with `signer`, whose public half is `key`.
    ///
    /// # Errors
    /// The signer refused, or signed with another key.
    pub fn bind(
        self,
        audience: &str,
        nonce: &str,
        now: Timestamp,
        (signer, key): (&dyn Signer, &VerifyingKey),
    ) -> Result<String, SignError> {
        self.prepare_binding(audience, nonce, now, key).sign(signer)
    }
}

impl fmt::Debug for Selection {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // A tilde stands after the issuer's token and after each disclosure.
        let disclosures = self.text.split('~').skip(1).filter(|text| !text.is_empty()).count();
        f.debug_struct("Selection")
            .field("algorithm", &self.algorithm)
            .field("disclosures", &disclosures)
            .finish_non_exhaustive()
    }
}

/// SDJ-17: the credential has no claim at a path.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the credential has no claim at one of the paths")]
pub struct SelectError;

impl SelectError {
    /// The rule that was broken, as in `spec/checks/sdj.toml`.
    pub const fn code(&self) -> &'static str {
        "SDJ-17"
    }
}

/// Finds the place of each disclosure.
struct Locating<'t> {
    pending: HashMap<String, (&'t str, Disclosure)>,
    hidden: Vec<Hidden>,
    path: Vec<ClaimStep>,
}

impl Locating<'_> {
    fn value(&mut self, value: &Value) -> Result<(), SdJwtError> {
        if self.path.len() > MAX_DEPTH {
            return Err(SdJwtError::TooDeep); // [SDJ-21]
        }
        match value {
            Value::Object(members) => self.object(members),
            Value::Array(elements) => self.array(elements),
            _ => Ok(()),
        }
    }

    fn object(&mut self, members: &Map<String, Value>) -> Result<(), SdJwtError> {
        for (name, value) in members.iter().filter(|(name, _)| *name != DIGESTS) {
            self.at(ClaimStep::Name(name.clone()), value)?;
        }
        let digests = members.get(DIGESTS).and_then(Value::as_array);
        for digest in digests.into_iter().flatten().filter_map(Value::as_str) {
            if let Some((text, disclosure)) = self.pending.remove(digest) {
                let name = disclosure.name.ok_or(SdJwtError::Kind)?;
                self.found(ClaimStep::Name(name), text.to_owned(), &disclosure.value)?;
            }
        }
        Ok(())
    }

    /// Positions count the elements that are there to be shown, as the claims do.
    fn array(&mut self, elements: &[Value]) -> Result<(), SdJwtError> {
        let mut index = 0;
        for element in elements {
            match element.get(ELEMENT).and_then(Value::as_str) {
                None => self.at(ClaimStep::Index(index), element)?,
                Some(digest) => match self.pending.remove(digest) {
                    None => continue,
                    Some((text, disclosure)) => {
                        self.found(ClaimStep::Index(index), text.to_owned(), &disclosure.value)?;
                    }
                },
            }
            index += 1;
        }
        Ok(())
    }

    fn found(&mut self, step: ClaimStep, text: String, value: &Value) -> Result<(), SdJwtError> {
        let mut path = self.path.clone();
        path.push(step.clone());
        self.hidden.push(Hidden { text, path });
        self.at(step, value)
    }

    fn at(&mut self, step: ClaimStep, value: &Value) -> Result<(), SdJwtError> {
        self.path.push(step);
        self.value(value)?;
        self.path.pop();
        Ok(())
    }
}
