//! What arrived has no readable content.

use sinpyo_core::credential::Credential;
use sinpyo_proof::Unverified;

fn main() {
    let arrived = Unverified::<Credential>::parse(b"").unwrap();
    let _ = arrived.get();
    let _ = arrived.wire;
}
