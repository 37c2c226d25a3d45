//! HTTP as a wallet speaks it, over a connection of its own for each request.

use http::{Request, Response};
use std::{
    io::{Read, Write},
    net::{IpAddr, Ipv4Addr, SocketAddr, TcpStream},
    time::Duration,
};

/// How somebody reaches a service.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Way {
    /// From this address of the machine.
    pub(crate) from: Option<IpAddr>,
    /// By this socket, whatever the request's address says.
    pub(crate) via: Option<SocketAddr>,
}

impl Way {
    /// From an address of one's own.
    pub(crate) fn of_voter(number: usize) -> Self {
        let last = u8::try_from(number + 1).unwrap();
        Self { from: Some(IpAddr::V4(Ipv4Addr::new(127, 0, 2, last))), via: None }
    }

    /// The answer to `request`; an error if the server breaks off.
    pub(crate) fn send(&self, request: &Request<Vec<u8>>) -> std::io::Result<Response<Vec<u8>>> {
        let authority = request.uri().authority().unwrap().as_str();
        let mut stream = self.connect(self.via.unwrap_or_else(|| authority.parse().unwrap()))?;
        stream.set_read_timeout(Some(Duration::from_mins(1)))?;
        let (method, path) = (request.method(), request.uri().path_and_query().unwrap());
        let length = request.body().len().to_string();
        let own = [("host", authority), ("connection", "close"), ("content-length", &*length)];
        let own = own.map(|(name, value)| format!("{name}: {value}\r\n"));
        let others = request.headers().iter();
        let others = others.map(|(name, value)| format!("{name}: {}\r\n", value.to_str().unwrap()));
        let lines: Vec<String> = own.into_iter().chain(others).collect();
        let mut head = format!("{method} {path} HTTP/1.1\r\n{}", lines.concat());
        head.push_str("\r\n");
        stream.write_all(&[head.as_bytes(), request.body()].concat())?;
        let mut bytes = Vec::new();
        stream.read_to_end(&mut bytes)?;
        parsed(&bytes).ok_or_else(|| std::io::ErrorKind::UnexpectedEof.into())
    }

    fn connect(&self, to: SocketAddr) -> std::io::Result<TcpStream> {
        let Some(from) = self.from else { return TcpStream::connect(to) };
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
        let stream = runtime.block_on(async {
            let socket = tokio::net::TcpSocket::new_v4()?;
            socket.bind(SocketAddr::new(from, 0))?;
            socket.connect(to).await?.into_std()
        })?;
        stream.set_nonblocking(false)?;
        Ok(stream)
    }
}

/// A whole response; nothing if it broke off.
fn parsed(bytes: &[u8]) -> Option<Response<Vec<u8>>> {
    let end = bytes.windows(4).position(|four| four == b"\r\n\r\n")?;
    let head = String::from_utf8_lossy(&bytes[..end]).into_owned();
    let mut lines = head.split("\r\n");
    let mut response = Response::builder().status(lines.next()?.split(' ').nth(1)?);
    let mut length = 0;
    for line in lines {
        let (name, value) = line.split_once(": ")?;
        if name.eq_ignore_ascii_case("content-length") {
            length = value.parse().ok()?;
        }
        response = response.header(name, value);
    }
    let body = bytes[end + 4..].to_vec();
    (body.len() == length).then(|| response.body(body).ok())?
}
