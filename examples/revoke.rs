//! An office revokes a credential; the holder's next answer is refused.

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

use sinpyo_core::status::CredentialStatus;
use sinpyo_issuer::StatusCommand;
use std::error::Error;
use support::{
    answer::answer,
    check::check,
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
    assert!(check(&world, &office, challenge, &sent).is_ok());
    println!("before: accepted");

    // The list decides what may follow from the command; a store would keep the events.
    let held = wallet.credentials().next().ok_or("an empty wallet")?;
    let index = held.credential().status().first().ok_or("no status")?.index();
    let to = |status| StatusCommand::Set { index, status };
    for event in office.book.decide(to(CredentialStatus::Revoked))? {
        office.book.apply(&event)?;
    }

    // The wallet answers as before. What changed is the office's published list.
    let (challenge, request) = service.ask(&world)?;
    let sent = answer(&world, &mut wallet, &request)?;
    let refused =
        check(&world, &office, challenge, &sent).err().ok_or("a revoked credential was accepted")?;
    assert_eq!(refused.code(), "VP-07");
    println!("after:  refused by {}: {refused}", refused.code());

    // Revocation is for good.
    let undone = office.book.decide(to(CredentialStatus::Valid)).err().map(|error| error.code());
    assert_eq!(undone, Some("ISS-26"));
    println!("undone: refused by ISS-26");
    Ok(())
}
