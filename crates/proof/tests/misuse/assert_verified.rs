//! The statement that something is authentic is made in one crate only.

use sinpyo_core::{credential::Presentation, time::Timestamp};
use sinpyo_proof::Verified;

fn main() {
    let value = Presentation { credentials: Vec::new(), binding: None };
    let _ = Verified::assert(value, Timestamp::from_unix(0).unwrap());
}
