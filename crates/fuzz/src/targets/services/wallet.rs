//! The wallet's pages.

use super::{FORM, SKIPPED, now, outcome, vcapi, written};
use crate::Outcome;
use sinpyo_core::key::Entropy;
use sinpyo_testkit::TestEntropy;
use sinpyo_wallet::{Password, Wallet};
use sinpyo_wallet_app::{Found, Rules, Settings, Step, Vault, VaultError, WalletApp};
use sinpyo_web::site::Site;
use std::time::Duration;

const ORIGIN: &str = "http://127.0.0.1:8484";

/// A vault that seals nothing: what passwords cost is measured elsewhere.
struct Open(bool);

impl Vault for Open {
    fn has_wallet(&self) -> bool {
        self.0
    }

    fn create(&mut self, _: Password, _: &mut dyn Entropy) -> Result<Wallet, VaultError> {
        self.0 = true;
        Ok(Wallet::new())
    }

    fn open(&mut self, _: Password) -> Result<Wallet, VaultError> {
        Ok(Wallet::new())
    }

    fn store(&mut self, _: &mut Wallet, _: &mut dyn Entropy) -> Result<(), VaultError> {
        Ok(())
    }

    fn restore(&mut self, _: &[u8], _: Password, _: &mut dyn Entropy) -> Result<Wallet, VaultError> {
        Err(VaultError::Storage)
    }

    fn lock(&mut self) {}
}

/// A wallet that is open to one browser, with its cookie and the token of its forms.
fn inside() -> (WalletApp, String, String) {
    let site = Site::new(ORIGIN.parse().expect("an origin"), Vec::new());
    let rules = Rules::new(sinpyo_oauth::url::Transport::Https, "sinpyo-wallet");
    let settings = Settings { site, rules, idle: Duration::from_mins(10) };
    let mut entropy = TestEntropy::new(5);
    let mut app = WalletApp::new(settings, Box::new(Open(false)), now(), &mut entropy);
    let start = app.start_url().expect("an address");
    let cookie = answer(&mut app, &written("GET", &start, &["sec-fetch-site: none"], ""), &mut entropy).0;
    let page = answer(&mut app, &written("GET", &format!("{ORIGIN}/"), &[&cookie], ""), &mut entropy).1;
    let token = page.split("name=\"csrf\" value=\"").nth(1).and_then(|rest| rest.split('"').next());
    let token = token.unwrap_or_default().to_owned();
    let body = format!("password=correct+horse&again=correct+horse&csrf={token}");
    answer(&mut app, &post("/create", &cookie, &body), &mut entropy);
    (app, cookie, token)
}

fn post(path: &str, cookie: &str, body: &str) -> Vec<u8> {
    written(
        "POST",
        &format!("{ORIGIN}{path}"),
        &[cookie, FORM, &format!("origin: {ORIGIN}"), "sec-fetch-site: same-origin"],
        body,
    )
}

/// The cookie that is set, as it comes back, and the body.
fn answer(app: &mut WalletApp, input: &[u8], entropy: &mut TestEntropy) -> (String, String) {
    let request = vcapi::parse(input).expect("a request");
    let Step::Answer(response) = app.answer(&request, now(), entropy) else { panic!("nothing is needed") };
    let cookie =
        response.headers().get("set-cookie").and_then(|value| value.to_str().ok()).unwrap_or_default();
    let cookie = format!("cookie: {}", cookie.split(';').next().unwrap_or_default());
    (cookie, String::from_utf8_lossy(response.body()).into_owned())
}

pub(super) fn requests() -> Vec<Vec<u8>> {
    let (_, cookie, token) = inside();
    let get = |path: &str| written("GET", &format!("{ORIGIN}{path}"), &[&cookie, "accept-language: ko"], "");
    let link = |link: &str| post("/add", &cookie, &format!("link={link}&csrf={token}"));
    vec![
        get("/"),
        get("/add"),
        get("/history"),
        get("/backup"),
        get("/flows/1"),
        get("/callback?code=a&state=b"),
        get("/credentials/1"),
        link(
            "openid-credential-offer%3A%2F%2F%3Fcredential_offer_uri%3Dhttps%253A%252F%252Fissuer.example%252Fo",
        ),
        link(
            "openid4vp%3A%2F%2F%3Fclient_id%3Dx509_hash%3Aabc%26request_uri%3Dhttps%253A%252F%252Fv.example%252Fr",
        ),
        post("/flows/1/agree", &cookie, &format!("csrf={token}")),
        post("/credentials/1/delete", &cookie, &format!("csrf={token}")),
        post("/lock", &cookie, &format!("csrf={token}")),
        post("/restore", &cookie, &format!("csrf={token}&backup=AAAA&password=abcdefgh")),
    ]
}

/// Every request is answered, also where nobody else answers, and never with the server's fault.
pub(super) fn ask(input: &[u8]) -> Outcome {
    let Some(request) = vcapi::parse(input) else { return SKIPPED };
    let (mut app, ..) = inside();
    let mut entropy = TestEntropy::new(6);
    let mut step = app.answer(&request, now(), &mut entropy);
    for _ in 0..64 {
        match step {
            Step::Answer(response) => {
                let found = outcome(&request, &response);
                return if found == "3xx" { "moved" } else { found };
            }
            Step::Need(_, pending) => step = app.resume(pending, Found::Unreachable, now(), &mut entropy),
        }
    }
    unreachable!("the wallet needs ever more")
}
