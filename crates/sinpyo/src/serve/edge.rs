//! The sockets: HTTP/1.1 and HTTP/2, plain or with TLS, bounded in size, time and number.
//!
//! A service below this edge is a function from a request to an answer; it runs on a thread that may block.

use anyhow::{Context, Result};
use axum::{
    Router,
    body::{Body, Bytes},
    extract::{DefaultBodyLimit, State, connect_info::Connected},
    http::{HeaderValue, Request, Response, StatusCode, header},
    serve::{IncomingStream, Listener},
};
use std::{io, net::SocketAddr, sync::Arc, time::Duration};
use tokio::{
    net::{TcpListener, TcpStream},
    sync::{Semaphore, mpsc},
    time::timeout,
};
use tokio_rustls::{TlsAcceptor, server::TlsStream};
use tower_http::timeout::TimeoutLayer;

/// Longest request body; the longest credential is 1 MiB.
const MAX_BODY: usize = 2 << 20;
/// Longest time for one request, from its head to its answer.
const TIMEOUT: Duration = Duration::from_secs(30);
const HANDSHAKE: Duration = Duration::from_secs(5);
/// Requests that are worked on at once; the others wait.
const AT_ONCE: usize = 64;

/// What is served.
pub(crate) trait Service: Send + Sync + 'static {
    /// Answers one request.
    fn answer(&self, request: Request<Bytes>) -> Response<Vec<u8>>;

    /// The answer to a request whose body is longer than is read.
    fn too_long(&self) -> Response<Vec<u8>>;
}

/// Serves until the process is told to stop, and lets requests that have begun finish.
///
/// `ready` is called once with the base URL, when connections are accepted.
pub(crate) fn run(
    service: Arc<dyn Service>,
    address: SocketAddr,
    tls: Option<TlsAcceptor>,
    ready: impl FnOnce(&str),
) -> Result<()> {
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()
        .context("cannot start the server's threads")?;
    runtime.block_on(async {
        let socket =
            TcpListener::bind(address).await.with_context(|| format!("cannot listen on {address}"))?;
        let local = socket.local_addr().context("the socket has no address")?;
        let router = router(service).into_make_service_with_connect_info::<PeerAddress>();
        let scheme = if tls.is_some() { "https" } else { "http" };
        ready(&format!("{scheme}://{local}"));
        match tls {
            None => axum::serve(socket, router).with_graceful_shutdown(stopped()).await,
            Some(acceptor) => {
                let listener = TlsListener::start(socket, acceptor, local);
                axum::serve(listener, router).with_graceful_shutdown(stopped()).await
            }
        }
        .context("the server failed")
    })
}

/// Who is at the other end of a connection; in each request's extensions as `ConnectInfo`.
#[derive(Clone, Copy, Debug)]
pub(crate) struct PeerAddress(pub(crate) SocketAddr);

impl Connected<IncomingStream<'_, TcpListener>> for PeerAddress {
    fn connect_info(stream: IncomingStream<'_, TcpListener>) -> Self {
        Self(*stream.remote_addr())
    }
}

impl Connected<IncomingStream<'_, TlsListener>> for PeerAddress {
    fn connect_info(stream: IncomingStream<'_, TlsListener>) -> Self {
        Self(*stream.remote_addr())
    }
}

#[derive(Clone)]
struct Serving {
    service: Arc<dyn Service>,
    places: Arc<Semaphore>,
}

fn router(service: Arc<dyn Service>) -> Router {
    let state = Serving { service, places: Arc::new(Semaphore::new(AT_ONCE)) };
    Router::new()
        .fallback(serve)
        .layer(DefaultBodyLimit::max(MAX_BODY))
        .layer(TimeoutLayer::with_status_code(StatusCode::REQUEST_TIMEOUT, TIMEOUT))
        .with_state(state)
}

async fn serve(State(state): State<Serving>, request: Request<Body>) -> Response<Body> {
    let (parts, body) = request.into_parts();
    let Ok(body) = axum::body::to_bytes(body, MAX_BODY).await else {
        return with_headers(state.service.too_long());
    };
    let Ok(place) = state.places.acquire_owned().await else { return plain(StatusCode::SERVICE_UNAVAILABLE) };
    let work = tokio::task::spawn_blocking(move || {
        let answer = state.service.answer(Request::from_parts(parts, body));
        drop(place);
        answer
    });
    match work.await {
        Ok(answer) => with_headers(answer),
        Err(_) => plain(StatusCode::INTERNAL_SERVER_ERROR),
    }
}

fn with_headers(mut answer: Response<Vec<u8>>) -> Response<Body> {
    // Every answer is data for programs: nothing in it is to be guessed at, framed or kept by others.
    let headers = answer.headers_mut();
    headers.insert(header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    headers.entry(header::CACHE_CONTROL).or_insert(HeaderValue::from_static("no-store"));
    answer.map(Body::from)
}

fn plain(status: StatusCode) -> Response<Body> {
    let mut response = Response::new(Body::empty());
    *response.status_mut() = status;
    response
}

/// Completes at the first signal to stop.
async fn stopped() {
    let interrupted = tokio::signal::ctrl_c();
    #[cfg(unix)]
    {
        let terminated = tokio::signal::unix::signal(tokio::signal::unix::SignalKind::terminate());
        if let Ok(mut terminated) = terminated {
            tokio::select! { _ = interrupted => {}, _ = terminated.recv() => {} }
            return;
        }
    }
    let _ = interrupted.await;
}

/// Connections whose handshake is done. Handshakes run beside each other: a slow one holds nobody up.
struct TlsListener {
    local: SocketAddr,
    done: mpsc::Receiver<(TlsStream<TcpStream>, SocketAddr)>,
}

impl TlsListener {
    fn start(socket: TcpListener, acceptor: TlsAcceptor, local: SocketAddr) -> Self {
        let (sender, done) = mpsc::channel(AT_ONCE);
        tokio::spawn(async move {
            loop {
                let Ok((stream, peer)) = socket.accept().await else {
                    // Too many open files, say: it passes.
                    tokio::time::sleep(Duration::from_millis(50)).await;
                    continue;
                };
                let (acceptor, sender) = (acceptor.clone(), sender.clone());
                tokio::spawn(async move {
                    if let Ok(Ok(stream)) = timeout(HANDSHAKE, acceptor.accept(stream)).await {
                        let _ = sender.send((stream, peer)).await;
                    }
                });
            }
        });
        Self { local, done }
    }
}

impl Listener for TlsListener {
    type Io = TlsStream<TcpStream>;
    type Addr = SocketAddr;

    async fn accept(&mut self) -> (Self::Io, Self::Addr) {
        match self.done.recv().await {
            Some(connection) => connection,
            // The accepting task never ends before this one.
            None => std::future::pending().await,
        }
    }

    fn local_addr(&self) -> io::Result<SocketAddr> {
        Ok(self.local)
    }
}
