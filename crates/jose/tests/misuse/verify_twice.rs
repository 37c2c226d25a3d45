//! A token is verified once: afterwards there is what it says, and it no more.

use sinpyo_crypto::{Algorithm, VerifyingKey};
use sinpyo_jose::UnverifiedJwt;

fn twice(arrived: UnverifiedJwt, key: &VerifyingKey) {
    let _ = arrived.verify(key, &[Algorithm::Es256]);
    let _ = arrived.verify(key, &[Algorithm::Es256]);
}

fn main() {}
