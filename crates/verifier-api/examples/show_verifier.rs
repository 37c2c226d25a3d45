//! The verifier's pages on this machine, for looking at them: `cargo run --example show_verifier -p sinpyo-verifier-api`.
//!
//! Prints `{"ready":true,"url":…,"token":…}`; the token manages the tenant `posts`, and the account at `/admin` is `clerk`
//! with `password-password`. Not a server for anything else: nothing is kept, and no fact is ever known.

use http::{Method, Request, header};
use serde_json::json;
use sinpyo_core::{Secret, accreditation::LocalizedName, key::Signer, time::Timestamp};
use sinpyo_crypto::{Algorithm, KeySigner, SigningKey};
use sinpyo_jose::{JwtHeader, KeyHint, Typ, sign};
use sinpyo_oauth::access::Scopes;
use sinpyo_openid4vp::{
    TransactionTypes,
    verifier::{Lifetimes, Name},
};
use sinpyo_state::{MemoryState, State};
use sinpyo_testkit::TestEntropy;
use sinpyo_verifier::Known;
use sinpyo_verifier_api::{
    Facts, Incoming, Names, Retention, Service, ServiceKey, Settings, SigningName, Step, Wanted, World,
    client::Client, tenant::Tenant,
};
use sinpyo_web::{
    account::Accounts,
    audit::LogWord,
    form::percent_encoded,
    site::{Site, Transport},
};
use std::{
    error::Error,
    io::{BufRead, BufReader, Read, Write},
    net::{IpAddr, Ipv4Addr, TcpListener, TcpStream},
    time::{SystemTime, UNIX_EPOCH},
};

type Outcome<T> = Result<T, Box<dyn Error>>;

#[derive(Debug)]
struct Nothing;

impl Facts for Nothing {
    fn known(&self, _: &Wanted) -> Option<Known> {
        None
    }
}

#[expect(clippy::disallowed_methods, reason = "an edge, for looking at pages")]
fn now() -> Outcome<Timestamp> {
    let since = SystemTime::now().duration_since(UNIX_EPOCH)?;
    Timestamp::from_unix(i64::try_from(since.as_secs())?).ok_or_else(|| "no time".into())
}

struct Shown {
    service: Service,
    state: MemoryState,
    entropy: TestEntropy,
    url: String,
}

fn main() -> Outcome<()> {
    let listener = TcpListener::bind("127.0.0.1:0")?;
    let url = format!("http://{}", listener.local_addr()?);
    let mut entropy = TestEntropy::new(now()?.unix().unsigned_abs());
    let key = SigningKey::generate(Algorithm::Es256, &mut entropy);
    let key_id = "did:example:posts#0".parse()?;
    let name = SigningName {
        name: Name::Did { key_id: "did:example:posts#0".parse()? },
        signer: KeySigner::new(key_id, key),
    };
    let settings = Settings {
        site: Site::new(url.parse()?, vec![]),
        operator: LocalizedName { ko: "신표 검증 서비스".into(), en: "Sinpyo verifier".into() },
        key: ServiceKey::new(Secret::new([7; 32])),
        names: Names::new(vec![name]),
        lifetimes: Lifetimes::default(),
        retention: Retention::default(),
        transaction_types: TransactionTypes::new(),
        catalogue: |_| None,
    };
    let mut shown = Shown { service: Service::new(settings), state: MemoryState::new(), entropy, url };
    shown.fill()?;
    for stream in listener.incoming().flatten() {
        let _gone = shown.serve(stream);
    }
    Ok(())
}

impl Shown {
    fn fill(&mut self) -> Outcome<()> {
        let now = now()?;
        let name = LocalizedName {
            ko: "한국우정사업진흥원".into(),
            en: "Korea Postal Service Agency".into(),
        };
        let mut tenant = Tenant::new("posts".parse()?, name);
        tenant.return_to = vec!["https://shop.example/back".to_owned()];
        self.state.commit_owned(&[tenant.change(&self.state, now)?])?;
        let accounts = Accounts { state: &self.state, cookie: "verifier-admin", transport: Transport::Plain };
        let password = Secret::new("password-password".to_owned());
        accounts.enter(&LogWord::parse("clerk")?, &password, now, &mut self.entropy)?;
        let key = SigningKey::generate(Algorithm::Es256, &mut self.entropy);
        let signer = KeySigner::new("did:example:shop#0".parse()?, key);
        let public = signer.key().verifying_key();
        let client =
            Client { id: "shop".to_owned(), keys: vec![public.clone()], scopes: Scopes::all(), tenant: None };
        self.state.commit_owned(&[client.change(&self.state, now)?])?;
        let aud = format!("{}/manage", self.url);
        let claims = json!({"iss": "shop", "sub": "shop", "aud": aud, "exp": now.unix() + 60, "jti": "once"});
        let claims = claims.as_object().ok_or("no claims")?;
        let pair: (&dyn Signer, _) = (&signer, public);
        let assertion = sign(JwtHeader::new(Typ::ABSENT, KeyHint::None), claims, pair)?;
        let kind = percent_encoded(sinpyo_oauth::ASSERTION_TYPE);
        let body = format!(
            "grant_type=client_credentials&client_assertion_type={kind}&client_assertion={assertion}"
        );
        let request = Request::post("/manage/token")
            .header(header::HOST, self.url.trim_start_matches("http://"))
            .header(header::CONTENT_TYPE, "application/x-www-form-urlencoded")
            .body(body.into_bytes())?;
        let Step::Answer(answer) = self.answer(&request)? else { return Err("no token".into()) };
        let answer: serde_json::Value = serde_json::from_slice(answer.body())?;
        println!("{}", json!({"ready": true, "url": self.url, "token": answer.get("access_token")}));
        Ok(())
    }

    fn answer(&mut self, request: &Request<Vec<u8>>) -> Outcome<Step> {
        let world = World { state: &self.state, facts: &Nothing, now: now()? };
        let peer = IpAddr::V4(Ipv4Addr::LOCALHOST);
        Ok(self.service.answer(&mut Incoming::new(request, peer), &world, &mut self.entropy))
    }

    fn serve(&mut self, mut stream: TcpStream) -> Outcome<()> {
        let mut reader = BufReader::new(stream.try_clone()?);
        let mut line = String::new();
        reader.read_line(&mut line)?;
        let mut words = line.split(' ');
        let method: Method = words.next().ok_or("no method")?.parse()?;
        let mut request = Request::builder().method(method).uri(words.next().ok_or("no target")?);
        let mut length = 0_usize;
        loop {
            let mut line = String::new();
            reader.read_line(&mut line)?;
            let Some((name, value)) = line.trim_end().split_once(": ") else { break };
            if name.eq_ignore_ascii_case("content-length") {
                length = value.parse()?;
            }
            request = request.header(name, value);
        }
        let mut body = vec![0; length.min(1 << 20)];
        reader.read_exact(&mut body)?;
        let Step::Answer(response) = self.answer(&request.body(body)?)? else {
            stream.write_all(b"HTTP/1.1 503 x\r\nconnection: close\r\ncontent-length: 0\r\n\r\n")?;
            return Ok(());
        };
        let mut head = format!("HTTP/1.1 {}\r\nconnection: close\r\n", response.status());
        for (name, value) in response.headers().iter().filter(|(name, _)| **name != header::CONTENT_LENGTH) {
            head.extend([name.as_str(), ": ", value.to_str()?, "\r\n"]);
        }
        head.extend(["content-length: ", &response.body().len().to_string(), "\r\n\r\n"]);
        stream.write_all(&[head.as_bytes(), response.body()].concat())?;
        Ok(())
    }
}
