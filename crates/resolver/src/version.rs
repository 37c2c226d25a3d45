//! Which version a DID URL asks for.

use crate::ResolveError;
use sinpyo_core::{resolved::VersionSelector, time::Timestamp};

/// Everything that is asked of the version. All of it must hold of one version.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Default)]
pub struct VersionQuery {
    /// Its name (`versionId`).
    pub id: Option<String>,
    /// A time at which it was in effect (`versionTime`).
    pub time: Option<Timestamp>,
    /// Its number, from 1 (`versionNumber`, did:webvh only).
    pub number: Option<u64>,
}

impl From<&VersionSelector> for VersionQuery {
    fn from(selector: &VersionSelector) -> Self {
        match selector {
            VersionSelector::Latest => Self::default(),
            VersionSelector::Id(id) => Self { id: Some(id.clone()), ..Self::default() },
            VersionSelector::Time(time) => Self { time: Some(*time), ..Self::default() },
        }
    }
}

impl VersionQuery {
    /// Whether the newest version is asked for.
    pub const fn is_latest(&self) -> bool {
        self.id.is_none() && self.time.is_none() && self.number.is_none()
    }

    /// Whether a version is named, rather than a time.
    pub(crate) const fn names_a_version(&self) -> bool {
        self.id.is_some() || self.number.is_some()
    }

    /// The query as methods know it that take one condition and no numbers.
    pub(crate) fn single(&self) -> Result<VersionSelector, ResolveError> {
        match (&self.id, self.time, self.number) {
            (None, None, None) => Ok(VersionSelector::Latest),
            (Some(id), None, None) => Ok(VersionSelector::Id(id.clone())),
            (None, Some(time), None) => Ok(VersionSelector::Time(time)),
            _ => Err(ResolveError::Version(VersionError::Combination)), // [RES-10]
        }
    }

    /// Reads the parameters `versionId`, `versionTime` and `versionNumber`, decoded, of which each may be given once.
    ///
    /// # Errors
    /// One of them is given twice, or is not of the form that it must have.
    pub fn from_parameters<'p>(
        parameters: impl IntoIterator<Item = (&'p str, &'p str)>,
    ) -> Result<Self, VersionError> {
        let mut query = Self::default();
        for (name, value) in parameters {
            match name {
                "versionId" => once(&mut query.id, ascii(value)?.to_owned())?,
                "versionTime" => once(&mut query.time, time(value)?)?,
                "versionNumber" => {
                    let number = value.parse().map_err(|_| VersionError::Parameter("versionNumber"))?;
                    once(&mut query.number, number)?;
                }
                _ => {}
            }
        }
        Ok(query)
    }
}

fn once<T>(slot: &mut Option<T>, value: T) -> Result<(), VersionError> {
    match slot.replace(value) {
        None => Ok(()),
        Some(_) => Err(VersionError::Twice), // [RES-10]
    }
}

fn ascii(value: &str) -> Result<&str, VersionError> {
    let printable = !value.is_empty() && value.bytes().all(|byte| byte.is_ascii_graphic());
    if printable { Ok(value) } else { Err(VersionError::Parameter("versionId")) } // [RES-10]
}

/// A time in UTC without fractions of a second [DID Resolution §3.1].
fn time(value: &str) -> Result<Timestamp, VersionError> {
    const REFUSED: VersionError = VersionError::Parameter("versionTime");
    let time: Timestamp = value.parse().map_err(|_| REFUSED)?;
    if time.to_string() == value { Ok(time) } else { Err(REFUSED) } // [RES-10]
}

/// Why the version that is asked for makes no sense.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum VersionError {
    /// A parameter does not have the form that it must have.
    #[error("parameter \"{0}\" is malformed")]
    Parameter(&'static str),
    /// A parameter is given twice.
    #[error("a parameter is given twice")]
    Twice,
    /// The method knows no such combination of conditions.
    #[error("the method cannot combine these conditions")]
    Combination,
}

#[cfg(test)]
mod tests {
    use super::*;

    fn query(parameters: &[(&str, &str)]) -> Result<VersionQuery, VersionError> {
        VersionQuery::from_parameters(parameters.iter().copied())
    }

    #[test]
    fn a_malformed_version_is_refused() {
        let good = query(&[("versionTime", "2025-10-07T14:30:00Z"), ("versionId", "1-Qm"), ("x", "김")]);
        assert_eq!(good.unwrap().id.as_deref(), Some("1-Qm"));
        // The list of the DID Resolution test suite, and what it calls not normalised.
        for time in [
            "2025-10-07 12:30:45",
            "2025/10/07T12:30:45",
            "2025-13-07T12:30:45",
            "2025-10-32T12:30:45",
            "2025-10-07T25:00:00",
            "2025-10-07T12:30:60",
            "2025-10-07T12:30:45+24:00",
            "2025-10-07",
            "2025-10-07T12:30:45abc",
            "T12:30:45",
            "2025-10-07T00:00:00+02:00",
            "2025-10-07T00:00:00",
            "2025-10-07T00:00:00.123Z",
            "Привет",
        ] {
            assert_eq!(
                query(&[("versionTime", time)]),
                Err(VersionError::Parameter("versionTime")),
                "{time}"
            );
        }
        for id in ["", "foo\u{200B}bar", "a b", "a\r\n"] {
            assert_eq!(query(&[("versionId", id)]), Err(VersionError::Parameter("versionId")), "{id:?}");
        }
        assert_eq!(query(&[("versionNumber", "-1")]), Err(VersionError::Parameter("versionNumber")));
        assert_eq!(query(&[("versionId", "a"), ("versionId", "a")]), Err(VersionError::Twice));
    }
}
