//! An issuer and a verifier that are served, with everything that they need.

mod business;
mod founding;

use crate::{
    flow::{Phone, Trust, WalletName},
    manage::{Program, Tenant},
    node::{Node, Usage, free_address},
    web::{Nodes, Web},
};
use anyhow::{Context as _, Result};
use sinpyo_postgres::cluster::{Cluster, Programs};
use std::{
    collections::BTreeMap,
    fs,
    net::SocketAddr,
    path::{Path, PathBuf},
    process::Command,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};
use tempfile::TempDir;

/// The organisation that issues, which is the root of the ledger.
const ISSUER: &str = "moi";
/// The organisation that asks.
const VERIFIER: &str = "post";
/// The program at both management interfaces.
const PROGRAM: &str = "load";
const WALLET: &str = "sinpyo-load";

/// Where the services keep their state.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Engine {
    /// One file for each service.
    Sqlite,
    /// A PostgreSQL of our own.
    Cluster,
    /// Somebody's PostgreSQL.
    Database(String),
}

impl Engine {
    /// As it is called in reports.
    pub const fn name(&self) -> &'static str {
        match self {
            Self::Sqlite => "sqlite",
            Self::Cluster | Self::Database(_) => "postgres",
        }
    }
}

/// The two services.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Service {
    /// `sinpyo serve issuer`.
    Issuer,
    /// `sinpyo serve verifier`.
    Verifier,
}

impl Service {
    /// As it is called on the command line.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Issuer => "issuer",
            Self::Verifier => "verifier",
        }
    }

    const fn organisation(self) -> &'static str {
        match self {
            Self::Issuer => ISSUER,
            Self::Verifier => VERIFIER,
        }
    }

    const fn scopes(self) -> &'static str {
        match self {
            Self::Issuer => "issue,status,read",
            Self::Verifier => "request,result,read",
        }
    }
}

/// A served issuer and a served verifier of one ledger. Dropped, they are killed and removed.
#[derive(Debug)]
pub struct Town {
    binary: PathBuf,
    folder: TempDir,
    /// Where the state of each service is, if not in a file.
    databases: BTreeMap<Service, String>,
    addresses: BTreeMap<Service, Vec<SocketAddr>>,
    running: Mutex<BTreeMap<(Service, usize), Node>>,
    programs: BTreeMap<Service, Program>,
    dids: BTreeMap<&'static str, String>,
    trust: Arc<Trust>,
    _cluster: Option<Cluster>,
}

impl Town {
    /// Where the browsers of wallets come back to: nobody listens there.
    pub const REDIRECT: &'static str = "http://127.0.0.1:9/wallet";
    /// Where verifiers send browsers back to.
    const RETURN: &'static str = "http://127.0.0.1:9/done";

    /// Founds a ledger, and serves an issuer and a verifier from `nodes` processes of `binary` each.
    ///
    /// # Errors
    /// The program refuses, or a database or a server does not start.
    pub fn found(binary: &Path, engine: &Engine, nodes: usize) -> Result<Self> {
        let folder = TempDir::with_prefix("sinpyo-load")?;
        let (cluster, databases) = databases(engine)?;
        let mut town = Self {
            binary: binary.canonicalize()?,
            folder,
            databases,
            addresses: BTreeMap::new(),
            running: Mutex::default(),
            programs: BTreeMap::new(),
            dids: BTreeMap::new(),
            trust: Arc::default(),
            _cluster: cluster,
        };
        town.settle()?;
        for service in [Service::Issuer, Service::Verifier] {
            let addresses = (0..nodes).map(|_| free_address()).collect::<Result<Vec<_>>>()?;
            town.addresses.insert(service, addresses);
            let program = town.enter(service)?;
            town.programs.insert(service, program);
            for number in 0..nodes {
                town.start(service, number)?;
            }
        }
        Ok(town)
    }

    /// Which machines stand behind which address.
    pub fn nodes(&self) -> Arc<Nodes> {
        let behind = |nodes: Nodes, service: &Service| match self.addresses.get(service).map(Vec::as_slice) {
            Some(machines @ [first, ..]) => nodes.behind(&first.to_string(), machines),
            _ => nodes,
        };
        Arc::new(self.addresses.keys().fold(Nodes::new(), behind))
    }

    /// A wallet that knows the organisations.
    pub fn phone(&self) -> Phone {
        Phone::new(Arc::clone(&self.trust), WalletName::Public(WALLET.to_owned()))
    }

    /// The management interface of a service.
    ///
    /// # Errors
    /// The service refuses, or does not answer.
    pub fn log_in(&self, service: Service, web: &mut dyn Web) -> Result<Tenant> {
        let program = self.programs.get(&service).context("a town without a program")?;
        Ok(Tenant::log_in(&self.base(service)?, service.organisation(), program, web)?)
    }

    /// SIGKILL for the first node of a service, which is started again.
    ///
    /// # Errors
    /// It does not start.
    pub fn kill_and_start(&self, service: Service) -> Result<()> {
        if let Some(mut node) = self.running().remove(&(service, 0)) {
            node.kill()?;
        }
        self.start(service, 0)
    }

    /// Lets all servers run on one processor.
    ///
    /// # Errors
    /// That is not possible here.
    pub fn pin(&self, processor: usize) -> Result<()> {
        self.running().values().try_for_each(|node| node.pin(processor))
    }

    /// What the servers have used so far.
    ///
    /// # Errors
    /// This system does not tell.
    pub fn usage(&self) -> Result<BTreeMap<String, Usage>> {
        let running = self.running();
        let usage = running.iter().map(|((service, number), node)| {
            Ok((format!("{} {}", service.name(), number + 1), node.usage()?))
        });
        usage.collect()
    }

    fn running(&self) -> MutexGuard<'_, BTreeMap<(Service, usize), Node>> {
        self.running.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn base(&self, service: Service) -> Result<String> {
        let first =
            self.addresses.get(&service).and_then(|all| all.first()).context("a town without a node")?;
        Ok(format!("http://{first}"))
    }

    /// Where the state of a service is, and the key that its nodes share.
    fn place(&self, service: Service) -> Vec<String> {
        let data = self.path(service.name()).display().to_string();
        let mut words = vec!["--data".to_owned(), data];
        words.extend(
            self.databases.get(&service).into_iter().flat_map(|url| ["--database".to_owned(), url.clone()]),
        );
        words
    }

    fn start(&self, service: Service, number: usize) -> Result<()> {
        let addresses = self.addresses.get(&service).context("a town without a node")?;
        let address = addresses.get(number).context("no such node")?;
        let words = fs::File::options().create(true).append(true).open(self.path("words.txt"))?;
        let mut command = Command::new(&self.binary);
        command.arg("--home").arg(self.path("home")).args(["serve", service.name(), "--development"]);
        command.args(["--listen", &address.to_string(), "--base", &self.base(service)?]);
        command.args(["--as", service.organisation()]).args(self.place(service)).stderr(words);
        let node = Node::start(&mut command).with_context(|| self.words())?;
        self.running().insert((service, number), node);
        Ok(())
    }

    /// What the servers had to say.
    pub fn words(&self) -> String {
        fs::read_to_string(self.path("words.txt")).unwrap_or_default()
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }
}

/// Where the state of each service is to be, with the cluster if one is made for it.
fn databases(engine: &Engine) -> Result<(Option<Cluster>, BTreeMap<Service, String>)> {
    let both = [Service::Issuer, Service::Verifier];
    match engine {
        Engine::Sqlite => Ok((None, BTreeMap::new())),
        Engine::Database(url) => Ok((None, both.map(|service| (service, url.clone())).into())),
        Engine::Cluster => {
            let cluster = Cluster::start(&Programs::find().context("PostgreSQL is not installed")?, 0)?;
            let mut databases = BTreeMap::new();
            for service in both {
                let name = service.name();
                cluster.query(0, &format!("CREATE DATABASE {name}"))?;
                databases
                    .insert(service, cluster.url().replace("dbname=postgres", &format!("dbname={name}")));
            }
            Ok((Some(cluster), databases))
        }
    }
}
