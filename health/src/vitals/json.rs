//! A record as JSON: its members in the order of the table, its numbers as they were sent.

use std::collections::HashMap;
use std::fmt;

use serde::de::{Deserialize, Deserializer, Error as _, MapAccess, Visitor};
use serde::ser::{Serialize, SerializeMap as _, Serializer};

use super::{Measure, Measures, VITALS, Vitals};

/// A number as it was sent: 175 and not 175.0.
pub(super) struct Number(pub(super) f64);

impl Number {
    /// Up to here every whole `f64` is an exact `i64`; nothing we accept comes near.
    fn whole(&self) -> Option<i64> {
        let whole = self.0.fract() == 0.0 && self.0.abs() < 9.0e15;
        #[expect(clippy::cast_possible_truncation, reason = "it is whole and small enough")]
        whole.then_some(self.0 as i64)
    }
}

impl fmt::Display for Number {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl Serialize for Number {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self.whole() {
            Some(whole) => serializer.serialize_i64(whole),
            None => serializer.serialize_f64(self.0),
        }
    }
}

impl Serialize for Vitals {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut record = serializer.serialize_map(None)?;
        for vital in VITALS {
            match &vital.measures {
                Measures::One(measure) => {
                    if let Some(value) = self.get(measure) {
                        record.serialize_entry(vital.field, &Number(value))?;
                    }
                }
                Measures::Descending(parts) => {
                    if parts.iter().any(|(_, _, measure)| self.get(measure).is_some()) {
                        record.serialize_entry(vital.field, &Parts(self, parts))?;
                    }
                }
            }
        }
        record.end()
    }
}

/// The object of a vital sign that has several measures.
struct Parts<'v>(&'v Vitals, &'static [(&'static str, &'static str, Measure)]);

impl Serialize for Parts<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let Self(vitals, parts) = self;
        let values = parts.iter().filter_map(|(name, _, measure)| Some((name, Number(vitals.get(measure)?))));
        serializer.collect_map(values)
    }
}

/// Reads what [`Serialize`] wrote: the store's lines, which carry a checksum. What callers send goes through
/// `Patch` instead.
impl<'de> Deserialize<'de> for Vitals {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Record;

        impl<'de> Visitor<'de> for Record {
            type Value = Vitals;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a record")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut members: A) -> Result<Vitals, A::Error> {
                let mut vitals = Vitals::NONE;
                while let Some(name) = members.next_key::<&str>()? {
                    let vital = VITALS.iter().find(|vital| vital.field == name);
                    match vital.map(|vital| &vital.measures) {
                        Some(Measures::One(measure)) => vitals.set(measure, Some(members.next_value()?)),
                        Some(Measures::Descending(parts)) => {
                            let values: HashMap<&str, f64> = members.next_value()?;
                            for (name, _, measure) in *parts {
                                vitals.set(measure, values.get(name).copied());
                            }
                        }
                        None => return Err(A::Error::custom("an unknown vital sign")),
                    }
                }
                Ok(vitals)
            }
        }

        deserializer.deserialize_map(Record)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_record_reads_as_it_was_written() {
        let text = r#"{"weight":70.5,"height":175,"heart_rate":62,"blood_pressure":{"systolic":120,"diastolic":80}}"#;
        let vitals: Vitals = serde_json::from_str(text).unwrap();
        assert_eq!(serde_json::to_string(&vitals).unwrap(), text);
        assert_eq!(
            serde_json::to_string(&serde_json::from_str::<Vitals>(r#"{"weight":70.0}"#).unwrap()).unwrap(),
            r#"{"weight":70}"#
        );
    }
}
