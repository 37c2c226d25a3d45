//! A browser with a cookie jar, and the edge between it and the world.

use crate::{
    vault::{Disk, MemoryVault},
    world::{World, now},
};
use http::{Request, Response};
use sinpyo_core::time::Timestamp;
use sinpyo_testkit::TestEntropy;
use sinpyo_wallet_app::{Settings, Step, WalletApp};
use sinpyo_web::site::Site;
use std::{
    sync::{Arc, Mutex},
    time::Duration,
};

pub(crate) const ORIGIN: &str = "http://127.0.0.1:8484";
pub(crate) const PASSWORD: &str = "correct horse";

pub(crate) struct Browser {
    pub(crate) app: WalletApp,
    pub(crate) world: World,
    pub(crate) disk: Arc<Mutex<Disk>>,
    pub(crate) cookie: Option<String>,
    pub(crate) at: Timestamp,
    entropy: TestEntropy,
    /// The last page.
    pub(crate) page: String,
    pub(crate) status: u16,
    pub(crate) path: String,
}

impl Browser {
    /// Started, with a wallet that is not made yet.
    pub(crate) fn new(seals: bool) -> Self {
        let (vault, disk) = MemoryVault::new(seals);
        let site = Site::new(ORIGIN.parse().unwrap(), Vec::new());
        let mut entropy = TestEntropy::new(5);
        let settings = Settings { site, rules: World::rules(), idle: Duration::from_mins(10) };
        let app = WalletApp::new(settings, Box::new(vault), now(), &mut entropy);
        Self {
            app,
            world: World::new(),
            disk,
            cookie: None,
            at: now(),
            entropy,
            page: String::new(),
            status: 0,
            path: String::new(),
        }
    }

    /// Inside, with an open wallet.
    pub(crate) fn inside() -> Self {
        Self::with_wallet(false)
    }

    /// The same, and the wallet is sealed as on disk, so that it can be closed and opened.
    pub(crate) fn sealed() -> Self {
        Self::with_wallet(true)
    }

    fn with_wallet(seals: bool) -> Self {
        let mut browser = Self::new(seals);
        browser.enter();
        browser.post("/create", &[("password", PASSWORD), ("again", PASSWORD)]);
        assert!(browser.page.contains("내 자격증명"), "{}", browser.page);
        browser
    }

    pub(crate) fn enter(&mut self) {
        let url = self.app.start_url().unwrap();
        self.get(url.strip_prefix(ORIGIN).unwrap());
    }

    /// Sends as a browser does, without following, and finds what the application needs.
    pub(crate) fn send(&mut self, request: &Request<Vec<u8>>) -> Response<Vec<u8>> {
        let mut step = self.app.answer(request, self.at, &mut self.entropy);
        loop {
            match step {
                Step::Answer(response) => return response,
                Step::Need(need, pending) => {
                    let found = self.world.find(need, self.at);
                    step = self.app.resume(pending, found, self.at, &mut self.entropy);
                }
            }
        }
    }

    pub(crate) fn request(&self, method: &str, path: &str, body: Vec<u8>) -> Request<Vec<u8>> {
        let mut request = Request::builder()
            .method(method)
            .uri(path)
            .header("host", "127.0.0.1:8484")
            .header("accept-language", "ko")
            .header("sec-fetch-site", "same-origin");
        if method == "POST" {
            request =
                request.header("origin", ORIGIN).header("content-type", "application/x-www-form-urlencoded");
        }
        if let Some(cookie) = &self.cookie {
            request = request.header("cookie", cookie);
        }
        request.body(body).unwrap()
    }

    /// Follows to the page in the end.
    fn follow(&mut self, mut response: Response<Vec<u8>>, path: &str) {
        let mut path = path.to_owned();
        for _ in 0..5 {
            if let Some(cookie) = response.headers().get("set-cookie") {
                let cookie = cookie.to_str().unwrap().split(';').next().unwrap();
                if cookie.starts_with("wallet=") {
                    self.cookie = Some(cookie.to_owned());
                }
            }
            if response.status() != 303 {
                break;
            }
            path = response.headers()["location"].to_str().unwrap().to_owned();
            if !path.starts_with('/') {
                break;
            }
            response = self.send(&self.request("GET", &path, Vec::new()));
        }
        (self.status, self.path) = (response.status().as_u16(), path);
        self.page = String::from_utf8_lossy(response.body()).into_owned();
    }

    pub(crate) fn get(&mut self, path: &str) {
        let response = self.send(&self.request("GET", path, Vec::new()));
        self.follow(response, path);
    }

    /// Fills in a form of the current page, with its token.
    pub(crate) fn post(&mut self, path: &str, fields: &[(&str, &str)]) {
        let response = self.send(&self.request("POST", path, self.form(fields)));
        self.follow(response, path);
    }

    pub(crate) fn form(&self, fields: &[(&str, &str)]) -> Vec<u8> {
        let token = self.token().unwrap_or_default();
        let all = fields.iter().copied().chain([("csrf", token)]);
        sinpyo_oauth::form::encode(all).into_bytes()
    }

    pub(crate) fn token(&self) -> Option<&str> {
        let (_, rest) = self.page.split_once("name=\"csrf\" value=\"")?;
        rest.split_once('"').map(|(token, _)| token)
    }

    /// Pastes a link and follows to what it is.
    pub(crate) fn paste(&mut self, link: &str) {
        self.get("/add");
        self.post("/add", &[("link", link)]);
    }

    /// What the page that is open says of itself: the form sends it back.
    pub(crate) fn seen(&self) -> Option<&str> {
        let (_, rest) = self.page.split_once("name=\"shown\" value=\"")?;
        Some(rest.split_once('"')?.0)
    }

    /// Does something about the flow that is shown.
    pub(crate) fn decide(&mut self, act: &str, fields: &[(&str, &str)]) {
        let path = format!("{}/{act}", self.path);
        let seen = self.seen().map(str::to_owned);
        let seen = seen.as_deref().map(|seen| ("shown", seen));
        let fields: Vec<_> = fields.iter().copied().chain(seen).collect();
        self.post(&path, &fields);
    }

    pub(crate) fn shows(&self, texts: &[&str]) {
        for text in texts {
            assert!(self.page.contains(text), "{text} in {}", self.page);
        }
    }

    /// With a resident credential in the wallet.
    pub(crate) fn resident() -> Self {
        let mut browser = Self::inside();
        let offer = browser.world.offer(None);
        browser.paste(&offer);
        browser.decide("agree", &[]);
        browser.shows(&["지갑에 담았습니다"]);
        browser.world.sent.clear();
        browser
    }
}
