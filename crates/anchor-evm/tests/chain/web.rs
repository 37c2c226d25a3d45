//! The log over HTTP, from servers that are not always well.

use crate::{node::wait_for, world::Log};
use sinpyo_anchor_evm::{
    chain::http_client,
    log::{LogPlace, LogReader, ReadLogError},
    plan::Grown,
};
use sinpyo_tlog::{note::MAX_NOTE, policy::Policy};
use std::{
    io::{BufRead as _, BufReader, Write as _},
    net::TcpListener,
    path::PathBuf,
    thread,
    time::Duration,
};

/// What a server does with a file that it has: gives it, or something else.
type Serve = fn(path: &str, content: Option<Vec<u8>>) -> (u16, Vec<u8>);

fn reader(log: &Log, serve: Serve) -> LogReader {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let base = format!("http://{}/below/here/", listener.local_addr().unwrap());
    let folder = log.folder.path().to_owned();
    thread::spawn(move || {
        for stream in listener.incoming() {
            let mut stream = stream.unwrap();
            let lines = BufReader::new(stream.try_clone().unwrap()).lines();
            let head: Vec<String> = lines.map(Result::unwrap).take_while(|line| !line.is_empty()).collect();
            let path = head[0].split(' ').nth(1).unwrap().strip_prefix("/below/here/").unwrap().to_owned();
            let (status, body) = serve(&path, std::fs::read(PathBuf::from(&folder).join(&path)).ok());
            let length = body.len();
            let _ = write!(
                stream,
                "HTTP/1.1 {status} X\r\nconnection: close\r\ncontent-length: {length}\r\n\r\n"
            );
            let _ = stream.write_all(&body);
        }
    });
    let client = http_client(Duration::from_secs(3)).unwrap();
    LogReader::new(LogPlace::Web(base.parse().unwrap()), Policy::of_log(log.key.clone()), client)
}

fn honest(_: &str, content: Option<Vec<u8>>) -> (u16, Vec<u8>) {
    content.map_or((404, Vec::new()), |content| (200, content))
}

#[test]
fn growth_is_shown_by_tiles_over_http() {
    let log = Log::new();
    let older = log.grow_to(300);
    let newer = log.grow_to(700);
    wait_for(async {
        let reader = reader(&log, honest);
        assert_eq!(reader.checkpoint().await.unwrap().checkpoint().head(), newer);
        let path = reader.growth(older, newer).await.unwrap();
        assert_eq!(Grown::check(older, newer, &path).unwrap().later(), newer);
        // The log grows on and replaces its partial tiles by full ones before they are asked for.
        log.grow_to(768);
        assert!(!log.folder.path().join("tile/0/002.p").exists());
        let path = reader.growth(older, newer).await.unwrap();
        assert_eq!(Grown::check(older, newer, &path).unwrap().later(), newer);
        // A rewritten one does not show it.
        log.rewrite(500);
        let path = reader.growth(older, newer).await.unwrap();
        assert_eq!(Grown::check(older, newer, &path).unwrap_err().code(), "EVM-12");
    });
}

#[test]
fn a_server_that_is_not_well_is_an_error_and_no_checkpoint() {
    let log = Log::new();
    let older = log.grow_to(300);
    let newer = log.grow_to(700);
    let checkpoint = |serve| wait_for(async { reader(&log, serve).checkpoint().await.unwrap_err() });
    assert!(matches!(checkpoint(|_, _| (500, Vec::new())), ReadLogError::Status(500)));
    assert!(matches!(checkpoint(|_, _| (302, Vec::new())), ReadLogError::Status(302)));
    assert!(matches!(checkpoint(|_, _| (404, Vec::new())), ReadLogError::Missing));
    assert!(matches!(checkpoint(|_, _| (200, vec![b'a'; MAX_NOTE + 1])), ReadLogError::TooLong));
    assert!(matches!(checkpoint(|_, _| (200, vec![0xff; 70])), ReadLogError::Checkpoint(_)));
    let growth = |serve| wait_for(async { reader(&log, serve).growth(older, newer).await.unwrap_err() });
    assert!(matches!(growth(|_, _| (404, Vec::new())), ReadLogError::Missing));
    assert!(matches!(growth(|_, _| (200, vec![0; 31])), ReadLogError::Tile));
    assert!(matches!(growth(|_, _| (200, vec![0; 9000])), ReadLogError::TooLong));
    assert!(matches!(growth(|_, _| (503, vec![0; 9000])), ReadLogError::Status(503)));
}
