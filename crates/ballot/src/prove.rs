//! Making a ballot (§9.2).
