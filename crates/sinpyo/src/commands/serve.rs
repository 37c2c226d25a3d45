//! `sinpyo serve …`

mod issuer;
pub(crate) mod registry;
mod relay;
mod service;
mod vcapi;
mod verifier;
pub(crate) mod voting;
mod witness;

use super::Done;
use crate::{cli::Global, serve::tls};
use anyhow::{Result, bail};
use clap::{Args, Subcommand};
use serde_json::json;
use std::{io::Write, net::SocketAddr, path::PathBuf};
use tokio_rustls::TlsAcceptor;
use tracing_subscriber::filter::LevelFilter;

/// The servers.
#[derive(Debug, Subcommand)]
pub(crate) enum ServeCommand {
    /// Keep a log of identities and answer for it over HTTP: operations, proofs, tiles, checkpoints, an explorer page.
    #[command(
        after_help = "Examples:\n  sinpyo serve registry --listen 127.0.0.1:8090 --data registry\n  sinpyo serve registry --listen 0.0.0.0:443 --data keys --database postgresql://ledger@db1,db2,db3/ledger --highly-available --tls-cert chain.pem --tls-key key.pem --policy policy.txt --metrics 127.0.0.1:9100"
    )]
    Registry(registry::Registry),
    /// Watch logs: cosign checkpoints that only grow (C2SP tlog-witness).
    #[command(
        after_help = "Example:\n  sinpyo serve witness --listen 127.0.0.1:8091 --data w1 --name witness.example/w1 --log registry/log.vkey"
    )]
    Witness(witness::Witness),
    /// Issue, verify, derive and present W3C credentials over HTTP (VCALM), and resolve DIDs.
    #[command(
        after_help = "Examples:\n  sinpyo serve vcapi --listen 127.0.0.1:8080 --data vcapi\n  sinpyo serve vcapi --listen 127.0.0.1:0 --data conformance --conformance"
    )]
    Vcapi(vcapi::Vcapi),
    /// Issue credentials to wallets (OpenID4VCI): protocol, management interface, pages.
    #[command(
        after_help = "Examples:\n  sinpyo serve issuer --listen 127.0.0.1:8100 --data issuer --as post --development\n  sinpyo serve issuer --listen 127.0.0.1:8100 --base https://issuer.example.kr --database postgresql://… --key-file service.key --as post"
    )]
    Issuer(issuer::Options),
    /// Ask wallets for credentials (OpenID4VP): protocol, management interface, pages.
    #[command(
        after_help = "Examples:\n  sinpyo serve verifier --listen 127.0.0.1:8200 --data verifier --as post --development\n  sinpyo serve verifier --listen 127.0.0.1:8200 --base https://verify.example.kr --database postgresql://… --key-file service.key --as post"
    )]
    Verifier(verifier::Options),
    /// Hold elections: roll and registration, ballot box, public record, pages.
    #[command(
        after_help = "Examples:\n  sinpyo serve voting --listen 127.0.0.1:8300 --data voting --development\n  sinpyo serve voting --listen 127.0.0.1:8300 --base https://vote.example.kr --database postgresql://… --key-file service.key --as nec --relay https://relay.example.kr/e"
    )]
    Voting(voting::Options),
    /// Pass ballots on to a voting service that somebody else runs, so that it never sees a voter's address.
    #[command(
        after_help = "Example:\n  sinpyo serve relay --listen 127.0.0.1:8301 --to https://vote.example.kr/"
    )]
    Relay(relay::Options),
}

/// Where a server listens, and how it is secured.
#[derive(Debug, Args)]
pub(crate) struct Socket {
    /// Address and port to listen on; port 0 takes a free one.
    #[arg(long, value_name = "ADDR")]
    listen: SocketAddr,
    /// Certificate chain in PEM form.
    #[arg(long, value_name = "FILE", requires = "tls_key")]
    tls_cert: Option<PathBuf>,
    /// Private key of the certificate in PEM form.
    #[arg(long, value_name = "FILE", requires = "tls_cert")]
    tls_key: Option<PathBuf>,
    /// What is written to standard error: off, error, warn, info (every request), debug.
    #[arg(long, value_name = "LEVEL", default_value = "warn")]
    log_level: LevelFilter,
}

impl Socket {
    /// The certificate of the options.
    fn tls(&self) -> Result<Option<TlsAcceptor>> {
        match (&self.tls_cert, &self.tls_key) {
            (Some(chain), Some(key)) => Ok(Some(tls::from_files(chain, key)?)),
            _ if self.listen.ip().is_loopback() => Ok(None),
            _ => bail!("without --tls-cert and --tls-key the server listens on a loopback address only"),
        }
    }

    /// Lets the server tell its operator what it does.
    fn start_telling(&self) {
        let telling = tracing_subscriber::fmt().with_writer(std::io::stderr).with_ansi(false);
        // A second call changes nothing.
        let _ = telling.with_max_level(self.log_level).try_init();
    }
}

pub(crate) fn run(global: &Global, command: ServeCommand) -> Result<Done> {
    match command {
        ServeCommand::Registry(options) => registry::run(options, global.policy.as_deref()),
        ServeCommand::Witness(options) => witness::run(&options),
        ServeCommand::Vcapi(options) => vcapi::run(&global.home, options),
        ServeCommand::Issuer(options) => issuer::run(global, options),
        ServeCommand::Verifier(options) => verifier::run(global, options),
        ServeCommand::Voting(options) => voting::run(global, options),
        ServeCommand::Relay(options) => relay::run(&options),
    }
}

/// Tells whoever started the server where it can be reached.
fn tell_ready(url: &str) {
    println!("{}", json!({"ready": true, "url": url}));
    let _ = std::io::stdout().flush();
}
