//! V1, V3, V4, V13.

use super::Gathering;
use crate::world::flipped;
use serde_json::{Value, json};
use sinpyo_voting::{event::Role, form::to_hex};

pub(super) fn manifest(m: &mut Gathering<'_>) {
    m.called("floor-0", |body| drop(body.insert("floor".into(), json!(0))));
    m.called("version-2", |body| drop(body.insert("version".into(), json!(2))));
    m.called("unknown-member", |body| drop(body.insert("colour".into(), json!("red"))));
    m.called("unknown-member-of-a-district", |body| body["districts"][0]["colour"] = json!("red"));
    m.called("unknown-member-of-an-option", |body| {
        body["contests"][0]["options"][0]["colour"] = json!("red");
    });
    m.called("unknown-member-of-a-trustee", |body| body["trustees"][2]["colour"] = json!("red"));
    m.called("unknown-member-of-a-contest", |body| body["contests"][1]["colour"] = json!("red"));
    m.called("option-twice", |body| body["contests"][0]["options"][1]["id"] = json!("kim"));
    m.called("title-missing", |body| drop(body.insert("title".into(), json!({}))));
    m.called("name-empty", |body| body["contests"][1]["title"]["ko"] = json!(""));
    m.called("witness-twice", |body| body["witnesses"]["keys"][2] = body["witnesses"]["keys"][1].clone());
    m.called("closes-before-it-opens", |body| {
        let opens = body["opens"].clone();
        body.insert("closes".into(), opens);
    });
    m.called("ring-with-unknown-member", |body| body["ring"]["colour"] = json!("red"));
    m.called_with_tokens("rsa-key-with-two-uses", |body| {
        let key = body["token"]["keys"][2].clone();
        body.insert("admission".into(), json!({"key": key}));
    });
    m.called("id-with-blank", |body| body["contests"][0]["options"][2]["id"] = json!("a park"));
}

pub(super) fn context(m: &mut Gathering<'_>) {
    for at in [0, 1, 7, 16, 31, 32, 40, 62, 63] {
        m.usual(&format!("byte-{at}"), |world| world.flip("open", "context", at));
    }
    m.usual("zero", |world| {
        world.edit_body("open", |body| drop(body.insert("context".into(), json!(to_hex(&[0; 64])))));
    });
    let other = m.originals.first.body("open");
    m.usual("of-another-election", |world| {
        world.edit_body("open", |body| drop(body.insert("context".into(), other["context"].clone())));
    });
    let token = &m.originals.token.clone();
    m.changed("in-profile-token", token, |world| world.flip("open", "context", 9));
}

pub(super) fn roll(m: &mut Gathering<'_>) {
    for (name, member, at) in [
        ("proof-announcement", "proof", 0),
        ("proof-zs", "proof", 33),
        ("proof-zr", "proof", 65),
        ("binding", "binding", 10),
    ] {
        m.usual(name, |world| world.flip("register/struck", member, at));
        m.usual(&format!("replaced-{name}"), |world| world.flip("register/dead", member, at));
    }
    for (name, commitment) in [("neutral-commitment", [0; 32]), ("strange-commitment", [0xff; 32])] {
        m.usual(name, |world| {
            let text = to_hex(&commitment);
            world.edit_body("register/struck", |body| drop(body.insert("commitment".into(), json!(text))));
        });
    }
    m.usual("commitment-twice", |world| {
        let first = world.body("register/dead");
        for member in ["binding", "commitment", "proof"] {
            let value = first[member].clone();
            world.edit_body("register/struck", |body| drop(body.insert(member.into(), value)));
        }
        let district = first["district"].clone();
        world.edit_body("register/struck", |body| drop(body.insert("district".into(), district)));
    });
    m.usual("replaces-nothing", |world| {
        world.edit_body("register/struck", |body| drop(body.insert("replaces".into(), json!(true))));
    });
    m.usual("replaces-in-silence", |world| {
        world.edit_body("register/3", |body| drop(body.insert("replaces".into(), json!(false))));
    });
    for (name, member) in [("frozen-registered", "registered"), ("frozen-legal", "legal")] {
        m.usual(name, |world| {
            world.edit_body("freeze", |body| {
                let number = body["districts"][2][member].as_u64().unwrap();
                body["districts"][2][member] = json!(number - 1);
            });
        });
    }
    m.usual("beacon", |world| world.flip("rings", "beacon", 4));
    m.usual("roll-root", |world| world.flip("rings", "root", 4));
    m.usual("ring-count", |world| {
        world.edit_body("rings", |body| {
            let rings = body["rings"].as_u64().unwrap();
            body.insert("rings".into(), json!(rings + 1));
        });
    });
    m.usual("silent-trustees", |world| {
        world.edit_body("rings", |body| drop(body.insert("without".into(), json!([4]))));
    });
    m.usual("another-beacon-value", |world| {
        let value = flipped(world.body("beacon/1")["value"].as_str().unwrap(), 0);
        world.insert("rings", Role::Trustee(3), "beacon", &json!({"value": value}));
    });
}

pub(super) fn write_in(m: &mut Gathering<'_>) {
    m.called("yes", |body| body["contests"][0]["write-in"] = json!(true));
    m.called("no", |body| body["contests"][1]["write-in"] = json!(false));
    m.called("null", |body| body["contests"][0]["write-in"] = Value::Null);
    m.called("number", |body| body["contests"][1]["write-in"] = json!(3));
    m.called("object", |body| body["contests"][0]["write-in"] = json!({"lines": 2}));
    m.called("text", |body| body["contests"][1]["write-in"] = json!("names"));
    m.called("both", |body| {
        body["contests"][0]["write-in"] = json!(true);
        body["contests"][1]["write-in"] = json!(true);
    });
    for (name, before, by) in [
        ("mix", "result", Role::Trustee(1)),
        ("mix-shuffle", "share/1/0", Role::Trustee(2)),
        ("mix-proof", "archive", Role::Trustee(3)),
        ("mix", "archive", Role::Host),
    ] {
        m.usual(&format!("{name}-before-{}", before.replace('/', "-")), |world| {
            world.insert(before, by, name, &json!({"ciphertexts": []}));
        });
    }
}
