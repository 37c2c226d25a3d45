//! Who a wallet is to a server, and what it wants there.

use super::Pkce;
use crate::url::IssuerId;
use sinpyo_core::Secret;
use sinpyo_crypto::SigningKey;
use std::fmt;

/// Who the wallet is to the server.
#[derive(Clone, Copy, Debug)]
pub enum Identity<'a> {
    /// Nobody: for pre-authorized codes, where the server allows it.
    Anonymous,
    /// A registered client without a way to prove it.
    Public {
        /// Its name.
        client_id: &'a str,
    },
    /// A registered client with a key.
    PrivateKeyJwt {
        /// Its name.
        client_id: &'a str,
        /// The key, and its name if the server knows it by one.
        key: (&'a SigningKey, Option<&'a str>),
    },
    /// A wallet whose provider vouches for it.
    Attested {
        /// The wallet product's name, `sub` of the attestation.
        client_id: &'a str,
        /// The attestation.
        attestation: WalletAttestation<'a>,
        /// The key in its `cnf`.
        key: &'a SigningKey,
    },
}

/// What a wallet's provider says about it, for one server: sent to several, it would tell them that it is the same wallet
/// [HAIP 1.0 §4.4.1].
#[derive(Clone, Copy)]
pub struct WalletAttestation<'a> {
    /// The token.
    pub text: &'a str,
    /// The server.
    pub server: &'a IssuerId,
}

impl<'a> Identity<'a> {
    /// The name, for `client_id` and for `iss` of proofs.
    pub const fn client_id(&self) -> Option<&'a str> {
        match *self {
            Self::Anonymous => None,
            Self::Public { client_id }
            | Self::PrivateKeyJwt { client_id, .. }
            | Self::Attested { client_id, .. } => Some(client_id),
        }
    }
}

/// What a user is to be asked for.
#[derive(Clone, Default)]
pub struct AuthorizationOrder<'a> {
    /// Where the browser is to come back to.
    pub redirect_uri: &'a str,
    /// What comes back with it: random, new for each request.
    pub state: &'a str,
    /// Scopes, separated by spaces.
    pub scope: Option<&'a str>,
    /// `authorization_details`, as JSON.
    pub authorization_details: Option<&'a str>,
    /// From the offer, as it stands there.
    pub issuer_state: Option<&'a str>,
}

/// What is redeemed at the token endpoint.
#[derive(Clone, Copy)]
pub enum Redeem<'a> {
    /// An authorization code.
    Code {
        /// The code that came back.
        code: &'a str,
        /// Where the browser came back to.
        redirect_uri: &'a str,
        /// The other half of the code challenge.
        pkce: &'a Pkce,
    },
    /// The code of an offer.
    PreAuthorized {
        /// The code.
        code: &'a str,
        /// What the user typed, if the offer says that a code is needed.
        tx_code: Option<&'a str>,
    },
    /// A refresh token.
    Refresh(&'a Secret<String>),
}

// What is redeemed or attested buys something for whoever reads it in a log.

impl fmt::Debug for WalletAttestation<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("WalletAttestation").field("server", self.server).finish_non_exhaustive()
    }
}

impl fmt::Debug for AuthorizationOrder<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut shown = f.debug_struct("AuthorizationOrder");
        shown.field("redirect_uri", &self.redirect_uri).field("scope", &self.scope).finish_non_exhaustive()
    }
}

impl fmt::Debug for Redeem<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Code { .. } => "Code(..)",
            Self::PreAuthorized { .. } => "PreAuthorized(..)",
            Self::Refresh(_) => "Refresh(..)",
        })
    }
}
