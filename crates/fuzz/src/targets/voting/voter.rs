//! The voter's half: links, records, and what a service can make a voter believe.

use super::{
    HELD, MANIFEST, OK, SKIPPED,
    service::{FILES, Lie, lead, place},
    texts,
};
use crate::{Outcome, people::slot, targets::ballot::settings};
use http::Response;
use serde_json::json;
use sinpyo_ballot::ballot::TrackingCode;
use sinpyo_core::{Secret, encoding::to_base64url, jwk::PublicJwk, key::SignError};
use sinpyo_crypto::{Algorithm, SigningKey, hash::sha256};
use sinpyo_testkit::{TestEntropy, key};
use sinpyo_tlog::merkle::{Frontier, Hash};
use sinpyo_voting::{
    form::to_hex,
    phase::Phase,
    voter::{
        Booth, Casting, Checking, Choices, Confirming, Election, Finding, Found, Holder, Place, Reading,
        ReceiptState, RegisterStep, Registering, Step, Voter, VoterError, VoterLink, normal_code,
    },
};
use std::{str, sync::LazyLock};

pub(super) fn links() -> Vec<Vec<u8>> {
    let place = place();
    texts(&[
        place.address(),
        &place.link(),
        &format!("{}&code=ABCD-2345-EFGH-6789&later=x", place.link()),
        &format!("{}/", place.address()),
    ])
}

/// Where a link leads to is written as a link that leads there.
pub(crate) fn read_link(input: &[u8]) -> Outcome {
    let Ok(text) = str::from_utf8(input) else { return SKIPPED };
    match VoterLink::parse(text) {
        Ok(link) => {
            let again = VoterLink::parse(&link.place.link()).expect("what is written is read");
            assert_eq!(again.place, link.place);
            assert!(again.code.is_none(), "a poster with a code");
            assert!(link.place.address().ends_with(&to_hex(&link.place.election().0)));
            let bare = Place::parse(link.place.address()).expect("an address");
            assert_eq!((bare.address(), bare.election()), (link.place.address(), link.place.election()));
            if let Some(code) = &link.code {
                assert_eq!(normal_code(code.expose()).expose(), code.expose());
            }
            OK
        }
        Err(error) => error.code(),
    }
}

/// Voter 0 of the election, in its roll, with `head` and `more` in their record.
fn record(head: &str, more: &str) -> String {
    let seed = sha256(&[b"voter".as_slice(), &0_usize.to_le_bytes()].concat());
    let (own, line) = (to_hex(&slot(0)), HELD.place("register/0"));
    let slot = format!("slot {own} 0 {line}\n");
    format!("{}{slot}{more}", unregistered(&format!("seed {}\n{head}", to_base64url(&seed))))
}

fn unregistered(more: &str) -> String {
    let place = place();
    let host = place.host().map(|host| to_hex(host)).unwrap_or_default();
    format!("sinpyo-voter/1\nat {}\nhost {host}\n{more}", place.address())
}

/// The record of somebody who is not in the roll.
pub(crate) fn unregistered_record() -> Vec<u8> {
    unregistered(&format!("seed {}\n", to_base64url(&[9; 32]))).into_bytes()
}

fn voter(text: &str) -> Voter {
    Voter::read(&Secret::new(text.to_owned())).expect("a record")
}

pub(super) fn records() -> Vec<Vec<u8>> {
    let (seed, slot) = (format!("seed {}\n", to_base64url(&[9; 32])), to_hex(&slot(0)));
    let receipt = format!("receipt 70 {} {} proven\n", "a".repeat(20), "01".repeat(32));
    let title = format!("title en QQ\ntitle ko {}\n", to_base64url("선거".as_bytes()));
    let (head, at) = (format!("head 60 {}\nway board\n", "02".repeat(32)), "prove 2027-01-15T08:00:00Z\n");
    texts(&[
        &unregistered(&seed),
        &unregistered(&format!(
            "{seed}code ABCD\nasked {slot} 0 a.b.c\npending AAAA\nhidden AAAA\nshown e30\n"
        )),
        &unregistered(&format!("{title}{seed}{head}{at}")),
        &record("", "token AAAA\ntoken AQEB\n"),
        &record(&head, &format!("permit AAAA\nballot AQID\npay AAAA\n{receipt}{receipt}{at}")),
    ])
}

/// A record has one form, and says what it said.
pub(crate) fn read_record(input: &[u8]) -> Outcome {
    let Ok(text) = str::from_utf8(input) else { return SKIPPED };
    match Voter::read(&Secret::new(text.to_owned())) {
        Ok(voter) => {
            let written = voter.write();
            let again = Voter::read(&written).expect("what is written is read");
            assert_eq!(written.expose(), text, "a record has one form");
            assert_eq!(again.place(), voter.place());
            assert_eq!((again.slot(), again.district()), (voter.slot(), voter.district()));
            assert_eq!(again.receipts(), voter.receipts());
            assert!(!(voter.is_asking() && voter.is_registered()), "asking for what is there");
            OK
        }
        Err(error) => error.code(),
    }
}

/// `path`, a line feed, and what is served there.
fn served(paths: impl Iterator<Item = &'static str>) -> Vec<Vec<u8>> {
    let file = |path: &str| FILES.get(path).map(|file| [path.as_bytes(), b"\n", file].concat());
    paths.filter_map(file).collect()
}

fn lie(input: &[u8]) -> Option<(&str, &[u8])> {
    let at = input.iter().position(|byte| *byte == b'\n')?;
    Some((str::from_utf8(input.get(..at)?).ok()?, input.get(at + 1..)?))
}

pub(super) fn files() -> Vec<Vec<u8>> {
    served(FILES.keys().map(String::as_str).filter(|path| !path.starts_with("rings")))
}

fn read(voter: Option<&Voter>, lie: Lie<'_>) -> Result<Election, VoterError> {
    let mut reading = voter.map_or_else(|| Reading::begin(place()), Reading::again);
    lead(lie, |response| {
        response.map_or(Ok(()), |response| reading.supply(&response))?;
        reading.next()
    })
}

/// The election as a voter reads it who is told nothing but the truth.
static ELECTION: LazyLock<Election> = LazyLock::new(|| read(None, None).expect("a lawful record"));

/// A line for the record of who saw the log when it had so many entries.
fn seen(size: usize) -> String {
    let mut tree = Frontier::new();
    HELD.entries.iter().take(size).for_each(|entry| tree.append(Hash::leaf(&entry.bytes)));
    format!("head {size} {}\n", to_hex(tree.head().root.as_bytes()))
}

/// A service can hide what came last. It makes nobody believe anything else than what its log has.
pub(crate) fn read_election(input: &[u8]) -> Outcome {
    let Some(told) = lie(input) else { return SKIPPED };
    let voter = voter(&record(&seen(60), ""));
    match read(Some(&voter), Some(told)) {
        Ok(election) => {
            assert_eq!(election.head(), ELECTION.head(), "nobody signed this head");
            assert_eq!(election.place(), ELECTION.place());
            assert_eq!(election.manifest().hash(), MANIFEST.hash());
            assert!(election.result().is_none() || election.result() == ELECTION.result(), "another result");
            for contest in &MANIFEST.contests {
                let withdrawn = |one: &&_| election.is_withdrawn(contest, one);
                let mut withdrawn = contest.options.iter().filter(withdrawn);
                assert!(
                    withdrawn.all(|option| ELECTION.is_withdrawn(contest, option)),
                    "who did not withdraw"
                );
            }
            for (style, own) in (0..).zip(settings().settings()) {
                if let Ok(setting) = election.setting(style) {
                    assert_eq!((setting.context(), setting.keys()), (own.context(), own.keys()));
                }
            }
            if election.phase() == Phase::Tallied { OK } else { "less" }
        }
        Err(error) => error.code(),
    }
}

pub(super) fn ring_files() -> Vec<Vec<u8>> {
    served(FILES.keys().map(String::as_str).filter(|path| path.starts_with("rings")))
}

fn find(lie: Lie<'_>) -> Result<Found, VoterError> {
    let mut finding = Finding::begin(&ELECTION, &voter(&record("", "")))?;
    lead(lie, |response| {
        response.map_or(Ok(()), |response| finding.supply(&response))?;
        finding.next(&ELECTION)
    })
}

/// A voter finds the ring of the roll that has their commitment, or none.
pub(crate) fn find_ring(input: &[u8]) -> Outcome {
    let Some(told) = lie(input) else { return SKIPPED };
    match find(Some(told)) {
        Ok(found) => {
            let own = find(None).expect("the own ring");
            assert_eq!(found.ring().roster(), own.ring().roster(), "another ring");
            OK
        }
        Err(error) => error.code(),
    }
}

/// The answers to the beginning of a registration and to the request, a line each.
pub(super) fn answers() -> Vec<Vec<u8>> {
    let begun = json!({"ask": null, "district": 0, "expires": "2027-01-15T08:00:00Z", "nonce": "05".repeat(32),
        "replaces": false, "slot": "06".repeat(16), "tokens": 2});
    let mut asking = begun.clone();
    asking["ask"] = json!("openid4vp://?x");
    let admitted = json!({"blind_signatures": [], "credential": null, "index": 20, "token": null});
    let refused = json!({"code": "code"});
    texts(&[
        &format!("{begun}\n{admitted}"),
        &format!("{asking}\n{admitted}"),
        &format!("{begun}\n{refused}"),
    ])
}

/// A holder of a key.
struct Wallet {
    key: SigningKey,
    public: PublicJwk,
}

static WALLET: LazyLock<Wallet> = LazyLock::new(|| {
    let key = key(Algorithm::Ed25519, 9);
    Wallet { public: key.verifying_key().to_jwk(), key }
});

impl Holder for Wallet {
    fn public(&self) -> &PublicJwk {
        &self.public
    }

    fn sign(&self, message: &[u8]) -> Result<Box<[u8]>, SignError> {
        self.key.sign(message)
    }
}

/// Who is registered has the slot and the district that were shown before.
pub(super) fn register(input: &[u8]) -> Outcome {
    let mut answers = input.splitn(2, |byte| *byte == b'\n');
    let mut entropy = TestEntropy::new(1);
    let mut voter = Voter::new(place(), &mut entropy);
    let mut flow = Registering::begin(normal_code("ABCD-2345"));
    let mut agreed = None;
    for _ in 0..8 {
        let step = match flow.next(&voter) {
            Ok(RegisterStep::Send(_)) => {
                let body = answers.next().unwrap_or_default().to_vec();
                flow.supply(&mut voter, &ELECTION, &Response::new(body))
            }
            Ok(RegisterStep::Ask) => {
                agreed = flow.terms().map(|terms| (*terms.slot(), terms.district()));
                flow.agree(&mut voter, &ELECTION, (&*WALLET, None), &mut entropy)
            }
            Ok(RegisterStep::Keep) => {
                voter = Voter::read(&voter.write()).expect("what is written is read");
                flow.kept()
            }
            Ok(RegisterStep::Done) => {
                assert_eq!(voter.slot().copied().zip(voter.district()), agreed, "another line of the roll");
                assert!(voter.is_registered() && !voter.is_asking());
                return OK;
            }
            Err(error) => Err(error),
        };
        if let Err(error) = step {
            assert!(!voter.is_registered(), "refused and registered");
            return error.code();
        }
    }
    unreachable!("a registration has fewer steps")
}

fn ballot() -> (usize, Vec<u8>) {
    let place = HELD.place("ballot/0");
    (place, HELD.entries.get(place).map(|entry| entry.bytes.clone()).unwrap_or_default())
}

fn receipt() -> String {
    let (index, ballot) = ballot();
    json!({"checkpoint": null, "index": index, "tracking": TrackingCode::of(&ballot).as_str()}).to_string()
}

pub(super) fn receipts() -> Vec<Vec<u8>> {
    let mut all = served(FILES.keys().map(String::as_str).filter(|path| path.starts_with("log/")));
    all.push(format!("ballots\n{}", receipt()).into_bytes());
    all
}

/// A receipt is for the ballot that was sent, and proven only if the ballot stands in the log where it says.
pub(super) fn confirm(input: &[u8]) -> Outcome {
    let Some((path, bytes)) = lie(input) else { return SKIPPED };
    let (place, ballot) = ballot();
    let mut voter = voter(&record(&seen(60), &format!("ballot {}\n", to_base64url(&ballot))));
    let answer = if path == "ballots" { bytes.to_vec() } else { receipt().into_bytes() };
    let mut casting = Casting::new();
    if let Err(error) = casting.supply(&mut voter, &Response::new(answer)) {
        assert!(voter.receipts().is_empty(), "a receipt for nothing");
        return error.code();
    }
    assert!(matches!(casting.next(&voter, &ELECTION), Ok(Step::Done(()))) && !voter.is_posting());
    let mut confirming = Confirming::begin(&voter).expect("a receipt");
    let proven = lead(Some((path, bytes)), |response| {
        response.map_or(Ok(()), |response| confirming.supply(&response))?;
        confirming.next(&mut voter, &ELECTION)
    });
    let [receipt] = voter.receipts() else { panic!("one receipt") };
    assert_eq!(receipt.tracking(), TrackingCode::of(&ballot).as_str());
    assert_eq!(proven.is_ok(), receipt.state() == ReceiptState::Proven);
    match proven {
        Ok(()) => {
            assert_eq!(usize::try_from(receipt.index()).ok(), Some(place), "it is not there");
            OK
        }
        Err(error) => error.code(),
    }
}

/// What the first device shows when a ballot is checked: code, choices and the text for the second device.
static CHECKED: LazyLock<Vec<(TrackingCode, [u8; 2], String)>> = LazyLock::new(|| {
    let voter = voter(&record("", ""));
    let booth = Booth::enter(&ELECTION, &voter, find(None).ok()).expect("the election is open");
    let mut entropy = TestEntropy::new(8);
    let mut check = |columns: [u8; 2]| {
        let filled = booth.fill(&Choices::new(columns.to_vec()), &mut entropy).expect("choices of the style");
        let code = filled.tracking_code();
        (code, columns, filled.check().text().expose().clone())
    };
    vec![check([1, 2]), check([0, 0])]
});

pub(super) fn packages() -> Vec<Vec<u8>> {
    CHECKED.iter().map(|(.., text)| text.clone().into_bytes()).collect()
}

/// What the second device shows is what the first one did, and never another ballot.
pub(crate) fn check_package(input: &[u8]) -> Outcome {
    let Ok(text) = str::from_utf8(input) else { return SKIPPED };
    let mut checking = match Checking::begin(text) {
        Ok(checking) => checking,
        Err(error) => return error.code(),
    };
    let verdict = lead(None, |response| {
        response.map_or(Ok(()), |response| checking.supply(&response))?;
        checking.next(&ELECTION)
    });
    match verdict {
        Ok(verdict) => {
            let known = CHECKED.iter().find(|(code, ..)| *code == verdict.tracking_code());
            let (_, columns, _) = known.expect("nobody made this ballot");
            let shown = verdict.choices(&ELECTION);
            let expected = shown.iter().zip(columns).all(|((contest, chosen), column)| {
                usize::from(*column).checked_sub(1).and_then(|place| contest.options.get(place)) == *chosen
            });
            assert!(expected && shown.len() == columns.len(), "another choice");
            assert_eq!(verdict.slot(), Some(&slot(0)), "another voter's slot");
            OK
        }
        Err(error) => error.code(),
    }
}
