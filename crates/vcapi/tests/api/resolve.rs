use crate::world::World;
use http::Request;
use serde_json::{Value, json};
use sinpyo_vcapi::Fact;

const KEY: &str = "did:key:z6MkhaXgBZDvotDkL5257faiztiGiC2QtKLGpbnnEGta2doK";

fn resolve(world: &World, target: &str, accept: &str) -> (u16, String, Value) {
    let request = Request::builder().uri(format!("/1.0/identifiers/{target}")).header("accept", accept);
    let answer = world.ask(request.body(Vec::new()).unwrap());
    let kind = answer.headers().get("content-type").map(|kind| kind.to_str().unwrap().to_owned());
    let body = serde_json::from_slice(answer.body()).unwrap_or(Value::Null);
    (answer.status().as_u16(), kind.unwrap_or_default(), body)
}

#[test]
fn each_representation_is_given_under_its_media_type() {
    let world = World::conformance();
    let (status, kind, result) = resolve(&world, KEY, "application/did-resolution");
    assert_eq!((status, kind.as_str()), (200, "application/did-resolution"));
    assert_eq!(result["didDocument"]["id"], KEY);
    for media in ["application/did+json", "application/did+ld+json"] {
        let (status, kind, document) = resolve(&world, KEY, media);
        assert_eq!((status, kind.as_str(), &document["id"]), (200, media, &json!(KEY)));
    }
    let (_, _, part) =
        resolve(&world, &format!("{KEY}%23{}", &KEY[8..]), "application/did-url-dereferencing");
    assert_eq!(part["contentStream"]["id"], format!("{KEY}#{}", &KEY[8..]));
    let encoded = KEY.replace(':', "%3A");
    assert_eq!(resolve(&world, &encoded, "application/did-resolution").0, 200);
    let body = Request::builder().method("POST").uri(format!("/1.0/identifiers/{KEY}"));
    let answer = world.ask(body.header("content-type", "application/json").body(b"{}".to_vec()).unwrap());
    assert_eq!(answer.status(), 200);
}

#[test]
fn each_error_has_its_status() {
    let mut world = World::conformance();
    let absent = "https://gone.example/.well-known/did.json";
    world.web.insert(absent.into(), Fact::Absent);
    for (target, status, error) in [
        ("did:key:zzz", 400, "INVALID_DID"),
        ("nonsense", 400, "INVALID_DID"),
        ("", 400, "INVALID_DID"),
        ("did:unheard:1", 501, "METHOD_NOT_SUPPORTED"),
        ("did:web:gone.example", 404, "NOT_FOUND"),
        ("did:web:silent.example", 404, "NOT_FOUND"),
        ("did:tlog:zQmUnheard", 404, "NOT_FOUND"),
    ] {
        let (found, _, result) = resolve(&world, target, "application/did-resolution");
        let kind = result["didResolutionMetadata"]["error"]["type"].as_str().unwrap_or_default();
        assert_eq!(
            (found, kind),
            (status, format!("https://www.w3.org/ns/did#{error}").as_str()),
            "{target} {result}"
        );
        assert_eq!(result["didDocument"], Value::Null);
    }
    assert_eq!(resolve(&world, KEY, "text/html").0, 406);
    let legacy = "application/ld+json;profile=\"https://w3id.org/did-resolution\"";
    let (_, _, result) = resolve(&world, "did:key:zzz", legacy);
    assert!(result["didResolutionMetadata"]["error"].is_string());
}

#[test]
fn a_document_on_the_web_is_fetched_and_a_service_redirects() {
    let mut world = World::conformance();
    let document = json!({"id": "did:web:a.example", "service": [
        {"id": "did:web:a.example#files", "type": "Files", "serviceEndpoint": "https://files.example/x"}]});
    world.web.insert(
        "https://a.example/.well-known/did.json".into(),
        Fact::Body(document.to_string().into_bytes()),
    );
    let (status, _, result) = resolve(&world, "did:web:a.example", "application/did-resolution");
    assert_eq!((status, &result["didDocument"]), (200, &document));
    let request = Request::builder().uri("/1.0/identifiers/did:web:a.example?service=files");
    let answer =
        world.ask(request.header("accept", "application/did-url-dereferencing").body(Vec::new()).unwrap());
    assert_eq!((answer.status().as_u16(), answer.body().len()), (303, 0));
    assert_eq!(answer.headers()["location"], "https://files.example/x");
}
