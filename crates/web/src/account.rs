//! Who administers a service, and that it is them: accounts with a password, and the sessions that follow.
//!
//! An account is made by the operator at the machine; nobody makes one through a page. What is kept of a password is its
//! argon2id key [RFC 9106]. Attempts are counted in the state before the password is looked at, so that neither many
//! connections nor many nodes give anybody more of them.

mod attempt;
mod form;

pub use form::LogInForm;

use crate::{audit::LogWord, session::Session, site::Transport};
use http::{HeaderMap, HeaderValue};
use serde_json::{Value, json};
use sinpyo_core::{
    Secret,
    claims::nfc,
    encoding::{from_base64url, to_base64url},
    json::parse_object,
    key::Entropy,
    time::Timestamp,
};
use sinpyo_crypto::{
    mac::equal,
    password::{Cost, PasswordError, SALT_LENGTH, derive_key},
};
use sinpyo_state::{Key, OwnedChange, Record, Space, State, Unavailable, retrying};
use std::{net::IpAddr, time::Duration};

/// How long a login holds.
pub const LIFE: Duration = Duration::from_hours(8);

/// Fewest characters of a password [NIST SP 800-63B-4 §3.1.1].
pub const MIN_PASSWORD: usize = 15;

const ACCOUNT: Space = Space::new("web.account");
const LOGIN: Space = Space::new("web.login");

/// The accounts of one service, and who is logged in.
#[derive(Clone, Copy, Debug)]
pub struct Accounts<'a> {
    /// Remembers them.
    pub state: &'a dyn State,
    /// The name of the cookie: another one for each service, because ports share cookies.
    pub cookie: &'a str,
    /// How pages travel.
    pub transport: Transport,
}

/// Somebody whose browser is logged in.
#[derive(Debug)]
pub struct LoggedIn {
    /// The account.
    pub name: LogWord,
    /// Its browser: for the tokens of forms.
    pub session: Session,
}

impl Accounts<'_> {
    /// Makes the account `name`, or gives it another password, which ends its logins.
    ///
    /// # Errors
    /// The password is too short or too long, or the state cannot answer.
    pub fn enter(
        &self,
        name: &LogWord,
        password: &Secret<String>,
        now: Timestamp,
        entropy: &mut dyn Entropy,
    ) -> Result<(), EnterError> {
        let password = typed(password);
        if password.expose().chars().count() < MIN_PASSWORD {
            return Err(EnterError::Short); // [HTTP-30]
        }
        let mut salt = [0; SALT_LENGTH];
        entropy.fill(&mut salt);
        let hash = derive_key(&password, &salt, Cost::DEFAULT)?;
        let account = json!({ "salt": to_base64url(&salt), "key": to_base64url(hash.expose()) });
        let data = account.to_string();
        let key = account_key(name);
        retrying(|| {
            let found = self.state.get(&key, now)?;
            let change = match found {
                None => OwnedChange::insert(key.clone(), data.as_bytes(), None),
                Some(found) => OwnedChange::replace(key.clone(), found.version, data.as_bytes(), None),
            };
            Ok(self.state.commit_owned(&[change]))
        })
    }

    /// Ends the account `name` and its logins; whether there was one.
    ///
    /// # Errors
    /// The state cannot answer.
    pub fn remove(&self, name: &LogWord, now: Timestamp) -> Result<bool, Unavailable> {
        let key = account_key(name);
        retrying(|| {
            let Some(found) = self.state.get(&key, now)? else { return Ok(Ok(false)) };
            Ok(self.state.commit_owned(&[OwnedChange::remove(key.clone(), found.version)]).map(|()| true))
        })
    }

    /// The names of the accounts.
    ///
    /// # Errors
    /// The state cannot answer.
    pub fn names(&self, now: Timestamp) -> Result<Vec<String>, Unavailable> {
        let records = self.state.page(ACCOUNT, None, 1000, now)?;
        Ok(records.into_iter().map(|(key, _)| key.name().to_owned()).collect())
    }

    /// Lets `name` in: a session of its own, whatever the browser had before. Its cookie is [`Accounts::set`].
    ///
    /// # Errors
    /// The name or the password is wrong, which is not told apart; too many attempts came from `peer` or for this
    /// account; or the state cannot answer.
    pub fn log_in(
        &self,
        peer: IpAddr,
        (name, password): (&str, &Secret<String>),
        now: Timestamp,
        entropy: &mut dyn Entropy,
    ) -> Result<LoggedIn, LogInError> {
        let attempt = attempt::count(self.state, (peer, name), now)?;
        let name = LogWord::parse(name).ok();
        let found = match &name {
            Some(name) => self.state.get(&account_key(name), now)?,
            None => None,
        };
        let account = found.as_ref().and_then(read);
        // For an account that there is not, the same work is done, so that time does not tell.
        let (salt, key) = account.unwrap_or(([0; SALT_LENGTH], [0; 32]));
        let derived = derive_key(&typed(password), &salt, Cost::DEFAULT).map_err(|_| LogInError::Wrong)?;
        let is_right = equal(derived.expose(), &key);
        let (Some(name), Some(found), true) = (name, found, is_right && account.is_some()) else {
            return Err(LogInError::Wrong); // [HTTP-31]
        };
        let session = Session::begin(entropy); // [HTTP-33]
        let login = json!({ "account": name.to_string(), "key": stamp(&found) }).to_string();
        let login = OwnedChange::insert(session.key(LOGIN), login, Some(now.plus(LIFE)));
        match self.state.commit_owned(&[login]) {
            Ok(()) => {}
            Err(_) => return Err(Unavailable.into()),
        }
        attempt.forgive(self.state, now)?;
        Ok(LoggedIn { name, session })
    }

    /// The header that gives a login to its browser.
    pub fn set(&self, login: &LoggedIn) -> Option<HeaderValue> {
        login.session.cookie(self.cookie, None, self.transport)
    }

    /// Who sent a request, if they are logged in.
    ///
    /// # Errors
    /// The state cannot answer.
    pub fn who(&self, headers: &HeaderMap, now: Timestamp) -> Result<Option<LoggedIn>, Unavailable> {
        let Some(session) = Session::of(headers, self.cookie, self.transport) else { return Ok(None) };
        let Some(login) = self.state.get(&session.key(LOGIN), now)? else { return Ok(None) }; // [HTTP-33]
        let login = parse_object(&login.data).map_err(|_| Unavailable)?;
        let text = |member: &str| login.get(member).and_then(Value::as_str);
        let Some(name) = text("account").and_then(|name| LogWord::parse(name).ok()) else { return Ok(None) };
        let account = self.state.get(&account_key(&name), now)?;
        // With another password, or none any more, the login is over.
        let holds = account.is_some_and(|account| text("key") == Some(&stamp(&account))); // [HTTP-34]
        Ok(holds.then_some(LoggedIn { name, session }))
    }

    /// Ends a login.
    ///
    /// # Errors
    /// The state cannot answer.
    pub fn log_out(&self, login: &LoggedIn, now: Timestamp) -> Result<(), Unavailable> {
        let key = login.session.key(LOGIN);
        retrying(|| {
            let Some(found) = self.state.get(&key, now)? else { return Ok(Ok(())) };
            Ok(self.state.commit_owned(&[OwnedChange::remove(key.clone(), found.version)]))
        })
    }
}

fn account_key(name: &LogWord) -> Key {
    Key::named(ACCOUNT, &name.to_string())
}

/// What tells one password of an account from the next, without telling anything about either: its salt.
fn stamp(account: &Record) -> String {
    read(account).map_or_else(String::new, |(salt, _)| to_base64url(&salt))
}

fn read(account: &Record) -> Option<([u8; SALT_LENGTH], [u8; 32])> {
    let account = parse_object(&account.data).ok()?;
    let bytes = |member: &str| from_base64url(account.get(member)?.as_str()?).ok();
    Some((bytes("salt")?.try_into().ok()?, bytes("key")?.try_into().ok()?))
}

/// As it is compared: the same Hangul, typed on another system, is the same password.
fn typed(password: &Secret<String>) -> Secret<String> {
    Secret::new(nfc(password.expose()))
}

/// Why there is no such account.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum EnterError {
    /// HTTP-30: fewer than 15 characters.
    #[error("the password has fewer than 15 characters")]
    Short,
    /// No key can be made of it.
    #[error(transparent)]
    Password(#[from] PasswordError),
    /// The state cannot answer.
    #[error(transparent)]
    Unavailable(#[from] Unavailable),
}

impl EnterError {
    /// The rule in `spec/checks/`.
    pub const fn code(&self) -> &'static str {
        match self {
            Self::Short => "HTTP-30",
            Self::Password(error) => error.code(),
            Self::Unavailable(error) => error.code(),
        }
    }
}

/// Why nobody is let in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum LogInError {
    /// HTTP-31: there is no such account, or the password is another.
    #[error("the account or the password is wrong")]
    Wrong,
    /// HTTP-32: after too many wrong ones, none is looked at for a while.
    #[error("too many attempts to log in")]
    TooOften,
    /// The state cannot answer.
    #[error(transparent)]
    Unavailable(#[from] Unavailable),
}

impl LogInError {
    /// The rule in `spec/checks/`.
    pub const fn code(&self) -> &'static str {
        match self {
            Self::Wrong => "HTTP-31",
            Self::TooOften => "HTTP-32",
            Self::Unavailable(error) => error.code(),
        }
    }
}

#[cfg(test)]
mod tests;
