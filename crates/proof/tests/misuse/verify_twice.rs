//! Verification consumes what arrived.

use sinpyo_core::{credential::Credential, time::Timestamp};
use sinpyo_proof::{KeyRing, Unverified};

fn main() {
    let at = Timestamp::from_unix(0).unwrap();
    let arrived = Unverified::<Credential>::parse(b"").unwrap();
    let _ = arrived.verify(&KeyRing::new(), at);
    let _ = arrived.verify(&KeyRing::new(), at);
}
