//! Offers that wallets fetch [VCI 1.0 §4.1.3].

use super::{
    Incoming, Issuer, IssuerRefusal,
    records::{self, OFFER},
    reply,
};
use crate::{address::WebAddress, offer::Offer};
use http::{Method, Response, StatusCode};
use serde_json::Value;
use sinpyo_core::{key::Entropy, time::Timestamp};
use sinpyo_state::{Key, OwnedChange, Unavailable};
use std::time::Duration;

/// An offer that will be to be had once `changes` are committed.
#[derive(Debug)]
#[must_use]
pub struct Published {
    /// Where: an address that nobody can guess.
    pub address: WebAddress,
    /// What is to be remembered.
    pub changes: Vec<OwnedChange>,
}

impl Issuer<'_> {
    /// Prepares `offer` to be fetched during `lifetime`, any number of times.
    ///
    /// # Errors
    /// The offer cannot be sealed.
    pub fn publish(
        &self,
        offer: &Offer,
        lifetime: Duration,
        now: Timestamp,
        entropy: &mut dyn Entropy,
    ) -> Result<Published, Unavailable> {
        let secret = records::secret(entropy);
        let key = self.offer_key(&secret);
        let data = records::seal(self.settings, &key, &offer.to_json(), entropy)?;
        let address = self.settings.id.endpoint(&format!("credential-offer/{secret}"));
        let address = WebAddress::parse(&address, self.settings.transport).map_err(|_| Unavailable)?;
        let change = OwnedChange::insert(key, data, Some(now.plus(lifetime)));
        Ok(Published { address, changes: vec![change] })
    }

    pub(super) fn offer(
        &self,
        secret: &str,
        incoming: Incoming<'_>,
    ) -> Result<Response<Vec<u8>>, IssuerRefusal> {
        if incoming.parts.method != Method::GET {
            return Ok(reply::method_not_allowed("GET"));
        }
        let key = self.offer_key(secret);
        Ok(match self.state.get(&key, incoming.now)? {
            Some(record) => {
                let offer = records::open(self.settings, &key, &record.data)?;
                reply::json(StatusCode::OK, &Value::Object(offer)) // [VCI-OFF-07]
            }
            None => reply::empty(StatusCode::NOT_FOUND),
        })
    }
    /// An offer of this issuer: at another on the same state there is none.
    fn offer_key(&self, secret: &str) -> Key {
        Key::secret(OFFER, &self.settings.pseudonym(secret))
    }
}
