//! Asking for a presentation, and examining what comes back.

mod once;

use crate::{facts::Facts, home::Home, office::Organisation, os::OsEntropy};
use anyhow::{Context, Result};
use once::RedeemError;
use sinpyo_core::{
    accreditation::ServiceCode,
    request::{CredentialQuery, PresentationRequest},
    resolved::{Resolved, VersionSelector},
    time::Timestamp,
};
use sinpyo_proof::{Hint, KeyRing, Unverified, request_object};
use sinpyo_state::{Key, Space};
use sinpyo_verifier::{Accepted, Answer, Fact, Need, Policy, VerifyError};
use std::error::Error;

/// Where requests are kept until they are answered, by their nonce.
const CHALLENGE: Space = Space::new("challenge");

/// What an examination came to.
#[derive(Debug)]
pub(crate) enum Verdict {
    /// The presentation met the policy.
    Accepted(Accepted),
    /// It did not.
    Refused(Refusal),
}

impl Verdict {
    /// The rule by which it was refused; `ok` if it was not.
    pub(crate) const fn code(&self) -> &'static str {
        match self {
            Self::Accepted(_) => "ok",
            Self::Refused(refusal) => refusal.code,
        }
    }
}

/// Why a presentation was not accepted.
#[derive(Debug)]
pub(crate) struct Refusal {
    /// The rule.
    pub(crate) code: &'static str,
    /// What is wrong, in English; it names claims, never values.
    pub(crate) reason: String,
    /// The same for the holder, in Korean and English, with what to do, where a holder asked.
    pub(crate) told: Option<[String; 2]>,
}

impl Refusal {
    pub(crate) fn new(code: &'static str, error: &dyn Error) -> Self {
        let mut reason = error.to_string();
        let mut source = error.source();
        while let Some(inner) = source {
            let inner_text = inner.to_string();
            if !reason.ends_with(&inner_text) {
                reason = format!("{reason}: {inner_text}");
            }
            source = inner.source();
        }
        Self { code, reason, told: None }
    }
}

impl From<VerifyError> for Verdict {
    fn from(error: VerifyError) -> Self {
        Self::Refused(Refusal::new(error.code(), &error))
    }
}

/// Makes a request of `organisation`, signed, and keeps its challenge until it is answered or expires.
pub(crate) fn ask(
    home: &Home,
    organisation: &Organisation,
    service: &ServiceCode,
    queries: Vec<CredentialQuery>,
) -> Result<String> {
    let policy = Policy::new(organisation.did(), service.clone(), queries);
    let challenge = policy.challenge(home.now(), &mut OsEntropy);
    let request = challenge.request();
    let signer = &organisation.signer;
    let wire = request_object::sign(request, (signer, signer.key().verifying_key()))?;
    let key = Key::secret(CHALLENGE, request.nonce.as_bytes());
    once::issue(&home.state, &key, wire.as_bytes(), request.expires_at)?;
    Ok(wire)
}

/// Examines an answer to a request of ours, which can be answered once.
pub(crate) fn examine(home: &Home, request: &str, answer: &[u8], facts: &mut Facts<'_>) -> Result<Verdict> {
    let now = home.now();
    let asked = match read_request(request, facts, now)? {
        Ok(asked) => asked,
        Err(refusal) => return Ok(Verdict::Refused(refusal)),
    };
    match once::redeem(&home.state, &Key::secret(CHALLENGE, asked.nonce.as_bytes()), now) {
        Ok(kept) if kept == request.as_bytes() => {}
        Ok(_) => return Ok(RedeemError::Unknown.into()),
        Err(RedeemError::Unavailable(error)) => return Err(error).context("cannot redeem the challenge"),
        Err(error) => return Ok(error.into()),
    }
    check(asked, Some(answer), facts, now)
}

impl From<RedeemError> for Verdict {
    fn from(error: RedeemError) -> Self {
        Self::Refused(Refusal::new(error.code(), &error))
    }
}

/// Examines an answer from evidence alone: whether its challenge was used before is then for others to know.
pub(crate) fn examine_evidence(
    request: &str,
    answer: Option<&[u8]>,
    facts: &mut Facts<'_>,
    now: Timestamp,
) -> Result<Verdict> {
    match read_request(request, facts, now)? {
        Ok(asked) => check(asked, answer, facts, now),
        Err(refusal) => Ok(Verdict::Refused(refusal)),
    }
}

/// The request, if the verifier that it names signed it.
fn read_request(
    request: &str,
    facts: &mut Facts<'_>,
    now: Timestamp,
) -> Result<Result<PresentationRequest, Refusal>> {
    let arrived = match Unverified::<PresentationRequest>::parse(request.as_bytes()) {
        Ok(arrived) => arrived,
        Err(error) => return Ok(Err(Refusal::new(error.code(), &error))),
    };
    let hint = arrived.hint();
    let version = hint.claimed_time().map_or(VersionSelector::Latest, VersionSelector::Time);
    let document = match hint.claimed_key() {
        Some(key) => facts.document(&key.did(), &version)?,
        None => None,
    };
    let Some(document) = document else {
        let error = VerifyError::Unavailable;
        return Ok(Err(Refusal::new(error.code(), &error)));
    };
    if let Some(refusal) = withdrawn(&hint, &document, facts)? {
        return Ok(Err(refusal));
    }
    let verified = arrived.verify(&KeyRing::of(&document), now);
    Ok(verified.map(sinpyo_proof::Verified::into_inner).map_err(|error| Refusal::new(error.code(), &error)))
}

/// Why the key that `hint` names, as it stood in `document`, is not to be relied on any more.
pub(crate) fn withdrawn(hint: &Hint, document: &Resolved, facts: &mut Facts<'_>) -> Result<Option<Refusal>> {
    let Some(newest) = facts.document(document.did(), &VersionSelector::Latest)? else {
        let error = VerifyError::Unavailable;
        return Ok(Some(Refusal::new(error.code(), &error)));
    };
    let then = KeyRing::of(document);
    let key = hint.claimed_key().and_then(|id| Some((id, then.key(id)?)));
    let why = key.and_then(|(id, key)| KeyRing::of(&newest).withdrawn(id, key));
    Ok(why.map(|why| Refusal::new(why.code(), &why)))
}

fn check(
    request: PresentationRequest,
    answer: Option<&[u8]>,
    facts: &mut Facts<'_>,
    now: Timestamp,
) -> Result<Verdict> {
    let policy = Policy::new(request.verifier.clone(), request.service.clone(), request.queries.clone());
    let Some(answer) = answer else {
        return Ok(out_of_scope(&request, facts)?.unwrap_or_else(|| VerifyError::MalformedAnswer.into()));
    };
    let started = Answer::parse(answer).and_then(|answer| policy.challenge_for(request).check(answer, now));
    let mut check = match started {
        Ok(check) => check,
        Err(error) => return Ok(error.into()),
    };
    while let Some(need) = check.need() {
        if let Err(error) = check.supply(&facts.fetch(&need)?) {
            return Ok(error.into());
        }
    }
    Ok(check.finish().map_or_else(Verdict::from, Verdict::Accepted))
}

/// The refusal of a request that asks beyond its service code: no wallet answers it, so there is nothing more to check.
fn out_of_scope(request: &PresentationRequest, facts: &mut Facts<'_>) -> Result<Option<Verdict>> {
    let need = Need::Accreditation {
        subject: request.verifier.clone(),
        right: sinpyo_core::accreditation::Right::Request(request.service.clone()),
        at: request.issued_at,
    };
    match facts.fetch(&need)?.fact {
        Fact::Accreditation(Some(accreditation)) => {
            Ok(request.within_scope(&accreditation).err().map(|error| VerifyError::from(error).into()))
        }
        _ => Ok(Some(VerifyError::Unavailable.into())),
    }
}
