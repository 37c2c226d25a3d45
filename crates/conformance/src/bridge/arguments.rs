//! The arguments of a request.

use super::{answer::Refusal, os};
use serde_json::{Map, Value};
use sinpyo_core::{claims::ClaimPath, encoding::from_base64url, time::Timestamp};

/// The arguments of a request. A member that is `null` counts as absent.
pub(super) struct Arguments(Map<String, Value>);

impl Arguments {
    /// Reads the member `args`.
    pub(super) fn of(args: Option<Value>) -> Result<Self, Refusal> {
        match args {
            Some(Value::Object(mut members)) => {
                members.retain(|_, value| !value.is_null());
                Ok(Self(members))
            }
            None => Ok(Self(Map::new())),
            Some(_) => Err(wrong("args")),
        }
    }

    /// The argument `name`, whatever it is.
    pub(super) fn value(&self, name: &str) -> Option<&Value> {
        self.0.get(name)
    }

    /// The argument `name`, which must be there.
    pub(super) fn required(&self, name: &str) -> Result<&Value, Refusal> {
        self.value(name).ok_or_else(|| wrong(name))
    }

    /// A text.
    pub(super) fn text(&self, name: &str) -> Result<&str, Refusal> {
        self.maybe_text(name)?.ok_or_else(|| wrong(name))
    }

    /// A text, if it is there.
    pub(super) fn maybe_text(&self, name: &str) -> Result<Option<&str>, Refusal> {
        self.value(name).map(|value| value.as_str().ok_or_else(|| wrong(name))).transpose()
    }

    /// An object.
    pub(super) fn object(&self, name: &str) -> Result<&Map<String, Value>, Refusal> {
        self.maybe_object(name)?.ok_or_else(|| wrong(name))
    }

    /// An object, if it is there.
    pub(super) fn maybe_object(&self, name: &str) -> Result<Option<&Map<String, Value>>, Refusal> {
        self.value(name).map(|value| value.as_object().ok_or_else(|| wrong(name))).transpose()
    }

    /// A list; an empty one if it is absent, one element if it is no list.
    pub(super) fn list(&self, name: &str) -> &[Value] {
        match self.value(name) {
            None => &[],
            Some(Value::Array(list)) => list,
            Some(one) => std::slice::from_ref(one),
        }
    }

    /// A list of texts.
    pub(super) fn texts(&self, name: &str) -> Result<Vec<&str>, Refusal> {
        self.list(name).iter().map(|text| text.as_str().ok_or_else(|| wrong(name))).collect()
    }

    /// A list of paths to claims, each a list of names, positions and `null`s.
    pub(super) fn paths(&self, name: &str) -> Result<Vec<ClaimPath>, Refusal> {
        Ok(self.list(name).iter().map(ClaimPath::from_json).collect::<Result<_, _>>()?)
    }

    /// A whole number, if it is there.
    pub(super) fn maybe_number(&self, name: &str) -> Result<Option<u64>, Refusal> {
        self.value(name).map(|value| value.as_u64().ok_or_else(|| wrong(name))).transpose()
    }

    /// Whether something is so; not unless it is said.
    pub(super) fn flag(&self, name: &str) -> Result<bool, Refusal> {
        self.value(name).map_or(Ok(false), |value| value.as_bool().ok_or_else(|| wrong(name)))
    }

    /// A time, as RFC 3339 or in seconds since the epoch, if it is there.
    pub(super) fn maybe_time(&self, name: &str) -> Result<Option<Timestamp>, Refusal> {
        match self.value(name) {
            None => Ok(None),
            Some(Value::String(text)) => Ok(Some(text.parse()?)),
            Some(value) => {
                let time = value.as_i64().and_then(Timestamp::from_unix);
                time.map(Some).ok_or_else(|| wrong(name))
            }
        }
    }

    /// A time, or the present.
    pub(super) fn time(&self, name: &str) -> Result<Timestamp, Refusal> {
        self.maybe_time(name)?.map_or_else(|| self.now(), Ok)
    }

    /// Bytes in base64url.
    pub(super) fn bytes(&self, name: &str) -> Result<Vec<u8>, Refusal> {
        Ok(from_base64url(self.text(name)?)?)
    }

    /// The present: `now`, or the clock.
    pub(super) fn now(&self) -> Result<Timestamp, Refusal> {
        Ok(self.maybe_time("now")?.unwrap_or_else(os::now))
    }
}

/// The argument `name` is missing or of another form.
pub(super) fn wrong(name: &str) -> Refusal {
    Refusal::fault("ARGUMENT", format!("\"{name}\" is missing or of another form"))
}
