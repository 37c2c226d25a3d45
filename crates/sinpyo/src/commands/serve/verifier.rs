//! `sinpyo serve verifier`

use super::{
    Done, Socket,
    service::{self, Common, Ground},
};
use crate::{
    cli::Global,
    commands::service::{Kind, first},
    home::Home,
    office::Organisation,
    rules,
    serve::{pulse::Pulse, verifier::Verifier},
    service::certificates,
};
use anyhow::{Context, Result};
use clap::Args;
use sinpyo_core::{accreditation::LocalizedName, key::Signer as _};
use sinpyo_openid4vp::{
    TransactionTypes,
    verifier::{Lifetimes, Name},
};
use sinpyo_verifier_api::{Names, Retention, Service as Api, ServiceKey, Settings, SigningName};
use sinpyo_web::site::Site;
use std::sync::{Arc, OnceLock};
use tokio::sync::watch;

/// Options of the verifier.
#[derive(Debug, Args)]
pub(crate) struct Options {
    #[command(flatten)]
    socket: Socket,
    #[command(flatten)]
    common: Common,
    /// Organisation of --home that asks; may be repeated. With several, each is the tenant of its name. Without any,
    /// requests are not signed.
    #[arg(long = "as", value_name = "NAME")]
    organisations: Vec<String>,
}

pub(super) fn run(global: &Global, options: Options) -> Result<Done> {
    let Options { socket, common, organisations } = options;
    let Ground { tls, memory, key, world } = common.ground(global, &socket)?;
    let home = world.installation().open()?;
    if common.development {
        first::enter(Kind::Verifier, &common.place, &home, &organisations)?;
    }
    let (names, operator) = (names(&home, &organisations)?, operator(&home, &organisations)?);
    drop(home);
    let (beat, beats) = watch::channel(0);
    let verifier = Arc::new(Verifier { api: OnceLock::new(), memory, world, beats });
    let pulse = Pulse::start(verifier.clone(), beat)?;
    let served = service::serve(verifier.clone(), (socket.listen, tls), common.base, |origin| {
        let settings = Settings {
            site: Site::new(origin, Vec::new()),
            operator,
            key: ServiceKey::new(key),
            names,
            lifetimes: Lifetimes::default(),
            retention: Retention::default(),
            transaction_types: TransactionTypes::new(),
            catalogue: rules::full,
        };
        // Set once: this is called once.
        let _ = verifier.api.set(Arc::new(Api::new(settings)));
        Ok(())
    });
    pulse.finish();
    served?;
    Ok(Done::Accepted)
}

/// One organisation asks for all tenants; several ask for the tenants of their names.
fn names(home: &Home, organisations: &[String]) -> Result<Names> {
    if let [only] = organisations {
        return Ok(Names::new(names_of(home, only)?));
    }
    organisations.iter().try_fold(Names::default(), |names, name| {
        let tenant = name.parse().with_context(|| format!("{name} cannot be the name of a tenant"))?;
        Ok(names.for_tenant(tenant, names_of(home, name)?))
    })
}

/// By its DID first, to which the ledger knows its rights; then by its certificate.
fn names_of(home: &Home, name: &str) -> Result<Vec<SigningName>> {
    let organisation = Organisation::load(home, name)?;
    let mut names = vec![Name::Did { key_id: organisation.signer.key_id().clone() }];
    if let Some(chain) = certificates::chain_of(home, &organisation)? {
        let hosts =
            chain.dns_names().iter().map(|host| Name::Host { host: host.clone(), chain: chain.clone() });
        names.extend(hosts.collect::<Vec<_>>());
        names.push(Name::Certificate { chain });
    }
    let signing =
        |name_of_key| Ok(SigningName { name: name_of_key, signer: Organisation::load(home, name)?.signer });
    names.into_iter().map(signing).collect()
}

fn operator(home: &Home, organisations: &[String]) -> Result<LocalizedName> {
    match organisations.first() {
        Some(first) => Ok(Organisation::load(home, first)?.names),
        None => Ok(LocalizedName { ko: "신표 검증기".to_owned(), en: "Sinpyo verifier".to_owned() }),
    }
}
