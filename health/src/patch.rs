//! From a request body to the vital signs of a record: a whole record, or a merge patch (RFC 7396).

use chassis::{FieldErrors, Fields, kind_of};
use serde_json::{Map, Value};

use crate::vitals::{
    BLOOD_PRESSURE, BloodPressure, DIASTOLIC, HEART_RATE, HEIGHT, SYSTOLIC, VITALS, Vital, Vitals, WEIGHT,
};

/// A merge patch: for each number, a new value, its removal, or no change.
#[derive(Debug, Clone, Copy, Default)]
pub struct Patch {
    weight: Edit<f64>,
    height: Edit<f64>,
    heart_rate: Edit<u16>,
    systolic: Edit<u16>,
    diastolic: Edit<u16>,
}

/// The JSON pointer to a blood pressure.
const PRESSURE: &str = "/blood_pressure";

/// `None` keeps the number, `Some(None)` removes it.
type Edit<T> = Option<Option<T>>;

/// How a body is read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Mode {
    /// As a whole record: a blood pressure needs both components.
    Record,
    /// As a merge patch: `null` removes a member.
    MergePatch,
}

impl Vitals {
    /// Parses the body of a POST or a PUT.
    ///
    /// # Errors
    /// Returns everything that is wrong with the body.
    pub fn parse(fields: Fields) -> Result<Self, FieldErrors> {
        let (patch, errors) = parse(fields, Mode::Record);
        patch.apply_with(&Self::default(), errors)
    }
}

impl Patch {
    /// Parses the body of a PATCH.
    ///
    /// # Errors
    /// Returns everything that is wrong with the body on its own; [`Patch::apply`] checks the resulting record.
    pub fn parse(fields: Fields) -> Result<Self, FieldErrors> {
        let (patch, errors) = parse(fields, Mode::MergePatch);
        errors.or(patch)
    }

    /// Returns the record that the patch makes of `before`.
    ///
    /// # Errors
    /// Returns everything that is wrong with the resulting record.
    pub fn apply(&self, before: &Vitals) -> Result<Vitals, FieldErrors> {
        self.apply_with(before, FieldErrors::default())
    }

    /// Applies the patch of a body with these errors, and adds the errors of the resulting record.
    fn apply_with(&self, before: &Vitals, mut errors: FieldErrors) -> Result<Vitals, FieldErrors> {
        let pressure = before.blood_pressure;
        let systolic = self.systolic.unwrap_or(pressure.map(|pressure| pressure.systolic));
        let diastolic = self.diastolic.unwrap_or(pressure.map(|pressure| pressure.diastolic));
        let blood_pressure = match (systolic, diastolic) {
            (Some(systolic), Some(diastolic)) => {
                if systolic <= diastolic {
                    errors.add_below(PRESSURE, SYSTOLIC.field, "must be above `diastolic`");
                }
                Some(BloodPressure { systolic, diastolic })
            }
            (None, None) => None,
            (systolic, _) => {
                // If there are errors, `parse` has reported this component already.
                if errors.is_empty() {
                    let missing = if systolic.is_none() { &SYSTOLIC } else { &DIASTOLIC };
                    errors.add_below(PRESSURE, missing.field, "is required");
                }
                None
            }
        };
        let vitals = Vitals {
            weight: self.weight.unwrap_or(before.weight),
            height: self.height.unwrap_or(before.height),
            heart_rate: self.heart_rate.unwrap_or(before.heart_rate),
            blood_pressure,
        };
        if errors.is_empty() && vitals == Vitals::default() {
            let fields: Vec<_> = VITALS.iter().map(|vital| vital.field).collect();
            errors.add("", format!("a record holds at least one of {}", fields.join(", ")));
        }
        errors.or(vitals)
    }
}

fn parse(mut fields: Fields, mode: Mode) -> (Patch, FieldErrors) {
    let mut number = |vital: &Vital| {
        let value = fields.take(vital.field)?;
        parse_number(vital, &value, mode)
            .map_err(|detail| fields.errors().add_below("", vital.field, detail))
            .ok()
    };
    let (weight, height, heart_rate) = (number(&WEIGHT), number(&HEIGHT), whole(number(&HEART_RATE)));
    let [systolic, diastolic] = match fields.take(BLOOD_PRESSURE.field) {
        None => [None; 2],
        Some(Value::Null) if mode == Mode::MergePatch => [Some(None); 2],
        Some(Value::Object(members)) => parse_pressure(members, mode, fields.errors()),
        Some(other) => {
            fields.errors().add(PRESSURE, pressure_to_send(&other));
            [None; 2]
        }
    };
    (Patch { weight, height, heart_rate, systolic, diastolic }, fields.into_errors(unknown))
}

fn parse_pressure(mut members: Map<String, Value>, mode: Mode, errors: &mut FieldErrors) -> [Edit<u16>; 2] {
    let edits = [&SYSTOLIC, &DIASTOLIC].map(|component| {
        let edit = match members.remove(component.field) {
            Some(value) => parse_number(component, &value, mode),
            None if mode == Mode::MergePatch => return None,
            None => Err("is required".to_owned()),
        };
        whole(edit.map_err(|detail| errors.add_below(PRESSURE, component.field, detail)).ok())
    });
    for name in members.keys() {
        errors.add_below(PRESSURE, name, "is unknown; `blood_pressure` holds `systolic` and `diastolic`");
    }
    edits
}

/// Parses the value of a vital sign; `None` removes it.
fn parse_number(vital: &Vital, value: &Value, mode: Mode) -> Result<Option<f64>, String> {
    match value {
        Value::Null if mode == Mode::MergePatch => Ok(None),
        Value::Null => Err("must be a number, not null; leave it out".to_owned()),
        Value::Number(number) => vital.check(number.as_f64().unwrap_or(f64::INFINITY)).map(Some),
        Value::String(text) => Err(match text.trim().parse::<f64>() {
            Ok(number) if number.is_finite() => format!("must be a number, not a string: send {number}"),
            _ => "must be a number, not a string".to_owned(),
        }),
        other => Err(format!("must be a number, not {}", kind_of(other))),
    }
}

/// Converts a number that the table restricts to whole numbers of at most 350.
fn whole(edit: Edit<f64>) -> Edit<u16> {
    edit.map(|number| number.map(|number| number as u16))
}

/// Returns a message that shows the object to send, with the numbers of `"120/80"` or `[120, 80]`.
fn pressure_to_send(given: &Value) -> String {
    let numbers: Vec<f64> = match given {
        Value::String(text) => text.split('/').filter_map(|part| part.trim().parse().ok()).collect(),
        Value::Array(items) => items.iter().filter_map(Value::as_f64).collect(),
        _ => Vec::new(),
    };
    let [systolic, diastolic] = numbers.try_into().unwrap_or([120.0, 80.0]);
    let object = format!("{{\"systolic\":{systolic},\"diastolic\":{diastolic}}}");
    format!("must be an object, not {}: send {object}", kind_of(given))
}

fn unknown(name: &str) -> String {
    let lower = name.to_lowercase();
    let is_meant = |vital: &&&Vital| vital.field == lower || vital.other_names.contains(&&lower[..]);
    match VITALS.iter().find(is_meant) {
        Some(vital) => format!("is unknown; `{}` may be meant", vital.field),
        None => {
            let fields: Vec<_> = VITALS.iter().map(|vital| format!("`{}`", vital.field)).collect();
            format!("is unknown; a record holds {}", fields.join(", "))
        }
    }
}

#[cfg(test)]
mod properties;
