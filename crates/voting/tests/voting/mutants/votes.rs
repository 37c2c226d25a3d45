//! V6, V7, V8, V12.

use super::Gathering;
use crate::world::{World, flipped, kept};
use serde_json::{Value, json};
use sinpyo_voting::event::Role;

/// A voter's older ballot, which does not count: no sum changes with it.
fn older(world: &mut World, change: impl FnOnce(&mut Vec<u8>)) {
    let place = world.place("old/1");
    change(&mut world.entries[place].bytes);
}

pub(super) fn ballots(m: &mut Gathering<'_>) {
    // One contest of three options and one of two, base 4, two digits.
    for (name, at) in [
        ("alpha", 40),
        ("beta-1", 72),
        ("beta-5", 200),
        ("row-commitments", 232),
        ("announced-rows", 264),
        ("ring-0", 296),
        ("ring-1", 328),
        ("announced-tag", 360),
        ("announced-alpha", 392),
        ("announced-beta", 424),
        ("digit-answer", 456),
        ("choice-answer", 648),
        ("rows-answer", 808),
        ("encryption-answer", 840),
        ("tag-answer", 872),
        ("opening-answer", 904),
    ] {
        m.usual(name, |world| older(world, |ballot| ballot[at + 2] ^= 4));
    }
    m.usual("another-ring", |world| older(world, |ballot| ballot[3] ^= 1));
    m.usual("no-such-ring", |world| older(world, |ballot| ballot[5] = 1));
    m.usual("another-style", |world| older(world, |ballot| ballot[1] ^= 1));
    m.usual("flags", |world| older(world, |ballot| ballot[7] = 1));
    m.usual("a-byte-more", |world| older(world, |ballot| ballot.push(0)));
    m.usual("a-byte-less", |world| older(world, |ballot| ballot.truncate(ballot.len() - 1)));
    m.usual("scalar-too-large", |world| older(world, |ballot| ballot[456..488].fill(0xff)));
    let token = &m.originals.token.clone();
    m.changed("token-signature", token, |world| {
        older(world, |ballot| {
            let last = ballot.len() - 5;
            ballot[last] ^= 1;
        });
    });
    m.changed("token-randomizer", token, |world| {
        older(world, |ballot| {
            let at = ballot.len() - 256 - 7;
            ballot[at] ^= 1;
        });
    });
    m.changed("token-of-another-district", token, |world| {
        let foreign = world.foreign.clone().unwrap();
        older(world, |ballot| *ballot = foreign);
    });
}

pub(super) fn rejected(m: &mut Gathering<'_>) {
    // A good ballot is no reason, whatever the reason.
    let spare = m.originals.usual.spares[0].clone();
    for reason in ["encoding", "ring", "style", "proof", "tag", "duplicate"] {
        m.usual(&format!("good-{reason}"), |world| {
            let body = json!({"ballot": kept(&spare), "reason": reason});
            world.insert("close", Role::Board, "rejected", &body);
        });
    }
    for (label, name, reason) in [
        ("rejected/0", "truncated", "proof"),
        ("rejected/2", "style", "duplicate"),
        ("rejected/3", "ring", "tag"),
        ("rejected/5", "proof", "ring"),
        ("rejected/5", "proof", "tag"),
        ("rejected/5", "proof", "encoding"),
        ("rejected/1", "digest", "proof"),
    ] {
        m.usual(&format!("{name}-as-{reason}"), |world| {
            world.edit_body(label, |body| drop(body.insert("reason".into(), json!(reason))));
        });
    }
    let first = &m.originals.first.clone();
    m.changed("first-not-yet-there", first, |world| {
        let body = world.body("rejected/6");
        world.insert("ballot/0", Role::Board, "rejected", &body);
    });
    m.changed("no-duplicate", first, |world| {
        let body = json!({"ballot": kept(&world.spares[1]), "reason": "duplicate"});
        world.insert("close", Role::Board, "rejected", &body);
    });
}

pub(super) fn tags(m: &mut Gathering<'_>) {
    for label in ["ballot/0", "ballot/19", "ballot/30", "old/1", "old/23"] {
        m.usual(&format!("{}-again", label.replace('/', "-")), |world| {
            let place = world.place(label);
            let bytes = world.entries[place].bytes.clone();
            // Beside the first, so that the voter's newest ballot stays the newest.
            world.entries.insert(place, crate::world::Entry { label: "twin".into(), by: None, bytes });
            world.recount();
        });
    }
    let spares = m.originals.usual.spares.clone();
    for (number, before) in
        [(0, "freeze"), (1, "rings"), (2, "open"), (0, "share/1/0"), (1, "result"), (2, "archive")]
    {
        m.usual(&format!("{number}-before-{}", before.replace('/', "-")), |world| {
            world.insert_bytes(before, None, spares[number].clone());
        });
    }
    let first = &m.originals.first.clone();
    m.changed("second-of-a-voter", first, |world| {
        // The refused duplicate stands in the log all the same.
        let refused = world.body("rejected/6")["ballot"].as_str().unwrap().to_owned();
        let bytes = sinpyo_core::encoding::from_base64url(&refused).unwrap();
        world.insert_bytes("close", None, bytes);
    });
    m.changed("same-bytes-where-the-first-counts", first, |world| {
        let bytes = world.entries[world.place("ballot/2")].bytes.clone();
        world.insert_bytes("close", None, bytes);
    });
}

pub(super) fn spoiled(m: &mut Gathering<'_>) {
    for (name, at) in [("alpha-0", 0), ("alpha-9", 9)] {
        m.usual(name, |world| world.flip("spoiled/0", "alpha", at));
    }
    for option in [0, 1, 2, 4] {
        m.usual(&format!("beta-{option}"), |world| {
            world.edit_body("spoiled/0", |body| {
                let text = flipped(body["beta"][option].as_str().unwrap(), 5);
                body["beta"][option] = json!(text);
            });
        });
    }
    for (name, choices) in
        [("other-choice", json!([1, 1])), ("blank", json!([0, 0])), ("no-such-option", json!([4, 0]))]
    {
        m.usual(name, |world| {
            let same = world.body("spoiled/1")["choices"] == choices;
            assert!(!same, "another choice than the voter's");
            world.edit_body("spoiled/1", |body| drop(body.insert("choices".into(), choices)));
        });
    }
    m.usual("rho", |world| world.flip("spoiled/1", "rho", 2));
    m.usual("betas-swapped", |world| {
        world.edit_body("spoiled/0", |body| body["beta"].as_array_mut().unwrap().swap(0, 1));
    });
    m.usual("beta-missing", |world| {
        world.edit_body("spoiled/0", |body| drop(body["beta"].as_array_mut().unwrap().pop()));
    });
    m.usual("contest-missing", |world| {
        world.edit_body("spoiled/1", |body| {
            let choices: &mut Vec<Value> = body["choices"].as_array_mut().unwrap();
            choices.pop();
        });
    });
}
