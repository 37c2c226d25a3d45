//! An election by the programs that this crate offers to host, board, registrar, trustees and voters.

use super::*;

/// An election in which everybody uses the programs that this crate offers.
struct Live {
    log: MemoryLog,
    hand: Hand,
    heads: Heads,
    custody: Vec<Custody>,
    entropy: TestEntropy,
}

fn custody(number: u8, seed: u8) -> Custody {
    Custody {
        number: TrusteeNumber::new(number.into()).unwrap(),
        seed: Secret::new([seed; 32]),
        sealing: box_of(number),
        opened: None,
    }
}

impl Live {
    fn new() -> Self {
        let hand = Hand::new();
        Self {
            log: MemoryLog::new(Rules::new(), hand.clone()),
            hand,
            heads: Heads::default(),
            custody: (1..=4).map(|number| custody(number, 40 + number)).collect(),
            entropy: TestEntropy::new(5),
        }
    }

    fn say(&self, by: Role, body: Body) -> Result<(), AppendError> {
        let draft = EventDraft { by, election: ELECTION, time: self.hand.now(), body };
        let submission = Submission::event(draft.sign(&key_of(by)).unwrap()).unwrap();
        self.log.append(vec![submission.into_bytes()]).remove(0).map(|_| ())
    }

    fn see(&mut self) -> Examined {
        self.log.publish(&self.heads.sign(self.log.head().unwrap())).unwrap();
        examine(&EngineRecord::new(&self.log), &OneThread, &mut self.entropy).unwrap()
    }

    /// Trustees `who` post what they owe until they owe nothing.
    fn trustees(&mut self, who: &[usize]) {
        loop {
            let mut silent = true;
            for place in who {
                let seen = self.see();
                let owed = self.custody[*place].owed(&seen, &mut self.entropy).unwrap();
                if owed.opens.is_some() {
                    self.custody[*place].opened = owed.opens;
                }
                for body in owed.bodies {
                    silent = false;
                    let number = self.custody[*place].number.number();
                    self.say(Role::Trustee(number), body).unwrap();
                }
            }
            if silent {
                return;
            }
        }
    }

    fn phase(&self) -> Phase {
        Election::new(&*self.log.state().unwrap()).phase().unwrap()
    }

    fn call(&mut self) -> Manifest {
        let body = manifest_body(false, false);
        let manifest = Manifest::parse(&body).unwrap();
        self.say(Role::Host, Body::Manifest(body)).unwrap();
        self.trustees(&[0, 1, 2, 3]);
        let seen = self.see();
        let keys = done(seen.ceremony.as_ref().unwrap()).unwrap();
        assert_eq!(keys.qualified, [1, 2, 3, 4]);
        self.say(Role::Host, Body::CeremonyDone(keys)).unwrap();
        manifest
    }

    fn register(&mut self, manifest: &Manifest) -> Vec<(VoterSecret<Ristretto>, u32, Vec<u8>)> {
        let mut voters = Vec::new();
        for (number, (district, choices)) in voter_plan(manifest).into_iter().enumerate() {
            let seed = [u8::try_from(number).unwrap(); 32];
            let secret = VoterSecret::<Ristretto>::derive(&Secret::new(seed), &ELECTION);
            let slot = crate::people::slot(number);
            let binding = Binding::new(&ELECTION, &slot, &Secret::new([1; 32]), &[2; 32]);
            let made = secret.register(binding, district, &mut self.entropy);
            let body = Registration {
                binding: binding.0,
                commitment: made.commitment,
                district: manifest.district(district).unwrap().id.clone(),
                holder: [3; 32],
                proof: made.proof.to_bytes().try_into().unwrap(),
                replaces: false,
                slot,
            };
            self.say(Role::Registrar, Body::Register(body)).unwrap();
            voters.push((secret, district, choices));
        }
        voters
    }

    fn open(&mut self) -> Settings {
        let seen = self.see();
        let manifest = seen.manifest.clone().unwrap();
        let counts = seen.roll().counts(manifest.districts.len());
        let districts = manifest.districts.iter().zip(counts).map(|(district, registered)| FrozenDistrict {
            id: district.id.clone(),
            legal: district.legal,
            registered,
        });
        self.say(Role::Registrar, Body::Freeze(districts.collect())).unwrap();
        self.trustees(&[0, 2, 3]);
        let seen = self.see();
        let values = beacon_values(&*self.log.state().unwrap(), &manifest).unwrap();
        let beacon = seen.roll().beacon(&ELECTION, &manifest, &values);
        let rings = seen.roll().rings(&ELECTION, &manifest, beacon).unwrap();
        let made = RingsMade { beacon: beacon.0, rings: rings.count(), root: rings.root(), without: vec![2] };
        self.say(Role::Registrar, Body::Rings(made)).unwrap();
        let settings = self.see().settings.unwrap();
        self.hand.set(START + 450);
        self.say(Role::Host, Body::Open(settings.context().0)).unwrap();
        settings
    }

    fn ballot(
        &mut self,
        settings: &Settings,
        voter: &(VoterSecret<Ristretto>, u32, Vec<u8>),
        choices: &[u8],
    ) -> Vec<u8> {
        let (secret, district, _) = voter;
        let style = settings.manifest().district(*district).unwrap().style;
        let own = Ristretto::encode(&secret.commitment());
        let rosters = settings.rings().rosters();
        let (roster, position) =
            rosters.iter().find_map(|ring| Some((ring, ring.position_of(&own)?))).unwrap();
        let ring = Ring::new(roster.clone()).unwrap();
        let place = Eligibility::Ring { ring: &ring, position: u32::try_from(position).unwrap() };
        let seed = BallotSeed::fresh(&mut self.entropy);
        prove(settings.setting(style).unwrap(), place, secret, choices, seed, &mut self.entropy)
            .unwrap()
            .cast()
    }

    /// Takes ballots of which one is bad.
    fn take(&mut self, intake: &BallotBox, arriving: &[Vec<u8>]) {
        let answers = intake.check(arriving, &mut self.entropy);
        assert_eq!(answers.iter().filter(|answer| answer.is_err()).count(), 1);
        for (bytes, answer) in arriving.iter().zip(answers) {
            match answer {
                Ok(accepted) => {
                    assert_eq!(accepted.submission.clone().into_bytes(), *bytes);
                    let first =
                        self.log.append(vec![accepted.submission.clone().into_bytes()]).remove(0).unwrap();
                    let again = self.log.append(vec![accepted.submission.into_bytes()]).remove(0).unwrap();
                    assert!(!first.repeated && again.repeated && first.index == again.index);
                }
                Err(turned) => {
                    assert!(matches!(turned.reason, Reason::Proof | Reason::Encoding), "{:?}", turned.reason);
                    self.say(Role::Board, Body::Rejected(turned.event)).unwrap();
                }
            }
        }
    }
}

#[test]
fn a_whole_election_by_its_own_programs() {
    let mut live = Live::new();
    let manifest = live.call();
    let voters = live.register(&manifest);
    let settings = live.open();
    let intake = BallotBox::new(settings.clone(), 2);
    let mut arriving = Vec::new();
    let mut expected: BTreeMap<&str, BTreeMap<u8, u64>> = BTreeMap::new();
    for (number, voter) in voters.iter().enumerate().filter(|(number, _)| votes(*number)) {
        if re_votes(number) {
            let blank: Vec<u8> = voter.2.iter().map(|_| 0).collect();
            arriving.push(live.ballot(&settings, voter, &blank));
        }
        arriving.push(live.ballot(&settings, voter, &voter.2.clone()));
        let group = match voter.1 {
            0 | 1 => "d1",
            2 => "d3",
            4 => "d5",
            _ => continue,
        };
        let contest = if group == "d1" { voter.2[0] } else { *voter.2.last().unwrap() };
        *expected.entry(group).or_default().entry(contest).or_default() += 1;
    }
    let mut bad = arriving[3].clone();
    bad[300] ^= 1;
    arriving.insert(5, bad);
    live.take(&intake, &arriving);
    live.hand.set(START + 900);
    let closing = Closing {
        ballots: Election::new(&*live.log.state().unwrap()).ballots().unwrap(),
        size: live.log.head().unwrap().size,
    };
    live.say(Role::Board, Body::Close(closing)).unwrap();
    // Two of four open it; one alone does not.
    live.trustees(&[3]);
    let seen = live.see();
    assert!(seen.tally.as_ref().unwrap().result(&seen.shares).is_err());
    live.trustees(&[1]);
    let seen = live.see();
    let result = seen.tally.as_ref().unwrap().result(&seen.shares).unwrap();
    live.say(Role::Host, Body::Result(result.clone())).unwrap();
    assert_eq!(live.phase(), Phase::Tallied);
    let seen = live.see();
    assert!(seen.report.passed(), "{:?}", seen.report.verdicts);
    assert_eq!(seen.report.result.as_ref(), Some(&result));
    for group in &result.groups {
        let contest = group.contests.first().unwrap();
        let votes = &expected[group.districts[0].as_str()];
        let count = |column: u8| votes.get(&column).copied().unwrap_or(0);
        let counts: Vec<u64> = (1..).take(contest.counts.len()).map(count).collect();
        assert_eq!((contest.blank, &contest.counts), (count(0), &counts), "{:?}", group.districts);
    }
    assert_eq!(result.withheld.len(), 1);
}

#[test]
fn a_trustee_opens_nothing_of_a_record_with_a_fault() {
    // The last share is missing, and the record up to there has a bad ballot.
    let mut world = World::run(Plan::USUAL);
    let place = world.place("old/1");
    world.entries[place].bytes[300] ^= 1;
    let cut = world.place("share/1/0");
    world.entries.truncate(cut);
    let seen = world.examine();
    assert_eq!(seen.report.outcome(Check::Ballots), Outcome::Failed);
    let custody = custody(1, 101);
    let refusal = custody.owed(&seen, &mut TestEntropy::new(1)).unwrap_err();
    assert!(matches!(refusal, Unwilling::Wrong { check: Check::Ballots, .. }), "{refusal}");
}

#[test]
fn a_trustee_opens_two_different_sums_never() {
    let mut world = World::run(Plan::USUAL);
    let cut = world.place("share/1/0");
    world.entries.truncate(cut);
    let mut custody = custody(1, 101);
    let owed = custody.owed(&world.examine(), &mut TestEntropy::new(1)).unwrap();
    assert_eq!(owed.bodies.len(), 3, "one for each group that is opened");
    custody.opened = owed.opens;
    let _again = custody.owed(&world.examine(), &mut TestEntropy::new(1)).unwrap();
    // The same election without one ballot, as a board might show it to one trustee.
    let place = world.place("ballot/0");
    world.entries.remove(place);
    world.recount();
    let refusal = custody.owed(&world.examine(), &mut TestEntropy::new(1)).unwrap_err();
    assert!(matches!(refusal, Unwilling::OtherSums), "{refusal}");
}
