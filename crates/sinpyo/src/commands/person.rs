//! `sinpyo person …`

use super::{Done, ledger::trusted, refuse};
use crate::{
    asking::Refusal,
    cli::Global,
    files::{self, Access},
    home::Home,
    office::Organisation,
    os::OsEntropy,
    persons::Persons,
    say::Voice,
};
use anyhow::{Context, Result};
use clap::Subcommand;
use serde_json::json;
use sinpyo_crypto::{Algorithm, KeySigner, SigningKey};
use sinpyo_registry::person::{PersonRecord, draft};
use std::path::{Path, PathBuf};

const MAX_RECORD: u64 = 1 << 20;

/// Natural persons: the log holds commitments to them, and what these commit to can be erased.
#[derive(Debug, Subcommand)]
pub(crate) enum PersonCommand {
    /// Make a key for one person at one service, and the operation that names it; run where the person is.
    #[command(
        after_help = "Example:\n  sinpyo person draft --for-log ledger.example.kr/2026 --key person.jwk --out person.json"
    )]
    Draft {
        /// The name of the log.
        #[arg(long, value_name = "ORIGIN")]
        for_log: String,
        /// Where to keep the private key.
        #[arg(long, value_name = "FILE")]
        key: PathBuf,
        /// Where to write the operation, which only the admitting organisation is to see.
        #[arg(long, value_name = "FILE")]
        out: PathBuf,
    },
    /// Admit a person: the log gets a salted commitment, the store in the home folder the rest.
    #[command(
        after_help = "Example:\n  sinpyo person add --by moi --operation person.json --record record.json"
    )]
    Add {
        /// Short name of the admitting organisation.
        #[arg(long)]
        by: String,
        /// The person's operation.
        #[arg(long, value_name = "FILE")]
        operation: PathBuf,
        /// Where to write the record for the person.
        #[arg(long, value_name = "FILE")]
        record: PathBuf,
    },
    /// Show whom an entry admitted; with --record, write a fresh record.
    #[command(after_help = "Example:\n  sinpyo person show 17 --record record.json")]
    Show {
        /// The entry of the admission.
        entry: u64,
        /// Where to write the record.
        #[arg(long, value_name = "FILE")]
        record: Option<PathBuf>,
    },
    /// Erase a person: the log says so from now on, and nothing is left here.
    #[command(after_help = "Example:\n  sinpyo person erase 17 --by moi")]
    Erase {
        /// The entry of the admission.
        entry: u64,
        /// Short name of the organisation that admitted the person, or of the root accreditor.
        #[arg(long)]
        by: String,
    },
    /// Check a person's record with nothing but the log's key or a policy. It does not say that the person was not erased.
    #[command(after_help = "Example:\n  sinpyo person check record.json --log-key log.vkey")]
    Check {
        /// The record.
        record: PathBuf,
        /// The log's public key, as a C2SP verifier key; or give --policy.
        #[arg(long, value_name = "FILE")]
        log_key: Option<PathBuf>,
    },
}

pub(crate) fn run(
    open: impl Fn() -> Result<Home>,
    global: &Global,
    command: PersonCommand,
    voice: Voice,
) -> Result<Done> {
    match command {
        PersonCommand::Draft { for_log, key, out } => make(&for_log, (&key, &out), voice),
        PersonCommand::Add { by, operation, record } => {
            let home = open()?;
            let bytes = files::read_private(&operation)?;
            let by = Organisation::load(&home, &by)?;
            let persons = Persons::open(&home)?;
            let entry = match persons.admit(&by, bytes)? {
                Ok(entry) => entry,
                Err(refusal) => return Ok(refuse(voice, &refusal)),
            };
            files::create(&record, persons.record(entry)?.to_json().as_bytes(), Access::Private)?;
            voice.report(&json!({"ok": true, "entry": entry}), &entry.to_string());
            Ok(Done::Accepted)
        }
        PersonCommand::Show { entry, record } => {
            let home = open()?;
            let kept = Persons::open(&home)?.record(entry)?;
            let text = kept.to_json();
            let proven = match kept.verify(home.trust()?) {
                Ok(proven) => proven,
                Err(error) => return Ok(refuse(voice, &Refusal::new(error.code(), &error))),
            };
            if let Some(file) = record {
                files::create(&file, text.as_bytes(), Access::Private)?;
            }
            tell(&proven, voice);
            Ok(Done::Accepted)
        }
        PersonCommand::Erase { entry, by } => {
            let home = open()?;
            Persons::open(&home)?.erase(&Organisation::load(&home, &by)?, entry)?;
            voice.report(&json!({"ok": true, "entry": entry}), voice.pick("지웠습니다", "erased"));
            Ok(Done::Accepted)
        }
        PersonCommand::Check { record, log_key } => {
            let policy = trusted(log_key.as_deref(), global.policy.as_deref())?;
            let text =
                String::from_utf8(files::read(&record, MAX_RECORD)?).context("the record is no text")?;
            let proven = text.parse::<PersonRecord>().and_then(|record| record.verify(&policy));
            match proven {
                Ok(proven) => tell(&proven, voice),
                Err(error) => return Ok(refuse(voice, &Refusal::new(error.code(), &error))),
            }
            Ok(Done::Accepted)
        }
    }
}

/// What a record proves. The identifier is for whoever has the record already: nothing else prints it.
fn tell(proven: &sinpyo_registry::person::ProvenPerson, voice: Voice) {
    let (did, by) = (proven.person().did.as_str(), proven.by().as_str());
    let machine = json!({"ok": true, "did": did, "by": by, "entry": proven.index(),
        "admittedAt": proven.admitted_at().to_string()});
    let people = format!("{did}\n  {} {by}, {}", voice.pick("등재:", "admitted by"), proven.admitted_at());
    voice.report(&machine, &people);
}

/// The person's own operation, signed by a key that is used nowhere else.
fn make(origin: &str, (key_file, out): (&Path, &Path), voice: Voice) -> Result<Done> {
    let origin = origin.parse().context("not a name for a log: a URL without scheme")?;
    let key = SigningKey::generate(Algorithm::Ed25519, &mut OsEntropy);
    let public = key.verifying_key().clone();
    files::create(key_file, key.to_private_jwk().expose().as_bytes(), Access::Private)?;
    let multikey = public.to_multikey();
    let signer = KeySigner::new(format!("did:key:{multikey}#{multikey}").parse()?, key);
    let operation = draft(&origin, &public, None)?.sign(&signer, &public)?;
    files::create(out, operation.as_bytes(), Access::Private)?;
    voice.report(&json!({"ok": true}), voice.pick("만들었습니다", "made"));
    Ok(Done::Accepted)
}
