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
        merged(before.clone(), json!({"blood_pressure": {"systolic": 70}})).unwrap_err().contains("above")
    );
    assert!(
        merged(before.clone(), json!({"blood_pressure": {"systolic": null}}))
            .unwrap_err()
            .contains("/blood_pressure/systolic")
    );
    assert!(merged(before.clone(), json!({"blood_pressure": null})).unwrap_err().contains("at least one"));
    assert!(merged(before, json!({"wieght": null})).unwrap_err().contains("/wieght"));
}
