use sinpyo_verifier::Check;

fn twice(check: Check) {
    let _ = check.finish();
    let _ = check.finish();
}

fn main() {}
