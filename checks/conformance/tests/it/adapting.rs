//! The checker finds out how a version names things, and bears whatever a version does.

use std::io::{self, Write as _};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::thread;
use std::time::Duration;

use conformance::report::Format;
use conformance::{Fields, Lang, Level, Plan, Refusal, Report};
use serde_json::Value;

use super::bad_lab::{BadLab, Manner, own_address};

const FRENCH: &[(&str, &str)] = &[
    ("name", "nom"),
    ("weight", "poids"),
    ("height", "taille"),
    ("heart_rate", "pouls"),
    ("blood_pressure", "tension_arterielle"),
    ("access_token", "token"),
];
const OWN: &[(&str, &str)] = &[
    ("name", "denomination"),
    ("weight", "kg"),
    ("height", "cm"),
    ("heart_rate", "bpm"),
    ("username", "pseudo"),
    ("password", "motdepasse"),
    ("access_token", "jeton"),
];

#[track_caller]
fn passes_everything(report: &Report) {
    let passed = report.findings.iter().all(|finding| finding.verdict() == "passed");
    assert!(passed, "{}", report.show(Format::Terminal { colour: false }, Lang::En));
}

fn failed(report: &Report) -> Vec<&str> {
    let failed = report.findings.iter().filter(|finding| finding.verdict() == "failed");
    failed.map(|finding| finding.check.id).collect()
}

#[test]
fn french_fields_and_a_token_in_a_header_of_its_own_are_found_out() {
    let manner = Manner { names: FRENCH, token_header: Some("x-access-token"), ..Manner::default() };
    passes_everything(&BadLab::start_with(None, true, manner).check());
}

#[test]
fn a_token_without_a_scheme_is_found_out() {
    let manner = Manner { token_header: Some("authorization"), ..Manner::default() };
    passes_everything(&BadLab::start_with(None, true, manner).check());
}

#[test]
fn other_fields_are_taken_from_the_file() {
    let fields = Fields::parse(
        r#"{"name": "denomination", "record": {"kg": 70.5, "cm": 175}, "weight": "kg",
            "username": "pseudo", "password": "motdepasse"}"#,
    );
    let lab = BadLab::start_with(None, true, Manner { names: OWN, ..Manner::default() });
    let plan = Plan { fields: fields.unwrap(), ..lab.plan() };
    passes_everything(&conformance::run(plan, |_, _, _| {}).unwrap());
}

#[test]
fn a_token_may_be_given_or_come_from_a_login_that_the_file_describes() {
    let lab = BadLab::start(None, true);
    let auth = lab.plan().auth.unwrap();
    let body = r#"{"username": "ada", "password": "analytical engine"}"#;
    let post = |path: &str| {
        let sent = ureq::post(format!("{auth}{path}")).content_type("application/json").send(body);
        serde_json::from_str::<Value>(&sent.unwrap().body_mut().read_to_string().unwrap()).unwrap()
    };
    post("/register");
    let token = post("/login")["access_token"].as_str().unwrap().to_owned();
    let login = format!(r#"{{"login": {{"url": "{auth}/login", "body": {body}}}}}"#);
    let given = Plan { auth: None, token: Some(token), ..lab.plan() };
    let described = Plan { auth: None, fields: Fields::parse(&login).unwrap(), ..lab.plan() };
    for plan in [given, described] {
        let report = conformance::run(plan, |_, _, _| {}).unwrap();
        assert_eq!(failed(&report), [""; 0]);
        let doors = report.findings.iter().find(|finding| finding.check.id == "person-forged-token");
        assert_eq!(doors.unwrap().verdict(), "passed");
    }
}

#[test]
fn what_needs_a_token_or_the_played_person_is_skipped_with_a_reason_and_not_counted() {
    let lab = BadLab::start(None, false);
    let report = conformance::run(lab.plan(), |_, _, _| {}).unwrap();
    assert_eq!(failed(&report), [""; 0]);
    let skipped: Vec<_> = report.findings.iter().filter(|finding| finding.verdict() == "skipped").collect();
    assert!(skipped.iter().all(|finding| finding.check.id.starts_with("rule-")), "{skipped:?}");
    assert!(skipped.len() > 20, "{}", skipped.len());
    let required = skipped.iter().filter(|finding| finding.check.level == Level::Required).count();
    let note = format!("not run {} ({required} required)", skipped.len());
    assert!(report.summary().ends_with(&note), "{}", report.summary());
}

#[test]
fn what_was_made_is_tidied_away() {
    let lab = BadLab::start(None, true);
    lab.check();
    assert_eq!(lab.holds(), (0, 0));
    let lab = BadLab::start(None, false);
    lab.check();
    // The record of the person who was deleted before it: health does not give it out any more.
    assert_eq!(lab.holds(), (0, 1));
}

#[test]
fn pages_in_place_of_errors_are_one_finding_a_service() {
    let manner = Manner { errors_are_pages: true, ..Manner::default() };
    let report = BadLab::start_with(None, true, manner).check();
    assert_eq!(failed(&report), ["person-error-json", "health-error-json"]);
}

/// A server that does this to every connection.
fn server(act: fn(TcpStream)) -> SocketAddr {
    let listener = TcpListener::bind(own_address()).expect("a free port");
    let address = listener.local_addr().expect("it is bound");
    thread::spawn(move || {
        for stream in listener.incoming().flatten() {
            thread::spawn(move || act(stream));
        }
    });
    address
}

/// Checks it in the place of person and health.
fn check(act: fn(TcpStream)) -> Report {
    let url = Some(format!("http://{}", server(act)));
    let plan = Plan { person: url.clone(), health: url, patience: Duration::from_secs(2), ..Plan::default() };
    conformance::run(plan, |_, _, _| {}).expect("it answers")
}

#[test]
fn a_version_that_does_anything_but_answer_gets_a_report_all_the_same() {
    let acts: [fn(TcpStream); 4] = [
        |mut stream| drop(stream.write_all(b"HTTP/1.1 500 \r\nContent-Length: 9\r\n\r\n<h1>\xe9</h1")),
        |mut stream| drop(stream.write_all(b"HTTP/1.1 200 OK\r\nContent-Length: 900\r\n\r\nhalf")),
        |mut stream| drop(stream.write_all(b"\x16\x03\x01nonsense\r\n\r\n")),
        drop,
    ];
    for act in acts {
        let report = check(act);
        assert!(failed(&report).contains(&"person-create"), "{}", report.summary());
        assert!(!report.meets_the_lab());
    }
}

#[test]
fn a_version_that_never_answers_is_not_checked() {
    let plan = Plan {
        person: Some(format!("http://{}", server(|stream| drop(io::copy(&mut &stream, &mut io::sink()))))),
        patience: Duration::from_millis(300),
        ..Plan::default()
    };
    let refusal = conformance::run(plan, |_, _, _| {});
    assert!(matches!(refusal, Err(Refusal::NobodyAnswers)));
}
