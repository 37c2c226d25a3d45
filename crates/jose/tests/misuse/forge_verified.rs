//! A verified token exists only where a signature was checked.

use sinpyo_jose::{Header, VerifiedJwt};

fn forge(header: Header) -> VerifiedJwt {
    VerifiedJwt { header, claims: Default::default() }
}

fn main() {}
