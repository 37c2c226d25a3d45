use crate::world::{World, header, log_key, refused};
use http::Request;
use serde_json::json;
use sinpyo_core::encoding::from_base64url;
use sinpyo_registry::engine::LogEngine;
use sinpyo_tlog::{
    checkpoint::SignedCheckpoint,
    merkle::{Hash, TreeHead},
    policy::Policy,
    proof::TlogProof,
    tile::TileId,
};

const FOREVER: &str = "public, max-age=31536000, immutable";

#[test]
fn the_checkpoint_is_served_as_it_was_signed() {
    let world = World::new();
    world.grow(1);
    let response = world.get("/checkpoint");
    assert_eq!(header(&response, "content-type"), "text/plain; charset=utf-8");
    assert_eq!(header(&response, "cache-control"), "no-cache");
    let text = String::from_utf8(response.body().clone()).unwrap();
    let checkpoint: SignedCheckpoint = text.parse().unwrap();
    assert_eq!(
        checkpoint.verify(&log_key().0).unwrap().head().size,
        2,
        "what is published, not what is appended"
    );
    world.publish();
    assert_ne!(world.get("/checkpoint").body(), response.body());
}

#[test]
fn who_has_the_checkpoint_is_told_so() {
    let world = World::new();
    let response = world.get("/checkpoint");
    let tag = header(&response, "etag").to_owned();
    let ask =
        |tag: &str| world.whole(&Request::get("/checkpoint").header("if-none-match", tag).body("").unwrap());
    for known in
        [tag.as_str(), "\"other\", W/\"more\"", &format!("\"other\", {tag}"), &format!("W/{tag}"), "*"]
    {
        let again = ask(known);
        let is_known = known.contains(&tag) || known == "*";
        assert_eq!(again.status().as_u16(), if is_known { 304 } else { 200 }, "{known}");
        assert_eq!(again.body().is_empty(), is_known);
        assert_eq!(header(&again, "etag"), tag);
    }
    world.grow(1);
    world.publish();
    assert_eq!(ask(&tag).status(), 200);
}

/// Every tile of a tree of 600 entries: 2 full ones and a partial of 88 on the bottom, and a partial of 2 above.
#[test]
fn tiles_and_bundles_are_served_by_their_paths() {
    let world = World::new();
    world.grow(598);
    world.publish();
    for (path, width) in [
        ("tile/0/000", 256),
        ("tile/0/001", 256),
        ("tile/0/002.p/88", 88),
        ("tile/0/002.p/1", 1),
        ("tile/0/000.p/7", 7),
        ("tile/1/000.p/2", 2),
    ] {
        let response = world.get(&format!("/{path}"));
        assert_eq!(response.status(), 200, "{path}");
        assert_eq!(header(&response, "content-type"), "application/octet-stream");
        assert_eq!(header(&response, "cache-control"), FOREVER);
        let id: TileId = path.parse().unwrap();
        assert_eq!(
            (response.body().len(), response.body()),
            (width * 32, &world.engine.tile(id).unwrap()),
            "{path}"
        );
    }
    for (path, entries) in [("tile/entries/000", 0..256), ("tile/entries/002.p/88", 512..600)] {
        let response = world.get(&format!("/{path}"));
        assert_eq!(
            (response.status().as_u16(), header(&response, "cache-control")),
            (200, FOREVER),
            "{path}"
        );
        // Big-endian lengths before the entries, by hand.
        let mut rest = response.body().as_slice();
        for entry in world.engine.entries(entries).unwrap() {
            let length = usize::from(rest[0]) * 256 + usize::from(rest[1]);
            assert_eq!(&rest[2..2 + length], entry);
            rest = &rest[2 + length..];
        }
        assert!(rest.is_empty());
    }
}

#[test]
fn a_tile_that_the_checkpoint_does_not_have_is_absent() {
    let world = World::new();
    world.grow(300);
    world.publish();
    world.grow(300);
    for path in [
        "tile/0/002.p/1",
        "tile/0/001",
        "tile/0/001.p/47",
        "tile/entries/001.p/47",
        "tile/entries/002",
        "tile/1/000",
        "tile/1/000.p/2",
        "tile/2/000.p/1",
        "tile/0/000.p/0",
        "tile/0/000.p/256",
        "tile/0/000.p/07",
        "tile/00/000",
        "tile/0/0",
        "tile/0/x000/000",
        "tile/64/000",
        "tile/0/000/",
        "tile/0/../0/000",
        "tile/0/%30%30%30",
        "tile/entries/entries/000",
        "tile/data/000",
        "tile/0/x999/x999/x999/x999/x999/x999/x999/999",
    ] {
        let response = world.get(&format!("/{path}"));
        assert_eq!(refused(&response), (404, "RGA-06"), "{path}");
        assert_eq!(header(&response, "cache-control"), "no-store", "what is absent may come");
    }
    assert_eq!(world.get("/tile/0/001.p/46").status(), 200);
    world.publish();
    assert_eq!(world.get("/tile/0/002.p/1").status(), 200);
}

#[test]
fn a_proof_convinces_whoever_has_the_logs_key() {
    let world = World::new();
    world.grow(20);
    world.publish();
    let policy = Policy::of_log(log_key().0);
    for index in [0, 1, 13, 21] {
        let response = world.get(&format!("/operations/{index}/proof"));
        let proof: TlogProof = String::from_utf8(response.into_body()).unwrap().parse().unwrap();
        let entry = world.engine.entries(index..index + 1).unwrap().remove(0);
        assert_eq!(proof.verify(&policy, Hash::leaf(&entry)).unwrap().index(), index);
        assert!(proof.verify(&policy, Hash::leaf(b"another entry")).is_err());
    }
}

#[test]
fn what_no_checkpoint_covers_has_no_proof_yet() {
    let world = World::new();
    world.grow(1);
    let pending = world.get("/operations/2/proof");
    assert_eq!((refused(&pending), header(&pending, "retry-after")), ((404, "RGA-06"), "1"));
    let beyond = world.get("/operations/3/proof");
    assert_eq!((refused(&beyond), header(&beyond, "retry-after")), ((404, "RGA-06"), ""));
    for index in ["-1", "x", "18446744073709551616", "1/2"] {
        assert_eq!(refused(&world.get(&format!("/operations/{index}/proof"))), (400, "RGA-05"), "{index}");
    }
    world.publish();
    assert_eq!(world.get("/operations/2/proof").status(), 200);
}

#[test]
fn growth_is_proven_between_two_sizes() {
    let world = World::new();
    let older = world.engine.checkpoint().unwrap().unwrap().claimed_head();
    world.grow(9);
    world.publish();
    let newer = world.engine.checkpoint().unwrap().unwrap().claimed_head();
    let answer = world.json("/consistency?from=2&to=11");
    let path: Vec<Hash> = answer["path"]
        .as_array()
        .unwrap()
        .iter()
        .map(|hash| Hash::try_from(from_base64url(hash.as_str().unwrap()).unwrap().as_slice()).unwrap())
        .collect();
    assert!(newer.verify_consistency(older, &path).is_ok());
    let other = TreeHead { root: Hash::leaf(b""), ..older };
    assert!(newer.verify_consistency(other, &path).is_err());
    for (query, expected) in [
        ("from=2&to=12", (404, "RGA-06")),
        ("from=3&to=2", (400, "RGA-05")),
        ("from=0&to=2", (400, "RGA-05")),
        ("from=2", (400, "RGA-05")),
        ("from=2&to=%zz", (400, "RGA-05")),
    ] {
        assert_eq!(refused(&world.get(&format!("/consistency?{query}"))), expected, "{query}");
    }
}

#[test]
fn entries_are_listed_with_their_exact_text() {
    let world = World::new();
    world.grow(3);
    let answer = world.json("/entries?from=1&limit=2");
    let entries = world.engine.entries(1..3).unwrap();
    let listed =
        |index: usize| json!({"index": index, "entry": str::from_utf8(&entries[index - 1]).unwrap()});
    assert_eq!(answer, json!({"size": 5, "entries": [listed(1), listed(2)]}));
    for (query, count) in [
        ("from=0", 5),
        ("from=4&limit=100000", 1),
        ("from=99", 0),
        ("from=18446744073709551615", 0),
        ("from=0&limit=0", 0),
    ] {
        assert_eq!(
            world.json(&format!("/entries?{query}"))["entries"].as_array().unwrap().len(),
            count,
            "{query}"
        );
    }
    world.grow(300);
    assert_eq!(world.json("/entries?from=0&limit=1000")["entries"].as_array().unwrap().len(), 256);
    assert_eq!(refused(&world.get("/entries")), (400, "RGA-05"));
    assert_eq!(refused(&world.get("/entries?from=-1")), (400, "RGA-05"));
}

#[test]
fn the_log_says_who_it_is_and_how_far_it_is() {
    let mut world = World::new();
    world.settings.witnesses = vec!["witness.example/w1".into()];
    world.settings.policy = "quorum none\n".into();
    world.grow(4);
    let log = world.json("/log");
    assert_eq!(log["origin"], "ledger.example/2026");
    assert_eq!(log["vkey"], log_key().0.to_string());
    assert_eq!((&log["size"], &log["unpublished"]), (&json!(2), &json!(4)));
    assert_eq!(
        (&log["witnesses"], &log["policy"]),
        (&json!(["witness.example/w1"]), &json!("quorum none\n"))
    );
}
