//! Project Wycheproof's vectors of HS256. They are signed texts and no access tokens, so even the valid ones are refused;
//! what they show is that a service which has the key is not talked into anything by any of them.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use faults::report;
use faults::trio::Trio;
use serde_json::Value;

use super::operations::{For, OPERATIONS, ask};

/// The file of vectors.
pub(super) fn read() -> Value {
    serde_json::from_str(include_str!("wycheproof.json")).expect("JSON")
}

#[test]
fn no_vector_of_wycheproof_is_let_in_where_its_own_key_is_in_the_key_file() {
    let (mut vectors, mut asked, mut refused_keys) = (0, 0, 0);
    let groups = read()["groups"].as_array().expect("groups").clone();
    // The key of one group is all zeros, and no service starts with that: its vectors meet another key of that name.
    let lines = groups.iter().map(|group| {
        let (kid, key) = (group["kid"].as_str().expect("text"), group["k"].as_str().expect("text"));
        let bytes = URL_SAFE_NO_PAD.decode(key).expect("base64url");
        if bytes.iter().all(|byte| *byte == 0) {
            refused_keys += 1;
            let place = faults::person();
            place.write("keys", format!("{kid}:{key}\n"));
            let ended = place.run(&["serve"], &[]);
            assert!(ended.code == Some(78) && ended.err.contains("well known"), "{ended:?}");
            return format!("{kid}:{}\n", super::maker::OLD_KEY);
        }
        format!("{kid}:{key}\n")
    });
    let key_file: String = lines.collect();
    let trio = Trio::start(&key_file, &[]);
    for test in groups.iter().flat_map(|group| group["tests"].as_array().expect("tests")) {
        vectors += 1;
        for operation in OPERATIONS.iter().filter(|operation| operation.open_to != For::All) {
            asked += 1;
            let token = test["jws"].as_str().expect("text");
            let client = trio.service(operation.service).client.with_token(token);
            let answer = ask(&client, operation.method, operation.path).send();
            let challenge = answer.header("www-authenticate").unwrap_or_default().to_owned();
            answer.expect_problem(401, "invalid-token");
            // A sound vector is no access token, and says so itself before anybody looks at its signature.
            if test["result"] == "valid" && test["comment"] != "InvalidCharacterInsertedInHeader" {
                let reason = "error_description=\"its typ is not at+jwt\"";
                assert!(challenge.ends_with(reason), "{test}: {challenge}");
            }
        }
    }
    assert_eq!((vectors, refused_keys), (40, 1));
    report("Wycheproof's HS256 vectors", &format!("{vectors}, {asked} requests"), "0 let in");
}
