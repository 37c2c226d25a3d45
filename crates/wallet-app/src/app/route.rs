//! Which page or act a request is for.

use super::{Call, Pending, Step, WalletApp, see};
use crate::{
    need::Need,
    page::{self, lock::Fault},
    vault::VaultError,
};
use http::{HeaderValue, StatusCode, header};
use sinpyo_core::{Secret, encoding::from_base64url, key::Entropy, time::Timestamp};
use sinpyo_wallet::{HeldId, OpenError, Password, Wallet};
use sinpyo_web::answer;

/// Fewest characters of a new password. [WAP-15]
const MIN_PASSWORD: usize = 8;

impl WalletApp {
    pub(super) fn run(&mut self, call: &Call, now: Timestamp, entropy: &mut dyn Entropy) -> Step {
        let segments: Vec<&str> = call.path.split('/').skip(1).collect();
        if self.wallet.is_none() {
            return match (call.is_reading, segments.as_slice()) {
                (false, ["unlock"]) => self.unlock(call, entropy),
                (false, ["create"]) => self.create(call, entropy),
                (false, ["restore"]) => self.restore(call, entropy),
                (true, ["restore"]) => self.show(call, page::backup::restore(call.lang, &call.token, None)),
                (true, [""]) => self.closed(call, None),
                _ => Step::Answer(see("/")),
            };
        }
        if call.is_reading {
            self.read(&segments, call, now, entropy)
        } else {
            self.act(&segments, call, now, entropy)
        }
    }

    /// Pages.
    fn read(&mut self, segments: &[&str], call: &Call, now: Timestamp, entropy: &mut dyn Entropy) -> Step {
        let Some(wallet) = self.opened() else { return Step::Answer(see("/")) };
        let (lang, token) = (call.lang, call.token.as_str());
        let view = match segments {
            [""] => page::credentials::list(lang, token, wallet, (&self.standings, now)),
            ["credentials", id] => {
                let Some(held) = find(wallet, id) else { return Step::Answer(see("/")) };
                let is_unreachable = call.query.text("unreachable").is_some();
                let standing = self.standings.get(&held.id());
                page::credentials::details(lang, token, (wallet, held), (standing, is_unreachable, now))
            }
            ["credentials", id, "delete"] => {
                let Some(held) = find(wallet, id) else { return Step::Answer(see("/")) };
                page::credentials::delete(lang, token, (wallet, held))
            }
            ["add"] => page::add::page(lang, token, None),
            ["history"] => page::history::page(lang, wallet),
            ["votes"] => page::vote::list::page(lang, token, wallet),
            ["votes", election, "forget"] => {
                let Some(view) = page::vote::list::forget(lang, token, (wallet, election)) else {
                    return Step::Answer(see("/votes"));
                };
                view
            }
            ["backup"] => page::backup::page(lang, token, None),
            ["restore"] => page::backup::restore(lang, token, None),
            ["flows", id] => return self.flow(number(id), call, now, entropy),
            ["flows", id, "leave"] => return self.leave(number(id)),
            ["flows", id, "answer"] => return self.carry(number(id)),
            ["callback"] => return self.returned(call, now, entropy),
            _ => {
                let view = page::lock::missing(lang);
                return Step::Answer(self.page(call, StatusCode::NOT_FOUND, view));
            }
        };
        self.show(call, view)
    }

    /// Forms.
    fn act(&mut self, segments: &[&str], call: &Call, now: Timestamp, entropy: &mut dyn Entropy) -> Step {
        match segments {
            ["add"] => self.begin(call, now, entropy),
            ["flows", id, act] => self.decide((number(id), act), call, now, entropy),
            ["credentials", id, "delete"] => self.delete(id, entropy),
            ["credentials", id, "check"] => self.check(id),
            ["votes", election, "open"] => self.open_vote(election, now, entropy),
            ["votes", election, "forget"] => self.forget_vote(election, entropy),
            ["backup"] => self.backup(call, entropy),
            ["restore"] => self.restore(call, entropy),
            ["lock"] => {
                self.lock();
                Step::Answer(see("/"))
            }
            _ => Step::Answer(see("/")),
        }
    }

    fn closed(&self, call: &Call, fault: Option<Fault>) -> Step {
        let view = if self.vault.has_wallet() {
            page::lock::unlock(call.lang, &call.token, fault)
        } else {
            page::lock::create(call.lang, &call.token, fault)
        };
        let status = if fault.is_some() { StatusCode::UNPROCESSABLE_ENTITY } else { StatusCode::OK };
        Step::Answer(self.page(call, status, view))
    }

    fn unlock(&mut self, call: &Call, _: &mut dyn Entropy) -> Step {
        let Some(password) = password(call, "password") else { return self.closed(call, Some(Fault::Empty)) };
        match self.vault.open(password) {
            Ok(wallet) => self.enter(wallet),
            Err(error) => self.closed(call, Some(fault(error))),
        }
    }

    fn create(&mut self, call: &Call, entropy: &mut dyn Entropy) -> Step {
        if self.vault.has_wallet() {
            return Step::Answer(see("/"));
        }
        let password = match new_password(call) {
            Ok(password) => password,
            Err(fault) => return self.closed(call, Some(fault)),
        };
        match self.vault.create(password, entropy) {
            Ok(wallet) => self.enter(wallet),
            Err(error) => self.closed(call, Some(fault(error))),
        }
    }

    fn enter(&mut self, wallet: Wallet) -> Step {
        self.wallet = Some(wallet);
        Step::Answer(see("/"))
    }

    fn delete(&mut self, id: &str, entropy: &mut dyn Entropy) -> Step {
        let Some(wallet) = self.wallet.as_mut() else { return Step::Answer(see("/")) };
        let copies = find(wallet, id).map(|held| page::credentials::copies(wallet, held)).unwrap_or_default();
        for copy in copies {
            // It was found a moment ago.
            if wallet.remove(copy).is_ok() {
                self.standings.remove(&copy);
            }
        }
        if self.store(entropy).is_err() {
            // What is shown is what is kept.
            self.lock();
        }
        Step::Answer(see("/"))
    }

    fn check(&self, id: &str) -> Step {
        match self.opened().and_then(|wallet| find(wallet, id)) {
            Some(held) => {
                let need = Need::Standing(Box::new(held.credential().clone()));
                Step::Need(need, Pending::Standing(held.id()))
            }
            None => Step::Answer(see("/")),
        }
    }

    /// The whole wallet, sealed under the password of the backup.
    fn backup(&mut self, call: &Call, entropy: &mut dyn Entropy) -> Step {
        let refused = |app: &Self, fault| {
            let view = page::backup::page(call.lang, &call.token, Some(fault));
            Step::Answer(app.page(call, StatusCode::UNPROCESSABLE_ENTITY, view))
        };
        let password = match new_password(call) {
            Ok(password) => password,
            Err(fault) => return refused(self, fault),
        };
        let sealed = self.wallet.as_mut().and_then(|wallet| wallet.seal(&password, entropy).ok());
        let (Some(sealed), Ok(())) = (sealed, self.store(entropy)) else {
            return refused(self, Fault::Storage);
        };
        Step::Answer(file(sealed, "application/octet-stream", "wallet-backup.sinpyo"))
    }

    fn restore(&mut self, call: &Call, entropy: &mut dyn Entropy) -> Step {
        let typed = call.form.text("file").unwrap_or_default();
        let typed: String = typed.split_whitespace().collect();
        let restored = match (from_base64url(&typed), password(call, "password")) {
            (_, None) => Err(Fault::Empty),
            (Err(_), _) => Err(Fault::Damaged),
            (Ok(backup), Some(password)) => self.vault.restore(&backup, password, entropy).map_err(fault),
        };
        match restored {
            Ok(wallet) => {
                self.flows = super::Flows::default();
                self.enter(wallet)
            }
            Err(fault) => {
                let view = page::backup::restore(call.lang, &call.token, Some(fault));
                Step::Answer(self.page(call, StatusCode::UNPROCESSABLE_ENTITY, view))
            }
        }
    }

    fn carry(&self, id: u64) -> Step {
        Step::Answer(match self.carried(id) {
            Some(answer) => file(answer.to_vec(), "application/json", "answer.json"),
            None => see("/"),
        })
    }
}

fn number(text: &str) -> u64 {
    text.parse().unwrap_or_default()
}

fn find<'w>(wallet: &'w Wallet, id: &str) -> Option<&'w sinpyo_wallet::HeldCredential> {
    wallet.held(HeldId::new(id.parse().ok()?))
}

fn password(call: &Call, name: &str) -> Option<Password> {
    Password::new(Secret::new(call.form.text(name)?.to_owned())).ok()
}

/// One that is new: long enough, and typed twice.
fn new_password(call: &Call) -> Result<Password, Fault> {
    let typed = call.form.text("password").unwrap_or_default();
    if typed.chars().count() < MIN_PASSWORD {
        return Err(Fault::Short); // [WAP-15]
    }
    if call.form.text("again") != Some(typed) {
        return Err(Fault::Unequal); // [WAP-15]
    }
    password(call, "password").ok_or(Fault::Short)
}

const fn fault(error: VaultError) -> Fault {
    match error {
        VaultError::Open(OpenError::WrongPasswordOrDamaged) => Fault::Wrong,
        VaultError::Open(OpenError::RolledBack) => Fault::RolledBack,
        VaultError::Open(_) => Fault::Damaged,
        _ => Fault::Storage,
    }
}

/// Something to be saved.
fn file(bytes: Vec<u8>, media: &'static str, name: &'static str) -> http::Response<Vec<u8>> {
    let mut response = answer::with_type(media, bytes);
    if let Ok(value) = HeaderValue::from_str(&format!("attachment; filename=\"{name}\"")) {
        response.headers_mut().insert(header::CONTENT_DISPOSITION, value);
    }
    answer::secured(response)
}
