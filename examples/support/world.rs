//! A ledger on which organisations can be enrolled and accredited, with a clock that the example moves.

use super::{
    entropy::OsEntropy,
    organisation::{control_key, document},
};
use sinpyo_core::{
    accreditation::{Accreditation, Grant, LocalizedName},
    credential::Validity,
    did::Did,
    key::Signer,
    time::{Clock, Timestamp},
};
use sinpyo_crypto::{Algorithm, KeySigner, SigningKey};
use sinpyo_registry::{
    Fold, Ledger, Operation, accreditation,
    did_tlog::{self, Control, DidVersion},
};
use sinpyo_store::MemoryLog;
use sinpyo_testkit::StepClock;
use sinpyo_tlog::note::{LogKey, Origin};
use std::{error::Error, sync::Arc, time::Duration};

/// What the operator of the log runs.
pub(crate) struct Server {
    log: MemoryLog,
    key: LogKey,
    signer: KeySigner,
    clock: Arc<StepClock>,
}

struct SharedClock(Arc<StepClock>);

impl Clock for SharedClock {
    fn now(&self) -> Timestamp {
        self.0.now()
    }
}

impl Server {
    pub(crate) fn start() -> Result<Self, Box<dyn Error>> {
        let origin: Origin = "ledger.example/2026".parse()?;
        let clock = Arc::new(StepClock::new("2026-11-22T00:00:00Z".parse()?));
        let log = MemoryLog::new(Fold::new(origin.clone()), SharedClock(Arc::clone(&clock)));
        let key = SigningKey::generate(Algorithm::Ed25519, &mut OsEntropy);
        let signer = KeySigner::new("did:web:ledger.example#log".parse()?, key);
        let key = LogKey::new(origin, signer.key().verifying_key().clone())?;
        Ok(Self { log, key, signer, clock })
    }
}

/// The ledger, and the authority whose word every accreditation goes back to.
pub(crate) struct World<'s> {
    pub(crate) ledger: Ledger<'s>,
    pub(crate) clock: &'s StepClock,
    authority: KeySigner,
}

impl<'s> World<'s> {
    pub(crate) fn open(server: &'s Server) -> Result<Self, Box<dyn Error>> {
        let (created, authority, _control) = new_did(server.key.name())?;
        let ledger = Ledger::open(&server.log, server.key.clone(), &server.signer, &created.fact().did)?;
        let _sequenced = ledger.submit(created)?;
        Ok(Self { ledger, clock: &server.clock, authority })
    }

    /// Puts an organisation on the ledger. Gives the key for its statements and the one that controls its DID.
    pub(crate) fn enrol(&self) -> Result<(KeySigner, KeySigner), Box<dyn Error>> {
        let (created, signer, control) = new_did(self.ledger.origin())?;
        let _sequenced = self.ledger.submit(created)?;
        Ok((signer, control))
    }

    /// Gives an organisation a right. An hour later a checkpoint commits to all that was appended.
    pub(crate) fn accredit(&self, subject: Did, name: [&str; 2], grant: Grant) -> Result<(), Box<dyn Error>> {
        let [ko, en] = name.map(str::to_owned);
        let statement = Accreditation {
            subject,
            name: LocalizedName { ko, en },
            granted_by: self.authority.key_id().did(),
            grant,
            validity: Validity { from: Some(self.clock.now()), until: None },
        };
        let draft = accreditation::draft_grant(self.ledger.origin(), &statement)?;
        let _sequenced =
            self.ledger.submit(draft.sign(&self.authority, self.authority.key().verifying_key())?)?;
        self.clock.advance(Duration::from_hours(1));
        self.ledger.checkpoint()?;
        Ok(())
    }
}

fn new_did(origin: &Origin) -> Result<(Operation<DidVersion>, KeySigner, KeySigner), Box<dyn Error>> {
    let key = SigningKey::generate(Algorithm::Es256, &mut OsEntropy);
    let control = control_key()?;
    let keys = Control::by(control.key().verifying_key());
    let draft = did_tlog::create(origin, keys, |did| document(did, "key-1", key.verifying_key()))?;
    let created = draft.sign(&control, control.key().verifying_key())?;
    let signer = KeySigner::new(created.fact().did.key("key-1")?, key);
    Ok((created, signer, control))
}
