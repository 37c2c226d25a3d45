//! What the wallet knows and whom it trusts.

use sinpyo_core::{claims::ClaimPath, credential::CredentialType};
use sinpyo_oauth::url::Transport;
use sinpyo_openid4vp::{TransactionTypes, Transport as Addresses, wallet::Attester};
use sinpyo_x509::Roots;
use std::{collections::BTreeMap, sync::Arc};

/// What a wallet goes by when it deals with others.
#[derive(Clone, Debug)]
pub struct Rules {
    /// Which addresses it speaks to: https only, or also loopback in development.
    pub transport: Transport,
    /// Authorities that certify issuers.
    pub issuer_roots: Arc<Roots>,
    /// Authorities that certify verifiers.
    pub verifier_roots: Arc<Roots>,
    /// Who attests verifiers.
    pub attesters: Vec<Attester>,
    /// The name under which authorization servers know this kind of wallet.
    pub client_id: String,
    /// Where the browser comes back to after an authorization; none where there is no browser.
    pub redirect_uri: Option<String>,
    /// The transaction data that it can show.
    pub transaction_types: TransactionTypes,
    /// Claims that are never shown, by type of credential.
    pub withheld: BTreeMap<CredentialType, Vec<ClaimPath>>,
    /// Most copies of one credential that are asked for at once, each under its own key.
    pub copies: usize,
}

impl Rules {
    /// Trusts nobody's certificate, knows no transactions, and asks for up to four copies.
    pub fn new(transport: Transport, client_id: &str) -> Self {
        let nobody: [&[u8]; 0] = [];
        let roots = Arc::new(Roots::new(nobody).unwrap_or_default());
        Self {
            transport,
            issuer_roots: Arc::clone(&roots),
            verifier_roots: roots,
            attesters: Vec::new(),
            client_id: client_id.to_owned(),
            redirect_uri: None,
            transaction_types: TransactionTypes::new(),
            withheld: BTreeMap::new(),
            copies: 4,
        }
    }

    pub(crate) const fn addresses(&self) -> Addresses {
        match self.transport {
            Transport::Https => Addresses::Https,
            Transport::LoopbackToo => Addresses::OrLoopback,
        }
    }
}
