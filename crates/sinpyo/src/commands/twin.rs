//! `sinpyo did twin …`

use super::{
    Done,
    did::{Unresolved, resolved},
    refuse,
};
use crate::{
    home::Home,
    say::Voice,
    twin::{Twin, read_log},
};
use anyhow::{Context, Result};
use clap::Subcommand;
use serde_json::json;
use sinpyo_core::{
    did::Did,
    resolved::{Resolved, VersionSelector},
};
use sinpyo_resolver::{
    FetchAnswer, Fetched, Resolution, ResolvedJson,
    did_webvh::{
        LOG_FILE, WITNESS_FILE, WebvhDid,
        twin::{TwinError, Twins, check_twin},
    },
    resolve,
};
use std::{
    path::{Path, PathBuf},
    time::Duration,
};

#[derive(Debug, Subcommand)]
pub(crate) enum TwinCommand {
    /// Make a did:webvh that says what an organisation's did:tlog says, and let the two name each other.
    #[command(after_help = "Example:\n  sinpyo did twin create post --at post.example:registry")]
    Create {
        /// Short name of the organisation.
        name: String,
        /// Where it will be published, as the DID names it: host, %3A and port, folders after colons.
        #[arg(long, value_name = "HOST[:FOLDER…]")]
        at: String,
    },
    /// Let the twin follow all versions that it lacks.
    #[command(after_help = "Example:\n  sinpyo did twin sync post")]
    Sync {
        /// Short name of the organisation.
        name: String,
    },
    /// Check that a did:tlog and a did:webvh may be taken for one another.
    #[command(
        after_help = "Examples:\n  sinpyo did twin check did:tlog:z… did:webvh:Qm…:post.example:registry\n  sinpyo did twin check did:tlog:z… did:webvh:Qm…:post.example --file did.jsonl"
    )]
    Check {
        /// The did:tlog.
        tlog: Did,
        /// The did:webvh.
        webvh: Did,
        /// Its history, instead of what its server publishes; did-witness.json beside it is read if it is needed.
        #[arg(long)]
        file: Option<PathBuf>,
    },
}

pub(super) fn run(home: &Home, command: TwinCommand, voice: Voice) -> Result<Done> {
    match command {
        TwinCommand::Create { name, at } => {
            let made = Twin::create(home, &name, &at)?;
            let synced = made.sync(home).with_context(|| go_on(&name))?;
            tell(home, &synced, voice)?;
        }
        TwinCommand::Sync { name } => {
            let kept = Twin::kept(home, &name)?;
            let kept = kept.with_context(|| {
                format!("{name} has no twin; make one with: sinpyo did twin create {name} --at …")
            })?;
            tell(home, &kept.sync(home)?, voice)?;
        }
        TwinCommand::Check { tlog, webvh, file } => {
            let pair = Pair { home, tlog, webvh, file };
            return match pair.check() {
                Ok(checked) => Ok(tell_checked(&checked, voice)),
                Err(Unresolved::Refused(refusal)) => Ok(refuse(voice, &refusal)),
                Err(Unresolved::Failed(error)) => Err(error),
            };
        }
    }
    Ok(Done::Accepted)
}

/// After a change of the did:tlog: lets its twin follow, if it has one.
pub(super) fn follow(home: &Home, name: &str, voice: Voice) -> Result<()> {
    let followed =
        || -> Result<Option<Twin>> { Twin::kept(home, name)?.map(|twin| twin.sync(home)).transpose() };
    if let Some(twin) = followed().with_context(|| go_on(name))? {
        let file = twin.file(home);
        voice.tell(
            &format!("쌍둥이 did:webvh도 따라갔습니다. 다시 게시하십시오: {}", file.display()),
            &format!("the did:webvh twin has followed; publish it again: {}", file.display()),
        );
    }
    Ok(())
}

fn go_on(name: &str) -> String {
    format!("the did:tlog is in order, and its twin is behind; go on with: sinpyo did twin sync {name}")
}

fn tell(home: &Home, twin: &Twin, voice: Voice) -> Result<()> {
    let (did, file) = (twin.did()?, twin.file(home));
    let place = WebvhDid::parse(did.as_str())?.location().file(LOG_FILE);
    let machine = json!({
        "ok": true, "did": did.as_str(), "versions": twin.versions(), "file": file.display().to_string(), "url": place,
    });
    let publish = voice.pick("게시할 파일", "to be published");
    voice.report(&machine, &format!("{did}\n{publish}: {} → {place}", file.display()));
    Ok(())
}

/// Whether twins stand for one organisation that is there, or for one that was.
enum Checked {
    InUse(Twins),
    Retired(Twins),
}

fn tell_checked(checked: &Checked, voice: Voice) -> Done {
    let (twins, in_use) = match checked {
        Checked::InUse(twins) => (twins, true),
        Checked::Retired(twins) => (twins, false),
    };
    let machine = json!({
        "ok": true, "tlog": twins.tlog().as_str(), "webvh": twins.webvh().as_str(),
        "since": twins.since().to_string(), "inUse": in_use,
    });
    let people = if in_use {
        voice.pick("쌍둥이입니다", "the two are twins")
    } else {
        voice.pick("쌍둥이였고, 둘 다 폐기되었습니다", "the two were twins, and both are out of use")
    };
    voice.report(&machine, people);
    Done::Accepted
}

/// What may be twins.
struct Pair<'h> {
    home: &'h Home,
    tlog: Did,
    webvh: Did,
    file: Option<PathBuf>,
}

impl Pair<'_> {
    fn check(&self) -> Result<Checked, Unresolved> {
        let newest = (self.tlog(&VersionSelector::Latest)?, self.webvh(&VersionSelector::Latest)?);
        match check_twin(&newest.0, &newest.1) {
            // Documents out of use name nobody; those of the moment before did.
            Err(TwinError::OutOfUse) => {
                let moment = before(&newest.0)?;
                let retired =
                    check_twin(&self.tlog(&moment)?, &self.webvh(&moment)?)?.retired(&newest.0, &newest.1)?;
                Ok(Checked::Retired(retired.twins().clone()))
            }
            checked => Ok(Checked::InUse(checked?)),
        }
    }

    fn tlog(&self, version: &VersionSelector) -> Result<Resolved, Unresolved> {
        resolved(self.home, &self.tlog, version).map(ResolvedJson::into_resolved)
    }

    fn webvh(&self, version: &VersionSelector) -> Result<Resolved, Unresolved> {
        match &self.file {
            Some(file) => self.in_file(file, version),
            None => resolved(self.home, &self.webvh, version).map(ResolvedJson::into_resolved),
        }
    }

    /// As if the server had answered with `file`.
    fn in_file(&self, file: &Path, version: &VersionSelector) -> Result<Resolved, Unresolved> {
        let Resolution::Fetch(mut query) = resolve(&self.webvh, version)? else {
            return Err(TwinError::Method.into());
        };
        let witnesses = file.with_file_name(WITNESS_FILE);
        let mut body = Some(read_log(file)?);
        loop {
            let fetched = body.as_deref().map_or(Fetched::Absent, Fetched::Body);
            match query.answer(&fetched, self.home.now())? {
                FetchAnswer::Resolved(resolved) => return Ok(resolved.into_resolved()),
                FetchAnswer::Fetch(next) => query = next,
            }
            body = if witnesses.exists() { Some(read_log(&witnesses)?) } else { None };
        }
    }
}

/// The moment before a version.
fn before(version: &Resolved) -> Result<VersionSelector, TwinError> {
    let updated = version.metadata.updated.ok_or(TwinError::Method)?;
    Ok(VersionSelector::Time(updated.minus(Duration::from_secs(1))))
}
