//! An accredited library issues a card. What a library card is stands in `library-card.json` and nowhere in Rust.

mod support {
    pub(crate) mod entropy;
    pub(crate) mod organisation;
    pub(crate) mod world;
}

use serde_json::json;
use sinpyo_core::{
    accreditation::Grant,
    claims::ClaimPath,
    credential::{Credential, Holder},
    key::Signer,
    resolved::VersionSelector,
    time::Clock,
};
use sinpyo_crypto::{Algorithm, SigningKey};
use sinpyo_issuer::{Issuer, IssuerOptions, ListForm, ListSeries, Order, Profile, Recipient, Slot};
use sinpyo_proof::{KeyRing, Unverified};
use std::{convert::Infallible, error::Error};
use support::{
    entropy::OsEntropy,
    world::{Server, World},
};

fn main() -> Result<(), Box<dyn Error>> {
    let server = Server::start()?;
    let world = World::open(&server)?;

    // What a credential of this kind states, for how long, and how far each claim is shown.
    let profile = Profile::from_json(include_bytes!("library-card.json"))?;

    // The library gets a DID, and the authority's word that it may issue this type.
    let (signer, _control) = world.enrol()?;
    let did = signer.key_id().did();
    let grant = Grant::Issue { types: vec![profile.credential_type().clone()] };
    world.accredit(did.clone(), ["시립도서관", "City library"], grant)?;
    let own = world.ledger.resolve(&did, &VersionSelector::Latest)?;
    let issuer = Issuer::new(signer, &own, IssuerOptions::default())?;

    // The holder's key, and a random free entry of a status list. The store would say which entries are free.
    let holder = SigningKey::generate(Algorithm::Es256, &mut OsEntropy);
    let lists =
        ListSeries::new("https://library.example/status", ListForm::Token, profile.status(), 131_072)?;
    let entry = lists.allocate(0, &mut OsEntropy, |_| Ok::<_, Infallible>(Slot::Taken))?;
    let recipient =
        Recipient { holder: Holder::Key(holder.verifying_key().to_jwk()), status: lists.status(entry) };

    let claims = json!({"member_number": "10000001", "family_name": "김", "birth_date": "1990-03-01"});
    let order = Order { profile: &profile, claims: claims.as_object().ok_or("no object")?, until: None };
    let now = world.clock.now();
    let credential = issuer.issue(&order, &recipient, now, &mut OsEntropy)?;
    println!("{did} issued {} bytes of SD-JWT VC", credential.wire.len());

    // Before it is verified, nothing of it can be read.
    let arrived = Unverified::<Credential>::parse(credential.wire.as_bytes())?;
    let verified = arrived.verify(&KeyRing::of(&own), now)?;
    let over_14 = verified.get().claim(&ClaimPath::name("age_over_14"));
    assert_eq!(over_14, Some(&json!(true)), "follows from the birth date");
    assert!(credential.held.contains(&ClaimPath::name("birth_date")), "which the wallet never shows");
    println!("it states {} claims; age_over_14 follows from the birth date", verified.get().claims().len());
    Ok(())
}
