//! What a service looks up in the world: documents, rights and status lists, each kept for a while.

use super::turns::{Shared, Turns};
use crate::{
    cli::Global,
    facts::{Facts, Source},
    home::{Elsewhere, Home},
    http::{GuardedClient, Reach},
    issuing,
    os::{SharedClock, SystemClock},
    say::Voice,
    web::Web,
};
use anyhow::{Context, Result, bail};
use sinpyo_core::{
    accreditation::Right,
    did::Did,
    resolved::{Resolved, VersionSelector},
    status::{StatusEntry, StatusList},
    time::{Clock as _, Timestamp},
};
use sinpyo_proof::{KeyRing, Unverified, VerifiedStatusList, issuer_key::IssuerKeys};
use sinpyo_registry::{accreditation::AccreditationProof, did_tlog::ResolutionProof, heads::Recency};
use sinpyo_resolver::FetchQuery;
use sinpyo_tlog::merkle::TreeHead;
use sinpyo_verifier::{Fact, Known, Need};
use sinpyo_x509::Roots;
use std::{
    cell::RefCell,
    collections::HashMap,
    path::PathBuf,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::{Duration, Instant},
};

/// Longest status list that is fetched.
const MAX_LIST: usize = 4 << 20;
const LIST: &str = "application/statuslist+jwt, application/statuslist+cwt, application/vc+jwt;q=0.9";
/// Rounds in which one thing leads to others: a document, a list, and the document of who signed it.
const ROUNDS: usize = 4;
/// Most facts, and most lists, that are kept.
const MOST: usize = 4096;

/// The installation that a service belongs to. It is opened for a moment whenever something is to be looked up, so that
/// commands and other services can work with it too.
#[derive(Clone, Debug)]
pub(crate) struct Installation {
    /// Its folder.
    pub(crate) folder: PathBuf,
    /// The registry elsewhere that it relies on from now on, if one was named.
    pub(crate) registry: Option<String>,
    /// By which policy that is believed.
    pub(crate) policy: Option<PathBuf>,
    /// Oldest acceptable fact.
    pub(crate) freshness: Duration,
}

impl Installation {
    /// The one that the options of a command name.
    pub(crate) fn of(global: &Global) -> Self {
        Self {
            folder: global.home.clone(),
            registry: global.registry.clone(),
            policy: global.policy.clone(),
            freshness: Duration::from_secs(global.freshness),
        }
    }

    /// Opens it.
    pub(crate) fn open(&self) -> Result<Home> {
        let elsewhere = Elsewhere {
            registry: self.registry.as_deref(),
            policy: self.policy.as_deref(),
            planned: None,
            // One half for the registry, the other for keeping. [CLI-19]
            max_age: self.freshness / 2,
        };
        Home::open_with(&self.folder, SharedClock::new(SystemClock), elsewhere, Voice::quiet())
    }
}

/// Where a service looks things up.
#[derive(Debug)]
pub(crate) struct World {
    installation: Installation,
    client: Arc<GuardedClient>,
    reach: Reach,
    facts: Mutex<Kept<Known>>,
    /// Status lists as they were fetched.
    lists: Mutex<Kept<Arc<[u8]>>>,
    /// Held while the installation is read.
    looking: Mutex<()>,
    turns: Turns,
    /// What is being looked up, and fetched, at this moment.
    finding: Shared<Known>,
    fetching: Shared<Option<Arc<[u8]>>>,
}

impl World {
    /// Asks nobody yet.
    pub(crate) fn new(installation: Installation, reach: Reach) -> Result<Self> {
        let client = GuardedClient::reaching(reach).context("cannot make an HTTP client")?;
        let (facts, lists, looking) = (Mutex::default(), Mutex::default(), Mutex::default());
        let (turns, finding, fetching) = (Turns::default(), Shared::default(), Shared::default());
        let client = Arc::new(client);
        Ok(Self { installation, client, reach, facts, lists, looking, turns, finding, fetching })
    }

    /// Which servers are reached.
    pub(crate) const fn reach(&self) -> Reach {
        self.reach
    }

    /// The installation.
    pub(crate) const fn installation(&self) -> &Installation {
        &self.installation
    }

    /// The way to other servers.
    pub(crate) fn client(&self) -> Arc<GuardedClient> {
        Arc::clone(&self.client)
    }

    /// What is known about `need`, if that was looked up lately.
    pub(crate) fn known(&self, need: &Need) -> Option<Known> {
        let name = name_of(need)?;
        lock(&self.facts).fresh(&name, self.keep())
    }

    /// Looks all of `needs` up, with the roots that certify publishers of lists where such are needed. What cannot be had
    /// is unavailable.
    pub(crate) fn find(&self, needs: &[(&Need, Option<&Arc<Roots>>)]) -> Vec<Known> {
        needs.iter().map(|(need, roots)| self.find_one(need, *roots)).collect()
    }

    fn find_one(&self, need: &Need, roots: Option<&Arc<Roots>>) -> Known {
        if let Some(known) = self.known(need) {
            return known;
        }
        let Some(name) = name_of(need) else { return self.look_up(need, roots) };
        self.finding.find(&name, || {
            if let Some(known) = self.known(need) {
                return known;
            }
            let known = self.look_up(need, roots);
            // What could not be had is asked for again next time.
            if !matches!(known.fact, Fact::Unavailable) {
                lock(&self.facts).keep(name.clone(), known.clone(), self.keep());
            }
            known
        })
    }

    fn look_up(&self, need: &Need, roots: Option<&Arc<Roots>>) -> Known {
        let now = SystemClock.now();
        let found = match need {
            Need::CertifiedStatusList { entry, issuer } => {
                let list = roots.and_then(|roots| self.certified_list((entry, issuer), roots, now));
                Ok(list.map_or(Fact::Unavailable, |list| Fact::StatusList(Arc::new(list))))
            }
            _ => self.look(|facts| Ok(facts.fetch(need)?.fact)),
        };
        let fact = found.unwrap_or_else(|error| {
            tracing::warn!(error = format!("{error:#}"), "something could not be looked up");
            Fact::Unavailable
        });
        Known { fact, as_of: now }
    }

    /// What `ask` learns from the ledger at hand and from web servers. The installation is ours only while we read it:
    /// what is missing then is fetched while others can read it, and we ask anew.
    fn look<T>(&self, ask: impl Fn(&mut Facts<'_>) -> Result<T>) -> Result<T> {
        let fetched = RefCell::new(Fetched::default());
        for _ in 0..ROUNDS {
            let answer = {
                let _only_one = lock(&self.looking);
                let home = self.installation.open()?;
                let source = Looking { home: &home, world: self, fetched: &fetched };
                ask(&mut Facts::new(&source, home.trust()?, SystemClock.now()))?
            };
            let missing = std::mem::take(&mut fetched.borrow_mut().missing);
            if missing.is_empty() {
                return Ok(answer);
            }
            for one in missing {
                self.fetch(one, &fetched)?; // [CLI-32]
            }
        }
        bail!("one thing leads to ever more others")
    }

    fn fetch(&self, missing: Missing, fetched: &RefCell<Fetched>) -> Result<()> {
        match missing {
            Missing::List(uri) => {
                let list = self.list(&uri);
                fetched.borrow_mut().lists.insert(uri, list);
            }
            Missing::Document(query) => {
                let (name, web) = (format!("{query:?}"), Web::reaching(self.reach)?);
                let url = query.request().url().to_owned();
                let resolved = match self.turns.ask(&url, || web.resolve(*query, SystemClock.now())) {
                    Some(Ok(resolved)) => Some(resolved.into_resolved()),
                    Some(Err(error)) => {
                        tracing::warn!(code = error.code(), %error, "a document was not fetched");
                        None
                    }
                    None => None,
                };
                fetched.borrow_mut().documents.insert(name, resolved);
            }
        }
        Ok(())
    }

    /// The document of a DID.
    pub(crate) fn document(&self, did: &Did, version: &VersionSelector) -> Result<Option<Resolved>> {
        self.look(|facts| facts.document(did, version))
    }

    fn certified_list(
        &self,
        (entry, issuer): (&StatusEntry, &str),
        roots: &Arc<Roots>,
        now: Timestamp,
    ) -> Option<VerifiedStatusList> {
        let wire = self.list(entry.list())?;
        let mut ring = KeyRing::default();
        ring.trust_certificates(Arc::clone(roots));
        // Whoever issued it by certificate publishes by certificate, also under a DID.
        ring.add_issuer(issuer, IssuerKeys::Certified(Arc::clone(roots)));
        let list = Unverified::<StatusList>::parse(&wire).ok()?;
        list.verify(entry, &ring, now)
            .inspect_err(|error| tracing::warn!(code = error.code(), "a status list"))
            .ok()
    }

    /// The list at `uri`, as it was fetched lately.
    fn list(&self, uri: &str) -> Option<Arc<[u8]>> {
        let known = || lock(&self.lists).fresh(uri, self.keep());
        known().or_else(|| self.fetching.find(uri, || known().or_else(|| self.fetch_list(uri))))
    }

    fn fetch_list(&self, uri: &str) -> Option<Arc<[u8]>> {
        let web = Web::reaching(self.reach).ok()?;
        match self.turns.ask(uri, || web.get(uri, LIST, MAX_LIST))? {
            Ok(list) => {
                let list: Arc<[u8]> = list.into();
                lock(&self.lists).keep(uri.to_owned(), Arc::clone(&list), self.keep());
                Some(list)
            }
            Err(error) => {
                tracing::warn!(code = error.code(), %error, "a status list was not fetched");
                None
            }
        }
    }

    /// How long a fact is relied on after it was looked up. [CLI-19]
    fn keep(&self) -> Duration {
        self.installation.freshness / 2
    }
}

/// The ledger at hand, and web servers.
struct Looking<'a> {
    home: &'a Home,
    world: &'a World,
    fetched: &'a RefCell<Fetched>,
}

/// What web servers said, and what they are still to be asked.
#[derive(Debug, Default)]
struct Fetched {
    documents: HashMap<String, Option<Resolved>>,
    lists: HashMap<String, Option<Arc<[u8]>>>,
    missing: Vec<Missing>,
}

#[derive(Debug)]
enum Missing {
    Document(Box<FetchQuery>),
    List(String),
}

impl Source for Looking<'_> {
    fn document(&self, did: &Did, version: &VersionSelector) -> Result<Option<ResolutionProof>> {
        Source::document(self.home, did, version)
    }

    fn accreditation(&self, subject: &Did, right: &Right) -> Result<Option<AccreditationProof>> {
        Source::accreditation(self.home, subject, right)
    }

    fn head(&self) -> Option<TreeHead> {
        None
    }

    fn recency(&self, now: Timestamp) -> Recency<'_> {
        self.home.demanded_recency(now)
    }

    fn names_heads(&self) -> bool {
        self.home.log_names_heads()
    }

    fn web_document(&self, query: FetchQuery, _: Timestamp) -> Option<Resolved> {
        let fetched = &mut *self.fetched.borrow_mut();
        let found = fetched.documents.get(&format!("{query:?}"));
        found.cloned().unwrap_or_else(|| {
            fetched.missing.push(Missing::Document(Box::new(query)));
            None
        })
    }

    fn status_list(&self, uri: &str, issuer: &Did) -> Result<Option<Vec<u8>>> {
        if let Some(list) = Source::status_list(self.home, uri, issuer)? {
            return Ok(Some(list));
        }
        let fresh = lock(&self.world.lists).fresh(uri, self.world.keep());
        let list = fresh.map(Some).or_else(|| self.fetched.borrow().lists.get(uri).cloned());
        let Some(list) = list else {
            self.fetched.borrow_mut().missing.push(Missing::List(uri.to_owned()));
            return Ok(None);
        };
        let Some(list) = list else { return Ok(None) };
        // Who commits the editions of a list to the ledger is believed in the newest one only. [CLI-27]
        let is_newest = issuer.method() != "tlog" || !issuing::is_outdated(self.home, issuer, uri, &list)?;
        Ok(is_newest.then(|| list.to_vec()))
    }
}

/// The name under which a fact is kept: one list serves all of its entries. What depends on a transaction's roots is not.
fn name_of(need: &Need) -> Option<String> {
    match need {
        Need::StatusList { entry, issuer } => Some(format!("{} of {issuer}", entry.list())),
        Need::CertifiedStatusList { .. } => None,
        other => Some(format!("{other:?}")),
    }
}

/// What was looked up, and when.
#[derive(Debug)]
struct Kept<T>(HashMap<String, (Instant, T)>);

impl<T> Default for Kept<T> {
    fn default() -> Self {
        Self(HashMap::new())
    }
}

impl<T: Clone> Kept<T> {
    /// What was looked up less than `keep` ago.
    fn fresh(&self, name: &str, keep: Duration) -> Option<T> {
        self.0.get(name).filter(|(since, _)| since.elapsed() < keep).map(|(_, value)| value.clone()) // [CLI-19]
    }

    fn keep(&mut self, name: String, value: T, keep: Duration) {
        if self.0.len() >= MOST {
            self.0.retain(|_, (since, _)| since.elapsed() < keep);
        }
        if self.0.len() < MOST {
            self.0.insert(name, (Instant::now(), value));
        }
    }
}

pub(super) fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
