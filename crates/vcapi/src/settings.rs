//! How a server is set up.

use crate::access::Access;
use sinpyo_core::vcdm;
use sinpyo_jsonld::Contexts;
use sinpyo_proof::{Generation, Profile};
use sinpyo_web::problem::RuleText;
use std::sync::Arc;

/// For whom the server is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mode {
    /// For others' conformance suites: no tokens; the data model 1.1 and definitions in documents are accepted; anybody
    /// may sign for an issuer.
    Conformance,
    /// For real credentials.
    Production,
}

/// How a server is set up.
#[derive(Debug)]
pub struct Settings {
    /// For whom it is.
    pub mode: Mode,
    /// The URL under which others reach it, without a slash at the end.
    pub base: String,
    /// The contexts that documents may name.
    pub contexts: Arc<Contexts>,
    /// Makes and checks access tokens; without it nobody is asked for one.
    pub access: Option<Access>,
    /// What the rules say to people.
    pub catalogue: fn(&str) -> Option<RuleText>,
}

impl Settings {
    /// How credentials and presentations are read.
    pub(crate) fn profile(&self) -> Profile {
        let profile = match self.mode {
            Mode::Conformance => Profile::conformance(),
            Mode::Production => Profile::default(),
        };
        Profile { contexts: Arc::clone(&self.contexts), ..profile }
    }

    /// Which versions of the data model are accepted.
    pub(crate) fn data_model(&self) -> vcdm::Version {
        match self.profile().generation {
            Generation::Legacy => vcdm::Version::V2OrV1,
            Generation::Current => vcdm::Version::V2,
        }
    }
}
