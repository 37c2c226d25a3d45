//! Opening the sums, and the result (§12).

use crate::form::{FormError, Members, owned_text, small, to_hex};
use serde_json::{Value, json};

/// One option's share.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Cell {
    /// `R1 ‖ R2 ‖ z`.
    pub proof: [u8; 96],
    /// `D`.
    pub share: [u8; 32],
}

impl Cell {
    fn read(value: &Value) -> Result<Self, FormError> {
        let members = Members::of(value, &["proof", "share"])?;
        Ok(Self { proof: members.hex("proof")?, share: members.hex("share")? })
    }
}

/// `tally-share`: one trustee, one group.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TallyShare {
    /// Counted ballots of the group.
    pub ballots: u64,
    /// In the order of the options.
    pub cells: Vec<Cell>,
    /// Ids of the districts, in the manifest's order.
    pub districts: Vec<String>,
    /// Number of the group, from 0, withheld ones counted.
    pub group: u32,
}

impl TallyShare {
    pub(super) fn read(members: Members<'_>) -> Result<Self, FormError> {
        let members = members.exactly(&["ballots", "cells", "districts", "group"])?;
        Ok(Self {
            ballots: members.number("ballots")?,
            cells: members.each("cells", Cell::read)?,
            districts: members.each("districts", owned_text)?,
            group: members.small("group")?,
        })
    }

    pub(super) fn to_json(&self) -> Value {
        let cell = |cell: &Cell| json!({"proof": to_hex(&cell.proof), "share": to_hex(&cell.share)});
        json!({
            "ballots": self.ballots,
            "cells": self.cells.iter().map(cell).collect::<Vec<_>>(),
            "districts": self.districts,
            "group": self.group,
        })
    }
}

/// A contest in the result.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ResultContest {
    /// Ballots that chose nothing in it.
    pub blank: u64,
    /// Votes of each option, in order.
    pub counts: Vec<u64>,
    /// Its id.
    pub id: String,
}

impl ResultContest {
    fn read(value: &Value) -> Result<Self, FormError> {
        let members = Members::of(value, &["blank", "counts", "id"])?;
        let count = |value: &Value| value.as_u64().ok_or(FormError::Member("counts"));
        Ok(Self {
            blank: members.number("blank")?,
            counts: members.each("counts", count)?,
            id: members.text("id")?.to_owned(),
        })
    }
}

/// A group in the result.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ResultGroup {
    /// Counted ballots.
    pub ballots: u64,
    /// In the order of the style.
    pub contests: Vec<ResultContest>,
    /// Ids of the districts.
    pub districts: Vec<String>,
}

impl ResultGroup {
    fn read(value: &Value) -> Result<Self, FormError> {
        let members = Members::of(value, &["ballots", "contests", "districts"])?;
        Ok(Self {
            ballots: members.number("ballots")?,
            contests: members.each("contests", ResultContest::read)?,
            districts: members.each("districts", owned_text)?,
        })
    }

    fn to_json(&self) -> Value {
        let contest = |contest: &ResultContest| json!({"blank": contest.blank, "counts": contest.counts, "id": contest.id});
        json!({
            "ballots": self.ballots,
            "contests": self.contests.iter().map(contest).collect::<Vec<_>>(),
            "districts": self.districts,
        })
    }
}

/// A group whose sums nobody opens: too few ballots.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Withheld {
    /// Counted ballots.
    pub ballots: u64,
    /// Ids of the districts.
    pub districts: Vec<String>,
}

impl Withheld {
    fn read(value: &Value) -> Result<Self, FormError> {
        let members = Members::of(value, &["ballots", "districts"])?;
        Ok(Self { ballots: members.number("ballots")?, districts: members.each("districts", owned_text)? })
    }
}

/// `result`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TallyResult {
    /// The groups that were opened, in order.
    pub groups: Vec<ResultGroup>,
    /// The trustees whose shares gave the counts, ascending.
    pub trustees: Vec<u32>,
    /// The groups that were not, in order.
    pub withheld: Vec<Withheld>,
}

impl TallyResult {
    pub(super) fn read(members: Members<'_>) -> Result<Self, FormError> {
        let members = members.exactly(&["groups", "trustees", "withheld"])?;
        Ok(Self {
            groups: members.each("groups", ResultGroup::read)?,
            trustees: members.each("trustees", small)?,
            withheld: members.each("withheld", Withheld::read)?,
        })
    }

    pub(super) fn to_json(&self) -> Value {
        let withheld = |group: &Withheld| json!({"ballots": group.ballots, "districts": group.districts});
        json!({
            "groups": self.groups.iter().map(ResultGroup::to_json).collect::<Vec<_>>(),
            "trustees": self.trustees,
            "withheld": self.withheld.iter().map(withheld).collect::<Vec<_>>(),
        })
    }
}
