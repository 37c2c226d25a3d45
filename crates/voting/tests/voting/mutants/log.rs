//! V5.

use super::Gathering;
use crate::world::World;
use serde_json::{Map, Value, json};
use sinpyo_core::encoding::to_base64url;
use sinpyo_voting::event::Role;

/// Changes the bytes of an entry and signs nothing.
fn raw(world: &mut World, label: &str, change: impl FnOnce(String) -> String) {
    let place = world.place(label);
    let entry = &mut world.entries[place];
    entry.bytes = change(String::from_utf8(entry.bytes.clone()).unwrap()).into_bytes();
}

/// Changes the members of an event, with the signature as it was.
fn unsigned(world: &mut World, label: &str, change: impl FnOnce(&mut Map<String, Value>)) {
    raw(world, label, |text| {
        let mut event: Map<String, Value> = serde_json::from_str(&text).unwrap();
        change(&mut event);
        String::from_utf8(sinpyo_core::jcs::canonicalize_object(&event)).unwrap()
    });
}

pub(super) fn log(m: &mut Gathering<'_>) {
    heads(m);
    form(m);
    order(m);
}

fn heads(m: &mut Gathering<'_>) {
    m.usual("another-root", |world| world.heads.other_root = true);
    m.usual("another-key", |world| world.heads.signer = 8);
    m.usual("another-origin", |world| world.heads.origin = "vote.example.kr/2026/2");
    m.usual("one-witness", |world| world.heads.cosigners = vec![5]);
    m.usual("no-witness", |world| world.heads.cosigners.clear());
    m.usual("strange-witnesses", |world| world.heads.cosigners = vec![5, 9, 8]);
}

fn form(m: &mut Gathering<'_>) {
    m.usual("not-canonical", |world| raw(world, "withdraw", |text| text.replacen(',', ", ", 1)));
    m.usual("member-twice", |world| raw(world, "archive", |text| text.replacen('{', "{\"by\":\"host\",", 1)));
    m.usual("not-nfc", |world| {
        world.edit_body("withdraw", |body| drop(body.insert("reason".into(), json!("e\u{301}"))));
    });
    m.usual("a-fraction", |world| {
        world.edit_body("withdraw", |body| drop(body.insert("reason".into(), json!(1.5))));
    });
    m.usual("unknown-member", |world| {
        world.edit_body("archive", |body| drop(body.insert("colour".into(), json!("red"))));
    });
    m.usual("unknown-type", |world| world.insert("archive", Role::Host, "greeting", &json!({})));
    m.usual("signature-of-another-body", |world| {
        unsigned(world, "withdraw", |event| event["body"]["reason"] = json!("well again"));
    });
    m.usual("signature-flipped", |world| {
        unsigned(world, "archive", |event| {
            drop(event.insert("signature".into(), json!(to_base64url(&[7; 64]))));
        });
    });
    m.usual("another-election", |world| {
        world.edit("archive", |event| drop(event.insert("election".into(), json!("08".repeat(32)))));
    });
    m.usual("another-role", |world| {
        world.insert("rings", Role::Board, "strike", &json!({"reason": "x", "slot": "00".repeat(16)}));
    });
    m.usual("neither-ballot-nor-event", |world| world.insert_bytes("archive", None, vec![2, 1, 1]));
}

fn order(m: &mut Gathering<'_>) {
    m.usual("time-went-back", |world| {
        world.edit("archive", |event| drop(event.insert("time".into(), json!("2026-11-22T03:45:00Z"))));
    });
    // The body of one event, said again before another one.
    for (name, again, before, by) in [
        ("withdrawn-too-early", "withdraw", "freeze", Role::Host),
        ("registered-too-late", "register/struck", "open", Role::Registrar),
        ("called-anew-too-late", "manifest", "close", Role::Host),
        ("rejected-after-close", "rejected/0", "result", Role::Board),
        ("opened-twice", "open", "close", Role::Host),
        ("rings-twice", "rings", "open", Role::Registrar),
    ] {
        m.usual(name, |world| {
            let body = world.body(again);
            let (kind, _) = again.split_once('/').unwrap_or((again, ""));
            world.insert(before, by, kind, &body);
        });
    }
    m.usual("archived-twice", |world| {
        let entry = world.entries[world.place("archive")].clone();
        world.entries.push(entry);
    });
    m.usual("size-at-close", |world| {
        world.edit_body("close", |body| body["size"] = json!(body["size"].as_u64().unwrap() + 1));
    });
    m.usual("closed-too-early", |world| {
        let last: Value = serde_json::from_slice(&world.entries[world.place("rejected/5")].bytes).unwrap();
        world.edit("close", |event| drop(event.insert("time".into(), last["time"].clone())));
    });
}
