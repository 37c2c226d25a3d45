//! The voting service over HTTP.
