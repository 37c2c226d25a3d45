//! Servers as processes.

use serde_json::Value;
use std::{
    io::{BufRead, BufReader, Read, Write},
    net::TcpStream,
    path::Path,
    process::{Child, Command, ExitStatus, Stdio},
    time::{Duration, Instant},
};

/// A running server; killed without warning when it goes out of scope.
pub(crate) struct Served {
    process: Child,
    pub(crate) url: String,
}

impl Served {
    /// Runs `sinpyo serve …` in `folder` on a free port.
    pub(crate) fn start(folder: &Path, arguments: &str) -> Self {
        Self::at(folder, arguments, "127.0.0.1:0")
    }

    /// The same on the port of `address`.
    pub(crate) fn at(folder: &Path, arguments: &str, address: &str) -> Self {
        Self::run(&mut Command::new(env!("CARGO_BIN_EXE_sinpyo")), folder, arguments, address)
    }

    /// Runs `command`, which is the binary with what it shall find in its environment.
    pub(crate) fn run(command: &mut Command, folder: &Path, arguments: &str, address: &str) -> Self {
        let mut process = command
            .arg("serve")
            .args(arguments.split_whitespace())
            .args(["--listen", address])
            .current_dir(folder)
            .env_remove("SINPYO_HOME")
            .env_remove("SINPYO_REGISTRY")
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let mut line = String::new();
        BufReader::new(process.stdout.take().unwrap()).read_line(&mut line).unwrap();
        let ready: Value = serde_json::from_str(&line).unwrap();
        Self { process, url: ready["url"].as_str().unwrap().to_owned() }
    }

    pub(crate) fn address(&self) -> &str {
        self.url.strip_prefix("http://").unwrap()
    }

    /// Tells it to stop, and waits.
    pub(crate) fn terminate(mut self) -> ExitStatus {
        let id = self.process.id().to_string();
        assert!(Command::new("kill").args(["-TERM", &id]).status().unwrap().success());
        self.process.wait().unwrap()
    }

    /// kill -9.
    pub(crate) fn kill(mut self) {
        self.process.kill().unwrap();
        self.process.wait().unwrap();
    }

    /// One request on a connection of its own: status, head and body.
    pub(crate) fn ask(&self, method: &str, path: &str, body: &[u8]) -> (u16, String, Vec<u8>) {
        let mut stream = TcpStream::connect(self.address()).unwrap();
        stream.set_read_timeout(Some(Duration::from_secs(20))).unwrap();
        let head = format!(
            "{method} {path} HTTP/1.1\r\nhost: a\r\nconnection: close\r\ncontent-type: application/json\r\ncontent-length: {}\r\n\r\n",
            body.len()
        );
        stream.write_all(head.as_bytes()).unwrap();
        // A server that refuses a long body does not read it.
        let _ = stream.write_all(body);
        answer_of(&mut stream)
    }

    pub(crate) fn get(&self, path: &str) -> (u16, Vec<u8>) {
        let (status, _, body) = self.ask("GET", path, b"");
        (status, body)
    }

    pub(crate) fn json(&self, path: &str) -> Value {
        let (status, body) = self.get(path);
        assert_eq!(status, 200, "{path}");
        serde_json::from_slice(&body).unwrap()
    }
}

impl Drop for Served {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

/// What a server sent until it closed the connection.
pub(crate) fn answer_of(stream: &mut TcpStream) -> (u16, String, Vec<u8>) {
    let mut bytes = Vec::new();
    let _ = stream.read_to_end(&mut bytes);
    let end = bytes.windows(4).position(|four| four == b"\r\n\r\n").unwrap_or(bytes.len());
    let head = String::from_utf8_lossy(&bytes[..end]).into_owned();
    let status = head.split(' ').nth(1).and_then(|status| status.parse().ok()).unwrap_or(0);
    (status, head, bytes.get(end + 4..).unwrap_or_default().to_vec())
}

/// Waits until `done`, at most `patience`.
pub(crate) fn until(patience: Duration, what: &str, mut done: impl FnMut() -> bool) {
    let begun = Instant::now();
    while !done() {
        assert!(begun.elapsed() < patience, "{what} did not happen in {patience:?}");
        std::thread::sleep(Duration::from_millis(50));
    }
}
