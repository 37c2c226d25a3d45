//! One batch: tokens, proofs, the log, answers.

use super::{arrive, booth::booth, busy, spent, token};
use crate::{
    problem::{coded, unavailable},
    queue::{Lane, Reply, Waiting},
    service::Service,
    settings::Hat,
};
use http::{Response, StatusCode};
use sinpyo_ballot::generators::ElectionId;
use sinpyo_core::{key::Entropy, time::Timestamp};
use sinpyo_crypto::hash::sha256;
use sinpyo_registry::engine::{AppendError, Appended, LogEngine, Refusal as Refused};
use sinpyo_voting::{
    ballots::{BallotBox, Reason, Turned},
    election::Refused as Broken,
    event::{Body, Role},
};
use sinpyo_web::problem::Refusal;
use std::collections::BTreeSet;

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
        return refuse_all(service, batch.into_iter().map(|waiting| waiting.reply), &busy());
    };
    let booth = match booth(service, &lane.election, &*log) {
        Ok(booth) => booth,
        Err(refusal) => {
            return refuse_all(service, batch.into_iter().map(|waiting| waiting.reply), &refusal);
        }
    };
    let place = Settling { service, election: lane.election, log: &*log, now };
    let paid = place.pay(batch);
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
        let response = match arrive::receipt(self.log, &ballot.bytes, (appended.index, status)) {
            Ok(response) => self.service.sent(response),
            Err(refusal) => self.service.refused(&refusal),
        };
        (ballot.reply)(response);
    }

    /// Why the log did not take a ballot whose proof holds: for a reason of the ballot's, or another.
    fn not_appended(&self, error: &AppendError) -> Result<Reason, Refusal> {
        let AppendError::Refused(Refused::Rule { reason, .. }) = error else { return Err(busy()) };
        match reason.downcast_ref::<Broken>() {
            Some(Broken::Duplicate { .. }) => Ok(Reason::Duplicate),
            Some(broken) => Err(arrive::shut(broken, self.now).unwrap_or_else(busy)),
            None => Err(busy()),
        }
    }

    /// Writes the refused ballots into the log with their reasons, and answers.
    fn reject(&self, bad: Vec<(Paid, Reason)>) {
        let mut seen = BTreeSet::new();
        // The same bytes twice in a batch are one refusal.
        let new = |(ballot, _): &&(Paid, Reason)| seen.insert(sha256(&ballot.bytes));
        let bodies: Vec<Body> = bad
            .iter()
            .filter(new)
            .map(|(ballot, reason)| Body::Rejected(Turned::new(&ballot.bytes, *reason).event))
            .collect();
        let signed = self.service.append_events(
            (&self.election, self.log),
            (Role::Board, Hat::Board),
            bodies,
            self.now,
        );
        for (ballot, reason) in bad {
            let response = match &signed {
                Ok(_) => refusal_of(reason),
                // The election closed meanwhile, or the log failed: nothing is written, and the answer says no less.
                Err(_) => refusal_of(reason).with_member("logged", serde_json::Value::Bool(false)),
            };
            (ballot.reply)(self.service.refused(&response));
        }
    }
}

/// What is said to whoever posted a ballot that is refused.
fn refusal_of(reason: Reason) -> Refusal {
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
