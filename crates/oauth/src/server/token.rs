//! The token endpoint [RFC 6749 §4.1.3, §6; OpenID4VCI 1.0 §6].

use super::{
    AuthorizationServer, PRE_AUTHORIZED_GRANT, Proofs, random,
    record::{
        self, ACCESS, AccessRecord, CODE, ClientName, CodeRecord, FAMILY, FamilyRecord, LiveCode,
        PRE_AUTHORIZED, PreAuthorizedRecord, REFRESH, RefreshRecord,
    },
};
use crate::{
    Anonymous, Authorization, ClientFault, DetailsError, DpopError, GrantFault, MAX_BEARER, MAX_REFRESH,
    Naming, Refusal, RequestFault, authorization::requested_details, form::Form, proof_key::digest,
};
use http::HeaderMap;
use serde_json::{Map, Value, json};
use sinpyo_core::{key::Entropy, time::Timestamp};
use sinpyo_crypto::mac;
use sinpyo_state::{OwnedChange, Unavailable, retrying};
use std::collections::BTreeSet;

/// What a request redeems.
#[derive(Clone, Copy)]
enum Grant<'f> {
    Code { code: &'f str, redirect_uri: Option<&'f str>, verifier: Option<&'f str> },
    PreAuthorized { code: &'f str, tx_code: Option<&'f str> },
    Refresh { token: &'f str },
}

/// Who redeems it.
struct Bearer {
    client: Option<ClientName>,
    /// The key that was proven.
    jkt: Option<String>,
    /// The configurations that the request names, if it does not leave that to the grant.
    only: Option<Vec<String>>,
}

/// What follows from a request: changes to be committed before anything is answered, and the answer.
pub(super) struct Decided {
    pub(super) changes: Vec<OwnedChange>,
    pub(super) outcome: Result<Value, Refusal>,
}

impl Decided {
    fn refused(refusal: impl Into<Refusal>) -> Self {
        Self { changes: Vec::new(), outcome: Err(refusal.into()) }
    }
}

impl AuthorizationServer<'_> {
    /// Redeems a code or a refresh token, and gives the body of the answer.
    ///
    /// # Errors
    /// The client, its proof of possession, or what it redeems is refused. Nothing was consumed then, but for a guess at a
    /// transaction code.
    pub fn token(
        &self,
        headers: &HeaderMap,
        body: &[u8],
        now: Timestamp,
        entropy: &mut dyn Entropy,
    ) -> Result<Value, Refusal> {
        let form = Form::from_body(headers, body).map_err(RequestFault::Form)?;
        let grant = Grant::read(&form)?;
        let mut proofs = Proofs::default();
        let client = self.authenticate((headers, &form), &mut proofs, now, entropy)?;
        // What nobody got under a name, nobody refreshes under one. [VCI-LIF-01]
        let is_nameless = matches!(grant, Grant::PreAuthorized { .. } | Grant::Refresh { .. });
        let may_be_anonymous = is_nameless && self.settings.anonymous == Anonymous::Allowed;
        if client.is_none() && !may_be_anonymous {
            return Err(ClientFault::Missing.into()); // [VCI-TOK-02e]
        }
        self.check_resource(&form)?;
        let proof = self.proof(headers, "token", now, entropy)?;
        if proof.is_none() && self.demands_keys() {
            return Err(DpopError::Missing.into()); // [VCI-TOK-07a]
        }
        let mut jkt = None;
        if let Some(proof) = proof {
            proofs.add(proof.once, || DpopError::Replayed.into());
            jkt = Some(proof.jkt);
        }
        let details = form.get("authorization_details");
        let only = details.map(|details| requested_details(details, self.location())).transpose()?;
        let bearer = Bearer { client, jkt, only };
        // A second use, or a second guess, may come between reading and committing: then all is decided anew. [OAU-25]
        retrying::<_, Refusal>(|| {
            proofs.check(self.state, now)?;
            let Decided { mut changes, outcome } = self.decide_grant(grant, &bearer, now, entropy)?;
            if changes.is_empty() {
                return Ok(Ok(outcome));
            }
            changes.extend(proofs.changes());
            Ok(self.state.commit_owned(&changes).map(|()| outcome))
        })?
    }

    fn decide_grant(
        &self,
        grant: Grant<'_>,
        bearer: &Bearer,
        now: Timestamp,
        entropy: &mut dyn Entropy,
    ) -> Result<Decided, Unavailable> {
        match grant {
            Grant::Code { code, redirect_uri, verifier } => {
                self.redeem_code(code, (redirect_uri, verifier), bearer, now, entropy)
            }
            Grant::PreAuthorized { code, tx_code } => {
                self.redeem_pre_authorized((code, tx_code), bearer, now, entropy)
            }
            Grant::Refresh { token } => self.refresh(token, bearer, now, entropy),
        }
    }

    fn redeem_code(
        &self,
        code: &str,
        proven: (Option<&str>, Option<&str>),
        bearer: &Bearer,
        now: Timestamp,
        entropy: &mut dyn Entropy,
    ) -> Result<Decided, Unavailable> {
        let found = self.find::<CodeRecord>(self.key(CODE, code), now)?;
        let Some(found) = found else { return Ok(Decided::refused(GrantFault::Unknown)) }; // [VCI-TOK-02d]
        let live = match &found.value {
            CodeRecord::Spent(family) => return self.kill(family, GrantFault::CodeReused, now), // [VCI-AUT-06e]
            CodeRecord::Live(live) => live,
        };
        if let Err(fault) = check_code(live, proven, bearer) {
            return Ok(Decided::refused(fault));
        }
        let family = self.family(bearer, live.authorization.clone().into(), live.request.naming, now);
        let id = random(entropy);
        let mut decided = self.tokens((&id, &family), bearer, now, entropy);
        if decided.outcome.is_ok() {
            let until = family.until;
            let spent = CodeRecord::Spent(id.clone());
            decided.changes.push(self.replace(found, (&spent, Some(until)), entropy));
            decided.changes.push(self.insert(self.key(FAMILY, &id), &family, until, entropy));
        }
        Ok(decided)
    }

    fn redeem_pre_authorized(
        &self,
        (code, tx_code): (&str, Option<&str>),
        bearer: &Bearer,
        now: Timestamp,
        entropy: &mut dyn Entropy,
    ) -> Result<Decided, Unavailable> {
        let found = self.find::<PreAuthorizedRecord>(self.key(PRE_AUTHORIZED, code), now)?;
        let Some(found) = found else { return Ok(Decided::refused(GrantFault::Unknown)) }; // [VCI-TOK-02d]
        let found = match self.check_tx_code(found, (code, tx_code), entropy) {
            Ok(found) => found,
            Err(decided) => return Ok(decided),
        };
        let authorization = found.value.authorization.clone().into();
        let family = self.family(bearer, authorization, Naming::Configurations, now);
        let id = random(entropy);
        let mut decided = self.tokens((&id, &family), bearer, now, entropy);
        if decided.outcome.is_ok() {
            decided.changes.push(found.remove());
            decided.changes.push(self.insert(self.key(FAMILY, &id), &family, family.until, entropy));
        }
        Ok(decided)
    }

    fn refresh(
        &self,
        token: &str,
        bearer: &Bearer,
        now: Timestamp,
        entropy: &mut dyn Entropy,
    ) -> Result<Decided, Unavailable> {
        let found = self.find::<RefreshRecord>(self.key(REFRESH, token), now)?;
        let Some(found) = found else { return Ok(Decided::refused(GrantFault::Unknown)) }; // [VCI-TOK-02d]
        let id = found.value.family.clone();
        if found.value.spent {
            return self.kill(&id, GrantFault::RefreshReused, now); // [OAU-16] [VCI-LIF-01]
        }
        let family = self.find::<FamilyRecord>(self.key(FAMILY, &id), now)?;
        let Some(family) = family else { return Ok(Decided::refused(GrantFault::Unknown)) }; // [VCI-TOK-02d]
        let family = family.value;
        if family.client != bearer.client {
            return Ok(Decided::refused(GrantFault::Client)); // [VCI-AUT-06a]
        }
        if family.jkt != bearer.jkt {
            return Ok(Decided::refused(GrantFault::Key)); // [VCI-AUT-06d]
        }
        let mut decided = self.tokens((&id, &family), bearer, now, entropy);
        if decided.outcome.is_ok() {
            let spent = RefreshRecord { family: id, spent: true };
            decided.changes.push(self.replace(found, (&spent, Some(family.until)), entropy));
        }
        Ok(decided)
    }

    /// Revokes all tokens of a family, because something that buys once was brought twice.
    fn kill(&self, family: &str, fault: GrantFault, now: Timestamp) -> Result<Decided, Unavailable> {
        let found = self.find::<FamilyRecord>(self.key(FAMILY, family), now)?;
        let changes = found.into_iter().map(record::Found::remove).collect();
        Ok(Decided { changes, outcome: Err(fault.into()) })
    }

    /// A new grant to whoever redeems a code.
    fn family(
        &self,
        bearer: &Bearer,
        authorization: Authorization,
        naming: Naming,
        now: Timestamp,
    ) -> FamilyRecord {
        let lifetimes = &self.settings.lifetimes;
        let (client, jkt) = (bearer.client.clone(), bearer.jkt.clone());
        // What is not bound to a key is short-lived and not refreshed.
        let lifetime = match (&jkt, lifetimes.refresh) {
            (Some(_), Some(refresh)) => refresh.min(MAX_REFRESH).max(lifetimes.access),
            (Some(_), None) => lifetimes.access,
            (None, _) => lifetimes.access.min(MAX_BEARER), // [VCI-TOK-06]
        };
        let until = now.plus(lifetime);
        FamilyRecord { client, jkt, authorization: authorization.into(), naming, until }
    }

    /// A new access token of `family`, and a refresh token if there is one to be.
    fn tokens(
        &self,
        (id, family): (&str, &FamilyRecord),
        bearer: &Bearer,
        now: Timestamp,
        entropy: &mut dyn Entropy,
    ) -> Decided {
        let mut authorization = Authorization::from(family.authorization.clone());
        if let Some(only) = &bearer.only {
            if only.iter().any(|id| authorization.configuration(id).is_none()) {
                return Decided::refused(DetailsError::Beyond); // [VCI-TOK-05]
            }
            authorization = authorization.only(only);
        }
        let naming = if bearer.only.is_some() { Naming::Identifiers } else { family.naming };
        let expires = now.plus(self.settings.lifetimes.access).min(family.until);
        let record = AccessRecord { family: id.to_owned(), only: bearer.only.clone(), naming };
        let token = random(entropy);
        let mut changes = vec![self.insert(self.key(ACCESS, &token), &record, expires, entropy)];
        let mut body = Map::new();
        let mut put = |name: &str, value: Value| drop(body.insert(name.to_owned(), value));
        put("access_token", json!(token));
        put("token_type", json!(if family.jkt.is_some() { "DPoP" } else { "Bearer" }));
        put("expires_in", json!(expires.unix() - now.unix()));
        let is_refreshed = self.settings.lifetimes.refresh.is_some() && family.until > expires;
        if family.jkt.is_some() && is_refreshed {
            let refresh = random(entropy);
            let record = RefreshRecord { family: id.to_owned(), spent: false };
            changes.push(self.insert(self.key(REFRESH, &refresh), &record, family.until, entropy));
            put("refresh_token", json!(refresh));
        }
        if naming == Naming::Identifiers {
            put("authorization_details", details(&authorization)); // [VCI-TOK-05]
        }
        let scope = self.scope(&authorization);
        if !scope.is_empty() {
            put("scope", json!(scope));
        }
        Decided { changes, outcome: Ok(Value::Object(body)) }
    }

    fn scope(&self, authorization: &Authorization) -> String {
        let known = &self.settings.configurations;
        let scopes = authorization
            .configurations
            .iter()
            .filter_map(|granted| known.get(&granted.configuration_id).and_then(Option::as_deref));
        let scopes: BTreeSet<_> = scopes.collect();
        scopes.into_iter().collect::<Vec<_>>().join(" ")
    }
}

/// Whether a live code may be redeemed by `bearer`.
fn check_code(
    live: &LiveCode,
    (redirect_uri, verifier): (Option<&str>, Option<&str>),
    bearer: &Bearer,
) -> Result<(), GrantFault> {
    let request = &live.request;
    if bearer.client.as_ref() != Some(&request.client) {
        return Err(GrantFault::Client); // [VCI-AUT-06a]
    }
    if redirect_uri != Some(&request.redirect_uri) {
        return Err(GrantFault::RedirectUri); // [VCI-AUT-06b]
    }
    let fits = |verifier: &str| mac::equal(digest(verifier).as_bytes(), request.challenge.as_bytes());
    if !verifier.is_some_and(|verifier| is_verifier(verifier) && fits(verifier)) {
        return Err(GrantFault::Verifier); // [VCI-AUT-06c]
    }
    if request.jkt.is_some() && request.jkt != bearer.jkt {
        return Err(GrantFault::Key); // [VCI-AUT-06d]
    }
    Ok(())
}

/// 43 to 128 unreserved characters [RFC 7636 §4.1].
fn is_verifier(text: &str) -> bool {
    let unreserved = |byte: u8| byte.is_ascii_alphanumeric() || b"-._~".contains(&byte);
    (43..=128).contains(&text.len()) && text.bytes().all(unreserved)
}

fn details(authorization: &Authorization) -> Value {
    let entry = |granted: &crate::Granted| {
        json!({
            "type": "openid_credential",
            "credential_configuration_id": granted.configuration_id,
            "credential_identifiers": granted.identifiers,
        })
    };
    authorization.configurations.iter().map(entry).collect()
}

impl<'f> Grant<'f> {
    fn read(form: &'f Form) -> Result<Self, Refusal> {
        let needed = |name| form.get(name).ok_or(RequestFault::Missing(name)); // [OAU-09]
        match needed("grant_type")? {
            "authorization_code" => Ok(Self::Code {
                code: needed("code")?,
                redirect_uri: form.get("redirect_uri"),
                verifier: form.get("code_verifier"),
            }),
            PRE_AUTHORIZED_GRANT => {
                Ok(Self::PreAuthorized { code: needed("pre-authorized_code")?, tx_code: form.get("tx_code") })
            }
            "refresh_token" => Ok(Self::Refresh { token: needed("refresh_token")? }),
            _ => Err(Refusal::GrantType), // [OAU-10]
        }
    }
}
