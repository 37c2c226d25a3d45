//! The trustees' ceremony, and what becomes of trustee 4 in it.

use super::*;

impl World {
    pub(super) fn ceremony(
        &mut self,
        manifest: &Manifest,
        fate: Fate,
    ) -> (Ceremony<Ristretto>, Vec<(Trustee<Ristretto>, BoxSecret)>) {
        let boxes: Vec<_> = (1..=4).map(box_of).collect();
        let size = Size { threshold: manifest.threshold, keys: manifest.keys };
        let parameters =
            Parameters::new(ELECTION, size, boxes.iter().map(BoxSecret::public).collect()).unwrap();
        let trustees: Vec<_> = (1..=4_u8)
            .zip(boxes)
            .map(|(n, key)| {
                (
                    Trustee::<Ristretto>::resume(
                        parameters.clone(),
                        trustee(n.into()),
                        Secret::new([100 + n; 32]),
                    ),
                    key,
                )
            })
            .collect();
        let mut stage = Stage { world: self, ceremony: Ceremony::new(parameters.clone()), fate, count: 0 };
        let bad = stage.bad_reveal(&trustees, &parameters);
        let (commit, reveal) =
            bad.map(|(commit, reveal)| (Message::Commit(commit), Message::Reveal(reveal))).unzip();
        stage.round(&trustees, commit.as_ref(), Fate::NoCommit, Step::Reveal);
        stage.round(&trustees, reveal.as_ref(), Fate::NoReveal, Step::Shares);
        stage.round(&trustees, None, Fate::NoDeal, Step::Complaints);
        // A needless complaint, answered rightly.
        stage.speak(1, Message::Complaint { against: trustee(2) });
        if stage.ceremony.fault(trustee(4)).is_none() {
            stage.speak(3, Message::Complaint { against: trustee(4) });
        }
        stage.answers(&trustees);
        let ceremony = stage.ceremony;
        let done = done_of(&ceremony);
        self.say("done", Role::Host, Body::CeremonyDone(done));
        (ceremony, trustees)
    }
}

/// The ceremony while it is played.
struct Stage<'w> {
    world: &'w mut World,
    ceremony: Ceremony<Ristretto>,
    fate: Fate,
    count: usize,
}

impl Stage<'_> {
    fn speak(&mut self, from: u32, message: Message) {
        self.ceremony.apply(trustee(from), &message).unwrap();
        for body in bodies(message) {
            let label = match &body {
                Body::CeremonyShares(share) => format!("shares/{from}/{}", share.to),
                body => format!("{}/{from}", body.kind().as_str()),
            };
            self.world.say(&label, Role::Trustee(from), body);
        }
    }

    /// Everybody says what is owed; trustee 4 says `instead`, or nothing if that is its fate.
    fn round(
        &mut self,
        trustees: &[(Trustee<Ristretto>, BoxSecret)],
        instead: Option<&Message>,
        silent: Fate,
        next: Step,
    ) {
        for ((own, sealing), number) in trustees.iter().zip(1..=4) {
            if number == 4 && self.fate == silent {
                self.ceremony.advance(next.into()).unwrap();
                self.count += 1;
                let label = format!("next/{}", self.count);
                self.world.say(&label, Role::Host, Body::CeremonyNext(next));
                return;
            }
            if self.ceremony.fault(trustee(number)).is_some() {
                continue;
            }
            match (number, instead) {
                (4, Some(message)) => self.speak(4, message.clone()),
                _ => {
                    for message in own.owed(&self.ceremony, sealing) {
                        self.speak(number, message);
                    }
                }
            }
        }
    }

    /// What trustee 4 commits to and reveals, where that is wrong.
    fn bad_reveal(
        &self,
        trustees: &[(Trustee<Ristretto>, BoxSecret)],
        parameters: &Parameters,
    ) -> Option<(ceremony::Commit, ceremony::Reveal)> {
        let mut shadow = Ceremony::<Ristretto>::new(parameters.clone());
        let mut commit = None;
        for ((own, sealing), number) in trustees.iter().zip(1..=4) {
            for message in own.owed(&shadow, sealing) {
                shadow.apply(trustee(number), &message).unwrap();
                if let (4, Message::Commit(own)) = (number, &message) {
                    commit = Some(*own);
                }
            }
        }
        let (own, sealing) = &trustees[3];
        let Some(Message::Reveal(mut reveal)) = own.owed(&shadow, sealing).into_iter().next() else {
            panic!("owed")
        };
        let mut commit = commit.unwrap();
        match self.fate {
            Fate::BadProof => reveal.proofs[40] ^= 1,
            Fate::NeutralPoint => reveal.commitments[..32].fill(0),
            Fate::StrangePoint => reveal.commitments[..32].fill(0xff),
            Fate::OtherHash => {
                commit.commit[5] ^= 1;
                return Some((commit, reveal));
            }
            _ => return None,
        }
        let transcript = Transcript::new("ceremony-commit").field(&ELECTION.0).number(4);
        commit.commit = transcript.field(&reveal.commitments).field(&reveal.proofs).hash();
        Some((commit, reveal))
    }

    fn answers(&mut self, trustees: &[(Trustee<Ristretto>, BoxSecret)]) {
        let (own, sealing) = &trustees[1];
        for message in own.owed(&self.ceremony, sealing) {
            self.speak(2, message);
        }
        if self.ceremony.fault(trustee(4)).is_some() {
            return;
        }
        if self.fate == Fate::WrongAnswer {
            let shares = vec![1; 32 * usize::try_from(self.ceremony.parameters().size().keys).unwrap()];
            self.speak(4, Message::Answer(ceremony::Answer { to: trustee(3), shares }));
        } else {
            self.ceremony.advance(ceremony::Phase::Answers).unwrap();
            self.world.say("next/answers", Role::Host, Body::CeremonyNext(Step::Answers));
        }
    }
}

fn done_of(ceremony: &Ceremony<Ristretto>) -> Done {
    let keys = ceremony.joint_keys().unwrap();
    Done {
        keys: keys.keys().iter().map(Ristretto::encode).collect(),
        qualified: keys.qualified().map(TrusteeNumber::number).collect(),
    }
}
