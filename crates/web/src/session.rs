//! Whose browser it is, and that a form was made for it.

use crate::{
    cookie::{Cookies, set_cookie},
    form::Fields,
    site::{SiteError, Transport},
};
use http::{HeaderMap, HeaderValue};
use sinpyo_core::{
    Secret,
    encoding::{from_base64url, to_base64url},
    key::Entropy,
};
use sinpyo_crypto::mac::{equal, hmac_sha256};
use sinpyo_state::{Key, Space};
use std::{fmt, time::Duration};

/// The field of a form that carries its token.
pub const TOKEN: &str = "csrf";

const BYTES: usize = 32;

/// A browser, by the secret that we gave it.
pub struct Session(Secret<String>);

impl Session {
    /// A new one.
    pub fn begin(entropy: &mut dyn Entropy) -> Self {
        let mut secret = [0; BYTES];
        entropy.fill(&mut secret);
        Self(Secret::new(to_base64url(&secret)))
    }

    /// The one that the cookie `name` of a request tells of. Anybody can say anything there: whether we began it, the
    /// record under [`Session::key`] knows.
    pub fn of(headers: &HeaderMap, name: &str, transport: Transport) -> Option<Self> {
        let secret = Cookies::of(headers).get(name, transport)?;
        let is_ours = from_base64url(secret).is_ok_and(|bytes| bytes.len() == BYTES);
        is_ours.then(|| Self(Secret::new(secret.to_owned())))
    }

    /// The header that gives it to the browser.
    pub fn cookie(&self, name: &str, life: Option<Duration>, transport: Transport) -> Option<HeaderValue> {
        set_cookie(name, self.0.expose(), life, transport)
    }

    /// Where `space` keeps what belongs to it.
    pub fn key(&self, space: Space) -> Key {
        Key::secret(space, self.0.expose().as_bytes())
    }
}

impl fmt::Debug for Session {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Session(..)")
    }
}

/// Makes and checks the tokens that bind a form to the session of its reader.
#[derive(Debug)]
pub struct FormTokens(Secret<[u8; 32]>);

impl FormTokens {
    /// With a key that all nodes of a service share.
    pub const fn new(key: Secret<[u8; 32]>) -> Self {
        Self(key)
    }

    /// The token of the forms of `session`.
    pub fn token(&self, session: &Session) -> String {
        let message = ["sinpyo form ", session.0.expose()].concat();
        to_base64url(&hmac_sha256(&self.0, message.as_bytes()))
    }

    /// That `form` carries the token of `session`.
    ///
    /// # Errors
    /// It does not.
    pub fn check(&self, session: &Session, form: &Fields) -> Result<(), SiteError> {
        let sent = form.text(TOKEN).unwrap_or_default();
        if equal(sent.as_bytes(), self.token(session).as_bytes()) { Ok(()) } else { Err(SiteError::Token) } // [HTTP-03]
    }
}
