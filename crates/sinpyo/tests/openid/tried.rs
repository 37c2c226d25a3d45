//! A service that is tried out: what it begins with, and tokens by hand.

use crate::{
    served::Served,
    support::{json_of, sinpyo},
};
use serde_json::json;
use std::{fs, os::unix::fs::PermissionsExt, path::Path, process::Output};
use tempfile::TempDir;

const SERVE: &str = "issuer --data issuer --as post --development";
const LIST: &str = "service tenant list --service issuer --data issuer";

fn run(folder: &Path, command: &str) -> Output {
    sinpyo(folder, &format!("{command} --json").split(' ').collect::<Vec<_>>())
}

fn with_post() -> TempDir {
    let folder = tempfile::tempdir().unwrap();
    assert!(run(folder.path(), "did create post --ko 우정사업본부 --en KoreaPost").status.success());
    folder
}

#[test]
fn a_service_for_development_begins_with_its_organisation() {
    let folder = with_post();
    let service = Served::start(folder.path(), SERVE);
    assert_eq!(json_of(&run(folder.path(), LIST))["tenants"], json!(["post"]));
    let key = folder.path().join("issuer/post.jwk");
    assert_eq!(fs::metadata(&key).unwrap().permissions().mode() & 0o777, 0o600);
    let made = fs::read(&key).unwrap();

    // It is not begun twice, and not where somebody has begun already.
    service.kill();
    let more = "service tenant add town --service issuer --data issuer --ko 시청 --en Town";
    assert!(run(folder.path(), more).status.success());
    Served::start(folder.path(), SERVE).kill();
    assert_eq!(json_of(&run(folder.path(), LIST))["tenants"], json!(["post", "town"]));
    assert_eq!(fs::read(&key).unwrap(), made);
}

#[test]
fn a_service_in_earnest_begins_with_nobody() {
    let folder = with_post();
    let service = "issuer --data issuer --as post --base https://issuer.example.kr";
    Served::start(folder.path(), service).kill();
    assert_eq!(json_of(&run(folder.path(), LIST))["tenants"], json!([]));
    assert!(!folder.path().join("issuer/post.jwk").exists());
}

#[test]
fn a_token_is_for_whoever_has_the_key() {
    let folder = with_post();
    let service = Served::start(folder.path(), SERVE);
    let ask = |client: &str, key: &str, scope: &str| {
        let command = format!("service token {} --client {client} --key {key} --scopes {scope}", service.url);
        run(folder.path(), &command)
    };
    let granted = json_of(&ask("post", "issuer/post.jwk", "issue,read"));
    assert_eq!((&granted["scope"], &granted["token_type"]), (&json!("issue read"), &json!("Bearer")));

    let other =
        "service client add other --service verifier --data verifier --scopes read --generate other.jwk";
    assert!(run(folder.path(), other).status.success());
    for (client, key, scope) in [
        ("post", "issuer/post.jwk", "result"),
        ("post", "other.jwk", "issue"),
        ("other", "other.jwk", "read"),
        ("post", "sinpyo-home/organisations/post.json", "issue"),
    ] {
        let output = ask(client, key, scope);
        assert_eq!(output.status.code(), Some(2), "{client} with {key} for {scope}");
        assert!(output.stdout.is_empty(), "{client} with {key} for {scope}");
    }
}
