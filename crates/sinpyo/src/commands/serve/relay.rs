//! `sinpyo serve relay`

use super::{Done, Socket, tell_ready};
use crate::serve::{
    edge::{self, Site},
    voting::relay::Relay,
};
use anyhow::Result;
use clap::Args;
use std::sync::Arc;

/// Options of the relay.
#[derive(Debug, Args)]
pub(crate) struct Options {
    #[command(flatten)]
    socket: Socket,
    /// The voting service that ballots are passed on to.
    #[arg(long, value_name = "URL")]
    to: String,
}

pub(super) fn run(options: &Options) -> Result<Done> {
    let tls = options.socket.tls()?;
    options.socket.start_telling();
    let site = Site { service: Arc::new(Relay::new(&options.to)?), address: options.socket.listen, tls };
    edge::run(vec![site], |urls| {
        urls.first().into_iter().for_each(|url| tell_ready(url));
        Ok(())
    })?;
    Ok(Done::Accepted)
}
