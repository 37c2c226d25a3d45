//! `sd-jwt`: the reference implementation's test cases and the examples of both specifications. A case is one of the
//! manifest.
//!
//! Of each the issuance must give the issuer's claims and the presentation the verified contents. Then what nobody
//! signed must be refused: another issuer, a disclosure from elsewhere, another occasion, a missing or unasked-for key
//! binding.

use crate::{expect, given, report::Report};
use anyhow::{Context, Result};
use serde_json::{Map, Value, json};
use sinpyo_core::{encoding::to_base64url, jwk::PublicJwk, time::Timestamp};
use sinpyo_crypto::VerifyingKey;
use sinpyo_proof::{
    HolderBinding, Occasion,
    jws::Typ,
    sd_jwt::{self, Expected, SdJwtError},
};
use std::{path::Path, time::Duration};

/// The type of every SD-JWT here that is no SD-JWT VC.
const EXAMPLE: Typ = Typ::application("example+sd-jwt");

pub(crate) fn run(folder: &Path) -> Result<Report> {
    let manifest = given::json(&folder.join("manifest.json"))?;
    let cases = given::array(given::member(&manifest, "cases")?)?;
    let mut report = Report::new(cases.len());
    for case in cases {
        let name = format!("{}/{}", given::text_member(case, "set")?, given::text_member(case, "name")?);
        report.record(name, Case::read(folder, case).and_then(|case| case.check()));
    }
    Ok(report)
}

struct Case {
    typ: Typ,
    issuer: VerifyingKey,
    stranger: VerifyingKey,
    issuance: String,
    issued: Map<String, Value>,
    presentation: String,
    verified: Map<String, Value>,
    audience: String,
    nonce: String,
    bound: bool,
    now: Timestamp,
}

impl Case {
    fn read(folder: &Path, case: &Value) -> Result<Self> {
        let path = |name| -> Result<_> { Ok(folder.join(given::text_member(case, name)?)) };
        let settings = given::json(&path("settings")?)?;
        let keys = given::member(&settings, "key_settings")?;
        let issuer =
            keys.get("issuer_key").or_else(|| keys.get("issuer_keys")?.get(0)).context("no issuer key")?;
        let verified = given::object(&given::json(&path("verified")?)?)?.clone();
        let payload = given::json(&path("payload")?)?;
        let user_claims = given::json(&path("user_claims")?)?;
        let bound = given::member(case, "key_binding")?.as_bool().context("\"key_binding\" is a boolean")?;
        let binding = path("presentation")?.with_file_name("kb_jwt_payload.json");
        let signed_at = if bound { &given::json(&binding)? } else { &settings };
        let now = given::number_member(signed_at, "iat")?;
        Ok(Self {
            // Only SD-JWT VC has a claim of this name.
            typ: if verified.contains_key("vct") { Typ::SD_JWT_VC } else { EXAMPLE },
            issuer: public(issuer)?,
            stranger: public(given::member(keys, "holder_key")?)?,
            issuance: compact(&path("issuance")?)?,
            issued: all_claims(given::object(&payload)?, given::object(&user_claims)?),
            presentation: compact(&path("presentation")?)?,
            verified,
            audience: given::text_member(given::member(&settings, "identifiers")?, "verifier")?.to_owned(),
            nonce: given::text_member(&settings, "key_binding_nonce")?.to_owned(),
            bound,
            now: i64::try_from(now).ok().and_then(Timestamp::from_unix).context("a time is out of range")?,
        })
    }

    fn check(&self) -> Result<()> {
        let issued = self.open(&self.issuance, &self.issuer, HolderBinding::NotWanted).context("issuance")?;
        expect::same("issued claims", &issued, &self.issued)?;
        let shown = self.open(&self.presentation, &self.issuer, self.binding()).context("presentation")?;
        expect::same("verified contents", &shown, &self.verified)?;
        self.refuses_what_nobody_signed()?;
        if self.bound { self.refuses_another_occasion() } else { Ok(()) }
    }

    fn refuses_what_nobody_signed(&self) -> Result<()> {
        let stranger = self.open(&self.presentation, &self.stranger, self.binding());
        refuses("another issuer's key", "JWS-11", stranger)?;
        let disclosure = to_base64url(json!(["c2FsdA", "unsigned", true]).to_string().as_bytes());
        let more = format!("{}{disclosure}~", self.issuance);
        refuses("a foreign disclosure", "SDJ-05", self.open(&more, &self.issuer, HolderBinding::NotWanted))?;
        let unbound = self.open(&self.issuance, &self.issuer, HolderBinding::Required(self.occasion()));
        refuses("no key binding", "SDJ-02", unbound)
    }

    fn refuses_another_occasion(&self) -> Result<()> {
        let present = |binding| self.open(&self.presentation, &self.issuer, binding);
        refuses("unasked-for key binding", "SDJ-11", present(HolderBinding::NotWanted))?;
        let nonce = Occasion { nonce: "another", ..self.occasion() };
        refuses("another nonce", "SDJ-13", present(HolderBinding::Required(nonce)))?;
        let audience = Occasion { audience: "https://another.example", ..self.occasion() };
        refuses("another audience", "SDJ-14", present(HolderBinding::Required(audience)))?;
        // Without the first of the disclosures that were bound, if any were.
        let (issuer, rest) = self.presentation.split_once('~').context("tildes separate the parts")?;
        match rest.split_once('~') {
            Some((_, fewer)) => {
                let fewer = format!("{issuer}~{fewer}");
                refuses("other disclosures", "SDJ-03", self.open(&fewer, &self.issuer, self.binding()))
            }
            None => Ok(()),
        }
    }

    fn open(
        &self,
        text: &str,
        key: &VerifyingKey,
        holder_binding: HolderBinding<'_>,
    ) -> Result<Map<String, Value>, SdJwtError> {
        let expected = Expected { typ: self.typ, holder_binding, now: self.now };
        Ok(sd_jwt::verify(text, key, &expected)?.into_inner().claims)
    }

    fn binding(&self) -> HolderBinding<'_> {
        if self.bound { HolderBinding::Required(self.occasion()) } else { HolderBinding::NotWanted }
    }

    fn occasion(&self) -> Occasion<'_> {
        Occasion { audience: &self.audience, nonce: &self.nonce, max_age: Duration::ZERO }
    }
}

fn refuses<T>(what: &str, rule: &str, outcome: Result<T, SdJwtError>) -> Result<()> {
    expect::refused_by(what, rule, outcome.err().map(|error| error.code()))
}

/// The compact form of a file. Some hold the JSON serialization, as JSON text of which is the content.
fn compact(path: &Path) -> Result<String> {
    if path.extension().is_none_or(|extension| extension != "json") {
        return Ok(given::text(path)?.trim_end().to_owned());
    }
    let value = given::json(path)?;
    let text = value.as_str().map_or_else(|| value.to_string(), str::to_owned);
    Ok(sd_jwt::from_json_serialization(text.as_bytes())?)
}

/// What the issuer signed, with every claim in its place: the visible claims and those of the user.
fn all_claims(payload: &Map<String, Value>, user: &Map<String, Value>) -> Map<String, Value> {
    let visible = payload.iter().filter(|(name, _)| !matches!(name.as_str(), "_sd" | "_sd_alg"));
    visible.chain(user).map(|(name, value)| (name.clone(), value.clone())).collect()
}

/// The public half of a private key.
fn public(jwk: &Value) -> Result<VerifyingKey> {
    let mut members = given::object(jwk)?.clone();
    members.remove("d");
    Ok(VerifyingKey::from_jwk(&PublicJwk::from_members(members)?)?)
}
