//! V2.

use super::Gathering;
use crate::world::{Fate, World, flipped};
use serde_json::json;

/// Says that all four are qualified.
fn all_qualified(world: &mut World) {
    world.edit_body("done", |body| {
        body.insert("qualified".into(), json!([1, 2, 3, 4]));
    });
}

pub(super) fn ceremony(m: &mut Gathering<'_>) {
    for (name, fate) in [
        ("no-commit", Fate::NoCommit),
        ("other-hash", Fate::OtherHash),
        ("bad-proof", Fate::BadProof),
        ("neutral-point", Fate::NeutralPoint),
        ("strange-point", Fate::StrangePoint),
        ("no-reveal", Fate::NoReveal),
        ("no-deal", Fate::NoDeal),
        ("no-answer", Fate::NoAnswer),
        ("wrong-answer", Fate::WrongAnswer),
    ] {
        m.fated(name, fate, all_qualified);
    }
    m.usual("one-too-few", |world| {
        world.edit_body("done", |body| {
            body.insert("qualified".into(), json!([1, 2]));
        });
    });
    m.usual("out-of-order", |world| {
        world.edit_body("done", |body| {
            body.insert("qualified".into(), json!([2, 1, 3]));
        });
    });
    for key in [0, 4] {
        m.usual(&format!("key-{key}"), |world| {
            world.edit_body("done", |body| {
                let text = flipped(body["keys"][key].as_str().unwrap(), 3);
                body["keys"][key] = json!(text);
            });
        });
    }
    m.usual("keys-swapped", |world| {
        world.edit_body("done", |body| body["keys"].as_array_mut().unwrap().swap(0, 1));
    });
    m.usual("key-missing", |world| {
        world.edit_body("done", |body| drop(body["keys"].as_array_mut().unwrap().pop()));
    });
}
