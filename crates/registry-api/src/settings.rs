use crate::{Admission, RuleText};

/// How a registry is served.
#[derive(Clone, Debug)]
pub struct Settings {
    /// Where it is reached, such as `https://ledger.example.kr`; never taken from a request.
    pub base: String,
    /// Who has to vouch for a checkpoint, in the words of C2SP tlog-policy. Empty if nobody.
    pub policy: String,
    /// The key that signs statements about the newest versions of DIDs, as its `name+hash+key`.
    pub heads: Option<String>,
    /// The names of the witnesses whose cosignatures are asked for.
    pub witnesses: Vec<String>,
    /// Who may create a DID; unless it is said, nobody.
    pub admission: Admission,
    /// What a rule says to people.
    pub catalogue: fn(&str) -> Option<RuleText>,
}

impl Default for Settings {
    fn default() -> Self {
        let (base, policy) = (String::new(), String::new());
        let admission = Admission::default();
        Self { base, policy, heads: None, witnesses: Vec::new(), admission, catalogue: |_| None }
    }
}
