//! A node that ends with the test.

use alloy::{
    primitives::{Address, U256},
    providers::{Provider as _, RootProvider},
};
use serde_json::{Value, json};
use sinpyo_anchor_evm::chain::{http_client, provider};
use std::{
    io::{BufRead as _, BufReader},
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    time::Duration,
};
use url::Url;

pub(crate) const CHAIN: u64 = 20_261;

fn binary() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("node/node_modules/@foundry-rs/anvil-linux-amd64/bin/anvil")
}

/// Whether there is a node to test with; says so if there is none, and fails where everything is required.
pub(crate) fn available() -> bool {
    let there = binary().is_file();
    if !there {
        eprintln!("skipped: anvil is not installed (crates/anchor-evm/run installs it)");
        assert_ne!(std::env::var("SINPYO_REQUIRE_ALL").as_deref(), Ok("1"), "anvil is required");
    }
    there
}

/// anvil on a free port.
pub(crate) struct Node {
    child: Child,
    pub(crate) url: Url,
}

impl Node {
    pub(crate) fn start() -> Self {
        Self::with(CHAIN, &[])
    }

    /// With more arguments. One-slot epochs: the safe block is one, the final block two below the newest.
    pub(crate) fn with(chain: u64, arguments: &[&str]) -> Self {
        let mut child = Command::new(binary())
            .args(["--port", "0", "--slots-in-an-epoch", "1", "--chain-id", &chain.to_string()])
            .args(arguments)
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
        let listening = lines.find_map(|line| line.unwrap().strip_prefix("Listening on ").map(str::to_owned));
        // The pipe has to stay open, or the node dies of what it prints.
        std::thread::spawn(move || lines.for_each(drop));
        Self { child, url: format!("http://{}", listening.unwrap()).parse().unwrap() }
    }

    pub(crate) fn provider(&self) -> RootProvider {
        provider(self.url.clone(), http_client(Duration::from_secs(20)).unwrap())
    }

    pub(crate) async fn ask(&self, method: &'static str, parameters: Value) -> Value {
        self.provider().raw_request(method.into(), parameters).await.unwrap()
    }

    pub(crate) async fn fund(&self, account: Address) {
        let _ = self.ask("anvil_setBalance", json!([account, U256::from(10).pow(U256::from(20))])).await;
    }

    pub(crate) async fn mine(&self, blocks: u64) {
        let _ = self.ask("anvil_mine", json!([format!("{blocks:#x}")])).await;
    }

    pub(crate) async fn reorganise(&self, depth: u64) {
        let _ = self.ask("anvil_reorg", json!([depth, []])).await;
    }

    /// Stops and continues the process without ending it: its socket takes connections and nobody answers.
    pub(crate) fn signal(&self, name: &str) {
        let status = Command::new("kill").args([name, &self.child.id().to_string()]).status().unwrap();
        assert!(status.success());
    }
}

impl Drop for Node {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Runs a test's future to its end.
pub(crate) fn wait_for<T>(future: impl Future<Output = T>) -> T {
    tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap().block_on(future)
}
