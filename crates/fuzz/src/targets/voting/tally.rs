//! Tally shares, and ballots that were checked instead of cast.

use super::{HELD, MANIFEST, OK, SKIPPED, event, unsigned};
use crate::{Outcome, targets::ballot::settings, world::Entry};
use serde_json::Value;
use sinpyo_ballot::{ballot::TrackingCode, check, group::Ristretto};
use sinpyo_voting::{
    event::{Body, Role, Spoiled, TallyShare},
    tally::Tally,
};
use std::sync::LazyLock;

static TALLY: LazyLock<Tally> = LazyLock::new(|| HELD.examine().tally.expect("the election is over"));

fn events(label: &str) -> impl Iterator<Item = &'static Entry> {
    HELD.entries.iter().filter(move |entry| entry.label.starts_with(label))
}

fn bodies(label: &'static str) -> impl Iterator<Item = Vec<u8>> {
    events(label).map(|entry| Value::Object(unsigned(entry)).to_string().into_bytes())
}

pub(super) fn shares() -> Vec<Vec<u8>> {
    bodies("share/").collect()
}

static SHARES: LazyLock<Vec<(u32, TallyShare)>> = LazyLock::new(|| {
    let share = |input: Vec<u8>| match event::body_of(&input) {
        Ok((Role::Trustee(number), Body::TallyShare(share))) => (number, share),
        other => panic!("{other:?}"),
    };
    bodies("share/").map(share).collect()
});

/// A share that holds is one that its trustee gave of this group.
pub(super) fn verify_share(input: &[u8]) -> Outcome {
    let (number, share) = match event::body_of(input) {
        Ok((Role::Trustee(number), Body::TallyShare(share))) => (number, share),
        Ok(_) => return SKIPPED,
        Err(rule) => return rule,
    };
    match TALLY.verify_share(number, &share) {
        Ok(verified) => {
            assert_eq!(verified.trustee().number(), number);
            assert!(SHARES.iter().any(|own| *own == (number, share.clone())), "nobody gave this share");
            let count = TALLY.count(share.group, &[verified]);
            assert!(count.is_err(), "one trustee opened a sum of which two are needed");
            OK
        }
        Err(error) => error.code(),
    }
}

pub(super) fn spoiled() -> Vec<Vec<u8>> {
    bodies("spoiled/").collect()
}

static SPOILED: LazyLock<Vec<Spoiled>> = LazyLock::new(|| {
    let body = |input: Vec<u8>| match event::body_of(&input) {
        Ok((_, Body::Spoiled(body))) => body,
        other => panic!("{other:?}"),
    };
    bodies("spoiled/").map(body).collect()
});

/// What a ballot says is what it encrypts: of one ballot nobody is told two things.
pub(super) fn check_spoiled(input: &[u8]) -> Outcome {
    let body = match event::body_of(input) {
        Ok((_, Body::Spoiled(body))) => body,
        Ok(_) => return SKIPPED,
        Err(rule) => return rule,
    };
    let Some(tracking) = TrackingCode::parse(&body.tracking) else { return "tracking" };
    let choices: Result<Vec<u8>, _> = body.choices.iter().map(|choice| u8::try_from(*choice)).collect();
    let Ok(choices) = choices else { return "choices" };
    let spoiled = check::Spoiled::<Ristretto> {
        alpha: body.alpha,
        beta: body.beta.clone(),
        choices,
        rho: body.rho,
        tracking,
    };
    let mut outcome = "style";
    for style in MANIFEST.style_numbers().filter(|style| MANIFEST.options_of(*style) == body.beta.len()) {
        let setting = settings().setting(style).expect("a setting for each style");
        match spoiled.check(setting) {
            Ok(checked) => {
                let said: Vec<u32> = checked.choices().iter().map(|choice| (*choice).into()).collect();
                assert_eq!(said, body.choices);
                let is_another = |own: &Spoiled| (&own.alpha, &own.beta) != (&body.alpha, &body.beta);
                let agrees =
                    |own: &Spoiled| is_another(own) || (own.rho == body.rho && own.choices == body.choices);
                assert!(SPOILED.iter().all(agrees), "one ballot says two things");
                return OK;
            }
            Err(error) => outcome = error.code(),
        }
    }
    outcome
}
