//! The check of one answer, as a machine that says what it needs.

use crate::{
    accepted::{Accepted, Refusal, Verdict},
    arrival::{Authentic, Reading},
    error::VerifyError,
    expectation::{Evidence, Expectation},
    need::{Fact, Known, Need},
    presented::{Presented, Wire},
    shown::Shown,
    stage::Stage,
    transaction_data::TransactionData,
};
use sinpyo_core::{accreditation::Right, request::BeyondScope, time::Timestamp};
use sinpyo_dcql::{AnswerError, Candidate, Count, CredentialQuery, Query, QueryId};
use std::collections::{BTreeMap, VecDeque};

/// An answer under examination.
///
/// Ask [`Check::need`], supply what it names, and repeat until it needs nothing; then [`Check::finish`].
///
/// A presentation that breaks a rule is dropped, and at the end what is left must answer the whole query: for a query
/// that takes one presentation, a dropped one is a missing one. One that answers another challenge refuses the whole
/// answer, because it shows that what arrived was made for another request [OpenID4VP 1.0 §8.6, §14.1]. An mdoc cannot
/// show that: with another nonce, its device's signature does not hold, and it is dropped.
#[derive(Debug)]
pub struct Check {
    asked: Asked,
    now: Timestamp,
    in_scope: bool,
    waiting: VecDeque<Examined>,
    done: BTreeMap<QueryId, Vec<Finished>>,
    dropped: Vec<Refusal>,
    /// Why the whole answer is refused.
    rejected: Option<VerifyError>,
}

/// What the answer must fit, and what follows from it.
#[derive(Debug)]
struct Asked {
    expectation: Expectation,
    transaction_data: TransactionData,
    audience: String,
}

/// One presentation.
#[derive(Debug)]
struct Examined {
    query: QueryId,
    position: usize,
    stage: Stage,
    /// As it arrived, if that is kept.
    wire: Option<Wire>,
}

/// One presentation that met every rule.
#[derive(Debug)]
struct Finished {
    position: usize,
    shown: Authentic,
    wire: Option<Wire>,
}

impl Check {
    /// Starts the check of `presented` at time `now`.
    ///
    /// # Errors
    /// It is too late; the transaction data are not such as a presentation could authorise; or the answer has
    /// presentations for what was not asked, more than were asked for, or too few to answer the query.
    pub fn start(
        expectation: Expectation,
        presented: Presented,
        now: Timestamp,
    ) -> Result<Self, VerifyError> {
        if now > expectation.expires_at {
            return Err(VerifyError::RequestExpired { at: expectation.expires_at }); // [VP-03]
        }
        let transaction_data = TransactionData::parse(&expectation.transaction_data, &expectation.query)?;
        let arrived = fitting(&expectation.query, presented)?;
        let audience = expectation.session.audience();
        let asked = Asked { expectation, transaction_data, audience };
        if let Some(set) = asked.lacking(|id| arrived.iter().any(|(query, _)| query == id)) {
            return Err(AnswerError::Incomplete { set }.into()); // [VP-DCQ-11]
        }
        let in_scope = asked.expectation.in_scope.is_none();
        let mut check = Self {
            asked,
            now,
            in_scope,
            waiting: VecDeque::new(),
            done: BTreeMap::new(),
            dropped: Vec::new(),
            rejected: None,
        };
        for (query, wires) in arrived {
            for (position, wire) in wires.into_iter().enumerate() {
                check.begin(&query, position, wire);
            }
        }
        Ok(check)
    }

    fn begin(&mut self, query: &QueryId, position: usize, wire: Wire) {
        let Some(reading) = self.asked.reading(query, self.now) else { return };
        let stage = Stage::begin(&wire, &reading);
        let kept = self.asked.expectation.rules.evidence == Evidence::Kept;
        let wire = kept.then_some(wire);
        self.place(query.clone(), position, wire, stage);
    }

    /// What the check needs next; none if it can be finished.
    pub fn need(&self) -> Option<Need> {
        if self.is_lost() {
            return None;
        }
        if let Some(request) = self.asked.expectation.in_scope.as_ref().filter(|_| !self.in_scope) {
            return Some(Need::Accreditation {
                subject: request.verifier.clone(),
                right: Right::Request(request.service.clone()),
                at: request.issued_at,
            });
        }
        self.waiting.front()?.stage.need()
    }

    /// Whether nothing that could still be supplied would make the answer acceptable.
    fn is_lost(&self) -> bool {
        self.rejected.is_some() || self.lacking().is_some()
    }

    /// The first required set of credentials that cannot be complete any more.
    fn lacking(&self) -> Option<usize> {
        self.asked.lacking(|id| self.done.contains_key(id) || self.waiting.iter().any(|one| one.query == *id))
    }

    /// Supplies what [`Check::need`] named. What a fact refuses is told by [`Check::conclude`].
    ///
    /// # Errors
    /// It is not what was needed. The check is void then.
    pub fn supply(&mut self, known: &Known) -> Result<(), VerifyError> {
        let void = |check: &mut Self| {
            check.rejected = Some(VerifyError::OtherFact);
            Err(VerifyError::OtherFact) // [VP-17]
        };
        if self.is_lost() {
            return Err(VerifyError::OtherFact); // [VP-17]
        }
        let usable = self.usable(known);
        if !self.in_scope {
            match usable.and_then(|()| self.asked.check_own_scope(&known.fact)) {
                Ok(()) => self.in_scope = true,
                Err(VerifyError::OtherFact) => return void(self),
                Err(error) => self.rejected = Some(error),
            }
            return Ok(());
        }
        let Some(Examined { query, position, stage, wire }) = self.waiting.pop_front() else {
            return void(self);
        };
        let stage = match self.asked.reading(&query, self.now) {
            Some(reading) => usable.and_then(|()| stage.advance(&known.fact, &reading)),
            None => Err(VerifyError::OtherFact),
        };
        if matches!(stage, Err(VerifyError::OtherFact)) {
            return void(self);
        }
        self.place(query, position, wire, stage);
        Ok(())
    }

    fn usable(&self, known: &Known) -> Result<(), VerifyError> {
        if matches!(known.fact, Fact::Unavailable) {
            return Err(VerifyError::Unavailable); // [VP-12]
        }
        if known.as_of.plus(self.asked.expectation.rules.max_fact_age) < self.now {
            return Err(VerifyError::StaleFact); // [VP-13]
        }
        Ok(())
    }

    /// Puts a presentation where it belongs after a step.
    fn place(
        &mut self,
        query: QueryId,
        position: usize,
        wire: Option<Wire>,
        stage: Result<Stage, VerifyError>,
    ) {
        match stage {
            Ok(Stage::Done(shown)) => {
                self.done.entry(query).or_default().push(Finished { position, shown: *shown, wire });
            }
            Ok(stage) => self.waiting.push_back(Examined { query, position, stage, wire }),
            Err(error) if error.is_wrong_nonce() => self.rejected = Some(error), // [VP-VAL-01]
            Err(error) => self.dropped.push(Refusal { query: query.to_string(), position, error }),
        }
    }

    /// Ends the check: [`Check::conclude`] without what was dropped.
    ///
    /// # Errors
    /// Something is still needed, or the answer is refused.
    pub fn finish(self) -> Result<Accepted, VerifyError> {
        self.conclude().into_result()
    }

    /// Ends the check: evaluates the whole query on what was verified.
    pub fn conclude(self) -> Verdict {
        let lacking = self.lacking();
        let Self { asked, now, in_scope, waiting, done, dropped, rejected } = self;
        let outcome = match (rejected, lacking) {
            (Some(error), _) => Err(error),
            (None, Some(set)) => Err(AnswerError::Incomplete { set }.into()),
            (None, None) if in_scope && waiting.is_empty() => asked.accept(done, now),
            (None, None) => Err(VerifyError::OtherFact), // [VP-17]
        };
        Verdict { outcome, dropped }
    }
}

/// The presentations by the queries for which they came, in numbers that were asked for.
fn fitting(query: &Query, presented: Presented) -> Result<Vec<(QueryId, Vec<Wire>)>, VerifyError> {
    let fit = |(id, wires): (String, Vec<Wire>)| {
        let asked: &CredentialQuery = query.credential(&id).ok_or(VerifyError::OtherQueries)?; // [VP-02]
        match (asked.count, wires.len()) {
            (_, 1) | (Count::Several, 2..) => Ok((asked.id.clone(), wires)),
            _ => Err(AnswerError::TooMany(asked.id.clone()).into()),
        }
    };
    presented.0.into_iter().map(fit).collect()
}

impl Asked {
    fn reading<'a>(&'a self, query: &QueryId, now: Timestamp) -> Option<Reading<'a>> {
        let asked = self.expectation.query.credential(query.as_str())?;
        Some(Reading {
            expectation: &self.expectation,
            transaction_data: &self.transaction_data,
            asked,
            audience: &self.audience,
            now,
        })
    }

    /// The first required set of credentials of which no option is answered by `has`.
    fn lacking(&self, has: impl Fn(&QueryId) -> bool) -> Option<usize> {
        let query = &self.expectation.query;
        if query.sets().is_empty() {
            return query.credentials().iter().any(|asked| !has(&asked.id)).then_some(0);
        }
        query
            .sets()
            .iter()
            .position(|set| set.required && !set.options.iter().any(|option| option.iter().all(&has)))
    }

    /// A verifier that asked beyond its service code may not use the answer either.
    fn check_own_scope(&self, fact: &Fact) -> Result<(), VerifyError> {
        let Some(request) = &self.expectation.in_scope else { return Ok(()) };
        let accreditation = match fact {
            Fact::Accreditation(Some(accreditation)) => accreditation,
            Fact::Accreditation(None) => return Err(BeyondScope::Service(request.service.clone()).into()),
            _ => return Err(VerifyError::OtherFact),
        };
        let _ = request.within_scope(accreditation)?;
        Ok(())
    }

    fn accept(self, done: BTreeMap<QueryId, Vec<Finished>>, now: Timestamp) -> Result<Accepted, VerifyError> {
        let mut candidates: BTreeMap<QueryId, Vec<Candidate>> = BTreeMap::new();
        let mut rest = Vec::new();
        for (query, mut presentations) in done {
            presentations.sort_by_key(|one| one.position);
            for Finished { shown, wire, .. } in presentations {
                let Authentic { credential, candidate, authorised, .. } = shown;
                candidates.entry(query.clone()).or_default().push(candidate);
                rest.push((credential, authorised, wire));
            }
        }
        let answered = self.expectation.query.check(&candidates)?;
        let authorised: Vec<_> = rest.iter().flat_map(|(_, authorised, _)| authorised).copied().collect();
        if !self.transaction_data.is_covered(&authorised) {
            return Err(VerifyError::NotAuthorised); // [VP-27]
        }
        let mut rest = rest.into_iter();
        let mut show = |candidate| {
            let (credential, authorised, wire) = rest.next()?;
            let wire = wire.map(Wire::into_string);
            Some(Shown { credential, candidate, authorised, wire })
        };
        let shown = candidates
            .into_iter()
            .map(|(query, candidates)| (query, candidates.into_iter().filter_map(&mut show).collect()));
        let transaction_data = self.expectation.transaction_data;
        Ok(Accepted { shown: shown.collect(), answered, transaction_data, at: now })
    }
}
