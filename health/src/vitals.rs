//! The vital signs that a record may hold: one table, from which come the checks, their messages, the JSON of
//! a record, `GET /vitals` and the schemas of the OpenAPI document.

mod json;

use std::ops::RangeInclusive;

use json::Number;

/// A vital sign: a measure, or an object of several.
#[derive(Debug)]
pub struct Vital {
    /// The name of the member in a record.
    pub field: &'static str,
    /// The LOINC code (<https://loinc.org>).
    pub loinc: &'static str,
    /// The unit in UCUM notation (<https://ucum.org>).
    pub unit: &'static str,
    /// What people call it, too; for a hint where they do.
    pub also_called: &'static [&'static str],
    /// What it consists of.
    pub measures: Measures,
}

/// What a vital sign consists of.
#[derive(Debug)]
pub enum Measures {
    /// One number.
    One(Measure),
    /// An object of numbers, all of which must be there, each smaller than the one before it.
    Descending(&'static [(&'static str, &'static str, Measure)]),
}

/// A number that is accepted within limits.
#[derive(Debug)]
pub struct Measure {
    slot: usize,
    /// What is accepted, in the unit of the vital sign.
    pub accepted: RangeInclusive<f64>,
    /// Whether only whole numbers are.
    pub whole: bool,
    /// Units it may have been given in by mistake, and how many of ours one of them is.
    mistaken: &'static [(&'static str, f64)],
}

/// How many measures there are in all.
const SLOTS: usize = 5;

/// Every vital sign. A component of one is its name, its LOINC code and its measure.
pub static VITALS: &[Vital] = &[
    Vital {
        field: "weight",
        loinc: "29463-7",
        unit: "kg",
        also_called: &["poids", "mass", "masse", "weight_kg", "weightkg"],
        measures: Measures::One(Measure {
            slot: 0,
            accepted: 0.2..=700.0,
            whole: false,
            mistaken: &[("grams", 0.001)],
        }),
    },
    Vital {
        field: "height",
        loinc: "8302-2",
        unit: "cm",
        also_called: &["taille", "size", "height_cm", "heightcm"],
        measures: Measures::One(Measure {
            slot: 1,
            accepted: 20.0..=280.0,
            whole: false,
            mistaken: &[("metres", 100.0), ("millimetres", 0.1)],
        }),
    },
    Vital {
        field: "heart_rate",
        loinc: "8867-4",
        unit: "/min",
        also_called: &["heartrate", "pulse", "pouls", "bpm", "frequence_cardiaque"],
        measures: Measures::One(Measure {
            slot: 2,
            accepted: 10.0..=350.0,
            whole: true,
            mistaken: &[("beats a second", 60.0)],
        }),
    },
    Vital {
        field: "blood_pressure",
        loinc: "85354-9",
        unit: "mm[Hg]",
        also_called: &[
            "bloodpressure",
            "bp",
            "tension",
            "pression",
            "pression_arterielle",
            "systolic",
            "diastolic",
        ],
        measures: Measures::Descending(&[
            (
                "systolic",
                "8480-6",
                Measure {
                    slot: 3,
                    accepted: 30.0..=350.0,
                    whole: true,
                    mistaken: &[("centimetres of mercury", 10.0)],
                },
            ),
            (
                "diastolic",
                "8462-4",
                Measure {
                    slot: 4,
                    accepted: 10.0..=250.0,
                    whole: true,
                    mistaken: &[("centimetres of mercury", 10.0)],
                },
            ),
        ]),
    },
];

impl Measure {
    /// The values in a sentence, e.g. `0.2 to 700`.
    pub(crate) fn limits(&self) -> String {
        format!("{} to {}", self.accepted.start(), self.accepted.end())
    }

    /// Checks a number.
    ///
    /// # Errors
    /// What is wrong with it, with a guess at what was meant.
    pub(crate) fn check(&self, value: f64, unit: &str) -> Result<f64, String> {
        if self.accepted.contains(&value) {
            let whole = !self.whole || value.fract() == 0.0;
            return if whole { Ok(value) } else { Err(format!("must be a whole number, not {value}")) };
        }
        // To a tenth, so that 1.75 m makes 175 and no more digits than anybody measures.
        let meant =
            self.mistaken.iter().map(|(other, factor)| (other, (value * factor * 10.0).round() / 10.0));
        let guess = meant
            .into_iter()
            .find(|(_, meant)| self.accepted.contains(meant))
            .map_or_else(String::new, |(other, meant)| {
                format!("; were {other} meant? Then send {}", Number(meant))
            });
        Err(format!("must be {} {unit}, not {value}{guess}", self.limits()))
    }
}

/// The values of a record. NaN stands for one that is not there: a million records are kept in memory.
#[derive(Debug, Clone, Copy)]
pub struct Vitals([f64; SLOTS]);

impl Vitals {
    /// No vital sign at all: what a new record is made from.
    pub const NONE: Self = Self([f64::NAN; SLOTS]);

    pub(crate) fn get(&self, measure: &Measure) -> Option<f64> {
        Some(self.0[measure.slot]).filter(|value| !value.is_nan())
    }

    pub(crate) fn set(&mut self, measure: &Measure, value: Option<f64>) {
        self.0[measure.slot] = value.unwrap_or(f64::NAN);
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.0.iter().all(|value| value.is_nan())
    }
}

impl PartialEq for Vitals {
    fn eq(&self, other: &Self) -> bool {
        self.0.iter().zip(&other.0).all(|(a, b)| a == b || (a.is_nan() && b.is_nan()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_slots_of_the_table_are_all_different() {
        let mut slots: Vec<usize> = Vec::new();
        for vital in VITALS {
            match &vital.measures {
                Measures::One(measure) => slots.push(measure.slot),
                Measures::Descending(parts) => slots.extend(parts.iter().map(|(_, _, measure)| measure.slot)),
            }
        }
        slots.sort_unstable();
        assert_eq!(slots, (0..SLOTS).collect::<Vec<_>>());
    }

    #[test]
    fn a_wrong_unit_is_guessed() {
        let Measures::One(height) = &VITALS[1].measures else { panic!("height is one number") };
        assert_eq!(height.check(175.0, "cm"), Ok(175.0));
        assert_eq!(
            height.check(1.75, "cm").unwrap_err(),
            "must be 20 to 280 cm, not 1.75; were metres meant? Then send 175"
        );
        assert_eq!(height.check(9000.0, "cm").unwrap_err(), "must be 20 to 280 cm, not 9000");
    }
}
