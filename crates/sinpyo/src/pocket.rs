//! The holder's side: what the flows of a wallet find in the world, and how they go on at a command line.

pub(crate) mod browser;
pub(crate) mod walk;

use crate::{
    http::{FetchError, Reach},
    os::SystemClock,
    service::{certificates, world::World},
    web::Web,
};
use anyhow::{Context, Result};
use sinpyo_core::{credential::Credential, status::CredentialStatus, time::Clock as _};
use sinpyo_issuer::Catalogue;
use sinpyo_oauth::url::Transport;
use sinpyo_verifier::{Fact, Need as Looked};
use sinpyo_wallet_app::{Found, Need, Rules, Standing};
use sinpyo_x509::Roots;
use std::{path::Path, sync::Arc};

/// The name under which authorization servers know this kind of wallet.
const CLIENT: &str = "sinpyo-wallet";

/// Longest response that a wallet reads.
const MAX_RESPONSE: usize = 4 << 20;

/// Where a wallet's flows find what they need.
#[derive(Debug)]
pub(crate) struct Pocket {
    world: World,
    web: Web,
    /// Authorities that certify issuers.
    roots: Arc<Roots>,
}

impl Pocket {
    /// Asks nobody yet.
    pub(crate) fn new(world: World, roots: Arc<Roots>) -> Result<Self> {
        let web = Web::reaching(world.reach()).context("cannot make an HTTP client")?;
        Ok(Self { world, web, roots })
    }

    /// What a flow needs.
    pub(crate) fn find(&self, need: Need) -> Found {
        match need {
            Need::Http(request) => match self.web.send(*request, MAX_RESPONSE) {
                Ok(response) => Found::Response(response),
                Err(error) => unreachable(&error),
            },
            // A client of its own: its connection served nothing before and serves nothing after.
            Need::Apart(request) => match Web::reaching(self.world.reach()) {
                Ok(alone) => match alone.send(*request, MAX_RESPONSE) {
                    Ok(response) => Found::Response(response),
                    Err(error) => unreachable(&error),
                },
                Err(_) => Found::Unreachable,
            },
            Need::Document { did, version } => match self.world.document(&did, &version) {
                Ok(Some(document)) => Found::Document(Box::new(document)),
                Ok(None) => Found::Nothing,
                Err(error) => {
                    tracing::warn!(error = format!("{error:#}"), "a document was not found");
                    Found::Unreachable
                }
            },
            Need::Accreditation { subject, right } => {
                let need = Looked::Accreditation { subject, right, at: SystemClock.now() };
                match self.fact(&need) {
                    Fact::Accreditation(Some(accreditation)) => {
                        Found::Accreditation(Box::new((*accreditation).clone()))
                    }
                    Fact::Accreditation(None) => Found::Nothing,
                    _ => Found::Unreachable,
                }
            }
            Need::Standing(credential) => {
                self.standing(&credential).map_or(Found::Unreachable, Found::Standing)
            }
        }
    }

    fn fact(&self, need: &Looked) -> Fact {
        let roots = matches!(need, Looked::CertifiedStatusList { .. }).then_some(&self.roots);
        self.world.find(&[(need, roots)]).pop().map_or(Fact::Unavailable, |known| known.fact)
    }

    /// The worst that the credential's status lists say; nothing if one of them says nothing.
    fn standing(&self, credential: &Credential) -> Option<Standing> {
        let mut worst = Standing::Good;
        for entry in credential.status() {
            let entry = entry.clone();
            let need = match credential.issuer().parse() {
                Ok(issuer) => Looked::StatusList { entry: entry.clone(), issuer },
                Err(_) => Looked::CertifiedStatusList {
                    entry: entry.clone(),
                    issuer: credential.issuer().to_owned(),
                },
            };
            let Fact::StatusList(list) = self.fact(&need) else { return None };
            match list.status(entry.index()).ok()? {
                CredentialStatus::Valid => {}
                CredentialStatus::Revoked => return Some(Standing::Revoked),
                CredentialStatus::Suspended | CredentialStatus::Other(_) => worst = Standing::Suspended,
            }
        }
        Some(worst)
    }
}

/// Which servers the wallet in `home` reaches, and what it goes by.
pub(crate) fn rules(home: &Path, development: bool) -> Result<(Reach, Rules)> {
    let (reach, transport) = if development {
        (Reach::ThisMachineToo, Transport::LoopbackToo)
    } else {
        (Reach::Public, Transport::Https)
    };
    let roots = Arc::new(certificates::roots(home)?);
    let mut rules = Rules::new(transport, CLIENT);
    rules.issuer_roots = Arc::clone(&roots);
    rules.verifier_roots = roots;
    let catalogue = Catalogue::bundled().context("the bundled profiles are malformed")?;
    let held = catalogue.profiles().iter().map(|one| (one.credential_type().clone(), one.held()));
    rules.withheld = held.collect();
    Ok((reach, rules))
}

fn unreachable(error: &FetchError) -> Found {
    tracing::warn!(code = error.code(), %error, "a server was not reached");
    Found::Unreachable
}
