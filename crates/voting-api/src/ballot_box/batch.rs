//! One batch: tokens, proofs, the log, answers.

use super::{arrive, booth::Booth, busy, spent, token};
use crate::{
    problem::{coded, unavailable},
    queue::{Lane, Reply, Waiting},
    service::Service,
    settings::Hat,
};
use http::{Response, StatusCode};
use sinpyo_ballot::{
    ballot::{Header, Place, UnverifiedBallot},
    batch::verify_batch,
    generators::ElectionId,
    group::Ristretto,
    ring::Ring,
    setting::Setting,
    verify::{BallotError, VerifiedBallot},
};
use sinpyo_blind_rsa::{PublicKey, Variant};
use sinpyo_core::{key::Entropy, time::Timestamp};
use sinpyo_crypto::hash::sha256;
use sinpyo_registry::engine::{AppendError, Appended, LogEngine, Refusal as Refused};
use sinpyo_voting::{
    ballots::Reason,
    election::{Refused as Broken, Submission},
    event::{Body, Rejected, RejectedBallot, Role},
};
use sinpyo_web::problem::Refusal;
use std::{collections::BTreeSet, sync::Arc};

/// A ballot of the batch whose token is spent on it.
struct Paid {
    ring: u32,
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
    let log = match service.settings.logs.open(&lane.election) {
        Ok(Some(log)) => log,
        Ok(None) | Err(_) => return refuse_all(service, batch.into_iter().map(|waiting| waiting.reply), &busy()),
    };
    let booth = match Booth::of(service, &lane.election, &*log) {
        Ok(booth) => booth,
        Err(refusal) => {
            return refuse_all(service, batch.into_iter().map(|waiting| waiting.reply), &refusal);
        }
    };
    let place = Settling { service, election: lane.election, log: &*log, now };
    let paid = place.pay(batch);
    place.check(&booth, lane.style, paid, entropy);
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
        for Waiting { ring, bytes, token, reply } in batch {
            if token.is_none() || spent_on.next() == Some(true) {
                paid.push(Paid { ring, bytes, reply });
            } else {
                reply(self.service.refused(&spent()));
            }
        }
        paid
    }

    /// Checks all proofs, appends what holds, and answers.
    fn check(&self, booth: &Booth, style: u16, paid: Vec<Paid>, entropy: &mut dyn Entropy) {
        let judged = judge(booth, &self.election, style, &paid, entropy);
        let (mut good, mut bad) = (Vec::new(), Vec::new());
        for (ballot, judged) in paid.into_iter().zip(judged) {
            match judged {
                Ok(submission) => good.push((ballot, submission)),
                Err(reason) => bad.push((ballot, reason)),
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
        let bodies: Vec<Body> = bad.iter().filter(new).map(|(ballot, reason)| rejected(&ballot.bytes, *reason)).collect();
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

fn rejected(bytes: &[u8], reason: Reason) -> Body {
    let ballot = if bytes.len() <= Rejected::MAX_KEPT {
        RejectedBallot::Bytes(bytes.to_vec())
    } else {
        RejectedBallot::Digest(sha256(bytes))
    };
    Body::Rejected(Rejected { ballot, reason })
}

/// Checks each ballot wholly; what holds is a submission, in the order of the ballots.
fn judge(
    booth: &Booth,
    election: &ElectionId,
    style: u16,
    paid: &[Paid],
    entropy: &mut dyn Entropy,
) -> Vec<Result<Submission, Reason>> {
    let parsed: Vec<Result<UnverifiedBallot<Ristretto>, Reason>> =
        paid.iter().map(|ballot| parse(booth, election, style, ballot)).collect();
    let Some(setting) = booth.styles.get(&style) else {
        return parsed.into_iter().map(|parsed| Err(parsed.err().unwrap_or(Reason::Style))).collect();
    };
    let rings: BTreeSet<u32> = paid.iter().map(|ballot| ballot.ring).collect();
    let rings: Vec<Arc<Ring<Ristretto>>> = rings.into_iter().filter_map(|ring| booth.seats.open(ring)).collect();
    let ballots: Vec<_> = parsed.iter().filter_map(|parsed| parsed.as_ref().ok()).cloned().collect();
    let mut verified = verified(setting, &rings, &ballots, entropy).into_iter();
    let conclude = |parsed: Result<UnverifiedBallot<Ristretto>, Reason>| {
        let ballot = parsed?;
        let verified = verified.next().ok_or(Reason::Proof)?.map_err(|error| error.reason())?; // [VTS-10]
        Submission::ballot(&ballot, &verified).map_err(|_| Reason::Proof)
    };
    parsed.into_iter().map(conclude).collect()
}

fn verified(
    setting: &Setting<Ristretto>,
    rings: &[Arc<Ring<Ristretto>>],
    ballots: &[UnverifiedBallot<Ristretto>],
    entropy: &mut dyn Entropy,
) -> Vec<Result<VerifiedBallot<Ristretto>, BallotError>> {
    let rings: Vec<&Ring<Ristretto>> = rings.iter().map(|ring| &**ring).collect();
    verify_batch(setting, &rings, ballots, entropy)
}

/// What can be said of a ballot without its proof; in profile `token`, that the registrar signed its tag.
fn parse(
    booth: &Booth,
    election: &ElectionId,
    style: u16,
    ballot: &Paid,
) -> Result<UnverifiedBallot<Ristretto>, Reason> {
    let setting = booth.styles.get(&style);
    let Some(setting) = setting else {
        let is_ballot = Header::parse(&ballot.bytes).is_ok();
        return Err(if is_ballot { Reason::Style } else { Reason::Encoding });
    };
    let parsed = UnverifiedBallot::parse(&ballot.bytes, setting.shape()).map_err(|_| Reason::Encoding)?;
    match (&booth.manifest.token, parsed.token()) {
        (Some(key), Some(token)) => {
            let Place::District(district) = parsed.header().place else { return Err(Reason::Encoding) };
            let signed = is_signed(key, election, (district, parsed.tag()), (&token.randomizer, &token.signature));
            signed.then_some(parsed).ok_or(Reason::Proof)
        }
        (None, None) => Ok(parsed),
        _ => Err(Reason::Encoding),
    }
}

/// Whether the registrar signed this tag for this district [spec/voting.md §13].
fn is_signed(
    key: &PublicKey,
    election: &ElectionId,
    (district, tag): (u32, &[u8; 32]),
    (randomizer, signature): (&[u8; 32], &[u8]),
) -> bool {
    let message = [&b"sinpyo-vote/1/token\0"[..], &election.0, &district.to_le_bytes(), tag].concat();
    let prepared = Variant::PssRandomized.prepare_with(randomizer, &message);
    key.verify(&prepared, signature).is_ok()
}
