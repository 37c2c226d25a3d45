//! Creates a did:tlog on a log in memory; whoever has the log's key then checks its document offline.

mod support {
    pub(crate) mod entropy;
    pub(crate) mod organisation;
}

use sinpyo_core::resolved::VersionSelector;
use sinpyo_crypto::{Algorithm, KeySigner, SigningKey};
use sinpyo_registry::{
    Fold, Ledger,
    did_tlog::{self, Control, ResolutionProof},
};
use sinpyo_store::MemoryLog;
use sinpyo_testkit::FixedClock;
use sinpyo_tlog::note::{LogKey, Origin};
use std::error::Error;
use support::{entropy::OsEntropy, organisation};

fn main() -> Result<(), Box<dyn Error>> {
    // The organisation drafts and signs the operation; the DID is the hash of what it drafted.
    let origin: Origin = "ledger.example/2026".parse()?;
    let key = SigningKey::generate(Algorithm::Es256, &mut OsEntropy);
    let control = organisation::control_key()?;
    let document = |did: &_| organisation::document(did, "key-1", key.verifying_key());
    let draft = did_tlog::create(&origin, Control::by(control.key().verifying_key()), document)?;
    let operation = draft.sign(&control, control.key().verifying_key())?;
    let did = operation.fact().did.clone();

    // The operator of the log; the clock gives ledger time. The first organisation on it accredits all others.
    let clock = FixedClock("2026-11-22T00:00:00Z".parse()?);
    let log = MemoryLog::new(Fold::new(origin.clone()), clock);
    let log_signer = SigningKey::generate(Algorithm::Ed25519, &mut OsEntropy);
    let log_key = LogKey::new(origin.clone(), log_signer.verifying_key().clone())?;
    let log_signer = KeySigner::new("did:web:ledger.example#log".parse()?, log_signer);
    let ledger = Ledger::open(&log, log_key.clone(), &log_signer, &did)?;
    let sequenced = ledger.submit(operation)?;
    let size = ledger.checkpoint()?.claimed_head().size;
    let anchored = ledger.anchored(sequenced)?;
    println!("{did} is entry {} of the {size} in the signed checkpoint", anchored.index());

    // Anybody, later, with no connection: the proof arrives as text, and the log's key is known.
    let arrived = ledger.prove(&did, &VersionSelector::Latest)?.to_string();
    let proof: ResolutionProof = arrived.parse()?;
    let proven = proof.verify(&log_key, &did, &VersionSelector::Latest)?;
    assert_eq!(proven.resolved().document, document(&did));
    assert_eq!(proven.resolved().metadata.version_id.as_deref(), Some(anchored.get().version.as_str()));
    println!("its document is proven by {} bytes of JSON and the log's public key", arrived.len());

    // Under the key of another log the same proof is worth nothing.
    let other = SigningKey::generate(Algorithm::Ed25519, &mut OsEntropy);
    let other = LogKey::new(origin, other.verifying_key().clone())?;
    let refused = proof.verify(&other, &did, &VersionSelector::Latest).err().map(|error| error.code());
    assert_eq!(refused, Some("LOG-13"));
    println!("under another log's key it is refused: LOG-13");
    Ok(())
}
