use sinpyo_core::time::Timestamp;
use sinpyo_verifier::Accepted;

fn forge(at: Timestamp) -> Accepted {
    Accepted { presentations: Default::default(), at }
}

fn main() {}
