//! `sinpyo serve issuer`

use super::{
    Done, Socket,
    service::{self, Common, Ground},
};
use crate::{
    cli::Global,
    commands::service::{Kind, first},
    os::{OsEntropy, SystemClock},
    rules,
    serve::{issuer::Issuer, pulse::Pulse},
    service::identities::Organisations,
};
use anyhow::{Context, Result};
use clap::Args;
use sinpyo_core::time::Clock as _;
use sinpyo_issuer_api::{Service as Api, Settings};
use sinpyo_web::limit::Rate;
use std::sync::{Arc, OnceLock};
use tokio::sync::watch;

/// Options of the issuer.
#[derive(Debug, Args)]
pub(crate) struct Options {
    #[command(flatten)]
    socket: Socket,
    #[command(flatten)]
    common: Common,
    /// Organisation of --home that issues; may be repeated. With several, each tenant names its own.
    #[arg(long = "as", value_name = "NAME", required = true)]
    organisations: Vec<String>,
    /// Requests of one address in one second, in the long run.
    #[arg(long, value_name = "N", default_value_t = 200)]
    rate: u32,
    /// Requests of one address in one second, in the long run, for tokens or with codes.
    #[arg(long, value_name = "N", default_value_t = 1)]
    code_rate: u32,
}

pub(super) fn run(global: &Global, options: Options) -> Result<Done> {
    let Options { socket, common, organisations, rate, code_rate } = options;
    // A burst of ten seconds, and of a minute.
    let rates = (
        Rate { burst: rate.saturating_mul(10), per_second: rate },
        Rate { burst: code_rate.saturating_mul(60), per_second: code_rate },
    );
    let Ground { tls, memory, key, world } = common.ground(global, &socket)?;
    if common.development {
        first::enter(Kind::Issuer, &common.place, &world.installation().open()?, &organisations)?;
    }
    let organisations = Arc::new(Organisations::open(world.installation().clone(), organisations)?);
    let (beat, beats) = watch::channel(0);
    let (api, client) = (OnceLock::new(), world.client());
    let issuer = Arc::new(Issuer { api, memory: memory.clone(), client, beats });
    let pulse = Pulse::start(issuer.clone(), beat)?;
    let served = service::serve(issuer.clone(), (socket.listen, tls), common.base, |origin| {
        let mut settings = Settings::new(origin, key, memory.shared(), organisations)?;
        settings.rules = rules::full;
        settings.rates = rates;
        let api = Api::open(settings, SystemClock.now(), &mut OsEntropy);
        // Set once: this is called once.
        let _ = issuer.api.set(Arc::new(api.context("cannot open the issuer")?));
        Ok(())
    });
    pulse.finish();
    served?;
    Ok(Done::Accepted)
}
