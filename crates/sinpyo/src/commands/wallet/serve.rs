//! `sinpyo wallet serve`

use super::super::Done;
use crate::{
    cli::Global,
    os::{OsEntropy, SystemClock},
    pocket::{self, Pocket},
    serve::{
        edge::{self, Site},
        wallet::ServedWallet,
    },
    service::world::{Installation, World},
    vault::AppVault,
};
use anyhow::{Context, Result, bail};
use clap::Args;
use serde_json::json;
use sinpyo_core::time::Clock as _;
use sinpyo_wallet_app::{Settings, WalletApp};
use std::{io::Write as _, net::SocketAddr, sync::Arc, time::Duration};

/// Options of `sinpyo wallet serve`.
#[derive(Debug, Args)]
pub(crate) struct Serve {
    /// Loopback address and port to listen on; port 0 takes a free one.
    #[arg(long, value_name = "ADDR", default_value = "127.0.0.1:0")]
    listen: SocketAddr,
    /// Minutes without a request after which the wallet is locked.
    #[arg(long, value_name = "N", default_value_t = 10, value_parser = clap::value_parser!(u64).range(1..=120))]
    idle: u64,
    /// Reach issuers and verifiers on this machine by plain http.
    #[arg(long)]
    development: bool,
}

pub(super) fn run(global: &Global, options: &Serve) -> Result<Done> {
    if !options.listen.ip().is_loopback() {
        bail!("a wallet listens on a loopback address only");
    }
    let vault = AppVault::of(&global.home)?;
    let (reach, rules) = pocket::rules(&global.home, options.development)?;
    let pocket = Pocket::new(World::new(Installation::of(global), reach)?, rules.issuer_roots.clone())?;
    let wallet = Arc::new(ServedWallet::new(pocket));
    let site = Site { service: wallet.clone(), address: options.listen, tls: None };
    edge::run(vec![site], |urls| {
        let url = urls.first().context("the wallet listens nowhere")?;
        let origin = url.parse().with_context(|| format!("{url} is no address for a wallet"))?;
        let settings = Settings {
            site: sinpyo_web::site::Site::new(origin, Vec::new()),
            rules,
            idle: Duration::from_mins(options.idle),
        };
        let app = WalletApp::new(settings, Box::new(vault), SystemClock.now(), &mut OsEntropy);
        let start = app.start_url().context("a new wallet application can be started")?;
        wallet.open(app);
        println!("{}", json!({"ready": true, "url": url, "start": start}));
        std::io::stdout().flush().context("nobody reads where the wallet is")
    })?;
    Ok(Done::Accepted)
}
