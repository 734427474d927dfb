//! From what callers send to a change of a record: a whole record, or a merge patch (RFC 7396).

use chassis::{Faults, Fields, kind_of};
use serde_json::Value;

use crate::vitals::{Measure, Measures, VITALS, Vital, Vitals};

/// A change of a record: of each measure, nothing, a new value, or its removal.
#[derive(Debug, Clone, Default)]
pub struct Patch(Vec<(&'static Measure, Option<f64>)>);

/// What a body is read as.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Mode {
    /// A whole record: what is missing is not there.
    Record,
    /// A merge patch: what is missing stays, what is null goes.
    Merge,
}

impl Patch {
    /// Reads a whole record.
    ///
    /// # Errors
    /// Everything that is wrong with it.
    pub fn parse_record(fields: Fields) -> Result<Vitals, Faults> {
        let (patch, faults) = parse(fields, Mode::Record);
        patch.apply_with(&Vitals::NONE, faults)
    }

    /// Reads a merge patch.
    ///
    /// # Errors
    /// Everything that is wrong with it; whether it fits a record is seen when it is applied.
    pub fn parse_merge(fields: Fields) -> Result<Self, Faults> {
        let (patch, faults) = parse(fields, Mode::Merge);
        faults.or(patch)
    }

    /// Changes a record.
    ///
    /// # Errors
    /// What would be wrong with the record that comes of it.
    pub fn apply(&self, vitals: &Vitals) -> Result<Vitals, Faults> {
        self.apply_with(vitals, Faults::default())
    }

    fn apply_with(&self, vitals: &Vitals, mut faults: Faults) -> Result<Vitals, Faults> {
        let mut changed = *vitals;
        for (measure, value) in &self.0 {
            changed.set(measure, *value);
        }
        let sound = faults.is_empty();
        for vital in VITALS {
            check_parts(vital, &changed, &mut faults);
        }
        if sound && changed.is_empty() {
            let fields: Vec<_> = VITALS.iter().map(|vital| vital.field).collect();
            faults.add("", format!("a record holds at least one of {}", fields.join(", ")));
        }
        faults.or(changed)
    }
}

/// Of a vital sign with several measures all must be there, each smaller than the one before.
fn check_parts(vital: &Vital, vitals: &Vitals, faults: &mut Faults) {
    let Measures::Descending(parts) = &vital.measures else { return };
    if parts.iter().all(|(_, _, measure)| vitals.get(measure).is_none()) {
        return;
    }
    for (name, _, measure) in *parts {
        let pointer = format!("/{}/{name}", vital.field);
        // A part that was sent and is wrong has its fault already.
        if vitals.get(measure).is_none() && !faults.has(&pointer) {
            faults.add(pointer, "is required");
        }
    }
    for pair in parts.windows(2) {
        let [(above, _, upper), (below, _, lower)] = pair else { continue };
        if let (Some(upper), Some(lower)) = (vitals.get(upper), vitals.get(lower))
            && upper <= lower
        {
            faults.add(format!("/{}/{above}", vital.field), format!("must be above `{below}`"));
        }
    }
}

fn parse(mut fields: Fields, mode: Mode) -> (Patch, Faults) {
    let mut patch = Patch::default();
    for vital in VITALS {
        if let Some(value) = fields.take(vital.field) {
            let pointer = format!("/{}", vital.field);
            match &vital.measures {
                Measures::One(measure) => {
                    patch.read(measure, &value, vital.unit, pointer, mode, fields.faults());
                }
                Measures::Descending(parts) => match value {
                    Value::Object(mut members) => {
                        for (name, _, measure) in *parts {
                            if let Some(value) = members.remove(*name) {
                                patch.read(
                                    measure,
                                    &value,
                                    vital.unit,
                                    format!("{pointer}/{name}"),
                                    mode,
                                    fields.faults(),
                                );
                            } else if mode == Mode::Record {
                                let pointer = format!("{pointer}/{name}");
                                fields.faults().add(pointer, "is required");
                            }
                        }
                        for unknown in members.keys() {
                            let names: Vec<_> =
                                parts.iter().map(|(name, _, _)| format!("`{name}`")).collect();
                            let detail =
                                format!("is unknown; `{}` holds {}", vital.field, names.join(" and "));
                            fields.faults().add_below(&pointer, unknown, detail);
                        }
                    }
                    Value::Null if mode == Mode::Merge => {
                        patch.0.extend(parts.iter().map(|(_, _, measure)| (measure, None)));
                    }
                    other => fields.faults().add(pointer, wanted_object(parts, &other)),
                },
            }
        }
    }
    let faults = fields.finish(unknown);
    (patch, faults)
}

impl Patch {
    fn read(
        &mut self,
        measure: &'static Measure,
        value: &Value,
        unit: &str,
        pointer: String,
        mode: Mode,
        faults: &mut Faults,
    ) {
        let checked = match value {
            Value::Null if mode == Mode::Merge => {
                self.0.push((measure, None));
                return;
            }
            Value::Null => Err("must be a number, not null; leave it out".to_owned()),
            Value::Number(number) => measure.check(number.as_f64().unwrap_or(f64::INFINITY), unit),
            Value::String(text) => match text.trim().parse::<f64>() {
                Ok(number) if number.is_finite() => {
                    Err(format!("must be a number, not a string: send {number}"))
                }
                _ => Err("must be a number, not a string".to_owned()),
            },
            other => Err(format!("must be a number, not {}", kind_of(other))),
        };
        match checked {
            Ok(value) => self.0.push((measure, Some(value))),
            Err(detail) => faults.add(pointer, detail),
        }
    }
}

/// Shows the object to send, made from what was sent where that can be guessed: `"120/80"`.
fn wanted_object(parts: &[(&str, &str, Measure)], given: &Value) -> String {
    let numbers: Vec<f64> = match given {
        Value::String(text) => text.split('/').filter_map(|part| part.trim().parse().ok()).collect(),
        Value::Array(items) => items.iter().filter_map(Value::as_f64).collect(),
        _ => Vec::new(),
    };
    let example = |(i, (name, _, measure)): (usize, &(&str, &str, Measure))| {
        let number = numbers.get(i).copied().filter(|_| numbers.len() == parts.len());
        format!("\"{name}\":{}", number.unwrap_or_else(|| (measure.accepted.end() / 3.0).round()))
    };
    let members: Vec<_> = parts.iter().enumerate().map(example).collect();
    format!("must be an object, not {}: send {{{}}}", kind_of(given), members.join(","))
}

fn unknown(name: &str) -> String {
    let lower = name.to_lowercase();
    let meant =
        VITALS.iter().find(|vital| vital.field == lower || vital.also_called.contains(&lower.as_str()));
    match meant {
        Some(vital) => format!("is unknown; `{}` may be meant", vital.field),
        None => {
            let fields: Vec<_> = VITALS.iter().map(|vital| format!("`{}`", vital.field)).collect();
            format!("is unknown; a record holds {}", fields.join(", "))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn record(body: Value) -> Result<String, String> {
        let parsed = Patch::parse_record(Fields::from(body));
        parsed
            .map(|vitals| serde_json::to_string(&vitals).unwrap())
            .map_err(|faults| serde_json::to_string(&faults).unwrap())
    }

    fn merged(before: Value, patch: Value) -> Result<String, String> {
        let before: Vitals = serde_json::from_str(&before.to_string()).unwrap();
        let changed = Patch::parse_merge(Fields::from(patch)).and_then(|patch| patch.apply(&before));
        changed
            .map(|vitals| serde_json::to_string(&vitals).unwrap())
            .map_err(|faults| serde_json::to_string(&faults).unwrap())
    }

    #[test]
    fn the_limits_of_each_measure_hold() {
        for (field, low, high, step) in
            [("weight", 0.2, 700.0, 0.01), ("height", 20.0, 280.0, 0.01), ("heart_rate", 10.0, 350.0, 1.0)]
        {
            for (value, good) in [(low, true), (high, true), (low - step, false), (high + step, false)] {
                assert_eq!(record(json!({field: value})).is_ok(), good, "{field} {value}");
            }
        }
        for (systolic, diastolic, good) in [
            (30, 10, true),
            (350, 250, true),
            (29, 10, false),
            (351, 80, false),
            (120, 9, false),
            (300, 251, false),
            (80, 80, false),
        ] {
            let body = json!({"blood_pressure": {"systolic": systolic, "diastolic": diastolic}});
            assert_eq!(record(body).is_ok(), good, "{systolic}/{diastolic}");
        }
    }

    #[test]
    fn a_whole_number_may_be_written_with_a_fraction_of_zero() {
        assert_eq!(record(json!({"heart_rate": 72.0})).unwrap(), r#"{"heart_rate":72}"#);
        assert!(record(json!({"heart_rate": 72.5})).unwrap_err().contains("whole number"));
    }

    #[test]
    fn every_fault_is_told_at_once() {
        let faults = record(json!({
            "weight": "70", "height": 1.75, "poids": 70, "heart_rate": null, "x/y": 1,
            "blood_pressure": {"systolic": 500, "mean": 1},
        }));
        let faults = faults.unwrap_err();
        for expected in [
            r#"{"pointer":"/weight","detail":"must be a number, not a string: send 70"}"#,
            "were metres meant? Then send 175",
            r#"{"pointer":"/poids","detail":"is unknown; `weight` may be meant"}"#,
            r#"{"pointer":"/heart_rate","detail":"must be a number, not null; leave it out"}"#,
            r#""pointer":"/x~1y""#,
            r#""pointer":"/blood_pressure/systolic""#,
            r#"{"pointer":"/blood_pressure/diastolic","detail":"is required"}"#,
            r#""pointer":"/blood_pressure/mean""#,
        ] {
            assert!(faults.contains(expected), "{expected} in {faults}");
        }
    }

    #[test]
    fn a_pressure_written_as_text_is_answered_with_the_object_to_send() {
        let faults = record(json!({"blood_pressure": "120/80"})).unwrap_err();
        assert!(faults.contains(r#"send {\"systolic\":120,\"diastolic\":80}"#), "{faults}");
    }

    #[test]
    fn a_record_is_not_empty() {
        assert!(record(json!({})).unwrap_err().contains("at least one of weight"));
    }

    #[test]
    fn a_merge_patch_sets_keeps_and_removes() {
        let before = json!({"weight": 70, "blood_pressure": {"systolic": 120, "diastolic": 80}});
        for (patch, after) in [
            (json!({}), r#"{"weight":70,"blood_pressure":{"systolic":120,"diastolic":80}}"#),
            (json!({"weight": 71.5}), r#"{"weight":71.5,"blood_pressure":{"systolic":120,"diastolic":80}}"#),
            (json!({"weight": null}), r#"{"blood_pressure":{"systolic":120,"diastolic":80}}"#),
            (json!({"blood_pressure": null, "height": 175}), r#"{"weight":70,"height":175}"#),
            (
                json!({"blood_pressure": {"systolic": 130}}),
                r#"{"weight":70,"blood_pressure":{"systolic":130,"diastolic":80}}"#,
            ),
        ] {
            assert_eq!(merged(before.clone(), patch).unwrap(), after);
        }
    }

    #[test]
    fn a_merge_patch_must_leave_a_sound_record() {
        let before = json!({"blood_pressure": {"systolic": 120, "diastolic": 80}});
        assert!(
            merged(before.clone(), json!({"blood_pressure": {"systolic": 70}}))
                .unwrap_err()
                .contains("above")
        );
        assert!(
            merged(before.clone(), json!({"blood_pressure": {"systolic": null}}))
                .unwrap_err()
                .contains("/blood_pressure/systolic")
        );
        assert!(
            merged(before.clone(), json!({"blood_pressure": null})).unwrap_err().contains("at least one")
        );
        assert!(merged(before, json!({"wieght": null})).unwrap_err().contains("/wieght"));
    }
}
