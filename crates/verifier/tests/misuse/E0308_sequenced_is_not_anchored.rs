use sinpyo_registry::{Anchored, Sequenced, did_tlog::DidVersion};

fn evidence(_: &Anchored<DidVersion>) {}

fn hasty(sequenced: &Sequenced<DidVersion>) {
    evidence(sequenced);
}

fn main() {}
