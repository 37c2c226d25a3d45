//! Which districts are counted together, so that no sum is that of a few (§12).

use crate::manifest::Manifest;

/// Districts that are counted together.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Group {
    /// By their places, ascending.
    pub districts: Vec<u32>,
    /// The style of their ballots.
    pub style: u16,
    /// Counted ballots.
    pub ballots: u64,
    /// Whether its sums stay closed, because it has too few ballots.
    pub withheld: bool,
}

/// The groups, from the counted ballots of each district; ordered by their first district.
// [VOT-26]
pub fn groups(manifest: &Manifest, counted: &[u64]) -> Vec<Group> {
    let mut groups = Vec::new();
    for style in manifest.style_numbers() {
        groups.extend(groups_of(manifest, style, counted));
    }
    groups.sort_by_key(|group| group.districts.first().copied());
    groups
}

fn groups_of(manifest: &Manifest, style: u16, counted: &[u64]) -> Vec<Group> {
    let ballots_of = |district: u32| {
        let place = usize::try_from(district).ok();
        place.and_then(|place| counted.get(place)).copied().unwrap_or(0)
    };
    let (large, small): (Vec<u32>, Vec<u32>) =
        manifest.districts_of(style).partition(|district| ballots_of(*district) >= manifest.floor);
    let alone = |district: u32| Group {
        districts: vec![district],
        style,
        ballots: ballots_of(district),
        withheld: false,
    };
    let mut groups: Vec<Group> = large.into_iter().map(alone).collect();
    if small.is_empty() {
        return groups;
    }
    let ballots = small.iter().fold(0_u64, |sum, district| sum.saturating_add(ballots_of(*district)));
    let mut rest = Group { districts: small, style, ballots, withheld: false };
    if rest.ballots < manifest.floor {
        // The first of equals: `min_by_key` keeps the first, and the groups stand in the order of districts.
        let smallest = (0..groups.len()).min_by_key(|place| groups.get(*place).map(|group| group.ballots));
        match smallest {
            Some(place) => {
                let joined = groups.remove(place);
                rest.districts.extend(joined.districts);
                rest.districts.sort_unstable();
                rest.ballots = rest.ballots.saturating_add(joined.ballots);
            }
            None => rest.withheld = true,
        }
    }
    groups.push(rest);
    groups
}
