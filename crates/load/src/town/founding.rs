//! The ledger of a town, its organisations, and their places in the services.

use super::{
    ISSUER, PROGRAM, Service, Town, VERIFIER, WALLET,
    business::{CLAIMS, PROFILE, SERVICE},
};
use crate::{flow::Trust, manage::Program};
use anyhow::{Context as _, Result, ensure};
use serde_json::{Map, Value, json};
use sinpyo_core::{Secret, document::DidDocument, json as strict, resolved::Resolved};
use sinpyo_crypto::SigningKey;
use sinpyo_oauth::url::Transport;
use sinpyo_proof::KeyRing;
use std::{fs, process::Command, sync::Arc};

impl Town {
    /// The ledger, its organisations and their rights, and what wallets have to know of them.
    pub(super) fn settle(&mut self) -> Result<()> {
        let mut trust = Trust { transport: Transport::LoopbackToo, ..Trust::default() };
        for (name, ko, en) in
            [(ISSUER, "행정안전부", "Ministry of the Interior"), (VERIFIER, "우정사업본부", "Korea Post")]
        {
            let told = self.sinpyo(&["did", "create", name, "--ko", ko, "--en", en])?;
            let did = told.get("did").and_then(Value::as_str).context("an organisation without a DID")?;
            self.dids.insert(name, did.to_owned());
        }
        self.sinpyo(&["accredit", "issue", "--by", ISSUER, "--to", ISSUER, "--profile", PROFILE])?;
        let mut request = vec!["accredit", "request", "--by", ISSUER, "--to", VERIFIER];
        request.extend(["--service", SERVICE, "--profile", PROFILE]);
        request.extend(CLAIMS.iter().flat_map(|claim| ["--claim", claim]));
        self.sinpyo(&request)?;
        trust.issuers = KeyRing::of(&self.resolved(ISSUER)?);
        trust.verifiers.push(self.resolved(VERIFIER)?);
        self.trust = Arc::new(trust);
        Ok(())
    }

    fn did(&self, organisation: &str) -> Result<&str> {
        self.dids.get(organisation).map(String::as_str).context("an organisation without a DID")
    }

    fn resolved(&self, organisation: &str) -> Result<Resolved> {
        let told = self.sinpyo(&["did", "resolve", self.did(organisation)?])?;
        let document = told.get("didDocument").or_else(|| told.get("document")).and_then(Value::as_object);
        Ok(Resolved::immutable(DidDocument::from_json(document.context("no document")?)?))
    }

    /// Makes the tenant of a service, and the program that works for it.
    pub(super) fn enter(&self, service: Service) -> Result<Program> {
        let (organisation, key) = (service.organisation(), self.path(&format!("{}.jwk", service.name())));
        let settings = self.path("settings.json");
        let wallet =
            json!({ "client_id": WALLET, "redirect_uris": [Self::REDIRECT], "authentication": "public" });
        fs::write(&settings, json!({ "wallets": [wallet] }).to_string())?;
        let (settings, did) = (settings.display().to_string(), self.did(organisation)?);
        let mut tenant =
            vec!["service", "tenant", "add", organisation, "--ko", "기관", "--en", "Institution"];
        tenant.extend(["--service", service.name()]);
        match service {
            Service::Issuer => tenant.extend(["--settings", &settings]),
            Service::Verifier => tenant.extend(["--return-to", Self::RETURN, "--did", did]),
        }
        let place = self.place(service);
        tenant.extend(place.iter().map(String::as_str));
        self.sinpyo(&tenant)?;
        let file = key.display().to_string();
        let mut client = vec!["service", "client", "add", PROGRAM, "--service", service.name()];
        client.extend(["--scopes", service.scopes(), "--generate", &file]);
        client.extend(place.iter().map(String::as_str));
        self.sinpyo(&client)?;
        let mut jwk = strict::parse_object(&fs::read(key)?)?;
        jwk.remove("kid");
        jwk.remove("alg");
        let key = SigningKey::from_private_jwk(&Secret::new(Value::Object(jwk).to_string()))?;
        Ok(Program { id: PROGRAM.to_owned(), key })
    }

    /// Runs a command of the program to its end, and returns what it said last.
    fn sinpyo(&self, words: &[&str]) -> Result<Map<String, Value>> {
        let mut command = Command::new(&self.binary);
        command.arg("--home").arg(self.path("home")).arg("--json").args(words);
        let output = command.output().with_context(|| format!("cannot start {}", self.binary.display()))?;
        let said = String::from_utf8_lossy(&output.stderr);
        ensure!(output.status.success(), "sinpyo {}: {said}", words.join(" "));
        let told = String::from_utf8_lossy(&output.stdout);
        Ok(strict::parse_object(told.lines().last().unwrap_or("{}").as_bytes())?)
    }
}
