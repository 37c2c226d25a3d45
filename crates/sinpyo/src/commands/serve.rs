//! `sinpyo serve …`

use super::Done;
use crate::{
    http::GuardedClient,
    os::SystemClock,
    rules,
    serve::{edge, folder::Folder, keep::Memory, tls, vcapi::VcApi},
};
use anyhow::{Context, Result, bail};
use clap::{Args, Subcommand};
use serde_json::json;
use sinpyo_core::time::Clock;
use sinpyo_vcapi::{Mode, Settings};
use std::{
    io::Write,
    net::SocketAddr,
    path::{Path, PathBuf},
    sync::{Arc, OnceLock},
};
use url::Url;

/// Requests of one caller in one minute.
const PER_MINUTE: u32 = 600;

/// The servers.
#[derive(Debug, Subcommand)]
pub(crate) enum ServeCommand {
    /// Issue, verify, derive and present W3C credentials over HTTP (VCALM), and resolve DIDs.
    #[command(
        after_help = "Examples:\n  sinpyo serve vcapi --listen 127.0.0.1:8080 --data vcapi\n  sinpyo serve vcapi --listen 127.0.0.1:0 --data conformance --conformance"
    )]
    Vcapi(Vcapi),
}

/// Options of the VC API server.
#[derive(Debug, Args)]
pub(crate) struct Vcapi {
    /// Address and port to listen on; port 0 takes a free one.
    #[arg(long, value_name = "ADDR")]
    listen: SocketAddr,
    /// Folder with keys, instances, contexts and clients.
    #[arg(long, value_name = "DIR")]
    data: PathBuf,
    /// For others' conformance suites: a self-signed certificate, one instance per suite, no tokens, lenient reading.
    #[arg(long, conflicts_with_all = ["tls_cert", "public_url"])]
    conformance: bool,
    /// The URL under which others reach the server, if a proxy stands before it.
    #[arg(long, value_name = "URL")]
    public_url: Option<Url>,
    /// Certificate chain in PEM form.
    #[arg(long, value_name = "FILE", requires = "tls_key")]
    tls_cert: Option<PathBuf>,
    /// Private key of the certificate in PEM form.
    #[arg(long, value_name = "FILE", requires = "tls_cert")]
    tls_key: Option<PathBuf>,
    /// Requests of one caller in one minute.
    #[arg(long, value_name = "N", default_value_t = PER_MINUTE)]
    per_minute: u32,
}

pub(crate) fn run(home: &Path, command: ServeCommand) -> Result<Done> {
    let ServeCommand::Vcapi(options) = command;
    let folder = Folder::open(&options.data)?;
    let contexts = folder.contexts()?;
    let (mode, instances, access) = if options.conformance {
        (Mode::Conformance, folder.conformance_instances()?, None)
    } else {
        (Mode::Production, folder.instances()?, Some(folder.access()?))
    };
    let tls = match (&options.tls_cert, &options.tls_key) {
        _ if options.conformance => Some(tls::self_signed(options.listen.ip())?),
        (Some(chain), Some(key)) => Some(tls::from_files(chain, key)?),
        _ if options.listen.ip().is_loopback() => None,
        _ => bail!("without --tls-cert and --tls-key the server listens on a loopback address only"),
    };
    let service = Arc::new(VcApi {
        settings: OnceLock::new(),
        instances,
        memory: Memory::open(folder, options.per_minute, SystemClock.now())?,
        client: Arc::new(GuardedClient::new().context("cannot make an HTTP client")?),
        home: home.join("ledger.db").exists().then(|| home.to_owned()),
    });
    let public = options.public_url.map(|url| url.as_str().trim_end_matches('/').to_owned());
    let serving = Arc::clone(&service);
    edge::run(serving, options.listen, tls, move |url| {
        let base = public.unwrap_or_else(|| url.to_owned());
        // Set once: this is called once.
        let _ = service.settings.set(Settings { mode, base, contexts, access, catalogue: rules::full });
        println!("{}", json!({"ready": true, "url": url}));
        let _ = std::io::stdout().flush();
    })?;
    Ok(Done::Accepted)
}
