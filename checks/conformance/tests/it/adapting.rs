//! The checker adapts to the names of a version, and survives any behaviour.

use std::collections::BTreeSet;
use std::io::{self, Write as _};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::thread;
use std::time::Duration;

use conformance::{Fields, Level, Plan, Report, RunError};
use serde_json::Value;

use super::bad_lab::{BadLab, Dialect, own_address};
use super::{ids, shown};

const FRENCH: &[(&str, &str)] = &[
    ("name", "nom"),
    ("weight", "poids"),
    ("height", "taille"),
    ("heart_rate", "pouls"),
    ("blood_pressure", "tension_arterielle"),
    ("access_token", "token"),
];
const UNUSUAL: &[(&str, &str)] = &[
    ("name", "denomination"),
    ("weight", "kg"),
    ("height", "cm"),
    ("heart_rate", "bpm"),
    ("username", "pseudo"),
    ("password", "motdepasse"),
    ("access_token", "jeton"),
];

#[track_caller]
fn assert_passes_everything(report: &Report) {
    assert_eq!(ids(report, "passed").len(), report.findings.len(), "{}", shown(report));
}

#[test]
fn french_fields_and_custom_token_header_are_detected() {
    let dialect = Dialect { names: FRENCH, token_header: Some("x-access-token"), ..Dialect::default() };
    assert_passes_everything(&BadLab::start_with(None, true, dialect).check());
}

#[test]
fn token_without_scheme_is_detected() {
    let dialect = Dialect { token_header: Some("authorization"), ..Dialect::default() };
    assert_passes_everything(&BadLab::start_with(None, true, dialect).check());
}

#[test]
fn fields_file_names_unusual_fields() {
    let fields = Fields::parse(
        r#"{"name": "denomination", "record": {"kg": 70.5, "cm": 175}, "weight": "kg",
            "username": "pseudo", "password": "motdepasse"}"#,
    );
    let lab = BadLab::start_with(None, true, Dialect { names: UNUSUAL, ..Dialect::default() });
    let plan = Plan { fields: fields.unwrap(), ..lab.plan() };
    assert_passes_everything(&lab.check_with(plan));
}

#[test]
fn fields_file_names_paths_and_values_that_differ() {
    let fields = Fields::parse(
        r#"{"paths": {"persons": "/api/personnes"}, "person": {"email": "a{unique}@example.org", "name": "Ada"}}"#,
    );
    let dialect = Dialect { persons: Some("/api/personnes"), ..Dialect::default() };
    let lab = BadLab::start_with(Some("person wants another email each time"), false, dialect);
    let only = vec!["person".to_owned()];
    // The health service of this version asks at another path: only person is checked.
    let report = lab.check_with(Plan { fields: fields.unwrap(), health: None, only, ..lab.plan() });
    assert_eq!(ids(&report, "failed"), BTreeSet::new(), "{}", shown(&report));
    assert!(ids(&report, "passed").contains("person-create"));
}

#[test]
fn email_that_must_differ_is_detected() {
    let lab = BadLab::start(Some("person wants another email each time"), false);
    let report = lab.check_with(Plan { only: vec!["person".to_owned()], ..lab.plan() });
    assert_passes_everything(&report);
}

#[test]
fn described_login_is_the_one_that_is_checked() {
    let lab = BadLab::start(Some("auth takes any password"), false);
    let plan = lab.plan();
    let auth = plan.auth.clone().unwrap();
    let body = r#"{"username": "ada", "password": "analytical engine"}"#;
    ureq::post(format!("{auth}/register")).content_type("application/json").send(body).unwrap();
    let login = format!(r#"{{"login": {{"url": "{auth}/login", "body": {body}}}}}"#);
    let fields = Fields::parse(&login).unwrap();
    let report = lab.check_with(Plan { auth: None, fields, only: vec!["auth".to_owned()], ..plan });
    assert!(ids(&report, "failed").contains("auth-wrong-password"), "{}", shown(&report));
}

#[test]
fn token_comes_from_the_plan_or_a_described_login() {
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
        let report = lab.check_with(plan);
        assert_eq!(ids(&report, "failed"), BTreeSet::new());
        assert!(ids(&report, "passed").contains("person-forged-token"));
    }
}

#[test]
fn checks_that_need_a_fake_person_are_skipped() {
    let lab = BadLab::start(None, false);
    let report = lab.check();
    assert_eq!(ids(&report, "failed"), BTreeSet::new());
    let skipped: Vec<_> = report.findings.iter().filter(|finding| finding.verdict() == "skipped").collect();
    assert!(skipped.iter().all(|finding| finding.check.id.starts_with("rule-")), "{skipped:?}");
    assert!(skipped.len() > 20, "{}", skipped.len());
    let required = skipped.iter().filter(|finding| finding.check.level == Level::Required).count();
    let note = format!("not run {} ({required} required)", skipped.len());
    assert!(report.summary().contains(&note), "{}", report.summary());
}

#[test]
fn persons_and_records_are_deleted_at_the_end() {
    let lab = BadLab::start(None, true);
    lab.check();
    assert_eq!(lab.holds(), (0, 0));
    let lab = BadLab::start(None, false);
    lab.check();
    // One record stays: its person was deleted first, so that health answers 404.
    assert_eq!(lab.holds(), (0, 1));
}

#[test]
fn html_errors_fail_one_check_for_each_service() {
    let dialect = Dialect { errors_are_pages: true, ..Dialect::default() };
    let report = BadLab::start_with(None, true, dialect).check();
    assert_eq!(ids(&report, "failed"), BTreeSet::from(["person-error-json", "health-error-json"]));
}

/// Starts a server that treats every connection like this.
pub(crate) fn server(act: impl Fn(TcpStream) + Copy + Send + 'static) -> SocketAddr {
    let listener = TcpListener::bind(own_address()).expect("a free port");
    let address = listener.local_addr().expect("a bound listener");
    thread::spawn(move || {
        for stream in listener.incoming().flatten() {
            thread::spawn(move || act(stream));
        }
    });
    address
}

/// Checks such a server as person and health.
fn check(act: fn(TcpStream)) -> Report {
    let url = Some(format!("http://{}", server(act)));
    let plan = Plan { person: url.clone(), health: url, patience: Duration::from_secs(2), ..Plan::default() };
    conformance::run(plan, |_, _, _| {}).expect("it answers")
}

#[test]
fn broken_http_still_gets_a_report() {
    let acts: [fn(TcpStream); 4] = [
        |mut stream| drop(stream.write_all(b"HTTP/1.1 500 \r\nContent-Length: 9\r\n\r\n<h1>\xe9</h1")),
        |mut stream| drop(stream.write_all(b"HTTP/1.1 200 OK\r\nContent-Length: 900\r\n\r\nhalf")),
        |mut stream| drop(stream.write_all(b"\x16\x03\x01nonsense\r\n\r\n")),
        drop,
    ];
    for act in acts {
        let report = check(act);
        assert!(ids(&report, "failed").contains("person-create"), "{}", report.summary());
        assert!(!report.meets_the_lab());
    }
}

#[test]
fn silent_version_is_not_checked() {
    let plan = Plan {
        person: Some(format!("http://{}", server(|stream| drop(io::copy(&mut &stream, &mut io::sink()))))),
        patience: Duration::from_millis(300),
        ..Plan::default()
    };
    let result = conformance::run(plan, |_, _, _| {});
    assert!(matches!(result, Err(RunError::NoAnswer)));
}
