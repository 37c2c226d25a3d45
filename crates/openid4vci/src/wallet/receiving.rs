//! From a proposal that the user agreed to, to credentials.

use super::{Proposal, ReceiveError, message::Envelope, requests::may_ask};
use crate::{
    configuration::Binding,
    notification::{Event, Notification},
    request::{Proofs, Wanted},
};
use http::Request;
use serde_json::Value;
use sinpyo_core::{Secret, encoding::to_base64url, key::Entropy, time::Timestamp};
use sinpyo_crypto::{SigningKey, VerifyingKey};
use sinpyo_oauth::client::{Client, Identity, Pkce, Pushed, Tokens, read_redirect};
use std::{collections::VecDeque, fmt};

/// What the user agreed to, and who the wallet is.
#[derive(Debug)]
pub struct Agreement<'a> {
    /// The configurations to fetch, of those that are offered.
    pub configurations: Vec<String>,
    /// By which grant.
    pub grant: Grant,
    /// Who the wallet is to the authorization server.
    pub identity: Identity<'a>,
    /// The key that tokens are bound to.
    pub dpop: Option<&'a SigningKey>,
}

/// How a wallet gets a token.
#[derive(Debug)]
pub enum Grant {
    /// By the code of the offer.
    PreAuthorized {
        /// What the user entered, if the offer asks for it.
        tx_code: Option<Secret<String>>,
    },
    /// By asking the user at the authorization server.
    AuthorizationCode {
        /// Where the browser comes back to.
        redirect_uri: String,
    },
    /// By a refresh token of an earlier issuance: nobody is asked. [VCI-LIF-01]
    Refresh(Secret<String>),
}

/// What to do next.
pub enum Step {
    /// Send this, and give the response to [`Receiving::supply`].
    Send(Request<Vec<u8>>),
    /// Send the browser there, and give the query that it brings back to [`Receiving::redirected`].
    Browse(String),
    /// Make proofs, and give them to [`Receiving::prove`].
    Prove(ProofOrder),
    /// Come back then.
    Wait(Timestamp),
    /// Verify this, and say what became of it by [`Receiving::report`].
    Received(Received),
    /// That was all.
    Done,
}

/// Which proofs are needed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ProofOrder {
    /// For which configuration.
    pub configuration_id: String,
    /// Which proofs the issuer takes, and what they must be like.
    pub binding: Binding,
    /// To be put into each.
    pub nonce: Option<String>,
    /// What to call oneself in `iss`; nothing if one is anonymous.
    pub client: Option<String>,
    /// Most keys.
    pub batch_size: usize,
}

/// Keys of the wallet, and the proofs that it holds them.
#[derive(Debug)]
pub struct OwnKeys {
    /// The proofs.
    pub proofs: Proofs,
    /// Every key that they prove.
    pub keys: Vec<VerifyingKey>,
}

/// What an issuer sent. It is unverified: check signature, issuer, type and validity, and that each is bound to one of
/// the keys, before any of it is kept.
#[derive(Clone)]
pub struct Received {
    /// Which configuration was asked for; its type is the one that must have come.
    pub configuration_id: String,
    /// Each as its format has it.
    pub credentials: Vec<Value>,
    /// The keys that they must be bound to; empty if to none.
    pub keys: Vec<VerifyingKey>,
    pub(super) notification_id: Option<String>,
}

/// Fetches what was agreed to. Ask for [`Receiving::next`] until it is [`Step::Done`].
pub struct Receiving<'a> {
    pub(super) proposal: &'a Proposal,
    pub(super) client: Client<'a>,
    /// What is still to be fetched, by configuration.
    pub(super) wanted: VecDeque<(String, Wanted)>,
    pub(super) tokens: Option<Tokens>,
    pub(super) at: At,
    /// Whether the last request was refused only for want of a nonce in its proof of possession.
    pub(super) is_second: bool,
    /// Whether another nonce was fetched for this credential: once is enough. [VCI-ERR-01e]
    pub(super) renewed: bool,
}

pub(super) enum At {
    Push(Proposed),
    Browse(Proposed, Pushed),
    Redeem(Redeemed),
    /// The next credential.
    Begin,
    Nonce,
    Prove(Option<String>),
    Ask(Option<OwnKeys>, Option<Envelope>),
    Wait {
        waiting: Waiting,
        until: Timestamp,
    },
    Collect(Waiting, Option<Envelope>),
    Report(Received),
    Notify(Notification),
    Failed,
}

/// An authorization request.
pub(super) struct Proposed {
    pub(super) redirect_uri: String,
    pub(super) state: String,
    pub(super) pkce: Pkce,
}

pub(super) enum Redeemed {
    Code { code: Secret<String>, order: Proposed },
    PreAuthorized { tx_code: Option<Secret<String>> },
    Refresh(Secret<String>),
}

/// Credentials that are not ready.
pub(super) struct Waiting {
    pub(super) transaction_id: String,
    pub(super) keys: Vec<VerifyingKey>,
}

/// The wallet that asks for tokens for the proposal's issuer, and for nobody else.
pub(super) fn client_of<'a>(
    proposal: &'a Proposal,
    identity: Identity<'a>,
    dpop: Option<&'a SigningKey>,
) -> Client<'a> {
    Client::new(&proposal.server, identity, dpop).for_resource(proposal.metadata.issuer.as_str()) // [OAU-44]
}

impl<'a> Receiving<'a> {
    /// Begins.
    ///
    /// # Errors
    /// The agreement goes beyond the proposal.
    pub fn new(
        proposal: &'a Proposal,
        agreement: Agreement<'a>,
        entropy: &mut dyn Entropy,
    ) -> Result<Self, ReceiveError> {
        let Agreement { configurations, grant, identity, dpop } = agreement;
        let is_offered = |id: &String| proposal.offer.configurations.contains(id);
        if configurations.is_empty() || !configurations.iter().all(is_offered) {
            return Err(ReceiveError::Configuration); // [VCI-OFF-02a]
        }
        let at = match grant {
            Grant::PreAuthorized { tx_code } => {
                let offered = proposal.offer.grants.pre_authorized.as_ref().ok_or(ReceiveError::Grant)?;
                if offered.tx_code.is_some() != tx_code.is_some() {
                    return Err(ReceiveError::TxCode); // [VCI-OFF-06]
                }
                At::Redeem(Redeemed::PreAuthorized { tx_code })
            }
            Grant::AuthorizationCode { redirect_uri } => {
                if !may_ask(proposal) {
                    return Err(ReceiveError::Grant); // [VCI-OFF-03]
                }
                let mut state = [0; 32];
                entropy.fill(&mut state);
                let pkce = Pkce::generate(entropy);
                At::Push(Proposed { redirect_uri, state: to_base64url(&state), pkce })
            }
            Grant::Refresh(token) => At::Redeem(Redeemed::Refresh(token)),
        };
        let wanted = configurations.into_iter().map(|id| (id.clone(), Wanted::Configuration(id)));
        let client = client_of(proposal, identity, dpop);
        Ok(Self {
            proposal,
            client,
            wanted: wanted.collect(),
            tokens: None,
            at,
            is_second: false,
            renewed: false,
        })
    }

    /// What to do next. Asked again without anything in between, it makes the request anew.
    ///
    /// # Errors
    /// A request cannot be made.
    pub fn next(&mut self, now: Timestamp, entropy: &mut dyn Entropy) -> Result<Step, ReceiveError> {
        self.begin();
        if let At::Wait { until, .. } = &self.at
            && now < *until
        {
            return Ok(Step::Wait(*until));
        }
        self.at = match std::mem::replace(&mut self.at, At::Failed) {
            At::Wait { waiting, .. } => At::Collect(waiting, None),
            other => other,
        };
        self.envelop(entropy)?;
        Ok(match &self.at {
            At::Push(order) => Step::Send(self.push(order, now, entropy)?),
            At::Browse(_, pushed) => Step::Browse(self.client.authorization_url(pushed)?),
            At::Redeem(redeemed) => Step::Send(self.redeem(redeemed, now, entropy)?),
            At::Nonce => Step::Send(Self::plain_post(self.proposal.metadata.nonce_endpoint.as_ref())?),
            At::Prove(nonce) => Step::Prove(self.proof_order(nonce.clone())?),
            At::Ask(keys, envelope) => {
                Step::Send(self.ask(keys.as_ref(), envelope.as_ref(), now, entropy)?)
            }
            At::Collect(waiting, envelope) => {
                Step::Send(self.collect(waiting, envelope.as_ref(), now, entropy)?)
            }
            At::Report(received) => Step::Received(received.clone()),
            At::Notify(notification) => {
                let endpoint = self.proposal.metadata.notification_endpoint.as_ref();
                let url = endpoint.ok_or(ReceiveError::OutOfOrder)?.as_str();
                let body = notification.to_json().to_string().into_bytes();
                Step::Send(self.protected(url, ("application/json", body), now, entropy)?)
            }
            At::Begin => Step::Done,
            At::Wait { .. } | At::Failed => return Err(ReceiveError::OutOfOrder),
        })
    }

    /// The tokens that were got: the refresh token fetches new copies later.
    pub const fn tokens(&self) -> Option<&Tokens> {
        self.tokens.as_ref()
    }

    /// Under which identifier credentials wait that are not ready, if that is where things stand.
    pub fn transaction_id(&self) -> Option<&str> {
        match &self.at {
            At::Wait { waiting, .. } | At::Collect(waiting, _) => Some(&waiting.transaction_id),
            _ => None,
        }
    }

    /// Goes on to the next credential.
    fn begin(&mut self) {
        if let (At::Begin, Some((id, _))) = (&self.at, self.wanted.front()) {
            let binding = self.proposal.metadata.configurations.get(id).and_then(|one| one.binding.as_ref());
            self.at = match (binding, &self.proposal.metadata.nonce_endpoint) {
                (None, _) => At::Ask(None, None),
                (Some(_), None) => At::Prove(None),
                (Some(_), Some(_)) => At::Nonce,
            };
        }
    }

    /// Chooses how the coming request is encrypted.
    fn envelop(&mut self, entropy: &mut dyn Entropy) -> Result<(), ReceiveError> {
        if let At::Ask(_, envelope) | At::Collect(_, envelope) = &mut self.at {
            *envelope = Some(Envelope::new(&self.proposal.metadata, entropy)?);
        }
        Ok(())
    }

    /// Takes the query with which the browser came back.
    ///
    /// # Errors
    /// It brings no code for this request.
    pub fn redirected(&mut self, query: &str) -> Result<(), ReceiveError> {
        match std::mem::replace(&mut self.at, At::Failed) {
            At::Browse(order, pushed) => match read_redirect(query, &order.state, &self.proposal.server) {
                Ok(code) => {
                    self.at = At::Redeem(Redeemed::Code { code, order });
                    Ok(())
                }
                Err(error) => {
                    // An answer to somebody else's request does not end ours.
                    self.at = At::Browse(order, pushed);
                    Err(error.into())
                }
            },
            other => {
                self.at = other;
                Err(ReceiveError::OutOfOrder) // [VCI-ERR-02]
            }
        }
    }

    /// Takes the proofs that were asked for.
    ///
    /// # Errors
    /// None were asked for, or there are more than were.
    pub fn prove(&mut self, keys: OwnKeys) -> Result<(), ReceiveError> {
        let At::Prove(_) = &self.at else { return Err(ReceiveError::OutOfOrder) }; // [VCI-ERR-02]
        if keys.keys.len() > self.proposal.metadata.batch_size {
            return Err(ReceiveError::Credentials); // [VCI-CRS-01b]
        }
        self.at = At::Ask(Some(keys), None);
        Ok(())
    }

    /// Takes the caller's verdict on what was received, and tells the issuer if it wants to hear.
    ///
    /// # Errors
    /// Nothing was received.
    pub fn report(&mut self, event: Event) -> Result<(), ReceiveError> {
        match std::mem::replace(&mut self.at, At::Begin) {
            At::Report(received) => {
                let hears = self.proposal.metadata.notification_endpoint.is_some();
                if let (true, Some(id)) = (hears, received.notification_id) {
                    self.at = At::Notify(Notification { id, event, description: None });
                }
                Ok(())
            }
            other => {
                self.at = other;
                Err(ReceiveError::OutOfOrder) // [VCI-ERR-02]
            }
        }
    }
}

// Requests have tokens and codes in them, and what comes back is about a person. [OAU-46]

impl fmt::Debug for Step {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Send(request) => f
                .debug_tuple("Send")
                .field(request.method())
                .field(&request.uri().path())
                .finish_non_exhaustive(),
            Self::Browse(_) => f.write_str("Browse(..)"),
            Self::Prove(order) => f.debug_tuple("Prove").field(order).finish(),
            Self::Wait(until) => f.debug_tuple("Wait").field(until).finish(),
            Self::Received(received) => f.debug_tuple("Received").field(received).finish(),
            Self::Done => f.write_str("Done"),
        }
    }
}

impl fmt::Debug for Received {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut shown = f.debug_struct("Received");
        shown.field("configuration_id", &self.configuration_id);
        shown.field("credentials", &self.credentials.len()).finish_non_exhaustive()
    }
}

impl fmt::Debug for Receiving<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Receiving").finish_non_exhaustive()
    }
}
