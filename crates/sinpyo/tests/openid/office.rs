//! An installation with two organisations, and the services that work in it.

use crate::{
    http::Got,
    manage::Program,
    served::Served,
    support::{json_of, sinpyo},
};
use serde_json::{Value, json};
use sinpyo_issuer::Catalogue;
use std::{
    path::{Path, PathBuf},
    process::Output,
};
use tempfile::TempDir;

/// A folder with an installation, tenants and clients.
pub(crate) struct Office(TempDir);

/// What K14 states about somebody.
pub(crate) fn claims() -> Value {
    json!({"customer_ref": "Cfqk6di5xdrm8qkyo", "identity_assured": true, "family_name": "김", "given_name": "한별"})
}

impl Office {
    /// Two organisations with their rights. `place` says where the services remember: `--data …` or `--database …`.
    pub(crate) fn founded(issuer: &str, verifier: &str) -> Self {
        let office = Self(tempfile::tempdir().unwrap());
        for command in [
            "did create moi --ko 행정안전부 --en MOIS",
            "did create post --ko 우정사업본부 --en KoreaPost",
            "accredit issue --by moi --to post --profile K14",
            "accredit request --by moi --to post --service post.login --profile K14 --claim identity_assured --claim family_name --claim given_name",
        ] {
            office.ok(command);
        }
        for (service, place) in [("issuer", issuer), ("verifier", verifier)] {
            let scopes =
                if service == "issuer" { "issue,status,read,admin" } else { "request,result,read,admin" };
            let settings = if service == "issuer" { " --settings tenant.json" } else { "" };
            std::fs::write(
                office.path("tenant.json"),
                r#"{"wallets": [{"client_id": "sinpyo-wallet",
                "redirect_uris": ["http://127.0.0.1/callback"], "authentication": "public"}]}"#,
            )
            .unwrap();
            let did = office.did("post");
            let did = if service == "verifier" { format!(" --did {did}") } else { String::new() };
            office.ok(&format!("service tenant add post --service {service} {place} --ko 우정사업본부 --en KoreaPost{settings}{did}"));
            office.ok(&format!("service client add {service} --service {service} {place} --scopes {scopes} --generate {service}.jwk"));
        }
        office
    }

    pub(crate) fn folder(&self) -> &Path {
        self.0.path()
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }

    pub(crate) fn run(&self, command: &str) -> Output {
        let mut arguments: Vec<_> = command.split(' ').collect();
        arguments.push("--json");
        sinpyo(self.folder(), &arguments)
    }

    /// Runs a command that has to succeed.
    pub(crate) fn ok(&self, command: &str) -> Value {
        let output = self.run(command);
        assert!(output.status.success(), "{command}: {}", told(&output));
        json_of(&output)
    }

    /// Runs a command that a rule has to refuse, and says which.
    pub(crate) fn refused(&self, command: &str) -> String {
        let output = self.run(command);
        assert_eq!(output.status.code(), Some(1), "{command}: {}", told(&output));
        json_of(&output)["code"].as_str().unwrap().to_owned()
    }

    /// Runs a command that cannot be carried out, and says why.
    pub(crate) fn fails(&self, command: &str) -> String {
        let output = self.run(command);
        assert_eq!(output.status.code(), Some(2), "{command}: {}", told(&output));
        String::from_utf8_lossy(&output.stderr).into_owned()
    }

    fn did(&self, name: &str) -> String {
        let file = std::fs::read(self.path(&format!("sinpyo-home/organisations/{name}.json"))).unwrap();
        let file: Value = serde_json::from_slice(&file).unwrap();
        file["keyId"].as_str().unwrap().split('#').next().unwrap().to_owned()
    }

    /// Starts a service; `more` are options.
    pub(crate) fn serve(&self, service: &str, more: &str) -> Served {
        Served::start(self.folder(), &format!("{service} --as post --development --freshness 2 {more}"))
    }

    pub(crate) fn program(&self, base: &str, name: &str) -> Program {
        Program::new(base, &self.path(&format!("{name}.jwk")), name)
    }
}

fn told(output: &Output) -> String {
    format!("{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr))
}

/// An offer of K14 with a transaction code.
pub(crate) fn offer(issuer: &Program) -> Value {
    let order = json!({"configurations": ["K14-sd-jwt"], "claims": claims(), "tx_code": true,
        "grants": ["pre-authorized_code"]});
    created(&issuer.post("/manage/post/offers", &order))
}

/// A request for one claim of K14, under the service code that permits it.
pub(crate) fn request(verifier: &Program, mode: &str) -> Value {
    let order = json!({"query": query(), "service": "post.login", "mode": mode, "number_matching": false,
        "purpose": {"ko": "로그인", "en": "Log in"}, "trust": {"accredited": true}});
    created(&verifier.post("/manage/post/requests", &order))
}

/// Who is an assured customer.
pub(crate) fn query() -> Value {
    let catalogue = Catalogue::bundled().unwrap();
    let vct = catalogue.by_id("K14").unwrap().credential_type().as_str().to_owned();
    json!({"credentials": [{"id": "customer", "format": "dc+sd-jwt", "meta": {"vct_values": [vct]},
        "claims": [{"path": ["identity_assured"]}]}]})
}

pub(crate) fn created(got: &Got) -> Value {
    assert_eq!(got.status, 201, "{}", got.text());
    got.json()
}

pub(crate) fn text<'v>(value: &'v Value, member: &str) -> &'v str {
    value[member].as_str().unwrap_or_else(|| panic!("{member} in {value}"))
}
