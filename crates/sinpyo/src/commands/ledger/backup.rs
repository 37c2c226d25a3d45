//! `sinpyo ledger backup`, `verify-backup`, `restore`

use super::{Done, report_head};
use crate::{
    commands::verify::read_log_key,
    files::{self, Access},
    os::SystemClock,
    published::Published,
    say::Voice,
};
use anyhow::{Context, Result, bail};
use serde_json::json;
use sinpyo_registry::{Fold, engine::LogEngine as _};
use sinpyo_store::{
    SqliteLog,
    backup::{Continuity, Kind, Progress, back_up as copy, restore as put, restore_log},
    verify::{verify_file, verify_log},
};
use sinpyo_tlog::{checkpoint::SignedCheckpoint, merkle::TreeHead};
use std::path::Path;

const LOG: &str = "ledger.db";
const EVENTS: &str = "events.db";
const PERSONS: &str = crate::persons::STORE;
/// What else makes a log this log; nothing in it is secret.
const PLAIN: [&str; 2] = ["log.vkey", "root"];
const MAX_CHECKPOINT: u64 = 256 << 10;

/// Copies the databases of the installation in `home`. It may be served meanwhile.
pub(super) fn back_up(home: &Path, folder: &Path, voice: Voice) -> Result<Done> {
    if folder.exists() {
        bail!("{} exists already; a backup gets a folder of its own", folder.display());
    }
    files::private_folder(folder)?;
    // An installation that uses a registry elsewhere has no log of its own.
    if home.join(LOG).exists() || !home.join(EVENTS).exists() {
        for name in PLAIN {
            let content = files::read(&home.join(name), 4096)?;
            files::create(&folder.join(name), &content, Access::Public)?;
        }
    }
    // The log first: the others may name entries of it, and never the other way round.
    for (kind, name) in [(Kind::Log, LOG), (Kind::State, EVENTS), (Kind::Persons, PERSONS)] {
        if home.join(name).exists() {
            with_progress(voice, ("복사", "copying"), |progress| {
                Ok(copy(kind, &home.join(name), &folder.join(name), progress)?)
            })
            .with_context(|| format!("cannot copy {name}"))?;
        }
    }
    let people = voice.pick(
        "백업했습니다. 열쇠(log-key.jwk, organisations/)는 따로 보관하십시오",
        "backed up; keep the keys (log-key.jwk, organisations/) elsewhere, they are not in it",
    );
    voice.report(&json!({"ok": true, "folder": folder.display().to_string()}), people);
    Ok(Done::Accepted)
}

/// Recomputes the log in a backup, and looks through what else is in it.
pub(super) fn verify(folder: &Path, voice: Voice) -> Result<Done> {
    for (kind, name) in [(Kind::State, EVENTS), (Kind::Persons, PERSONS)] {
        if folder.join(name).exists() {
            verify_file(&folder.join(name), kind)
                .with_context(|| format!("the copy of {name} is damaged"))?;
        }
    }
    if !folder.join(LOG).exists() {
        if !folder.join(EVENTS).exists() {
            bail!("{} is no backup", folder.display());
        }
        voice.report(&json!({"ok": true}), voice.pick("이상이 없습니다", "in order"));
        return Ok(Done::Accepted);
    }
    let fold = fold_of(folder)?;
    let head = with_progress(voice, ("백업 확인", "checking the backup"), |progress| {
        Ok(verify_log(&folder.join(LOG), &fold, progress)?)
    })
    .context("the backup is damaged")?;
    report_head(head, voice);
    Ok(Done::Accepted)
}

/// What is known of a log beyond its backup.
#[derive(Clone, Copy, Debug)]
pub(super) enum Beyond<'a> {
    /// The newest checkpoint that anybody has, in a file.
    Published(&'a Path),
    /// The operator states that there is none.
    Lost,
}

/// Makes `home` an installation with the databases of the backup.
pub(super) fn restore(folder: &Path, home: &Path, beyond: Option<Beyond<'_>>, voice: Voice) -> Result<Done> {
    refuse_databases_in(home)?;
    files::private_folder(home)?;
    let head = match (folder.join(LOG).exists(), beyond) {
        (true, Some(beyond)) => Some(restore_the_log(folder, home, beyond, voice)?),
        (true, None) => bail!("the backup has a log: give --published, or --accept-loss"),
        (false, _) => None,
    };
    let mut rest = vec![(Kind::State, EVENTS)];
    match beyond {
        // A log that lost entries may have lost erasures: nobody is to come back by that. [CLI-20]
        Some(Beyond::Lost) if head.is_some() && folder.join(PERSONS).exists() => voice.tell(
            "개인 저장소는 복원하지 않았습니다. 삭제 항목이 원장에서 사라졌을 수 있습니다",
            "the store of persons was not restored: the log may lack erasures",
        ),
        _ => rest.push((Kind::Persons, PERSONS)),
    }
    for (kind, name) in rest.into_iter().filter(|(_, name)| folder.join(name).exists()) {
        with_progress(voice, ("복원", "restoring"), |progress| {
            Ok(put(kind, &folder.join(name), &home.join(name), progress)?)
        })
        .with_context(|| format!("{name} was not restored"))?;
    }
    let Some(head) = head else {
        voice.report(&json!({"ok": true}), voice.pick("복원했습니다", "restored"));
        return Ok(Done::Accepted);
    };
    if !home.join("log-key.jwk").exists() {
        voice.tell(
            "원장의 열쇠 log-key.jwk를 이 폴더에 두어야 열 수 있습니다",
            "put the log's key log-key.jwk into this folder before you open it",
        );
    }
    report_head(head, voice);
    Ok(Done::Accepted)
}

/// Before anything is written. What SQLite leaves beside a database would be read into the new one.
fn refuse_databases_in(home: &Path) -> Result<()> {
    for name in [LOG, EVENTS, PERSONS] {
        for part in ["", "-wal", "-shm", "-journal"] {
            let there = home.join(format!("{name}{part}"));
            if there.exists() {
                let there = there.display();
                bail!("{there} is there already; move the databases away, or restore into another folder");
            }
        }
    }
    Ok(())
}

fn restore_the_log(folder: &Path, home: &Path, beyond: Beyond<'_>, voice: Voice) -> Result<TreeHead> {
    for name in PLAIN {
        let (content, there) = (files::read(&folder.join(name), 4096)?, home.join(name));
        if !there.exists() {
            files::create(&there, &content, Access::Public)?;
        } else if files::read(&there, 4096)? != content {
            bail!("{} belongs to another log than the backup", there.display());
        }
    }
    let published = match beyond {
        Beyond::Published(file) => Some(published_checkpoint(file, folder)?),
        Beyond::Lost => None,
    };
    let continuity = match &published {
        Some(checkpoint) => Continuity::Published(newest(checkpoint, home)?),
        None => Continuity::Broken,
    };
    let fold = fold_of(folder)?;
    let head = with_progress(voice, ("복원", "restoring"), |progress| {
        Ok(restore_log((&folder.join(LOG), &home.join(LOG)), &fold, continuity, progress)?)
    })
    .context("the backup was not restored")?;
    // Only now: what this folder published is forgotten if the operator says so, and not otherwise. [CLI-17]
    if let Some(checkpoint) = &published {
        Published::in_folder(home)?.remember(checkpoint)?;
    } else {
        Published::put_aside(home)?;
        note_what_is_left(home)?;
    }
    Ok(head)
}

/// What the restored log published is what it goes on from now.
fn note_what_is_left(home: &Path) -> Result<()> {
    let log =
        SqliteLog::open(&home.join(LOG), fold_of(home)?, SystemClock).context("cannot open the ledger")?;
    match log.checkpoint()? {
        Some(checkpoint) => Published::in_folder(home)?.remember(&checkpoint),
        None => Ok(()),
    }
}

/// The larger of a checkpoint and the one that the folder published itself.
fn newest(checkpoint: &SignedCheckpoint, home: &Path) -> Result<TreeHead> {
    let (given, own) = (checkpoint.claimed_head(), Published::in_folder(home)?.head());
    Ok(own.filter(|own| own.size > given.size).unwrap_or(given))
}

/// The checkpoint that somebody has of the log.
fn published_checkpoint(file: &Path, folder: &Path) -> Result<SignedCheckpoint> {
    let text = String::from_utf8(files::read(file, MAX_CHECKPOINT)?).context("the checkpoint is no text")?;
    let checkpoint: SignedCheckpoint = text.parse().context("the checkpoint is malformed")?;
    let key = read_log_key(&folder.join("log.vkey"))?;
    checkpoint.verify(&key).context("the checkpoint is not by the log of the backup")?;
    Ok(checkpoint)
}

fn fold_of(folder: &Path) -> Result<Fold> {
    Ok(Fold::new(read_log_key(&folder.join("log.vkey"))?.name().clone()))
}

pub(super) fn with_progress<T>(
    voice: Voice,
    (ko, en): (&'static str, &'static str),
    work: impl FnOnce(&mut dyn FnMut(Progress)) -> Result<T>,
) -> Result<T> {
    let bar = voice.progress(1, ko, en);
    let outcome = work(&mut |progress: Progress| {
        bar.set_length(progress.total);
        bar.set_position(progress.done);
    });
    bar.finish_and_clear();
    outcome
}
