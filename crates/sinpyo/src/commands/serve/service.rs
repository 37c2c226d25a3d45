//! What the issuer's and the verifier's servers have in common.

use super::{Socket, tell_ready};
use crate::{
    cli::Global,
    http::Reach,
    serve::edge::{self, Service, Site},
    service::{
        memory::{Memory, Place},
        world::{Installation, World},
    },
};
use anyhow::{Context, Result, bail};
use clap::Args;
use sinpyo_core::Secret;
use sinpyo_web::site::{Origin, Transport};
use std::{net::SocketAddr, sync::Arc};
use tokio_rustls::TlsAcceptor;

/// Options of both.
#[derive(Debug, Args)]
pub(crate) struct Common {
    #[command(flatten)]
    pub(crate) place: Place,
    /// The address under which others reach the service, as `https://issuer.example.kr`: without a path. By default the one
    /// that it listens on.
    #[arg(long, value_name = "URL")]
    pub(crate) base: Option<Origin>,
    /// Be reached by plain http on this machine, and reach others there; for nothing but development.
    #[arg(long)]
    pub(crate) development: bool,
}

impl Common {
    /// TLS of its own, or that of a proxy before it, or for development none.
    fn tls(&self, socket: &Socket) -> Result<Option<TlsAcceptor>> {
        let tls = socket.tls()?;
        let is_plain = match &self.base {
            Some(base) => base.transport() == Transport::Plain,
            None => tls.is_none(),
        };
        if is_plain && !self.development {
            bail!(
                "without TLS the service needs --base https://…, of a proxy on this machine, or --development"
            ); // [CLI-29]
        }
        Ok(tls)
    }

    /// Opens what the service stands on, and lets it tell its operator what it does.
    pub(super) fn ground(&self, global: &Global, socket: &Socket) -> Result<Ground> {
        let tls = self.tls(socket)?;
        socket.start_telling();
        let (memory, key) = (self.place.open()?, self.place.key()?);
        Ok(Ground { tls, memory, key, world: self.world(global)? })
    }

    fn reach(&self) -> Reach {
        if self.development { Reach::ThisMachineToo } else { Reach::Public }
    }

    /// The installation, and the way to others.
    fn world(&self, global: &Global) -> Result<Arc<World>> {
        Ok(Arc::new(World::new(Installation::of(global), self.reach())?))
    }
}

/// What a service stands on.
pub(super) struct Ground {
    pub(super) tls: Option<TlsAcceptor>,
    pub(super) memory: Memory,
    /// From which the service derives its keys.
    pub(super) key: Secret<[u8; 32]>,
    pub(super) world: Arc<World>,
}

/// Serves until the process is told to stop. `open` is called once it is known where the service is.
pub(super) fn serve(
    service: Arc<dyn Service>,
    (address, tls): (SocketAddr, Option<TlsAcceptor>),
    base: Option<Origin>,
    open: impl FnOnce(Origin) -> Result<()>,
) -> Result<()> {
    edge::run(vec![Site { service, address, tls }], |urls| {
        let Some(url) = urls.first() else { return Ok(()) };
        let origin = match base {
            Some(base) => base,
            None => url
                .parse()
                .with_context(|| format!("{url} cannot be the address of a service: --base URL"))?,
        };
        open(origin)?;
        tell_ready(url);
        Ok(())
    })
}
