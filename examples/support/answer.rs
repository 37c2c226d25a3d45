//! A wallet that answers, with its holder's consent.

use super::world::World;
use sinpyo_core::{
    accreditation::Right, request::PresentationRequest, resolved::VersionSelector, time::Clock,
};
use sinpyo_proof::{KeyRing, Unverified};
use sinpyo_wallet::Wallet;
use std::error::Error;

/// The bytes that go back to the verifier.
pub(crate) fn answer(
    world: &World<'_>,
    wallet: &mut Wallet,
    request: &str,
) -> Result<Box<[u8]>, Box<dyn Error>> {
    let now = world.clock.now();
    let arrived = || Unverified::<PresentationRequest>::parse(request.as_bytes());
    let verifier = arrived()?.hint().claimed_key().ok_or("the request names no key")?.did();
    let document = world.ledger.resolve(&verifier, &VersionSelector::Latest)?;
    let service = arrived()?.verify(&KeyRing::of(&document), now)?.into_inner().service;
    let chain = world.ledger.accreditation(&verifier, &Right::Request(service), now)?;
    let choice = wallet.review(arrived()?, &document, chain.accreditation(), now)?;
    Ok(wallet.present(choice.disclose_requested(), now)?)
}
