//! Flows whose servers are killed under them.

use crate::{
    flow::{FlowError, Patience, Phone, Pocket},
    manage::{ManageError, Persistent, Tenant},
    town::{Service, Town},
    web::{Http, SendError},
};
use anyhow::{Context as _, Result};
use serde_json::{Value, json};
use sinpyo_core::{encoding::from_base64url, json as strict};
use sinpyo_openid4vci::wallet::ReceiveError;
use sinpyo_openid4vp::wallet::{FetchError, PostError};
use std::{
    collections::{BTreeMap, BTreeSet},
    fmt,
    sync::{
        Mutex, PoisonError,
        atomic::{AtomicBool, AtomicU64, Ordering},
    },
    thread,
    time::Duration,
};

/// Wallets at once.
const WALLETS: u16 = 20;
/// How long a wallet goes on.
const PATIENCE: Patience = Patience::For(Duration::from_secs(30));
/// Between two kills, in milliseconds: never at the same place of a flow.
const PAUSES: [u64; 5] = [350, 550, 200, 800, 450];
/// Sentences that are kept.
const KEPT: usize = 10;

/// What came of it.
#[derive(Debug, Default)]
pub struct Report {
    engine: &'static str,
    flows: u64,
    kills: u64,
    completed: u64,
    /// Flows that ended with an error that says what happened, by what it says.
    refused: BTreeMap<String, u64>,
    /// Flows that ended without anybody knowing what happened.
    unclear: Vec<String>,
    /// Credentials that wallets hold.
    held: u64,
    /// Credentials that wallets hold and the issuer does not know.
    lost: u64,
    issued: u64,
    /// Offers for which more than one credential was issued.
    twice: u64,
}

/// What a flow left behind.
#[derive(Debug)]
struct Trace {
    /// The offer, if it was made.
    offer: Option<String>,
    /// Where the status of each credential stands that the wallet holds.
    held: Vec<Place>,
    outcome: Result<()>,
}

/// A status list and a place in it.
pub type Place = (String, u64);

/// Runs `flows` flows while the servers of `town` are killed, one after the other, and started again.
///
/// # Errors
/// The services cannot be asked or started again.
pub fn run(town: &Town, engine: &'static str, flows: u64) -> Result<Report> {
    let mut web = Http::new(town.nodes(), 0);
    let issuer = town.log_in(Service::Issuer, &mut web)?;
    let verifier = town.log_in(Service::Verifier, &mut web)?;
    let before = town.issued(&issuer, &mut web)?;
    let (next, is_over) = (AtomicU64::new(0), AtomicBool::new(false));
    let traces = Mutex::new(Vec::new());
    let kills = thread::scope(|scope| {
        let wallets: Vec<_> = (1..=WALLETS)
            .map(|number| {
                let (next, traces, issuer, verifier) = (&next, &traces, &issuer, &verifier);
                scope.spawn(move || {
                    let mut web = Http::new(town.nodes(), number);
                    let mut phone = town.phone().patient(PATIENCE);
                    while next.fetch_add(1, Ordering::SeqCst) < flows {
                        let trace = flow(town, (issuer, verifier), &mut phone, &mut web);
                        traces.lock().unwrap_or_else(PoisonError::into_inner).push(trace);
                    }
                })
            })
            .collect();
        let is_over = &is_over;
        let killer = scope.spawn(move || kill(town, is_over));
        for wallet in wallets {
            drop(wallet.join());
        }
        is_over.store(true, Ordering::SeqCst);
        killer.join().unwrap_or_else(|_| anyhow::bail!("the killer ended early"))
    })?;
    let traces = traces.into_inner().unwrap_or_else(PoisonError::into_inner);
    let entries = town.entries(&issuer, &mut Persistent(&mut web))?;
    let mut report = judge(&traces, &entries);
    report.issued = report.issued.saturating_sub(before);
    Ok(Report { engine, flows, kills, ..report })
}

/// Kills servers until it is over.
fn kill(town: &Town, is_over: &AtomicBool) -> Result<u64> {
    let mut kills = 0;
    for (pause, service) in
        PAUSES.iter().cycle().zip([Service::Issuer, Service::Verifier].into_iter().cycle())
    {
        thread::sleep(Duration::from_millis(*pause));
        if is_over.load(Ordering::SeqCst) {
            break;
        }
        town.kill_and_start(service)?;
        kills += 1;
    }
    Ok(kills)
}

fn flow(town: &Town, (issuer, verifier): (&Tenant, &Tenant), phone: &mut Phone, web: &mut Http) -> Trace {
    let (mut offer, mut pocket) = (None, Pocket::new());
    let mut through = || -> Result<()> {
        let offered = issuer.offer(&town.order(), &mut Persistent(web)).context("offer")?;
        offer = Some(offered.id);
        let proposal = phone.discover(&offered.link, web).context("discovery")?;
        phone.receive(&proposal, offered.code.as_deref(), &mut pocket, web).context("issuance")?;
        let opened = verifier.open(&town.question(), &mut Persistent(web)).context("request")?;
        let shown = phone.present(&opened.link, &mut pocket, web).context("presentation");
        // Whatever became of the answer to the wallet: what counts is what the service gets.
        let result = verifier.result(&opened.id, None, &mut Persistent(web)).context("result");
        result.map(drop).map_err(|error| shown.err().unwrap_or(error))
    };
    let outcome = through();
    let held = pocket.wires().iter().filter_map(|wire| place(wire)).collect();
    Trace { offer, held, outcome }
}

/// Where the status of an SD-JWT VC stands.
fn place(wire: &str) -> Option<Place> {
    let payload = from_base64url(wire.split('.').nth(1)?).ok()?;
    let claims = strict::parse_object(&payload).ok()?;
    let entry = claims.get("status")?.get("status_list")?;
    let (_, list) = entry.get("uri")?.as_str()?.split_once("/status/")?;
    Some((list.to_owned(), entry.get("idx")?.as_u64()?))
}

/// Compares what wallets hold with what the issuer says: by offer, the places of what was issued.
fn judge(traces: &[Trace], entries: &BTreeMap<String, Vec<Place>>) -> Report {
    let mut report = Report::default();
    for trace in traces {
        match &trace.outcome {
            Ok(()) => report.completed += 1,
            Err(error) if is_clear(error) => {
                *report.refused.entry(format!("{error:#}")).or_default() += 1;
            }
            Err(error) => report.unclear.push(format!("{error:#}")),
        }
        let known: BTreeSet<&Place> =
            trace.offer.iter().filter_map(|offer| entries.get(offer)).flatten().collect();
        for place in &trace.held {
            report.held += 1;
            report.lost += u64::from(!known.contains(place));
        }
    }
    let counts = || entries.values().map(Vec::len);
    report.issued = counts().map(|count| u64::try_from(count).unwrap_or(u64::MAX)).sum();
    report.twice = counts().filter(|count| *count > 1).map(|_| 1).sum();
    report
}

/// Whether the one who met the error knows what happened.
fn is_clear(error: &anyhow::Error) -> bool {
    let passing = |status: u16| status == 429 || status >= 500;
    !error.chain().any(|cause| {
        cause.is::<SendError>()
            || matches!(cause.downcast_ref(), Some(FlowError::Endless | FlowError::Send(_)))
            || matches!(cause.downcast_ref(), Some(FlowError::Receive(ReceiveError::Status(status))) if passing(*status))
            || matches!(cause.downcast_ref(), Some(FlowError::Fetch(FetchError::Status(status))) if passing(*status))
            || matches!(cause.downcast_ref(), Some(FlowError::Post(PostError::Refused(status))) if passing(*status))
            || matches!(cause.downcast_ref(), Some(ManageError::Refused { status, .. }) if passing(*status))
            || matches!(cause.downcast_ref(), Some(ManageError::Send(_)))
    })
}

impl Report {
    /// Whether every flow ended, and nothing was lost or issued twice.
    pub fn passed(&self) -> bool {
        let refused: u64 = self.refused.values().sum();
        let ended = self.completed.saturating_add(refused);
        let is_tried = self.kills > 0 && self.completed > 0;
        is_tried && ended == self.flows && self.unclear.is_empty() && self.lost == 0 && self.twice == 0
    }

    /// For machines.
    pub fn to_json(&self) -> Value {
        let Self { engine, flows, kills, completed, refused, unclear, held, lost, issued, twice } = self;
        json!({
            "passed": self.passed(), "engine": engine, "flows": flows, "kills": kills, "completed": completed,
            "clear_errors": refused, "unclear": unclear.len(), "unclear_first": unclear.iter().take(KEPT).collect::<Vec<_>>(),
            "held": held, "lost": lost, "issued": issued, "issued_twice": twice,
        })
    }
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { engine, flows, kills, completed, unclear, held, lost, issued, twice, .. } = self;
        for (error, count) in &self.refused {
            writeln!(f, "  {count} ended with: {error}")?;
        }
        unclear.iter().take(KEPT).try_for_each(|error| writeln!(f, "  unclear: {error}"))?;
        let word = if self.passed() { "passed" } else { "FAILED" };
        writeln!(
            f,
            "{word} on {engine}: {flows} flows, {kills} kills, {completed} completed, {} unclear; wallets hold {held} \
             credentials, {lost} unknown to the issuer; {issued} issued, {twice} offers twice",
            unclear.len(),
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn trace(offer: &str, held: &[u64], outcome: Result<()>) -> Trace {
        let held = held.iter().map(|index| ("list".to_owned(), *index)).collect();
        Trace { offer: Some(offer.to_owned()), held, outcome }
    }

    fn entries(all: &[(&str, &[u64])]) -> BTreeMap<String, Vec<Place>> {
        let places = |indexes: &[u64]| indexes.iter().map(|index| ("list".to_owned(), *index)).collect();
        all.iter().map(|(offer, indexes)| ((*offer).to_owned(), places(indexes))).collect()
    }

    fn refusal(status: u16) -> anyhow::Error {
        anyhow::Error::from(ManageError::Refused { status, rule: String::new() }).context("result")
    }

    fn judged(traces: &[Trace], issued: &[(&str, &[u64])]) -> Report {
        let flows = u64::try_from(traces.len()).unwrap();
        Report { flows, kills: 1, ..judge(traces, &entries(issued)) }
    }

    #[test]
    fn what_wallets_hold_is_what_was_issued_once() {
        let traces = || [trace("a", &[1], Ok(())), trace("b", &[], Err(refusal(410)))];
        let good = judged(&traces(), &[("a", &[1]), ("b", &[2])]);
        assert!(good.passed(), "{good}");
        assert_eq!((good.held, good.issued, good.refused.len()), (1, 2, 1));
        assert!(!judged(&traces(), &[("b", &[1])]).passed(), "lost");
        assert!(!judged(&traces(), &[("a", &[2])]).passed(), "another one");
        assert!(!judged(&traces(), &[("a", &[1, 2])]).passed(), "twice");
        assert!(!judged(&[trace("a", &[], Err(refusal(410)))], &[]).passed(), "nothing was tried");
    }

    #[test]
    fn an_error_that_says_nothing_is_none() {
        let unclear = [
            refusal(503),
            anyhow::Error::from(FlowError::Send(SendError::Answer)),
            anyhow::Error::from(ManageError::Send(SendError::Answer)),
            FlowError::Receive(ReceiveError::Status(500)).into(),
            FlowError::Endless.into(),
        ];
        for error in unclear {
            assert!(
                !judged(&[trace("a", &[1], Ok(())), trace("b", &[], Err(error))], &[("a", &[1])]).passed()
            );
        }
        assert!(is_clear(&FlowError::Receive(ReceiveError::Status(400)).into()));
    }
}
