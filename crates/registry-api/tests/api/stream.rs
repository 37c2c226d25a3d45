use crate::world::{World, header, now, refused};
use http::Request;
use serde_json::Value;
use sinpyo_registry_api::{Answer, Cursor, Stream};

fn stream(world: &World, path: &str, last: Option<&str>) -> Stream {
    let mut request = Request::get(path);
    if let Some(last) = last {
        request = request.header("last-event-id", last);
    }
    match world.api().answer(&request.body("").unwrap(), now()) {
        Answer::Stream(stream) => stream,
        Answer::Whole(response) => panic!("{}", String::from_utf8_lossy(response.body())),
    }
}

/// Kind and data of each frame; ids are those of entries.
fn frames(world: &World, cursor: &mut Cursor) -> Vec<(String, Value)> {
    let text = String::from_utf8(world.api().events(cursor).unwrap()).unwrap();
    let frame = |frame: &str| {
        let mut lines = frame.lines().collect::<Vec<_>>();
        let data: Value = serde_json::from_str(lines.pop().unwrap().strip_prefix("data: ").unwrap()).unwrap();
        let kind = lines.pop().unwrap().strip_prefix("event: ").unwrap().to_owned();
        let id = lines.pop().map(|line| line.strip_prefix("id: ").unwrap().to_owned());
        assert_eq!(id, data["index"].as_u64().map(|index| index.to_string()));
        assert!(lines.is_empty());
        (kind, data)
    };
    assert!(text.is_empty() || text.ends_with("\n\n"));
    text.split_terminator("\n\n").map(frame).collect()
}

#[test]
fn entries_and_checkpoints_come_as_they_are_made() {
    let world = World::new();
    let Stream { head, mut cursor } = stream(&world, "/events?from=1", None);
    assert_eq!(header(&head, "content-type"), "text/event-stream");
    assert_eq!(header(&head, "cache-control"), "no-store");
    let first = frames(&world, &mut cursor);
    assert_eq!(first.iter().map(|(kind, _)| kind.as_str()).collect::<Vec<_>>(), ["entry", "checkpoint"]);
    assert_eq!((&first[0].1["index"], cursor.next()), (&Value::from(1), 2));
    assert!(frames(&world, &mut cursor).is_empty());

    world.grow(1);
    let acknowledged = frames(&world, &mut cursor);
    assert_eq!(
        (acknowledged.len(), &acknowledged[0].1["index"]),
        (1, &Value::from(2)),
        "before any checkpoint"
    );
    world.publish();
    let published = frames(&world, &mut cursor);
    assert_eq!((published.len(), published[0].0.as_str()), (1, "checkpoint"));
    assert!(published[0].1["checkpoint"].as_str().unwrap().starts_with("ledger.example/2026\n3\n"));
}

#[test]
fn a_stream_goes_on_where_it_broke_off() {
    let world = World::new();
    world.grow(5);
    assert_eq!(stream(&world, "/events?from=1", Some("4")).cursor.next(), 5, "the header counts more");
    assert_eq!(stream(&world, "/events", None).cursor.next(), 7, "what comes next");
    for path in ["/events?from=x", "/events?from=-1"] {
        assert_eq!(refused(&world.get(path)), (400, "RGA-05"), "{path}");
    }
    let bad = Request::get("/events").header("last-event-id", "18446744073709551615").body("").unwrap();
    assert_eq!(refused(&world.whole(&bad)), (400, "RGA-05"));
}

#[test]
fn a_stream_is_sent_in_bounded_pieces() {
    let world = World::new();
    world.grow(198);
    let mut cursor = Cursor::at(0);
    let mut counts = Vec::new();
    while cursor.next() < 200 {
        counts.push(frames(&world, &mut cursor).iter().filter(|(kind, _)| kind == "entry").count());
    }
    assert_eq!(counts, [64, 64, 64, 8]);
    let mut beyond = Cursor::at(1_000_000);
    assert_eq!(
        frames(&world, &mut beyond).len(),
        1,
        "the checkpoint, by which a reader sees how far the log is"
    );
    assert_eq!(beyond.next(), 1_000_000);
}
