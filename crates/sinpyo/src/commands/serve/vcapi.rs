//! `sinpyo serve vcapi`

use super::{Done, Socket, tell_ready};
use crate::{
    http::GuardedClient,
    os::SystemClock,
    rules,
    serve::{
        edge::{self, Site},
        folder::Folder,
        keep::Memory,
        tls,
        vcapi::VcApi,
    },
};
use anyhow::{Context, Result};
use clap::Args;
use sinpyo_core::time::Clock;
use sinpyo_vcapi::{Mode, Settings};
use std::{
    path::{Path, PathBuf},
    sync::{Arc, OnceLock},
};
use url::Url;

/// Requests of one caller in one minute.
const PER_MINUTE: u32 = 600;

/// Options of the VC API server.
#[derive(Debug, Args)]
pub(crate) struct Vcapi {
    #[command(flatten)]
    socket: Socket,
    /// Folder with keys, instances, contexts and clients.
    #[arg(long, value_name = "DIR")]
    data: PathBuf,
    /// For others' conformance suites: a self-signed certificate, one instance per suite, no tokens, lenient reading.
    #[arg(long, conflicts_with_all = ["tls_cert", "public_url"])]
    conformance: bool,
    /// The URL under which others reach the server, if a proxy stands before it.
    #[arg(long, value_name = "URL")]
    public_url: Option<Url>,
    /// Requests of one caller in one minute.
    #[arg(long, value_name = "N", default_value_t = PER_MINUTE)]
    per_minute: u32,
}

pub(super) fn run(home: &Path, options: Vcapi) -> Result<Done> {
    let folder = Folder::open(&options.data)?;
    let contexts = folder.contexts()?;
    let (mode, instances, access) = if options.conformance {
        (Mode::Conformance, folder.conformance_instances()?, None)
    } else {
        (Mode::Production, folder.instances()?, Some(folder.access()?))
    };
    let address = options.socket.listen;
    let tls =
        if options.conformance { Some(tls::self_signed(address.ip())?) } else { options.socket.tls()? };
    options.socket.start_telling();
    let service = Arc::new(VcApi {
        settings: OnceLock::new(),
        instances,
        memory: Memory::open(folder, options.per_minute, SystemClock.now())?,
        client: Arc::new(GuardedClient::new().context("cannot make an HTTP client")?),
        home: home.join("ledger.db").exists().then(|| home.to_owned()),
    });
    let public = options.public_url.map(|url| url.as_str().trim_end_matches('/').to_owned());
    let site = Site { service: service.clone(), address, tls };
    edge::run(vec![site], move |urls| {
        let Some(url) = urls.first() else { return Ok(()) };
        let base = public.unwrap_or_else(|| url.clone());
        // Set once: this is called once.
        let _ = service.settings.set(Settings { mode, base, contexts, access, catalogue: rules::full });
        tell_ready(url);
        Ok(())
    })?;
    Ok(Done::Accepted)
}
