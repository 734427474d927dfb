//! The vital signs of a record, and the one table of their limits. From the table come the checks and their messages,
//! `GET /vitals`, and the schemas of the OpenAPI document.
//!
//! A new vital sign is a row here and in `VITALS`, a field in [`Vitals`] and in `Patch`, and a line in `parse` and
//! `apply_with`.

use serde::{Deserialize, Serialize, Serializer};

/// The vital signs of one person. The service keeps a million of these in memory: 48 bytes each.
#[derive(Debug, Clone, Copy, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Vitals {
    /// In kilograms.
    #[serde(skip_serializing_if = "Option::is_none", serialize_with = "shortest")]
    pub weight: Option<f64>,
    /// In centimetres.
    #[serde(skip_serializing_if = "Option::is_none", serialize_with = "shortest")]
    pub height: Option<f64>,
    /// In beats per minute.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub heart_rate: Option<u16>,
    /// In millimetres of mercury.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub blood_pressure: Option<BloodPressure>,
}

/// A blood pressure: the systolic value is above the diastolic one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct BloodPressure {
    /// The pressure when the heart contracts.
    pub systolic: u16,
    /// The pressure between two beats.
    pub diastolic: u16,
}

/// A row of the table: a vital sign, or a component of one.
#[derive(Debug)]
pub(crate) struct Vital {
    /// The member of the JSON object.
    pub(crate) field: &'static str,
    /// The LOINC code (<https://loinc.org>).
    pub(crate) loinc: &'static str,
    /// The unit in UCUM notation (<https://ucum.org>).
    pub(crate) unit: &'static str,
    /// Names that callers use by mistake; the error message suggests `field`.
    pub(crate) other_names: &'static [&'static str],
    /// The accepted values.
    pub(crate) accepts: Accepts,
}

/// The accepted values of a vital sign.
#[derive(Debug)]
pub(crate) enum Accepts {
    /// A number within limits; with units that callers use by mistake, each with its factor to the right unit.
    Number { minimum: f64, maximum: f64, whole: bool, mistaken: &'static [(&'static str, f64)] },
    /// An object of numbers, each above the next.
    Components(&'static [&'static Vital]),
}

/// Every vital sign, in the order of the members of a record.
pub(crate) static VITALS: &[&Vital] = &[&WEIGHT, &HEIGHT, &HEART_RATE, &BLOOD_PRESSURE];

pub(crate) static WEIGHT: Vital = Vital {
    field: "weight",
    loinc: "29463-7",
    unit: "kg",
    other_names: &["poids", "mass", "masse", "weight_kg", "weightkg"],
    accepts: Accepts::Number { minimum: 0.2, maximum: 700.0, whole: false, mistaken: &[("grams", 0.001)] },
};

pub(crate) static HEIGHT: Vital = Vital {
    field: "height",
    loinc: "8302-2",
    unit: "cm",
    other_names: &["taille", "size", "height_cm", "heightcm"],
    accepts: Accepts::Number {
        minimum: 20.0,
        maximum: 280.0,
        whole: false,
        mistaken: &[("metres", 100.0), ("millimetres", 0.1)],
    },
};

pub(crate) static HEART_RATE: Vital = Vital {
    field: "heart_rate",
    loinc: "8867-4",
    unit: "/min",
    other_names: &["heartrate", "pulse", "pouls", "bpm", "frequence_cardiaque"],
    accepts: Accepts::Number {
        minimum: 10.0,
        maximum: 350.0,
        whole: true,
        mistaken: &[("beats a second", 60.0)],
    },
};

pub(crate) static BLOOD_PRESSURE: Vital = Vital {
    field: "blood_pressure",
    loinc: "85354-9",
    unit: "mm[Hg]",
    other_names: &[
        "bloodpressure",
        "bp",
        "tension",
        "pression",
        "pression_arterielle",
        "systolic",
        "diastolic",
    ],
    accepts: Accepts::Components(&[&SYSTOLIC, &DIASTOLIC]),
};

pub(crate) static SYSTOLIC: Vital = Vital {
    field: "systolic",
    loinc: "8480-6",
    unit: "mm[Hg]",
    other_names: &[],
    accepts: Accepts::Number { minimum: 30.0, maximum: 350.0, whole: true, mistaken: CENTIMETRES },
};

pub(crate) static DIASTOLIC: Vital = Vital {
    field: "diastolic",
    loinc: "8462-4",
    unit: "mm[Hg]",
    other_names: &[],
    accepts: Accepts::Number { minimum: 10.0, maximum: 250.0, whole: true, mistaken: CENTIMETRES },
};

/// The unit of "my blood pressure is 12 over 8".
const CENTIMETRES: &[(&str, f64)] = &[("centimetres of mercury", 10.0)];

impl Vital {
    /// Checks a number against the limits.
    ///
    /// # Errors
    /// Returns the error message for the caller, with the unit that may have been meant.
    pub(crate) fn check(&self, value: f64) -> Result<f64, String> {
        let Accepts::Number { minimum, maximum, whole, mistaken } = &self.accepts else {
            return Err("must be an object".to_owned());
        };
        let is_accepted = |value: f64| (*minimum..=*maximum).contains(&value);
        if is_accepted(value) {
            let fraction = *whole && value.fract() != 0.0;
            return if fraction { Err(format!("must be a whole number, not {value}")) } else { Ok(value) };
        }
        let hint = mistaken.iter().find_map(|(unit, factor)| {
            // Rounded to a tenth: 1.75 m is 175 cm, with no more digits than anybody measures.
            let meant = (value * factor * 10.0).round() / 10.0;
            is_accepted(meant).then(|| format!("; were {unit} meant? Then send {meant}"))
        });
        let hint = hint.unwrap_or_default();
        Err(format!("must be {minimum} to {maximum} {}, not {value}{hint}", self.unit))
    }
}

/// A number that is written as `175`, not as `175.0`.
pub(crate) struct Shortest(pub(crate) f64);

impl Serialize for Shortest {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        // Exact: no accepted number comes near 2^53.
        if self.0.fract() == 0.0 {
            serializer.serialize_i64(self.0 as i64)
        } else {
            serializer.serialize_f64(self.0)
        }
    }
}

fn shortest<S: Serializer>(number: &Option<f64>, serializer: S) -> Result<S::Ok, S::Error> {
    number.map(Shortest).serialize(serializer)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn json_of_a_record_reads_back_unchanged() {
        for text in [
            r#"{"weight":70.5,"height":175,"heart_rate":62,"blood_pressure":{"systolic":120,"diastolic":80}}"#,
            r#"{"weight":70}"#,
            r#"{"height":110.82535215952987}"#,
        ] {
            let vitals: Vitals = serde_json::from_str(text).unwrap();
            assert_eq!(serde_json::to_string(&vitals).unwrap(), text);
        }
        assert!(serde_json::from_str::<Vitals>(r#"{"poids":70}"#).is_err());
    }

    #[test]
    fn record_takes_at_most_48_bytes() {
        assert!(size_of::<Vitals>() <= 48);
    }
}
