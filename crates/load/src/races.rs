//! What works once, tried by many at the same time on every node.

use crate::web::{Http, Leg, Web as _};
use crate::{contest::Contest, prepare::Prepared, town::Town};
use anyhow::Result;
use serde_json::{Value, json};
use std::{collections::BTreeMap, fmt, sync::Barrier, thread};

/// How many try at the same time.
const CONTENDERS: u16 = 100;

/// After so many rounds others race: one address may not try codes for long.
const BLOCK: u32 = 20;

/// What came of one kind of race.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct Tally {
    /// Races that exactly one won.
    one: u32,
    /// Races that nobody won.
    none: u32,
    /// Races that more than one won.
    several: u32,
    /// How many came too late, by what they were told.
    refused: BTreeMap<String, u64>,
    /// How many asked too often to be let into the race.
    limited: u64,
    /// How many got an answer that nobody should get, by what it said, or none.
    failed: BTreeMap<String, u64>,
}

/// The answer to one who raced.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Told {
    Won,
    Refused(String),
    Limited,
    Failed(String),
}

impl Told {
    /// A status, and the rule or the protocol's word in the body.
    fn of(status: u16, body: &[u8]) -> Self {
        let said = serde_json::from_slice::<Value>(body).ok();
        let word = said.as_ref().and_then(|said| said.get("rule").or_else(|| said.get("error")));
        let named = || format!("{status} {}", word.and_then(Value::as_str).unwrap_or("without a word"));
        match status {
            200 => Self::Won,
            429 => Self::Limited,
            400..500 => Self::Refused(named()),
            _ => Self::Failed(named()),
        }
    }
}

/// What came of all races.
#[derive(Debug)]
pub struct Report {
    rounds: u32,
    tallies: BTreeMap<&'static str, Tally>,
    /// Credentials that the races for nonces should have brought, and did.
    issued: (u64, u64),
}

/// Runs `rounds` races of each kind.
///
/// # Errors
/// A race cannot be prepared.
pub fn run(town: &Town, rounds: u32) -> Result<Report> {
    let mut prepared = Prepared::new(town)?;
    let mut tallies: BTreeMap<&'static str, Tally> = BTreeMap::new();
    let mut webs = Vec::new();
    for round in 0..rounds {
        if round % BLOCK == 0 {
            eprintln!("round {round} of {rounds}");
            webs = contenders(town, round);
        }
        for kind in Contest::ALL {
            let requests = prepared.requests(kind, CONTENDERS.into())?;
            let told = race(&mut webs, kind.leg(), requests);
            tallies.entry(kind.name()).or_default().enter(&told);
        }
    }
    let issued = prepared.issued()?;
    Ok(Report { rounds, tallies, issued })
}

/// Those who race from `round` on.
fn contenders(town: &Town, round: u32) -> Vec<Http> {
    let block = u16::try_from(round / BLOCK % 100).unwrap_or_default();
    let first = 1 + block * CONTENDERS;
    (first..first + CONTENDERS).map(|number| Http::new(town.nodes(), number)).collect()
}

/// Sends all requests at the same moment.
fn race(webs: &mut [Http], leg: Leg, requests: Vec<http::Request<Vec<u8>>>) -> Vec<Told> {
    let start = Barrier::new(requests.len());
    thread::scope(|scope| {
        let contenders = webs.iter_mut().zip(requests).map(|(web, request)| {
            let start = &start;
            scope.spawn(move || {
                start.wait();
                match web.send(leg, request) {
                    Ok(response) => Told::of(response.status().as_u16(), response.body()),
                    Err(error) => Told::Failed(error.to_string()),
                }
            })
        });
        let contenders: Vec<_> = contenders.collect();
        let told = contenders.into_iter().map(thread::ScopedJoinHandle::join);
        told.map(|told| told.unwrap_or_else(|_| Told::Failed("the driver broke down".to_owned()))).collect()
    })
}

impl Tally {
    fn enter(&mut self, told: &[Told]) {
        match told.iter().filter(|told| **told == Told::Won).count() {
            0 => self.none += 1,
            1 => self.one += 1,
            _ => self.several += 1,
        }
        for told in told {
            match told {
                Told::Won => {}
                Told::Refused(said) => *self.refused.entry(said.clone()).or_default() += 1,
                Told::Limited => self.limited += 1,
                Told::Failed(said) => *self.failed.entry(said.clone()).or_default() += 1,
            }
        }
    }

    /// Whether every race had one winner, somebody who came too late, and nobody who learned nothing.
    fn is_clean(&self) -> bool {
        let Self { one, none, several, refused, limited: _, failed } = self;
        let late: u64 = refused.values().sum();
        *one > 0 && *none == 0 && *several == 0 && failed.is_empty() && late >= u64::from(*one)
    }
}

impl Report {
    /// Whether every race had one winner.
    pub fn passed(&self) -> bool {
        self.tallies.len() == Contest::ALL.len()
            && self.tallies.values().all(Tally::is_clean)
            && self.issued.0 == self.issued.1
    }

    /// For machines.
    pub fn to_json(&self) -> Value {
        let tally = |tally: &Tally| {
            let Tally { one, none, several, refused, limited, failed } = tally;
            json!({
                "one_winner": one, "no_winner": none, "several_winners": several,
                "refused": refused, "limited": limited, "failed": failed,
            })
        };
        let races: BTreeMap<_, _> = self.tallies.iter().map(|(name, one)| (*name, tally(one))).collect();
        json!({
            "passed": self.passed(), "rounds": self.rounds, "contenders": CONTENDERS, "races": races,
            "credentials_expected": self.issued.0, "credentials_issued": self.issued.1,
        })
    }
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (name, Tally { one, none, several, refused, limited, failed }) in &self.tallies {
            write!(f, "{name:<20} {one} won by one, {none} by nobody, {several} by several; refused:")?;
            refused.iter().try_for_each(|(said, count)| write!(f, " {count} × {said},"))?;
            write!(f, " {limited} × 429 by a limit")?;
            failed.iter().try_for_each(|(said, count)| write!(f, ", FAILED: {count} × {said}"))?;
            writeln!(f)?;
        }
        let (word, (expected, issued)) = (if self.passed() { "passed" } else { "FAILED" }, self.issued);
        let rounds = self.rounds;
        writeln!(
            f,
            "{word}: {rounds} rounds, {CONTENDERS} at once; {issued} credentials issued of {expected}"
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn is_clean(rounds: &[&[u16]]) -> bool {
        let mut tally = Tally::default();
        for statuses in rounds {
            let told = statuses.iter().map(|status| Told::of(*status, b"{}"));
            tally.enter(&told.collect::<Vec<_>>());
        }
        tally.is_clean()
    }

    #[test]
    fn one_winner_and_clean_refusals_are_needed() {
        assert!(is_clean(&[&[400, 200, 410], &[200, 400, 409]]));
        assert!(is_clean(&[&[429, 200, 400, 429]]), "a limit is a refusal");
        for bad in [
            &[][..],
            &[&[400, 410][..]],
            &[&[200, 200, 400]],
            &[&[200, 400], &[400, 400]],
            &[&[200, 400, 500]],
            &[&[200, 400, 503]],
            &[&[200, 400, 302]],
            // Nobody raced with the winner.
            &[&[200, 429]],
            &[&[429, 429]],
        ] {
            assert!(!is_clean(bad), "{bad:?}");
        }
    }

    #[test]
    fn what_somebody_is_told_is_named() {
        assert_eq!(Told::of(200, b"{}"), Told::Won);
        assert_eq!(Told::of(429, b"{}"), Told::Limited);
        assert_eq!(
            Told::of(400, br#"{"error":"invalid_grant"}"#),
            Told::Refused("400 invalid_grant".to_owned())
        );
        assert_eq!(Told::of(410, br#"{"rule":"VP-RSP-11a"}"#), Told::Refused("410 VP-RSP-11a".to_owned()));
        assert_eq!(Told::of(503, b""), Told::Failed("503 without a word".to_owned()));
    }
}
