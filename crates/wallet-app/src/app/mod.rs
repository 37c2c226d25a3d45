//! The wallet behind pages.

mod door;
mod flows;
mod route;
mod votes;

pub(crate) use flows::Entry;
pub use flows::Pending;

use crate::{
    need::{Found, Need, Standing},
    page::{self, View},
    trust::Rules,
    vault::Vault,
};
use door::Door;
use flows::Flows;
use http::{Request, Response, StatusCode, request::Parts};
use sinpyo_core::{key::Entropy, time::Timestamp};
use sinpyo_wallet::{HeldId, Wallet};
use sinpyo_web::{
    answer,
    asset::{Asset, Assets},
    cookie::set_cookie,
    form::Fields,
    lang::{CHOICE, Lang},
    page::Page,
    site::Site,
};
use std::{collections::BTreeMap, fmt, time::Duration};

/// Bytes of a request that are read: a backup, in base64url, is the longest.
pub const MAX_BODY: usize = 24 << 20;

/// How the application is run.
#[derive(Debug)]
pub struct Settings {
    /// Where it is reached: an address of the loopback.
    pub site: Site,
    /// What the wallet goes by. `redirect_uri` is set by the application.
    pub rules: Rules,
    /// After how long without a request the wallet is locked.
    pub idle: Duration,
}

/// What to do with a request of the browser.
#[derive(Debug)]
#[must_use]
pub enum Step {
    /// Send this.
    Answer(Response<Vec<u8>>),
    /// Find this, and give it to [`WalletApp::resume`] together with the second part, even if nobody answers: the browser
    /// is waiting.
    Need(Need, Pending),
}

/// One holder's wallet in one process, for one browser.
pub struct WalletApp {
    site: Site,
    rules: Rules,
    idle: Duration,
    assets: Assets,
    vault: Box<dyn Vault + Send>,
    door: Door,
    wallet: Option<Wallet>,
    flows: Flows,
    standings: BTreeMap<HeldId, (Standing, Timestamp)>,
    seen: Timestamp,
}

static SCRIPTS: [Asset; 2] = [
    Asset::module("scan.js", include_str!("../page/scan.js")),
    Asset::module("file.js", include_str!("../page/file.js")),
];

impl WalletApp {
    /// A locked wallet.
    pub fn new(
        settings: Settings,
        vault: Box<dyn Vault + Send>,
        now: Timestamp,
        entropy: &mut dyn Entropy,
    ) -> Self {
        let Settings { site, mut rules, idle } = settings;
        rules.redirect_uri = Some(format!("{}/callback", site.main()));
        Self {
            site,
            rules,
            idle,
            assets: Assets::new(&SCRIPTS),
            vault,
            door: Door::new(entropy),
            wallet: None,
            flows: Flows::default(),
            standings: BTreeMap::new(),
            seen: now,
        }
    }

    /// The address that lets one browser in, once. Whoever reads it first has the application, but not the password.
    pub fn start_url(&self) -> Option<String> {
        Some(format!("{}{}", self.site.main(), self.door.start_path()?))
    }

    /// Answers a request of a browser.
    pub fn answer(&mut self, request: &Request<Vec<u8>>, now: Timestamp, entropy: &mut dyn Entropy) -> Step {
        let (parts, body) = request.clone().into_parts();
        let step = match self.admitted(&parts, &body, now, entropy) {
            Ok(call) => self.run(&call, now, entropy),
            Err(response) => Step::Answer(*response),
        };
        match step {
            Step::Answer(response) => Step::Answer(answer::for_method(response, &parts.method)),
            need @ Step::Need(..) => need,
        }
    }

    /// Goes on with what was found.
    #[expect(clippy::needless_pass_by_value, reason = "a need is met once")]
    pub fn resume(
        &mut self,
        pending: Pending,
        found: Found,
        now: Timestamp,
        entropy: &mut dyn Entropy,
    ) -> Step {
        self.seen = now;
        match pending {
            Pending::Flow(id) => self.supply(id, found, now, entropy),
            Pending::Standing(held) => {
                if let Found::Standing(standing) = found {
                    self.standings.insert(held, (standing, now));
                }
                let told = if self.standings.contains_key(&held) { "" } else { "?unreachable=1" };
                Step::Answer(see(&format!("/credentials/{held}{told}")))
            }
        }
    }

    /// Forgets the password and everything that is not kept.
    pub fn lock(&mut self) {
        self.wallet = None; // [WAP-16]
        self.flows = Flows::default();
        self.standings.clear();
        self.vault.lock();
    }

    /// Seals the wallet and keeps it.
    fn store(&mut self, entropy: &mut dyn Entropy) -> Result<(), crate::vault::VaultError> {
        let wallet = self.wallet.as_mut().ok_or(crate::vault::VaultError::Locked)?;
        self.vault.store(wallet, entropy)
    }

    fn show(&self, call: &Call, view: View) -> Step {
        Step::Answer(self.page(call, StatusCode::OK, view))
    }

    fn page(&self, call: &Call, status: StatusCode, view: View) -> Response<Vec<u8>> {
        let menu = if self.wallet.is_some() { page::menu(call.lang, view.place) } else { Vec::new() };
        let here = call.here();
        let page = Page {
            lang: call.lang,
            title: &view.title,
            institution: page::NAME.of(call.lang),
            here: call.is_reading.then_some(here.as_str()),
            menu: &menu,
            main: view.main,
            footer: page::footer(call.lang),
            scripts: view.scripts,
            width: sinpyo_web::page::Width::Column,
        };
        let mut response = page.answer(status, &self.assets, self.site.main().transport());
        if call.query.text(CHOICE).and_then(Lang::of_tag).is_some()
            && let Some(cookie) = set_cookie(CHOICE, call.lang.tag(), None, self.site.main().transport())
        {
            response.headers_mut().append(http::header::SET_COOKIE, cookie);
        }
        response
    }
}

impl fmt::Debug for WalletApp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("WalletApp").field("site", &self.site).finish_non_exhaustive()
    }
}

/// A request of the browser that was let in.
#[derive(Debug)]
struct Call {
    path: String,
    raw_query: String,
    is_reading: bool,
    query: Fields,
    form: Fields,
    lang: Lang,
    /// For the forms of the page.
    token: String,
}

impl Call {
    fn new(parts: &Parts, query: Fields, form: Fields, token: String) -> Self {
        let lang = Lang::choose(&query, &parts.headers);
        Self {
            path: parts.uri.path().to_owned(),
            raw_query: parts.uri.query().unwrap_or_default().to_owned(),
            is_reading: parts.method != http::Method::POST,
            query,
            form,
            lang,
            token,
        }
    }

    fn here(&self) -> String {
        if self.raw_query.is_empty() {
            self.path.clone()
        } else {
            format!("{}?{}", self.path, self.raw_query)
        }
    }
}

/// Sends the browser to a path of ours.
fn see(path: &str) -> Response<Vec<u8>> {
    let response = answer::see_other(path).unwrap_or_else(|_| answer::empty(StatusCode::BAD_REQUEST));
    answer::secured(response)
}
