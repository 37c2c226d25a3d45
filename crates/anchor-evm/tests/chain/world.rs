//! A log, its contract and its anchorer.

use crate::node::{CHAIN, Node, wait_for};
use alloy::{primitives::Address, signers::local::PrivateKeySigner};
use sinpyo_anchor_evm::{
    anchorer::{Anchorer, Progress, StepError},
    block::Hashing,
    chain::{BlockRules, Chain, Finality, FinalityRule, Nodes, http_client, provider},
    contract::{Site, creation_code},
    log::{LogPlace, LogReader},
    memory::Memory,
    send::{Call, Patience, Sender},
};
use sinpyo_crypto::{Algorithm, KeySigner};
use sinpyo_testkit::key;
use sinpyo_tlog::{
    checkpoint::SignedCheckpoint,
    edge::Edge,
    merkle::{Hash, TreeHead},
    note::{LogKey, Origin},
    policy::Policy,
    tile::TileId,
};
use std::{
    cell::{Cell, RefCell},
    convert::Infallible,
    fs,
    path::Path,
    time::Duration,
};
use tempfile::TempDir;
use url::Url;

pub(crate) const ORIGIN: &str = "ledger.example/2026";

pub(crate) fn origin() -> Origin {
    ORIGIN.parse().unwrap()
}

/// A log in a folder, with the key to sign whatever its operator likes.
pub(crate) struct Log {
    pub(crate) folder: TempDir,
    pub(crate) key: LogKey,
    signer: KeySigner,
    entries: RefCell<Vec<String>>,
}

impl Log {
    pub(crate) fn new() -> Self {
        let secret = key(Algorithm::Ed25519, 1);
        let public = LogKey::new(origin(), secret.verifying_key().clone()).unwrap();
        let signer = KeySigner::new("did:example:log#key".parse().unwrap(), secret);
        let log = Self { folder: TempDir::new().unwrap(), key: public, signer, entries: RefCell::default() };
        log.grow_to(0);
        log
    }

    /// Appends until there are `size` entries (or cuts the log), and publishes.
    pub(crate) fn grow_to(&self, size: usize) -> TreeHead {
        {
            let mut entries = self.entries.borrow_mut();
            entries.truncate(size);
            let there = entries.len();
            entries.extend((there..size).map(|n| format!("entry {n}")));
        }
        self.publish()
    }

    /// Writes another text into entry `n`, rebuilds and signs again.
    pub(crate) fn rewrite(&self, n: usize) -> TreeHead {
        self.entries.borrow_mut()[n] = "rewritten".to_owned();
        self.publish()
    }

    fn publish(&self) -> TreeHead {
        let write = |id: TileId, content: &[u8]| {
            let path = self.folder.path().join(id.to_string());
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            if id.is_full() {
                // Allowed as soon as the full tile is there [C2SP tlog-tiles].
                let _ = fs::remove_dir_all(path.with_extension("p"));
            }
            fs::write(path, content).unwrap();
        };
        let mut edge = Edge::empty();
        for entry in self.entries.borrow().iter() {
            let full = |id: TileId, content: &[u8]| {
                write(id, content);
                Ok::<_, Infallible>(())
            };
            edge.append(Hash::leaf(entry.as_bytes()), full).unwrap();
        }
        edge.take_changed().for_each(|(id, content)| write(id, content));
        let head = edge.frontier.head();
        let checkpoint = SignedCheckpoint::sign(head, &self.key, &self.signer).unwrap();
        fs::write(self.folder.path().join("checkpoint"), checkpoint.to_string()).unwrap();
        head
    }

    pub(crate) fn reader(&self) -> LogReader {
        let place = LogPlace::Folder(self.folder.path().to_owned());
        LogReader::new(place, Policy::of_log(self.key.clone()), http_client(Duration::from_secs(5)).unwrap())
    }
}

/// The account number `n`.
pub(crate) fn account(n: u8) -> PrivateKeySigner {
    PrivateKeySigner::from_slice(&[n; 32]).unwrap()
}

pub(crate) const OWNER: u8 = 1;
pub(crate) const ANCHORER: u8 = 2;
pub(crate) const STRANGER: u8 = 3;

/// Impatient: the tests decide when blocks are made.
pub(crate) const PATIENCE: Patience = Patience {
    per_attempt: Duration::from_millis(300),
    poll: Duration::from_millis(20),
    raises: 4,
    max_gas_price: u128::MAX,
};

pub(crate) fn sender(n: u8) -> Sender {
    Sender::new(account(n), CHAIN, PATIENCE)
}

pub(crate) struct World {
    pub(crate) node: Node,
    pub(crate) log: Log,
    pub(crate) contract: Address,
    pub(crate) state: TempDir,
    clock: Cell<u64>,
}

impl World {
    /// A chain with the contract of a log, and money for three accounts.
    pub(crate) fn new() -> Self {
        Self::on(Node::start())
    }

    pub(crate) fn on(node: Node) -> Self {
        let contract = wait_for(async {
            for n in [OWNER, ANCHORER, STRANGER] {
                node.fund(account(n).address()).await;
            }
            deploy(&node, &origin()).await
        });
        Self { node, log: Log::new(), contract, state: TempDir::new().unwrap(), clock: Cell::new(0) }
    }

    pub(crate) fn site(&self) -> Site {
        Site { chain_id: CHAIN, contract: self.contract, origin: origin() }
    }

    pub(crate) fn chain(&self) -> Chain {
        chain_at(self.node.url.clone(), self.site())
    }

    pub(crate) fn memory(&self) -> Memory {
        Memory::new(self.state.path().join("last"), origin())
    }

    pub(crate) fn anchorer(&self) -> Anchorer {
        self.anchorer_with(self.chain(), sender(ANCHORER))
    }

    pub(crate) fn anchorer_with(&self, chain: Chain, sender: Sender) -> Anchorer {
        Anchorer::new(self.log.reader(), chain, sender, self.memory(), Finality::Latest)
    }

    /// One step, ten seconds after the one before.
    pub(crate) async fn step(&self, anchorer: &mut Anchorer) -> Result<Progress, StepError> {
        anchorer.step(self.tick()).await
    }

    pub(crate) fn tick(&self) -> Duration {
        self.clock.set(self.clock.get() + 10);
        Duration::from_secs(self.clock.get())
    }

    /// What the contract holds in the newest block.
    pub(crate) async fn held(&self) -> TreeHead {
        let chain = self.chain();
        let contract = chain.contract().await.unwrap();
        contract.head_at(Finality::Latest).await.unwrap().unwrap().head
    }
}

/// The contract of `site` through the node at `rpc`.
pub(crate) fn chain_at(rpc: Url, site: Site) -> Chain {
    chain_of(rpc, None, site)
}

/// The same through two nodes.
pub(crate) fn chain_of(rpc: Url, second: Option<Url>, site: Site) -> Chain {
    let node = |url| provider(url, http_client(Duration::from_secs(3)).unwrap());
    let nodes = Nodes { first: node(rpc), second: second.map(node) };
    Chain::new(nodes, site, BlockRules { finality: FinalityRule::Tags, hashing: Hashing::Ethereum })
}

/// Creates a contract with the owner's account.
pub(crate) async fn deploy(node: &Node, origin: &Origin) -> Address {
    let code = creation_code(origin, account(ANCHORER).address());
    let mined = sender(OWNER).send(&node.provider(), &Call::Create(code)).await.unwrap();
    mined.created.unwrap()
}

pub(crate) fn checkpoint_text(folder: &Path) -> String {
    fs::read_to_string(folder.join("checkpoint")).unwrap()
}
