//! One target per parser, crate by crate.

mod ballot;
mod bbs;
mod blind_rsa;
mod core;
mod cose;
mod crypto;
mod dcql;
mod fixture;
mod jose;
mod mdoc;
mod oauth;
mod openid4vci;
mod openid4vp;
mod people;
mod proof;
pub(crate) mod protocols;
mod rdf;
mod registry;
mod registry_api;
mod resolver;
mod roles;
mod selective;
mod services;
mod status;
mod tlog;
mod vcapi;
pub(crate) mod voting;
mod web;
mod x509;

use crate::{Limits, Outcome, Target};
pub(crate) use ballot::{made as made_ballots, settings};
pub(crate) use blind_rsa::read_private as read_private_key;
pub(crate) use people::now;
pub(crate) use proof::{secure, secure_selectively};
pub(crate) use registry::{
    World, by, checkpoint, control, create, heads_key, log_key, origin, recoverable, signed, text_of,
};
pub(crate) use registry_api::ask as ask_registry;
pub(crate) use resolver::first_entry;
pub(crate) use services::{ask_issuer, ask_verifier};
pub(crate) use tlog::{ask_witness, quantum_witness, witness_request, witnessed_checkpoint, witnessed_log};
pub(crate) use vcapi::{ask_conforming as ask, instance_key};
pub(crate) use x509::certificate;

use sinpyo_proof::KeyRing;

/// Every key that signs here.
pub(crate) fn ring() -> &'static KeyRing {
    &people::RING
}

/// Every target.
pub fn all() -> Vec<Target> {
    [
        core::TARGETS,
        status::TARGETS,
        crypto::TARGETS,
        rdf::TARGETS,
        cose::TARGETS,
        x509::TARGETS,
        mdoc::TARGETS,
        bbs::TARGETS,
        selective::TARGETS,
        proof::TARGETS,
        tlog::TARGETS,
        registry::TARGETS,
        registry_api::TARGETS,
        resolver::TARGETS,
        roles::TARGETS,
        vcapi::TARGETS,
        jose::TARGETS,
        dcql::TARGETS,
        oauth::TARGETS,
        openid4vci::TARGETS,
        openid4vp::TARGETS,
        web::TARGETS,
        services::TARGETS,
        blind_rsa::TARGETS,
        ballot::TARGETS,
        voting::TARGETS,
    ]
    .concat()
}

/// The target called `name`.
pub fn named(name: &str) -> Option<Target> {
    all().into_iter().find(|target| target.name == name)
}

/// A target within the usual limits.
const fn target(name: &'static str, seeds: fn() -> Vec<Vec<u8>>, run: fn(&[u8]) -> Outcome) -> Target {
    Target { name, seeds, run, limits: Limits::USUAL }
}

/// What an accepted input is called.
const OK: Outcome = "ok";
/// What an input is called that the target itself does not pass on.
const SKIPPED: Outcome = "skipped";

/// Texts as inputs.
fn texts(texts: &[&str]) -> Vec<Vec<u8>> {
    texts.iter().map(|text| text.as_bytes().to_vec()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    #[test]
    fn every_target_accepts_one_of_its_seeds() {
        let targets = all();
        let names: BTreeSet<_> = targets.iter().map(|target| target.name).collect();
        assert_eq!(names.len(), targets.len());
        for target in targets {
            let outcomes: Vec<_> = (target.seeds)().iter().map(|seed| (target.run)(seed)).collect();
            assert!(outcomes.contains(&OK), "{}: {outcomes:?}", target.name);
        }
    }
}
