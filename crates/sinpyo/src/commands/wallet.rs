//! `sinpyo wallet …`

mod present;
mod receive;
mod serve;

use super::{Done, refuse};
use crate::{
    asking::{self, Refusal},
    cli::Global,
    facts::Facts,
    files::{self, Access},
    home::Home,
    os::OsEntropy,
    say::Voice,
    vault::Vault,
};
use anyhow::{Context, Result, bail};
use clap::Subcommand;
use present::Present;
use receive::Receive;
use serde_json::{Value, json};
use serve::Serve;
use sinpyo_core::{claims::ClaimPath, credential::Credential, resolved::VersionSelector};
use sinpyo_proof::{KeyRing, Unverified};
use sinpyo_wallet::{HeldCredential, HeldId, PresentationRecord, Received};
use std::path::{Path, PathBuf};

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
    Receive(Receive),
    /// Answer whoever asks (OpenID4VP).
    #[command(
        after_help = "Examples:\n  sinpyo wallet present 'openid4vp://?client_id=…&request_uri=…' --yes\n  sinpyo wallet present 'openid4vp://?…' --yes --misbehave nonce"
    )]
    Present(Present),
    /// Open the wallet in the browser of this machine.
    #[command(after_help = "Example:\n  sinpyo wallet serve")]
    Serve(Serve),
}

const MAX_BACKUP: u64 = 64 << 20;

pub(crate) fn run(
    open: impl Fn() -> Result<Home>,
    global: &Global,
    command: WalletCommand,
    voice: Voice,
) -> Result<Done> {
    match command {
        WalletCommand::Create => {
            // From now on the wallet relies on the registry that is named.
            drop(open()?);
            Vault::create(&global.home)?;
            voice.report(&json!({"ok": true}), voice.pick("지갑을 만들었습니다", "the wallet was created"));
        }
        WalletCommand::Restore { file } => {
            if let Err(error) = Vault::restore(&global.home, &files::read(&file, MAX_BACKUP)?)? {
                return Ok(refuse(voice, &Refusal::new(error.code(), &error)));
            }
            voice.report(&json!({"ok": true}), voice.pick("되살렸습니다", "restored"));
        }
        WalletCommand::Receive(options) => return receive::run(global, &options, voice),
        WalletCommand::Present(options) => return present::run(global, &options, voice),
        WalletCommand::Serve(options) => return serve::run(global, &options),
        other => {
            let mut vault = match Vault::open(&global.home)? {
                Ok(vault) => vault,
                Err(error) => return Ok(refuse(voice, &Refusal::new(error.code(), &error))),
            };
            return with(&open()?, &mut vault, other, voice);
        }
    }
    Ok(Done::Accepted)
}

/// What is done with a wallet that is open.
fn with(home: &Home, vault: &mut Vault, command: WalletCommand, voice: Voice) -> Result<Done> {
    match command {
        WalletCommand::Create
        | WalletCommand::Restore { .. }
        | WalletCommand::Receive(_)
        | WalletCommand::Present(_)
        | WalletCommand::Serve(_) => {}
        WalletCommand::Key { profile } => {
            let kind = home.profile(&profile)?.credential_type().clone();
            let key = vault.wallet.new_key(kind, &mut OsEntropy);
            vault.save()?;
            println!("{}", Value::Object(key.members().clone()));
        }
        WalletCommand::Add { file, profile } => {
            return add(home, vault, (&file, profile.as_deref()), voice);
        }
        WalletCommand::List => {
            let held: Vec<_> = vault.wallet.credentials().map(to_json).collect();
            let lines: Vec<_> = vault.wallet.credentials().map(|held| line(home, held, voice)).collect();
            voice.report(&json!({"ok": true, "credentials": held}), &lines.join("\n"));
        }
        WalletCommand::Show { name } => {
            let held = vault.wallet.held(held_id(&name)?).context("there is no such credential")?;
            show(home, held, voice);
        }
        WalletCommand::History => {
            let records: Vec<_> = vault.wallet.history().iter().map(record_to_json).collect();
            let lines: Vec<_> =
                vault.wallet.history().iter().map(|record| record_line(record, voice)).collect();
            voice.report(&json!({"ok": true, "presentations": records}), &lines.join("\n"));
        }
        WalletCommand::Remove { name } => {
            vault.wallet.remove(held_id(&name)?)?;
            vault.save()?;
            voice.report(&json!({"ok": true}), voice.pick("지웠습니다", "removed"));
        }
        WalletCommand::Backup { out } => {
            files::create(&out, &vault.sealed()?, Access::Private)?;
            voice.report(&json!({"ok": true}), &out.display().to_string());
        }
    }
    Ok(Done::Accepted)
}

fn held_id(name: &str) -> Result<HeldId> {
    let number = name.parse().context("a credential is named by its number in `sinpyo wallet list`")?;
    Ok(HeldId::new(number))
}

/// What a credential says, by the names that people know.
fn show(home: &Home, held: &HeldCredential, voice: Voice) {
    let credential = held.credential();
    let profile = held.kind().and_then(|kind| home.catalogue.by_type(kind));
    let name = |claim: &str| {
        let path = claim.parse::<ClaimPath>().ok();
        let own = path.as_ref().and_then(|path| held.display()?.label(path));
        let bundled = profile.and_then(|profile| Some(&profile.claim(claim)?.display));
        own.or(bundled).map_or_else(|| claim.to_owned(), |name| voice.pick(&name.ko, &name.en).to_owned())
    };
    let claims = credential.claims().iter().map(|(claim, value)| format!("  {}: {value}", name(claim)));
    let seen: Vec<String> = held.shown_to().iter().map(ToString::to_string).collect();
    let mut machine = to_json(held);
    if let Value::Object(members) = &mut machine {
        members.insert("claims".into(), Value::Object(credential.claims().clone()));
        members.insert("shownTo".into(), json!(seen));
    }
    let lines: Vec<String> = std::iter::once(line(home, held, voice)).chain(claims).collect();
    voice.report(&json!({"ok": true, "credential": machine}), &lines.join("\n"));
}

/// Keeps a credential whose issuer's signature holds.
fn add(home: &Home, vault: &mut Vault, (file, profile): (&Path, Option<&str>), voice: Voice) -> Result<Done> {
    let wire = files::read(file, 1 << 20)?;
    let hint = match Unverified::<Credential>::parse(&wire) {
        Ok(arrived) => arrived.hint(),
        Err(error) => return Ok(refuse(voice, &Refusal::new(error.code(), &error))),
    };
    let (Some(key), Some(time)) = (hint.claimed_key(), hint.claimed_time()) else {
        bail!("the credential does not say who issued it, and when");
    };
    let mut facts = Facts::new(home, home.trust()?, home.now());
    let Some(issuer) = facts.document(&key.did(), &VersionSelector::Time(time))? else {
        bail!("the issuer {} is not on the ledger", key.did());
    };
    if let Some(refusal) = asking::withdrawn(&hint, &issuer, &mut facts)? {
        return Ok(refuse(voice, &refusal));
    }
    let received = match Received::verify(&wire, &KeyRing::of(&issuer), home.now()) {
        Ok(received) => received,
        Err(error) => return Ok(refuse(voice, &Refusal::new(error.code(), &error))),
    };
    let withheld = withheld(home, received.credential(), profile)?;
    match vault.wallet.hold(received, withheld) {
        Ok(id) => {
            vault.save()?;
            voice.report(&json!({"ok": true, "name": id.to_string()}), &id.to_string());
            Ok(Done::Accepted)
        }
        Err(error) => Ok(refuse(voice, &Refusal::new(error.code(), &error))),
    }
}

/// The claims that its profile never shows. Not to know the profile is not to know them.
fn withheld(home: &Home, credential: &Credential, profile: Option<&str>) -> Result<Vec<ClaimPath>> {
    let kind = credential.types().first().context("the credential has no type")?;
    if let Some(bundled) = home.catalogue.by_type(kind) {
        return Ok(bundled.held());
    }
    let name =
        profile.with_context(|| format!("{kind} has no bundled profile; name it with --profile FILE"))?;
    let profile = home.profile(name)?;
    if profile.credential_type() != kind {
        bail!("{name} is the profile of {}, not of {kind}", profile.credential_type());
    }
    Ok(profile.held())
}

fn to_json(held: &HeldCredential) -> Value {
    let credential = held.credential();
    let claims: Vec<_> = credential.claims().keys().collect();
    json!({
        "name": held.id().to_string(),
        "type": credential.types().first().map(ToString::to_string),
        "issuer": credential.issuer(),
        "validUntil": credential.validity().until.map(|until| until.to_string()),
        "claims": claims,
    })
}

fn line(home: &Home, held: &HeldCredential, voice: Voice) -> String {
    let credential = held.credential();
    let kind = credential.types().first();
    let name = match kind.and_then(|kind| home.catalogue.by_type(kind)) {
        Some(profile) => voice.pick(&profile.name().ko, &profile.name().en).to_owned(),
        None => kind.map(ToString::to_string).unwrap_or_default(),
    };
    let until = credential.validity().until.map(|until| until.date().to_string()).unwrap_or_default();
    format!("{:>4}  {name}  ~ {until}", held.id().to_string())
}

fn record_to_json(record: &PresentationRecord) -> Value {
    let shown = record.shown.iter().flat_map(|shown| shown.claims.iter().map(ToString::to_string));
    json!({
        "at": record.at.to_string(),
        "verifier": record.asker.to_string(),
        "service": record.accredited.as_ref().map(|accredited| accredited.service.as_str()),
        "claims": shown.collect::<Vec<_>>(),
    })
}

fn record_line(record: &PresentationRecord, voice: Voice) -> String {
    let claims: Vec<String> =
        record.shown.iter().flat_map(|shown| shown.claims.iter().map(ClaimPath::to_string)).collect();
    let who = match &record.accredited {
        Some(accredited) => voice.pick(&accredited.name.ko, &accredited.name.en).to_owned(),
        None => record.asker.to_string(),
    };
    format!("{}  {who}  {}", record.at, claims.join(", "))
}
