//! Wallets that their provider vouches for [Attestation-Based Client Authentication, draft 07].

use crate::{
    nonce::{Fresh, NonceError, Nonces},
    proof_key::{ALGORITHMS, MAX_ID, jkt},
};
use http::{HeaderMap, HeaderName};
use serde_json::Value;
use sinpyo_core::{jwk::PublicJwk, time::Timestamp};
use sinpyo_crypto::VerifyingKey;
use sinpyo_jose::{HeaderRules, JwsError, TimeError, Typ, UnverifiedJwt, VerifiedJwt};
use sinpyo_state::Space;
use sinpyo_x509::{Chain, ChainError, Purpose, Roots, VerifiedLeaf};
use std::time::Duration;

pub(crate) const ATTESTATION: HeaderName = HeaderName::from_static("oauth-client-attestation");
pub(crate) const PROOF: HeaderName = HeaderName::from_static("oauth-client-attestation-pop");

/// How old a proof may be, beside the difference of clocks.
const WINDOW: Duration = Duration::from_mins(2);
const REMEMBERED: Duration = Duration::from_mins(5);

const USED: Space = Space::new("oauth.attested");

/// Whose attestations are believed. By default nobody's.
#[derive(Debug, Default)]
pub struct Attesters {
    /// Keys of wallet providers, for attestations without certificates.
    pub keys: Vec<VerifyingKey>,
    /// Roots for the certificates of wallet providers [HAIP 1.0 §4.4.1].
    pub roots: Roots,
}

/// What an attestation must be about.
pub(crate) struct Expected<'a> {
    /// The server's issuer identifier.
    pub(crate) audience: &'a str,
    /// Who may vouch for the client of this name.
    pub(crate) attesters: &'a dyn Fn(&str) -> &'a Attesters,
    pub(crate) challenges: &'a Nonces,
    /// Whether a proof without a challenge is refused.
    pub(crate) challenge_required: bool,
}

/// A wallet that its provider vouches for and that proved to be the one.
#[derive(Debug)]
pub(crate) struct Attested {
    pub(crate) client: String,
    /// Who vouches for it.
    pub(crate) attester: String,
    pub(crate) once: Fresh,
}

/// Whether a request carries an attestation or a part of one.
pub(crate) fn is_sent(headers: &HeaderMap) -> bool {
    headers.contains_key(ATTESTATION) || headers.contains_key(PROOF)
}

/// Checks the attestation that a request carries, and the proof beside it, but for its having been used before.
pub(crate) fn verify(
    headers: &HeaderMap,
    expected: &Expected<'_>,
    now: Timestamp,
) -> Result<Attested, AttestationError> {
    let (attestation, proof) = (single(headers, &ATTESTATION)?, single(headers, &PROOF)?);
    let (attestation, attester) = attested(attestation, expected.attesters, now)?;
    let client = attestation.text("sub").filter(|sub| !sub.is_empty()).ok_or(AttestationError::Claims)?; // [VCI-WAT-01e]
    let key = confirmed_key(&attestation).ok_or(AttestationError::Claims)?; // [VCI-WAT-01e]

    let proof = UnverifiedJwt::parse(proof, &[Typ::CLIENT_ATTESTATION_POP], &HeaderRules::NAMED);
    let proof = proof.and_then(|proof| proof.verify(&key, &ALGORITHMS)).map_err(AttestationError::Proof)?; // [VCI-WAT-01g]
    let audiences: Vec<&str> = proof.audiences().collect();
    if audiences != [expected.audience] {
        return Err(AttestationError::Audience); // [VCI-WAT-01h]
    }
    if proof.claims().get("iss").is_some_and(|iss| iss != client) {
        return Err(AttestationError::Claims); // [VCI-WAT-01e]
    }
    let made = proof.times().and_then(|times| times.check_fresh(now, WINDOW));
    let made = made.map_err(AttestationError::ProofTime)?; // [VCI-WAT-01i]
    let id =
        proof.text("jti").filter(|id| !id.is_empty() && id.len() <= MAX_ID).ok_or(AttestationError::Id)?; // [VCI-WAT-01j]
    match proof.claims().get("challenge") {
        Some(Value::String(text)) => {
            expected.challenges.check(text, now).map_err(AttestationError::Challenge)?; // [VCI-WAT-01f]
        }
        None if !expected.challenge_required => {}
        _ => return Err(AttestationError::ChallengeMissing), // [VCI-WAT-01f]
    }
    let once = Fresh::named(USED, &format!("{} {id}", jkt(&key)), made.plus(REMEMBERED));
    Ok(Attested { client: client.to_owned(), attester, once })
}

/// The attestation, if somebody who is believed about that client made it and it has not expired; and who that is.
fn attested<'a>(
    text: &str,
    attesters: &dyn Fn(&str) -> &'a Attesters,
    now: Timestamp,
) -> Result<(VerifiedJwt, String), AttestationError> {
    let (types, rules) = ([Typ::CLIENT_ATTESTATION], HeaderRules::NAMED_OR_CERTIFIED);
    let token = UnverifiedJwt::parse(text, &types, &rules).map_err(AttestationError::Token)?; // [VCI-WAT-01b]
    let attesters = attesters(token.hint().claimed("sub").unwrap_or_default()); // [OAU-43]
    let (token, attester) = if let Some(x5c) = token.hint().x5c() {
        let chain = Chain::from_x5c(x5c).map_err(AttestationError::Chain)?;
        let leaf = chain.verify(&attesters.roots, now, &Purpose::Signer);
        let leaf = leaf.map_err(AttestationError::Chain)?; // [VCI-WAT-01c]
        (token.verify(leaf.key(), &ALGORITHMS), name(&leaf))
    } else {
        let signed_by = |key: &VerifyingKey| {
            let token = UnverifiedJwt::parse(text, &types, &rules);
            (token.and_then(|token| token.verify(key, &ALGORITHMS)), jkt(key))
        };
        let mut keys = attesters.keys.iter();
        let mut found = signed_by(keys.next().ok_or(AttestationError::Attester)?); // [VCI-WAT-01c]
        while let (Err(_), Some(next)) = (&found.0, keys.next()) {
            found = signed_by(next);
        }
        found
    };
    let token = token.map_err(AttestationError::Token)?; // [VCI-WAT-01b]
    let times = token.times().map_err(AttestationError::Time)?;
    times.expires.ok_or(AttestationError::Time(TimeError::Missing("exp")))?; // [VCI-WAT-01d]
    times.check(now).map_err(AttestationError::Time)?; // [VCI-WAT-01d]
    Ok((token, attester))
}

/// What a wallet provider keeps when its certificate is renewed; its key, if the certificate has no name.
fn name(leaf: &VerifiedLeaf) -> String {
    let name = leaf.uris().first().or_else(|| leaf.dns_names().first());
    name.cloned().unwrap_or_else(|| jkt(leaf.key()))
}

/// The key in `cnf`.
fn confirmed_key(attestation: &VerifiedJwt) -> Option<VerifyingKey> {
    let jwk = attestation.claims().get("cnf")?.get("jwk")?.as_object()?;
    VerifyingKey::from_jwk(&PublicJwk::from_members(jwk.clone()).ok()?).ok()
}

fn single<'h>(headers: &'h HeaderMap, name: &HeaderName) -> Result<&'h str, AttestationError> {
    let mut values = headers.get_all(name).iter();
    match (values.next().map(http::HeaderValue::to_str), values.next()) {
        (Some(Ok(text)), None) => Ok(text),
        _ => Err(AttestationError::Headers), // [VCI-WAT-01a]
    }
}

/// Why an attestation is refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum AttestationError {
    /// VCI-WAT-01a: attestation and proof do not come in exactly one header each.
    #[error("client attestation and its proof are not in one header each")]
    Headers,
    /// VCI-WAT-01b: the attestation is no signed token of its kind, or not signed by its maker.
    #[error("the client attestation is refused: {0}")]
    Token(#[source] JwsError),
    /// VCI-WAT-01c: its certificates lead to no root that is believed.
    #[error("the certificates of the client attestation are refused: {0}")]
    Chain(#[source] ChainError),
    /// VCI-WAT-01c: nobody is believed without certificates.
    #[error("the client attestation is by nobody who is trusted here")]
    Attester,
    /// VCI-WAT-01d: expired, without `exp`, or not valid yet.
    #[error("the client attestation is refused for its time: {0}")]
    Time(#[source] TimeError),
    /// VCI-WAT-01e: no `sub`, no sound key in `cnf`, or a proof in another client's name.
    #[error("the client attestation does not name a client and its key")]
    Claims,
    /// VCI-WAT-01g: the proof is no signed token of its kind, or not signed with the attested key.
    #[error("the proof of the client attestation is refused: {0}")]
    Proof(#[source] JwsError),
    /// VCI-WAT-01h: the proof is for another server, or not for this one alone.
    #[error("the proof of the client attestation is for another server")]
    Audience,
    /// VCI-WAT-01i: the proof is too old, or from the future.
    #[error("the proof of the client attestation is refused for its time: {0}")]
    ProofTime(#[source] TimeError),
    /// VCI-WAT-01j: the proof has no `jti`, or one of more than 256 bytes.
    #[error("the proof of the client attestation has no usable jti")]
    Id,
    /// VCI-WAT-01j: the proof was used before.
    #[error("the proof of the client attestation was used before")]
    Replayed,
    /// VCI-WAT-01f: the proof answers no challenge.
    #[error("the proof of the client attestation answers no challenge")]
    ChallengeMissing,
    /// VCI-WAT-01f: the proof answers another challenge, or an old one.
    #[error("the proof of the client attestation is refused for its challenge: {0}")]
    Challenge(#[source] NonceError),
}

impl AttestationError {
    /// The rule that was broken, as in `spec/checks/vci-wat.toml`.
    pub const fn code(&self) -> &'static str {
        match self {
            Self::Headers => "VCI-WAT-01a",
            Self::Token(_) => "VCI-WAT-01b",
            Self::Chain(_) | Self::Attester => "VCI-WAT-01c",
            Self::Time(_) => "VCI-WAT-01d",
            Self::Claims => "VCI-WAT-01e",
            Self::ChallengeMissing | Self::Challenge(_) => "VCI-WAT-01f",
            Self::Proof(_) => "VCI-WAT-01g",
            Self::Audience => "VCI-WAT-01h",
            Self::ProofTime(_) => "VCI-WAT-01i",
            Self::Id | Self::Replayed => "VCI-WAT-01j",
        }
    }
}
