//! What arrived has no readable claims.

use sinpyo_jose::{HeaderRules, Typ, UnverifiedJwt};

fn main() {
    let arrived = UnverifiedJwt::parse("", &[Typ::DPOP], &HeaderRules::OWN_KEY).unwrap();
    let _ = arrived.claims();
    let _ = arrived.token;
}
