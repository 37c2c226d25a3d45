//! A second device.

use super::*;

fn check(world: &mut World, text: &str) -> Result<(Election, Verdict), VoterError> {
    let mut checking = Checking::begin(text)?;
    let mut reading = Reading::begin(checking.place().clone());
    let election = world.lead(|response| {
        response.map_or(Ok(()), |response| reading.supply(&response))?;
        reading.next()
    })?;
    let verdict = world.lead(|response| {
        response.map_or(Ok(()), |response| checking.supply(&response))?;
        checking.next(&election)
    })?;
    Ok((election, verdict))
}

#[test]
fn a_second_device_says_what_the_ballot_says_and_whose_slot_it_is() {
    for kind in [Kind::Ring, Kind::Token] {
        let (mut world, mut wallets) = opened(kind);
        let (_, filled) = wallets[0].fill(&mut world, &[2, 0]);
        let checked = filled.check();
        let size = world.log.head().unwrap().size;
        let (election, verdict) = check(&mut world, checked.text().expose()).unwrap();
        assert_eq!(verdict.tracking_code(), checked.tracking_code());
        let said: Vec<_> = verdict
            .choices(&election)
            .into_iter()
            .map(|(contest, option)| (contest.id.as_str(), option.map(|option| option.id.as_str())))
            .collect();
        assert_eq!(said, [("chair", Some("lee")), ("rule", None)]);
        let own = wallets[0].voter.slot().filter(|_| kind == Kind::Ring);
        assert_eq!(verdict.slot(), own);
        assert_eq!(world.log.head().unwrap().size, size, "nothing was cast");
        assert_eq!(wallets[0].voter.tokens(), 2, "and nothing paid");
    }
}

#[test]
fn a_package_that_was_changed_makes_no_valid_ballot() {
    for kind in [Kind::Ring, Kind::Token] {
        let (mut world, mut wallets) = opened(kind);
        let (_, filled) = wallets[0].fill(&mut world, &[2, 0]);
        let checked = filled.check();
        let text = checked.text().expose().clone();
        let (start, rest) = text.split_once('#').unwrap();
        let (package, line) = rest.split_once('.').unwrap();
        let bytes = sinpyo_core::encoding::from_base64url(package).unwrap();
        for at in (0..bytes.len()).step_by(7) {
            let mut bad = bytes.clone();
            bad[at] ^= 1;
            let bad = format!("{start}#{}.{line}", sinpyo_core::encoding::to_base64url(&bad));
            let outcome = check(&mut world, &bad);
            // Other choices, seeds and masks make another ballot that is valid, with another tracking code.
            if let Ok((_, verdict)) = outcome {
                assert_ne!(verdict.tracking_code(), checked.tracking_code(), "{at}");
            }
        }
        let other = format!("{start}#{package}.{}", line.parse::<u64>().unwrap() + 1);
        let refused = check(&mut world, &other);
        assert_eq!(refused.is_err(), kind == Kind::Ring, "another line of the roll");
        for bad in ["", "sinpyo-vote-check:", start, &text[..text.len() / 2]] {
            assert!(Checking::begin(bad).is_err(), "{bad}");
        }
    }
}
