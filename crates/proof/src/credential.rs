//! Credentials in every container.

use crate::{
    SignError,
    binding::HolderBinding,
    check::{self, Begun, Checked, Signature},
    data_integrity::{
        self, Expected, Opening, ProofSetError, ProofSigner, SecureError, Transformation, VerifyProofError,
        Work,
    },
    issuer_key::{Claim, IssuerKeyError, Signer},
    jws::{self, JwsError, TimeError, Times, Typ},
    keys::{KeyError, KeyRing},
    profile::{Profile, SignedBy},
    sd_jwt::{self, ConcealError, Parts, SdJwtError, Subject, Visible},
    sd_jwt_vc,
    unverified::{Arrives, Unverified, Wire, cose_key},
    vc_cose, vc_jwt,
    verified::Verified,
};
use serde_json::{Map, Value};
use sinpyo_core::{
    credential::{Binding, Credential, Phase},
    did::KeyId,
    document::VerificationRelationship::AssertionMethod,
    json::JsonError,
    time::Timestamp,
    vcdm::{self, VcdmError},
};
use sinpyo_cose::CoseError;
use sinpyo_crypto::VerifyingKey;
use sinpyo_jose::hazmat::Compact;
use std::borrow::Cow;

impl Arrives for Credential {
    const SD_JWT: &'static [Typ] = &[Typ::SD_JWT_VC, Typ::VC_SD_JWT];
    const TOKEN: &'static [Typ] = &[Typ::VC_JWT];
    const OBJECT: bool = true;
    const COSE: bool = true;
    const ENVELOPE: Option<&'static str> = Some("EnvelopedVerifiableCredential");
}

impl Unverified<Credential> {
    /// Verifies the issuer's signature with a key that the issuer's document, in `keys`, authorises for statements.
    ///
    /// Status, trust in the issuer and possession by the holder are the verifier's next steps.
    ///
    /// # Errors
    /// The rule that the credential breaks.
    pub fn verify(self, keys: &KeyRing, now: Timestamp) -> Result<Verified<Credential>, CredentialError> {
        self.verify_within(keys, now, &mut Work::new())
    }

    /// As [`Unverified::verify`], where `work` is shared with other documents.
    pub(crate) fn verify_within(
        self,
        keys: &KeyRing,
        now: Timestamp,
        work: &mut Work,
    ) -> Result<Verified<Credential>, CredentialError> {
        self.open(keys, &HolderBinding::NotWanted, now, work).map(|(credential, _)| credential)
    }

    /// Verifies, with the holder's binding if the container is an SD-JWT.
    pub(crate) fn open(
        self,
        keys: &KeyRing,
        holder_binding: &HolderBinding<'_>,
        now: Timestamp,
        work: &mut Work,
    ) -> Result<(Verified<Credential>, Option<Binding>), CredentialError> {
        let begun = self.begin(keys, holder_binding, now, work)?;
        match check::each(&begun) {
            Ok(checked) => begun.conclude(checked, holder_binding, now),
            Err(_) => Err(begun.forged()),
        }
    }

    /// Does everything that comes before the signatures.
    pub(crate) fn begin<'k>(
        self,
        keys: &'k KeyRing,
        holder_binding: &HolderBinding<'_>,
        now: Timestamp,
        work: &mut Work,
    ) -> Result<BegunCredential<'k>, CredentialError> {
        let body = match self.wire {
            Wire::SdJwt(parts) => {
                let (key, signer) = sd_jwt_key(&parts, keys, now)?;
                parts.check_form(holder_binding, &key)?;
                Body::SdJwt { parts, key, signer }
            }
            Wire::Token { text, token } => {
                let (key, key_id) = keys.named(token.header().key_id().ok(), AssertionMethod)?;
                vc_jwt::check_form(&token)?;
                token.header().check_algorithm(key.algorithm())?;
                Body::Token { text, token, key, key_id }
            }
            Wire::Object(members) => {
                let expected = Expected { purpose: AssertionMethod, challenge: None, now };
                Body::Object(data_integrity::begin(members, keys, &expected, &self.profile, work)?)
            }
            Wire::Cose(message) => {
                let (key, key_id) = keys.named(cose_key(&message).as_ref(), AssertionMethod)?;
                Body::Opened { members: vc_cose::open(&message, key, vc_cose::CREDENTIAL)?, key_id }
            }
        };
        Ok(BegunCredential { body, profile: self.profile })
    }
}

/// The key of an SD-JWT, in the way that the verifier set for the issuer it names.
fn sd_jwt_key<'k>(
    parts: &Parts,
    keys: &'k KeyRing,
    now: Timestamp,
) -> Result<(Cow<'k, VerifyingKey>, Signers), CredentialError> {
    let header = parts.issuer.header();
    if parts.issuer.typ() != Typ::SD_JWT_VC {
        let (key, key_id) = keys.named(header.key_id().ok(), AssertionMethod)?;
        return Ok((Cow::Borrowed(key), Signers::methods(key_id)));
    }
    let issuer = parts.issuer.claimed().get("iss").and_then(Value::as_str);
    let (key, signer) = Claim::of(header).find::<CredentialError>(issuer, keys, now)?;
    let signers = match signer {
        Signer::Method(key_id) => Signers::methods(key_id),
        Signer::Named(name) => Signers::Issuer(name),
    };
    Ok((key, signers))
}

/// Who signed a credential.
enum Signers {
    /// The controllers of these verification methods.
    Methods(Vec<KeyId>),
    /// The one by whose name the key was found, or whom its certificate names.
    Issuer(String),
}

impl Signers {
    fn methods(key_id: Option<KeyId>) -> Self {
        Self::Methods(key_id.into_iter().collect())
    }

    /// An attacker can sign anything with a key of its own.
    fn check(&self, issuer: Option<&str>, profile: &Profile) -> Result<(), CredentialError> {
        let own = match self {
            Self::Methods(methods) => methods.iter().any(|key_id| Some(key_id.did().as_str()) == issuer),
            Self::Issuer(name) => Some(name.as_str()) == issuer,
        };
        if own || profile.signed_by == SignedBy::Anybody { Ok(()) } else { Err(CredentialError::Issuer) } // [VCJ-06]
    }
}

/// A credential whose issuer's signature is to be checked.
pub(crate) struct BegunCredential<'k> {
    body: Body<'k>,
    profile: Profile,
}

enum Body<'k> {
    SdJwt {
        parts: Box<Parts>,
        key: Cow<'k, VerifyingKey>,
        signer: Signers,
    },
    Token {
        text: String,
        token: Compact,
        key: &'k VerifyingKey,
        key_id: Option<KeyId>,
    },
    Object(Opening<'k>),
    /// The signature of this container was checked when it was taken apart.
    Opened {
        members: Map<String, Value>,
        key_id: Option<KeyId>,
    },
}

impl Begun for BegunCredential<'_> {
    fn signatures(&self) -> Vec<Signature<'_>> {
        match &self.body {
            Body::SdJwt { parts, key, .. } => vec![parts.signature(key)],
            Body::Token { text, token, key, .. } => vec![jws::signature(token, text, key)],
            Body::Object(opening) => opening.signatures(),
            Body::Opened { .. } => Vec::new(),
        }
    }
}

impl BegunCredential<'_> {
    /// Why the credential is refused if a signature does not verify.
    pub(crate) fn forged(&self) -> CredentialError {
        match &self.body {
            Body::SdJwt { .. } => SdJwtError::Token(JwsError::Signature).into(), // [JWS-11]
            Body::Token { .. } => JwsError::Signature.into(),                    // [JWS-11]
            Body::Object(_) => ProofSetError::Proof(VerifyProofError::Signature).into(), // [DI-10]
            Body::Opened { .. } => CoseError::Signature.into(),
        }
    }

    /// Reads the credential, whose signatures were checked.
    pub(crate) fn conclude(
        self,
        checked: Checked,
        holder_binding: &HolderBinding<'_>,
        now: Timestamp,
    ) -> Result<(Verified<Credential>, Option<Binding>), CredentialError> {
        let (opened, profile) = self.open(checked, holder_binding, now)?;
        let Opened { mut members, form, signers, binding } = opened;
        if let (Form::SdJwtVc(_), Signers::Issuer(name)) = (&form, &signers) {
            // A certified issuer need not name itself.
            members.entry("iss").or_insert_with(|| name.as_str().into());
        }
        let credential = match form {
            Form::SdJwtVc(times) => sd_jwt_vc::credential_from(members, times)?,
            Form::Token => vc_jwt::credential_from(&members, &profile, now)?,
            Form::Document => {
                let credential = vcdm::credential_from_json(&members, profile.data_model())?;
                check_validity(&credential, now)?;
                credential
            }
        };
        signers.check(Some(credential.issuer()), &profile)?;
        Ok((Verified::assert(credential, now), binding))
    }

    fn open(
        self,
        checked: Checked,
        holder_binding: &HolderBinding<'_>,
        now: Timestamp,
    ) -> Result<(Opened, Profile), CredentialError> {
        let profile = self.profile;
        let opened = match self.body {
            Body::SdJwt { parts, signer: signers, .. } => {
                let w3c = is_w3c(&parts, &profile);
                let visible = match (w3c, profile.signed_by) {
                    (false, _) => sd_jwt_vc::VISIBLE,
                    (true, SignedBy::Named) => vc_jwt::VISIBLE,
                    (true, SignedBy::Anybody) => Visible { subject: Subject::Named, ..vc_jwt::VISIBLE },
                };
                let kind = sd_jwt::Kind { visible, dates: profile.dates() };
                let opened = sd_jwt::open(*parts, checked, kind, holder_binding, now)?;
                let form = if w3c { Form::Token } else { Form::SdJwtVc(opened.times) };
                Opened { members: opened.claims, form, signers, binding: opened.binding }
            }
            Body::Token { token, key_id, .. } => {
                let members = jws::claims(token, checked);
                Times::from_claims_as(&members, profile.dates())?.check(now)?;
                let signers = Signers::methods(key_id);
                Opened { members, form: Form::Token, signers, binding: None }
            }
            Body::Object(opening) => {
                let mut secured = opening.conclude(checked);
                put_types_in_order(&mut secured.document, &secured.signers);
                let methods = secured.signers.into_iter().map(|signer| signer.key_id);
                let signers = Signers::Methods(methods.collect());
                Opened { members: secured.document, form: Form::Document, signers, binding: None }
            }
            Body::Opened { members, key_id } => {
                // A message says about itself what a token does.
                Times::from_claims_as(&members, profile.dates())?.check(now)?;
                let signers = Signers::methods(key_id);
                Opened { members, form: Form::Token, signers, binding: None }
            }
        };
        Ok((opened, profile))
    }
}

/// Puts the types of a document in bytewise order, so that the first of [`Credential::types`] is the least, unless the
/// issuer signed an order: a proof over statements does not.
fn put_types_in_order(document: &mut Map<String, Value>, signers: &[ProofSigner]) {
    let issuer = named_issuer(document);
    let in_order = signers.iter().any(|signer| {
        signer.suite.transformation() == Transformation::Jcs && Some(signer.key_id.did().as_str()) == issuer
    });
    if let Some(Value::Array(types)) = document.get_mut("type").filter(|_| !in_order) {
        // Read from the end: there, the most specific one stands.
        types.sort_unstable_by(|a, b| b.as_str().cmp(&a.as_str()));
    }
}

fn named_issuer(document: &Map<String, Value>) -> Option<&str> {
    let issuer = document.get("issuer")?;
    issuer.as_str().or_else(|| issuer.get("id")?.as_str())
}

/// A credential as it was signed.
struct Opened {
    members: Map<String, Value>,
    form: Form,
    signers: Signers,
    binding: Option<Binding>,
}

/// What the members of a credential are.
enum Form {
    SdJwtVc(Times),
    /// A W3C credential with the registered claims of a token, in JOSE or COSE.
    Token,
    /// A W3C credential.
    Document,
}

impl Unverified<Credential> {
    /// Verifies as [`Unverified::verify`] does and gives the JSON that was signed, disclosed claims in their places:
    /// for those who pass a document on. Its validity is **not** compared with the present.
    ///
    /// # Errors
    /// The rule that the credential breaks.
    pub fn verify_document(
        self,
        keys: &KeyRing,
        now: Timestamp,
    ) -> Result<Verified<Map<String, Value>>, CredentialError> {
        let begun = self.begin(keys, &HolderBinding::NotWanted, now, &mut Work::new())?;
        let Ok(checked) = check::each(&begun) else { return Err(begun.forged()) };
        let (opened, profile) = begun.open(checked, &HolderBinding::NotWanted, now)?;
        let Opened { members, form, signers, .. } = opened;
        let issuer = match form {
            Form::SdJwtVc(_) => "iss",
            Form::Token | Form::Document => "issuer",
        };
        if issuer == "issuer"
            && let Some(breach) = vcdm::credential_breaches(&members, profile.data_model()).first()
        {
            return Err(VcdmError::Member(breach.member).into());
        }
        if matches!(form, Form::Token) {
            vc_jwt::check_claims(&members)?;
        }
        let issuer =
            members.get(issuer).and_then(|issuer| issuer.as_str().or_else(|| issuer.get("id")?.as_str()));
        signers.check(issuer, &profile)?;
        Ok(Verified::assert(members, now))
    }
}

/// Whether the SD-JWT is a W3C credential; its type is also the one that early drafts gave to SD-JWT VC.
fn is_w3c(parts: &Parts, profile: &Profile) -> bool {
    let early = profile.reads_legacy() && parts.issuer.claimed().contains_key("vct");
    parts.issuer.typ() == Typ::VC_SD_JWT && !early
}

/// Compares the validity of a W3C credential with the present.
pub(crate) fn check_validity(credential: &Credential, now: Timestamp) -> Result<(), CredentialError> {
    let validity = credential.validity();
    match (
        validity.at(now),
        validity.at(now.plus(crate::CLOCK_SKEW)),
        validity.at(now.minus(crate::CLOCK_SKEW)),
    ) {
        (Phase::Within, _, _) | (_, Phase::Within, _) | (_, _, Phase::Within) => Ok(()),
        (Phase::Over, _, _) => Err(TimeError::Expired.into()),
        (Phase::NotYet, _, _) => Err(TimeError::NotYet.into()),
    }
}

/// Why a credential is refused.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum CredentialError {
    /// The issuer's key cannot be used.
    #[error(transparent)]
    Key(#[from] KeyError),
    /// No key of the issuer is found in the way that holds for it.
    #[error(transparent)]
    IssuerKey(#[from] IssuerKeyError),
    /// The SD-JWT is refused.
    #[error(transparent)]
    SdJwt(#[from] SdJwtError),
    /// The token is refused.
    #[error(transparent)]
    Token(#[from] JwsError),
    /// A time forbids it.
    #[error(transparent)]
    Time(#[from] TimeError),
    /// The Data Integrity proofs are refused.
    #[error(transparent)]
    Proof(#[from] ProofSetError),
    /// The COSE message is refused.
    #[error(transparent)]
    Cose(#[from] CoseError),
    /// The payload of the COSE message is not a strict JSON object.
    #[error("the payload of the message is refused")]
    Json(#[source] JsonError),
    /// It breaks the W3C data model.
    #[error(transparent)]
    DataModel(#[from] VcdmError),
    /// VCJ-06: the key is not the issuer's.
    #[error("the credential is not signed by its issuer")]
    Issuer,
    /// VCJ-07: a registered claim is missing or malformed.
    #[error("claim \"{0}\" is missing or malformed")]
    Claim(&'static str),
    /// VCJ-08: its status stands where we cannot look.
    #[error("the status mechanism is not supported")]
    StatusMechanism,
    /// VCJ-09: a claim of the token contradicts the credential in it.
    #[error("claim \"{0}\" of the token contradicts the credential")]
    Contradiction(&'static str),
    /// VCJ-10: a token of another generation or content type.
    #[error("the token's payload is not the credential itself")]
    Payload,
}

impl CredentialError {
    /// The rule that was broken, as in `spec/checks/vcj.toml` and those of the container.
    pub fn code(&self) -> &'static str {
        match self {
            Self::Key(error) => error.code(),
            Self::IssuerKey(error) => error.code(),
            Self::SdJwt(error) => error.code(),
            Self::Token(error) => error.code(),
            Self::Time(error) => error.code(),
            Self::Proof(error) => error.code(),
            Self::Cose(error) => error.code(),
            Self::Json(error) => error.code(),
            Self::DataModel(error) => error.code(),
            Self::Issuer => "VCJ-06",
            Self::Claim(_) => "VCJ-07",
            Self::StatusMechanism => "VCJ-08",
            Self::Contradiction(_) => "VCJ-09",
            Self::Payload => "VCJ-10",
        }
    }
}

/// Why a credential was not issued.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum IssueError {
    /// VCJ-06: the signing key is not the issuer's.
    #[error("the signing key is not the issuer's")]
    Issuer,
    /// SDJ-10: a claim that controls acceptance was to be hidden.
    #[error("a claim was to be hidden that must always be visible")]
    MustBeVisible,
    /// VCJ-11: this part of the credential has no form in the container.
    #[error("the container has no form for the credential's {0}")]
    Form(&'static str),
    /// What was to be signed breaks the W3C data model.
    #[error(transparent)]
    DataModel(#[from] VcdmError),
    /// Its claims could not be hidden as asked.
    #[error(transparent)]
    Conceal(#[from] ConcealError),
    /// It was not signed.
    #[error(transparent)]
    Sign(#[from] SignError),
    /// It was not secured.
    #[error(transparent)]
    Secure(#[from] SecureError),
    /// It was not signed as a COSE message.
    #[error(transparent)]
    Cose(#[from] sinpyo_cose::SignError),
    /// It could not be made an mdoc.
    #[error(transparent)]
    Mdoc(#[from] sinpyo_mdoc::IssueError),
}

impl IssueError {
    /// The rule that was broken, as in `spec/checks/vcj.toml` and those of the container.
    pub fn code(&self) -> &'static str {
        match self {
            Self::Issuer => "VCJ-06",
            Self::MustBeVisible => "SDJ-10",
            Self::Form(_) => "VCJ-11", // [VCJ-11]
            Self::DataModel(error) => error.code(),
            Self::Conceal(error) => error.code(),
            Self::Sign(error) => error.code(),
            Self::Secure(error) => error.code(),
            Self::Cose(error) => error.code(),
            Self::Mdoc(error) => error.code(),
        }
    }
}
