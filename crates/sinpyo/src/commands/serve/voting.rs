//! `sinpyo serve voting`

use super::{
    Done, Socket,
    service::{self, Common, Ground},
};
use crate::{
    cli::Global,
    files::{self, Access},
    office::Organisation,
    remote::peer::base_url,
    rules,
    serve::{
        pulse::Pulse,
        voting::{
            Voting,
            hands::Hands,
            heads::Heads,
            logs::{Shelf, Shelves},
            registrar::Office,
        },
    },
    service::memory::Place,
};
use anyhow::{Context, Result, bail};
use clap::Args;
use sinpyo_core::accreditation::LocalizedName;
use sinpyo_tlog::policy::Policy;
use sinpyo_voting_api::{Logs, Registrar, Service as Api, ServiceKey, Settings};
use sinpyo_web::site::Site;
use std::{
    num::NonZero,
    path::{Path, PathBuf},
    sync::{Arc, Mutex, OnceLock, PoisonError},
};
use tokio::sync::watch;

const MAX_POLICY: u64 = 1 << 20;
/// The file with the token of the management interface, for `sinpyo vote …`.
pub(crate) const TOKEN_FILE: &str = "manage.token";

/// Options of the voting service.
#[derive(Debug, Args)]
pub(crate) struct Options {
    #[command(flatten)]
    socket: Socket,
    #[command(flatten)]
    common: Common,
    /// Organisation of --home in whose name voters get credentials, and are asked for claims. Without one there are no
    /// credentials.
    #[arg(long = "as", value_name = "NAME")]
    organisation: Option<String>,
    /// Where wallets post ballots instead of here: a relay that somebody else runs, as `https://relay.example.kr/e`. Wallets
    /// take no other path, and none of this service's own host and port.
    #[arg(long, value_name = "URL")]
    relay: Option<String>,
    /// Threads that check ballots; by default as many as there are cores.
    #[arg(long, value_name = "N")]
    checkers: Option<NonZero<usize>>,
    /// Write the token of the management interface into this file; by default manage.token in --data.
    #[arg(long, value_name = "FILE")]
    token_file: Option<PathBuf>,
}

/// What runs beside the server once it knows its address.
struct Beside {
    hands: Vec<std::thread::JoinHandle<()>>,
    heads: Heads,
}

pub(super) fn run(global: &Global, options: Options) -> Result<Done> {
    let Options { socket, common, organisation, relay, checkers, token_file } = options;
    let policy = global.policy.as_deref().map(policy).transpose()?;
    relay.as_deref().map(check_relay).transpose()?;
    let Ground { tls, memory, key, world } = common.ground(global, &socket)?;
    let (registrar, operator) = match &organisation {
        Some(name) => {
            let home = world.installation().open()?;
            let names = Organisation::load(&home, name)?.names;
            let office: Arc<dyn Registrar> = Arc::new(Office::open(&home, name, Arc::clone(&world))?);
            (Some(office), names)
        }
        None => (None, LocalizedName { ko: "신표 투표".to_owned(), en: "Sinpyo voting".to_owned() }),
    };
    let logs: Arc<dyn Logs> = Arc::new(Shelves::new(shelf(&common.place)?, memory.shared()));
    let hands = Arc::new(Hands::default());
    let checkers = checkers.or_else(|| std::thread::available_parallelism().ok());
    let (beat, beats) = watch::channel(0);
    let (api, client) = (OnceLock::new(), world.client());
    let voting = Arc::new(Voting { api, memory: memory.clone(), client, beats });
    let beside = Mutex::new(None);
    let pulse = Pulse::start(voting.clone(), beat)?;
    let token_file = token_file.or_else(|| common.place.data().map(|folder| folder.join(TOKEN_FILE)));
    let served = service::serve(voting.clone(), (socket.listen, tls), common.base, |origin| {
        let api = Arc::new(Api::new(Settings {
            site: Site::new(origin, Vec::new()),
            operator,
            key: ServiceKey::new(key),
            state: memory.shared(),
            logs: Arc::clone(&logs),
            workers: hands.clone(),
            registrar,
            relay,
            catalogue: rules::full,
        }));
        if let Some(file) = &token_file {
            files::replace(file, api.manage_token().expose().as_bytes(), Access::Private)?;
        }
        let threads = hands.start(&api, checkers.map_or(1, NonZero::get))?;
        let heads = Heads::start(Arc::clone(&api), logs, policy.as_ref())?;
        *beside.lock().unwrap_or_else(PoisonError::into_inner) = Some(Beside { hands: threads, heads });
        // Set once: this is called once.
        let _ = voting.api.set(api);
        Ok(())
    });
    hands.stop();
    if let Some(Beside { hands, heads }) = beside.into_inner().unwrap_or_else(PoisonError::into_inner) {
        for thread in hands {
            if thread.join().is_err() {
                tracing::error!("a thread that checks ballots broke down");
            }
        }
        heads.finish();
    }
    pulse.finish();
    served?;
    Ok(Done::Accepted)
}

/// Wallets take no other address of a relay. [VTR-18]
fn check_relay(relay: &str) -> Result<()> {
    if base_url(relay)?.path() != "/e/" {
        bail!("--relay {relay}: wallets send ballots to a relay at https://<host>/e and to no other path");
    }
    Ok(())
}

/// The logs are beside the memory.
fn shelf(place: &Place) -> Result<Shelf> {
    if let Some((url, mode)) = place.database() {
        return Ok(Shelf::Database { url: url.to_owned(), mode });
    }
    let folder =
        place.data().context("--data DIR or --database URL says where the elections are")?.join("elections");
    files::private_folder(&folder)?;
    Ok(Shelf::Folder(folder))
}

fn policy(file: &Path) -> Result<Policy> {
    Policy::parse(&files::read(file, MAX_POLICY)?).with_context(|| format!("{} is no policy", file.display()))
}
