//! A service checks an answer: accepted once, refused when it is replayed.

mod support {
    pub(crate) mod answer;
    pub(crate) mod entropy;
    pub(crate) mod fetch;
    pub(crate) mod holder;
    pub(crate) mod office;
    pub(crate) mod organisation;
    pub(crate) mod service;
    pub(crate) mod world;
}

use serde_json::json;
use sinpyo_core::{claims::ClaimPath, time::Clock};
use sinpyo_verifier::{Accepted, Answer, Challenge, VerifyError};
use std::error::Error;
use support::{
    answer::answer,
    fetch::fetch,
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
    let (challenge, request) = service.ask(&world)?;
    let sent = answer(&world, &mut wallet, &request)?;

    let accepted = verify(&world, &office, challenge, &sent)?;
    let resident = accepted.credential("resident").ok_or("no credential")?;
    assert_eq!(resident.claim(&ClaimPath::name("age_over_18")), Some(&json!(true)));
    assert_eq!(resident.claim(&ClaimPath::name("family_name")), None);
    println!("accepted: of age, and not known by name");

    // The challenge is spent: it was taken by value. The same bytes do not answer another one.
    let (another, _request) = service.ask(&world)?;
    let refused = verify(&world, &office, another, &sent).err().ok_or("a replay was accepted")?;
    assert_eq!(refused.code(), "SDJ-13");
    println!("replayed: refused by {}: {refused}", refused.code());
    Ok(())
}

/// The check does no input or output. It says what it needs, in the order in which refusals are cheapest.
fn verify(
    world: &World<'_>,
    office: &Office,
    challenge: Challenge,
    answer: &[u8],
) -> Result<Accepted, VerifyError> {
    let mut check = challenge.check(Answer::parse(answer)?, world.clock.now())?;
    while let Some(need) = check.need() {
        check.supply(&fetch(world, office, &need))?;
    }
    check.finish()
}
