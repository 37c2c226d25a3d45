//! Presentations: credentials that a holder shows to one verifier.

use crate::{
    CLOCK_SKEW,
    binding::{HolderBinding, Occasion},
    credential::CredentialError,
    data_integrity::{self, Challenge, Expected, ProofOptions, VerifyProofError},
    jws::{self, Compact, JwsError, PreparedToken, TimeError, Times, TokenHeader, Typ},
    keys::{KeyError, KeyRing},
    signing::Signatory,
    unverified::{Arrives, Hint, ParseWireError, Profile, Unverified, Wire},
    verified::Verified,
};
use serde_json::{Map, Value, json};
use sinpyo_core::{
    credential::{Binding, Credential, Holder, Presentation},
    did::{Did, KeyId},
    document::VerificationRelationship::Authentication,
    json,
    time::Timestamp,
    vcdm::{self, CONTEXT_V2, PresentationJson, VcdmError},
};

/// Enveloped credentials are data URLs of these media types [VC-JOSE-COSE §4].
const ENVELOPES: [&str; 2] = ["data:application/vc+jwt,", "data:application/dc+sd-jwt,"];

/// A W3C presentation of `credentials` (each a `vc+jwt` as issued, or a JSON object with its proof), not yet signed.
///
/// Sign it with [`prepare`] as `vp+jwt`, or with [`data_integrity::prepare`] for authentication.
pub fn presentation(holder: &Did, credentials: &[&str]) -> Map<String, Value> {
    let embed = |credential: &&str| {
        if let Ok(secured) = json::parse_object(credential.as_bytes()) {
            return Value::Object(secured);
        }
        let [jwt, sd_jwt] = ENVELOPES;
        let media = if credential.contains('~') { sd_jwt } else { jwt };
        let id = format!("{media}{credential}");
        json!({"@context": CONTEXT_V2, "type": "EnvelopedVerifiableCredential", "id": id})
    };
    let credentials: Vec<_> = credentials.iter().map(embed).collect();
    let mut members = Map::new();
    members.insert("@context".to_owned(), json!([CONTEXT_V2]));
    members.insert("type".to_owned(), json!(["VerifiablePresentation"]));
    members.insert("holder".to_owned(), json!(holder.as_str()));
    members.insert("verifiableCredential".to_owned(), Value::Array(credentials));
    members
}

/// Prepares `presentation` as `vp+jwt` for one verifier and challenge [VC-JOSE-COSE §3.1.2].
pub fn prepare(
    mut presentation: Map<String, Value>,
    audience: &str,
    nonce: &str,
    now: Timestamp,
    signatory: Signatory<'_>,
) -> PreparedToken {
    for (name, value) in [("aud", json!(audience)), ("nonce", json!(nonce)), ("iat", json!(now.unix()))] {
        presentation.insert(name.to_owned(), value);
    }
    let header = TokenHeader { cty: Some("vp"), ..TokenHeader::new(Typ::VP_JWT, signatory) };
    jws::prepare(header, &presentation, signatory.key)
}

impl Arrives for Presentation {
    const SD_JWT: &'static [Typ] = &[Typ::SD_JWT_VC];
    const TOKEN: &'static [Typ] = &[Typ::VP_JWT];
    const OBJECT: bool = true;
}

impl Unverified<Presentation> {
    /// What the presentation and the credentials in it say about their signers.
    ///
    /// # Errors
    /// A credential in it cannot be taken apart.
    pub fn hints(&self) -> Result<Vec<Hint>, PresentationError> {
        let mut hints = vec![self.hint()];
        let members = match &self.wire {
            Wire::SdJwt(_) => return Ok(hints),
            Wire::Token { token, .. } => token.claimed(),
            Wire::Object(members) => members,
        };
        for credential in vcdm::presentation_from_json(members, self.profile.data_model())?.credentials {
            hints.push(arrived(credential, self.profile)?.hint());
        }
        Ok(hints)
    }

    /// Verifies every signature: the issuers' with keys authorised for statements, the holder's with the key that
    /// the issuer bound (SD-JWT) or one that the holder's document in `keys` authorises for authentication (W3C).
    ///
    /// # Errors
    /// The rule that the presentation breaks.
    pub fn verify(
        self,
        keys: &KeyRing,
        holder_binding: HolderBinding<'_>,
        now: Timestamp,
    ) -> Result<Verified<Presentation>, PresentationError> {
        let profile = self.profile;
        let Opened { members, signer, binding } = match (self.wire, holder_binding) {
            (wire @ Wire::SdJwt(_), _) => {
                let credential = Unverified::<Credential>::from_wire(wire, profile);
                let (credential, binding) = credential.open(keys, holder_binding, now)?;
                let presentation = Presentation { credentials: vec![credential.into_inner()], binding };
                return Ok(Verified::assert(presentation, now));
            }
            // A W3C presentation is always signed by its holder; one that is for nobody is a replay in waiting.
            (_, HolderBinding::NotWanted) => return Err(PresentationError::NotForAnOccasion), // [VCJ-15]
            (Wire::Token { text, token }, HolderBinding::Required(occasion)) => {
                open_token(&text, token, keys, &occasion, now)?
            }
            (Wire::Object(members), HolderBinding::Required(occasion)) => {
                open_object(members, keys, &occasion, now)?
            }
        };
        let PresentationJson { holder, credentials } =
            vcdm::presentation_from_json(&members, profile.data_model())?;
        let holder = holder.ok_or(PresentationError::Holder)?;
        if holder != signer.did() {
            return Err(PresentationError::Holder); // [VCJ-12]
        }
        let verify = |credential| arrived(credential, profile)?.held_by(&holder, keys, now);
        let credentials = credentials.into_iter().map(verify).collect::<Result<_, _>>()?;
        Ok(Verified::assert(Presentation { credentials, binding: Some(binding) }, now))
    }
}

impl Unverified<Credential> {
    /// Verifies a credential that `holder` presents, who signed the presentation.
    fn held_by(self, holder: &Did, keys: &KeyRing, now: Timestamp) -> Result<Credential, PresentationError> {
        let credential = self.verify(keys, now)?.into_inner();
        match credential.holder() {
            Holder::Did(subject) if subject == holder => Ok(credential),
            Holder::Bearer => Ok(credential),
            Holder::Did(_) | Holder::Key(_) => Err(PresentationError::NotTheHolder), // [VCJ-13]
        }
    }
}

/// A credential of a presentation, taken apart.
fn arrived(
    mut credential: Map<String, Value>,
    profile: Profile,
) -> Result<Unverified<Credential>, PresentationError> {
    if credential.get("type").and_then(Value::as_str) != Some("EnvelopedVerifiableCredential") {
        return Ok(Unverified::from_wire(Wire::Object(credential), profile));
    }
    let Some(Value::String(url)) = credential.remove("id") else { return Err(PresentationError::Envelope) };
    let content = ENVELOPES.iter().find_map(|envelope| url.strip_prefix(envelope));
    let content = content.ok_or(PresentationError::Envelope)?; // [VCJ-14]
    Ok(Unverified::parse_as(content.as_bytes(), profile)?)
}

/// A presentation whose holder's signature was verified.
struct Opened {
    members: Map<String, Value>,
    signer: KeyId,
    binding: Binding,
}

fn open_token(
    text: &str,
    token: Compact,
    keys: &KeyRing,
    occasion: &Occasion<'_>,
    now: Timestamp,
) -> Result<Opened, PresentationError> {
    if token.header().cty().is_some_and(|cty| cty != "vp") {
        return Err(PresentationError::Envelope); // [VCJ-14]
    }
    let key_id = token.header().key_id()?.clone();
    let claims = token.verify(text, keys.authorised_key(&key_id, Authentication)?)?;
    let is = |name: &str, expected: &str| claims.get(name).and_then(Value::as_str) == Some(expected);
    if !is("aud", occasion.audience) {
        return Err(PresentationError::Audience); // [VCJ-16]
    }
    if !is("nonce", occasion.nonce) {
        return Err(PresentationError::Nonce); // [VCJ-17]
    }
    if claims.get("iss").is_some_and(|iss| iss.as_str() != Some(key_id.did().as_str())) {
        return Err(PresentationError::Holder); // [VCJ-12]
    }
    let times = Times::from_claims(&claims)?;
    times.check(now)?;
    let binding = fresh(times.issued_at, occasion, now)?;
    Ok(Opened { members: claims, signer: key_id, binding })
}

fn open_object(
    members: Map<String, Value>,
    keys: &KeyRing,
    occasion: &Occasion<'_>,
    now: Timestamp,
) -> Result<Opened, PresentationError> {
    let key = keys.authorised_key(&data_integrity::claimed_key(&members)?, Authentication)?;
    let challenge = Challenge { domain: occasion.audience, challenge: occasion.nonce };
    let expected = Expected { purpose: Authentication, challenge: Some(challenge), now };
    let secured = data_integrity::verify(members, key, &expected)?.into_inner();
    let binding = fresh(secured.options.created, occasion, now)?;
    Ok(Opened { members: secured.document, signer: secured.key_id, binding })
}

/// The binding, if it was made recently enough.
fn fresh(
    signed_at: Option<Timestamp>,
    occasion: &Occasion<'_>,
    now: Timestamp,
) -> Result<Binding, PresentationError> {
    match signed_at {
        Some(signed_at) if signed_at >= now.minus(occasion.max_age).minus(CLOCK_SKEW) => {
            let (audience, nonce) = (occasion.audience.to_owned(), occasion.nonce.to_owned());
            Ok(Binding { audience, nonce, signed_at })
        }
        _ => Err(PresentationError::Stale), // [VCJ-18]
    }
}

/// The options of a Data Integrity proof that binds a presentation to one verifier and challenge.
pub fn proof_options(audience: &str, nonce: &str, now: Timestamp) -> ProofOptions {
    ProofOptions {
        created: Some(now),
        domain: Some(audience.to_owned()),
        challenge: Some(nonce.to_owned()),
        ..ProofOptions::new(Authentication)
    }
}

/// Why a presentation is refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum PresentationError {
    /// A credential in it, or the SD-JWT that it is, is refused.
    #[error(transparent)]
    Credential(#[from] CredentialError),
    /// The holder's key cannot be used.
    #[error(transparent)]
    Key(#[from] KeyError),
    /// The holder's token is refused.
    #[error(transparent)]
    Token(#[from] JwsError),
    /// A time of the holder's token forbids it.
    #[error(transparent)]
    Time(#[from] TimeError),
    /// The holder's proof is refused.
    #[error(transparent)]
    Proof(#[from] VerifyProofError),
    /// It breaks the W3C data model.
    #[error(transparent)]
    DataModel(#[from] VcdmError),
    /// A credential in it cannot be taken apart.
    #[error(transparent)]
    Wire(#[from] ParseWireError),
    /// VCJ-12: the signer is not the one who presents.
    #[error("the presentation is not signed by its holder")]
    Holder,
    /// VCJ-13: a credential in it belongs to somebody else.
    #[error("a credential is bound to somebody else")]
    NotTheHolder,
    /// VCJ-14: a credential in it has a form that is not supported.
    #[error("the presentation has a content type that is not supported")]
    Envelope,
    /// VCJ-15: nobody said for which occasion it was to be made.
    #[error("a presentation needs an occasion")]
    NotForAnOccasion,
    /// VCJ-16: made for another verifier.
    #[error("the presentation was made for another verifier")]
    Audience,
    /// VCJ-17: answers another challenge.
    #[error("the presentation answers another challenge")]
    Nonce,
    /// VCJ-18: signed too long ago, or nobody knows when.
    #[error("the presentation was not made just now")]
    Stale,
}

impl PresentationError {
    /// The rule that was broken, as in `spec/checks/vcj.toml` and those of the container.
    pub fn code(&self) -> &'static str {
        match self {
            Self::Credential(error) => error.code(),
            Self::Key(error) => error.code(),
            Self::Token(error) => error.code(),
            Self::Time(error) => error.code(),
            Self::Proof(error) => error.code(),
            Self::DataModel(error) => error.code(),
            Self::Wire(error) => error.code(),
            Self::Holder => "VCJ-12",
            Self::NotTheHolder => "VCJ-13",
            Self::Envelope => "VCJ-14",
            Self::NotForAnOccasion => "VCJ-15",
            Self::Audience => "VCJ-16",
            Self::Nonce => "VCJ-17",
            Self::Stale => "VCJ-18",
        }
    }
}
