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
mod properties;
#[cfg(test)]
mod tests;
