//! A served board under load: every ballot is verified and durable before it is acknowledged, one in a hundred is false.
//!
//! Board, trustees and wallets speak HTTP. Only the ballots are made by the bulk prover, which knows all secrets, before
//! the clock starts.

mod board;
mod citizen;
mod crowd;
mod web;

use super::machine::Cores;
use crate::{clock::percentile, os::OsEntropy};
use anyhow::{Context as _, ensure};
use board::{Board, codes};
use citizen::{Counter, secret};
use http::{Request, StatusCode, header};
use serde_json::Value;
use sinpyo_ballot::{
    ballot::TrackingCode,
    generators::ElectionId,
    group::{Group as _, Ristretto},
    hazmat::bulk::{BallotSecrets, BulkProver, BulkRing},
    ring::Ring,
};
use sinpyo_core::encoding::to_base64url;
use sinpyo_testkit::TestEntropy;
use sinpyo_tlog::{merkle::Hash, policy::Policy, proof::TlogProof};
use sinpyo_voting::{
    audit::{Machine as _, examine},
    ballots::Settings,
    manifest::Manifest,
};
use std::{
    collections::HashMap,
    path::Path,
    sync::{Mutex, PoisonError},
    time::{Duration, Instant},
};

/// Clients that register at a time, and ballots on the way at a time.
const REGISTERING: u16 = 32;
const AT_ONCE: u16 = 512;
/// One ballot in so many is false, and has a token of its own.
const FALSE_ONE_IN: u32 = 100;

/// A ballot to be posted.
struct Paper {
    ballot: Vec<u8>,
    token: Vec<u8>,
    is_false: bool,
}

/// What became of one.
struct Posted {
    status: StatusCode,
    code: Option<String>,
    took: Duration,
}

/// Holds an election of `voters` voters with the server `binary`, and prints what its ballot box does.
///
/// # Errors
/// A ballot was treated wrongly, a receipt does not resolve, or something else went wrong on the way.
pub(super) fn measure(voters: u32, binary: &Path, parent: &Path) -> anyhow::Result<()> {
    let codes = codes(voters);
    let board = Board::call(binary, parent, &codes)?;
    let address = board.address();
    let served = web::Served::new(address.clone());
    let cores = Cores::new();
    let seen = examine(&served, &cores, &mut OsEntropy)?;
    let manifest = seen.manifest.context("no manifest")?;
    let admission = manifest.admission.as_ref().context("no admission tokens")?;
    let counter = Counter { address: &address, election: ElectionId(board.election()?), admission };
    eprintln!("{voters} voters register");
    let tokens = register(&counter, &codes)?;
    board.open()?;
    let settings = examine(&served, &cores, &mut OsEntropy)?.settings.context("no rings")?;
    eprintln!("{} rings; ballots are made", settings.rings().count());
    let papers = papers(&counter.election, &settings, tokens, &cores)?;
    eprintln!("{} ballots are posted", papers.len());
    let before = board.usage()?;
    let begun = Instant::now();
    let posted = post(&address, &papers)?;
    let took = begun.elapsed();
    let used = board.usage()?.processor.saturating_sub(before.processor);
    judge(&papers, &posted)?;
    report(&posted, took, used)?;
    board.published()?;
    let proven = receipts(&address, &manifest, &papers)?;
    println!("every one of {proven} receipts resolves to an inclusion proof under the published head");
    Ok(())
}

/// Everybody gets into the roll; the tokens of each.
fn register(counter: &Counter<'_>, codes: &[String]) -> anyhow::Result<Vec<Vec<Vec<u8>>>> {
    let tokens = Mutex::new(vec![Vec::new(); codes.len()]);
    crowd::each(REGISTERING, codes.len(), &|http, place| {
        let number = u32::try_from(place)?;
        let code = codes.get(place).context("no code")?;
        let wanted = if number.is_multiple_of(FALSE_ONE_IN) { 2 } else { 1 };
        let own = counter.register(http, (number, code), wanted)?;
        ensure!(own.len() == wanted, "not as many tokens as were asked for");
        if let Some(place) = tokens.lock().unwrap_or_else(PoisonError::into_inner).get_mut(place) {
            *place = own;
        }
        Ok(())
    })?;
    Ok(tokens.into_inner().unwrap_or_else(PoisonError::into_inner))
}

/// All ballots, the false ones among them, in an order that has nothing to do with rings.
fn papers(
    election: &ElectionId,
    settings: &Settings,
    tokens: Vec<Vec<Vec<u8>>>,
    cores: &Cores,
) -> anyhow::Result<Vec<Paper>> {
    let count = u32::try_from(tokens.len())?;
    let numbers: HashMap<[u8; 32], u32> = (0..count)
        .map(|number| (Ristretto::encode(&secret(election, number).commitment()), number))
        .collect();
    let prover = BulkProver::new(settings.setting(0).context("no style")?);
    let rosters = settings.rings().rosters();
    let (made, failed) = (Mutex::new(vec![Vec::new(); tokens.len()]), Mutex::new(None));
    cores.run(rosters.len(), &|job| {
        let Some(roster) = rosters.get(job) else { return };
        let ring = || {
            let ring = Ring::new(roster.clone())?;
            let opened = BulkRing::new(&ring, |own| Some(secret(election, *numbers.get(own)?)));
            for (position, own) in (0..).zip(roster.commitments().iter().take(roster.voters())) {
                let number = *numbers.get(own).context("a voter whom nobody registered")?;
                let secrets = BallotSecrets::draw(&mut TestEntropy::new((3 << 40) + u64::from(number)));
                let choices = [u8::try_from(number % 6)?];
                let ballot = prover.prove(&opened, position, &choices, &secrets)?;
                let mut made = made.lock().unwrap_or_else(PoisonError::into_inner);
                *made.get_mut(usize::try_from(number)?).context("no such voter")? = ballot;
            }
            anyhow::Ok(())
        };
        if let Err(error) = ring() {
            *failed.lock().unwrap_or_else(PoisonError::into_inner) = Some(error);
        }
    });
    failed.into_inner().unwrap_or_else(PoisonError::into_inner).map_or(Ok(()), Err)?;
    let made = made.into_inner().unwrap_or_else(PoisonError::into_inner);
    let mut papers = Vec::new();
    for (ballot, tokens) in made.into_iter().zip(tokens) {
        for (place, token) in tokens.into_iter().enumerate() {
            let is_false = place > 0;
            papers.push(Paper {
                ballot: if is_false { spoilt(&ballot) } else { ballot.clone() },
                token,
                is_false,
            });
        }
    }
    Ok(papers)
}

/// The ballot with one wrong response, which is still a scalar: only the proof tells.
fn spoilt(ballot: &[u8]) -> Vec<u8> {
    let mut spoilt = ballot.to_vec();
    let response = spoilt.len().saturating_sub(64);
    if let Some(byte) = spoilt.get_mut(response) {
        *byte ^= 1;
    }
    spoilt
}

fn post(address: &str, papers: &[Paper]) -> anyhow::Result<Vec<Posted>> {
    let posted: Vec<Mutex<Option<Posted>>> = papers.iter().map(|_| Mutex::new(None)).collect();
    crowd::each(AT_ONCE, papers.len(), &|http, place| {
        let (paper, answer) = papers.get(place).zip(posted.get(place)).context("no ballot")?;
        let request = Request::post(format!("{address}/ballots"))
            .header(header::CONTENT_TYPE, "application/octet-stream")
            .header("admission-token", to_base64url(&paper.token))
            .body(paper.ballot.clone())?;
        let begun = Instant::now();
        let response = web::ask(http, request)?;
        let code = web::json_of(&response).ok();
        let code = code.as_ref().and_then(|body| body.get("code")).and_then(Value::as_str).map(str::to_owned);
        let done = Posted { status: response.status(), code, took: begun.elapsed() };
        *answer.lock().unwrap_or_else(PoisonError::into_inner) = Some(done);
        Ok(())
    })?;
    let posted = posted.into_iter().map(|posted| posted.into_inner().unwrap_or_else(PoisonError::into_inner));
    posted.collect::<Option<_>>().context("a ballot was not answered")
}

/// Every false ballot is refused for its proof, and every other one is taken.
fn judge(papers: &[Paper], posted: &[Posted]) -> anyhow::Result<()> {
    for (number, (paper, posted)) in papers.iter().zip(posted).enumerate() {
        let as_meant = if paper.is_false {
            posted.status.is_client_error() && posted.code.as_deref() == Some("proof")
        } else {
            posted.status == StatusCode::CREATED
        };
        let kind = if paper.is_false { "false" } else { "good" };
        ensure!(as_meant, "{kind} ballot {number} was answered {} {:?}", posted.status, posted.code);
    }
    let refused = papers.iter().filter(|paper| paper.is_false).count();
    println!("{} ballots taken, {refused} false ones refused, each by itself", papers.len() - refused);
    Ok(())
}

fn report(posted: &[Posted], took: Duration, used: Duration) -> anyhow::Result<()> {
    let count = f64::from(u32::try_from(posted.len())?);
    let times: Vec<f64> = posted.iter().map(|posted| posted.took.as_secs_f64()).collect();
    let rate = count / took.as_secs_f64();
    println!(
        "{rate:.0} ballots/s over HTTP ({count} in {:.2} s, {AT_ONCE} at once), {} 1000/s; median {:.2} s, 99 % in {:.2} s",
        took.as_secs_f64(),
        if rate >= 1000.0 { "reaches" } else { "MISSES" },
        percentile(times.clone(), 50)?,
        percentile(times, 99)?,
    );
    let each = used.as_secs_f64() / count;
    println!(
        "the server used {:.0} us of processor time for each: {:.0}/s if two cores had nothing else to do",
        each * 1e6,
        2.0 / each
    );
    Ok(())
}

/// Fetches every receipt and checks its proof; how many there were.
fn receipts(address: &str, manifest: &Manifest, papers: &[Paper]) -> anyhow::Result<usize> {
    let policy = Policy::of_log(manifest.log.log.clone());
    let good: Vec<&Paper> = papers.iter().filter(|paper| !paper.is_false).collect();
    crowd::each(REGISTERING, good.len(), &|http, place| {
        let ballot = &good.get(place).context("no ballot")?.ballot;
        let request = Request::get(format!("{address}/receipts/{}", TrackingCode::of(ballot).as_str()));
        let answer = web::call(http, request.body(Vec::new())?)?;
        let proof: TlogProof = str::from_utf8(answer.body())?.parse()?;
        let logged = proof.verify(&policy, Hash::leaf(ballot))?;
        ensure!(logged.index() > 0, "a ballot in the place of the manifest");
        Ok(())
    })?;
    Ok(good.len())
}
