//! The sockets: HTTP/1.1, and HTTP/2 with TLS, bounded in size, time and number.
//!
//! A service below this edge is a function from a request to an answer; it runs on a thread that may block.

mod connection;
mod exchange;
mod patience;
mod places;
mod streams;

pub(crate) use exchange::{Answer, Feed, Limits, Service};
pub(crate) use streams::Audience;

use anyhow::{Context, Result};
use connection::Connections;
use hyper_util::server::graceful::GracefulShutdown;
use places::Places;
use std::{net::SocketAddr, sync::Arc, time::Duration};
use tokio::{net::TcpListener, sync::watch, time::timeout};
use tokio_rustls::TlsAcceptor;

/// Longest time that requests which have begun may take once the server was told to stop.
const FAREWELL: Duration = Duration::from_secs(10);

/// A service, and where it is served.
pub(crate) struct Site {
    pub(crate) service: Arc<dyn Service>,
    pub(crate) address: SocketAddr,
    pub(crate) tls: Option<TlsAcceptor>,
}

/// Who is at the other end of a connection; in each request's extensions.
#[derive(Clone, Copy, Debug)]
pub(crate) struct PeerAddress(pub(crate) SocketAddr);

/// Serves until the process is told to stop, and lets requests that have begun finish.
///
/// `ready` is called once with the base URL of each site, when connections are accepted; if it fails, nothing is served.
pub(crate) fn run(sites: Vec<Site>, ready: impl FnOnce(&[String]) -> Result<()>) -> Result<()> {
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()
        .context("cannot start the server's threads")?;
    runtime.block_on(async {
        let (mut urls, mut bound) = (Vec::new(), Vec::new());
        for site in sites {
            let socket = TcpListener::bind(site.address).await;
            let socket = socket.with_context(|| format!("cannot listen on {}", site.address))?;
            let local = socket.local_addr().context("the socket has no address")?;
            let scheme = if site.tls.is_some() { "https" } else { "http" };
            urls.push(format!("{scheme}://{local}"));
            bound.push((site, socket));
        }
        // Before anybody is told that the server is there.
        let told_to_stop = listen_for_stop()?;
        // It may open a memory, which waits on its own.
        tokio::task::block_in_place(|| ready(&urls))?;
        let (stop, stopping) = watch::channel(false);
        let (graceful, places) = (Arc::new(GracefulShutdown::new()), Places::new());
        let mut accepting = tokio::task::JoinSet::new();
        for (site, socket) in bound {
            let connections = Connections {
                service: site.service,
                tls: site.tls,
                places: Arc::clone(&places),
                stopping: stopping.clone(),
                graceful: Arc::clone(&graceful),
            };
            accepting.spawn(connections.accept(socket));
        }
        told_to_stop.await;
        // No new connections, no new events; what has begun is finished.
        stop.send_replace(true);
        accepting.shutdown().await;
        let finished = async {
            match Arc::try_unwrap(graceful) {
                Ok(graceful) => graceful.shutdown().await,
                Err(graceful) => drop(graceful),
            }
        };
        if timeout(FAREWELL, finished).await.is_err() {
            tracing::warn!("requests were still open after {} s", FAREWELL.as_secs());
        }
        Ok(())
    })
}

/// From now on a signal to stop does not end the process, but completes what is returned.
#[cfg(unix)]
fn listen_for_stop() -> Result<impl Future<Output = ()>> {
    use tokio::signal::unix::{SignalKind, signal};
    let listen = |kind| signal(kind).context("cannot listen for signals");
    let (mut interrupted, mut terminated) =
        (listen(SignalKind::interrupt())?, listen(SignalKind::terminate())?);
    Ok(async move {
        tokio::select! { _ = interrupted.recv() => {}, _ = terminated.recv() => {} }
    })
}

#[cfg(not(unix))]
fn listen_for_stop() -> Result<impl Future<Output = ()>> {
    Ok(async {
        let _ = tokio::signal::ctrl_c().await;
    })
}
