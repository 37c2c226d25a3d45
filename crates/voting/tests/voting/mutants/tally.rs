//! V9, V10, V11, V14.

use super::Gathering;
use crate::world::flipped;
use serde_json::{Value, json};
use sinpyo_voting::event::Role;

/// Adds to a number somewhere in a body.
fn add(value: &mut Value, by: i64) {
    *value = json!(value.as_i64().unwrap() + by);
}

pub(super) fn groups(m: &mut Gathering<'_>) {
    for (trustee, group, by) in [(1, 0, 1), (2, 0, -1), (3, 1, 5), (1, 1, -2), (2, 1, 100)] {
        m.usual(&format!("ballots-{trustee}-{group}"), |world| {
            world.edit_body(&format!("share/{trustee}/{group}"), |body| add(&mut body["ballots"], by));
        });
    }
    for (name, districts) in [
        ("one-too-few", json!(["d1"])),
        ("one-too-many", json!(["d1", "d2", "d4"])),
        ("another", json!(["d2", "d3"])),
        ("out-of-order", json!(["d2", "d1"])),
        ("none", json!([])),
        ("unknown", json!(["d1", "d9"])),
    ] {
        m.usual(&format!("districts-{name}"), |world| {
            world.edit_body("share/2/0", |body| drop(body.insert("districts".into(), districts)));
        });
    }
}

pub(super) fn shares(m: &mut Gathering<'_>) {
    for (name, member, at) in [
        ("share", "share", 3),
        ("first-part", "proof", 1),
        ("second-part", "proof", 33),
        ("answer", "proof", 65),
    ] {
        for cell in [0, 1] {
            m.usual(&format!("{name}-{cell}"), |world| {
                world.edit_body("share/3/0", |body| {
                    let text = flipped(body["cells"][cell][member].as_str().unwrap(), at);
                    body["cells"][cell][member] = json!(text);
                });
            });
        }
    }
    m.usual("cell-missing", |world| {
        world.edit_body("share/3/1", |body| drop(body["cells"].as_array_mut().unwrap().pop()));
    });
    m.usual("cell-too-many", |world| {
        world.edit_body("share/3/1", |body| {
            let cells = body["cells"].as_array_mut().unwrap();
            cells.push(cells[0].clone());
        });
    });
    m.usual("cells-swapped", |world| {
        world.edit_body("share/3/0", |body| body["cells"].as_array_mut().unwrap().swap(0, 1));
    });
    m.usual("cells-of-another-trustee", |world| {
        let cells = world.body("share/2/0")["cells"].clone();
        world.edit_body("share/3/0", |body| drop(body.insert("cells".into(), cells)));
    });
    m.usual("twice", |world| {
        let body = world.body("share/3/0");
        world.insert("result", Role::Trustee(3), "tally-share", &body);
    });
    m.usual("by-a-trustee-that-is-out", |world| {
        let body = world.body("share/3/0");
        world.insert("result", Role::Trustee(4), "tally-share", &body);
    });
}

pub(super) fn counts(m: &mut Gathering<'_>) {
    for (group, contest, by) in
        [(0, 0, 1), (0, 0, -1), (0, 1, 1), (0, 1, 7), (1, 0, 1), (1, 0, 2), (1, 0, 1000)]
    {
        m.usual(&format!("blank-{group}-{contest}-{by}"), |world| {
            world.edit_body("result", |body| {
                add(&mut body["groups"][group]["contests"][contest]["blank"], by);
            });
        });
    }
    m.called("more-than-legal-in-d1", |body| body["districts"][0]["legal"] = json!(17));
    m.called("more-than-legal-in-d2", |body| body["districts"][1]["legal"] = json!(3));
    m.called("more-than-legal-in-d3", |body| body["districts"][2]["legal"] = json!(0));
    m.called("more-than-legal-in-two", |body| {
        body["districts"][3]["legal"] = json!(1);
        body["districts"][4]["legal"] = json!(1);
    });
}

pub(super) fn result(m: &mut Gathering<'_>) {
    for (group, contest) in [(0, 0), (0, 1), (1, 0)] {
        m.usual(&format!("vote-moved-{group}-{contest}"), |world| {
            world.edit_body("result", |body| {
                let counts = &mut body["groups"][group]["contests"][contest]["counts"];
                let (from, to) = if counts[0].as_i64() > Some(0) { (0, 1) } else { (1, 0) };
                add(&mut counts[from], -1);
                add(&mut counts[to], 1);
            });
        });
    }
    for group in [0, 1] {
        m.usual(&format!("ballots-{group}"), |world| {
            world.edit_body("result", |body| add(&mut body["groups"][group]["ballots"], 1));
        });
    }
    m.usual("districts", |world| {
        world.edit_body("result", |body| body["groups"][0]["districts"] = json!(["d1"]));
    });
    m.usual("contest", |world| {
        world.edit_body("result", |body| body["groups"][0]["contests"][0]["id"] = json!("chairs"));
    });
    for (name, trustees) in [
        ("too-few", json!([1])),
        ("twice", json!([1, 1])),
        ("out-of-order", json!([2, 1])),
        ("one-that-is-out", json!([1, 4])),
    ] {
        m.usual(&format!("trustees-{name}"), |world| {
            world.edit_body("result", |body| drop(body.insert("trustees".into(), trustees)));
        });
    }
    m.usual("withheld-hidden", |world| {
        world.edit_body("result", |body| drop(body.insert("withheld".into(), json!([]))));
    });
    m.usual("withheld-ballots", |world| {
        world.edit_body("result", |body| add(&mut body["withheld"][0]["ballots"], 1));
    });
    m.usual("withheld-districts", |world| {
        world.edit_body("result", |body| body["withheld"][0]["districts"] = json!(["d1"]));
    });
}
