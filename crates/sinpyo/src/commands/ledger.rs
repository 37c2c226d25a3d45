//! `sinpyo ledger …`

mod audit;
mod backup;
mod init;
mod keys;
mod operator;
mod proof;
mod watch;

use super::{Done, refuse, serve::registry::Place, verify::read_log_key};
use crate::{asking::Refusal, cli::Global, files, home::Home, log_keys::LogSigners, say::Voice};
use anyhow::{Context, Result};
use clap::Subcommand;
use serde_json::{Value, json};
use sinpyo_core::{encoding::to_base64url, resolved::VersionSelector};
use sinpyo_registry::engine::LogEngine as _;
use sinpyo_store::export::export;
use sinpyo_tlog::{merkle::TreeHead, policy::Policy};
use std::path::{Path, PathBuf};

const MAX_POLICY: u64 = 256 << 10;

#[derive(Debug, Subcommand)]
pub(crate) enum LedgerCommand {
    /// Make the keys of a new log, under its name for good.
    #[command(
        after_help = "Examples:\n  sinpyo ledger init --origin ledger.example.kr/2026 --home registry\n  sinpyo ledger init --origin ledger.example.kr/2026 --root moi.json --home registry"
    )]
    Init {
        /// The name of the log: a URL without scheme.
        #[arg(long)]
        origin: String,
        /// The operation that creates the DID of the root accreditor, from `sinpyo did create … --for-log ORIGIN --out FILE`.
        /// Without it the first `sinpyo did create` in the folder makes the root.
        #[arg(long, value_name = "FILE")]
        root: Option<PathBuf>,
    },
    /// Show size, root and the newest entries.
    #[command(after_help = "Example:\n  sinpyo ledger show --last 10")]
    Show {
        /// How many entries.
        #[arg(long, default_value_t = 10)]
        last: u64,
    },
    /// Print the proof for a DID: checkpoint, entries and paths, checkable offline.
    #[command(after_help = "Example:\n  sinpyo ledger prove did:tlog:z… > proof.json")]
    Prove {
        /// The DID.
        did: String,
    },
    /// Check a proof for a DID with nothing but the log's key or a policy.
    #[command(
        after_help = "Examples:\n  sinpyo ledger verify-proof proof.json --did did:tlog:z… --log-key log.vkey\n  sinpyo ledger verify-proof proof.json --did did:tlog:z… --policy policy.txt --newer-than checkpoint --max-age 60"
    )]
    VerifyProof(proof::VerifyProof),
    /// Write the ledger as static files (C2SP tlog-tiles); later only what is new.
    #[command(after_help = "Example:\n  sinpyo ledger export public/")]
    Export {
        /// The folder.
        folder: PathBuf,
    },
    /// Recompute root and state of a ledger from its files: an exported folder, or a served log.
    #[command(
        visible_alias = "check",
        after_help = "Examples:\n  sinpyo ledger audit public/ --log-key log.vkey\n  sinpyo ledger audit https://ledger.example.kr/ --policy policy.txt"
    )]
    Audit {
        /// Folder or URL.
        #[arg(value_name = "DIR|URL")]
        log: String,
        /// The log's public key, as a C2SP verifier key; or give --policy.
        #[arg(long, value_name = "FILE")]
        log_key: Option<PathBuf>,
    },
    /// Follow a served log: that it only grows, is lawful, is witnessed, and is the same for everybody.
    #[command(
        after_help = "Examples:\n  sinpyo ledger monitor --log https://ledger.example.kr/ --policy policy.txt --data monitor\n  sinpyo ledger monitor --log http://127.0.0.1:8090/ --log-key log.vkey --data monitor --source https://mirror.example/ --once"
    )]
    Monitor(watch::Monitor),
    /// Check a file that proves that a log told two stories.
    #[command(
        after_help = "Example:\n  sinpyo ledger equivocation monitor/equivocation-7-7.txt --log-key log.vkey"
    )]
    Equivocation {
        /// The file.
        file: PathBuf,
        /// The log's public key, as a C2SP verifier key; or give --policy.
        #[arg(long, value_name = "FILE")]
        log_key: Option<PathBuf>,
    },
    /// Let a DID be created through the registry that is served from --home, also while it is served.
    #[command(after_help = "Example:\n  sinpyo ledger admit did:tlog:z… --home registry")]
    Admit {
        /// The DID, as `sinpyo did create` named it to its owner.
        did: String,
    },
    /// State that a log lost nothing since it was published, where the folder has no note of that (file `published`).
    #[command(after_help = "Example:\n  sinpyo ledger adopt --home registry")]
    Adopt(Place),
    /// Recompute all of the log that is kept in --home or in a database: entries, tiles, state, the published checkpoint.
    #[command(
        after_help = "Examples:\n  sinpyo ledger verify --home registry\n  sinpyo ledger verify --home keys --database postgresql://ledger@db1,db2,db3/ledger"
    )]
    Verify(Place),
    /// Give the log a new key; the old one signs beside it until `retire-key`. Stop the servers of the log before.
    #[command(after_help = "Example:\n  sinpyo ledger rotate-key --home registry")]
    RotateKey(Place),
    /// Give the log another key for its statements of what is newest. Stop the servers of the log before.
    #[command(after_help = "Example:\n  sinpyo ledger rotate-heads-key --home registry")]
    RotateHeadsKey(Place),
    /// Let the log's old key sign no more, once verifiers have learnt of the new one.
    #[command(after_help = "Example:\n  sinpyo ledger retire-key --home registry")]
    RetireKey,
    /// Copy the databases of the installation into a new folder, also while it is served. Keys are not copied.
    #[command(after_help = "Example:\n  sinpyo ledger backup backups/2026-11-22 --home registry")]
    Backup {
        /// The new folder.
        folder: PathBuf,
    },
    /// Recompute everything in a backup.
    #[command(after_help = "Example:\n  sinpyo ledger verify-backup backups/2026-11-22")]
    VerifyBackup {
        /// The backup.
        folder: PathBuf,
    },
    /// Make an installation of a backup; the log's key has to be in its folder already.
    #[command(
        after_help = "Examples:\n  sinpyo ledger restore backups/2026-11-22 --home restored --published checkpoint\n  sinpyo ledger restore backups/2026-11-22 --home restored --accept-loss"
    )]
    Restore {
        /// The backup.
        folder: PathBuf,
        /// The newest checkpoint that anybody has of the log: a mirror, a witness, a monitor.
        #[arg(long, value_name = "FILE", conflicts_with = "accept_loss")]
        published: Option<PathBuf>,
        /// There is no newer checkpoint to be had. Whoever has one will refuse the restored log.
        #[arg(long)]
        accept_loss: bool,
    },
}

pub(crate) fn run(
    open: impl Fn() -> Result<Home>,
    global: &Global,
    command: LedgerCommand,
    voice: Voice,
) -> Result<Done> {
    let believed = |log_key: &Option<PathBuf>| trusted(log_key.as_deref(), global.policy.as_deref());
    match command {
        LedgerCommand::Init { origin, root } => init::run(&global.home, &origin, root.as_deref(), voice),
        LedgerCommand::Audit { log, log_key } => audit::run(&log, &believed(&log_key)?, voice),
        LedgerCommand::Monitor(options) => {
            let policy = believed(&options.log_key)?;
            watch::monitor(options, policy, voice)
        }
        LedgerCommand::Equivocation { file, log_key } => {
            watch::equivocation(&file, &believed(&log_key)?, voice)
        }
        LedgerCommand::VerifyProof(options) => {
            let policy = believed(&options.log_key)?;
            proof::verify(&options, &policy, voice)
        }
        LedgerCommand::Admit { did } => operator::admit(&global.home, &did.parse()?, voice),
        LedgerCommand::Verify(place) => operator::verify(&place, &global.home, voice),
        LedgerCommand::Adopt(place) => operator::adopt(&place, &global.home, voice),
        LedgerCommand::RotateKey(place) => keys::rotate(&place, &global.home, voice),
        LedgerCommand::RotateHeadsKey(place) => keys::rotate_heads(&place, &global.home, voice),
        LedgerCommand::RetireKey => {
            LogSigners::retire(&global.home)?;
            voice.report(&json!({"ok": true}), voice.pick("이전 열쇠를 없앴습니다", "the old key is gone"));
            Ok(Done::Accepted)
        }
        LedgerCommand::Backup { folder } => backup::back_up(&global.home, &folder, voice),
        LedgerCommand::VerifyBackup { folder } => backup::verify(&folder, voice),
        LedgerCommand::Restore { folder, published, accept_loss } => {
            let lost = accept_loss.then_some(backup::Beyond::Lost);
            let beyond = published.as_deref().map(backup::Beyond::Published).or(lost);
            backup::restore(&folder, &global.home, beyond, voice)
        }
        LedgerCommand::Show { last } => show(&open()?, last, voice),
        LedgerCommand::Prove { did } => {
            let (home, did) = (open()?, did.parse()?);
            match home.ledger()?.prove(&did, &VersionSelector::Latest) {
                Ok(proof) => println!("{proof}"),
                Err(error) => return Ok(refuse(voice, &Refusal::new(error.code(), &error))),
            }
            Ok(Done::Accepted)
        }
        LedgerCommand::Export { folder } => {
            let home = open()?;
            drop(home.ledger()?);
            let head = export(home.log()?, &folder).context("cannot export the ledger")?;
            report_head(head, voice);
            Ok(Done::Accepted)
        }
    }
}

/// Whose checkpoints are believed: the log of the key in the one file, or the policy in the other.
pub(crate) fn trusted(log_key: Option<&Path>, policy: Option<&Path>) -> Result<Policy> {
    match (log_key, policy) {
        (_, Some(file)) => Policy::parse(&files::read(file, MAX_POLICY)?)
            .with_context(|| format!("{} is no policy", file.display())),
        (Some(file), None) => Ok(Policy::of_log(read_log_key(file)?)),
        (None, None) => anyhow::bail!("whose log is this? give --log-key or --policy"),
    }
}

fn show(home: &Home, last: u64, voice: Voice) -> Result<Done> {
    let head = home.log()?.head()?;
    let first = head.size.saturating_sub(last);
    let entries = home.log()?.entries(first..head.size)?;
    for (index, entry) in (first..).zip(&entries) {
        let entry: Value = serde_json::from_slice(entry)?;
        let text = |pointer: &str| entry.pointer(pointer).and_then(Value::as_str).unwrap_or("-").to_owned();
        let about = ["/op/did", "/op/subject", "/op/list", "/op/accreditation", "/op/root"];
        let about = about.iter().find_map(|pointer| entry.pointer(pointer)?.as_str()).unwrap_or("-");
        eprintln!("{index:>8}  {}  {:<20}  {about}", text("/time"), text("/op/type"));
    }
    report_head(head, voice);
    Ok(Done::Accepted)
}

fn report_head(head: TreeHead, voice: Voice) {
    let root = to_base64url(head.root.as_bytes());
    let people =
        format!("{} {}, {} {root}", voice.pick("크기", "size"), head.size, voice.pick("루트", "root"));
    voice.report(&json!({"ok": true, "size": head.size, "root": root}), &people);
}
