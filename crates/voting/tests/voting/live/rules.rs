//! Entries that the rules refuse, and the rule that each names.

use super::*;

/// The usual election with one change is refused at the entry `label` by the rule `code`.
fn refused(usual: &World, label: &str, code: &str, change: impl FnOnce(&mut World)) {
    let mut world = usual.clone();
    change(&mut world);
    let refusal = first_refusal(&world);
    assert_eq!(
        refusal,
        Some((label.to_owned(), code)).as_ref().map(|(l, c)| (l.clone(), *c)),
        "{label} {code}"
    );
}

fn set(world: &mut World, label: &str, member: &str, value: Value) {
    world.edit_body(label, |body| drop(body.insert(member.into(), value)));
}

#[test]
fn an_event_of_another_form_is_refused() {
    let usual = World::run(Plan::USUAL);
    let raw = |world: &mut World, label: &str, from: &str, to: &str| {
        let place = world.place(label);
        let text = String::from_utf8(world.entries[place].bytes.clone()).unwrap();
        world.entries[place].bytes = text.replacen(from, to, 1).into_bytes();
    };
    refused(&usual, "withdraw", "VOT-41", |world| raw(world, "withdraw", ",", ", "));
    refused(&usual, "withdraw", "VOT-41", |world| raw(world, "withdraw", "{", "{\"by\":\"host\","));
    refused(&usual, "withdraw", "VOT-41", |world| set(world, "withdraw", "reason", json!("e\u{301}")));
    refused(&usual, "withdraw", "VOT-41", |world| set(world, "withdraw", "reason", json!(-1)));
    refused(&usual, "freeze", "VOT-42", |world| set(world, "freeze", "colour", json!("red")));
    refused(&usual, "open", "VOT-42", |world| set(world, "open", "context", json!("00")));
    refused(&usual, "inserted", "VOT-42", |world| world.insert("open", Role::Host, "greeting", &json!({})));
    refused(&usual, "inserted", "VOT-42", |world| world.insert_bytes("open", None, vec![2, 3]));
    refused(&usual, "withdraw", "VOT-43", |world| raw(world, "withdraw", "ill", "fit"));
    refused(&usual, "inserted", "VOT-44", |world| {
        let body = world.body("strike");
        world.insert("freeze", Role::Host, "strike", &body);
    });
    refused(&usual, "open", "VOT-10", |world| {
        world.edit("open", |event| drop(event.insert("election".into(), json!("08".repeat(32)))));
    });
}

#[test]
fn an_event_at_another_time_is_refused() {
    let usual = World::run(Plan::USUAL);
    refused(&usual, "commit-first", "VOT-47", |world| {
        let place = world.place("ceremony-commit/1");
        let mut first = world.entries.remove(place);
        first.label = "commit-first".into();
        world.entries.insert(0, first);
    });
    refused(&usual, "inserted", "VOT-48", |world| {
        let body = world.body("register/struck");
        world.insert("open", Role::Registrar, "register", &body);
    });
    refused(&usual, "inserted", "VOT-48", |world| {
        let body = world.body("beacon/1");
        world.insert("rings", Role::Trustee(1), "beacon", &body);
    });
    refused(&usual, "open", "VOT-49", |world| {
        world.edit("open", |event| drop(event.insert("time".into(), json!("2026-11-22T03:45:00Z"))));
    });
    // The board's clock decides: before, and after the last second.
    refused(&usual, "close", "VOT-22", |world| {
        let time = Timestamp::from_unix(START + 899).unwrap().to_string();
        world.edit("close", |event| drop(event.insert("time".into(), json!(time))));
    });
    refused(&usual, "inserted", "VOT-48", |world| {
        let spare = world.spares[0].clone();
        world.insert_bytes("result", None, spare);
    });
}

#[test]
fn a_manifest_that_breaks_a_rule_is_refused() {
    let usual = World::run(Plan::USUAL);
    for (member, value) in [
        ("floor", json!(0)),
        ("version", json!(2)),
        ("keys", json!(4)),
        ("keys", json!(65)),
        ("threshold", json!(5)),
        ("threshold", json!(0)),
        ("ring", json!({"base": 3, "digits": 3})),
        ("ring", json!({"base": 8, "digits": 5})),
        ("title", json!({})),
        ("colour", json!("red")),
        ("token", json!({"keys": []})),
        ("token", json!({"keys": ["AAAA"]})),
        ("revote", json!("often")),
        ("styles", json!([{"contests": ["nothing"]}])),
    ] {
        refused(&usual, "manifest", "VOT-45", |world| set(world, "manifest", member, value));
    }
    refused(&usual, "manifest", "VOT-46", |world| {
        world.edit_body("manifest", |body| {
            let key = body["registrar"].clone();
            body["trustees"][0]["key"] = key;
        });
    });
    refused(&usual, "manifest", "VOT-46", |world| {
        world.edit_body("manifest", |body| {
            let sealing = body["trustees"][1]["box"].clone();
            body["trustees"][0]["box"] = sealing;
        });
    });
    let token = World::run(Plan { token: true, ..Plan::USUAL });
    let keys: Vec<String> = (0..5).map(token_spki).collect();
    refused(&token, "manifest", "VOT-46", |world| {
        set(world, "manifest", "admission", json!({"key": keys[3]}));
    });
    let more = [&keys[..], &["AAAA".to_owned()]].concat();
    let twice = [&keys[..4], &keys[..1]].concat();
    let long = SecretKey::generate(KeySize::Bits3072).unwrap();
    let lengths = [&keys[..4], &[to_base64url(&long.public().to_spki())]].concat();
    for (code, value) in [
        ("VOT-46", json!({"keys": twice})),
        ("VOT-45", json!({"keys": keys[..4]})),
        ("VOT-45", json!({"keys": more})),
        ("VOT-45", json!({"keys": lengths})),
        ("VOT-45", json!({"keys": []})),
        ("VOT-45", json!({"key": keys[0]})),
        ("VOT-45", Value::Null),
    ] {
        refused(&token, "manifest", code, |world| set(world, "manifest", "token", value));
    }
    for strange in ["01".to_owned() + &"00".repeat(31), "ed".to_owned() + &"ff".repeat(30) + "7f"] {
        refused(&usual, "manifest", "VOT-45", |world| {
            world.edit_body("manifest", |body| body["trustees"][2]["box"] = json!(strange));
        });
    }
}

#[test]
fn a_manifest_that_changes_what_is_fixed_is_refused() {
    let usual = World::run(Plan::USUAL);
    let changed = |change: fn(&mut Value)| {
        move |world: &mut World| {
            let mut body = world.body("manifest");
            change(&mut body);
            world.insert("register/5", Role::Host, "manifest", &body);
        }
    };
    refused(&usual, "inserted", "VOT-50", changed(|body| body["threshold"] = json!(3)));
    refused(
        &usual,
        "inserted",
        "VOT-50",
        changed(|body| body["districts"].as_array_mut().unwrap().swap(0, 1)),
    );
    refused(
        &usual,
        "inserted",
        "VOT-50",
        changed(|body| drop(body["districts"].as_array_mut().unwrap().pop())),
    );
    // A token got by one key would be worth another district's after that.
    let token = World::run(Plan { token: true, ..Plan::USUAL });
    refused(
        &token,
        "inserted",
        "VOT-50",
        changed(|body| body["token"]["keys"].as_array_mut().unwrap().swap(0, 1)),
    );
    let mut world = usual.clone();
    changed(|body| body["title"]["en"] = json!("another title"))(&mut world);
    // Lawful: only the context is another then.
    assert_eq!(first_refusal(&world), Some(("open".to_owned(), "VOT-58")));
}

#[test]
fn a_ceremony_that_breaks_a_rule_is_refused() {
    let usual = World::run(Plan::USUAL);
    refused(&usual, "inserted", "VOT-51", |world| {
        let body = world.body("ceremony-reveal/1");
        world.insert("ceremony-commit/2", Role::Trustee(1), "ceremony-reveal", &body);
    });
    refused(&usual, "inserted", "VOT-51", |world| {
        world.insert("done", Role::Trustee(3), "ceremony-complaint", &json!({"against": 3}));
    });
    refused(&usual, "done", "VOT-52", |world| set(world, "done", "qualified", json!([1, 2, 3, 4])));
    refused(&usual, "early", "VOT-52", |world| {
        let place = world.place("shares/1/2");
        let mut done = world.entries[world.place("done")].clone();
        let time = Timestamp::from_unix(time_of(&world.entries[place]).unwrap()).unwrap().to_string();
        world.edit("done", |event| drop(event.insert("time".into(), json!(time))));
        done.bytes = world.entries[world.place("done")].bytes.clone();
        done.label = "early".into();
        world.entries.insert(place, done);
    });
}

#[test]
fn a_roll_that_breaks_a_rule_is_refused() {
    let usual = World::run(Plan::USUAL);
    for member in ["proof", "binding"] {
        refused(&usual, "register/2", "VOT-53", |world| world.flip("register/2", member, 1));
    }
    for commitment in ["00".repeat(32), "ff".repeat(32)] {
        refused(&usual, "register/2", "VOT-53", |world| {
            set(world, "register/2", "commitment", json!(commitment));
        });
    }
    refused(&usual, "register/2", "VOT-53", |world| set(world, "register/2", "replaces", json!(true)));
    refused(&usual, "register/2", "VOT-53", |world| set(world, "register/2", "district", json!("d9")));
    // Two commitments for one slot, and one commitment for two slots.
    refused(&usual, "register/2", "VOT-53", |world| {
        let slot = world.body("register/1")["slot"].clone();
        set(world, "register/2", "slot", slot);
    });
    refused(&usual, "register/2", "VOT-53", |world| {
        for member in ["binding", "commitment", "proof"] {
            let value = world.body("register/1")[member].clone();
            set(world, "register/2", member, value);
        }
    });
    refused(&usual, "strike", "VOT-53", |world| set(world, "strike", "slot", json!("00".repeat(16))));
    refused(&usual, "freeze", "VOT-54", |world| {
        world.edit_body("freeze", |body| body["districts"][1]["registered"] = json!(1));
    });
    let full = World::run(Plan { manifest: |body| body["districts"][0]["legal"] = json!(17), ..Plan::USUAL });
    refused(&full, "freeze", "VOT-55", |_| ());
    refused(&usual, "beacon/1", "VOT-56", |world| world.flip("beacon/1", "value", 0));
    refused(&usual, "inserted", "VOT-56", |world| {
        let value = flipped(world.body("beacon/1")["value"].as_str().unwrap(), 0);
        world.insert("rings", Role::Trustee(4), "beacon", &json!({"value": value}));
    });
    refused(&usual, "rings", "VOT-57", |world| set(world, "rings", "without", json!([3])));
    refused(&usual, "rings", "VOT-57", |world| set(world, "rings", "rings", json!(1)));
    refused(&usual, "open", "VOT-58", |world| world.flip("open", "context", 0));
}

#[test]
fn a_count_that_breaks_a_rule_is_refused() {
    let usual = World::run(Plan::USUAL);
    refused(&usual, "withdraw", "VOT-59", |world| set(world, "withdraw", "option", json!("nobody")));
    for member in ["ballots", "size"] {
        refused(&usual, "close", "VOT-60", |world| {
            let number = world.body("close")[member].as_u64().unwrap();
            set(world, "close", member, json!(number + 1));
        });
    }
    refused(&usual, "inserted", "VOT-15", |world| {
        let body = world.body("share/1/0");
        world.insert("result", Role::Trustee(4), "tally-share", &body);
    });
    refused(&usual, "inserted", "VOT-15", |world| {
        let body = world.body("share/1/0");
        world.insert("result", Role::Trustee(1), "tally-share", &body);
    });
}
