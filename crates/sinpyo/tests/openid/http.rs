//! One request on a connection of its own, and a place where requests are handed out to several nodes.

use std::{
    io::{BufRead as _, BufReader, Read as _, Write as _},
    net::{TcpListener, TcpStream},
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    thread,
    time::Duration,
};

/// A response.
pub(crate) struct Got {
    pub(crate) status: u16,
    pub(crate) body: Vec<u8>,
}

impl Got {
    pub(crate) fn json(&self) -> serde_json::Value {
        serde_json::from_slice(&self.body).unwrap_or(serde_json::Value::Null)
    }

    pub(crate) fn text(&self) -> String {
        String::from_utf8_lossy(&self.body).into_owned()
    }
}

/// Asks at `url`; `headers` are whole lines.
pub(crate) fn ask(method: &str, url: &str, headers: &[String], body: &[u8]) -> Got {
    try_ask(method, url, headers, body).unwrap_or_else(|| panic!("nobody answers at {url}"))
}

/// The same; nothing if nobody answers, or not to the end.
pub(crate) fn try_ask(method: &str, url: &str, headers: &[String], body: &[u8]) -> Option<Got> {
    let rest = url.strip_prefix("http://")?;
    let (authority, path) = rest.split_at(rest.find('/').unwrap_or(rest.len()));
    let path = if path.is_empty() { "/" } else { path };
    let mut head = format!("{method} {path} HTTP/1.1\r\nhost: {authority}\r\nconnection: close\r\n");
    for header in headers {
        head = format!("{head}{header}\r\n");
    }
    head = format!("{head}content-length: {}\r\n\r\n", body.len());
    let mut stream = TcpStream::connect(authority).ok()?;
    stream.set_read_timeout(Some(Duration::from_secs(40))).ok()?;
    stream.write_all(&[head.as_bytes(), body].concat()).ok()?;
    let mut bytes = Vec::new();
    stream.read_to_end(&mut bytes).ok()?;
    let end = bytes.windows(4).position(|four| four == b"\r\n\r\n")?;
    let head = String::from_utf8_lossy(&bytes[..end]).into_owned();
    let status = head.split(' ').nth(1)?.parse().ok()?;
    Some(Got { status, body: bytes[end + 4..].to_vec() })
}

/// Hands each request to the next node, as something that balances load does.
pub(crate) struct Alternating {
    pub(crate) url: String,
    nodes: Arc<std::sync::Mutex<Vec<String>>>,
    served: Arc<AtomicUsize>,
}

impl Alternating {
    /// Takes a free port; there are no nodes yet.
    pub(crate) fn new() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let (nodes, served) =
            (Arc::<std::sync::Mutex<Vec<String>>>::default(), Arc::<AtomicUsize>::default());
        let (known, count) = (Arc::clone(&nodes), Arc::clone(&served));
        thread::spawn(move || {
            for stream in listener.incoming() {
                let (known, count) = (Arc::clone(&known), Arc::clone(&count));
                thread::spawn(move || {
                    let number = count.fetch_add(1, Ordering::SeqCst);
                    let nodes = known.lock().unwrap().clone();
                    hand_over(stream.unwrap(), &nodes[number % nodes.len()]);
                });
            }
        });
        Self { url, nodes, served }
    }

    /// Adds a node, which listens at `url`.
    pub(crate) fn add(&self, url: &str) {
        self.nodes.lock().unwrap().push(url.strip_prefix("http://").unwrap().to_owned());
    }

    /// How many requests were handed out.
    pub(crate) fn count(&self) -> usize {
        self.served.load(Ordering::SeqCst)
    }
}

/// One request, and the end of the connection after it.
fn hand_over(mut stream: TcpStream, node: &str) {
    stream.set_read_timeout(Some(Duration::from_secs(40))).unwrap();
    let mut reader = BufReader::new(stream.try_clone().unwrap());
    let (mut head, mut length) = (String::new(), 0);
    loop {
        let mut line = String::new();
        if reader.read_line(&mut line).unwrap_or(0) == 0 {
            return;
        }
        let lower = line.to_ascii_lowercase();
        if let Some(value) = lower.strip_prefix("content-length:") {
            length = value.trim().parse().unwrap();
        }
        if lower.starts_with("connection:") {
            continue;
        }
        if line.trim().is_empty() {
            break;
        }
        head.push_str(&line);
    }
    let mut body = vec![0; length];
    reader.read_exact(&mut body).unwrap();
    let mut upstream = TcpStream::connect(node).unwrap();
    upstream.write_all(format!("{head}connection: close\r\n\r\n").as_bytes()).unwrap();
    upstream.write_all(&body).unwrap();
    let mut answer = Vec::new();
    let _ = upstream.read_to_end(&mut answer);
    let _ = stream.write_all(&answer);
}
