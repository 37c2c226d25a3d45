//! What a tenant's program orders: the body of `POST /manage/{tenant}/requests`.

use crate::{problem::fault, tenant::Tenant};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use sinpyo_core::{
    accreditation::{LocalizedName, ServiceCode},
    did::Did,
};
use sinpyo_dcql::Query;
use sinpyo_openid4vp::{Prefix, TransactionDatum, TransactionTypes, verifier::Encryption};
use sinpyo_verifier::{CertifiedIssuers, DidIssuers, Trust, WithoutStatus};
use sinpyo_web::problem::Problem;
use sinpyo_x509::Roots;
use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
    time::Duration,
};

/// Most issuers or authorities of one request.
const MOST: usize = 32;
const DAY: u64 = 24 * 60 * 60;
/// Longest time for which evidence is kept, in days: ten years.
const LONGEST_EVIDENCE: u64 = 3660;
/// Longest text for the holder, in bytes, and most names of types and claims.
const LONGEST_TEXT: usize = 1024;
const MOST_LABELS: usize = 64;
const MEMBERS: [&str; 14] = [
    "query",
    "service",
    "purpose",
    "labels",
    "mode",
    "client_id_prefix",
    "response_mode",
    "transaction_data",
    "trust",
    "return_to",
    "keep_evidence_days",
    "expires_in",
    "number_matching",
    "without_status",
];

/// Between which devices a request goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Mode {
    /// Browser and wallet are on one device.
    SameDevice,
    /// The wallet scans a QR code.
    CrossDevice,
    /// The browser asks the wallet.
    DcApi,
}

impl Mode {
    const ALL: [Self; 3] = [Self::SameDevice, Self::CrossDevice, Self::DcApi];

    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::SameDevice => "same_device",
            Self::CrossDevice => "cross_device",
            Self::DcApi => "dc_api",
        }
    }
}

/// What makes sure that the one with the wallet is the one at the screen.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Matching {
    Number,
    None,
}

/// An order that was read.
#[derive(Debug)]
pub(crate) struct Asked {
    pub(crate) query: Query,
    pub(crate) service: Option<ServiceCode>,
    pub(crate) purpose: Option<LocalizedName>,
    /// What types and claims are called, by the last part of their names.
    pub(crate) labels: BTreeMap<String, LocalizedName>,
    pub(crate) mode: Mode,
    pub(crate) prefix: Option<Prefix>,
    pub(crate) encryption: Encryption,
    pub(crate) transaction_data: Vec<TransactionDatum>,
    pub(crate) trust: Trust,
    pub(crate) return_to: Option<String>,
    pub(crate) evidence: Option<Duration>,
    pub(crate) expires_in: Option<Duration>,
    pub(crate) matching: Matching,
    pub(crate) without_status: WithoutStatus,
}

impl Asked {
    /// Reads an order.
    ///
    /// # Errors
    /// The member that is unknown, missing or wrong, and the rule.
    pub(crate) fn parse(members: &Map<String, Value>, types: &TransactionTypes) -> Result<Self, Problem> {
        if let Some(unknown) = members.keys().find(|name| !MEMBERS.contains(&name.as_str())) {
            let place = format!("/{}", unknown.replace('~', "~0").replace('/', "~1"));
            return Err(fault("VSV-03", "the request knows no such member").at(place)); // [VSV-03]
        }
        let query = members.get("query").ok_or_else(|| wrong("query"))?;
        let query = Query::from_json(query)
            .map_err(|error| Problem::because(crate::problem::words(), error.code(), &error).at("/query"))?;
        let mode = text(members, "mode")?
            .map_or(Some(Mode::CrossDevice), |name| named(&Mode::ALL, Mode::name, name));
        let mode = mode.ok_or_else(|| wrong("mode"))?;
        let return_to = text(members, "return_to")?.map(str::to_owned);
        if mode == Mode::SameDevice && return_to.is_none() {
            return Err(
                fault("VSV-05", "on one device the browser has to come back to somewhere").at("/return_to")
            ); // [VSV-05]
        }
        let service = text(members, "service")?.map(str::parse).transpose().map_err(|_| wrong("service"))?;
        let transaction_data = transaction_data(members, types, &query)?;
        Ok(Self {
            purpose: members.get("purpose").map(|text| localized(text, "purpose")).transpose()?,
            labels: labels(members)?,
            prefix: prefix(members)?,
            encryption: encryption(members, mode)?,
            trust: trust(members.get("trust"))?,
            evidence: evidence_life(members)?,
            expires_in: number(members, "expires_in", DAY)?.map(Duration::from_secs),
            matching: match members.get("number_matching") {
                None | Some(Value::Bool(true)) => Matching::Number,
                Some(Value::Bool(false)) => Matching::None,
                Some(_) => return Err(wrong("number_matching")),
            },
            without_status: match text(members, "without_status")? {
                None | Some("refuse") => WithoutStatus::Refuse,
                Some("accept") => WithoutStatus::AcceptUntilExpiry,
                Some(_) => return Err(wrong("without_status")),
            },
            query,
            service,
            mode,
            transaction_data,
            return_to,
        })
    }

    /// That `tenant` may order this.
    ///
    /// # Errors
    /// It may not.
    pub(crate) fn check(&self, tenant: &Tenant) -> Result<(), Problem> {
        if let Some(address) = &self.return_to
            && !tenant.return_to.contains(address)
        {
            return Err(fault("VSV-04", "the address is not registered for the tenant").at("/return_to")); // [VSV-04]
        }
        if self.service.is_some() && tenant.did.is_none() {
            return Err(fault("VSV-08", "a tenant without a DID is registered for no service").at("/service")); // [VSV-08]
        }
        Ok(())
    }

    /// The authorities by whom certified issuers are believed.
    pub(crate) fn roots(&self) -> Option<&Arc<Roots>> {
        self.trust.by_certificate.as_ref().map(|certified| &certified.roots)
    }
}

/// For how long evidence is kept, if an order wants it.
pub(crate) fn evidence_life(members: &Map<String, Value>) -> Result<Option<Duration>, Problem> {
    let days = number(members, "keep_evidence_days", LONGEST_EVIDENCE)?;
    Ok(days.map(|days| Duration::from_secs(days * DAY)))
}

fn wrong(member: &'static str) -> Problem {
    fault("VSV-03", "the member is missing, or not what the description says").at(format!("/{member}")) // [VSV-03]
}

fn text<'m>(members: &'m Map<String, Value>, name: &'static str) -> Result<Option<&'m str>, Problem> {
    members.get(name).map(|value| value.as_str().ok_or_else(|| wrong(name))).transpose()
}

fn number(members: &Map<String, Value>, name: &'static str, most: u64) -> Result<Option<u64>, Problem> {
    let Some(value) = members.get(name) else { return Ok(None) };
    value.as_u64().filter(|number| (1..=most).contains(number)).map(Some).ok_or_else(|| wrong(name))
}

fn named<T: Copy>(all: &[T], name: impl Fn(T) -> &'static str, wanted: &str) -> Option<T> {
    all.iter().copied().find(|one| name(*one) == wanted)
}

/// A text for the holder, in both languages.
fn localized(value: &Value, member: &'static str) -> Result<LocalizedName, Problem> {
    let text = |lang: &str| {
        let text = value.get(lang).and_then(Value::as_str).map(sinpyo_core::claims::nfc);
        text.filter(|text| !text.is_empty() && text.len() <= LONGEST_TEXT && !text.contains(char::is_control))
    };
    match (text("ko"), text("en")) {
        (Some(ko), Some(en)) => Ok(LocalizedName { ko, en }),
        _ => Err(wrong(member)),
    }
}

fn labels(members: &Map<String, Value>) -> Result<BTreeMap<String, LocalizedName>, Problem> {
    let Some(labels) = members.get("labels") else { return Ok(BTreeMap::new()) };
    let labels =
        labels.as_object().filter(|labels| labels.len() <= MOST_LABELS).ok_or_else(|| wrong("labels"))?;
    labels.iter().map(|(name, label)| Ok((name.clone(), localized(label, "labels")?))).collect()
}

fn prefix(members: &Map<String, Value>) -> Result<Option<Prefix>, Problem> {
    const ALL: [Prefix; 5] = [
        Prefix::RedirectUri,
        Prefix::X509SanDns,
        Prefix::X509Hash,
        Prefix::DecentralizedIdentifier,
        Prefix::VerifierAttestation,
    ];
    let Some(name) = text(members, "client_id_prefix")? else { return Ok(None) };
    named(&ALL, Prefix::name, name).map(Some).ok_or_else(|| wrong("client_id_prefix"))
}

fn encryption(members: &Map<String, Value>, mode: Mode) -> Result<Encryption, Problem> {
    match (text(members, "response_mode")?, mode) {
        (None, _)
        | (Some("direct_post.jwt"), Mode::SameDevice | Mode::CrossDevice)
        | (Some("dc_api.jwt"), Mode::DcApi) => Ok(Encryption::Encrypted),
        (Some("direct_post"), Mode::SameDevice | Mode::CrossDevice) | (Some("dc_api"), Mode::DcApi) => {
            Ok(Encryption::Plain)
        }
        (Some(_), _) => Err(wrong("response_mode")),
    }
}

fn transaction_data(
    members: &Map<String, Value>,
    types: &TransactionTypes,
    query: &Query,
) -> Result<Vec<TransactionDatum>, Problem> {
    let Some(data) = members.get("transaction_data") else { return Ok(Vec::new()) };
    let data = data.as_array().filter(|data| (1..=16).contains(&data.len()));
    let data = data.ok_or_else(|| wrong("transaction_data"))?;
    let datum = |(position, value): (usize, &Value)| {
        let members = value.as_object().ok_or_else(|| wrong("transaction_data"))?;
        TransactionDatum::new(members, types, query).map_err(|error| {
            Problem::because(crate::problem::words(), error.code(), &error)
                .at(format!("/transaction_data/{position}"))
        })
    };
    data.iter().enumerate().map(datum).collect()
}

/// Whose credentials are believed: those of accredited issuers, unless the order says otherwise.
fn trust(value: Option<&Value>) -> Result<Trust, Problem> {
    let wrong = || fault("VSV-06", "no issuer is named whom to believe").at("/trust"); // [VSV-06]
    let Some(value) = value else { return Ok(Trust::in_accreditations()) };
    let members = value.as_object().ok_or_else(wrong)?;
    let is_known = |name: &String| ["accredited", "issuers", "roots"].contains(&name.as_str());
    if !members.keys().all(is_known) {
        return Err(wrong());
    }
    let accredited = match members.get("accredited") {
        None | Some(Value::Bool(false)) => false,
        Some(Value::Bool(true)) => true,
        Some(_) => return Err(wrong()),
    };
    let list = |name: &str| -> Result<Option<Vec<&str>>, Problem> {
        let Some(list) = members.get(name) else { return Ok(None) };
        let list = list.as_array().filter(|list| (1..=MOST).contains(&list.len())).ok_or_else(wrong)?;
        list.iter().map(|text| text.as_str().ok_or_else(wrong)).collect::<Result<_, _>>().map(Some)
    };
    let issuers: Option<BTreeSet<Did>> = list("issuers")?
        .map(|issuers| issuers.into_iter().map(|did| did.parse().map_err(|_| wrong())).collect())
        .transpose()?;
    let by_did = match (accredited, issuers) {
        (true, None) => DidIssuers::Accredited,
        (true, Some(issuers)) => DidIssuers::AccreditedAmong(issuers),
        (false, Some(issuers)) => DidIssuers::Listed(issuers),
        (false, None) => DidIssuers::None,
    };
    let by_certificate = match list("roots")? {
        None => None,
        Some(roots) => {
            let ders = roots.into_iter().map(|pem| der(pem).ok_or_else(wrong));
            let roots = Roots::new(ders.collect::<Result<Vec<_>, _>>()?).map_err(|error| {
                Problem::because(crate::problem::words(), error.code(), &error).at("/trust/roots")
            })?;
            Some(CertifiedIssuers { roots: Arc::new(roots), names: None })
        }
    };
    if by_did == DidIssuers::None && by_certificate.is_none() {
        return Err(wrong());
    }
    Ok(Trust { by_did, by_certificate })
}

/// The certificate in a PEM text [RFC 7468 §5].
fn der(pem: &str) -> Option<Vec<u8>> {
    let rest = pem.trim().strip_prefix("-----BEGIN CERTIFICATE-----")?;
    let body = rest.strip_suffix("-----END CERTIFICATE-----")?;
    let plain: String = body.chars().filter(|c| !c.is_ascii_whitespace()).collect();
    sinpyo_core::encoding::from_base64(&plain).ok()
}
