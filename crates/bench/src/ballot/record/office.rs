//! Who calls and keeps a made-up election: keys, manifest, signatures. All from one seed, so that a record can be made
//! again.

use super::voters::OPTIONS;
use anyhow::Context as _;
use serde_json::{Map, Value, json};
use sinpyo_ballot::{
    ceremony::{BoxSecret, TrusteeNumber},
    generators::ElectionId,
};
use sinpyo_core::{Secret, key::Entropy as _, time::Timestamp};
use sinpyo_crypto::{Algorithm, KeySigner, SigningKey};
use sinpyo_testkit::TestEntropy;
use sinpyo_tlog::note::LogKey;
use sinpyo_voting::{
    event::{Body, EventDraft, Role},
    form::to_hex,
    trustee::Custody,
};

pub(super) const TRUSTEES: u32 = 3;
const THRESHOLD: u32 = 2;

/// The moment of all that happens before the election closes.
const OPENS: &str = "2026-11-22T00:00:00Z";
const CLOSES: &str = "2026-11-22T09:00:00Z";

/// The keys of all roles.
pub(super) struct Office {
    pub(super) election: ElectionId,
    pub(super) entropy: TestEntropy,
    pub(super) custodies: Vec<Custody>,
    pub(super) log: LogKey,
    pub(super) log_signer: KeySigner,
    host: SigningKey,
    registrar: SigningKey,
    board: SigningKey,
    trustees: Vec<SigningKey>,
}

impl Office {
    pub(super) fn new(seed: u64) -> anyhow::Result<Self> {
        let mut entropy = TestEntropy::new(seed);
        let mut election = [0; 32];
        entropy.fill(&mut election);
        let log = SigningKey::generate(Algorithm::Ed25519, &mut entropy);
        let mut key = || SigningKey::generate(Algorithm::Ed25519, &mut entropy);
        let (host, registrar, board) = (key(), key(), key());
        let trustees = (0..TRUSTEES).map(|_| key()).collect();
        let custody = |number: u32| {
            let mut seed = [0; 32];
            entropy.fill(&mut seed);
            let number = TrusteeNumber::new(number).context("too many trustees")?;
            let sealing = BoxSecret::generate(&mut entropy);
            anyhow::Ok(Custody { number, seed: Secret::new(seed), sealing, opened: None })
        };
        let custodies = (1..=TRUSTEES).map(custody).collect::<Result<_, _>>()?;
        Ok(Self {
            election: ElectionId(election),
            custodies,
            log: LogKey::new("vote.example/bulk".parse()?, log.verifying_key().clone())?,
            log_signer: KeySigner::new("did:web:vote.example#log".parse()?, log),
            host,
            registrar,
            board,
            trustees,
            entropy,
        })
    }

    /// Signs an event of the time before the election closes.
    pub(super) fn sign(&self, by: Role, body: Body) -> anyhow::Result<Vec<u8>> {
        self.sign_at(OPENS, by, body)
    }

    /// Signs an event of the time after.
    pub(super) fn sign_after(&self, by: Role, body: Body) -> anyhow::Result<Vec<u8>> {
        self.sign_at(CLOSES, by, body)
    }

    fn sign_at(&self, time: &str, by: Role, body: Body) -> anyhow::Result<Vec<u8>> {
        let time: Timestamp = time.parse()?;
        Ok(EventDraft { by, election: self.election, time, body }.sign(self.key_of(by)?)?)
    }

    fn key_of(&self, role: Role) -> anyhow::Result<&SigningKey> {
        Ok(match role {
            Role::Host => &self.host,
            Role::Registrar => &self.registrar,
            Role::Board => &self.board,
            Role::Trustee(number) => {
                let place = usize::try_from(number)?.checked_sub(1);
                place.and_then(|place| self.trustees.get(place)).context("no such trustee")?
            }
        })
    }

    /// One district, one contest of five options, rings of 1,024.
    pub(super) fn manifest(&self, voters: u32) -> Map<String, Value> {
        let words = |text: &str| json!({"en": text, "ko": text});
        let key = |key: &SigningKey| to_hex(key.verifying_key().to_multikey().key());
        let trustee = |(signing, custody): (&SigningKey, &Custody)| {
            let name = words(&format!("Trustee {}", custody.number.number()));
            json!({"box": to_hex(custody.sealing.public().as_bytes()), "key": key(signing), "name": name})
        };
        let option =
            |number: usize| json!({"id": format!("o{number}"), "name": words(&format!("Option {number}"))});
        let body = json!({
            "admission": null,
            "board": {"key": key(&self.board), "log": self.log.to_string()},
            "closes": CLOSES,
            "contests": [{"id": "chair", "options": (1..=OPTIONS).map(option).collect::<Vec<_>>(), "title": words("Chair")}],
            "districts": [{"id": "d1", "legal": voters, "name": words("District"), "style": 0}],
            "floor": 50,
            "host": key(&self.host),
            "keys": OPTIONS,
            "opens": OPENS,
            "profile": "ring",
            "registrar": key(&self.registrar),
            "revote": "last",
            "ring": {"base": 4, "digits": 5},
            "styles": [{"contests": ["chair"]}],
            "threshold": THRESHOLD,
            "title": words("Bulk"),
            "token": null,
            "trustees": self.trustees.iter().zip(&self.custodies).map(trustee).collect::<Vec<_>>(),
            "version": 1,
            "witnesses": {"keys": [], "quorum": 0},
        });
        match body {
            Value::Object(body) => body,
            _ => Map::new(),
        }
    }
}
