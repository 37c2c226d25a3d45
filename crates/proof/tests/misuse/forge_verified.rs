//! Only this crate states that something is authentic.

use sinpyo_core::{credential::Presentation, time::Timestamp};
use sinpyo_proof::Verified;

fn main() {
    let value = Presentation { credentials: Vec::new(), binding: None };
    let at = Timestamp::from_unix(0).unwrap();
    let _ = Verified { value, at };
}
