//! `sinpyo vcapi …`: the administration of a VC API server.

use super::Done;
use crate::{
    files,
    os::{OsEntropy, SystemClock},
    say::Voice,
    serve::folder::{Folder, NewInstance},
};
use anyhow::{Context, Result, bail};
use clap::{Args, Subcommand};
use serde_json::json;
use sinpyo_core::{
    encoding::{Base, to_multibase},
    time::Clock,
};
use sinpyo_crypto::Algorithm;
use sinpyo_vcapi::{KeyKind, Listing, Scope, Scopes, Suite};
use std::{path::PathBuf, time::Duration};

const MAX_CONTEXT: u64 = 1 << 20;
const MAX_KEY: u64 = 64 << 10;

/// The administration of a VC API server.
#[derive(Debug, Subcommand)]
pub(crate) enum VcapiCommand {
    /// Print an access token.
    #[command(after_help = "Example:\n  sinpyo vcapi token --data vcapi --scope issue,verify --minutes 15")]
    Token(Token),
    /// Make an issuer.
    #[command(subcommand)]
    Instance(InstanceCommand),
    /// Register who may ask for access tokens.
    #[command(subcommand)]
    Client(ClientCommand),
    /// Add a JSON-LD context.
    #[command(subcommand)]
    Context(ContextCommand),
}

/// Options of a token.
#[derive(Debug, Args)]
pub(crate) struct Token {
    /// Folder of the server.
    #[arg(long, value_name = "DIR")]
    data: PathBuf,
    /// What it permits: issue, verify, hold, status.
    #[arg(long, value_delimiter = ',', required = true)]
    scope: Vec<Scope>,
    /// For how long, at most 60 minutes.
    #[arg(long, default_value_t = 15, value_parser = clap::value_parser!(u64).range(1..=60))]
    minutes: u64,
    /// Whom it names.
    #[arg(long, default_value = "operator")]
    client: String,
}

#[derive(Debug, Subcommand)]
pub(crate) enum InstanceCommand {
    /// Make an issuer with a new key. The server takes it up when it is started again.
    #[command(
        after_help = "Example:\n  sinpyo vcapi instance add seoul --data vcapi --suite eddsa-rdfc-2022 --status revocable"
    )]
    Add {
        /// Its name in paths: small letters, digits, hyphens.
        name: String,
        /// Folder of the server.
        #[arg(long, value_name = "DIR")]
        data: PathBuf,
        /// A cryptosuite, or vc-jwt.
        #[arg(long)]
        suite: Suite,
        /// Kind of key, where the suite takes several.
        #[arg(long, value_parser = key_kind)]
        key: Option<KeyKind>,
        /// Whose key it will be, if not that of a did:key of its own; publish the key in that document.
        #[arg(long)]
        did: Option<String>,
        /// Whether credentials get an entry in a status list: none, revocable, suspendable.
        #[arg(long, default_value_t = Listing::None)]
        status: Listing,
    },
}

#[derive(Debug, Subcommand)]
pub(crate) enum ClientCommand {
    /// Register a client, which authenticates by `private_key_jwt`.
    #[command(
        after_help = "Example:\n  sinpyo vcapi client add registry-office --data vcapi --jwk office.jwk"
    )]
    Add {
        /// Its name: small letters, digits, hyphens.
        name: String,
        /// Folder of the server.
        #[arg(long, value_name = "DIR")]
        data: PathBuf,
        /// Its public key.
        #[arg(long, value_name = "FILE")]
        jwk: PathBuf,
    },
}

#[derive(Debug, Subcommand)]
pub(crate) enum ContextCommand {
    /// Add a context, for good. The server takes it up when it is started again.
    #[command(
        after_help = "Example:\n  sinpyo vcapi context add https://seoul.example/contexts/resident/v1 resident.jsonld --data vcapi"
    )]
    Add {
        /// The URL by which documents name it; nothing is fetched from there.
        url: String,
        /// The context.
        file: PathBuf,
        /// Folder of the server.
        #[arg(long, value_name = "DIR")]
        data: PathBuf,
    },
}

pub(crate) fn run(command: VcapiCommand, voice: Voice) -> Result<Done> {
    match command {
        VcapiCommand::Token(options) => token(&options, voice)?,
        VcapiCommand::Instance(InstanceCommand::Add { name, data, suite, key, did, status }) => {
            let kind = key.unwrap_or(suite.usual_key());
            let key_id = Folder::open(&data)?
                .add_instance(&name, &NewInstance { suite, kind, listing: status, did })?;
            let machine =
                json!({"ok": true, "instance": name, "did": key_id.did().as_str(), "key": key_id.as_str()});
            voice.report(&machine, key_id.did().as_str());
        }
        VcapiCommand::Client(ClientCommand::Add { name, data, jwk }) => {
            Folder::open(&data)?.add_client(&name, &files::read(&jwk, MAX_KEY)?)?;
            voice.report(&json!({"ok": true, "client": name}), &name);
        }
        VcapiCommand::Context(ContextCommand::Add { url, file, data }) => {
            let digest = Folder::open(&data)?
                .add_context(&url, &files::read(&file, MAX_CONTEXT)?)
                .with_context(|| format!("the context {url} was not added"))?;
            let digest = to_multibase(Base::Base64Url, &digest);
            voice.report(&json!({"ok": true, "url": url, "digestMultibase": digest}), &digest);
        }
    }
    Ok(Done::Accepted)
}

fn token(options: &Token, voice: Voice) -> Result<()> {
    if options.client.is_empty() || options.client.chars().any(char::is_control) {
        bail!("the client's name is empty or not printable");
    }
    let scopes: Scopes = options.scope.iter().copied().collect();
    let lifetime = Duration::from_mins(options.minutes);
    let access = Folder::open(&options.data)?.access()?;
    let token = access.grant(&options.client, &scopes, lifetime, SystemClock.now(), &mut OsEntropy)?;
    let machine =
        json!({"access_token": token, "expires_in": lifetime.as_secs(), "scope": scopes.to_string()});
    voice.report(&machine, &token);
    Ok(())
}

/// A kind of key by the name of its curve.
fn key_kind(name: &str) -> Result<KeyKind, String> {
    let algorithms = Algorithm::ALL.map(KeyKind::Signature).into_iter().chain([KeyKind::Bbs]);
    let mut named = algorithms.filter(|kind| kind.name().eq_ignore_ascii_case(name));
    named.next().ok_or_else(|| "kinds of keys are P-256, P-384, Ed25519, ML-DSA-44 and BLS12-381".to_owned())
}
