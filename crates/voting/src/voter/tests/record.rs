//! What the wallet keeps.

use super::*;

#[test]
fn a_record_is_read_as_it_was_written_and_no_other_text_is() {
    let (mut world, mut wallets) = opened(Kind::Token);
    let (election, filled) = wallets[0].fill(&mut world, &[1, 1]);
    filled.cast(&mut wallets[0].voter, &election).unwrap();
    wallets[1].vote(&mut world, &[1, 1]).unwrap();
    for wallet in &wallets {
        let text = wallet.voter.write();
        let again = Voter::read(&text).unwrap().write();
        assert_eq!(again.expose(), text.expose());
        for (number, line) in text.expose().lines().enumerate() {
            let changed = text.expose().replacen(line, &format!("{line} x"), 1);
            let read = Voter::read(&Secret::new(changed));
            assert!(read.is_err(), "line {number}: {}", line.split(' ').next().unwrap());
        }
    }
    assert!(Voter::read(&Secret::new(String::new())).is_err());
}

#[test]
fn a_record_has_one_form() {
    let (mut world, mut wallets) = opened(Kind::Token);
    let (election, filled) = wallets[0].fill(&mut world, &[1, 1]);
    filled.cast(&mut wallets[0].voter, &election).unwrap();
    let voting = wallets[0].voter.write().expose().clone();
    let new = Wallet::new(&world, 9).voter.write().expose().clone();
    let asked = format!("asked {} 0 a.b.c", "01".repeat(16));
    let asking = format!("{new}code ABCD\n{asked}\npending AQ\nhidden Ag\nshown e30\n");
    for text in [voting, new, asking] {
        assert!(Voter::read(&Secret::new(text.clone())).is_ok(), "{text}");
        let refused = |changed: String| assert!(Voter::read(&Secret::new(changed)).is_err(), "{text}");
        refused(text.trim_end().to_owned());
        refused(format!("{text}\n"));
        for line in text.lines() {
            let changed = Secret::new(text.replacen(line, &format!("{line}\r"), 1));
            let read = Voter::read(&changed);
            assert!(read.is_err() || read.is_ok_and(|read| read.write().expose() == changed.expose()));
            let may_stand_twice =
                ["token ", "pending ", "receipt "].iter().any(|name| line.starts_with(name));
            if !may_stand_twice {
                refused(text.replacen(line, &format!("{line}\n{line}"), 1));
            }
        }
    }
}

#[test]
fn a_record_says_nothing_about_choices() {
    let (mut world, mut wallets) = opened(Kind::Ring);
    let mut records = Vec::new();
    for columns in [[1, 1], [2, 0]] {
        let mut wallet =
            Wallet { voter: Voter::read(&wallets[0].voter.write()).unwrap(), ..Wallet::new(&world, 8) };
        let (election, filled) = wallet.fill(&mut world, &columns);
        let seed = filled.tracking_code();
        filled.cast(&mut wallet.voter, &election).unwrap();
        records.push(wallet.voter.write().expose().clone());
        assert!(!records.last().unwrap().contains(seed.as_str()));
    }
    let names = |text: &String| {
        text.lines().map(|line| line.split(' ').next().unwrap().to_owned()).collect::<Vec<_>>()
    };
    assert_eq!(names(&records[0]), names(&records[1]));
    assert_eq!(records[0].len(), records[1].len());
    wallets.clear();
}
