//! What belongs to whom, and stays so: an election to its account, a line to its code, a draft to its manifest.

use crate::{
    browser::{Browser, logged_in, logged_in_as},
    town::{HOST, Town, draft, parsed},
    weak::WeakLog,
};
use http::{Request, StatusCode};
use serde_json::{Value, json};
use sinpyo_crypto::{Algorithm, SigningKey};
use sinpyo_voting::form::to_hex;
use sinpyo_voting_api::Logs as _;
use std::sync::atomic::Ordering::SeqCst;

const PAGES: [&str; 9] = [
    "",
    "/roll",
    "/roll/preview?upload=none&faults=x",
    "/audit",
    "/edit/basics",
    "/edit/districts",
    "/edit/contests",
    "/edit/witnesses",
    "/edit/ask",
];
const FORMS: [&str; 11] = [
    "/edit/basics",
    "/roll/file",
    "/roll/text",
    "/roll/take",
    "/roll/strike",
    "/codes",
    "/codes/again",
    "/invite",
    "/step/call",
    "/withdraw",
    "/accounts",
];

/// What each desk route of an election answers, forms as a page of ours would send them.
fn statuses(town: &mut Town, browser: &mut Browser, office: &str) -> Vec<StatusCode> {
    let mut statuses = Vec::new();
    for page in PAGES {
        browser.open(town, &format!("{office}{page}"));
        statuses.push(browser.status);
    }
    browser.open(town, "/admin");
    let token = browser.page.split("type=\"hidden\"").nth(1).unwrap();
    let token =
        [crate::browser::attribute(token, "name"), crate::browser::attribute(token, "value")].join("=");
    for form in FORMS {
        let request = Request::post(format!("{office}{form}"))
            .header("host", HOST)
            .header("origin", format!("https://{HOST}"))
            .header("cookie", browser.cookie())
            .header("content-type", "application/x-www-form-urlencoded")
            .body(format!("{token}&ko=x&account=other&line=1").into_bytes());
        statuses.push(town.send(&request.unwrap()).status());
    }
    statuses
}

#[test]
fn an_election_belongs_to_the_account_that_made_it() {
    let mut town = Town::new();
    let mut host = logged_in(&mut town);
    let mut other = logged_in_as(&mut town, "other");
    host.fill(&mut town, "/admin/new", &[("ko", "가람회 선거"), ("en", "")]);
    let office = host.here.clone();
    // For others it is as one that there is not.
    let found = statuses(&mut town, &mut other, &office);
    assert_eq!(found, [StatusCode::NOT_FOUND; PAGES.len() + FORMS.len()]);
    other.open(&mut town, "/admin");
    assert!(!other.page.contains("가람회 선거"));
    host.open(&mut town, "/admin");
    assert!(host.page.contains("가람회 선거"));
    let found = statuses(&mut town, &mut host, &office);
    assert!(found[..PAGES.len()].iter().all(|status| *status == StatusCode::OK), "{found:?}");
    // The form that adds an account was among those that were sent.
    assert_eq!(found.last(), Some(&StatusCode::SEE_OTHER));
    other.open(&mut town, &office);
    assert_eq!(other.status, StatusCode::OK);
    host.open(&mut town, &office);
    host.fill(&mut town, &format!("{office}/accounts"), &[("account", "nobody")]);
    assert_eq!(host.status, StatusCode::BAD_REQUEST);
    // What a program began is everybody's, and nobody takes it from the others.
    let made = town.manage("", &json!({"draft": draft("ring", "last"), "trustees": []}));
    let shared = format!("/admin/e/{}", made["election"].as_str().unwrap());
    let _statuses = statuses(&mut town, &mut host, &shared);
    other.open(&mut town, &shared);
    assert_eq!(other.status, StatusCode::OK);
}

/// Spends a code on a request that the log does not get.
fn spent_in_vain(town: &mut Town, weak: &WeakLog, code: &str) -> Value {
    let (_, begun) = town.begin(code);
    let holder = SigningKey::generate(Algorithm::Es256, &mut town.entropy);
    let (request, ..) = town.request(&begun, [1; 32], &holder);
    let body = json!({"code": code, "presentation": null, "request": request});
    weak.takes_entries.store(false, SeqCst);
    let path = town.at("/register");
    assert_eq!(town.post(&path, &body).0, StatusCode::SERVICE_UNAVAILABLE);
    weak.takes_entries.store(true, SeqCst);
    body
}

#[test]
fn a_request_that_the_log_did_not_get_ends_with_its_code() {
    let mut town = Town::with_keys(&draft("ring", "last"));
    let codes = town.codes(3);
    let weak = WeakLog::of(&town);
    let first = spent_in_vain(&mut town, &weak, &codes[0]);
    let mut host = logged_in(&mut town);
    let roll = format!("/admin/e/{}/roll", to_hex(&town.election.0));
    host.open(&mut town, &roll);
    let again = roll.replace("/roll", "/codes/again");
    host.fill(&mut town, &again, &[("line", "1")]);
    let code = host.page.split("<code>").nth(1).unwrap().split('<').next().unwrap().to_owned();
    let path = town.at("/register");
    let refused = |town: &mut Town| {
        let (status, answer) = town.post(&path, &first);
        assert_eq!((status, answer["rule"].as_str()), (StatusCode::FORBIDDEN, Some("VTS-26")));
    };
    refused(&mut town);
    let voter = town.register(&code, [2; 32]);
    town.pass(1);
    refused(&mut town);
    let summary = town.at("/summary");
    assert_eq!(parsed(&town.get(&summary))["registered"]["d1"], 1);
    assert_eq!(voter.answer["index"], town.log().head().unwrap().size - 1, "nothing came after it");
    // Without another code the same request goes on.
    let second = spent_in_vain(&mut town, &weak, &codes[1]);
    town.pass(1);
    assert_eq!(town.post(&path, &second).0, StatusCode::CREATED);
}

#[test]
fn a_draft_is_settled_before_the_log_has_its_manifest() {
    let mut town = Town::new();
    let trustees = json!([{"ko": "감사", "en": "Auditor"}, {"ko": "회원", "en": "Member"}]);
    let made = town.manage("", &json!({"draft": draft("ring", "last"), "trustees": trustees}));
    let secret = |link: &Value| link.as_str().unwrap().rsplit('/').next().unwrap().to_owned();
    let links: Vec<String> = made["trustees"].as_array().unwrap().iter().map(secret).collect();
    let election = made["election"].as_str().unwrap().to_owned();
    town.adopt(&election, &links);
    let _empty = town.logs.create(&town.election).unwrap();
    let weak = WeakLog::of(&town);
    weak.takes_entries.store(false, SeqCst);
    let mut host = logged_in(&mut town);
    let office = format!("/admin/e/{election}");
    let call = format!("{office}/step/call");
    host.open(&mut town, &office);
    host.fill(&mut town, &call, &[]);
    assert_eq!(host.status, StatusCode::SERVICE_UNAVAILABLE);
    // The log has nothing, and yet the draft is what it will say.
    let districts = format!("{office}/edit/districts");
    host.open(&mut town, &districts);
    host.fill(&mut town, &districts, &[("ko", "102동"), ("en", ""), ("legal", "3")]);
    assert_eq!(host.status, StatusCode::CONFLICT);
    weak.takes_entries.store(true, SeqCst);
    host.open(&mut town, &office);
    host.fill(&mut town, &call, &[]);
    assert_eq!((host.status, town.log().head().unwrap().size), (StatusCode::OK, 1));
    assert_eq!(town.manifest()["districts"].as_array().unwrap().len(), 1);
}

#[test]
fn why_a_line_was_struck_names_nobody() {
    let mut town = Town::with_keys(&draft("ring", "last"));
    let codes = town.codes(2);
    town.register(&codes[0], [1; 32]);
    let election = to_hex(&town.election.0);
    let size = town.log().head().unwrap().size;
    // A program writes what it likes, but nothing of the label.
    let token = format!("Bearer {}", town.service.manage_token().expose());
    let request = Request::post(format!("/manage/elections/{election}/strike"))
        .header("host", HOST)
        .header("authorization", token)
        .header("content-type", "application/json")
        .body(json!({"line": 1, "reason": "1호 사망"}).to_string().into_bytes());
    let answer = town.send(&request.unwrap());
    assert_eq!(
        (answer.status(), &parsed(&answer)["rule"]),
        (StatusCode::UNPROCESSABLE_ENTITY, &json!("VTS-58"))
    );
    // The page offers words.
    let mut host = logged_in(&mut town);
    let roll = format!("/admin/e/{election}/roll");
    let strike = format!("{roll}/strike");
    host.open(&mut town, &roll);
    assert!(host.page.contains("공개 기록에 영원히"));
    host.fill(&mut town, &strike, &[("line", "1"), ("reason", "홍길동 사망")]);
    assert_eq!((host.status, town.log().head().unwrap().size), (StatusCode::BAD_REQUEST, size));
    host.open(&mut town, &roll);
    host.fill(&mut town, &strike, &[("line", "1"), ("reason", "moved")]);
    let newest = town.log().entries(size..size + 1).unwrap().remove(0);
    let newest: Value = serde_json::from_slice(&newest).unwrap();
    assert_eq!(newest["body"]["reason"], "moved");
}
