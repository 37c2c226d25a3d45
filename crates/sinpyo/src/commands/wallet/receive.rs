//! `sinpyo wallet receive`

use super::super::{Done, refuse};
use crate::{
    asking::Refusal,
    cli::Global,
    pocket::{self, Pocket, browser::Callback, walk::Walk},
    say::Voice,
    service::world::{Installation, World},
    vault::Vault,
};
use anyhow::{Context, Result, bail};
use clap::Args;
use serde_json::json;
use sinpyo_core::Secret;
use sinpyo_wallet_app::{Agreed, Receive as Flow, misbehave::ProofFault};

/// Options of `sinpyo wallet receive`.
#[derive(Debug, Args)]
pub(crate) struct Receive {
    /// The link, as a page shows it or a QR code holds it.
    link: String,
    /// The transaction code, which comes by another way than the link.
    #[arg(long, value_name = "CODE", env = "SINPYO_TX_CODE", hide_env_values = true)]
    tx_code: Option<String>,
    /// Fetch this of what is offered; may be repeated; without it, everything.
    #[arg(long, value_name = "ID")]
    configuration: Vec<String>,
    /// Most copies of one credential, each under a key of its own.
    #[arg(long, value_name = "N", default_value_t = 4)]
    copies: usize,
    /// Reach issuers on this machine by plain http.
    #[arg(long)]
    development: bool,
    /// Do one thing wrong, to test issuers: proof-nonce, proof-aud, proof-typ, same-key-twice.
    #[arg(long, value_name = "FAULT")]
    misbehave: Option<ProofFault>,
}

pub(super) fn run(global: &Global, options: &Receive, voice: Voice) -> Result<Done> {
    let mut vault = match Vault::open_or_create(&global.home)? {
        Ok(vault) => vault,
        Err(error) => return Ok(refuse(voice, &Refusal::new(error.code(), &error))),
    };
    let (reach, mut rules) = pocket::rules(&global.home, options.development)?;
    rules.copies = options.copies;
    let callback = Callback::open()?;
    rules.redirect_uri = Some(callback.url()?);
    let pocket = Pocket::new(World::new(Installation::of(global), reach)?, rules.issuer_roots.clone())?;
    let mut flow = match Flow::begin(&options.link, &rules) {
        Ok(flow) => flow,
        Err(error) => return Ok(refuse(voice, &Refusal::new(error.code(), &error))),
    };
    if let Some(fault) = options.misbehave {
        flow = flow.misbehaving(fault);
    }
    let walk = Walk { pocket: &pocket, vault: &mut vault, rules: &rules, callback: Some(&callback) };
    let mut is_asked = false;
    let agree = |flow: &Flow| {
        if std::mem::replace(&mut is_asked, true) {
            bail!("what was agreed to is refused");
        }
        agreed(flow, options, voice).map(Some)
    };
    match walk.receive(&mut flow, agree)? {
        Ok(()) => {
            let names: Vec<String> = flow.held().iter().map(ToString::to_string).collect();
            voice.report(&json!({"ok": true, "credentials": names}), &names.join("\n"));
            Ok(Done::Accepted)
        }
        Err(refusal) => Ok(refuse(voice, &refusal)),
    }
}

/// Who calls this command has agreed; what is offered is shown all the same.
fn agreed(flow: &Flow, options: &Receive, voice: Voice) -> Result<Agreed> {
    let proposal = flow.proposal().context("nothing is offered")?;
    eprintln!("{}: {}", voice.pick("발급 기관", "issuer"), proposal.metadata.issuer.as_str());
    let offered = &proposal.offer.configurations;
    for id in offered {
        eprintln!("  {id}");
    }
    let wanted =
        if options.configuration.is_empty() { offered.clone() } else { options.configuration.clone() };
    let asks = proposal.offer.grants.pre_authorized.as_ref().is_some_and(|grant| grant.tx_code.is_some());
    let tx_code = match (&options.tx_code, asks) {
        (Some(code), true) => Some(Secret::new(code.clone())),
        (None, true) => bail!("the offer asks for a transaction code: --tx-code"),
        (_, false) => None,
    };
    Ok(Agreed { configurations: wanted, tx_code })
}
