//! Status lists of a nation: 370 million credentials in lists of 2^20, 1 % of them revoked and 0.1 % suspended.
//!
//! Lists are made, published and dropped one by one. Their content is random but the same in every run, so that one
//! list can be compared with itself after a revocation elsewhere.

mod bomb;
mod edition;
mod nation;
mod population;

use crate::row::Report;
use nation::Nation;

/// Measures the rows of the group.
pub(crate) fn measure(report: &mut Report) {
    eprintln!("status 370M");
    match Nation::measure() {
        Ok(nation) => nation.rows().into_iter().for_each(|row| report.add(row)),
        Err(error) => report.fail("status 370M", &error),
    }
    report.measure("status verify edition", edition::verify);
    report.measure("status read cached", edition::read);
    report.measure("status bomb zlib 1 GiB", bomb::zlib);
    report.measure("status bomb gzip 1 GiB", bomb::gzip);
}
