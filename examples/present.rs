//! A service asks two questions; the holder sees who asks and agrees; nothing else leaves the wallet.

mod support {
    pub(crate) mod entropy;
    pub(crate) mod holder;
    pub(crate) mod office;
    pub(crate) mod organisation;
    pub(crate) mod service;
    pub(crate) mod world;
}

use sinpyo_core::{
    accreditation::Right, claims::ClaimPath, request::PresentationRequest, resolved::VersionSelector,
    time::Clock,
};
use sinpyo_proof::{KeyRing, Unverified, jws::Typ, sd_jwt::Holding};
use sinpyo_wallet::{Asked, Occasion};
use std::error::Error;
use support::{
    holder,
    office::Office,
    service::Service,
    world::{Server, World},
};

fn main() -> Result<(), Box<dyn Error>> {
    let server = Server::start()?;
    let world = World::open(&server)?;
    let (mut office, _control) = Office::open(&world)?;
    let mut wallet = holder::wallet(&world, &mut office)?;
    let service = Service::open(&world)?;
    let (_challenge, request) = service.ask(&world)?;
    let now = world.clock.now();

    // The wallet's edge looks up who signed the request and what that organisation may ask for.
    let arrived = || Unverified::<PresentationRequest>::parse(request.as_bytes());
    let verifier = arrived()?.hint().claimed_key().ok_or("the request names no key")?.did();
    let document = world.ledger.resolve(&verifier, &VersionSelector::Latest)?;
    let code = arrived()?.verify(&KeyRing::of(&document), now)?.into_inner().service;
    let chain = world.ledger.accreditation(&verifier, &Right::Request(code), now)?;

    // The name shown to the holder is the accredited one, never one that the verifier gave itself.
    let (asked, request) = Asked::from_request(arrived()?, &document, chain.accreditation(), now)?;
    let choice = wallet.review(asked, now)?;
    let answers = choice.answers();
    let answer = answers.first().ok_or("no answer")?;
    let name = &choice.accredited().ok_or("nobody vouches for the service")?.name;
    println!("{} ({}) asks for {} claims", name.ko, name.en, answer.asked().len());
    assert!(answer.chosen().hidden.contains(&ClaimPath::name("family_name")));

    // Presenting takes the consent: there is none for a second time.
    let consent = choice.disclose([ClaimPath::name("age_over_18"), ClaimPath::name("region_sigungu")])?;
    let audience = request.audience();
    let occasion = Occasion { audience: &audience, nonce: &request.nonce, handover: None };
    let sent = wallet.present(consent, &occasion, now)?.into_answer();
    assert_eq!(wallet.history().len(), 1);

    // What was sent holds these two claims and no more.
    let sent: serde_json::Value = serde_json::from_slice(&sent)?;
    let token = sent.pointer("/vp_token/resident/0").and_then(|token| token.as_str()).ok_or("no token")?;
    let (disclosed, _key_binding) = token.rsplit_once('~').ok_or("no SD-JWT")?;
    let shown = Holding::parse(&format!("{disclosed}~"), &[Typ::SD_JWT_VC])?;
    let hidden = ["family_name", "given_name", "birth_date", "region_sido"];
    assert!(hidden.iter().all(|name| !shown.claims().contains_key(*name)));
    assert_eq!(shown.hidden().count(), 2);
    println!("sent: age_over_18 and region_sigungu; not sent: {}", hidden.join(", "));
    Ok(())
}
