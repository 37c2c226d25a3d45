//! Connections: accepted, secured, and read with patience that ends.

use super::{
    PeerAddress,
    exchange::{Exchange, Service},
    patience::Patient,
    places::{Place, Places},
};
use hyper::{
    Request,
    body::Incoming,
    server::conn::{http1, http2},
    service::service_fn,
};
use hyper_util::{
    rt::{TokioExecutor, TokioIo, TokioTimer},
    server::graceful::{GracefulShutdown, Watcher},
};
use std::{net::SocketAddr, sync::Arc, time::Duration};
use tokio::{
    io::{AsyncRead, AsyncWrite},
    net::{TcpListener, TcpStream},
    sync::watch,
    time::{sleep, timeout},
};
use tokio_rustls::TlsAcceptor;

const HANDSHAKE: Duration = Duration::from_secs(5);
/// Longest time for the head of a request, and between two requests.
const HEAD: Duration = Duration::from_secs(10);
/// Longest head of a request, in bytes.
const MAX_HEAD: usize = 32 * 1024;
const MAX_HEADERS: usize = 64;
/// Requests at once on one HTTP/2 connection.
const STREAMS: u32 = 64;
/// Streams that a client may open and reset before it is cut off.
const RESETS: usize = 64;

/// What connections to one socket are served with.
pub(super) struct Connections {
    pub(super) service: Arc<dyn Service>,
    pub(super) tls: Option<TlsAcceptor>,
    pub(super) places: Arc<Places>,
    pub(super) stopping: watch::Receiver<bool>,
    pub(super) graceful: Arc<GracefulShutdown>,
}

impl Connections {
    /// Accepts connections until it is dropped.
    pub(super) async fn accept(self, socket: TcpListener) {
        let exchange = Arc::new(Exchange::new(self.service, self.stopping));
        while let Some(permit) = self.places.any().await {
            let (stream, peer) = match socket.accept().await {
                Ok(accepted) => accepted,
                Err(error) => {
                    // Too many open files, say: it passes.
                    tracing::warn!(%error, "a connection was not accepted");
                    sleep(Duration::from_millis(50)).await;
                    continue;
                }
            };
            let Some(place) = self.places.take(permit, peer.ip()) else { continue };
            let arrived = Arrived { place, peer, exchange: Arc::clone(&exchange) };
            tokio::spawn(arrived.serve(stream, self.tls.clone(), self.graceful.watcher()));
        }
    }
}

struct Arrived {
    place: Place,
    peer: SocketAddr,
    exchange: Arc<Exchange>,
}

impl Arrived {
    async fn serve(self, stream: TcpStream, tls: Option<TlsAcceptor>, watcher: Watcher) {
        // Answers are written whole: waiting for more to send would only delay them.
        let _ = stream.set_nodelay(true);
        let Some(acceptor) = tls else { return self.http1(stream, watcher).await };
        // Handshakes run beside each other: a slow one holds nobody up.
        let Ok(Ok(stream)) = timeout(HANDSHAKE, acceptor.accept(stream)).await else { return };
        if stream.get_ref().1.alpn_protocol() == Some(b"h2") {
            self.http2(stream, watcher).await;
        } else {
            self.http1(stream, watcher).await;
        }
    }

    async fn http1(self, stream: impl AsyncRead + AsyncWrite + Send + Unpin + 'static, watcher: Watcher) {
        let mut http = http1::Builder::new();
        http.timer(TokioTimer::new())
            .header_read_timeout(HEAD) // [CLI-09]
            .max_buf_size(MAX_HEAD)
            .max_headers(MAX_HEADERS);
        let (exchange, peer) = (self.exchange, PeerAddress(self.peer));
        let service = service_fn(move |request| answer(Arc::clone(&exchange), peer, request));
        let connection = http.serve_connection(TokioIo::new(Patient::new(stream)), service);
        // A peer that broke off or spoke no HTTP was answered as far as it can be.
        let _ = watcher.watch(connection).await;
        drop(self.place);
    }

    async fn http2(self, stream: impl AsyncRead + AsyncWrite + Send + Unpin + 'static, watcher: Watcher) {
        let mut http = http2::Builder::new(TokioExecutor::new());
        http.timer(TokioTimer::new())
            .keep_alive_interval(HEAD)
            .keep_alive_timeout(HEAD)
            .max_concurrent_streams(STREAMS)
            .max_header_list_size(16 * 1024)
            .max_pending_accept_reset_streams(RESETS)
            .max_local_error_reset_streams(RESETS);
        let (exchange, peer) = (self.exchange, PeerAddress(self.peer));
        let service = service_fn(move |request| answer(Arc::clone(&exchange), peer, request));
        let connection = http.serve_connection(TokioIo::new(Patient::new(stream)), service);
        let _ = watcher.watch(connection).await;
        drop(self.place);
    }
}

async fn answer(
    exchange: Arc<Exchange>,
    peer: PeerAddress,
    mut request: Request<Incoming>,
) -> Result<hyper::Response<super::exchange::Outgoing>, std::convert::Infallible> {
    request.extensions_mut().insert(peer);
    Ok(exchange.answer(request).await)
}
