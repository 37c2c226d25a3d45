//! The VC API server as a process: started, asked, killed, started again.
#![expect(clippy::unwrap_used, clippy::indexing_slicing, reason = "test")]

#[path = "support/files.rs"]
mod files;
mod support;

use files::files_below;
use reqwest::{Client, Method};
use serde_json::{Value, json};
use std::{
    fs,
    io::{BufRead, BufReader},
    os::unix::fs::PermissionsExt,
    path::Path,
    process::{Child, Command, Stdio},
};
use support::{json_of, sinpyo};

/// A running server; killed without warning when it goes out of scope.
struct Server {
    process: Child,
    url: String,
    client: Client,
    token: Option<String>,
}

impl Server {
    fn start(folder: &Path, options: &[&str]) -> Self {
        let mut process = Command::new(env!("CARGO_BIN_EXE_sinpyo"))
            .args(["serve", "vcapi", "--listen", "127.0.0.1:0", "--data", "data"])
            .args(options)
            .current_dir(folder)
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let mut line = String::new();
        BufReader::new(process.stdout.take().unwrap()).read_line(&mut line).unwrap();
        let ready: Value = serde_json::from_str(&line).unwrap();
        assert_eq!(ready["ready"], true);
        let _ = rustls::crypto::aws_lc_rs::default_provider().install_default();
        let client = Client::builder().danger_accept_invalid_certs(true).build().unwrap();
        Self { process, url: ready["url"].as_str().unwrap().to_owned(), client, token: None }
    }

    async fn ask(&self, method: Method, path: &str, body: Option<&Value>) -> (u16, Value) {
        let mut request = self.client.request(method, format!("{}{path}", self.url));
        if let Some(body) = body {
            request = request.header("content-type", "application/json").body(body.to_string());
        }
        if let Some(token) = &self.token {
            request = request.header("authorization", format!("Bearer {token}"));
        }
        let answer = request.send().await.unwrap();
        let status = answer.status().as_u16();
        (status, serde_json::from_str(&answer.text().await.unwrap()).unwrap_or(Value::Null))
    }

    async fn get(&self, path: &str) -> (u16, Value) {
        self.ask(Method::GET, path, None).await
    }

    async fn post(&self, path: &str, body: &Value) -> (u16, Value) {
        self.ask(Method::POST, path, Some(body)).await
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.process.kill().unwrap();
        self.process.wait().unwrap();
    }
}

fn small(issuer: &Value) -> Value {
    json!({"@context": ["https://www.w3.org/ns/credentials/v2"], "type": ["VerifiableCredential"],
        "issuer": issuer, "credentialSubject": {"id": "did:example:holder"}})
}

#[tokio::test]
async fn a_conformance_server_speaks_tls_and_keeps_its_keys() {
    let folder = tempfile::tempdir().unwrap();
    let server = Server::start(folder.path(), &["--conformance"]);
    assert!(server.url.starts_with("https://127.0.0.1:"));
    let (status, before) = server.get("/instances").await;
    assert_eq!((status, before.as_array().unwrap().len()), (200, 10));
    let one = &before[0];
    let path = format!("/issuers/{}/credentials/issue", one["instance"].as_str().unwrap());
    let (status, answer) = server.post(&path, &json!({"credential": small(&one["did"])})).await;
    assert_eq!(status, 201, "{answer}");
    drop(server);
    let server = Server::start(folder.path(), &["--conformance"]);
    assert_eq!(server.get("/instances").await.1, before);
    let keys = files_below(folder.path())
        .into_iter()
        .filter(|file| file.extension().is_some_and(|end| end == "key"));
    let modes: Vec<_> = keys.map(|key| fs::metadata(key).unwrap().permissions().mode() & 0o777).collect();
    assert_eq!(modes, [0o600; 10]);
}

#[tokio::test]
async fn production_asks_for_tokens_and_forgets_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let run = |arguments: &str| {
        let mut arguments: Vec<_> = arguments.split(' ').collect();
        arguments.push("--json");
        let output = sinpyo(folder.path(), &arguments);
        assert!(output.status.success(), "{arguments:?} {}", String::from_utf8_lossy(&output.stderr));
        json_of(&output)
    };
    let made = run("vcapi instance add seoul --data data --suite eddsa-rdfc-2022 --status suspendable");
    fs::write(folder.path().join("c.jsonld"), r#"{"@context": {"grade": "https://seoul.example/v#grade"}}"#)
        .unwrap();
    run("vcapi context add https://seoul.example/v1 c.jsonld --data data");
    let mut server = Server::start(folder.path(), &[]);
    let mut credential = small(&made["did"]);
    credential["@context"] = json!(["https://www.w3.org/ns/credentials/v2", "https://seoul.example/v1"]);
    credential["credentialSubject"]["grade"] = json!("A");
    let body = json!({ "credential": credential });
    let issue = "/issuers/seoul/credentials/issue";
    let (status, problem) = server.post(issue, &body).await;
    assert_eq!((status, &problem["rule"]), (401, &json!("VCA-08")));
    for member in ["detail", "detail_ko", "mend", "mend_ko"] {
        assert!(problem[member].as_str().is_some_and(|text| !text.is_empty()), "{member}");
    }
    let token = |scope: &str| {
        run(&format!("vcapi token --data data --scope {scope} --minutes 15"))["access_token"]
            .as_str()
            .map(str::to_owned)
    };
    server.token = token("verify");
    assert_eq!(server.post(issue, &body).await.0, 403);
    server.token = token("issue,verify,status");
    let (status, issued) = server.post(issue, &body).await;
    assert_eq!(status, 201, "{issued}");
    let verify = json!({"verifiableCredential": issued["verifiableCredential"]});
    assert_eq!(server.post("/credentials/verify", &verify).await.0, 200);
    let entry = &issued["verifiableCredential"]["credentialStatus"][0];
    let list = entry["statusListCredential"].as_str().unwrap().strip_prefix(&server.url).unwrap().to_owned();
    let (status, _) =
        server.post("/credentials/status", &json!({"credentialStatus": entry, "status": true})).await;
    assert_eq!(status, 200);
    let before = server.get(&list).await.1;
    let token = server.token.take();
    // No warning, no time to write anything.
    drop(server);
    let mut server = Server::start(folder.path(), &[]);
    server.token = token;
    let after = server.get(&list).await.1;
    assert_eq!(after["credentialSubject"]["encodedList"], before["credentialSubject"]["encodedList"]);
    assert_ne!(before["credentialSubject"]["encodedList"], Value::Null);
}

#[test]
fn what_is_unsafe_or_taken_is_refused_at_the_command_line() {
    let folder = tempfile::tempdir().unwrap();
    let refused = |arguments: &str| {
        let arguments: Vec<_> = arguments.split(' ').collect();
        let output = sinpyo(folder.path(), &arguments);
        assert_eq!(output.status.code(), Some(2), "{arguments:?}");
        String::from_utf8_lossy(&output.stderr).into_owned()
    };
    assert!(refused("serve vcapi --listen 0.0.0.0:0 --data data").contains("loopback"));
    for (name, text) in [("a", "https://seoul.example/v#a"), ("b", "https://seoul.example/v#b")] {
        let context = json!({"@context": {"grade": text}});
        fs::write(folder.path().join(name), context.to_string()).unwrap();
    }
    let add = |name| format!("vcapi context add https://seoul.example/v1 {name} --data data");
    assert!(sinpyo(folder.path(), &add("a").split(' ').collect::<Vec<_>>()).status.success());
    refused(&add("b"));
    refused("vcapi instance add ../x --data data --suite vc-jwt");
    refused("vcapi instance add x --data data --suite bbs-2023 --status revocable");
    refused("vcapi client add x --data data --jwk a");
    refused("vcapi token --data data --scope everything");
}
