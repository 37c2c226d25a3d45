//! What our HTTP services and their pages have in common.
