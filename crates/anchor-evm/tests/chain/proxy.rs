//! Something between the anchorer and its node that loses, delays and falsifies.

use serde_json::{Value, json};
use std::{
    io::{BufRead as _, BufReader, Read as _, Write as _},
    net::{TcpListener, TcpStream},
    sync::{
        Arc, Mutex,
        atomic::{AtomicUsize, Ordering},
    },
    thread,
};
use url::Url;

/// What to do with a request.
pub(crate) enum Act {
    Pass,
    /// Close the connection.
    Drop,
    /// Answer with this result without asking the node.
    Answer(Value),
    /// Ask the node and change its result.
    Change(fn(&mut Value)),
    /// Ask the node this instead.
    Instead(Value),
    /// Answer with an error of this text.
    Error(String),
    /// Answer with more bytes than anybody can use, until the client has gone away.
    Flood,
    /// Pass, then have the node mine a block.
    PassAndMine,
}

/// The end of a flood that nobody stops.
pub(crate) const FLOOD: usize = 256 << 20;
/// Bytes of all floods that were taken.
pub(crate) static FLOODED: AtomicUsize = AtomicUsize::new(0);

/// Shows block `number` as the newest one, with all the evidence that there is for it.
pub(crate) fn stale(call: &Value, number: u64) -> Act {
    if call["method"] == "eth_getBlockByNumber" && call["params"][0] == "latest" {
        let mut older = call.clone();
        older["params"][0] = format!("{number:#x}").into();
        Act::Instead(older)
    } else {
        Act::Pass
    }
}

type Script = Box<dyn FnMut(&Value) -> Act + Send>;

pub(crate) struct Proxy {
    pub(crate) url: Url,
    script: Arc<Mutex<Script>>,
}

impl Proxy {
    pub(crate) fn before(node: &Url) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap()).parse().unwrap();
        let script: Arc<Mutex<Script>> = Arc::new(Mutex::new(Box::new(|_| Act::Pass)));
        let node = node.socket_addrs(|| None).unwrap()[0].to_string();
        let shared = Arc::clone(&script);
        thread::spawn(move || {
            for stream in listener.incoming() {
                let (node, script) = (node.clone(), Arc::clone(&shared));
                // A client that goes away in the middle is its own business.
                thread::spawn(move || drop(serve(&stream.unwrap(), &node, &script)));
            }
        });
        Self { url, script }
    }

    /// From now on `script` decides; it sees each request as `{method, params}`.
    pub(crate) fn script(&self, script: impl FnMut(&Value) -> Act + Send + 'static) {
        *self.script.lock().unwrap() = Box::new(script);
    }
}

fn serve(mut stream: &TcpStream, node: &str, script: &Mutex<Script>) -> std::io::Result<()> {
    let request = read_message(stream)?;
    let call: Value = serde_json::from_slice(&request)?;
    let act = script.lock().unwrap()(&call);
    let answer = match act {
        Act::Drop => return Ok(()),
        Act::Answer(result) => json!({"jsonrpc": "2.0", "id": call["id"], "result": result}),
        Act::Error(text) => {
            json!({"jsonrpc": "2.0", "id": call["id"], "error": {"code": -32000, "message": text}})
        }
        Act::Flood => return flood(stream),
        Act::Pass => ask(node, &call)?,
        Act::Instead(other) => {
            let mut answer = ask(node, &other)?;
            answer["id"] = call["id"].clone();
            answer
        }
        Act::Change(change) => {
            let mut answer = ask(node, &call)?;
            change(&mut answer["result"]);
            answer
        }
        Act::PassAndMine => {
            let answer = ask(node, &call)?;
            let _ = ask(node, &json!({"jsonrpc": "2.0", "id": 0, "method": "evm_mine", "params": []}))?;
            answer
        }
    };
    let body = answer.to_string();
    write!(stream, "HTTP/1.1 200 OK\r\ncontent-type: application/json\r\nconnection: close\r\n")?;
    write!(stream, "content-length: {}\r\n\r\n{body}", body.len())
}

fn flood(mut stream: &TcpStream) -> std::io::Result<()> {
    write!(stream, "HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: {FLOOD}\r\n\r\n")?;
    let blanks = vec![b' '; 1 << 16];
    for _ in 0..FLOOD / blanks.len() {
        stream.write_all(&blanks)?;
        FLOODED.fetch_add(blanks.len(), Ordering::Relaxed);
    }
    Ok(())
}

fn ask(node: &str, call: &Value) -> std::io::Result<Value> {
    let mut stream = TcpStream::connect(node)?;
    let body = call.to_string();
    write!(
        stream,
        "POST / HTTP/1.1\r\nhost: {node}\r\nconnection: close\r\ncontent-type: application/json\r\n"
    )?;
    write!(stream, "content-length: {}\r\n\r\n{body}", body.len())?;
    Ok(serde_json::from_slice(&read_message(&stream)?)?)
}

/// The body of a request or an answer that says how long it is.
fn read_message(stream: &TcpStream) -> std::io::Result<Vec<u8>> {
    let mut reader = BufReader::new(stream);
    let mut length = 0;
    loop {
        let mut line = String::new();
        let _ = reader.read_line(&mut line)?;
        if let Some(value) = line.to_ascii_lowercase().strip_prefix("content-length:") {
            length = value.trim().parse().unwrap();
        }
        if line.trim().is_empty() {
            break;
        }
    }
    let mut body = vec![0; length];
    reader.read_exact(&mut body)?;
    Ok(body)
}
