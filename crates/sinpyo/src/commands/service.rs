//! `sinpyo service …`: the administration of an issuer's or a verifier's service, beside its running nodes.

mod certificate;
pub(crate) mod first;
mod token;

use super::Done;
use crate::{
    files::{self, Access},
    home::Home,
    os::{OsEntropy, SystemClock},
    rules,
    say::Voice,
    service::{
        memory::{Memory, Place},
        password,
    },
};
use anyhow::{Context, Result, bail};
use certificate::CertificateCommand;
use clap::{Args, Subcommand, ValueEnum};
use serde_json::{Map, Value, json};
use sinpyo_core::{Secret, accreditation::LocalizedName, did::Did, json, jwk::PublicJwk, time::Clock as _};
use sinpyo_crypto::{Algorithm, SigningKey, VerifyingKey};
use sinpyo_issuer_api as issuer;
use sinpyo_openid4vp::verifier::Profile;
use sinpyo_verifier_api as verifier;
use sinpyo_web::{account::Accounts, audit::LogWord, site::Transport};
use std::{
    path::{Path, PathBuf},
    sync::Arc,
};

const MAX_FILE: u64 = 1 << 20;

/// The administration of a service.
#[derive(Debug, Subcommand)]
pub(crate) enum ServiceCommand {
    /// Enter, list or remove the accounts that log in to the pages of administration.
    #[command(subcommand)]
    Account(AccountCommand),
    /// Enter a program that uses the management interface.
    #[command(subcommand)]
    Client(ClientCommand),
    /// Enter or list the organisations that work through the service.
    #[command(subcommand)]
    Tenant(TenantCommand),
    /// Certificates of organisations, and the roots that are trusted here.
    #[command(subcommand)]
    Certificate(CertificateCommand),
    /// Get a token for the management interface, as a client would.
    #[command(
        after_help = "Example:\n  sinpyo service token https://verify.example.kr --client shop --key shop.jwk --scopes request,result"
    )]
    Token(token::Token),
}

/// The two services.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Kind {
    /// `sinpyo serve issuer`
    Issuer,
    /// `sinpyo serve verifier`
    Verifier,
}

#[derive(Debug, Subcommand)]
pub(crate) enum AccountCommand {
    /// Enter an account, or give it another password, which ends its logins.
    #[command(
        after_help = "Example:\n  sinpyo service account add kim --data issuer --password-file password"
    )]
    Add {
        /// Its name.
        name: String,
        #[command(flatten)]
        place: Place,
        /// File with the password, which nobody else can read; otherwise it is typed. At least 15 characters.
        #[arg(long, value_name = "FILE")]
        password_file: Option<PathBuf>,
    },
    /// List the accounts.
    List {
        #[command(flatten)]
        place: Place,
    },
    /// Remove an account, and end its logins.
    Remove {
        /// Its name.
        name: String,
        #[command(flatten)]
        place: Place,
    },
}

#[derive(Debug, Subcommand)]
pub(crate) enum ClientCommand {
    /// Enter a client, which gets its tokens by `private_key_jwt`; what there was under its name is replaced.
    #[command(
        after_help = "Examples:\n  sinpyo service client add shop --service verifier --data verifier --scopes request,result --generate shop.jwk\n  sinpyo service client add hr --service issuer --data issuer --scopes issue,status,read --key hr.public.jwk --tenant post"
    )]
    Add(NewClient),
}

/// A client to be entered.
#[derive(Debug, Args)]
pub(crate) struct NewClient {
    /// Its name.
    name: String,
    /// For which service.
    #[arg(long, value_enum)]
    service: Kind,
    #[command(flatten)]
    place: Place,
    /// What its tokens may permit. Issuer: issue, status, read, admin. Verifier: request, result, read, admin.
    #[arg(long, required = true, value_delimiter = ',')]
    scopes: Vec<String>,
    /// Its public key as a JWK.
    #[arg(long, value_name = "FILE", required_unless_present = "generate")]
    key: Option<PathBuf>,
    /// Make its key and write the private JWK into this file.
    #[arg(long, value_name = "FILE", conflicts_with = "key")]
    generate: Option<PathBuf>,
    /// The tenant for which it may work; for all, if none is named.
    #[arg(long, value_name = "ID")]
    tenant: Option<String>,
}

#[derive(Debug, Subcommand)]
pub(crate) enum TenantCommand {
    /// Enter a tenant; what there was under its name is replaced.
    #[command(
        after_help = "Examples:\n  sinpyo service tenant add post --service issuer --data issuer --ko 우정사업본부 --en \"Korea Post\"\n  sinpyo service tenant add post --service verifier --data verifier --ko 우정사업본부 --en \"Korea Post\" --return-to https://shop.example.kr/done"
    )]
    Add(NewTenant),
    /// List the tenants.
    List {
        /// Of which service.
        #[arg(long, value_enum)]
        service: Kind,
        #[command(flatten)]
        place: Place,
    },
}

/// A tenant to be entered.
#[derive(Debug, Args)]
pub(crate) struct NewTenant {
    /// Its name in addresses: small letters, digits, hyphens.
    id: String,
    /// Of which service.
    #[arg(long, value_enum)]
    service: Kind,
    #[command(flatten)]
    place: Place,
    /// Its Korean name.
    #[arg(long)]
    ko: String,
    /// Its English name.
    #[arg(long)]
    en: String,
    /// Issuer: JSON object with further members, as the management interface takes them.
    #[arg(long, value_name = "FILE")]
    settings: Option<PathBuf>,
    /// Verifier: address to which browsers may be sent back; may be repeated.
    #[arg(long, value_name = "URL")]
    return_to: Vec<String>,
    /// Verifier: hold requests to the high assurance profile (HAIP).
    #[arg(long)]
    haip: bool,
    /// Verifier: its DID, under which the ledger knows for what it may ask.
    #[arg(long)]
    did: Option<Did>,
}

pub(crate) fn run(open: impl Fn() -> Result<Home>, command: ServiceCommand, voice: Voice) -> Result<Done> {
    match command {
        ServiceCommand::Account(command) => account(&command, voice)?,
        ServiceCommand::Client(ClientCommand::Add(client)) => {
            enter_client(&client)?;
            voice.report(&json!({"ok": true, "client": client.name}), &client.name);
        }
        ServiceCommand::Tenant(TenantCommand::Add(tenant)) => {
            enter_tenant(&tenant)?;
            voice.report(&json!({"ok": true, "tenant": tenant.id}), &tenant.id);
        }
        ServiceCommand::Tenant(TenantCommand::List { service, place }) => {
            list_tenants(service, &place, voice)?;
        }
        ServiceCommand::Certificate(command) => certificate::run(&open()?, command, voice)?,
        ServiceCommand::Token(options) => token::run(&options, voice)?,
    }
    Ok(Done::Accepted)
}

fn account(command: &AccountCommand, voice: Voice) -> Result<()> {
    let (AccountCommand::Add { place, .. }
    | AccountCommand::List { place }
    | AccountCommand::Remove { place, .. }) = command;
    let memory = place.open()?;
    // Who is entered logs in over whatever way the pages travel.
    let accounts = Accounts { state: memory.state(), cookie: "", transport: Transport::Tls };
    let word =
        |name: &str| LogWord::parse(name).with_context(|| format!("{name} cannot be the name of an account"));
    let now = SystemClock.now();
    match command {
        AccountCommand::Add { name, password_file, .. } => {
            let (name, password) = (word(name)?, password::read(password_file.as_deref())?);
            accounts.enter(&name, &password, now, &mut OsEntropy).context("the account was not entered")?;
            voice.report(&json!({"ok": true, "account": name.to_string()}), &name.to_string());
        }
        AccountCommand::List { .. } => {
            let names = accounts.names(now)?;
            voice.report(&json!({"ok": true, "accounts": names}), &names.join("\n"));
        }
        AccountCommand::Remove { name, .. } => {
            if !accounts.remove(&word(name)?, now)? {
                bail!("there is no account {name}");
            }
            voice.report(&json!({"ok": true}), voice.pick("지웠습니다", "removed"));
        }
    }
    Ok(())
}

fn enter_client(new: &NewClient) -> Result<()> {
    let memory = new.place.open()?;
    let (key, jwk) = client_key(new)?;
    match new.service {
        Kind::Issuer => {
            let mut members = Map::new();
            members.insert("id".into(), json!(new.name));
            members.insert("keys".into(), json!([jwk]));
            members.insert("scope".into(), json!(new.scopes.join(" ")));
            members.extend(new.tenant.as_ref().map(|tenant| ("tenants".to_owned(), json!([tenant]))));
            let client = issuer::ManagementClient::parse(members).context("not a client")?;
            issuer_of(&memory, &new.place)?.clients().enter(&client)?;
        }
        Kind::Verifier => {
            let client = verifier::client::Client {
                id: LogWord::parse(&new.name).context("not a name for a client")?.to_string(),
                keys: vec![key],
                scopes: new.scopes.join(" ").parse().context("scopes are request, result, read and admin")?,
                tenant: new.tenant.as_ref().map(|id| id.parse()).transpose().context("not a tenant")?,
            };
            let change = client.change(memory.state(), SystemClock.now())?;
            memory.state().commit_owned(&[change]).context("the client was not entered")?;
        }
    }
    Ok(())
}

/// The client's public key, read or made.
fn client_key(new: &NewClient) -> Result<(VerifyingKey, Value)> {
    let key = match (&new.key, &new.generate) {
        (Some(file), _) => {
            let members = json::parse_object(&files::read(file, MAX_FILE)?).context("the key is not JSON")?;
            let jwk = PublicJwk::from_members(members).context("the file holds no public key")?;
            VerifyingKey::from_jwk(&jwk).context("the key cannot be used")?
        }
        (None, Some(file)) => generate(file, &new.name)?,
        (None, None) => bail!("--key FILE or --generate FILE"),
    };
    let jwk = Value::Object(key.to_jwk().members().clone());
    Ok((key, jwk))
}

/// Makes a key, and writes the private half as others read it: with `kid` and `alg`.
fn generate(file: &Path, name: &str) -> Result<VerifyingKey> {
    let key = SigningKey::generate(Algorithm::Es256, &mut OsEntropy);
    let mut members =
        json::parse_object(key.to_private_jwk().expose().as_bytes()).context("a key that was made")?;
    members.insert("kid".into(), json!(name));
    members.insert("alg".into(), json!(Algorithm::Es256.jose()));
    let text = Secret::new(Value::Object(members).to_string());
    files::create(file, text.expose().as_bytes(), Access::Private)?;
    Ok(key.verifying_key().clone())
}

fn enter_tenant(new: &NewTenant) -> Result<()> {
    let memory = new.place.open()?;
    match new.service {
        Kind::Issuer => {
            let mut members = match &new.settings {
                Some(file) => {
                    json::parse_object(&files::read(file, MAX_FILE)?).context("the settings are not JSON")?
                }
                None => Map::new(),
            };
            members.insert("id".into(), json!(new.id));
            members.insert("name".into(), json!({"ko": new.ko, "en": new.en}));
            let tenant = issuer::Tenant::parse(members).context("not a tenant")?;
            issuer_of(&memory, &new.place)?.tenants().enter(&tenant)?;
        }
        Kind::Verifier => {
            let id = new.id.parse().context("not a tenant")?;
            let names = LocalizedName { ko: new.ko.clone(), en: new.en.clone() };
            let tenant = verifier::tenant::Tenant {
                profile: if new.haip { Profile::Haip } else { Profile::Base },
                return_to: new.return_to.clone(),
                did: new.did.clone(),
                ..verifier::tenant::Tenant::new(id, names)
            };
            let change = tenant.change(memory.state(), SystemClock.now())?;
            memory.state().commit_owned(&[change]).context("the tenant was not entered")?;
        }
    }
    Ok(())
}

fn list_tenants(kind: Kind, place: &Place, voice: Voice) -> Result<()> {
    let ids = tenants(kind, place)?;
    voice.report(&json!({"ok": true, "tenants": ids}), &ids.join("\n"));
    Ok(())
}

fn tenants(kind: Kind, place: &Place) -> Result<Vec<String>> {
    let memory = place.open()?;
    let now = SystemClock.now();
    Ok(match kind {
        Kind::Issuer => {
            let tenants = issuer_of(&memory, place)?.tenants().list(now)?;
            tenants.iter().map(|tenant| tenant.id().to_owned()).collect()
        }
        Kind::Verifier => {
            let tenants = verifier::tenant::Tenant::all(memory.state(), now)?;
            tenants.iter().map(|tenant| tenant.id.to_string()).collect()
        }
    })
}

/// The issuer's service, to administer it: it issues nothing here.
fn issuer_of(memory: &Memory, place: &Place) -> Result<issuer::Service> {
    let origin = "http://127.0.0.1".parse().context("an address")?;
    let mut settings = issuer::Settings::new(origin, place.key()?, memory.shared(), Arc::new(Nobody))?;
    settings.rules = rules::full;
    issuer::Service::open(settings, SystemClock.now(), &mut OsEntropy).context("cannot open the service")
}

/// As whom nothing is issued.
#[derive(Debug)]
struct Nobody;

impl issuer::Identities for Nobody {
    fn identity(&self, _: &str) -> Option<Arc<issuer::Identity>> {
        None
    }
}
