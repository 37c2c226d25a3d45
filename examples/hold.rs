//! A wallet takes a verified credential and keeps it in an encrypted file.

mod support {
    pub(crate) mod entropy;
    pub(crate) mod office;
    pub(crate) mod organisation;
    pub(crate) mod world;
}

use sinpyo_core::{Secret, credential::CredentialType, resolved::VersionSelector, time::Clock};
use sinpyo_proof::KeyRing;
use sinpyo_wallet::{Generation, Password, Received, Wallet};
use std::error::Error;
use support::{
    entropy::OsEntropy,
    office::Office,
    world::{Server, World},
};

fn main() -> Result<(), Box<dyn Error>> {
    let server = Server::start()?;
    let world = World::open(&server)?;
    let (mut office, _control) = Office::open(&world)?;
    let now = world.clock.now();

    // A fresh key for every copy, so that verifiers who compare what they saw find nothing in common.
    let mut wallet = Wallet::new();
    let kind: CredentialType = "urn:sinpyo:credential:ResidentCredential".parse()?;
    let key = wallet.new_key(kind, &mut OsEntropy);
    let issued = office.issue(key, now)?;

    // The wallet takes only what was verified, and only what is bound to a key of its own.
    let issuer = office.issuer.did().ok_or("the issuer signs by certificate")?;
    let keys = KeyRing::of(&world.ledger.resolve(issuer, &VersionSelector::Latest)?);
    let received = Received::verify(issued.wire.as_bytes(), &keys, now)?;
    let id = wallet.hold(received, issued.held.clone())?;
    let again = Received::verify(issued.wire.as_bytes(), &keys, now)?;
    let refused = wallet.hold(again, issued.held).err().map(|error| error.code());
    assert_eq!(refused, Some("WAL-18"), "the key has its credential");
    println!("the wallet holds credential {id}; a second one for the same key is refused: WAL-18");

    // The edge writes these bytes to disk, and the generation to where whoever restores files does not reach.
    let password = Password::new(Secret::new("correct horse battery staple".to_owned()))?;
    let mut file = wallet.seal(&password, &mut OsEntropy)?;
    let opened = Wallet::open(&file, &password, Generation::new(1))?;
    assert_eq!(opened.credentials().count(), 1);
    let last = file.last_mut().ok_or("an empty file")?;
    *last ^= 1;
    assert!(Wallet::open(&file, &password, Generation::new(1)).is_err());
    println!("sealed with argon2id and AES-256-GCM: it opens as it was, and not with one bit changed");
    Ok(())
}
