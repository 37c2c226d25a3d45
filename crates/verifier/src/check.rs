//! The check of one answer, as a machine that says what it needs.

use crate::{
    answer::Answer,
    challenge::Challenge,
    error::VerifyError,
    need::{Fact, Known, Need},
    policy::WithoutStatus,
    query,
};
use sinpyo_core::{
    accreditation::Right,
    credential::{Credential, Presentation},
    did::{Did, KeyId},
    document::VerificationRelationship::AssertionMethod,
    request::BeyondScope,
    resolved::VersionSelector,
    status::{CredentialStatus, StatusEntry},
    time::Timestamp,
};
use sinpyo_proof::{HolderBinding, KeyError, KeyRing, Occasion, Unverified, Verified, VerifiedStatusList};
use std::{
    collections::{BTreeMap, BTreeSet, VecDeque},
    sync::Arc,
    time::Duration,
};

/// An answer under examination.
///
/// Ask [`Check::need`], supply what it names, and repeat until it needs nothing; then [`Check::finish`]. The cheap
/// refusals come first, and nothing is fetched for an answer whose signatures do not hold.
#[derive(Debug)]
pub struct Check {
    challenge: Challenge,
    now: Timestamp,
    in_scope: bool,
    waiting: VecDeque<(String, Stage)>,
    done: BTreeMap<String, Shown>,
}

/// How far the check of one presentation has come.
#[derive(Debug)]
enum Stage {
    Arrived { presentation: Box<Unverified<Presentation>>, key: KeyId, at: Timestamp },
    Signed(Box<Shown>),
    Authentic(Box<Shown>),
    Trusted { shown: Box<Shown>, entries: Vec<StatusEntry> },
}

/// One verified presentation of one credential.
#[derive(Debug)]
struct Shown {
    presentation: Verified<Presentation>,
    issuer: Did,
    /// With which the issuer signed, and where it stood then.
    key: KeyId,
    keys: Arc<KeyRing>,
    issued_at: Timestamp,
}

impl Shown {
    fn credential(&self) -> Option<&Credential> {
        self.presentation.get().credentials.first()
    }
}

impl Check {
    pub(crate) fn start(challenge: Challenge, answer: Answer, now: Timestamp) -> Result<Self, VerifyError> {
        let request = challenge.request();
        if now > request.expires_at {
            return Err(VerifyError::RequestExpired { at: request.expires_at }); // [VP-03]
        }
        let asked: BTreeSet<_> = request.queries.iter().map(|query| &query.id).collect();
        if !asked.into_iter().eq(answer.0.keys()) {
            return Err(VerifyError::OtherQueries); // [VP-02]
        }
        let waiting = answer.0.into_iter().map(|(query, presentation)| Ok((query, arrived(presentation)?)));
        let waiting = waiting.collect::<Result<_, VerifyError>>()?;
        Ok(Self { challenge, now, in_scope: false, waiting, done: BTreeMap::new() })
    }

    /// What the check needs next; none if it can be finished.
    pub fn need(&self) -> Option<Need> {
        let request = self.challenge.request();
        if !self.in_scope {
            return Some(Need::Accreditation {
                subject: request.verifier.clone(),
                right: Right::Request(request.service.clone()),
                at: request.issued_at,
            });
        }
        match &self.waiting.front()?.1 {
            Stage::Arrived { key, at, .. } => {
                Some(Need::Document { did: key.did(), version: VersionSelector::Time(*at) })
            }
            // A key that leaked is revoked in the newest document, whatever time its signatures claim.
            Stage::Signed(shown) => {
                Some(Need::Document { did: shown.issuer.clone(), version: VersionSelector::Latest })
            }
            Stage::Authentic(shown) => Some(Need::Accreditation {
                subject: shown.issuer.clone(),
                right: Right::Issue(shown.credential()?.types().first()?.clone()),
                at: shown.issued_at,
            }),
            Stage::Trusted { shown, entries } => {
                Some(Need::StatusList { entry: entries.last()?.clone(), issuer: shown.issuer.clone() })
            }
        }
    }

    /// Supplies what [`Check::need`] named.
    ///
    /// # Errors
    /// The fact refuses the answer, is too old, or is not what was needed.
    pub fn supply(&mut self, known: &Known) -> Result<(), VerifyError> {
        if matches!(known.fact, Fact::Unavailable) {
            return Err(VerifyError::Unavailable); // [VP-12]
        }
        if known.as_of.plus(self.challenge.max_fact_age) < self.now {
            return Err(VerifyError::StaleFact); // [VP-13]
        }
        if !self.in_scope {
            return self.supply_own_scope(&known.fact);
        }
        let (query, stage) = self.waiting.pop_front().ok_or(VerifyError::OtherFact)?; // [VP-17]
        match self.advance(&query, stage, &known.fact)? {
            Stage::Trusted { shown, entries } if entries.is_empty() => drop(self.done.insert(query, *shown)),
            stage => self.waiting.push_front((query, stage)),
        }
        Ok(())
    }

    /// A verifier that asked beyond its service code may not use the answer either.
    fn supply_own_scope(&mut self, fact: &Fact) -> Result<(), VerifyError> {
        let request = self.challenge.request();
        let accreditation = match fact {
            Fact::Accreditation(Some(accreditation)) => accreditation,
            Fact::Accreditation(None) => {
                return Err(BeyondScope::Service(request.service.clone()).into());
            }
            _ => return Err(VerifyError::OtherFact),
        };
        let _ = request.within_scope(accreditation)?;
        self.in_scope = true;
        Ok(())
    }

    fn advance(&self, query: &str, stage: Stage, fact: &Fact) -> Result<Stage, VerifyError> {
        match (stage, fact) {
            (Stage::Arrived { presentation, key, at }, Fact::Document(keys)) => {
                let request = self.challenge.request();
                let audience = request.audience();
                let max_age = Duration::from_secs(seconds_between(request.issued_at, self.now));
                let occasion = Occasion { audience: &audience, nonce: &request.nonce, max_age };
                let presentation = presentation.verify(keys, HolderBinding::Required(occasion), self.now)?;
                self.authentic(
                    query,
                    Shown { presentation, issuer: key.did(), key, keys: Arc::clone(keys), issued_at: at },
                )
            }
            (Stage::Signed(shown), Fact::Document(newest)) => {
                let key = shown
                    .keys
                    .authorised_key(&shown.key, AssertionMethod)
                    .map_err(VerifyError::KeyWithdrawn)?;
                match newest.withdrawn(&shown.key, key) {
                    Some(KeyError::Unresolved) => Err(VerifyError::OtherFact),
                    Some(why) => Err(VerifyError::KeyWithdrawn(why)),
                    None => Ok(Stage::Authentic(shown)),
                }
            }
            (Stage::Authentic(shown), Fact::Accreditation(accreditation)) => match accreditation {
                Some(_) => self.trusted(shown),
                None => Err(not_accredited(&shown)), // [VP-06]
            },
            (Stage::Trusted { shown, mut entries }, Fact::StatusList(list)) => {
                if let Some(entry) = entries.pop() {
                    check_status(&shown, &entry, list, self.now)?;
                }
                Ok(Stage::Trusted { shown, entries })
            }
            _ => Err(VerifyError::OtherFact),
        }
    }

    /// The signatures hold; now what is shown must be what was asked for.
    fn authentic(&self, query: &str, shown: Shown) -> Result<Stage, VerifyError> {
        let asked = self.challenge.request().queries.iter().find(|asked| asked.id == query);
        let (asked, credential) = asked.zip(shown.credential()).ok_or(VerifyError::OtherFact)?;
        // What was looked up by the presenter's word must be what the issuer signed.
        if credential.issued_at() != Some(shown.issued_at) || credential.issuer() != shown.issuer.as_str() {
            return Err(VerifyError::IssuerNotResolvable); // [VP-04]
        }
        query::check(asked, credential)?;
        Ok(Stage::Signed(Box::new(shown)))
    }

    fn trusted(&self, shown: Box<Shown>) -> Result<Stage, VerifyError> {
        let entries = shown.credential().map(|credential| credential.status().to_vec()).unwrap_or_default();
        if entries.is_empty() && self.challenge.without_status == WithoutStatus::Refuse {
            return Err(VerifyError::NoStatus); // [VP-10]
        }
        Ok(Stage::Trusted { shown, entries })
    }

    /// Ends the check.
    ///
    /// # Errors
    /// Something is still needed.
    pub fn finish(self) -> Result<Accepted, VerifyError> {
        // Counted, not inferred: an answer that `supply` refused is in neither list.
        if !self.in_scope || self.done.len() != self.challenge.request().queries.len() {
            return Err(VerifyError::OtherFact);
        }
        let presentations = self.done.into_iter().map(|(query, shown)| (query, shown.presentation)).collect();
        Ok(Accepted { presentations, at: self.now })
    }
}

fn arrived(presentation: Unverified<Presentation>) -> Result<Stage, VerifyError> {
    let hint = presentation.hint();
    let issuer = hint.claimed_issuer().and_then(|issuer| issuer.parse::<Did>().ok());
    let key = hint.claimed_key().filter(|key| issuer.is_some_and(|issuer| issuer == key.did()));
    let (key, at) = key.cloned().zip(hint.claimed_time()).ok_or(VerifyError::IssuerNotResolvable)?; // [VP-04]
    Ok(Stage::Arrived { presentation: Box::new(presentation), key, at })
}

fn not_accredited(shown: &Shown) -> VerifyError {
    match shown.credential().and_then(|credential| credential.types().first()) {
        Some(kind) => VerifyError::NotAccredited { kind: kind.clone(), at: shown.issued_at },
        None => VerifyError::OtherType,
    }
}

fn check_status(
    shown: &Shown,
    entry: &StatusEntry,
    list: &VerifiedStatusList,
    now: Timestamp,
) -> Result<(), VerifyError> {
    let outdated = list.fresh_until().is_some_and(|until| until < now);
    if list.publication().uri != entry.list() || *list.publisher() != shown.issuer || outdated {
        return Err(VerifyError::OtherStatusList); // [VP-11]
    }
    match list.status(entry.index())? {
        CredentialStatus::Valid => Ok(()),
        CredentialStatus::Revoked => Err(VerifyError::Revoked), // [VP-07]
        CredentialStatus::Suspended => Err(VerifyError::Suspended), // [VP-08]
        CredentialStatus::Other(_) => Err(VerifyError::NotValid), // [VP-09]
    }
}

fn seconds_between(from: Timestamp, to: Timestamp) -> u64 {
    u64::try_from(to.unix().saturating_sub(from.unix())).unwrap_or(0)
}

/// Met our policy: authentic, by accredited issuers, not withdrawn, bound to our challenge, and what we asked for.
#[derive(Debug)]
#[must_use]
pub struct Accepted {
    presentations: BTreeMap<String, Verified<Presentation>>,
    at: Timestamp,
}

impl Accepted {
    /// The credential shown for `query`.
    pub fn credential(&self, query: &str) -> Option<&Credential> {
        self.presentations.get(query)?.get().credentials.first()
    }

    /// All credentials shown, by query.
    pub fn credentials(&self) -> impl Iterator<Item = (&str, &Credential)> {
        self.presentations
            .iter()
            .filter_map(|(query, shown)| Some((query.as_str(), shown.get().credentials.first()?)))
    }

    /// When it was accepted.
    pub const fn at(&self) -> Timestamp {
        self.at
    }
}
