//! Project Wycheproof's vectors for HS256. They are signed texts and not access tokens, so the services must refuse the
//! valid ones too, although they have the keys.

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use faults::report;
use faults::services::{self, Services};
use serde_json::Value;

use super::operations::{path, protected, request};

fn read() -> Value {
    serde_json::from_str(include_str!("wycheproof.json")).expect("JSON")
}

/// Returns a key of the file of vectors, in DER.
pub(super) fn key(name: &str) -> Vec<u8> {
    STANDARD.decode(read()[name].as_str().expect("a key")).expect("base64")
}

#[test]
fn wycheproof_vectors_are_refused_by_services_with_their_keys() {
    let (mut vectors, mut asked, mut refused_keys) = (0, 0, 0);
    let groups = read()["groups"].as_array().expect("groups").clone();
    // One key is all zeros, with which no service starts: its vectors meet another key with that name.
    let lines = groups.iter().map(|group| {
        let (kid, key) = (group["kid"].as_str().expect("text"), group["k"].as_str().expect("text"));
        let bytes = URL_SAFE_NO_PAD.decode(key).expect("base64url");
        if bytes.iter().all(|byte| *byte == 0) {
            refused_keys += 1;
            let dir = services::person();
            dir.write("keys", format!("{kid}:{key}\n"));
            let ended = dir.run(&["serve"], &[]);
            assert!(ended.code == Some(78) && ended.err.contains("well known"), "{ended:?}");
            return format!("{kid}:{}\n", super::maker::OLD_KEY);
        }
        format!("{kid}:{key}\n")
    });
    let key_file: String = lines.collect();
    let services = Services::start(|dir| {
        dir.write("keys", &key_file);
        dir
    });
    for test in groups.iter().flat_map(|group| group["tests"].as_array().expect("tests")) {
        vectors += 1;
        for (service, method, template, ..) in protected() {
            asked += 1;
            let token = test["jws"].as_str().expect("text");
            let client = services.named(service).client.with_token(token);
            let answer = request(&client, method, &path(template)).send();
            let challenge = answer.header("www-authenticate").unwrap_or_default().to_owned();
            answer.expect_problem(401, "invalid-token");
            // `typ` is checked before the signature.
            if test["result"] == "valid" && test["comment"] != "InvalidCharacterInsertedInHeader" {
                let reason = "error_description=\"its typ is not at+jwt\"";
                assert!(challenge.ends_with(reason), "{test}: {challenge}");
            }
        }
    }
    assert_eq!((vectors, refused_keys), (40, 1));
    report("Wycheproof's HS256 vectors", &format!("{vectors}, {asked} requests"), "0 accepted");
}
