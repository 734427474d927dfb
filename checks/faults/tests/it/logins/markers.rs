//! Secrets that occur nowhere else, and the forms in which a log could contain them.

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD_NO_PAD, URL_SAFE_NO_PAD};

/// The name of a secret, and the secret.
pub(super) type Marker = (&'static str, String);

/// Returns the names of the secrets that a text contains in any form.
pub(super) fn found(text: &str, markers: &[Marker]) -> Vec<&'static str> {
    let contains = |marker: &str| forms(marker).iter().any(|form| text.contains(form));
    markers.iter().filter(|(_, marker)| contains(marker)).map(|(name, _)| *name).collect()
}

/// Returns a secret unchanged, escaped for JSON and for URLs, in hexadecimal, as a list of numbers, and in base64 at each
/// of the three offsets.
fn forms(marker: &str) -> Vec<String> {
    let bytes = marker.as_bytes();
    let json = serde_json::Value::from(marker).to_string();
    let numbers: Vec<String> = bytes.iter().map(u8::to_string).collect();
    let mut forms = vec![
        marker.to_owned(),
        json[1..json.len() - 1].to_owned(),
        marker.replace(' ', "%20"),
        marker.replace(' ', "+"),
        bytes.iter().map(|byte| format!("{byte:02x}")).collect(),
        bytes.iter().map(|byte| format!("{byte:02X}")).collect(),
        numbers.join(", "),
        numbers.join(","),
    ];
    for before in 0..3 {
        let shifted = [&vec![0; before][..], bytes].concat();
        // The characters at both ends also depend on the neighbouring bytes.
        let own = |encoded: String| encoded[(before * 8_usize).div_ceil(6)..encoded.len() - 1].to_owned();
        forms.push(own(STANDARD_NO_PAD.encode(&shifted)));
        forms.push(own(URL_SAFE_NO_PAD.encode(&shifted)));
    }
    forms
}

#[test]
fn a_marker_is_found_in_every_form() {
    let markers = [("a word", "Zebedee >?~ Quux".to_owned())];
    for before in ["", "a", "ab", "abc"] {
        for after in ["", "x", "xy"] {
            let text = format!("{before}{}{after}", markers[0].1);
            assert_eq!(found(&text, &markers), ["a word"]);
            assert_eq!(found(&STANDARD_NO_PAD.encode(&text), &markers), ["a word"], "{text}");
            assert_eq!(found(&URL_SAFE_NO_PAD.encode(&text), &markers), ["a word"], "{text}");
        }
    }
    assert_eq!(found(&format!("{:?}", markers[0].1.as_bytes()), &markers), ["a word"]);
    assert!(found("Zebedee Quux", &markers).is_empty());
}
