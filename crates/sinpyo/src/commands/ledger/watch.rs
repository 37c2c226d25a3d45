//! `sinpyo ledger monitor`, `sinpyo ledger equivocation`

use super::{Done, refuse};
use crate::{
    asking::Refusal,
    files,
    monitor::{Alarm, Alarms, Monitor as Watch, Replay, View},
    os::SystemClock,
    remote::tiles::TileServer,
    say::Voice,
};
use anyhow::{Context, Result};
use clap::Args;
use serde_json::json;
use sinpyo_core::{encoding::to_base64url, time::Clock as _};
use sinpyo_registry::heads::{HeadEquivocation, Newest};
use sinpyo_tlog::{equivocation::EquivocationProof, policy::Policy};
use std::{
    fs::OpenOptions,
    path::{Path, PathBuf},
    time::Duration,
};

/// Evidence may hold a long history.
const MAX_PROOF: u64 = 16 << 20;

/// Options of the monitor.
#[derive(Debug, Args)]
pub(crate) struct Monitor {
    /// The log.
    #[arg(long, value_name = "URL")]
    log: String,
    /// The log's public key, as a C2SP verifier key; or give --policy, with witnesses.
    #[arg(long, value_name = "FILE")]
    pub(super) log_key: Option<PathBuf>,
    /// Folder for the newest checkpoint and for proofs of equivocation.
    #[arg(long, value_name = "DIR")]
    data: PathBuf,
    /// Somebody else who shows the log: a mirror; may be repeated. Witnesses with a URL in the policy are asked anyway.
    #[arg(long, value_name = "URL")]
    source: Vec<String>,
    /// Oldest acceptable word of the witnesses, in seconds.
    #[arg(long, value_name = "SECONDS", default_value_t = 120)]
    max_age: u64,
    /// Seconds that the log may be behind what others were shown. With --once it is waited for so long.
    #[arg(long, value_name = "SECONDS", default_value_t = 60)]
    grace: u64,
    /// Seconds between two looks.
    #[arg(long, value_name = "SECONDS", default_value_t = 5)]
    every: u64,
    /// Look once, and again only while somebody was shown more than the log shows; exit code 3 if there is an alarm.
    #[arg(long)]
    once: bool,
    /// Follow the tree only, and leave the entries to an auditor.
    #[arg(long)]
    no_replay: bool,
    /// Program that is run for each alarm, with the alarm as JSON in `SINPYO_ALARM`.
    #[arg(long, value_name = "PROGRAM")]
    alarm_command: Option<PathBuf>,
}

pub(super) fn monitor(options: Monitor, policy: Policy, voice: Voice) -> Result<Done> {
    files::private_folder(&options.data)?;
    let lock = OpenOptions::new().create(true).truncate(false).write(true).open(options.data.join(".lock"));
    let lock = lock.context("cannot open the monitor's lock")?;
    lock.try_lock().context("another monitor works with this folder")?;
    let origin = policy.log_keys().next().context("the policy knows no log")?.name().clone();
    let mut views = options.source.iter().map(|url| View::mirror(url)).collect::<Result<Vec<_>>>()?;
    for url in policy.witnesses().filter_map(|witness| witness.url()) {
        views.push(View::witness(url, &origin)?);
    }
    let mut watch = Watch {
        log: TileServer::new(&options.log)?,
        policy,
        folder: options.data.clone(),
        max_age: Duration::from_secs(options.max_age),
        grace: Duration::from_secs(options.grace),
        views,
        replay: (!options.no_replay).then(|| Replay::new(&origin)),
    };
    let mut alarms = Alarms::new(options.alarm_command);
    let mut last = None;
    loop {
        let looked = watch.look(&mut alarms, SystemClock.now());
        if let Err(error) = &looked {
            let (source, reason) = (watch.log.url().to_string(), format!("{error:#}"));
            alarms.raise(&Alarm::Unreachable { source, reason })?;
        }
        let raised = alarms.take();
        let pause = Duration::from_secs(options.every.max(1));
        if options.once && raised.is_empty() && watch.is_behind() {
            std::thread::sleep(pause.min(watch.grace));
            continue;
        }
        if let Ok(looked) = &looked
            && (options.once || last != Some(looked.checkpoint.head()))
        {
            let head = looked.checkpoint.head();
            last = Some(head);
            let root = to_base64url(head.root.as_bytes());
            let machine = json!({"ok": raised.is_empty(), "size": head.size, "root": root,
                "replayed": looked.replayed, "alarms": raised});
            voice.report(&machine, &format!("{} {root}", head.size));
        }
        if options.once {
            return Ok(if raised.is_empty() { Done::Accepted } else { Done::Alarm });
        }
        std::thread::sleep(pause);
    }
}

/// Checks a proof that a log told two stories.
pub(super) fn equivocation(file: &Path, policy: &Policy, voice: Voice) -> Result<Done> {
    let text = String::from_utf8(files::read(file, MAX_PROOF)?).context("the file is no text")?;
    // What denies a statement of what is newest is a proof with entries, in JSON.
    if text.starts_with('{') {
        return Ok(denied_statement(&text, policy, voice));
    }
    let proof = text.parse::<EquivocationProof>().map_err(|error| Refusal::new(error.code(), &error));
    let proof = match proof {
        Ok(proof) => proof,
        Err(refusal) => return Ok(refuse(voice, &refusal)),
    };
    if let Err(error) = proof.verify_by(policy) {
        return Ok(refuse(voice, &Refusal::new(error.code(), &error)));
    }
    let (older, newer) = (proof.older().claimed_head(), proof.newer().claimed_head());
    let root = |head: sinpyo_tlog::merkle::TreeHead| to_base64url(head.root.as_bytes());
    let log = proof.older().claimed_origin().as_str();
    let machine = json!({"ok": true, "log": log,
        "older": {"size": older.size, "root": root(older)}, "newer": {"size": newer.size, "root": root(newer)}});
    let people = format!(
        "{} {log}: {} {} / {} {}",
        voice.pick("두 가지 역사를 서명한 원장", "this log signed two histories:"),
        older.size,
        root(older),
        newer.size,
        root(newer)
    );
    voice.report(&machine, &people);
    Ok(Done::Accepted)
}

/// Checks a proof that a log stated what its own entries deny.
fn denied_statement(text: &str, policy: &Policy, voice: Voice) -> Done {
    let proof = match text.parse::<HeadEquivocation>() {
        Ok(proof) => proof,
        Err(error) => return refuse(voice, &Refusal::new(error.code(), &error)),
    };
    let proven = match proof.verify(policy) {
        Ok(proven) => proven,
        Err(error) => return refuse(voice, &Refusal::new(error.code(), &error)),
    };
    let version = |newest: &Newest| json!({"index": newest.index, "version": &*newest.version});
    let found = version(proven.found());
    let machine = json!({"ok": true, "about": proven.topic().to_string(),
        "stated": proven.stated().map(version), "found": found});
    let people = format!(
        "{} {}: {found}",
        voice.pick(
            "원장이 최신이라고 한 것을 원장의 항목이 부정합니다",
            "the log's entries deny what it stated to be newest:"
        ),
        proven.topic()
    );
    voice.report(&machine, &people);
    Done::Accepted
}
