//! `sinpyo serve witness`

use super::{Done, Socket, tell_ready};
use crate::{
    files,
    serve::{
        edge::{self, Site},
        witness::Witness as Service,
    },
};
use anyhow::{Context, Result};
use clap::Args;
use sinpyo_tlog::note::LogKey;
use std::{
    path::{Path, PathBuf},
    sync::Arc,
};

/// Options of a witness.
#[derive(Debug, Args)]
pub(crate) struct Witness {
    #[command(flatten)]
    socket: Socket,
    /// Folder with the witness's keys and memory.
    #[arg(long, value_name = "DIR")]
    data: PathBuf,
    /// Name of a new witness: a URL without scheme, such as witness.example/w1.
    #[arg(long)]
    name: Option<String>,
    /// A log to witness: its verifier key, or the file with it; may be repeated. A log that changes its key has two.
    #[arg(long, value_name = "VKEY|FILE", required = true)]
    log: Vec<String>,
}

pub(super) fn run(options: &Witness) -> Result<Done> {
    let tls = options.socket.tls()?;
    options.socket.start_telling();
    let logs = options.log.iter().map(|log| log_key(log)).collect::<Result<_>>()?;
    let service = Arc::new(Service::open(&options.data, options.name.as_deref(), logs)?);
    let site = Site { service, address: options.socket.listen, tls };
    edge::run(vec![site], |urls| {
        if let Some(url) = urls.first() {
            tell_ready(url);
        }
        Ok(())
    })?;
    Ok(Done::Accepted)
}

/// A log's key in words or in a file.
fn log_key(text: &str) -> Result<LogKey> {
    if let Ok(key) = text.trim().parse() {
        return Ok(key);
    }
    let content = String::from_utf8(files::read(Path::new(text), 4096)?).context("the log key is no text")?;
    content.trim().parse().with_context(|| format!("{text} is neither a log key nor a file with one"))
}
