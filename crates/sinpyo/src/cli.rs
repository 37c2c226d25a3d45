//! The command line.

use crate::commands::{
    accredit::AccreditCommand,
    conformance::ConformanceCommand,
    credential::CredentialCommand,
    did::DidCommand,
    ledger::LedgerCommand,
    person::PersonCommand,
    present::{Present, Request},
    serve::ServeCommand,
    service::ServiceCommand,
    status::StatusCommand,
    vcapi::VcapiCommand,
    verify::Verify,
    vote::VoteCommand,
    wallet::WalletCommand,
};
use clap::{Args, Parser, Subcommand, ValueEnum};
use std::path::PathBuf;

/// One decentralized identity, anchored on a ledger, for postal, donation and voting services (신표).
#[derive(Debug, Parser)]
#[command(name = "sinpyo", version, arg_required_else_help = true)]
pub(crate) struct Cli {
    #[command(flatten)]
    pub(crate) global: Global,
    #[command(subcommand)]
    pub(crate) command: Command,
}

/// Options of every command.
#[derive(Clone, Debug, Args)]
pub(crate) struct Global {
    /// Folder with the ledger, the organisations' keys and the wallet.
    #[arg(long, global = true, value_name = "DIR", env = "SINPYO_HOME", default_value = "sinpyo-home")]
    pub(crate) home: PathBuf,
    /// Language of messages; by default that of the locale.
    #[arg(long, global = true, value_enum)]
    pub(crate) lang: Option<Lang>,
    /// Work with the registry that is served here, not with a ledger of one's own; kept in the home folder.
    #[arg(long, global = true, value_name = "URL", env = "SINPYO_REGISTRY")]
    pub(crate) registry: Option<String>,
    /// Whose checkpoints are believed: a C2SP policy of logs, witnesses and a quorum; kept in the home folder.
    #[arg(long, global = true, value_name = "FILE")]
    pub(crate) policy: Option<PathBuf>,
    /// Oldest word of a registry and its witnesses, in seconds: how long what was removed may still be accepted.
    #[arg(long, global = true, value_name = "SECONDS", default_value_t = 60,
        value_parser = clap::value_parser!(u64).range(2..=3600))]
    pub(crate) freshness: u64,
    /// Print one JSON value for machines on the last line of standard output.
    #[arg(long, global = true)]
    pub(crate) json: bool,
}

/// Language of messages.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Lang {
    /// 한국어
    Ko,
    /// English
    En,
}

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Run the whole story on real input: one identity, three services, fourteen refusals.
    Demo(Demo),
    /// Create, resolve, rotate or deactivate an organisation's DID on the ledger.
    #[command(subcommand)]
    Did(DidCommand),
    /// Accredit an organisation to issue credentials or to ask for claims.
    #[command(subcommand)]
    Accredit(AccreditCommand),
    /// Issue a credential, or look into one.
    #[command(subcommand)]
    Credential(CredentialCommand),
    /// Keep credentials in an encrypted file.
    #[command(subcommand)]
    Wallet(WalletCommand),
    /// Ask a holder for claims: writes a signed request.
    Request(Request),
    /// Answer a request from the wallet.
    Present(Present),
    /// Verify an answer, with the ledger at hand or offline from a folder of evidence.
    Verify(Verify),
    /// Look into a ledger, prove, export, audit, watch, back up and restore it.
    #[command(subcommand)]
    Ledger(LedgerCommand),
    /// Admit, show and erase natural persons, of whom the log holds commitments only.
    #[command(subcommand)]
    Person(PersonCommand),
    /// Revoke, suspend or reinstate a credential.
    #[command(subcommand)]
    Status(StatusCommand),
    /// Hold an election, vote in it, check it.
    #[command(subcommand)]
    Vote(VoteCommand),
    /// Run a server.
    #[command(subcommand)]
    Serve(ServeCommand),
    /// Administer a VC API server: instances, clients, contexts, access tokens.
    #[command(subcommand)]
    Vcapi(VcapiCommand),
    /// Administer an issuer's or a verifier's service: accounts, clients, tenants, certificates.
    #[command(subcommand)]
    Service(ServiceCommand),
    /// Answer other people's conformance suites.
    #[command(subcommand)]
    Conformance(ConformanceCommand),
}

#[derive(Debug, Args)]
#[command(after_help = "Example:\n  sinpyo demo --keep out --json\n  sinpyo verify --case out/cases/N4")]
pub(crate) struct Demo {
    /// Folder with the input rows.
    #[arg(long, value_name = "DIR", default_value = "examples/data")]
    pub(crate) data: PathBuf,
    /// Keep everything in this folder instead of a temporary one.
    #[arg(long, value_name = "DIR")]
    pub(crate) keep: Option<PathBuf>,
    /// Also issue and verify this many credentials in bulk and print the rates.
    #[arg(long, value_name = "N", default_value_t = 0)]
    pub(crate) holders: usize,
}
