//! Presentations: credentials that a holder shows to one verifier.

use crate::{
    CLOCK_SKEW, Signatory,
    binding::{HolderBinding, Wanted},
    check,
    credential::CredentialError,
    data_integrity::{self, Challenge, Expected, ProofOptions, ProofSetError, Work},
    envelope,
    jws::{self, JwsError, PreparedToken, TimeError, Times, Typ},
    keys::{KeyError, KeyRing},
    profile::{Profile, SignedBy},
    sd_jwt,
    unverified::{Arrives, Hint, ParseWireError, Unverified, Wire, cose_key},
    vc_cose,
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
use sinpyo_cose::{Prepared, Sign1};
use sinpyo_jose::{JwtHeader, KeyHint, hazmat::Compact};

/// A W3C presentation of `credentials` (each as issued: a token, an SD-JWT, a COSE message or a JSON object with its
/// proof), not yet signed.
///
/// Sign it with [`prepare`] as `vp+jwt`, or with [`data_integrity::secure`] for authentication.
pub fn presentation<C: AsRef<[u8]>>(holder: &Did, credentials: &[C]) -> Map<String, Value> {
    let embed = |credential: &C| match json::parse_object(credential.as_ref()) {
        Ok(secured) => Value::Object(secured),
        Err(_) => envelope::credential(credential.as_ref()),
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
    bind(&mut presentation, audience, nonce, now);
    let header = JwtHeader::new(Typ::VP_JWT, KeyHint::Kid(signatory.key_id.as_str()));
    sinpyo_jose::prepare(header, &presentation, signatory.key)
}

/// Prepares `presentation` as `application/vp+cose` for one verifier and challenge, which stand in it as they do in
/// [`prepare`]: VC-JOSE-COSE names no place for them.
pub fn prepare_cose(
    mut presentation: Map<String, Value>,
    audience: &str,
    nonce: &str,
    now: Timestamp,
    signatory: Signatory<'_>,
) -> Prepared {
    bind(&mut presentation, audience, nonce, now);
    vc_cose::prepare_object(&presentation, vc_cose::PRESENTATION, (signatory.key_id.as_str(), signatory.key))
}

/// Says in the presentation for whom it is, which challenge it answers, and when it was made.
fn bind(presentation: &mut Map<String, Value>, audience: &str, nonce: &str, now: Timestamp) {
    for (name, value) in [("aud", json!(audience)), ("nonce", json!(nonce)), ("iat", json!(now.unix()))] {
        presentation.insert(name.to_owned(), value);
    }
}

impl Arrives for Presentation {
    const SD_JWT: &'static [Typ] = &[Typ::SD_JWT_VC, Typ::VC_SD_JWT, Typ::VP_SD_JWT];
    const TOKEN: &'static [Typ] = &[Typ::VP_JWT];
    const OBJECT: bool = true;
    const COSE: bool = true;
    const ENVELOPE: Option<&'static str> = Some("EnvelopedVerifiablePresentation");
}

/// Members of a presentation that must not be selectively disclosable. Its type and holder are read after disclosure.
const ALWAYS_VISIBLE: [&str; 7] = ["@context", "iss", "aud", "nonce", "iat", "nbf", "exp"];

impl Unverified<Presentation> {
    /// What the presentation and the credentials in it say about their signers.
    ///
    /// A COSE message shows its own signer only.
    ///
    /// # Errors
    /// A credential in it cannot be taken apart.
    pub fn hints(&self) -> Result<Vec<Hint>, PresentationError> {
        let mut hints = vec![self.hint()];
        let members = match &self.wire {
            Wire::SdJwt(_) | Wire::Cose(_) => return Ok(hints),
            Wire::Token { token, .. } => token.claimed(),
            Wire::Object(members) => members,
        };
        for credential in self.read(members)?.credentials {
            hints.push(Unverified::<Credential>::from_object(credential, &self.profile)?.hint());
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
        let is_credential = matches!(&self.wire, Wire::SdJwt(parts) if parts.issuer.typ() != Typ::VP_SD_JWT);
        if is_credential {
            let credential = Unverified::<Credential>::from_wire(self.wire, self.profile);
            let (credential, binding) = credential.open(keys, &holder_binding, now, &mut Work::new())?;
            let presentation = Presentation { credentials: vec![credential.into_inner()], binding };
            return Ok(Verified::assert(presentation, now));
        }
        let profile = self.profile.clone();
        let mut work = Work::new();
        let Opened { members, signer, binding } = self.open(keys, &holder_binding, now, &mut work)?;
        let PresentationJson { holder, credentials } = read(&members, &profile)?;
        let arrived = |credential| Unverified::<Credential>::from_object(credential, &profile);
        let mut verified = |credential| -> Result<Credential, PresentationError> {
            let credential: Credential =
                arrived(credential)?.verify_within(keys, now, &mut work)?.into_inner();
            match (profile.signed_by, &holder) {
                (SignedBy::Anybody, _) => Ok(credential),
                (SignedBy::Named, Some(holder)) => held_by(credential, holder),
                (SignedBy::Named, None) => Err(PresentationError::Holder), // [VCJ-12]
            }
        };
        let signed = signer.zip(holder.as_ref()).is_some_and(|(signer, holder)| signer.did() == *holder);
        if !signed && profile.signed_by == SignedBy::Named {
            return Err(PresentationError::Holder); // [VCJ-12]
        }
        let credentials = credentials.into_iter().map(&mut verified).collect::<Result<_, _>>()?;
        Ok(Verified::assert(Presentation { credentials, binding }, now))
    }

    /// Verifies the holder's signature and gives the JSON that was signed, disclosed members in their places: for those
    /// who pass a document on. The credentials in it are **not** verified.
    ///
    /// # Errors
    /// The rule that the presentation breaks.
    pub fn verify_document(
        self,
        keys: &KeyRing,
        holder_binding: &HolderBinding<'_>,
        now: Timestamp,
    ) -> Result<Verified<Map<String, Value>>, PresentationError> {
        let profile = self.profile.clone();
        let Opened { members, signer, .. } = self.open(keys, holder_binding, now, &mut Work::new())?;
        if let Some(breach) = vcdm::presentation_breaches(&members, profile.data_model()).first() {
            return Err(VcdmError::Member(breach.member).into());
        }
        let signed = signer.is_some_and(|signer| named_holder(&members) == Some(signer.did().as_str()));
        if !signed && profile.signed_by == SignedBy::Named {
            return Err(PresentationError::Holder); // [VCJ-12]
        }
        Ok(Verified::assert(members, now))
    }

    fn open(
        self,
        keys: &KeyRing,
        holder_binding: &HolderBinding<'_>,
        now: Timestamp,
        work: &mut Work,
    ) -> Result<Opened, PresentationError> {
        // A W3C presentation is always signed by its holder; one that is for nobody is a replay in waiting.
        let wanted = holder_binding.wanted().ok_or(PresentationError::NotForAnOccasion)?; // [VCJ-15]
        let Self { wire, profile, .. } = self;
        let reading = Reading { keys, wanted, profile: &profile, now };
        match wire {
            Wire::SdJwt(parts) => reading.sd_jwt(*parts),
            Wire::Token { text, token } => reading.token(&text, token),
            Wire::Cose(message) => reading.cose(&message),
            Wire::Object(members) if is_unsigned(&members) && profile.signed_by == SignedBy::Anybody => {
                Ok(Opened { members, signer: None, binding: None })
            }
            Wire::Object(members) => reading.object(members, work),
        }
    }

    fn read(&self, members: &Map<String, Value>) -> Result<PresentationJson, VcdmError> {
        read(members, &self.profile)
    }
}

/// Reads a presentation. Where anybody may sign, a holder that no DID names is left out.
fn read(members: &Map<String, Value>, profile: &Profile) -> Result<PresentationJson, VcdmError> {
    let named = members.get("holder").and_then(Value::as_str).is_none_or(|holder| holder.starts_with("did:"));
    if named || profile.signed_by == SignedBy::Named {
        return vcdm::presentation_from_json(members, profile.data_model());
    }
    let mut members = members.clone();
    members.remove("holder");
    vcdm::presentation_from_json(&members, profile.data_model())
}

fn is_unsigned(members: &Map<String, Value>) -> bool {
    !members.contains_key("proof")
}

/// The credential, if it is for `holder`, who signed the presentation, to show.
fn held_by(credential: Credential, holder: &Did) -> Result<Credential, PresentationError> {
    match credential.holder() {
        Holder::Did(subject) if subject == holder => Ok(credential),
        Holder::Bearer => Ok(credential),
        Holder::Did(_) | Holder::Key(_) => Err(PresentationError::NotTheHolder), // [VCJ-13]
    }
}

/// A presentation whose holder's signature was verified.
struct Opened {
    members: Map<String, Value>,
    signer: Option<KeyId>,
    binding: Option<Binding>,
}

/// What a presentation is read with.
struct Reading<'a> {
    keys: &'a KeyRing,
    wanted: Wanted<'a>,
    profile: &'a Profile,
    now: Timestamp,
}

impl Reading<'_> {
    fn token(&self, text: &str, token: Compact) -> Result<Opened, PresentationError> {
        if token.header().cty().is_some_and(|cty| cty != "vp") {
            return Err(PresentationError::Envelope); // [VCJ-14]
        }
        let (key, signer) = self.keys.named(token.header().key_id().ok(), Authentication)?;
        let claims = jws::verify(token, text, key)?;
        self.claims(claims, signer)
    }

    fn sd_jwt(&self, parts: sd_jwt::Parts) -> Result<Opened, PresentationError> {
        let (key, signer) = self.keys.named(parts.issuer.header().key_id().ok(), Authentication)?;
        let binding = HolderBinding::NotWanted;
        parts.check_form(&binding, key).map_err(CredentialError::from)?;
        let checked = check::one(parts.signature(key)).map_err(|_| JwsError::Signature)?; // [JWS-11]
        let visible = sd_jwt::Visible { claims: &ALWAYS_VISIBLE, subject: sd_jwt::Subject::Absent };
        let kind = sd_jwt::Kind { visible, dates: self.profile.dates() };
        let opened = sd_jwt::open(parts, checked, kind, &binding, self.now).map_err(CredentialError::from)?;
        self.claims(opened.claims, signer)
    }

    fn cose(&self, message: &Sign1) -> Result<Opened, PresentationError> {
        let (key, signer) = self.keys.named(cose_key(message).as_ref(), Authentication)?;
        self.claims(vc_cose::open(message, key, vc_cose::PRESENTATION)?, signer)
    }

    fn object(&self, members: Map<String, Value>, work: &mut Work) -> Result<Opened, PresentationError> {
        let Wanted { audience: domain, nonce: challenge, .. } = self.wanted;
        let challenge = Some(Challenge { domain, challenge });
        let expected = Expected { purpose: Authentication, challenge, now: self.now };
        let secured = data_integrity::verify_within(members, self.keys, &expected, self.profile, work)?;
        let secured = secured.into_inner();
        let holder = named_holder(&secured.document);
        let mut signers = secured.signers.into_iter();
        let signer = signers.find(|signer| Some(signer.key_id.did().as_str()) == holder);
        let binding = signer.as_ref().map(|signer| self.fresh(signer.options.created)).transpose()?.flatten();
        Ok(Opened { members: secured.document, signer: signer.map(|signer| signer.key_id), binding })
    }

    /// Compares what a token says about its occasion with what is wanted.
    fn claims(&self, claims: Map<String, Value>, signer: Option<KeyId>) -> Result<Opened, PresentationError> {
        let text = |name: &str| claims.get(name).and_then(Value::as_str);
        if self.wanted.audience.is_some_and(|audience| text("aud") != Some(audience)) {
            return Err(PresentationError::Audience); // [VCJ-16]
        }
        if self.wanted.nonce.is_some_and(|nonce| text("nonce") != Some(nonce)) {
            return Err(PresentationError::Nonce); // [VCJ-17]
        }
        if let (Some(signer), Some(iss)) = (&signer, claims.get("iss"))
            && iss.as_str() != Some(signer.did().as_str())
        {
            return Err(PresentationError::Holder); // [VCJ-12]
        }
        let times = Times::from_claims_as(&claims, self.profile.dates())?;
        times.check(self.now)?;
        let binding = self.fresh(times.issued_at)?;
        Ok(Opened { members: claims, signer, binding })
    }

    /// The binding, if the whole occasion is known, and was recent enough.
    fn fresh(&self, signed_at: Option<Timestamp>) -> Result<Option<Binding>, PresentationError> {
        let Wanted { audience: Some(audience), nonce: Some(nonce), max_age: Some(max_age) } = self.wanted
        else {
            return Ok(None);
        };
        match signed_at {
            Some(signed_at) if signed_at >= self.now.minus(max_age).minus(CLOCK_SKEW) => {
                let (audience, nonce) = (audience.to_owned(), nonce.to_owned());
                Ok(Some(Binding { audience, nonce, signed_at }))
            }
            _ => Err(PresentationError::Stale), // [VCJ-18]
        }
    }
}

/// Who presents, as the presentation says.
fn named_holder(members: &Map<String, Value>) -> Option<&str> {
    let holder = members.get("holder")?;
    holder.as_str().or_else(|| holder.get("id")?.as_str())
}

/// The options of a Data Integrity proof that binds a presentation to one verifier and challenge.
pub fn proof_options(audience: &str, nonce: &str, now: Timestamp) -> ProofOptions {
    ProofOptions {
        created: Some(now),
        domains: vec![audience.to_owned()],
        challenge: Some(nonce.to_owned()),
        ..ProofOptions::new(Authentication)
    }
}

/// Why a presentation is refused.
#[derive(Debug, thiserror::Error)]
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
    Proof(#[from] ProofSetError),
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
