//! An office that issues resident credentials and keeps their status list.

use super::{entropy::OsEntropy, world::World};
use serde_json::json;
use sinpyo_core::{
    accreditation::Grant,
    credential::Holder,
    jwk::PublicJwk,
    key::Signer,
    resolved::VersionSelector,
    time::{Clock, Timestamp},
};
use sinpyo_crypto::KeySigner;
use sinpyo_issuer::{
    Catalogue, Issued, Issuer, IssuerOptions, ListForm, ListSeries, Order, Recipient, Slot, StatusBook,
    StatusCommand,
};
use std::{convert::Infallible, error::Error};

/// The issuer, and what its status list says.
pub(crate) struct Office {
    pub(crate) issuer: Issuer<KeySigner>,
    pub(crate) book: StatusBook,
    catalogue: Catalogue,
}

impl Office {
    /// Enrols the office and accredits it for resident credentials. The second value controls its DID.
    pub(crate) fn open(world: &World<'_>) -> Result<(Self, KeySigner), Box<dyn Error>> {
        let catalogue = Catalogue::bundled()?;
        let profile = catalogue.by_id("K01").ok_or("no profile K01")?;
        let (signer, control) = world.enrol()?;
        let did = signer.key_id().did();
        let grant = Grant::Issue { types: vec![profile.credential_type().clone()] };
        world.accredit(did.clone(), ["행정안전부", "Ministry of the Interior and Safety"], grant)?;

        let own = world.ledger.resolve(&did, &VersionSelector::Latest)?;
        let options = IssuerOptions { accredited_since: Some(world.clock.now()), ..IssuerOptions::default() };
        let issuer = Issuer::new(signer, &own, options)?;
        let lists =
            ListSeries::new("https://mois.example/status", ListForm::Token, profile.status(), 131_072)?;
        let book = StatusBook::new(lists, 0)?;
        Ok((Self { issuer, book, catalogue }, control))
    }

    /// Issues a resident credential that is bound to `holder`.
    pub(crate) fn issue(&mut self, holder: PublicJwk, now: Timestamp) -> Result<Issued, Box<dyn Error>> {
        let profile = self.catalogue.by_id("K01").ok_or("no profile K01")?;
        let claims = json!({
            "family_name": "김", "given_name": "한별", "birth_date": "1990-03-01",
            "region_sido": "11", "region_sigungu": "11010",
        });
        let claims = claims.as_object().ok_or("no object")?;
        // Outside an example the store decides which entries are free, and keeps the events.
        let entry = self.book.series().allocate(0, &mut OsEntropy, |entry| {
            let free = self.book.status(entry.index).is_none();
            Ok::<_, Infallible>(if free { Slot::Taken } else { Slot::Occupied })
        })?;
        for event in self.book.decide(StatusCommand::Allocate { index: entry.index })? {
            self.book.apply(&event)?;
        }
        let recipient = Recipient { holder: Holder::Key(holder), status: self.book.series().status(entry) };
        let order = Order { profile, claims, until: None };
        Ok(self.issuer.issue(&order, &recipient, now, &mut OsEntropy)?)
    }
}
