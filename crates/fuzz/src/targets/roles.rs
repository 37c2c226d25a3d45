//! `sinpyo-wallet`, `sinpyo-issuer`, `sinpyo-verifier`: files, profiles, events, answers.

use super::{OK, SKIPPED, people, target, texts};
use crate::{Limits, Outcome, Target};
use serde_json::{Value, json};
use sinpyo_core::Secret;
use sinpyo_crypto::password::{Cost, Parameters};
use sinpyo_issuer::{Catalogue, ClaimType, Profile, StatusEvent, Term};
use sinpyo_testkit::TestEntropy;
use sinpyo_verifier::Answer;
use sinpyo_wallet::{Generation, Password, Wallet};
use std::{str, sync::LazyLock};

/// Opening a wallet fills 64 MiB three times: that is what it is for.
const SLOW: Limits = Limits { milliseconds: 2_000, kib: 160 << 10 };

pub(super) const TARGETS: &[Target] = &[
    Target { name: "wallet/file", seeds: wallets, run: open_wallet, limits: SLOW },
    target("issuer/profile", profiles, read_profile),
    target("issuer/words", words, read_words),
    target("issuer/status-event", events, read_event),
    target("verifier/answer", answers, read_answer),
];

fn password() -> Password {
    Password::new(Secret::new("열쇠".to_owned())).expect("a password")
}

static SEALED: LazyLock<Vec<u8>> = LazyLock::new(|| {
    let mut wallet = Wallet::new();
    wallet.new_key(people::KIND.parse().expect("a type"), &mut TestEntropy::new(1));
    wallet.seal(&password(), &mut TestEntropy::new(2)).expect("a small wallet")
});

fn wallets() -> Vec<Vec<u8>> {
    vec![SEALED.clone()]
}

/// Only the file that was sealed opens. One that asks for more work than ours is not tried.
fn open_wallet(input: &[u8]) -> Outcome {
    let number =
        |at: usize| input.get(at..at + 4).and_then(|bytes| bytes.try_into().ok()).map(u32::from_be_bytes);
    if let (Some(memory_kib), Some(passes), Some(lanes)) = (number(9), number(13), number(17))
        && Cost::parse(Parameters { memory_kib, passes, lanes }).is_ok_and(|cost| cost != Cost::DEFAULT)
    {
        return SKIPPED;
    }
    match Wallet::open(input, &password(), Generation::new(1)) {
        Ok(_) => {
            assert_eq!(input, *SEALED);
            OK
        }
        Err(error) => error.code(),
    }
}

/// Each bundled profile by itself, and a small catalogue.
fn profiles() -> Vec<Vec<u8>> {
    let bundled = include_bytes!("../../../issuer/profiles/credentials.json");
    let bundled: Value = serde_json::from_slice(bundled).expect("the bundled catalogue");
    let all = bundled.get("credentials").and_then(Value::as_array).cloned().unwrap_or_default();
    let mut seeds: Vec<_> = all.iter().map(|profile| profile.to_string().into_bytes()).collect();
    seeds.push(json!({"credentials": all.get(..2)}).to_string().into_bytes());
    seeds
}

fn read_profile(input: &[u8]) -> Outcome {
    if Catalogue::from_json(input).is_ok_and(|catalogue| catalogue.profiles().iter().all(is_whole)) {
        return "catalogue";
    }
    match Profile::from_json(input) {
        Ok(profile) => {
            assert!(is_whole(&profile));
            OK
        }
        Err(_) => "refused",
    }
}

fn is_whole(profile: &Profile) -> bool {
    !profile.id().is_empty() && profile.claims().iter().all(|claim| profile.claim(&claim.name).is_some())
}

fn words() -> Vec<Vec<u8>> {
    texts(&[
        "P1Y",
        "P90D",
        "PT6H",
        "P1Y2M3DT4H5M6S",
        "int(1..5)",
        "list(string)",
        "code(4)",
        "decimal(2)",
        "string(1..80)",
        "enum(a|b)",
    ])
}

/// Terms end at some time; types judge any value.
fn read_words(input: &[u8]) -> Outcome {
    let Ok(text) = str::from_utf8(input) else { return SKIPPED };
    if let Ok(term) = text.parse::<Term>() {
        let _end = (term.end(people::now()), term.end("9999-12-31T23:59:59Z".parse().expect("a time")));
        return OK;
    }
    let Ok(kind) = text.parse::<ClaimType>() else { return "refused" };
    for value in
        [json!(null), json!(-1), json!(1.5), json!("2026-01-01"), json!(["a"]), json!({"a": 1}), json!(text)]
    {
        if let Ok(checked) = kind.check(&value) {
            assert_eq!(kind.check(&checked).as_ref(), Ok(&checked), "what was checked is not changed again");
        }
    }
    "type"
}

fn events() -> Vec<Vec<u8>> {
    texts(&[r#"{"allocated":7}"#, r#"{"set":7,"to":1}"#, r#"{"told":18446744073709551615,"to":255}"#])
}

fn read_event(input: &[u8]) -> Outcome {
    match StatusEvent::from_bytes(input) {
        Ok(event) => {
            assert_eq!(StatusEvent::from_bytes(&event.to_bytes()), Ok(event));
            OK
        }
        Err(_) => "refused",
    }
}

fn answers() -> Vec<Vec<u8>> {
    let shown = super::proof::sd_jwt_presentation();
    texts(&[&json!({"vp_token": {"a": [shown], "b": [shown]}}).to_string()])
}

fn read_answer(input: &[u8]) -> Outcome {
    match Answer::parse(input) {
        Ok(_) => OK,
        Err(error) => error.code(),
    }
}
