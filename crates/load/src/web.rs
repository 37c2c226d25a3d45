//! HTTP/1.1 as wallets and management clients need it: connections that are kept, and answers that are complete or an
//! error.

use http::{
    HeaderMap, HeaderName, HeaderValue, Request, Response, StatusCode,
    header::{CONNECTION, CONTENT_LENGTH, TRANSFER_ENCODING},
};
use socket2::{Domain, Socket, Type};
use std::{
    collections::BTreeMap,
    fmt::Write as _,
    io::{self, Write as _},
    net::{Ipv4Addr, SocketAddr, TcpStream},
    sync::Arc,
    time::Duration,
};

/// What a request of a flow is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Leg {
    /// A management client gets its token.
    Manage,
    /// The institution makes an offer.
    Offer,
    /// The wallet fetches an offer that came by reference.
    FetchOffer,
    /// The wallet reads metadata.
    Metadata,
    /// The wallet pushes an authorization request.
    Push,
    /// A browser shows or sends a page.
    Page,
    /// The wallet redeems a code.
    Token,
    /// The wallet fetches a nonce for its proofs.
    Nonce,
    /// The wallet asks for a credential.
    Credential,
    /// The wallet says what became of a credential.
    Notification,
    /// The service opens a request.
    Open,
    /// The wallet fetches the request.
    Request,
    /// The wallet sends its response.
    Response,
    /// The service takes the result.
    Result,
}

impl Leg {
    /// As it is called in reports.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Manage => "management token",
            Self::Offer => "make offer",
            Self::FetchOffer => "fetch offer",
            Self::Metadata => "metadata",
            Self::Push => "pushed request",
            Self::Page => "page",
            Self::Token => "token",
            Self::Nonce => "nonce",
            Self::Credential => "credential",
            Self::Notification => "notification",
            Self::Open => "open request",
            Self::Request => "fetch request",
            Self::Response => "response",
            Self::Result => "result",
        }
    }
}

/// Sends requests and waits for their answers.
pub trait Web {
    /// Sends `request`; redirects are not followed.
    ///
    /// # Errors
    /// No complete answer came. Whether the server acted on the request is unknown.
    fn send(&mut self, leg: Leg, request: Request<Vec<u8>>) -> Result<Response<Vec<u8>>, SendError>;
}

/// Which machines stand behind an address.
#[derive(Clone, Debug, Default)]
pub struct Nodes(BTreeMap<String, Vec<SocketAddr>>);

impl Nodes {
    /// None yet: every address is its own machine.
    pub const fn new() -> Self {
        Self(BTreeMap::new())
    }

    /// With `machines` behind `authority`, the host and port of a public address.
    #[must_use]
    pub fn behind(mut self, authority: &str, machines: &[SocketAddr]) -> Self {
        self.0.insert(authority.to_owned(), machines.to_vec());
        self
    }

    fn choose(&self, authority: &str, turn: usize) -> Option<SocketAddr> {
        match self.0.get(authority) {
            Some(machines) => machines.iter().cycle().nth(turn.checked_rem(machines.len())?).copied(),
            None => authority.parse().ok(),
        }
    }
}

/// A client with a connection to each machine. Successive requests go to successive machines behind an address, so that
/// no two steps of a flow meet the same one if there are two.
#[derive(Debug)]
pub struct Http {
    nodes: Arc<Nodes>,
    from: Ipv4Addr,
    turn: usize,
    open: BTreeMap<SocketAddr, TcpStream>,
}

/// Longest head and body of an answer that are read, in bytes.
const MAX_HEAD: usize = 64 << 10;
const MAX_BODY: usize = 8 << 20;
const CONNECT: Duration = Duration::from_secs(2);
/// Between two pieces of an answer.
const WAIT: Duration = Duration::from_secs(15);

impl Http {
    /// The client number `number`, which has no connection yet. Its first request goes to the machine of that number behind
    /// an address. To servers on this machine clients of different numbers have different addresses, 127.1.0.0 and so on,
    /// as different people have: what is limited for each address is not limited for all of them.
    pub fn new(nodes: Arc<Nodes>, number: u16) -> Self {
        let [high, low] = number.to_be_bytes();
        Self { nodes, from: Ipv4Addr::new(127, 1, high, low), turn: number.into(), open: BTreeMap::new() }
    }

    fn connection(&mut self, machine: SocketAddr) -> io::Result<TcpStream> {
        if let Some(kept) = self.open.remove(&machine)
            && is_alive(&kept)
        {
            return Ok(kept);
        }
        let socket = Socket::new(Domain::for_address(machine), Type::STREAM, None)?;
        if machine.ip() == Ipv4Addr::LOCALHOST {
            socket.bind(&SocketAddr::from((self.from, 0)).into())?;
        }
        socket.connect_timeout(&machine.into(), CONNECT)?;
        let stream = TcpStream::from(socket);
        stream.set_nodelay(true)?;
        stream.set_read_timeout(Some(WAIT))?;
        stream.set_write_timeout(Some(WAIT))?;
        Ok(stream)
    }
}

impl Web for Http {
    fn send(&mut self, _: Leg, request: Request<Vec<u8>>) -> Result<Response<Vec<u8>>, SendError> {
        let authority = request.uri().authority().ok_or(SendError::Address)?.as_str();
        let machine = self.nodes.choose(authority, self.turn).ok_or(SendError::Address)?;
        self.turn = self.turn.wrapping_add(1);
        let mut stream = self.connection(machine)?;
        stream.write_all(&written(&request, authority)?)?;
        let (response, is_kept) = read(&mut stream)?;
        if is_kept {
            self.open.insert(machine, stream);
        }
        Ok(response)
    }
}

/// Whether the server has neither closed the connection nor said something that nobody asked for.
fn is_alive(stream: &TcpStream) -> bool {
    let quiet = |stream: &TcpStream| {
        stream.set_nonblocking(true)?;
        let found = stream.peek(&mut [0]);
        stream.set_nonblocking(false)?;
        found
    };
    quiet(stream).is_err_and(|error| error.kind() == io::ErrorKind::WouldBlock)
}

fn written(request: &Request<Vec<u8>>, authority: &str) -> Result<Vec<u8>, SendError> {
    let path = request.uri().path_and_query().map_or("/", |path| path.as_str());
    let mut head = format!("{} {path} HTTP/1.1\r\nhost: {authority}\r\n", request.method());
    for (name, value) in request.headers() {
        let value = value.to_str().map_err(|_| SendError::Address)?;
        // Writing to a text does not fail.
        let _ = write!(head, "{name}: {value}\r\n");
    }
    let _ = write!(head, "content-length: {}\r\n\r\n", request.body().len());
    Ok([head.as_bytes(), request.body()].concat())
}

/// Reads one answer, and says whether the connection can be used again.
fn read(stream: &mut impl io::Read) -> Result<(Response<Vec<u8>>, bool), SendError> {
    let mut bytes = Vec::with_capacity(4096);
    let end = loop {
        if let Some(end) = bytes.windows(4).position(|window| window == b"\r\n\r\n") {
            break end;
        }
        if bytes.len() > MAX_HEAD {
            return Err(SendError::Answer);
        }
        more(stream, &mut bytes)?;
    };
    let mut body = bytes.split_off(end.saturating_add(4));
    let (status, headers) = parse_head(&bytes).ok_or(SendError::Answer)?;
    let says = |name: &HeaderName, word: &str| {
        headers.get(name).is_some_and(|value| value.as_bytes().eq_ignore_ascii_case(word.as_bytes()))
    };
    if says(&TRANSFER_ENCODING, "chunked") {
        body = unchunk(stream, body)?;
    } else {
        let length = headers.get(CONTENT_LENGTH).map(|value| value.to_str().ok()?.parse::<usize>().ok());
        let length = match length {
            Some(length) => length.filter(|length| *length <= MAX_BODY).ok_or(SendError::Answer)?,
            None if matches!(status, StatusCode::NO_CONTENT | StatusCode::NOT_MODIFIED) => 0,
            None => return Err(SendError::Answer),
        };
        while body.len() < length {
            more(stream, &mut body)?;
        }
        if body.len() > length {
            return Err(SendError::Answer);
        }
    }
    let is_kept = !says(&CONNECTION, "close");
    let mut response = Response::new(body);
    *response.status_mut() = status;
    *response.headers_mut() = headers;
    Ok((response, is_kept))
}

fn more(stream: &mut impl io::Read, bytes: &mut Vec<u8>) -> io::Result<()> {
    let mut piece = [0; 8192];
    match stream.read(&mut piece)? {
        0 => Err(io::ErrorKind::UnexpectedEof.into()),
        count => {
            bytes.extend(piece.iter().take(count));
            Ok(())
        }
    }
}

fn parse_head(bytes: &[u8]) -> Option<(StatusCode, HeaderMap)> {
    let mut lines = str::from_utf8(bytes).ok()?.trim_end().split("\r\n");
    let status = lines.next()?.strip_prefix("HTTP/1.1 ")?.get(..3)?.parse().ok()?;
    let mut headers = HeaderMap::new();
    for line in lines {
        let (name, value) = line.split_once(':')?;
        let name = HeaderName::from_bytes(name.as_bytes()).ok()?;
        headers.append(name, HeaderValue::from_str(value.trim()).ok()?);
    }
    Some((status, headers))
}

fn unchunk(stream: &mut impl io::Read, mut bytes: Vec<u8>) -> Result<Vec<u8>, SendError> {
    let mut body = Vec::new();
    loop {
        let line = loop {
            if let Some(end) = bytes.windows(2).position(|window| window == b"\r\n") {
                break bytes.drain(..end.saturating_add(2)).collect::<Vec<u8>>();
            }
            more(stream, &mut bytes)?;
        };
        let size = str::from_utf8(&line).ok().and_then(|line| line.trim().split(';').next());
        let size = size.and_then(|size| usize::from_str_radix(size, 16).ok()).ok_or(SendError::Answer)?;
        let whole = size.checked_add(2).filter(|_| body.len().saturating_add(size) <= MAX_BODY);
        let whole = whole.ok_or(SendError::Answer)?;
        while bytes.len() < whole {
            more(stream, &mut bytes)?;
        }
        body.extend(bytes.drain(..whole).take(size));
        if size == 0 {
            return Ok(body);
        }
    }
}

/// Why there is no answer.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum SendError {
    /// The request has no address, or none that anybody is behind.
    #[error("the request has no address that a machine stands behind")]
    Address,
    /// What came is no HTTP/1.1, or too long.
    #[error("what came is no answer")]
    Answer,
    /// The connection failed.
    #[error(transparent)]
    Io(#[from] io::Error),
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::net::TcpListener;

    fn answer(bytes: &[u8]) -> Option<(u16, Vec<u8>, bool)> {
        let (response, is_kept) = read(&mut &*bytes).ok()?;
        Some((response.status().as_u16(), response.into_body(), is_kept))
    }

    #[test]
    fn an_answer_is_complete_or_none() {
        let plain = b"HTTP/1.1 201 Created\r\nContent-Length: 3\r\nconnection: close\r\n\r\nabc";
        assert_eq!(answer(plain), Some((201, b"abc".to_vec(), false)));
        let chunked =
            b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n2;x=y\r\nab\r\n1\r\nc\r\n0\r\n\r\n";
        assert_eq!(answer(chunked), Some((200, b"abc".to_vec(), true)));
        for whole in [&plain[..], chunked] {
            for cut in 0..whole.len() {
                assert_eq!(answer(&whole[..cut]), None, "{cut}");
            }
        }
        assert_eq!(answer(b"HTTP/1.1 204 No Content\r\n\r\n"), Some((204, Vec::new(), true)));
        assert_eq!(answer(b"HTTP/1.1 200 OK\r\n\r\nabc"), None);
        assert_eq!(answer(b"HTTP/1.1 200 OK\r\ncontent-length: 1\r\n\r\nabc"), None);
    }

    /// Answers each request on one connection with its head.
    fn echo(listener: &TcpListener) {
        let mut stream = listener.accept().unwrap().0;
        let mut head = Vec::new();
        while more(&mut stream, &mut head).is_ok() {
            if head.ends_with(b"\r\n\r\n") {
                let start = format!("HTTP/1.1 200 OK\r\ncontent-length: {}\r\n\r\n", head.len());
                stream.write_all(&[start.as_bytes(), &head].concat()).unwrap();
                head.clear();
            }
        }
    }

    #[test]
    fn successive_requests_go_to_successive_machines_over_kept_connections() {
        let machines = [(); 2].map(|()| TcpListener::bind("127.0.0.1:0").unwrap());
        let addresses = machines.each_ref().map(|machine| machine.local_addr().unwrap());
        // Each accepts once: a second connection would not be answered.
        let threads = machines.map(|machine| std::thread::spawn(move || echo(&machine)));
        let nodes = Nodes::new().behind("issuer.example", &addresses);
        let mut web = Http::new(Arc::new(nodes), 1);
        for turn in 0..4 {
            let request = Request::get("https://issuer.example/a?b").body(Vec::new()).unwrap();
            let response = web.send(Leg::Token, request).unwrap();
            let head = String::from_utf8(response.into_body()).unwrap();
            assert!(head.starts_with("GET /a?b HTTP/1.1\r\nhost: issuer.example\r\n"), "{head}");
            assert_eq!(web.open.len(), 2.min(turn + 1));
        }
        drop(web);
        for thread in threads {
            thread.join().unwrap();
        }
    }

    #[test]
    fn an_address_that_nobody_is_behind_is_refused() {
        let mut web = Http::new(Arc::default(), 0);
        let request = Request::get("https://issuer.example/").body(Vec::new()).unwrap();
        assert!(matches!(web.send(Leg::Token, request), Err(SendError::Address)));
    }
}
