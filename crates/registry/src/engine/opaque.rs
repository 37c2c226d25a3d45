use super::{NewEntry, Position, Refusal, Sequencing, StateView, StateWrite};

/// Every submission is its own entry, and there is no state. For benchmarks and tests of engines.
#[derive(Clone, Copy, Debug, Default)]
pub struct Opaque;

impl Sequencing for Opaque {
    fn sequence(&self, _: &dyn StateView, _: Position, submission: &[u8]) -> Result<NewEntry, Refusal> {
        Ok(NewEntry { entry: submission.to_vec(), writes: Vec::new() })
    }

    fn replay(&self, _: &dyn StateView, _: u64, _: &[u8]) -> Result<Vec<StateWrite>, Refusal> {
        Ok(Vec::new())
    }
}
