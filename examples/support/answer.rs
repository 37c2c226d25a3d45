//! A wallet that answers, with its holder's consent.

use super::world::World;
use sinpyo_core::{
    accreditation::Right, request::PresentationRequest, resolved::VersionSelector, time::Clock,
};
use sinpyo_proof::{KeyRing, Unverified};
use sinpyo_wallet::{Asked, Occasion, Wallet};
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
    let (asked, request) = Asked::from_request(arrived()?, &document, chain.accreditation(), now)?;
    let consent = wallet.review(asked, now)?.disclose_requested();
    let audience = request.audience();
    let occasion = Occasion { audience: &audience, nonce: &request.nonce, handover: None };
    Ok(wallet.present(consent, &occasion, now)?.into_answer())
}
