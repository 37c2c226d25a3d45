//! An office changes its keys; the credential that it issued before still verifies.

mod support {
    pub(crate) mod answer;
    pub(crate) mod check;
    pub(crate) mod entropy;
    pub(crate) mod fetch;
    pub(crate) mod holder;
    pub(crate) mod office;
    pub(crate) mod organisation;
    pub(crate) mod service;
    pub(crate) mod world;
}

use sinpyo_core::{resolved::VersionSelector, time::Clock};
use sinpyo_crypto::{Algorithm, KeySigner, SigningKey};
use sinpyo_issuer::{Issuer, IssuerOptions};
use sinpyo_proof::KeyRing;
use sinpyo_registry::did_tlog::{self, Control};
use sinpyo_wallet::Received;
use std::error::Error;
use support::{
    answer::answer,
    check::check,
    entropy::OsEntropy,
    holder,
    office::Office,
    organisation::{control_key, document},
    service::Service,
    world::{Server, World},
};

fn main() -> Result<(), Box<dyn Error>> {
    let server = Server::start()?;
    let world = World::open(&server)?;
    let (mut office, control) = Office::open(&world)?;
    let mut wallet = holder::wallet(&world, &mut office)?;
    let service = Service::open(&world)?;

    // A new key for statements and a new one that controls the DID, signed by the one that controlled it so far.
    let did = office.issuer.did().ok_or("the issuer signs by certificate")?.clone();
    let key = SigningKey::generate(Algorithm::Es256, &mut OsEntropy);
    let head = world.ledger.head_of(&did)?.ok_or("the DID is not on the ledger")?;
    let renewed = document(&did, "key-2", key.verifying_key());
    let keys = Control::by(control_key()?.key().verifying_key());
    let draft = did_tlog::update(&head, world.ledger.origin(), &renewed, Some(keys));
    let _sequenced = world.ledger.submit(draft.sign(&control, control.key().verifying_key())?)?;
    world.ledger.checkpoint()?;
    println!("{did} now has {}", renewed.methods().first().ok_or("no key")?.id.fragment());

    // The verifier looks for the key in the version that was in effect when the credential was issued.
    let own = world.ledger.resolve(&did, &VersionSelector::Latest)?;
    let signer = KeySigner::new(did.key("key-2")?, key);
    let retired = std::mem::replace(&mut office.issuer, Issuer::new(signer, &own, IssuerOptions::default())?);
    let (challenge, request) = service.ask(&world)?;
    let sent = answer(&world, &mut wallet, &request)?;
    let accepted = check(&world, &office, challenge, &sent)?;
    assert_eq!(accepted.credentials().count(), 1);
    println!("the earlier credential, signed with key-1: accepted");

    // The old key is in the document no more.
    let holder = wallet.new_key("urn:sinpyo:credential:ResidentCredential".parse()?, &mut OsEntropy);
    office.issuer = retired;
    let late = office.issue(holder, world.clock.now())?;
    let refused = Received::verify(late.wire.as_bytes(), &KeyRing::of(&own), world.clock.now());
    let refused = refused.err().ok_or("the old key still counts")?;
    assert_eq!(refused.code(), "DID-01");
    println!("a new one signed with key-1: refused by {}: {refused}", refused.code());
    Ok(())
}
