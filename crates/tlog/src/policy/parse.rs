//! The text of a policy.

use super::{
    Policy, PolicyLog, PolicyWitness,
    quorum::{Definition, Group, Quorum, Required},
};
use crate::{
    cosignature::{CosignatureError, CosignerKey},
    note::{LogKey, NoteError},
};
use std::collections::HashMap;

/// Longest policy that is read, in bytes.
pub const MAX_POLICY: usize = 1 << 20;

/// Most logs of a policy.
pub const MAX_LOGS: usize = 256;

/// Most witnesses of a policy; a note carries 64 signatures.
pub const MAX_WITNESSES: usize = 256;

/// Most groups of a policy.
pub const MAX_GROUPS: usize = 256;

pub(super) fn parse(text: &[u8]) -> Result<Policy, ParsePolicyError> {
    if text.len() > MAX_POLICY {
        return Err(ParsePolicyError { line: 0, fault: PolicyFault::TooMuch }); // [WIT-11]
    }
    let mut draft = Draft::default();
    let mut rest = text;
    let mut number = 0;
    while !rest.is_empty() {
        number += 1;
        let at_line = |fault| ParsePolicyError { line: number, fault };
        // A line without its end is what is left of a longer one. [WIT-06]
        let end = rest.iter().position(|byte| *byte == b'\n').ok_or(at_line(PolicyFault::Syntax))?;
        let (line, after) = rest.split_at(end);
        draft.read(line).map_err(at_line)?;
        rest = after.get(1..).unwrap_or_default();
    }
    let required = draft.required.ok_or(ParsePolicyError { line: number, fault: PolicyFault::Quorum })?; // [WIT-10]
    Ok(Policy { logs: draft.logs, quorum: Quorum::new(draft.definitions, required) })
}

/// What the lines so far define.
#[derive(Default)]
struct Draft<'a> {
    logs: Vec<PolicyLog>,
    definitions: Vec<Definition>,
    /// Where each name is defined.
    places: HashMap<&'a [u8], Place>,
    groups: usize,
    required: Option<Required>,
}

struct Place {
    index: usize,
    in_a_group: bool,
}

impl<'a> Draft<'a> {
    fn read(&mut self, line: &'a [u8]) -> Result<(), PolicyFault> {
        if line.iter().any(|byte| byte.is_ascii_control() && *byte != b'\t') {
            return Err(PolicyFault::Syntax); // [WIT-06]
        }
        let items = line.split(|byte| matches!(byte, b' ' | b'\t')).filter(|item| !item.is_empty());
        let items: Vec<&[u8]> = items.collect();
        match *items.as_slice() {
            [] | [[b'#', ..], ..] => Ok(()),
            [b"log", key] => self.log(key, None),
            [b"log", key, url] => self.log(key, Some(url)),
            [b"witness", name, key] => self.witness(name, key, None),
            [b"witness", name, key, url] => self.witness(name, key, Some(url)),
            [b"group", name, threshold, ref members @ ..] => self.group(name, threshold, members),
            [b"quorum", name] => self.quorum(name),
            _ => Err(PolicyFault::Syntax), // [WIT-06]
        }
    }

    fn log(&mut self, key: &[u8], url: Option<&[u8]>) -> Result<(), PolicyFault> {
        let text = str::from_utf8(key).map_err(|_| PolicyFault::LogKey(NoteError::KeyText))?;
        let key: LogKey = text.parse().map_err(PolicyFault::LogKey)?;
        if self.logs.iter().any(|log| log.key.verifying_key() == key.verifying_key()) {
            return Err(PolicyFault::DuplicateKey); // [WIT-08]
        }
        if self.logs.len() == MAX_LOGS {
            return Err(PolicyFault::TooMuch); // [WIT-11]
        }
        self.logs.push(PolicyLog { key, url: url.map(Into::into) });
        Ok(())
    }

    fn witness(&mut self, name: &'a [u8], key: &[u8], url: Option<&[u8]>) -> Result<(), PolicyFault> {
        let text = str::from_utf8(key).map_err(|_| PolicyFault::WitnessKey(CosignatureError::KeyText))?;
        let key: CosignerKey = text.parse().map_err(PolicyFault::WitnessKey)?;
        let others = self.definitions.iter().filter_map(|definition| match definition {
            Definition::Witness(witness) => Some(witness.key()),
            Definition::Group(_) => None,
        });
        if others.into_iter().any(|other| other.verifying_key() == key.verifying_key()) {
            return Err(PolicyFault::DuplicateKey); // [WIT-08]
        }
        if self.definitions.len() - self.groups == MAX_WITNESSES {
            return Err(PolicyFault::TooMuch); // [WIT-11]
        }
        let witness = PolicyWitness { name: name.into(), key, url: url.map(Into::into) };
        self.define(name, Definition::Witness(Box::new(witness)))
    }

    fn group(&mut self, name: &'a [u8], threshold: &[u8], members: &[&'a [u8]]) -> Result<(), PolicyFault> {
        let threshold = match threshold {
            b"any" => 1,
            b"all" => members.len(),
            number => decimal(number).ok_or(PolicyFault::Syntax)?,
        };
        if !(1..=members.len()).contains(&threshold) {
            return Err(PolicyFault::Threshold); // [WIT-09]
        }
        if self.groups == MAX_GROUPS {
            return Err(PolicyFault::TooMuch); // [WIT-11]
        }
        let mut places = Vec::with_capacity(members.len());
        for member in members {
            let place = self.places.get_mut(member).ok_or(PolicyFault::Name)?; // [WIT-07]
            if place.in_a_group {
                return Err(PolicyFault::Name); // [WIT-07]
            }
            place.in_a_group = true;
            places.push(place.index);
        }
        self.groups += 1;
        self.define(name, Definition::Group(Group { name: name.into(), threshold, members: places }))
    }

    fn quorum(&mut self, name: &[u8]) -> Result<(), PolicyFault> {
        if self.required.is_some() {
            return Err(PolicyFault::Quorum); // [WIT-10]
        }
        let place = match name {
            b"none" => Required::Nobody,
            name => Required::Definition(self.places.get(name).ok_or(PolicyFault::Name)?.index),
        };
        self.required = Some(place);
        Ok(())
    }

    fn define(&mut self, name: &'a [u8], definition: Definition) -> Result<(), PolicyFault> {
        let place = Place { index: self.definitions.len(), in_a_group: false };
        if name == b"none" || self.places.insert(name, place).is_some() {
            return Err(PolicyFault::Name); // [WIT-07]
        }
        self.definitions.push(definition);
        Ok(())
    }
}

/// A number in its one decimal form.
fn decimal(text: &[u8]) -> Option<usize> {
    let text = str::from_utf8(text).ok()?;
    let number: usize = text.parse().ok()?;
    (number.to_string() == text).then_some(number)
}

pub(super) fn print(policy: &Policy) -> Vec<u8> {
    let mut text = Vec::new();
    for log in &policy.logs {
        push_line(
            &mut text,
            &[b"log", log.key.to_string().as_bytes(), log.url.as_deref().unwrap_or_default()],
        );
    }
    let definitions = policy.quorum.definitions();
    for definition in definitions {
        match definition {
            Definition::Witness(witness) => {
                let PolicyWitness { name, key, url } = witness.as_ref();
                let (key, url) = (key.to_string(), url.as_deref().unwrap_or_default());
                push_line(&mut text, &[b"witness", name, key.as_bytes(), url]);
            }
            Definition::Group(Group { name, threshold, members }) => {
                let threshold = threshold.to_string();
                let mut items: Vec<&[u8]> = vec![b"group", name, threshold.as_bytes()];
                let members = members.iter().filter_map(|place| definitions.get(*place));
                items.extend(members.map(Definition::name));
                push_line(&mut text, &items);
            }
        }
    }
    push_line(&mut text, &[b"quorum", policy.quorum.required_name()]);
    text
}

/// The items that are there, with a blank between two.
fn push_line(text: &mut Vec<u8>, items: &[&[u8]]) {
    let items: Vec<&[u8]> = items.iter().copied().filter(|item| !item.is_empty()).collect();
    text.extend(items.join(&b' '));
    text.push(b'\n');
}

/// Where and why a text is no policy.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("line {line} of the policy: {fault}")]
pub struct ParsePolicyError {
    /// The line, from 1; the last one if something is missing, 0 if the text as a whole is too long.
    pub line: usize,
    /// What is wrong with it.
    #[source]
    pub fault: PolicyFault,
}

impl ParsePolicyError {
    /// The rule that was broken, as in `spec/checks/`.
    pub const fn code(&self) -> &'static str {
        match &self.fault {
            PolicyFault::Syntax => "WIT-06",
            PolicyFault::Name => "WIT-07",
            PolicyFault::DuplicateKey => "WIT-08",
            PolicyFault::Threshold => "WIT-09",
            PolicyFault::Quorum => "WIT-10",
            PolicyFault::TooMuch => "WIT-11",
            PolicyFault::LogKey(error) => error.code(),
            PolicyFault::WitnessKey(error) => error.code(),
        }
    }
}

/// What can be wrong with a line of a policy.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum PolicyFault {
    /// WIT-06: not a line of a known form, ended by a line feed.
    #[error("not a line of a policy")]
    Syntax,
    /// WIT-07: a name that is not defined yet, or defined or used as a member already.
    #[error("a name is undefined, or used twice")]
    Name,
    /// WIT-08: two logs or two witnesses with one public key.
    #[error("the key is that of an earlier line")]
    DuplicateKey,
    /// WIT-09: a threshold of 0 or of more than the members.
    #[error("the threshold is not between 1 and the number of members")]
    Threshold,
    /// WIT-10: no quorum line, or two.
    #[error("there is not exactly one quorum line")]
    Quorum,
    /// WIT-11: beyond the limits.
    #[error("the policy is too long")]
    TooMuch,
    /// The key of a log.
    #[error("not the key of a log")]
    LogKey(#[source] NoteError),
    /// The key of a witness.
    #[error("not the key of a witness")]
    WitnessKey(#[source] CosignatureError),
}
