//! What a holder signs to be registered.

use super::{TOKENS, malformed};
use crate::problem::coded;
use http::StatusCode;
use serde_json::{Map, Value};
use sinpyo_ballot::{
    credential::{Binding, Registration, RegistrationProof, RegistrationVerifier},
    generators::ElectionId,
    group::Ristretto,
};
use sinpyo_core::{Secret, encoding::from_base64url, jwk::PublicJwk};
use sinpyo_crypto::{Algorithm, VerifyingKey, hash::sha256};
use sinpyo_jose::{HeaderRules, Typ, UnverifiedJwt, key_thumbprint};
use sinpyo_voting::{
    event::{Body, RegisteredToken, Registration as RegistrationEvent},
    form::{from_hex, from_hex_array},
    manifest::{Manifest, Profile},
};
use sinpyo_web::problem::Refusal;

/// Bytes of the longest request.
const MAX_REQUEST: usize = 32 << 10;

/// The type of the token that a holder signs.
const TYP: Typ = Typ::application("sinpyo-vote-registration+jwt");

/// What was asked for, with whose key.
pub(super) struct Request {
    pub(super) election: ElectionId,
    pub(super) slot: [u8; 16],
    pub(super) district: u32,
    pub(super) nonce: Secret<[u8; 32]>,
    /// The holder's key.
    pub(super) holder: PublicJwk,
    thumbprint: [u8; 32],
    /// SHA-256 of the signed request.
    digest: [u8; 32],
    /// Blinded admission tokens.
    pub(super) blinded: Vec<Vec<u8>>,
    pub(super) subject: Subject,
}

/// What is to be registered.
pub(super) enum Subject {
    /// Profile `ring`: a commitment, and the proof that the holder can open it.
    Commitment { commitment: [u8; 32], proof: [u8; 96] },
    /// Profile `token`: a blinded message.
    Token(Vec<u8>),
}

impl Request {
    /// Reads a request and checks the holder's signature.
    pub(super) fn parse(text: &str, manifest: &Manifest) -> Result<Self, Refusal> {
        if text.len() > MAX_REQUEST {
            return Err(malformed());
        }
        let token = UnverifiedJwt::parse(text, &[TYP], &HeaderRules::OWN_KEY).map_err(|_| malformed())?;
        let holder = token.hint().jwk().ok_or_else(malformed)?.clone();
        let key = VerifyingKey::from_jwk(&holder).map_err(|_| malformed())?;
        let verified = token.verify(&key, &[Algorithm::Es256, Algorithm::Ed25519]); // [VTS-28]
        let claims = verified.map_err(|_| malformed())?.into_claims();
        let mut request = Self::read(&claims, manifest, holder).ok_or_else(malformed)?;
        request.thumbprint = key_thumbprint(&key);
        request.digest = sha256(text.as_bytes());
        Ok(request)
    }

    fn read(claims: &Map<String, Value>, manifest: &Manifest, holder: PublicJwk) -> Option<Self> {
        let names = ["blinded", "commitment", "district", "election", "nonce", "proof", "slot", "token"];
        claims.keys().all(|name| names.contains(&name.as_str())).then_some(())?;
        let text = |name: &str| claims.get(name)?.as_str();
        let subject = match manifest.profile {
            Profile::Ring { .. } => Subject::Commitment {
                commitment: from_hex_array(text("commitment")?)?,
                proof: from_hex(text("proof")?)?.try_into().ok()?,
            },
            Profile::Token => Subject::Token(from_base64url(text("token")?).ok()?),
        };
        let most = if manifest.admission.is_some() { TOKENS } else { 0 };
        let blinded = claims.get("blinded").and_then(Value::as_array).map_or(&[][..], Vec::as_slice);
        (blinded.len() <= most).then_some(())?;
        let blinded = blinded.iter().map(|one| from_base64url(one.as_str()?).ok()).collect::<Option<_>>()?;
        Some(Self {
            election: ElectionId(from_hex_array(text("election")?)?),
            slot: from_hex_array(text("slot")?)?,
            district: u32::try_from(claims.get("district")?.as_u64()?).ok()?,
            nonce: Secret::new(from_hex_array(text("nonce")?)?),
            holder,
            thumbprint: [0; 32],
            digest: [0; 32],
            blinded,
            subject,
        })
    }

    /// The event that registers it, if its proof holds.
    pub(super) fn event(&self, district: &str, replaces: bool) -> Result<Body, Refusal> {
        let (slot, district) = (self.slot, district.to_owned());
        let (commitment, proof) = match &self.subject {
            Subject::Token(blinded) => {
                let blinded = sha256(blinded);
                let holder = self.digest;
                return Ok(Body::RegisterToken(RegisteredToken {
                    blinded,
                    district,
                    holder,
                    replaces,
                    slot,
                }));
            }
            Subject::Commitment { commitment, proof } => (*commitment, *proof),
        };
        let binding = Binding::new(&self.election, &slot, &self.nonce, &self.thumbprint);
        let refused = || {
            coded(StatusCode::UNPROCESSABLE_ENTITY, "proof", "VTS-30", "the proof of opening does not hold")
        };
        let registration = Registration::<Ristretto> {
            binding,
            district: self.district,
            commitment,
            proof: RegistrationProof::from_bytes(&proof).ok_or_else(refused)?,
        };
        let verified = RegistrationVerifier::new(self.election).verify(&registration);
        let _proven = verified.map_err(|_| refused())?; // [VTS-30]
        Ok(Body::Register(RegistrationEvent {
            binding: binding.0,
            commitment,
            district,
            holder: self.digest,
            proof,
            replaces,
            slot,
        }))
    }
}
