//! What may be spent on the statements of what arrived, before and between its signatures.

use super::ProofSetError;
use serde_json::{Map, Value};
use sinpyo_rdf::Limit;

/// Most different texts that the proofs of one document may sign: its statements with these or those earlier proofs,
/// under one hash or the other.
pub(super) const MAX_TEXTS: usize = 4;
/// Most documents over statements in one presentation, itself among them if it is one.
const MAX_DOCUMENTS: usize = 16;
/// Most statements in all of them, as often as they are put in order.
const MAX_STATEMENTS: usize = 1 << 16;
/// Longest proof values of selective disclosure in all of them, in bytes of text: some 2,000 signatures.
const MAX_DISCLOSED: usize = 192 << 10;
/// What a statement under selective disclosure costs, compared with putting it in order.
const DISCLOSED_COST: usize = 8;
/// How often blank nodes that look alike may take more than [`Work::USUAL`].
const MAX_HARD: usize = 2;

/// What is left to be spent on one document, or on one presentation with all that is in it.
#[derive(Debug)]
pub(crate) struct Work {
    documents: usize,
    statements: usize,
    disclosed: usize,
    hard: usize,
}

impl Work {
    /// What telling blank nodes apart takes in anything but a graph made for the purpose.
    pub(super) const USUAL: Limit = Limit::steps(4_000, 4);

    pub(crate) const fn new() -> Self {
        Self {
            documents: MAX_DOCUMENTS,
            statements: MAX_STATEMENTS,
            disclosed: MAX_DISCLOSED,
            hard: MAX_HARD,
        }
    }

    /// Counts a document over statements.
    pub(super) fn document(&mut self) -> Result<(), ProofSetError> {
        take(&mut self.documents, 1)
    }

    /// Counts statements that are to be put in order.
    pub(super) fn statements(&mut self, count: usize) -> Result<(), ProofSetError> {
        take(&mut self.statements, count)
    }

    /// Counts a proof of selective disclosure over `document`, by its text and by the statements under it.
    pub(super) fn disclosed(
        &mut self,
        document: &Map<String, Value>,
        proof: &str,
    ) -> Result<(), ProofSetError> {
        take(&mut self.disclosed, proof.len())?;
        let values: usize = document.values().map(values).sum();
        take(&mut self.statements, values.saturating_mul(DISCLOSED_COST))
    }

    /// Whether blank nodes may once more take more than [`Work::USUAL`].
    pub(super) fn hard(&mut self) -> bool {
        take(&mut self.hard, 1).is_ok()
    }
}

/// How many values something holds: about as many statements does it make.
fn values(value: &Value) -> usize {
    match value {
        Value::Object(members) => members.values().map(values).sum(),
        Value::Array(elements) => elements.iter().map(values).sum(),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => 1,
    }
}

fn take(left: &mut usize, amount: usize) -> Result<(), ProofSetError> {
    *left = left.checked_sub(amount).ok_or(ProofSetError::TooMuchWork)?; // [DI-19]
    Ok(())
}
