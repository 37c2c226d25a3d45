//! A wallet that holds one resident credential.

use super::{entropy::OsEntropy, office::Office, world::World};
use sinpyo_core::{resolved::VersionSelector, time::Clock};
use sinpyo_proof::KeyRing;
use sinpyo_wallet::{Received, Wallet};
use std::error::Error;

/// A wallet with a credential that `office` issued just now.
pub(crate) fn wallet(world: &World<'_>, office: &mut Office) -> Result<Wallet, Box<dyn Error>> {
    let mut wallet = Wallet::new();
    let now = world.clock.now();
    let key = wallet.new_key("urn:sinpyo:credential:ResidentCredential".parse()?, &mut OsEntropy);
    let issued = office.issue(key, now)?;
    let issuer = office.issuer.did().ok_or("the issuer signs by certificate")?;
    let keys = KeyRing::of(&world.ledger.resolve(issuer, &VersionSelector::Latest)?);
    wallet.hold(Received::verify(issued.wire.as_bytes(), &keys, now)?, issued.held)?;
    Ok(wallet)
}
