//! A tenant with everything that its endpoints need, made once for each version of it.

use crate::{
    identity::{Identity, suffix},
    tenant::Tenant,
};
use serde_json::{Value, json};
use sinpyo_core::{Secret, accreditation::LocalizedName};
use sinpyo_crypto::SigningKey;
use sinpyo_issuer::{Catalogue, Format, Kind, Profile};
use sinpyo_jose::jwe::{ContentEncryption, Decrypter};
use sinpyo_oauth::{
    Anonymous, Dpop, Lifetimes, ServerSettings, Unregistered,
    url::{IssuerId, Transport},
};
use sinpyo_openid4vci::{
    address::CredentialIssuerId,
    configuration::{self, Binding, ClaimDescription, Configuration, ProofDemand},
    display::Displays,
    issuer::IssuerSettings,
};
use std::{collections::BTreeMap, sync::Arc, time::Duration};

/// The signature algorithms that holders' keys may have.
const HOLDER_ALGORITHMS: [&str; 4] = ["ES256", "ES384", "EdDSA", "Ed25519"];

/// One tenant.
#[derive(Debug)]
pub(crate) struct House {
    pub(crate) tenant: Tenant,
    pub(crate) identity: Arc<Identity>,
    pub(crate) settings: IssuerSettings,
    pub(crate) server: ServerSettings,
    /// What each configuration is.
    pub(crate) kinds: BTreeMap<String, (Profile, Format)>,
}

/// What a house is made of.
pub(crate) struct Ground<'a> {
    /// The service's origin.
    pub(crate) base: &'a str,
    pub(crate) transport: Transport,
    pub(crate) master: &'a Secret<[u8; 32]>,
    pub(crate) catalogue: &'a Catalogue,
    /// The key that requests are encrypted to.
    pub(crate) encryption: &'a SigningKey,
}

impl House {
    /// None if the tenant has become unreadable.
    pub(crate) fn new(tenant: Tenant, identity: Arc<Identity>, ground: &Ground<'_>) -> Option<Self> {
        let id = format!("{}/{}", ground.base, tenant.id());
        let issuer = CredentialIssuerId::parse(&id, ground.transport).ok()?;
        let mut kinds = BTreeMap::new();
        let profiles = ground.catalogue.profiles().iter();
        for profile in
            profiles.filter(|profile| tenant.issues(profile.id()) && identity.may_issue(profile.id()))
        {
            for format in identity.formats().filter(|format| tenant.offers(*format)) {
                if profile.describe(format).is_some() {
                    let id = format!("{}-{}", profile.id(), suffix(format));
                    kinds.insert(id, (profile.clone(), format));
                }
            }
        }
        let mut settings = IssuerSettings::new(issuer, ground.master);
        settings.transport = ground.transport;
        settings.displays = displays(tenant.name());
        settings.batch_size = tenant.batch_size();
        settings.attesters = tenant.key_attesters()?;
        settings.decrypters = Decrypter::new(ground.encryption, Some("requests"), &ContentEncryption::ALL)
            .into_iter()
            .collect();
        let configuration = |(id, (profile, format)): (&String, &(Profile, Format))| {
            Some((id.clone(), configuration(id, profile, *format, &identity)?))
        };
        settings.configurations = kinds.iter().filter_map(configuration).collect();
        let server = server(&tenant, &settings, ground, &id)?;
        Some(Self { tenant, identity, settings, server, kinds })
    }

    /// How long a grant can be renewed.
    pub(crate) fn renewal(&self) -> Duration {
        self.server.lifetimes.refresh.unwrap_or_default()
    }

    /// The address of one of its pages or lists.
    pub(crate) fn address(&self, rest: &str) -> String {
        format!("{}/{rest}", self.settings.id.as_str())
    }
}

fn server(
    tenant: &Tenant,
    settings: &IssuerSettings,
    ground: &Ground<'_>,
    id: &str,
) -> Option<ServerSettings> {
    let mut server = ServerSettings::new(IssuerId::parse(id, ground.transport).ok()?, ground.master);
    let scope = |(id, one): (&String, &Configuration)| (id.clone(), one.scope.clone());
    server.configurations = settings.configurations.iter().map(scope).collect();
    server.clients = tenant.wallets()?;
    server.attesters = tenant.wallet_providers()?;
    server.unregistered = Unregistered::Attested;
    server.anonymous =
        if tenant.serves_anonymous_wallets() { Anonymous::Allowed } else { Anonymous::Refused };
    server.dpop = if tenant.demands_dpop() { Dpop::Required } else { Dpop::Offered };
    let days = tenant.refresh_days();
    let refresh = (days > 0).then(|| Duration::from_hours(24 * days));
    server.lifetimes = Lifetimes { refresh, ..Lifetimes::default() };
    Some(server)
}

fn configuration(id: &str, profile: &Profile, format: Format, identity: &Identity) -> Option<Configuration> {
    let description = profile.describe(format)?;
    let (kind, method) = match (&description.kind, format) {
        (Kind::Vct(vct), _) => (configuration::Format::SdJwtVc { vct: (*vct).to_owned() }, "jwk"),
        (Kind::DocType(doctype), _) => {
            (configuration::Format::Mdoc { doctype: (*doctype).to_owned() }, "cose_key")
        }
        (Kind::W3c { types, .. }, Format::VcJwt) => {
            (configuration::Format::Jwt { types: types.map(str::to_owned).to_vec() }, "did:key")
        }
        (Kind::W3c { contexts, types }, _) => {
            let contexts = contexts.iter().map(|context| json!(context)).collect();
            let types = types.map(str::to_owned).to_vec();
            (configuration::Format::DataIntegrity { contexts, types }, "did:key")
        }
    };
    let algorithms = HOLDER_ALGORITHMS.map(str::to_owned).to_vec();
    let demand = ProofDemand { algorithms, attestation: None };
    let proofs = ["jwt", "attestation"].map(|kind| (kind.to_owned(), demand.clone())).into();
    let methods =
        if method == "did:key" { vec!["jwk".to_owned(), method.to_owned()] } else { vec![method.to_owned()] };
    let claims = description.claims.into_iter().map(|claim| ClaimDescription {
        path: claim.path,
        mandatory: claim.mandatory,
        displays: displays(claim.name),
    });
    Some(Configuration {
        format: kind,
        scope: Some(id.to_owned()), // [HAI-02]
        binding: Some(Binding { methods, proofs }),
        signing: vec![identity.algorithm(format)],
        displays: displays(profile.name()),
        claims: claims.collect(),
    })
}

fn displays(name: &LocalizedName) -> Displays {
    let display = |locale: &str, name: &str| json!({ "locale": locale, "name": name });
    let both: Value = json!([display("ko", &name.ko), display("en", &name.en)]);
    Displays::parse(&both).unwrap_or_default()
}

/// Type metadata of the profile's SD-JWT VCs [SD-JWT VC §6].
pub(crate) fn type_metadata(profile: &Profile) -> Option<Value> {
    let description = profile.describe(Format::SdJwtVc)?;
    let claims = description.claims.iter().map(|claim| {
        json!({
            "path": claim.path.to_json(),
            "display": [{ "locale": "ko", "label": claim.name.ko }, { "locale": "en", "label": claim.name.en }],
            "mandatory": claim.mandatory,
            "sd": if claim.mandatory { "never" } else { "always" },
        })
    });
    let name = profile.name();
    Some(json!({
        "vct": profile.credential_type().as_str(),
        "name": name.ko,
        "display": [{ "locale": "ko", "name": name.ko }, { "locale": "en", "name": name.en }],
        "claims": claims.collect::<Vec<_>>(),
    }))
}
