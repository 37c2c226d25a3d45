//! Somebody between a registry and those who ask it.

use crate::served::Served;
use std::{
    io::{Read, Write},
    net::{TcpListener, TcpStream},
};

/// Passes requests on, but answers one path itself.
pub(crate) struct Liar;

impl Liar {
    /// Stands before `server`, and answers `path` with `lie`. Returns its URL.
    pub(crate) fn before(server: &Served, path: &str, lie: String) -> String {
        Self::in_turn(server, path, vec![lie])
    }

    /// The same with one lie after the other; the last is repeated.
    pub(crate) fn in_turn(server: &Served, path: &str, lies: Vec<String>) -> String {
        let socket = TcpListener::bind("127.0.0.1:0").unwrap();
        let url = format!("http://{}", socket.local_addr().unwrap());
        let (path, address) = (path.to_owned(), server.address().to_owned());
        std::thread::spawn(move || {
            let mut told = 0;
            for stream in socket.incoming() {
                let lie = &lies[told.min(lies.len() - 1)];
                told += usize::from(answer(stream.unwrap(), &address, (&path, lie)));
            }
        });
        url
    }
}

/// Whether it lied.
fn answer(mut client: TcpStream, address: &str, (path, lie): (&str, &str)) -> bool {
    let mut head = Vec::new();
    while !head.ends_with(b"\r\n\r\n") {
        let mut byte = [0];
        if client.read(&mut byte).unwrap_or(0) == 0 {
            return false;
        }
        head.push(byte[0]);
    }
    let head = String::from_utf8(head).unwrap();
    let asked = head.split(' ').nth(1).unwrap();
    if asked == path {
        let answer = format!(
            "HTTP/1.1 200 OK\r\ncontent-type: application/json\r\nconnection: close\r\ncontent-length: {}\r\n\r\n{lie}",
            lie.len()
        );
        let _ = client.write_all(answer.as_bytes());
        return true;
    }
    let mut server = TcpStream::connect(address).unwrap();
    let request = format!("GET {asked} HTTP/1.1\r\nhost: a\r\nconnection: close\r\n\r\n");
    server.write_all(request.as_bytes()).unwrap();
    let mut answer = Vec::new();
    server.read_to_end(&mut answer).unwrap();
    let _ = client.write_all(&answer);
    false
}
