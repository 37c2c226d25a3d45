//! Offers, through the management interface.

use super::{Desk, location, order};
use crate::{
    house::House,
    offer::{self, Offer, OfferError},
    unavailable,
};
use http::{Response, StatusCode};
use serde_json::{Value, json};
use sinpyo_core::{key::Entropy, time::Timestamp};
use sinpyo_state::Unavailable;
use sinpyo_web::{answer, problem::Refusal};

impl Desk<'_> {
    pub(super) fn make_offer(&self, entropy: &mut dyn Entropy) -> Result<Response<Vec<u8>>, Refusal> {
        let house = self.house()?;
        let members = self.body()?;
        let core = self.call.core;
        self.once(entropy, |entropy| {
            let wanted = order::parse(&members, house).map_err(|error| order::read(&error))?;
            let made = offer::make(core, house, wanted, &self.actor, self.call.now, entropy)
                .map_err(|error| order::read(&error))?;
            // Nothing of it is in the state yet, but nothing was issued either.
            let state = if made.offer.waits { "waiting" } else { "open" };
            let mut body = shown(&made.id, &made.offer, state);
            if let Some(members) = body.as_object_mut() {
                members.extend(invitation(house, &made.offer)); // [ISV-20]
                let codes = [("tx_code", &made.tx_code), ("access_code", &made.access_code)];
                for (name, code) in codes {
                    if let Some(code) = code {
                        members.insert(name.to_owned(), json!(code.expose()));
                    }
                }
            }
            let place = format!("/manage/{}/offers/{}", house.tenant.id(), made.id);
            Ok((location(answer::json(StatusCode::CREATED, &body), &place), made.changes))
        })
    }

    pub(super) fn list_offers(&self) -> Result<Response<Vec<u8>>, Refusal> {
        let house = self.house()?;
        let (after, limit) = self.slice()?;
        let listed = || -> Result<Vec<Value>, Unavailable> {
            let slice = (after.as_deref(), limit);
            let offers = offer::list(self.call.core, house.tenant.id(), slice, self.call.now)?;
            offers.iter().map(|(id, offer)| self.shown(house, id, offer)).collect()
        };
        let offers = listed().map_err(|_| unavailable())?;
        Ok(answer::json(StatusCode::OK, &json!({ "offers": offers })))
    }

    pub(super) fn read_offer(&self) -> Result<Response<Vec<u8>>, Refusal> {
        let house = self.house()?;
        let id = self.routed.part("offer");
        let found = offer::find(self.call.core, house.tenant.id(), id, self.call.now);
        let (offer, _) =
            found.map_err(|_| unavailable())?.ok_or_else(|| order::read(&OfferError::Unknown))?; // [ISV-11]
        let shown = self.shown(house, id, &offer).map_err(|_| unavailable())?;
        Ok(answer::json(StatusCode::OK, &shown))
    }

    pub(super) fn release_offer(&self, entropy: &mut dyn Entropy) -> Result<Response<Vec<u8>>, Refusal> {
        let house = self.house()?;
        let id = self.routed.part("offer");
        let offer = offer::release(self.call.core, house, (id, &self.actor), self.call.now, entropy)
            .map_err(|error| order::read(&error))?;
        let shown = self.shown(house, id, &offer).map_err(|_| unavailable())?;
        Ok(answer::json(StatusCode::OK, &shown))
    }

    pub(super) fn withdraw_offer(&self, entropy: &mut dyn Entropy) -> Result<Response<Vec<u8>>, Refusal> {
        let house = self.house()?;
        let id = self.routed.part("offer");
        offer::withdraw(self.call.core, house, (id, &self.actor), self.call.now, entropy)
            .map_err(|error| order::read(&error))?;
        Ok(answer::empty(StatusCode::NO_CONTENT))
    }

    fn shown(&self, house: &House, id: &str, offer: &Offer) -> Result<Value, Unavailable> {
        let stage = offer.stage(self.call.core, house.tenant.id(), self.call.now)?;
        Ok(shown(id, offer, stage.name()))
    }
}

/// What lets its reader have the credential: the answer to whoever made the offer has it, and nothing else. Reading offers
/// is not being the person whom they are for.
fn invitation(house: &House, offer: &Offer) -> [(String, Value); 3] {
    [
        ("page".to_owned(), json!(house.address(&format!("offer/{}", offer.page)))),
        ("offer_uri".to_owned(), json!(offer.address)),
        ("link".to_owned(), json!(offer.link)),
    ]
}

/// An offer without what it states, and without the way to it.
fn shown(id: &str, offer: &Offer, state: &str) -> Value {
    let time = |seconds| Timestamp::from_unix(seconds).map(|at| at.to_string());
    let (configurations, credentials): (Vec<_>, Vec<_>) = offer.configurations.iter().cloned().unzip();
    json!({
        "id": id,
        "state": state,
        "configurations": configurations,
        "credentials": credentials,
        "made_at": time(offer.made),
        "expires_at": time(offer.expires),
    })
}
