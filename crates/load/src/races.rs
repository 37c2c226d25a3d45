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
    /// The answers of those who did not win, by status; 0: no answer.
    losers: BTreeMap<u16, u64>,
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
            let statuses = race(&mut webs, kind.leg(), requests);
            tallies.entry(kind.name()).or_default().enter(&statuses);
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

/// Sends all requests at the same moment, and returns the statuses of the answers.
fn race(webs: &mut [Http], leg: Leg, requests: Vec<http::Request<Vec<u8>>>) -> Vec<u16> {
    let start = Barrier::new(requests.len());
    thread::scope(|scope| {
        let contenders = webs.iter_mut().zip(requests).map(|(web, request)| {
            let start = &start;
            scope.spawn(move || {
                start.wait();
                web.send(leg, request).map_or(0, |response| response.status().as_u16())
            })
        });
        let contenders: Vec<_> = contenders.collect();
        contenders.into_iter().map(|contender| contender.join().unwrap_or(0)).collect()
    })
}

impl Tally {
    fn enter(&mut self, statuses: &[u16]) {
        let (winners, losers): (Vec<u16>, Vec<u16>) = statuses.iter().partition(|status| **status == 200);
        match winners.len() {
            0 => self.none += 1,
            1 => self.one += 1,
            _ => self.several += 1,
        }
        for status in losers {
            *self.losers.entry(status).or_default() += 1;
        }
    }

    /// Whether every race had one winner, and everybody else was told so.
    fn is_clean(&self) -> bool {
        let told = |status: &u16| (400..500).contains(status) && *status != 429;
        self.one > 0 && self.none == 0 && self.several == 0 && self.losers.keys().all(told)
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
            let Tally { one, none, several, losers } = tally;
            json!({ "one_winner": one, "no_winner": none, "several_winners": several, "losers": losers })
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
        for (name, Tally { one, none, several, losers }) in &self.tallies {
            writeln!(
                f,
                "{name:<20} {one} won by one, {none} by nobody, {several} by several; others: {losers:?}"
            )?;
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

    #[test]
    fn one_winner_and_clean_refusals_are_needed() {
        let clean = |rounds: &[&[u16]]| {
            let mut tally = Tally::default();
            for statuses in rounds {
                tally.enter(statuses);
            }
            tally.is_clean()
        };
        assert!(clean(&[&[400, 200, 410], &[200, 400, 409]]));
        for bad in [
            &[][..],
            &[&[400, 410][..]],
            &[&[200, 200, 400]],
            &[&[200, 400], &[400, 400]],
            &[&[200, 0]],
            &[&[200, 500]],
            &[&[200, 503]],
            &[&[200, 429]],
        ] {
            assert!(!clean(bad), "{bad:?}");
        }
    }
}
