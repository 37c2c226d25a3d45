//! The network between clients and server, and what can be wrong with it.

use anyhow::Result;
use socket2::SockRef;
use std::{
    io::{Read as _, Write as _},
    net::{Ipv4Addr, Shutdown, SocketAddr, TcpListener, TcpStream},
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    thread,
    time::Duration,
};

/// What happens to connections that begin now.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Weather {
    /// Bytes pass.
    Clear,
    /// Both ends get a reset in the middle of the request's body.
    CutRequests,
    /// The server answers, and its answer is cut off: an acknowledgement that the client never sees.
    CutAnswers,
    /// Bytes trickle in both directions.
    Slow,
}

/// A TCP proxy on loopback, until the process ends.
#[derive(Clone, Debug)]
pub(crate) struct Proxy {
    address: SocketAddr,
    state: Arc<Mutex<State>>,
}

#[derive(Debug)]
struct State {
    server: SocketAddr,
    weather: Weather,
    /// Connections that the weather got since it changed.
    felt: u64,
}

/// Bytes of a request that pass before the cut: the fields and some of the body.
const OF_REQUEST: u64 = 400;
/// Bytes of an answer that pass before the cut.
const OF_ANSWER: u64 = 9;
/// A trickle: 6 kB/s.
const DROPS: usize = 64;
const BETWEEN_DROPS: Duration = Duration::from_millis(10);
/// A connection on which nothing moves for so long is given up.
const IDLE: Duration = Duration::from_secs(30);

impl Proxy {
    /// Listens on a free port for `server`.
    ///
    /// # Errors
    /// No port.
    pub(crate) fn start(server: SocketAddr) -> Result<Self> {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?;
        let state = State { server, weather: Weather::Clear, felt: 0 };
        let proxy = Self { address: listener.local_addr()?, state: Arc::new(Mutex::new(state)) };
        let serving = proxy.clone();
        thread::spawn(move || {
            for client in listener.incoming().flatten() {
                let serving = serving.clone();
                thread::spawn(move || serving.connection(&client));
            }
        });
        Ok(proxy)
    }

    /// Where clients connect.
    pub(crate) const fn address(&self) -> SocketAddr {
        self.address
    }

    /// The server behind it is now at `server`.
    pub(crate) fn lead_to(&self, server: SocketAddr) {
        self.locked().server = server;
    }

    /// Changes the weather and tells how many connections the last one got.
    pub(crate) fn change(&self, weather: Weather) -> u64 {
        let mut state = self.locked();
        state.weather = weather;
        std::mem::take(&mut state.felt)
    }

    fn locked(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Carries one connection. Whatever fails ends it: the client notices.
    fn connection(&self, client: &TcpStream) {
        let (address, weather) = {
            let mut state = self.locked();
            state.felt += 1;
            (state.server, state.weather)
        };
        let Ok(server) = TcpStream::connect_timeout(&address, Duration::from_secs(1)) else { return };
        for stream in [client, &server] {
            let _ = stream.set_read_timeout(Some(IDLE));
            let _ = stream.set_nodelay(true);
        }
        match weather {
            Weather::Clear => both_ways(client, &server, usize::MAX),
            Weather::Slow => both_ways(client, &server, DROPS),
            Weather::CutRequests => {
                pass(client, &server, OF_REQUEST);
                reset(client, &server);
            }
            Weather::CutAnswers => thread::scope(|scope| {
                scope.spawn(|| pour(client, &server, usize::MAX));
                pass(&server, client, OF_ANSWER);
                reset(client, &server);
            }),
        }
    }
}

fn both_ways(client: &TcpStream, server: &TcpStream, at_once: usize) {
    thread::scope(|scope| {
        scope.spawn(|| pour(client, server, at_once));
        pour(server, client, at_once);
        // The answer is complete: whatever the client still says, nobody listens.
        let _ = client.shutdown(Shutdown::Both);
    });
}

/// Copies to the end, `at_once` bytes at a time if that is a trickle.
fn pour(mut from: &TcpStream, mut to: &TcpStream, at_once: usize) {
    let mut buffer = vec![0; at_once.min(16 * 1024)];
    while let Ok(count @ 1..) = from.read(&mut buffer) {
        if buffer.get(..count).is_none_or(|bytes| to.write_all(bytes).is_err()) {
            break;
        }
        if at_once == DROPS {
            thread::sleep(BETWEEN_DROPS);
        }
    }
    let _ = to.shutdown(Shutdown::Write);
}

/// Copies `count` bytes.
fn pass(from: &TcpStream, mut to: &TcpStream, count: u64) {
    let _ = std::io::copy(&mut from.take(count), &mut to);
}

/// Ends both connections as a broken line does: with a reset instead of an orderly end.
fn reset(client: &TcpStream, server: &TcpStream) {
    for stream in [client, server] {
        let _ = SockRef::from(stream).set_linger(Some(Duration::ZERO));
        let _ = stream.shutdown(Shutdown::Both);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::web;

    /// Answers each connection with the length of what it got.
    fn server() -> SocketAddr {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
        let address = listener.local_addr().unwrap();
        thread::spawn(move || {
            for mut client in listener.incoming().flatten() {
                let mut got = Vec::new();
                let mut buffer = [0; 4096];
                while let Ok(count @ 1..) = client.read(&mut buffer) {
                    got.extend_from_slice(&buffer[..count]);
                    if got.ends_with(b"!") {
                        let _ = client.write_all(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok");
                        break;
                    }
                }
            }
        });
        address
    }

    #[test]
    fn clear_and_slow_weather_pass_what_cuts_do_not() {
        let proxy = Proxy::start(server()).unwrap();
        let body = [vec![b'.'; 1000], b"!".to_vec()].concat();
        for (weather, passes) in [
            (Weather::Clear, true),
            (Weather::CutRequests, false),
            (Weather::CutAnswers, false),
            (Weather::Slow, true),
        ] {
            proxy.change(weather);
            let answer = web::post(proxy.address(), "/", &body);
            assert_eq!(answer.is_ok_and(|answer| answer.body == b"ok"), passes, "{weather:?}");
            assert_eq!(proxy.change(Weather::Clear), 1, "{weather:?}");
        }
    }
}
