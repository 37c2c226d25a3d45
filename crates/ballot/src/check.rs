//! The second device's check of a ballot that is not cast (§10).
