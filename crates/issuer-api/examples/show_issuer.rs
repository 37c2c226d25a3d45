//! The pages of an issuer with one tenant, served to one machine, for looking at them.
//!
//! `cargo run --example show_issuer -p sinpyo-issuer-api`: prints `{"ready":true,"url":…,"offer":…}`. The account is `admin` with the
//! password `look at these pages`. Its memory ends with it, its keys are known to everybody.
//!
//! Not a server for anything else: one request at a time, no limits, no TLS.

use http::Request;
use serde_json::{Value, json};
use sinpyo_core::{
    Secret,
    document::{
        DidDocument, PublicKeyMaterial, VerificationMethod, VerificationRelationship::AssertionMethod,
    },
    json::parse_object,
    resolved::Resolved,
    time::Timestamp,
};
use sinpyo_crypto::{Algorithm, KeySigner};
use sinpyo_issuer_api::{Identities, Identity, ManagementClient, Reply, Service, Settings, Standing, Tenant};
use sinpyo_jose::{JwtHeader, KeyHint, Typ, sign};
use sinpyo_state::MemoryState;
use sinpyo_testkit::{TestEntropy, key};
use sinpyo_web::audit::LogWord;
use std::{
    error::Error,
    io::{BufRead, BufReader, Read, Write},
    net::{IpAddr, TcpListener, TcpStream},
    sync::Arc,
};

type Outcome<T> = Result<T, Box<dyn Error>>;

#[derive(Debug)]
struct One(Arc<Identity>);

impl Identities for One {
    fn identity(&self, _: &str) -> Option<Arc<Identity>> {
        Some(Arc::clone(&self.0))
    }
}

fn main() -> Outcome<()> {
    let listener = TcpListener::bind("127.0.0.1:0")?;
    let url = format!("http://{}", listener.local_addr()?);
    let entropy = &mut TestEntropy::new(std::process::id().into());
    let service = service(&url, entropy)?;
    let offers: Vec<String> = (0..3).map(|_| offer(&service, &url, entropy)).collect::<Outcome<_>>()?;
    println!("{}", json!({ "ready": true, "url": url, "offers": offers }));
    for stream in listener.incoming().flatten() {
        let _gone = serve(stream, &service, entropy);
    }
    Ok(())
}

fn now() -> Outcome<Timestamp> {
    Ok("2026-11-22T06:30:00Z".parse()?)
}

fn service(url: &str, entropy: &mut TestEntropy) -> Outcome<Service> {
    let id: sinpyo_core::did::KeyId = "did:web:issuer.example#key-1".parse()?;
    let signing = key(Algorithm::Es256, 1);
    let method = VerificationMethod {
        id: id.clone(),
        controller: id.did(),
        key: PublicKeyMaterial::Multikey(signing.verifying_key().to_multikey()),
        revoked: None,
    };
    let own = Resolved::immutable(DidDocument::new(id.did()).with_key(method, &[AssertionMethod]));
    let standing = Standing { document: Some(own), ..Standing::default() };
    let identity = Identity::new(Arc::new(KeySigner::new(id, signing)), standing)?;
    let state = Arc::new(MemoryState::new());
    let settings =
        Settings::new(url.parse()?, Secret::new([7; 32]), state, Arc::new(One(Arc::new(identity))))?;
    let service = Service::open(settings, now()?, entropy)?;
    let tenant =
        json!({ "id": "busan", "name": { "ko": "부산광역시 해운대구", "en": "Haeundae-gu, Busan" } });
    service.tenants().enter(&Tenant::parse(parse_object(tenant.to_string().as_bytes())?)?)?;
    let jwk = Value::Object(key(Algorithm::Es256, 90).verifying_key().to_jwk().members().clone());
    let client = json!({ "id": "portal", "keys": [jwk], "scope": "issue status read admin" });
    service.clients().enter(&ManagementClient::parse(parse_object(client.to_string().as_bytes())?)?)?;
    let password = Secret::new("look at these pages".to_owned());
    service.accounts().enter(&LogWord::parse("admin")?, &password, now()?, entropy)?;
    Ok(service)
}

/// Offers a credential by the management interface, and says where its page is.
fn offer(service: &Service, url: &str, entropy: &mut TestEntropy) -> Outcome<String> {
    let mut id = [0; 16];
    sinpyo_core::key::Entropy::fill(entropy, &mut id);
    let signing = key(Algorithm::Es256, 90);
    let public = signing.verifying_key().clone();
    let claims = json!({ "iss": "portal", "sub": "portal", "aud": format!("{url}/manage/token"),
        "jti": sinpyo_core::encoding::to_base64url(&id), "exp": now()?.unix() + 60 });
    let signer = KeySigner::new("did:x:y#k".parse()?, signing);
    let header = JwtHeader::new(Typ::CLIENT_AUTHENTICATION, KeyHint::Kid("k"));
    let assertion = sign(header, &parse_object(claims.to_string().as_bytes())?, (&signer, &public))?;
    let body = sinpyo_oauth::form::encode([
        ("grant_type", "client_credentials"),
        ("client_assertion_type", sinpyo_oauth::ASSERTION_TYPE),
        ("client_assertion", &assertion),
    ]);
    let host = url.trim_start_matches("http://");
    let request = |path: &str, media: &str| {
        Request::post(format!("{url}{path}")).header("host", host).header("content-type", media)
    };
    let token = request("/manage/token", "application/x-www-form-urlencoded").body(body.into_bytes())?;
    let token = answered(service, &token, entropy)?;
    let token = token.get("access_token").and_then(Value::as_str).ok_or("no token")?.to_owned();
    let order = json!({ "configurations": ["K01-sd-jwt"],
        "claims": { "family_name": "김", "given_name": "하늘", "birth_date": "1990-05-01" } });
    let request = request("/manage/busan/offers", "application/json")
        .header("authorization", format!("Bearer {token}"))
        .body(order.to_string().into_bytes())?;
    let made = answered(service, &request, entropy)?;
    Ok(made.get("page").and_then(Value::as_str).ok_or("no page")?.to_owned())
}

fn answered(service: &Service, request: &Request<Vec<u8>>, entropy: &mut TestEntropy) -> Outcome<Value> {
    match service.answer(request, IpAddr::from([127, 0, 0, 1]), now()?, entropy) {
        Reply::Response(response) => Ok(serde_json::from_slice(response.body())?),
        Reply::Feed(_) => Err("a feed".into()),
    }
}

fn serve(mut stream: TcpStream, service: &Service, entropy: &mut TestEntropy) -> Outcome<()> {
    let mut reader = BufReader::new(stream.try_clone()?);
    let mut line = String::new();
    reader.read_line(&mut line)?;
    let mut first = line.split(' ');
    let (method, target) = (first.next().ok_or("no method")?, first.next().ok_or("no target")?);
    let mut request = Request::builder().method(method).uri(target);
    let mut length = 0;
    loop {
        let mut line = String::new();
        reader.read_line(&mut line)?;
        let Some((name, value)) = line.trim_end().split_once(": ") else { break };
        if name.eq_ignore_ascii_case("content-length") {
            length = value.parse()?;
        }
        request = request.header(name, value);
    }
    let mut body = vec![0; length];
    reader.read_exact(&mut body)?;
    let reply = service.answer(&request.body(body)?, stream.peer_addr()?.ip(), now()?, entropy);
    let (mut head, body) = match reply {
        Reply::Response(response) => {
            let mut head = format!("HTTP/1.1 {}\r\nconnection: close\r\n", response.status());
            for (name, value) in response.headers() {
                head.extend([name.as_str(), ": ", value.to_str()?, "\r\n"]);
            }
            (head, response.into_body())
        }
        Reply::Feed(mut feed) => {
            let head =
                "HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\nconnection: close\r\n".to_owned();
            (head, feed.next(now()?)?.unwrap_or_default())
        }
    };
    head.extend(["content-length: ", &body.len().to_string(), "\r\n\r\n"]);
    stream.write_all(&[head.as_bytes(), &body].concat())?;
    Ok(())
}
