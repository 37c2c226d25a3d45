//! The command line.

use crate::commands::{
    conformance::ConformanceCommand, ledger::LedgerCommand, person::PersonCommand, serve::ServeCommand,
    service::ServiceCommand, twin::TwinCommand, vcapi::VcapiCommand, vote::VoteCommand, wallet,
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

#[derive(Debug, Subcommand)]
pub(crate) enum DidCommand {
    /// Create a DID for an organisation; its keys stay in the home folder.
    #[command(after_help = "Example:\n  sinpyo did create post --ko 우정사업본부 --en \"Korea Post\"")]
    Create {
        /// Short name by which the other commands know the organisation.
        name: String,
        /// Its Korean name.
        #[arg(long)]
        ko: String,
        /// Its English name.
        #[arg(long)]
        en: String,
        /// Algorithm of its keys.
        #[arg(long, value_enum, default_value_t = KeyKind::Es256)]
        key: KeyKind,
        /// Make a recovery key too: with it a thief of the other keys is set aside, within 72 hours. It is put into a file
        /// that belongs elsewhere, off this machine.
        #[arg(long)]
        recoverable: bool,
        /// Make the keys and print the DID only, for the registry's operator to admit; without this it is handed in.
        #[arg(long)]
        prepare: bool,
        /// Write the operation into a file, for a log of this name that there is not yet: its root accreditor comes first.
        #[arg(long, value_name = "ORIGIN", requires = "out", conflicts_with = "prepare")]
        for_log: Option<String>,
        /// Where to write it.
        #[arg(long, value_name = "FILE", requires = "for_log")]
        out: Option<PathBuf>,
    },
    /// Show the document of a DID: did:tlog from the ledger, did:key and did:jwk from themselves, did:web and did:webvh
    /// from their servers.
    #[command(after_help = "Example:\n  sinpyo did resolve did:tlog:z… --version-time 2026-11-22T00:00:00Z")]
    Resolve {
        /// The DID.
        did: String,
        /// The version of this name.
        #[arg(long, conflicts_with = "version_time")]
        version_id: Option<String>,
        /// The version in effect at this ledger time.
        #[arg(long)]
        version_time: Option<String>,
    },
    /// Replace an organisation's signing key and its update key.
    #[command(after_help = "Example:\n  sinpyo did rotate post")]
    Rotate {
        /// Short name of the organisation.
        name: String,
        /// The old key leaked: nothing that it signed is to be accepted any more.
        #[arg(long)]
        leaked: bool,
    },
    /// Take a DID back from whoever stole its keys: what they did in the last 72 hours is set aside.
    #[command(
        after_help = "Example:\n  sinpyo did recover post --recovery-key /media/safe/post.recovery.jwk --leaked"
    )]
    Recover {
        /// Short name of the organisation.
        name: String,
        /// Its recovery key, as `sinpyo did create … --recoverable` made it.
        #[arg(long, value_name = "FILE")]
        recovery_key: PathBuf,
        /// Number of the version to go on from; by default the last one that the keys kept here belong to.
        #[arg(long, value_name = "VERSION")]
        to: Option<u64>,
        /// The signing key was stolen as well: nothing that it signed is to be accepted any more.
        #[arg(long)]
        leaked: bool,
    },
    /// Declare a retired signing key leaked: nothing that it signed is accepted any more.
    #[command(after_help = "Example:\n  sinpyo did revoke post key-1")]
    Revoke {
        /// Short name of the organisation.
        name: String,
        /// Name of the key in the document, such as key-1.
        key: String,
    },
    /// Take an organisation's DID out of use, for good.
    #[command(after_help = "Example:\n  sinpyo did deactivate post")]
    Deactivate {
        /// Short name of the organisation.
        name: String,
    },
    /// Publish an organisation's history as did:webvh as well.
    #[command(subcommand)]
    Twin(TwinCommand),
}

/// Algorithm of an organisation's keys.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum KeyKind {
    /// ECDSA over P-256
    Es256,
    /// ECDSA over P-384
    Es384,
    /// `EdDSA` over Curve25519
    Ed25519,
    /// ML-DSA-44 (the implementation is unaudited)
    #[value(name = "ml-dsa-44")]
    MlDsa44,
}

#[derive(Debug, Subcommand)]
pub(crate) enum AccreditCommand {
    /// Allow an organisation to issue credentials of a profile.
    #[command(
        after_help = "Examples:\n  sinpyo accredit issue --by moi --to moi --profile K01\n  sinpyo accredit issue --by moi --to did:tlog:z… --ko 우정사업본부 --en \"Korea Post\" --profile K14"
    )]
    Issue {
        /// Short name of the accrediting organisation.
        #[arg(long)]
        by: String,
        #[command(flatten)]
        to: To,
        /// Profile id (K01…) or JSON file; may be repeated.
        #[arg(long, required = true)]
        profile: Vec<String>,
    },
    /// Allow an organisation to ask for claims under a service code.
    #[command(
        after_help = "Example:\n  sinpyo accredit request --by moi --to post --service post.login --profile K14 --claim identity_assured"
    )]
    Request {
        /// Short name of the accrediting organisation.
        #[arg(long)]
        by: String,
        #[command(flatten)]
        to: To,
        /// The service code.
        #[arg(long)]
        service: String,
        /// Profile id (K01…) or JSON file.
        #[arg(long)]
        profile: String,
        /// Claim it may ask for; may be repeated.
        #[arg(long, required = true)]
        claim: Vec<String>,
    },
    /// Allow an organisation to accredit others.
    #[command(
        after_help = "Example:\n  sinpyo accredit accreditor --by moi --to did:tlog:z… --ko 금융위원회 --en FSC --profile K44"
    )]
    Accreditor {
        /// Short name of the accrediting organisation.
        #[arg(long)]
        by: String,
        #[command(flatten)]
        to: To,
        /// Profile id (K01…) or JSON file for which it may accredit; may be repeated; without any, for all.
        #[arg(long)]
        profile: Vec<String>,
    },
    /// Suspend, reinstate, end or revoke a right.
    #[command(after_help = "Example:\n  sinpyo accredit status --by moi --to post --profile K14 suspended")]
    Status {
        /// Short name of the organisation that gave the right.
        #[arg(long)]
        by: String,
        /// Short name or DID of the organisation that has it.
        #[arg(long)]
        to: String,
        /// The right to issue this profile (K01… or JSON file).
        #[arg(long, required_unless_present = "service", conflicts_with = "service")]
        profile: Option<String>,
        /// The right to ask under this service code.
        #[arg(long)]
        service: Option<String>,
        /// The new status.
        #[arg(value_enum)]
        status: RightStatus,
    },
}

/// An organisation that is accredited.
#[derive(Debug, Args)]
pub(crate) struct To {
    /// Its short name; or its DID, if its keys are not here.
    #[arg(long = "to", value_name = "NAME|DID")]
    pub(crate) name: String,
    /// Its Korean name, if it is named by its DID.
    #[arg(long, requires = "en")]
    pub(crate) ko: Option<String>,
    /// Its English name, if it is named by its DID.
    #[arg(long, requires = "ko")]
    pub(crate) en: Option<String>,
}

/// A status that the granting organisation can set.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum RightStatus {
    /// In force again after a suspension.
    Active,
    /// Not in force from now until further notice.
    Suspended,
    /// Over from now on; what was issued before stays good.
    Ended,
    /// Withdrawn for cause: nothing issued under it is accepted, whenever it claims to have been issued.
    Revoked,
}

#[derive(Debug, Subcommand)]
pub(crate) enum CredentialCommand {
    /// Issue a credential to a holder's key.
    #[command(
        after_help = "Example:\n  sinpyo wallet key --profile K14 > key.json\n  sinpyo credential issue --issuer post --profile K14 --claims claims.json --holder key.json --out k14.sd-jwt"
    )]
    Issue {
        /// Short name of the issuing organisation.
        #[arg(long)]
        issuer: String,
        /// Profile id (K01…) or JSON file.
        #[arg(long)]
        profile: String,
        /// JSON object with the claims.
        #[arg(long, value_name = "FILE")]
        claims: PathBuf,
        /// The holder's public JWK, as `sinpyo wallet key` prints it.
        #[arg(long, value_name = "FILE")]
        holder: PathBuf,
        /// Where to write the credential.
        #[arg(long, value_name = "FILE")]
        out: PathBuf,
    },
    /// Show what a credential says, without verifying it.
    #[command(after_help = "Example:\n  sinpyo credential inspect k14.sd-jwt")]
    Inspect {
        /// The credential.
        file: PathBuf,
    },
}

#[derive(Debug, Subcommand)]
pub(crate) enum WalletCommand {
    /// Create the wallet file. The password is read from the variable `SINPYO_WALLET_PASSWORD`.
    #[command(after_help = "Example:\n  SINPYO_WALLET_PASSWORD=… sinpyo wallet create")]
    Create,
    /// Make a fresh holder key for one credential and print its public half.
    #[command(after_help = "Example:\n  sinpyo wallet key --profile K14 > key.json")]
    Key {
        /// Profile id (K01…) or JSON file of the credential that the key is for.
        #[arg(long)]
        profile: String,
    },
    /// Verify a credential and keep it.
    #[command(after_help = "Example:\n  sinpyo wallet add k14.sd-jwt")]
    Add {
        /// The credential.
        file: PathBuf,
        /// JSON file of its profile, if that is not a bundled one: it says which claims are never shown.
        #[arg(long)]
        profile: Option<String>,
    },
    /// List the credentials.
    List,
    /// Show what a credential says and to whom it was shown.
    Show {
        /// Its name in the list.
        name: String,
    },
    /// Show to whom what was presented.
    History,
    /// Forget a credential.
    Remove {
        /// Its name in the list.
        name: String,
    },
    /// Write the wallet into another file, sealed under its password.
    Backup {
        /// The file.
        out: PathBuf,
    },
    /// Put a backup in the place of the wallet.
    Restore {
        /// The backup, which opens with the password.
        file: PathBuf,
    },
    /// Fetch what an issuer offers (OpenID4VCI). The wallet is made if there is none.
    #[command(
        after_help = "Example:\n  sinpyo wallet receive 'openid-credential-offer://?credential_offer_uri=…' --tx-code 493536"
    )]
    Receive(wallet::Receive),
    /// Answer whoever asks (OpenID4VP).
    #[command(
        after_help = "Examples:\n  sinpyo wallet present 'openid4vp://?client_id=…&request_uri=…' --yes\n  sinpyo wallet present 'openid4vp://?…' --yes --misbehave nonce"
    )]
    Present(wallet::Present),
    /// Open the wallet in the browser of this machine.
    #[command(after_help = "Example:\n  sinpyo wallet serve")]
    Serve(wallet::Serve),
}

#[derive(Debug, Args)]
#[command(
    after_help = "Example:\n  sinpyo request --verifier post --service post.login --profile K14 --claim identity_assured=true --out request.jwt"
)]
pub(crate) struct Request {
    /// Short name of the asking organisation.
    #[arg(long)]
    pub(crate) verifier: String,
    /// The service code.
    #[arg(long)]
    pub(crate) service: String,
    /// Profile id (K01…) or JSON file.
    #[arg(long)]
    pub(crate) profile: String,
    /// Claim to ask for, optionally with values that will do (JSON, separated by `|`); may be repeated.
    #[arg(long, value_name = "CLAIM[=VALUE|…]")]
    pub(crate) claim: Vec<String>,
    /// Where to write the request.
    #[arg(long, value_name = "FILE")]
    pub(crate) out: PathBuf,
}

#[derive(Debug, Args)]
#[command(after_help = "Example:\n  sinpyo present --request request.jwt --out presentation.json")]
pub(crate) struct Present {
    /// The request.
    #[arg(long, value_name = "FILE")]
    pub(crate) request: PathBuf,
    /// Where to write the presentation.
    #[arg(long, value_name = "FILE")]
    pub(crate) out: PathBuf,
}

#[derive(Debug, Args)]
#[command(
    after_help = "Examples:\n  sinpyo verify --request request.jwt --presentation presentation.json\n  sinpyo verify --case out/cases/N4 --log-key out/log.vkey\n  printf 'request.jwt\\tpresentation.json\\n' | sinpyo verify --stream --registry https://ledger.example.kr/"
)]
pub(crate) struct Verify {
    /// The request, as the verifier signed it.
    #[arg(long, value_name = "FILE", required_unless_present_any = ["case", "stream"], conflicts_with = "case")]
    pub(crate) request: Option<PathBuf>,
    /// The presentation.
    #[arg(long, value_name = "FILE", required_unless_present_any = ["case", "stream"], conflicts_with = "case")]
    pub(crate) presentation: Option<PathBuf>,
    /// Go on: read lines of two file names, request and presentation, with a tab between them, from standard input, and
    /// answer each with a line of JSON. What was looked up is kept for half of --freshness, and may be half as old when it is.
    #[arg(long, conflicts_with_all = ["case", "request", "presentation"])]
    pub(crate) stream: bool,
    /// Folder with request, presentation, checkpoint and proof: nothing else is consulted.
    #[arg(long, value_name = "DIR")]
    pub(crate) case: Option<PathBuf>,
    /// The log's public key, as a C2SP verifier key; or give --policy, with witnesses.
    #[arg(long, value_name = "FILE")]
    pub(crate) log_key: Option<PathBuf>,
    /// Fetch status lists that are not in the home folder, by https from public hosts.
    #[arg(long)]
    pub(crate) online: bool,
}

#[derive(Debug, Subcommand)]
pub(crate) enum StatusCommand {
    /// Set the status of an issued credential.
    #[command(
        after_help = "Example:\n  sinpyo status set --issuer post --list https://… --index 4711 revoked"
    )]
    Set {
        /// Short name of the issuing organisation.
        #[arg(long)]
        issuer: String,
        /// The status list, as the credential names it.
        #[arg(long)]
        list: String,
        /// The entry, as the credential names it.
        #[arg(long)]
        index: u64,
        /// The new status.
        #[arg(value_enum)]
        status: NewStatus,
        /// JSON file of the profile, if it is not a bundled one.
        #[arg(long)]
        profile: Option<String>,
    },
}

/// A status that an issuer can set.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum NewStatus {
    /// Valid again after a suspension.
    Valid,
    /// Revoked, for good.
    Revoked,
    /// Suspended until further notice.
    Suspended,
}
