//! Ballots cast, spoiled and rejected.

use super::*;

impl World {
    fn prepare(&mut self, voter: &Voter, choices: &[u8]) -> PreparedBallot<Ristretto> {
        let settings = self.settings.clone().unwrap();
        let style = settings.manifest().district(voter.district).unwrap().style;
        let setting = settings.setting(style).unwrap();
        let seed = BallotSeed::fresh(&mut self.entropy);
        if let Some(token) = &voter.token {
            let place = Eligibility::Token { district: voter.district, token };
            return prove(setting, place, &voter.secret, choices, seed, &mut self.entropy).unwrap();
        }
        let own = Ristretto::encode(&voter.secret.commitment());
        let rosters = settings.rings().rosters();
        let (ring, position) = rosters.iter().find_map(|ring| Some((ring, ring.position_of(&own)?))).unwrap();
        let ring = Ring::new(ring.clone()).unwrap();
        let place = Eligibility::Ring { ring: &ring, position: u32::try_from(position).unwrap() };
        prove(setting, place, &voter.secret, choices, seed, &mut self.entropy).unwrap()
    }

    pub(super) fn vote(&mut self, voters: &[Voter], manifest: &Manifest) {
        let mut made: BTreeMap<usize, Vec<u8>> = BTreeMap::new();
        for (number, voter) in voters.iter().enumerate().filter(|(number, _)| votes(*number)) {
            if manifest.revote == Revote::Last && re_votes(number) {
                let blank: Vec<u8> = voter.choices.iter().map(|_| 0).collect();
                let ballot = self.prepare(voter, &blank).cast();
                self.push(&format!("old/{number}"), None, ballot);
            }
            let ballot = self.prepare(voter, &voter.choices).cast();
            made.insert(number, ballot.clone());
            self.push(&format!("ballot/{number}"), None, ballot);
        }
        // Ballots that nobody cast: for those who put them where they do not belong.
        for voter in voters.iter().skip(SPARE).take(3) {
            let spare = self.prepare(voter, &voter.choices).cast();
            self.spares.push(spare);
        }
        if manifest.profile == Profile::Token {
            let Voter { secret, choices, .. } = &voters[1];
            let (_, token) = self.token(secret, 0, 1);
            let setting = self.settings.as_ref().unwrap().setting(0).unwrap().clone();
            let place = Eligibility::Token { district: 1, token: &token };
            let seed = BallotSeed::fresh(&mut self.entropy);
            let made = prove(&setting, place, secret, choices, seed, &mut self.entropy).unwrap();
            self.foreign = Some(made.cast());
        }
        for voter in voters.iter().take(2) {
            let package = self.prepare(voter, &voter.choices).check();
            self.spoil(&package, voter);
        }
        self.reject(&made, voters, manifest);
        self.time = START + 1_000;
        let ballots = self.entries.iter().filter(|entry| entry.by.is_none()).count();
        let closing = Closing {
            ballots: u64::try_from(ballots).unwrap(),
            size: u64::try_from(self.entries.len()).unwrap(),
        };
        self.say("close", Role::Board, Body::Close(closing));
    }

    fn spoil(&mut self, package: &sinpyo_ballot::check::CheckPackage<Ristretto>, voter: &Voter) {
        let settings = self.settings.clone().unwrap();
        let style = settings.manifest().district(voter.district).unwrap().style;
        let own = Ristretto::encode(&voter.secret.commitment());
        let roster = settings.rings().rosters().iter().find(|ring| ring.position_of(&own).is_some());
        let ring = roster.map(|roster| Ring::new(roster.clone()).unwrap());
        let checked = package.check(settings.setting(style).unwrap(), ring.as_ref()).unwrap();
        let spoiled = checked.spoiled();
        let body = Spoiled {
            alpha: spoiled.alpha,
            beta: spoiled.beta.clone(),
            choices: spoiled.choices.iter().map(|choice| u32::from(*choice)).collect(),
            rho: spoiled.rho,
            tracking: spoiled.tracking.as_str().to_owned(),
        };
        let count = self.entries.iter().filter(|entry| entry.label.starts_with("spoiled")).count();
        self.say(&format!("spoiled/{count}"), Role::Board, Body::Spoiled(body));
    }

    fn reject(&mut self, made: &BTreeMap<usize, Vec<u8>>, voters: &[Voter], manifest: &Manifest) {
        let (_, good) = made.iter().next().unwrap();
        let changed = |at: usize, to: &[u8]| {
            let mut bytes = good.clone();
            bytes[at..at + to.len()].copy_from_slice(to);
            bytes
        };
        let last = good.len() - 33;
        let mut refused = vec![
            (Reason::Encoding, good[..good.len() - 1].to_vec()),
            (Reason::Encoding, vec![1; 41_000]),
            (Reason::Style, changed(1, &[9, 0])),
            (Reason::Ring, changed(3, &999_u32.to_le_bytes())),
            (Reason::Tag, changed(8, &[0; 32])),
            (Reason::Proof, changed(last, &[good[last] ^ 1])),
        ];
        if manifest.revote == Revote::First {
            let again = self.prepare(&voters[*made.keys().next().unwrap()], &[0, 0]).cast();
            refused.push((Reason::Duplicate, again));
        }
        for (number, (reason, bytes)) in refused.into_iter().enumerate() {
            let event = Turned::new(&bytes, reason).event;
            self.say(&format!("rejected/{number}"), Role::Board, Body::Rejected(event));
        }
        self.turn_away(&hostile(good));
    }

    /// Ballots that a board refuses for the reasons which it finds itself: every auditor has to find them too.
    fn turn_away(&mut self, ballots: &[Vec<u8>]) {
        let booth = BallotBox::new(self.settings.clone().unwrap(), 1);
        for (number, judged) in booth.check(ballots, &mut self.entropy).into_iter().enumerate() {
            let turned = judged.expect_err("it is refused");
            self.say(&format!("turned/{number}"), Role::Board, Body::Rejected(turned.event));
        }
    }
}

/// Every kind of header over bytes too few, as many as a ballot has, one more, and more than a log keeps.
fn hostile(good: &[u8]) -> Vec<Vec<u8>> {
    let mut ballots = vec![Vec::new(), vec![1], good[..8].to_vec()];
    for style in [good[1], 0xff] {
        for number in [good[3], 0xff] {
            for flags in [0, 1, 7] {
                for length in [9, good.len(), good.len() + 1, 40_001] {
                    let mut bytes = good.to_vec();
                    bytes.resize(length, 0);
                    (bytes[1], bytes[3], bytes[7]) = (style, number, flags);
                    ballots.push(bytes);
                }
            }
        }
    }
    ballots.retain(|bytes| bytes != good);
    ballots
}
