//! The code that a person types at the authorization page.

use super::{find, sealed};
use crate::{core::Core, house::House};
use serde::{Deserialize, Serialize};
use sinpyo_core::{encoding::to_base64url, key::Entropy, time::Timestamp};
use sinpyo_crypto::mac::{equal, hmac_sha256};
use sinpyo_state::{Unavailable, retrying};

/// After so many wrong access codes an offer takes none any more.
const MAX_FAILURES: u8 = 5;

/// What a person shows at the authorization page.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct AccessCode {
    tag: String,
    failures: u8,
    /// The request that it was typed for.
    #[serde(default)]
    used: Option<String>,
}

impl AccessCode {
    /// What is kept of `code`, of the offer `id`.
    pub(super) fn new(core: &Core, id: &str, code: &str) -> Self {
        Self { tag: tag_of(core, id, code), failures: 0, used: None }
    }
}

fn tag_of(core: &Core, id: &str, code: &str) -> String {
    to_base64url(&hmac_sha256(&core.vault.protocol, format!("access code\0{id}\0{code}").as_bytes()))
}

/// Why a person is not let through the authorization page.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Knock {
    /// It is theirs.
    Opened,
    /// Wrong; so many attempts are left.
    Wrong(u8),
    /// There is nothing to open, it was opened for another request, or too many attempts were made.
    Shut,
}

/// Whether `code` is the access code of the offer; a wrong one is counted. The right one is used up by the request `by`,
/// which may try again with it until it is approved: it can be approved once.
pub(crate) fn knock(
    core: &Core,
    house: &House,
    (id, code, by): (&str, &str, &str),
    now: Timestamp,
    entropy: &mut dyn Entropy,
) -> Result<Knock, Unavailable> {
    let digits: String = code.chars().filter(char::is_ascii_digit).collect();
    let tag = tag_of(core, id, &digits);
    let by = tag_of(core, id, by);
    retrying(|| {
        let Some((mut offer, version)) = find(core, house.tenant.id(), id, now)? else {
            return Ok(Ok(Knock::Shut));
        };
        let is_over = offer.withdrawn || offer.is_over(now);
        let Some(access) = offer.access.as_mut().filter(|access| !is_over && access.failures < MAX_FAILURES)
        else {
            return Ok(Ok(Knock::Shut)); // [ISV-13]
        };
        if access.used.as_ref().is_some_and(|used| *used != by) {
            return Ok(Ok(Knock::Shut)); // [ISV-23]
        }
        if equal(tag.as_bytes(), access.tag.as_bytes()) {
            if access.used.is_some() {
                return Ok(Ok(Knock::Opened));
            }
            access.used = Some(by.clone());
            let change = sealed(core, house, (id, &offer, Some(version)), entropy)?;
            return Ok(core.state.commit_owned(&[change]).map(|()| Knock::Opened));
        }
        access.failures += 1;
        let left = MAX_FAILURES - access.failures;
        let change = sealed(core, house, (id, &offer, Some(version)), entropy)?;
        Ok(core
            .state
            .commit_owned(&[change])
            .map(|()| if left == 0 { Knock::Shut } else { Knock::Wrong(left) }))
    })
}
