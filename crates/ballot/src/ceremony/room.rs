//! Trustees in one room, for tests.

use super::*;
use crate::group::Ristretto;
use sinpyo_testkit::TestEntropy;

pub(crate) fn trustee(number: u32) -> TrusteeNumber {
    TrusteeNumber::new(number).unwrap()
}

/// A ceremony and everybody in it.
pub(crate) struct Room {
    pub(crate) ceremony: Ceremony<Ristretto>,
    pub(crate) trustees: Vec<Trustee<Ristretto>>,
    pub(crate) boxes: Vec<BoxSecret>,
}

impl Room {
    pub(crate) fn new(election: u8, trustees: u32, size: Size) -> Self {
        let entropy = |number| TestEntropy::new(u64::from(election) * 100 + u64::from(number));
        let boxes: Vec<_> = (1..=trustees).map(|number| BoxSecret::generate(&mut entropy(number))).collect();
        let public = boxes.iter().map(BoxSecret::public).collect();
        let parameters = Parameters::new(ElectionId([election; 32]), size, public).unwrap();
        let trustees = (1..=trustees)
            .map(|number| Trustee::begin(parameters.clone(), trustee(number), &mut entropy(50 + number)))
            .collect();
        Self { ceremony: Ceremony::new(parameters), trustees, boxes }
    }

    /// What trustee `number` owes now.
    pub(crate) fn owed(&self, number: u32) -> Vec<Message> {
        let place = trustee(number).place();
        self.trustees[place].owed(&self.ceremony, &self.boxes[place])
    }

    pub(crate) fn apply(&mut self, number: u32, message: &Message) -> Result<(), MisplacedError> {
        self.ceremony.apply(trustee(number), message)
    }

    /// All but `silent` post what they owe as the phase begins.
    pub(crate) fn turn(&mut self, silent: &[u32]) {
        let numbers = 1..=u32::try_from(self.trustees.len()).unwrap();
        let owed: Vec<_> = numbers
            .filter(|number| !silent.contains(number))
            .map(|number| (number, self.owed(number)))
            .collect();
        for (number, messages) in owed {
            for message in messages {
                self.apply(number, &message).unwrap();
            }
        }
    }

    /// Everybody does right until `phase` begins.
    pub(crate) fn until(mut self, phase: Phase) -> Self {
        while self.ceremony.phase() < phase {
            self.turn(&[]);
        }
        self
    }

    pub(crate) fn keys(&self, number: u32) -> Result<TrusteeKeys<Ristretto>, FinishError> {
        let place = trustee(number).place();
        self.trustees[place].keys(&self.ceremony, &self.boxes[place])
    }

    pub(crate) fn fault(&self, number: u32) -> Option<Fault> {
        self.ceremony.fault(trustee(number))
    }
}
