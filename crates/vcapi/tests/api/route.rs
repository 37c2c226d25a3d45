use crate::world::World;
use http::{Request, header};
use serde_json::{Value, json};
use sinpyo_vcapi::Api;

#[test]
fn what_is_not_there_is_404_and_another_method_405() {
    let world = World::conformance();
    for (method, path, status) in [
        ("GET", "/", 404),
        ("GET", "/credentials", 404),
        ("POST", "/credentials/verify/more", 405),
        ("GET", "/issuers/eddsa-rdfc-2022/credentials/issue", 405),
        ("POST", "/issuers//credentials/issue", 404),
        ("POST", "/issuers/nobody/credentials/issue", 415),
        ("PUT", "/instances", 405),
        ("POST", "/instances", 405),
        ("DELETE", "/openapi.json", 405),
        ("GET", "/%FF", 404),
        ("GET", "/credentials/", 404),
        ("POST", "/oauth/token", 404),
    ] {
        let request = Request::builder().method(method).uri(path).body(Vec::new()).unwrap();
        let answer = world.ask(request);
        assert_eq!(answer.status().as_u16(), status, "{method} {path}");
        assert_eq!(answer.headers().contains_key(header::ALLOW), status == 405, "{method} {path}");
        assert_eq!(answer.headers()[header::CONTENT_TYPE], "application/problem+json");
    }
    let body = json!({"credential": {}});
    assert_eq!(world.post("/issuers/nobody/credentials/issue", &body).1["rule"], "VCA-13");
    let head = Request::builder().method("HEAD").uri("/instances").body(Vec::new()).unwrap();
    assert_eq!(world.ask(head).status(), 200);
}

#[test]
fn a_body_that_is_not_called_json_is_415() {
    let world = World::conformance();
    let ask = |media: Option<&str>| {
        let mut request = Request::builder().method("POST").uri("/credentials/verify");
        if let Some(media) = media {
            request = request.header("content-type", media);
        }
        world.ask(request.body(b"{}".to_vec()).unwrap()).status().as_u16()
    };
    for media in [None, Some("text/plain"), Some("application/jsonx"), Some("text/json+json")] {
        assert_eq!(ask(media), 415, "{media:?}");
    }
    for media in ["application/json", "application/json; charset=utf-8", "Application/LD+JSON"] {
        assert_eq!(ask(Some(media)), 400, "{media}");
    }
}

#[test]
fn a_body_that_is_too_long_is_413() {
    let world = World::conformance();
    let api = Api { settings: &world.settings, instances: &world.instances, keep: &world.memory };
    let answer = api.too_long();
    let problem: Value = serde_json::from_slice(answer.body()).unwrap();
    assert_eq!((answer.status().as_u16(), &problem["rule"]), (413, &json!("VCA-24")));
}

#[test]
fn the_description_covers_every_route_and_resolves() {
    for (world, secured) in [(World::conformance(), false), (World::production(), true)] {
        let (status, api) = world.get("/openapi.json");
        assert_eq!((status, &api["openapi"]), (200, &json!("3.1.0")));
        let paths = api["paths"].as_object().unwrap();
        for path in ["/credentials/verify", "/issuers/{instance}/credentials/issue", "/1.0/identifiers/{did}"]
        {
            assert!(paths.contains_key(path), "{path}");
        }
        assert_eq!(paths["/credentials/{id}"].as_object().unwrap().len(), 2, "GET and DELETE");
        assert_eq!(paths["/credentials/verify"]["post"].get("security").is_some(), secured);
        let mut references = Vec::new();
        collect(&api, &mut references);
        assert!(references.len() > 20);
        for reference in references {
            let pointer = reference.strip_prefix('#').unwrap();
            assert!(api.pointer(pointer).is_some(), "{reference}");
        }
    }
}

fn collect(value: &Value, references: &mut Vec<String>) {
    match value {
        Value::Object(members) => {
            references.extend(members.get("$ref").and_then(Value::as_str).map(str::to_owned));
            members.values().for_each(|value| collect(value, references));
        }
        Value::Array(values) => values.iter().for_each(|value| collect(value, references)),
        _ => {}
    }
}
