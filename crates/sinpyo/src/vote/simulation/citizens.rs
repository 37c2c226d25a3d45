//! The voters of a simulated election, each with a wallet; many at a time, from different addresses.

use super::{
    Expected, Plan,
    hostile::{self, Forge},
    papers::{self, Paper},
};
use crate::{
    os::OsEntropy,
    say::Voice,
    vote::{
        voter::{self, Carrier, HolderKey},
        wire::{Wire, problem},
    },
};
use anyhow::{Context, Result, bail};
use http::{Method, Request, Response, StatusCode, header};
use sinpyo_core::{Secret, json};
use sinpyo_crypto::{Algorithm, SigningKey};
use sinpyo_voting::{
    form::to_hex,
    voter::{ADMISSION, Booth, Choices, Election, Voter},
};
use std::{
    collections::HashMap,
    net::{IpAddr, Ipv4Addr},
    sync::{
        Mutex, PoisonError,
        atomic::{AtomicU64, AtomicUsize, Ordering},
    },
    thread,
};

/// Wallets at work at the same time; each speaks from an address of its own.
const AT_ONCE: u8 = 48;
/// One in so many wallets votes twice at once, one votes again, one reads the election for itself, one checks a ballot.
const ONE_IN: usize = 100;

/// All voters.
pub(super) struct Citizens {
    voters: Vec<Mutex<Option<Voter>>>,
    /// Files that never change, as a cache between wallets and service has them.
    cache: Mutex<HashMap<String, Response<Vec<u8>>>>,
}

/// What voters do on the day.
#[derive(Clone, Copy, Debug)]
pub(super) struct Order<'a> {
    pub(super) plan: &'a Plan,
    pub(super) election: &'a Election,
    pub(super) board: &'a str,
}

/// What was taken and refused so far.
#[derive(Debug, Default)]
struct Tellers {
    taken: AtomicU64,
    refused: AtomicU64,
}

/// A wallet's way to the service, with the cache in between.
struct Cached<'a> {
    wire: &'a Wire,
    cache: &'a Mutex<HashMap<String, Response<Vec<u8>>>>,
}

impl Carrier for Cached<'_> {
    fn carry(&self, request: &Request<Vec<u8>>) -> Result<Response<Vec<u8>>> {
        let path = request.uri().path();
        let is_fixed =
            request.method() == Method::GET && (path.contains("/rings") || path.contains("/log/tile/"));
        if !is_fixed {
            return self.wire.carry(request);
        }
        let key = request.uri().to_string();
        let known = self.cache.lock().unwrap_or_else(PoisonError::into_inner).get(&key).cloned();
        if let Some(known) = known {
            return Ok(known);
        }
        let answer = self.wire.carry(request)?;
        if answer.status() == StatusCode::OK {
            self.cache.lock().unwrap_or_else(PoisonError::into_inner).insert(key, answer.clone());
        }
        Ok(answer)
    }
}

impl Citizens {
    /// Everybody gets into the roll.
    pub(super) fn register(plan: &Plan, election: &Election, codes: &[String], voice: Voice) -> Result<Self> {
        let voters = plan.choices.iter().map(|_| Mutex::new(None)).collect();
        let citizens = Self { voters, cache: Mutex::default() };
        citizens.each(voice, ("등록", "registering"), &|wire, number| {
            let code = codes.get(number).context("there are fewer codes than voters")?;
            let mut voter = Voter::new(election.place().clone(), &mut OsEntropy);
            voter.saw(election);
            let holder = HolderKey::new(SigningKey::generate(Algorithm::Es256, &mut OsEntropy))?;
            let code = Some(Secret::new(code.clone()));
            let credential = voter::register(wire, (&mut voter, election), (code, &holder), &mut |_| Ok(()))?;
            if plan.has_rings && credential.is_none() {
                bail!("no credential came with the registration");
            }
            citizens.put(number, voter);
            Ok(())
        })?;
        Ok(citizens)
    }

    /// Everybody votes; some twice, some again, and some send what is no ballot.
    pub(super) fn vote(&self, order: &Order<'_>, voice: Voice) -> Result<Expected> {
        let tellers = Tellers::default();
        self.each(voice, ("투표", "voting"), &|wire, number| {
            let mut voter = self.take(number)?;
            self.vote_one((wire, number), &mut voter, order, &tellers)
                .with_context(|| format!("voter {}", number + 1))?;
            self.put(number, voter);
            Ok(())
        })?;
        Ok(Expected {
            taken: tellers.taken.load(Ordering::Relaxed),
            refused: tellers.refused.load(Ordering::Relaxed),
        })
    }

    /// Everybody proves the own receipt under the head that the closed box has.
    pub(super) fn confirm(&self, election: &Election, voice: Voice) -> Result<()> {
        self.each(voice, ("접수증 확인", "proving receipts"), &|wire, number| {
            let mut voter = self.take(number)?;
            voter::confirm(&self.cached(wire), &mut voter, election)
                .with_context(|| format!("the receipt of voter {}", number + 1))?;
            self.put(number, voter);
            Ok(())
        })
    }

    fn vote_one(
        &self,
        (wire, number): (&Wire, usize),
        voter: &mut Voter,
        order: &Order<'_>,
        tellers: &Tellers,
    ) -> Result<()> {
        let (plan, election) = (order.plan, order.election);
        voter.saw(election);
        if is_one(number, plan, 2) {
            // This one believes nobody's reading but its own.
            let own = voter::read(wire, Ok(voter))?;
            if own.head().size < election.head().size {
                bail!("the log is shorter than it was");
            }
        }
        let carrier = self.cached(wire);
        let found = voter::find(&carrier, election, voter)?;
        let booth = Booth::enter(election, voter, found)?;
        let choice = *plan.choices.get(number).context("there are fewer choices than voters")?;
        if is_one(number, plan, 3) {
            check(wire, &booth, voter, choice)?;
        }
        for kind in hostile::kinds_of(number, plan) {
            Self::forge(wire, (&booth, voter), (kind, number), order)?;
            tellers.refused.fetch_add(1, Ordering::Relaxed);
        }
        if is_one(number, plan, 1) {
            let other = u8::from(choice == 0);
            Self::cast(&carrier, &booth, voter, (other, election))?;
            tellers.taken.fetch_add(1, Ordering::Relaxed);
        }
        if is_one(number, plan, 0) {
            let taken = cast_twice((wire, order.board), &booth, voter, (choice, election))?;
            tellers.taken.fetch_add(taken, Ordering::Relaxed);
        } else {
            Self::cast(&carrier, &booth, voter, (choice, election))?;
            tellers.taken.fetch_add(1, Ordering::Relaxed);
        }
        Ok(())
    }

    fn cast(
        carrier: &Cached<'_>,
        booth: &Booth,
        voter: &mut Voter,
        (choice, election): (u8, &Election),
    ) -> Result<()> {
        booth.fill(&Choices::new(vec![choice]), &mut OsEntropy)?.cast(voter, election)?;
        voter::cast(carrier, voter, election)
    }

    /// Posts a ballot that must be refused, and sees that it is, for its reason.
    fn forge(
        wire: &Wire,
        (booth, voter): (&Booth, &mut Voter),
        (kind, number): (usize, usize),
        order: &Order<'_>,
    ) -> Result<()> {
        let (plan, election) = (order.plan, order.election);
        let choice = u8::try_from(number % (usize::from(plan.options) + 1)).unwrap_or(0);
        booth.fill(&Choices::new(vec![choice]), &mut OsEntropy)?.cast(voter, election)?;
        let Paper { ballot, token } = papers::paper(voter)?;
        *voter = papers::without_ballot(voter)?;
        let shape = election.manifest().shape(0).context("the election has no ballots")?;
        let forged = Forge { shape: &shape }.make(kind, ballot).context("there is no such kind")?;
        let address = format!("{}/e/{}", order.board, to_hex(&election.place().election().0));
        let answer = post(wire, &address, &Paper { ballot: forged.ballot, token })?;
        let code = json::parse_object(answer.body()).ok();
        let code = code.as_ref().and_then(|body| body.get("code")).and_then(serde_json::Value::as_str);
        if !answer.status().is_client_error() || !code.is_some_and(|code| forged.reasons.contains(&code)) {
            bail!("the hostile ballot {} was answered: {}", forged.name, problem(&answer));
        }
        Ok(())
    }

    fn cached<'a>(&'a self, wire: &'a Wire) -> Cached<'a> {
        Cached { wire, cache: &self.cache }
    }

    fn take(&self, number: usize) -> Result<Voter> {
        let place = self.voters.get(number).context("there is no such voter")?;
        let mut place = place.lock().unwrap_or_else(PoisonError::into_inner);
        place.take().context("a voter is not there")
    }

    fn put(&self, number: usize, voter: Voter) {
        if let Some(place) = self.voters.get(number) {
            *place.lock().unwrap_or_else(PoisonError::into_inner) = Some(voter);
        }
    }

    /// Does `job` for each voter, many at a time, until one fails.
    fn each(
        &self,
        voice: Voice,
        (ko, en): (&'static str, &'static str),
        job: &(dyn Fn(&Wire, usize) -> Result<()> + Sync),
    ) -> Result<()> {
        let (next, failed) = (AtomicUsize::new(0), Mutex::new(None));
        let bar = voice.progress(self.voters.len(), ko, en);
        let fail = |error: anyhow::Error| {
            failed.lock().unwrap_or_else(PoisonError::into_inner).get_or_insert(error);
        };
        let work = |place: u8| {
            let wire = match Wire::from_address(Some(address_of(place))) {
                Ok(wire) => wire,
                Err(error) => return fail(error),
            };
            loop {
                let number = next.fetch_add(1, Ordering::Relaxed);
                let is_over = failed.lock().unwrap_or_else(PoisonError::into_inner).is_some();
                if number >= self.voters.len() || is_over {
                    return;
                }
                if let Err(error) = job(&wire, number) {
                    return fail(error);
                }
                bar.inc(1);
            }
        };
        thread::scope(|scope| {
            for place in 1..=AT_ONCE {
                scope.spawn(move || work(place));
            }
        });
        bar.finish_and_clear();
        failed.into_inner().unwrap_or_else(PoisonError::into_inner).map_or(Ok(()), Err)
    }
}

/// Wallets come from different addresses of this machine.
fn address_of(place: u8) -> IpAddr {
    IpAddr::V4(Ipv4Addr::new(127, 0, 1, place))
}

/// Whether this voter is one of the few that do the unusual thing `what` (of four): one in a hundred, and one at least.
fn is_one(number: usize, plan: &Plan, what: usize) -> bool {
    let few = (plan.choices.len() / ONE_IN).max(1);
    let step = (plan.choices.len() / few).max(1);
    number % step == (step * what / 4) % step && number / step < few
}

/// Gives a ballot to a second device, which must read in it what was chosen, for the voter's own slot.
fn check(wire: &Wire, booth: &Booth, voter: &Voter, choice: u8) -> Result<()> {
    let checked = booth.fill(&Choices::new(vec![choice]), &mut OsEntropy)?.check();
    let (election, verdict) = voter::check(wire, checked.text().expose())?;
    let read = verdict.choices(&election);
    let [(contest, option)] = read.as_slice() else { bail!("the checked ballot has other contests") };
    let meant = usize::from(choice).checked_sub(1).and_then(|place| contest.options.get(place));
    let is_own = verdict.slot().is_none() || verdict.slot() == voter.slot();
    let is_same = option.map(|option| &option.id) == meant.map(|option| &option.id);
    if !is_own || !is_same || verdict.tracking_code() != checked.tracking_code() {
        bail!("the second device reads another ballot");
    }
    Ok(())
}

/// Two devices with one record vote at the same moment, and one of the ballots is posted once more: all are answered, and
/// one counts. How many ballots were taken.
fn cast_twice(
    (wire, board): (&Wire, &str),
    booth: &Booth,
    voter: &mut Voter,
    (choice, election): (u8, &Election),
) -> Result<u64> {
    let mut copy = papers::copy(voter)?;
    for device in [&mut *voter, &mut copy] {
        booth.fill(&Choices::new(vec![choice]), &mut OsEntropy)?.cast(device, election)?;
    }
    let again = papers::paper(voter)?;
    let other = Wire::from_address(Some(address_of(AT_ONCE + 1)))?;
    thread::scope(|scope| {
        let second = scope.spawn(|| voter::cast(&other, &mut copy, election));
        voter::cast(wire, voter, election)?;
        second.join().unwrap_or_else(|_| bail!("a device broke down"))
    })?;
    let address = format!("{board}/e/{}", to_hex(&election.place().election().0));
    let answer = post(wire, &address, &again)?;
    let index = json::parse_object(answer.body()).ok().and_then(|body| body.get("index")?.as_u64());
    let first = voter.receipts().last().map(sinpyo_voting::voter::KeptReceipt::index);
    if answer.status() != StatusCode::OK || index.is_none() || index != first {
        bail!("the same ballot posted again was answered: {}", problem(&answer));
    }
    Ok(2)
}

/// Posts bytes to the board itself.
fn post(wire: &Wire, address: &str, paper: &Paper) -> Result<Response<Vec<u8>>> {
    let mut request =
        Request::post(format!("{address}/ballots")).header(header::CONTENT_TYPE, "application/octet-stream");
    if let Some(token) = &paper.token {
        request = request.header(ADMISSION, token);
    }
    wire.send_patiently(&request.body(paper.ballot.clone())?)
}
