//! One batch: tokens, proofs, the log, answers.

use super::{arrive, booth::booth, spent, token, unwritten};
use crate::{
    followed::RefusalId,
    problem::{coded, unavailable},
    queue::{Lane, Reply, Waiting},
    service::Service,
    settings::Hat,
    sign::broken,
};
use http::{Response, StatusCode};
use sinpyo_ballot::generators::ElectionId;
use sinpyo_core::{key::Entropy, time::Timestamp};
use sinpyo_registry::engine::{AppendError, Appended, LogEngine};
use sinpyo_voting::{
    ballots::{BallotBox, Reason, Turned},
    election::Refused as Broken,
    event::{Body, Rejected, Role},
};
use sinpyo_web::problem::Refusal;
use std::collections::BTreeMap;

/// A ballot of the batch whose token is spent on it.
struct Paid {
    bytes: Vec<u8>,
    reply: Reply,
}

/// Where a batch is settled.
#[derive(Clone, Copy)]
struct Settling<'s> {
    service: &'s Service,
    election: ElectionId,
    log: &'s dyn LogEngine,
    now: Timestamp,
}

/// Settles a batch: everybody in it is answered when this returns.
pub(super) fn settle(
    service: &Service,
    lane: Lane,
    batch: Vec<Waiting>,
    (now, entropy): (Timestamp, &mut dyn Entropy),
) {
    let Ok(Some(log)) = service.settings.logs.open(&lane.election) else {
        return refuse_all(service, batch.into_iter().map(|waiting| waiting.reply), &unwritten());
    };
    let booth = match booth(service, &lane.election, &*log) {
        Ok(booth) => booth,
        Err(refusal) => {
            return refuse_all(service, batch.into_iter().map(|waiting| waiting.reply), &refusal);
        }
    };
    let place = Settling { service, election: lane.election, log: &*log, now };
    let paid = place.pay(place.not_refused(batch));
    place.check(&booth, paid, entropy);
}

fn refuse_all(service: &Service, replies: impl Iterator<Item = Reply>, refusal: &Refusal) {
    replies.for_each(|reply| reply(service.refused(refusal)));
}

impl Service {
    /// A refusal as it is sent, when there is no request at hand any more.
    pub(super) fn refused(&self, refusal: &Refusal) -> Response<Vec<u8>> {
        self.sent(refusal.response(self.settings.catalogue))
    }

    fn sent(&self, response: Response<Vec<u8>>) -> Response<Vec<u8>> {
        sinpyo_web::answer::secured_for(response, self.settings.site.main().transport())
    }
}

impl Settling<'_> {
    /// Answers those that were refused while they waited; the others.
    fn not_refused(&self, batch: Vec<Waiting>) -> Vec<Waiting> {
        let refused = self.service.following.with(&self.election, self.log, |record| {
            let refused = |waiting: &Waiting| record.refused_for(&RefusalId::of(&waiting.bytes));
            batch.iter().map(refused).collect::<Vec<_>>()
        });
        let refused = match refused {
            Ok(refused) => refused,
            Err(refusal) => {
                refuse_all(self.service, batch.into_iter().map(|waiting| waiting.reply), &refusal);
                return Vec::new();
            }
        };
        let mut others = Vec::with_capacity(batch.len());
        for (waiting, refused) in batch.into_iter().zip(refused) {
            match refused {
                Some(reason) => (waiting.reply)(self.service.refused(&refusal_of(reason))), // [VTS-52]
                None => others.push(waiting),
            }
        }
        others
    }

    /// Spends the tokens; those whose token was spent on another ballot are answered.
    fn pay(&self, batch: Vec<Waiting>) -> Vec<Paid> {
        let pairs: Vec<([u8; 32], &[u8])> =
            batch.iter().filter_map(|waiting| Some((waiting.token?, &*waiting.bytes))).collect();
        let spent_on = match token::spend(self.service, &self.election, &pairs, self.now) {
            Ok(spent_on) => spent_on,
            Err(error) => {
                let replies = batch.into_iter().map(|waiting| waiting.reply);
                refuse_all(self.service, replies, &unavailable(error));
                return Vec::new();
            }
        };
        let mut spent_on = spent_on.into_iter();
        let mut paid = Vec::with_capacity(batch.len());
        for Waiting { bytes, token, reply, .. } in batch {
            if token.is_none() || spent_on.next() == Some(true) {
                paid.push(Paid { bytes, reply });
            } else {
                reply(self.service.refused(&spent()));
            }
        }
        paid
    }

    /// Checks all proofs, appends what holds, and answers.
    fn check(&self, booth: &BallotBox, mut paid: Vec<Paid>, entropy: &mut dyn Entropy) {
        let bytes: Vec<Vec<u8>> = paid.iter_mut().map(|ballot| std::mem::take(&mut ballot.bytes)).collect();
        let judged = booth.check(&bytes, entropy); // [VTS-10]
        let (mut good, mut bad) = (Vec::new(), Vec::new());
        for ((ballot, bytes), judged) in paid.into_iter().zip(bytes).zip(judged) {
            let ballot = Paid { bytes, ..ballot };
            match judged {
                Ok(accepted) => good.push((ballot, accepted.submission)),
                Err(turned) => bad.push((ballot, turned.reason)),
            }
        }
        let (waiting, submissions): (Vec<Paid>, Vec<Vec<u8>>) =
            good.into_iter().map(|(ballot, submission)| (ballot, submission.into_bytes())).unzip();
        let answers = if submissions.is_empty() { Vec::new() } else { self.log.append(submissions) };
        for (ballot, appended) in waiting.into_iter().zip(answers) {
            match appended {
                Ok(appended) => self.accepted(ballot, appended),
                Err(error) => match self.not_appended(&error) {
                    Ok(reason) => bad.push((ballot, reason)),
                    Err(refusal) => (ballot.reply)(self.service.refused(&refusal)),
                },
            }
        }
        self.reject(bad);
    }

    fn accepted(&self, ballot: Paid, appended: Appended) {
        let status = if appended.repeated { StatusCode::OK } else { StatusCode::CREATED };
        let receipt = arrive::receipt(self.log, &ballot.bytes, (appended.index, status));
        (ballot.reply)(self.service.sent(receipt));
    }

    /// Why the log did not take a ballot whose proof holds: for a reason of the ballot's, or another.
    fn not_appended(&self, error: &AppendError) -> Result<Reason, Refusal> {
        match broken(error) {
            Some(Broken::Duplicate { .. }) => Ok(Reason::Duplicate),
            _ => Err(self.not_written(error)),
        }
    }

    /// What is said where the log did not take an entry: that the election closed meanwhile, or that nothing is decided.
    fn not_written(&self, error: &AppendError) -> Refusal {
        broken(error).and_then(|broken| arrive::shut(broken, self.now)).unwrap_or_else(unwritten)
    }

    /// Writes the refused ballots into the log with their reasons, and answers: that a ballot is refused is said when it
    /// stands there, so that whoever gets no answer may post the same bytes again.
    fn reject(&self, bad: Vec<(Paid, Reason)>) {
        if bad.is_empty() {
            return;
        }
        let rejected = |(ballot, reason): &(Paid, Reason)| Turned::new(&ballot.bytes, *reason).event;
        let rejected: Vec<Rejected> = bad.iter().map(rejected).collect();
        let ids: Vec<RefusalId> = bad.iter().map(|(ballot, _)| RefusalId::of(&ballot.bytes)).collect();
        // The same bytes twice in a batch are one refusal.
        let unsaid = self.say_refused(ids.iter().copied().zip(rejected).collect());
        for ((ballot, reason), id) in bad.into_iter().zip(ids) {
            let refusal = match &unsaid {
                Ok(unsaid) => unsaid.get(&id).cloned().unwrap_or_else(|| refusal_of(reason)),
                Err(refusal) => refusal.clone(),
            };
            (ballot.reply)(self.service.refused(&refusal));
        }
    }

    /// Writes what the log does not say yet; those that it did not take, with what is answered instead.
    fn say_refused(
        &self,
        mut new: BTreeMap<RefusalId, Rejected>,
    ) -> Result<BTreeMap<RefusalId, Refusal>, Refusal> {
        self.service.following.with(&self.election, self.log, |record| {
            new.retain(|id, _| record.refused_for(id).is_none());
        })?;
        let (ids, bodies): (Vec<RefusalId>, Vec<Body>) =
            new.into_iter().map(|(id, rejected)| (id, Body::Rejected(rejected))).unzip();
        let (place, signer) = ((&self.election, self.log), (Role::Board, Hat::Board));
        let answers = self.service.append_events(place, signer, &bodies, self.now)?; // [VTS-19]
        let unsaid = ids.into_iter().zip(answers);
        Ok(unsaid.filter_map(|(id, answer)| Some((id, self.not_written(&answer.err()?)))).collect())
    }
}

/// What is said to whoever posted a ballot that is refused.
pub(super) fn refusal_of(reason: Reason) -> Refusal {
    let (status, detail) = match reason {
        Reason::Duplicate => (StatusCode::CONFLICT, "the voter's first ballot counts, and this is another"),
        Reason::Encoding => (StatusCode::UNPROCESSABLE_ENTITY, "the bytes are not a ballot"),
        Reason::Ring => (StatusCode::UNPROCESSABLE_ENTITY, "there is no such ring"),
        Reason::Style => (StatusCode::UNPROCESSABLE_ENTITY, "the style is not that of the district"),
        Reason::Tag => (StatusCode::UNPROCESSABLE_ENTITY, "the tag is the identity"),
        Reason::Proof => (StatusCode::UNPROCESSABLE_ENTITY, "the proof does not hold"),
    };
    coded(status, reason.as_str(), "VTS-10", detail) // [VTS-10]
}
