//! A ledger at hand, and status lists from the network.

use crate::{facts::Source, home::Home, issuing, web::Web};
use anyhow::Result;
use sinpyo_core::{
    accreditation::Right,
    did::Did,
    resolved::{Resolved, VersionSelector},
    time::Timestamp,
};
use sinpyo_registry::{accreditation::AccreditationProof, did_tlog::ResolutionProof, heads::Recency};
use sinpyo_resolver::FetchQuery;
use sinpyo_tlog::merkle::TreeHead;

/// Longest status list token that is fetched.
const MAX_LIST: usize = 4 << 20;

/// The installation, asked first, and the network for status lists that it does not have.
#[derive(Debug)]
pub(crate) struct Online<'a> {
    home: &'a Home,
    web: Web,
}

impl<'a> Online<'a> {
    /// Connects nothing yet.
    pub(crate) fn new(home: &'a Home) -> Result<Self> {
        Ok(Self { home, web: Web::new()? })
    }
}

impl Source for Online<'_> {
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

    fn web_document(&self, query: FetchQuery, now: Timestamp) -> Option<Resolved> {
        match self.web.resolve(query, now) {
            Ok(resolved) => Some(resolved.into_resolved()),
            Err(error) => {
                eprintln!("{}: {error}", error.code());
                None
            }
        }
    }

    fn status_list(&self, uri: &str, issuer: &Did) -> Result<Option<Vec<u8>>> {
        if let Some(list) = self.home.status_list(uri, issuer)? {
            return Ok(Some(list));
        }
        match self.web.get(uri, "application/statuslist+jwt", MAX_LIST) {
            // An edition that the ledger does not know as the newest is as good as none, whoever serves it.
            Ok(list) => Ok(issuing::is_newest(self.home, issuer, uri, &list)?.then_some(list)),
            Err(error) => {
                eprintln!("{}: {error}", error.code());
                Ok(None)
            }
        }
    }
}
