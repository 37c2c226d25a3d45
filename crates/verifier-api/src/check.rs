//! The verification of a response, and what its sender's peers get to see of it.

use crate::{
    asked::Asked,
    asked_only,
    foreign::{Foreign, Standing},
    tenant::Tenant,
    world::{Wanted, World},
};
use serde_json::{Map, Value, json};
use sinpyo_core::{
    credential::CredentialType,
    request::{ClaimQuery, CredentialQuery, PresentationRequest},
    time::Timestamp,
};
use sinpyo_dcql::{Fit, Query, Wanted as Kind};
use sinpyo_openid4vp::{Channel, verifier::Arrived};
use sinpyo_verifier::{
    Accepted, Check, Evidence, Expectation, Fact, Known, Need, Presented, Rules, Session, Shown, VerifyError,
};
use std::time::Duration;

/// What a verification came to.
#[derive(Debug)]
pub(crate) enum Checked {
    /// These have to be fetched first.
    Needs(Vec<Wanted>),
    /// A fact cannot be had now: nothing is decided, and the holder can try again.
    Postponed(&'static str),
    /// It is decided.
    Judged(Judged),
}

/// A decision, and what goes with it.
#[derive(Debug)]
pub(crate) struct Judged {
    /// The result, or the rule that decided against the response.
    pub(crate) outcome: Result<Value, &'static str>,
    /// Presentations that were refused: query, position, rule.
    pub(crate) dropped: Vec<(String, usize, String)>,
    /// The response, if evidence of it is to be kept.
    pub(crate) evidence: Option<Value>,
}

/// Verifies what has arrived for a request that was made between `since` and `expires`.
pub(crate) fn check(
    arrived: &Arrived,
    asked: &Asked,
    tenant: &Tenant,
    (since, expires): (Timestamp, Timestamp),
    world: &World<'_>,
) -> Checked {
    let vp_token = arrived.presentations.to_json();
    let refused = |error: &VerifyError| {
        Checked::Judged(Judged { outcome: Err(error.code()), dropped: Vec::new(), evidence: None })
    };
    let expectation = expectation(arrived, asked, tenant, (since, expires));
    let presented = match Presented::parse(&vp_token) {
        Ok(presented) => presented,
        Err(error) => return refused(&error),
    };
    let mut check = match Check::start(expectation, presented, world.now) {
        Ok(check) => check,
        Err(error) => return refused(&error),
    };
    let types = questions(&arrived.query).into_iter().flat_map(|question| question.types).collect();
    let mut foreign = Foreign::new(asked, types, world);
    let mut missing = false;
    while let Some(need) = check.need() {
        let roots = match need {
            Need::CertifiedStatusList { .. } => asked.roots().cloned(),
            _ => None,
        };
        let wanted = Wanted { need, roots };
        let known = match foreign.standing(&wanted.need) {
            Standing::Open => world.facts.known(&wanted).ok_or(wanted),
            Standing::First(wanted) => Err(wanted),
            Standing::Closed(known) => Ok(known),
        };
        let known = match known {
            Ok(known) => known,
            Err(wanted) => return Checked::Needs(vec![wanted]),
        };
        missing |= matches!(known, Known { fact: Fact::Unavailable, .. });
        if let Err(error) = check.supply(&known) {
            return refused(&error);
        }
    }
    let verdict = check.conclude();
    let dropped: Vec<_> = verdict
        .dropped
        .iter()
        .map(|refusal| (refusal.query.clone(), refusal.position, refusal.error.code().to_owned()))
        .collect();
    match (verdict.code(), verdict.outcome) {
        (_, Ok(accepted)) => {
            let evidence = asked.evidence.map(|_| evidence(arrived, &accepted, world.now));
            Checked::Judged(Judged { outcome: Ok(result(&accepted, &dropped)), dropped, evidence })
        }
        // The holder is not to blame for what nobody could look up.
        (Some(code), Err(_)) if missing => Checked::Postponed(code), // [VSV-13]
        (code, Err(error)) => {
            Checked::Judged(Judged { outcome: Err(code.unwrap_or(error.code())), dropped, evidence: None })
        }
    }
}

fn expectation(
    arrived: &Arrived,
    asked: &Asked,
    tenant: &Tenant,
    (since, expires): (Timestamp, Timestamp),
) -> Expectation {
    let expected = &arrived.expectation;
    let jwk_thumbprint = expected.jwk_thumbprint;
    let session = match &expected.channel {
        Channel::Posted { response_uri } => Session::OpenId4Vp {
            client_id: expected.audience.clone(),
            response_uri: response_uri.clone(),
            jwk_thumbprint,
        },
        Channel::Digital { origin } => Session::DigitalCredentials { origin: origin.clone(), jwk_thumbprint },
    };
    let in_scope = asked.service.clone().zip(tenant.did.clone()).map(|(service, verifier)| {
        Box::new(PresentationRequest {
            verifier,
            service,
            nonce: expected.nonce.clone(),
            issued_at: since,
            expires_at: expires,
            queries: questions(&arrived.query),
        })
    });
    Expectation {
        expires_at: expires,
        transaction_data: expected.transaction_data.clone(),
        trust: asked.trust.clone(),
        rules: Rules {
            without_status: asked.without_status,
            evidence: Evidence::Kept,
            max_fact_age: Duration::from_hours(24),
            ..Rules::default()
        },
        in_scope,
        ..Expectation::new(arrived.query.clone(), session, expected.nonce.clone(), since)
    }
}

/// What is asked, as scopes of service codes name it: whole credentials count as all of their claims.
fn questions(query: &Query) -> Vec<CredentialQuery> {
    let question = |one: &sinpyo_dcql::CredentialQuery| {
        let types: Vec<&str> = match &one.wanted {
            Kind::SdJwtVc { types } => types.iter().map(String::as_str).collect(),
            Kind::Mdoc { doctype } => vec![doctype],
            Kind::JwtVc { types } | Kind::LdpVc { types } => {
                types.iter().flatten().map(String::as_str).collect()
            }
            Kind::Unknown { format, .. } => vec![format],
        };
        let claims =
            one.claims.iter().map(|claim| ClaimQuery { path: claim.path.clone(), values: Vec::new() });
        CredentialQuery {
            id: one.id.as_str().to_owned(),
            types: types.into_iter().filter_map(|kind| kind.parse().ok()).collect(),
            claims: claims.collect(),
        }
    };
    query.credentials().iter().map(question).collect()
}

/// What the one who asked gets: the claims by query, each with its issuer.
fn result(accepted: &Accepted, dropped: &[(String, usize, String)]) -> Value {
    let mut credentials = Map::new();
    for (query, fits) in accepted.answered().queries() {
        let shown = accepted.shown(query.as_str()).iter().zip(fits).map(|(one, fit)| shown(one, fit));
        credentials.insert(query.as_str().to_owned(), shown.collect());
    }
    json!({
        "state": "accepted",
        "at": accepted.at().to_string(),
        "credentials": credentials,
        "transaction_data": accepted.transaction_data(),
        "dropped": self::dropped(dropped),
    })
}

fn shown(shown: &Shown, fit: &Fit) -> Value {
    let credential = shown.credential();
    let types: Vec<&str> = credential.types().iter().map(CredentialType::as_str).collect();
    json!({
        "issuer": credential.issuer(),
        "types": types,
        "claims": asked_only::claims(shown, fit),
        "valid_until": credential.validity().until.map(|until| until.to_string()),
        "authorised": shown.authorised(),
    })
}

/// Refused presentations, for whoever may know the rules.
pub(crate) fn dropped(dropped: &[(String, usize, String)]) -> Value {
    dropped
        .iter()
        .map(|(query, position, rule)| json!({"query": query, "position": position, "rule": rule}))
        .collect()
}

/// What shows later that the holder has presented this: enough to verify it again, of what was accepted.
fn evidence(arrived: &Arrived, accepted: &Accepted, now: Timestamp) -> Value {
    let expected = &arrived.expectation;
    let mut vp_token = Map::new();
    for (query, fits) in accepted.answered().queries() {
        let shown = accepted.shown(query.as_str()).iter().zip(fits);
        let kept = shown.map(|(one, fit)| asked_only::evidence(one, fit));
        vp_token.insert(query.as_str().to_owned(), kept.collect());
    }
    let channel = match &expected.channel {
        Channel::Posted { response_uri } => json!({"response_uri": response_uri}),
        Channel::Digital { origin } => json!({"origin": origin}),
    };
    json!({
        "received_at": now.to_string(),
        "vp_token": vp_token,
        "audience": expected.audience,
        "nonce": expected.nonce,
        "channel": channel,
        "jwk_thumbprint": expected.jwk_thumbprint.map(|bytes| sinpyo_core::encoding::to_base64url(&bytes)),
        "transaction_data": expected.transaction_data,
        "dcql_query": arrived.query.to_json(),
    })
}
