//! A whole election on this machine: board, relay and trustees as processes with folders of their own, a wallet for each
//! voter, and everything that goes over the wire.
//!
//! What is shared among the wallets, and would not be in the world: one reading of the election for each phase (every
//! hundredth wallet reads for itself), and a cache of the rings, which everybody may keep for ever.

mod citizens;
mod hostile;
mod pace;
mod papers;
mod town;

use super::{machine::Cores, office::Office, place::Place as RecordPlace, voter::read, wire::Wire};
use crate::{
    os::{OsEntropy, SystemClock},
    say::Voice,
};
use anyhow::{Context, Result, bail};
use citizens::{Citizens, Order};
use serde_json::{Value, json};
use sinpyo_ballot::group::Ristretto;
use sinpyo_core::{key::Entropy as _, time::Clock as _};
use sinpyo_crypto::hash::Sha256;
use sinpyo_store::{SqliteLog, export};
use sinpyo_voting::{
    audit::{Outcome as AuditOutcome, Report, examine},
    election::Rules,
    phase::Phase,
    voter::{Election, Place},
};
use std::{
    fmt::Write as _,
    path::Path,
    thread::sleep,
    time::{Duration, Instant},
};
use town::Town;

/// Trustees, and how many of them open the sums.
pub(crate) const TRUSTEES: usize = 5;
const THRESHOLD: usize = 3;
/// Longest wait for a step that others take.
const PATIENCE: Duration = Duration::from_mins(10);
const PERIOD: Duration = Duration::from_millis(300);

/// What is to be held.
#[derive(Debug)]
pub(crate) struct Plan {
    /// The option that each voter wants to be counted; 0 is blank.
    pub(crate) choices: Vec<u8>,
    /// How many options there are.
    pub(crate) options: u8,
    pub(crate) districts: usize,
    /// Whether there are rings, or tokens of the registrar.
    pub(crate) has_rings: bool,
    /// Ballots that are made to be refused.
    pub(crate) hostile: usize,
    /// When the ballot box closes, in seconds from the beginning; estimated if nothing is said.
    pub(crate) closes_after: Option<u64>,
    /// Stop when the election has come so far.
    pub(crate) until: Phase,
}

/// What became of it.
#[derive(Debug)]
pub(crate) struct Outcome {
    pub(crate) voters: usize,
    pub(crate) ballots: u64,
    pub(crate) rejected: u64,
    pub(crate) duplicates: u64,
    pub(crate) result_ok: bool,
    /// What is not as it was meant, in words.
    pub(crate) faults: Vec<String>,
    pub(crate) bytes_per_ballot: usize,
    pub(crate) report: Report,
}

/// Choices that anybody draws alike from the same seed: blank and the options, each as likely.
pub(crate) fn drawn(seed: u64, voters: usize, options: u8) -> Vec<u8> {
    let choice = |voter: usize| {
        let mut hash = Sha256::new();
        hash.update(b"sinpyo vote simulate");
        hash.update(&seed.to_le_bytes());
        hash.update(&u64::try_from(voter).unwrap_or(u64::MAX).to_le_bytes());
        let [a, b, c, d, ..] = hash.finish();
        let number = u32::from_le_bytes([a, b, c, d]) % (u32::from(options) + 1);
        u8::try_from(number).unwrap_or(0)
    };
    (0..voters).map(choice).collect()
}

impl Plan {
    /// Fewest counted ballots whose sum is opened: the usual fifty, where there are enough voters.
    fn floor(&self) -> usize {
        let smallest = self.choices.len() / self.districts.max(1);
        smallest.clamp(1, 50)
    }

    /// The district of a voter.
    fn district(&self, voter: usize) -> usize {
        voter % self.districts.max(1)
    }

    fn draft(&self, opens: i64, closes: i64) -> Value {
        let named = |ko: String, en: String| json!({"ko": ko, "en": en});
        let options: Vec<Value> = (1..=self.options)
            .map(|number| named(format!("후보 {number}"), format!("Candidate {number}")))
            .collect();
        let district = |number: usize| {
            let legal =
                self.choices.iter().enumerate().filter(|(voter, _)| self.district(*voter) == number).count();
            json!({"name": named(format!("{}구", number + 1), format!("District {}", number + 1)), "legal": legal})
        };
        let trustees: Vec<Value> = (1..=TRUSTEES)
            .map(|number| named(format!("수탁자 {number}"), format!("Trustee {number}")))
            .collect();
        json!({
            "draft": {
                "title": named("모의 선거".to_owned(), "Simulated election".to_owned()),
                "profile": if self.has_rings { "ring" } else { "token" },
                "revote": "last",
                "floor": self.floor(),
                "threshold": THRESHOLD,
                "opens": opens,
                "closes": closes,
                "contests": [{
                    "title": named("대표".to_owned(), "Chair".to_owned()), "options": options, "districts": [],
                }],
                "districts": (0..self.districts).map(district).collect::<Vec<_>>(),
                "witnesses": [],
                "quorum": 0,
                "admission": true,
            },
            "trustees": trustees,
            "ask": null,
        })
    }

    /// The roll as an office has it, with codes of its own.
    fn roll(&self, codes: &[String]) -> String {
        let mut csv = String::from("district,label,code\n");
        for (voter, code) in codes.iter().enumerate() {
            // Writing to a string does not fail.
            let _ = writeln!(csv, "d{},{}호,{code}", self.district(voter) + 1, voter + 1);
        }
        csv
    }
}

/// Codes that the office draws.
fn codes(count: usize) -> Vec<String> {
    const LETTERS: &[u8; 32] = b"ABCDEFGHJKLMNPQRSTUVWXYZ23456789";
    let code = |_| {
        let mut random = [0; 16];
        OsEntropy.fill(&mut random);
        let letter = |byte: &u8| LETTERS.get(usize::from(byte & 31)).copied().map_or('A', char::from);
        random.iter().map(letter).collect()
    };
    (0..count).map(code).collect()
}

/// Holds the election in `folder`; nothing if it stopped before the result, as was asked.
pub(crate) fn run(plan: &Plan, folder: &Path, voice: Voice) -> Result<Option<Outcome>> {
    let begun = Instant::now();
    let say = |ko: &str, en: &str| {
        voice.tell(
            &format!("{:>6.1} s  {ko}", begun.elapsed().as_secs_f64()),
            &format!("{:>6.1} s  {en}", begun.elapsed().as_secs_f64()),
        );
    };
    let lasts = match plan.closes_after {
        Some(seconds) => seconds,
        None => pace::lasts(plan)?,
    };
    let opens = SystemClock.now();
    let closes = opens.plus(Duration::from_secs(lasts));
    say(&format!("마감은 {lasts}초 뒤입니다"), &format!("the ballot box closes in {lasts} s"));
    let mut town = Town::found(folder)?;
    let office = town.office()?;
    let answer = office.post("", &plan.draft(opens.unix(), closes.unix()))?;
    let election = answer.get("election").and_then(Value::as_str).context("no election was made")?.to_owned();
    let address = format!("{}/e/{election}", town.board());
    for (number, link) in (1..).zip(answer.get("trustees").and_then(Value::as_array).into_iter().flatten()) {
        town.start_trustee(number, link.as_str().context("an invitation is no text")?)?;
    }
    let codes = codes(plan.choices.len());
    office.roll(&election, plan.roll(&codes).into_bytes())?;
    stubbornly(&mut town, &office, &election, "call")?;
    say("공고했고, 수탁자들이 열쇠를 만듭니다", "called; the trustees make the keys");
    stubbornly(&mut town, &office, &election, "done")?;
    let wire = Wire::new()?;
    let place = Place::parse(&address)?;
    let known = until_read(&wire, &place, Phase::Registration)?;
    say("유권자가 등록합니다", "voters register");
    let citizens = Citizens::register(plan, &known, &codes, voice)?;
    office.step(&election, "freeze")?;
    say("명부를 확정했습니다", "the roll is frozen");
    wait(&mut town, &wire, &address, Phase::Open)?;
    let known = until_read(&wire, &place, Phase::Open)?;
    say("투표합니다", "voters vote");
    let expected = citizens.vote(&Order { plan, election: &known, board: town.board() }, voice)?;
    if closes < SystemClock.now() {
        bail!("voting took longer than {lasts} s: give it more with --closes-after");
    }
    say("모두 투표했고, 마감을 기다립니다", "all have voted; the close is waited for");
    wait(&mut town, &wire, &address, Phase::Closed)?;
    citizens.confirm(&until_read(&wire, &place, Phase::Closed)?, voice)?;
    say("모든 접수증이 증명되었습니다", "every receipt is proven");
    if plan.until <= Phase::Closed {
        return Ok(None);
    }
    wait(&mut town, &wire, &address, Phase::Tallied)?;
    town.finish(&wire, &address)?;
    say("결과가 공표되었고, 기록을 검증합니다", "the result is announced; the record is audited");
    let log = folder.join(format!("board/elections/{election}.db"));
    let record = folder.join("record");
    export::export(&SqliteLog::open(&log, Rules::new(), SystemClock)?, &record)?;
    let record = RecordPlace::open(record.to_str().context("the folder's name is no text")?)?;
    let report = examine(&record, &Cores::all(voice), &mut OsEntropy)?.report;
    judge(plan, &known, &expected, report).map(Some)
}

/// What the ballot box must have done, as those who used it know it.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Expected {
    /// Ballots that were taken.
    pub(crate) taken: u64,
    /// Ballots that were refused with an entry.
    pub(crate) refused: u64,
}

/// Compares the record with what was meant.
fn judge(plan: &Plan, election: &Election, expected: &Expected, report: Report) -> Result<Outcome> {
    let mut meant = vec![0_u64; usize::from(plan.options) + 1];
    for choice in &plan.choices {
        *meant.get_mut(usize::from(*choice)).context("a choice is out of bounds")? += 1;
    }
    let mut counted = vec![0_u64; meant.len()];
    let result = report.result.as_ref();
    for contest in result.into_iter().flat_map(|result| &result.groups).flat_map(|group| &group.contests) {
        let columns = std::iter::once(&contest.blank).chain(&contest.counts);
        counted.iter_mut().zip(columns).for_each(|(sum, count)| *sum += count);
    }
    let is_open = result.is_some_and(|result| result.withheld.is_empty());
    let voters: u64 = report.turnout.iter().map(|district| district.counted).sum();
    let rejected = report.proofs.rejected;
    let mut faults = Vec::new();
    if !is_open || counted != meant {
        faults.push(format!("counted were {counted:?}, meant {meant:?}"));
    }
    if report.ballots != expected.taken || rejected != expected.refused {
        let Expected { taken, refused } = expected;
        let ballots = report.ballots;
        faults.push(format!("the record has {ballots} ballots of {taken}, {rejected} refused of {refused}"));
    }
    let outcomes = report.verdicts.iter().filter(|verdict| verdict.outcome != AuditOutcome::Passed);
    faults.extend(outcomes.map(|verdict| match &verdict.first {
        Some(first) => format!("{}: {}: {}", verdict.check, first.item, first.reason),
        None => format!("{}: not reached", verdict.check),
    }));
    let shape = election.manifest().shape(0).context("the election has no ballots")?;
    Ok(Outcome {
        voters: plan.choices.len(),
        ballots: report.ballots,
        rejected,
        duplicates: report.ballots.saturating_sub(voters),
        result_ok: is_open
            && counted == meant
            && report.ballots == expected.taken
            && rejected == expected.refused,
        faults,
        bytes_per_ballot: shape.ballot_length::<Ristretto>(),
        report,
    })
}

/// Takes a step as soon as its time has come.
fn stubbornly(town: &mut Town, office: &Office, election: &str, step: &str) -> Result<()> {
    let begun = Instant::now();
    loop {
        match office.step(election, step) {
            Ok(_) => return Ok(()),
            Err(error) if begun.elapsed() > PATIENCE => return Err(error),
            Err(_) => town.look()?,
        }
        sleep(PERIOD);
    }
}

/// Waits until the election has come so far.
fn wait(town: &mut Town, wire: &Wire, address: &str, phase: Phase) -> Result<()> {
    let begun = Instant::now();
    let mut moved = (begun, None);
    loop {
        let summary = super::office::summary(wire, address)?;
        let now = summary.get("phase").and_then(Value::as_str).and_then(Phase::from_name);
        if now.is_some_and(|now| now >= phase) {
            return Ok(());
        }
        if moved.1 != now {
            moved = (Instant::now(), now);
        }
        // The closing time is waited for however long that is.
        if now != Some(Phase::Open) && moved.0.elapsed() > PATIENCE {
            bail!("the election does not go on from phase {:?}", now.map(Phase::as_str));
        }
        town.look()?;
        sleep(PERIOD);
    }
}

/// Reads the election anew until the published log shows that it has come so far.
fn until_read(wire: &Wire, place: &Place, phase: Phase) -> Result<Election> {
    let begun = Instant::now();
    loop {
        match read(wire, Err(place.clone())) {
            Ok(election) if election.phase() >= phase => return Ok(election),
            Err(error) if begun.elapsed() > PATIENCE => return Err(error),
            _ if begun.elapsed() > PATIENCE => bail!("the published log does not show phase {phase}"),
            _ => sleep(PERIOD),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_seed_draws_the_same_choices() {
        let one = drawn(7, 1000, 5);
        assert_eq!(one, drawn(7, 1000, 5));
        assert_ne!(one, drawn(8, 1000, 5));
        assert_eq!(one[..100], drawn(7, 100, 5));
        for option in 0..=5 {
            let times: usize = one.iter().map(|choice| usize::from(*choice == option)).sum();
            assert!((100..=240).contains(&times), "{option}: {times}");
        }
        assert!(one.iter().all(|choice| *choice <= 5));
    }

    #[test]
    fn the_office_draws_different_codes() {
        let codes = codes(200);
        let different: std::collections::BTreeSet<&String> = codes.iter().collect();
        assert_eq!(different.len(), 200);
        assert!(codes.iter().all(|code| code.len() == 16));
    }
}
