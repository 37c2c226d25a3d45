//! Credentials in every container.

use crate::{
    binding::HolderBinding,
    data_integrity::{self, Expected, VerifyProofError},
    jws::{JwsError, TimeError, Typ},
    keys::{KeyError, KeyRing},
    sd_jwt::{self, ConcealError, SdJwtError},
    sd_jwt_vc,
    signing::SignError,
    unverified::{Arrives, Profile, Unverified, Wire},
    vc_jwt,
    verified::Verified,
};
use serde_json::{Map, Value};
use sinpyo_core::{
    credential::{Binding, Credential, Phase},
    did::KeyId,
    document::VerificationRelationship::AssertionMethod,
    time::Timestamp,
    vcdm::{self, VcdmError},
};

impl Arrives for Credential {
    const SD_JWT: &'static [Typ] = &[Typ::SD_JWT_VC];
    const TOKEN: &'static [Typ] = &[Typ::VC_JWT];
    const OBJECT: bool = true;
}

impl Unverified<Credential> {
    /// Verifies the issuer's signature with a key that the issuer's document, in `keys`, authorises for statements.
    ///
    /// Status, trust in the issuer and possession by the holder are the verifier's next steps.
    ///
    /// # Errors
    /// The rule that the credential breaks.
    pub fn verify(self, keys: &KeyRing, now: Timestamp) -> Result<Verified<Credential>, CredentialError> {
        self.open(keys, HolderBinding::NotWanted, now).map(|(credential, _)| credential)
    }

    /// Verifies, with the holder's binding if the container is an SD-JWT.
    pub(crate) fn open(
        self,
        keys: &KeyRing,
        holder_binding: HolderBinding<'_>,
        now: Timestamp,
    ) -> Result<(Verified<Credential>, Option<Binding>), CredentialError> {
        let (credential, key_id, binding) = match self.wire {
            Wire::SdJwt(parts) => {
                let key_id = parts.issuer.header().key_id()?.clone();
                let key = keys.authorised_key(&key_id, AssertionMethod)?;
                let opened = sd_jwt::open(parts, key, &sd_jwt_vc::ALWAYS_VISIBLE, holder_binding, now)?;
                (sd_jwt_vc::credential_from(opened.claims, opened.times)?, key_id, opened.binding)
            }
            Wire::Token { text, token } => {
                let key_id = token.header().key_id()?.clone();
                let key = keys.authorised_key(&key_id, AssertionMethod)?;
                (vc_jwt::open(&text, token, key, self.profile, now)?, key_id, None)
            }
            Wire::Object(members) => {
                let (credential, key_id) = open_object(members, keys, self.profile, now)?;
                (credential, key_id, None)
            }
        };
        // An attacker can sign anything with a key of its own.
        if credential.issuer() != key_id.did().as_str() {
            return Err(CredentialError::Issuer); // [VCJ-06]
        }
        Ok((Verified::assert(credential, now), binding))
    }
}

fn open_object(
    members: Map<String, Value>,
    keys: &KeyRing,
    profile: Profile,
    now: Timestamp,
) -> Result<(Credential, KeyId), CredentialError> {
    let key = keys.authorised_key(&data_integrity::claimed_key(&members)?, AssertionMethod)?;
    let expected = Expected { purpose: AssertionMethod, challenge: None, now };
    let secured = data_integrity::verify(members, key, &expected)?.into_inner();
    let credential = vcdm::credential_from_json(&secured.document, profile.data_model())?;
    check_validity(&credential, now)?;
    Ok((credential, secured.key_id))
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
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum CredentialError {
    /// The issuer's key cannot be used.
    #[error(transparent)]
    Key(#[from] KeyError),
    /// The SD-JWT is refused.
    #[error(transparent)]
    SdJwt(#[from] SdJwtError),
    /// The token is refused.
    #[error(transparent)]
    Token(#[from] JwsError),
    /// A time forbids it.
    #[error(transparent)]
    Time(#[from] TimeError),
    /// The Data Integrity proof is refused.
    #[error(transparent)]
    Proof(#[from] VerifyProofError),
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
            Self::SdJwt(error) => error.code(),
            Self::Token(error) => error.code(),
            Self::Time(error) => error.code(),
            Self::Proof(error) => error.code(),
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
        }
    }
}
