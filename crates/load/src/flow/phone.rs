//! What a wallet keeps between flows.

use super::{FlowError, Pocket};
use crate::{
    os::{OsEntropy, now},
    web::{Leg, Web},
};
use http::Response;
use serde_json::{Map, json};
use sinpyo_core::resolved::Resolved;
use sinpyo_oauth::{client::Identity, url::Transport};
use sinpyo_openid4vci::{
    offer::OfferLink,
    wallet::{Discovery, Proposal},
};
use sinpyo_openid4vp::{
    self as vp, VpToken,
    wallet::{Asked, Invitation, Posted},
};
use sinpyo_proof::KeyRing;
use sinpyo_x509::Roots;
use std::{collections::BTreeMap, sync::Arc, time::Duration};

/// Whom wallets believe.
#[derive(Debug, Default)]
pub struct Trust {
    /// The keys of issuers.
    pub issuers: KeyRing,
    /// Who certifies verifiers.
    pub roots: Roots,
    /// The documents of verifiers that are known by their DID.
    pub verifiers: Vec<Resolved>,
    /// Whether addresses may be plain http on this machine.
    pub transport: Transport,
}

/// Who a wallet is to an authorization server.
#[derive(Clone, Debug, Default)]
pub enum WalletName {
    /// Nobody.
    #[default]
    Anonymous,
    /// A registered client.
    Public(String),
}

/// How long a wallet goes on when answers are lost or a server is away.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Patience {
    /// Not at all: whatever is not as it should be is an error.
    #[default]
    None,
    /// So long, for each step.
    For(Duration),
}

/// One wallet.
#[derive(Debug)]
pub struct Phone {
    pub(super) trust: Arc<Trust>,
    name: WalletName,
    pub(super) patience: Patience,
    /// Metadata that were read, by address. A flow does not read them again.
    known: BTreeMap<String, Response<Vec<u8>>>,
}

impl Phone {
    /// An impatient wallet that knows nothing yet.
    pub const fn new(trust: Arc<Trust>, name: WalletName) -> Self {
        Self { trust, name, patience: Patience::None, known: BTreeMap::new() }
    }

    /// With patience.
    #[must_use]
    pub fn patient(self, patience: Patience) -> Self {
        Self { patience, ..self }
    }

    /// Who it is to an authorization server.
    pub fn identity(&self) -> Identity<'_> {
        match &self.name {
            WalletName::Anonymous => Identity::Anonymous,
            WalletName::Public(client_id) => Identity::Public { client_id },
        }
    }

    /// Finds out what `link` offers.
    ///
    /// # Errors
    /// It is no offer, or what it offers cannot be found out.
    pub fn discover(&mut self, link: &str, web: &mut dyn Web) -> Result<Proposal, FlowError> {
        let transport = self.trust.transport;
        let mut discovery = Discovery::new(OfferLink::parse(link, transport)?, transport);
        while let Some(request) = discovery.request() {
            let address = request.uri().to_string();
            if let Some(known) = self.known.get(&address) {
                discovery.supply(known, now())?;
                continue;
            }
            let is_metadata = request.uri().path().starts_with("/.well-known/");
            let leg = if is_metadata { Leg::Metadata } else { Leg::FetchOffer };
            let response = self.patience.send(web, leg, &request)?;
            discovery.supply(&response, now())?;
            if is_metadata {
                self.known.insert(address, response);
            }
        }
        discovery.proposal().ok_or(FlowError::Unknown)
    }

    /// Fetches the request that `link` names, and finds out who asks.
    ///
    /// # Errors
    /// It is no request, or nobody is proven to have made it.
    pub fn asked(&self, link: &str, web: &mut dyn Web) -> Result<Asked, FlowError> {
        let transport = match self.trust.transport {
            Transport::Https => vp::Transport::Https,
            Transport::LoopbackToo => vp::Transport::OrLoopback,
        };
        let signed = match Invitation::parse(link, transport)? {
            Invitation::Unsigned(asked) => return Ok(*asked),
            Invitation::Signed(signed) => *signed,
            Invitation::Fetch(reference) => {
                let (request, fetching) = reference.fetch(&wallet_metadata(), &mut OsEntropy);
                fetching.read(&self.patience.send(web, Leg::Request, &request)?)?
            }
        };
        let Trust { roots, verifiers, .. } = &*self.trust;
        let trust = vp::wallet::Trust { roots, documents: verifiers, attesters: &[], transport };
        Ok(signed.authenticate(&trust, now())?)
    }

    /// Sends `presentations` to the one who asked.
    ///
    /// # Errors
    /// The response cannot be made or sent, or was refused.
    pub fn respond(
        &self,
        asked: &Asked,
        presentations: &VpToken,
        web: &mut dyn Web,
    ) -> Result<Posted, FlowError> {
        let vp::wallet::Response::Post(request) = asked.answer(presentations, &mut OsEntropy)? else {
            return Err(FlowError::Unknown);
        };
        let response = self.patience.send(web, Leg::Response, &request)?;
        Ok(Posted::read(&response, vp::Transport::OrLoopback)?)
    }

    /// Answers the request that `link` names from `pocket`.
    ///
    /// # Errors
    /// As [`Phone::asked`], [`Pocket::show`] and [`Phone::respond`].
    pub fn present(&self, link: &str, pocket: &mut Pocket, web: &mut dyn Web) -> Result<Posted, FlowError> {
        let asked = self.asked(link, web)?;
        let presentations = pocket.show(&asked)?;
        self.respond(&asked, &presentations, web)
    }
}

/// What verifiers may know about these wallets [OpenID4VP 1.0 §10].
fn wallet_metadata() -> Map<String, serde_json::Value> {
    let formats = json!({ "dc+sd-jwt": { "sd-jwt_alg_values": ["ES256"], "kb-jwt_alg_values": ["ES256"] } });
    Map::from_iter([("vp_formats_supported".to_owned(), formats)])
}
