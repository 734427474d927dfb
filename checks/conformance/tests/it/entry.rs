//! How the checker gets in, and what it says if it does not.

use conformance::{Lang, Plan, Report};

use super::bad_lab::{BadLab, Dialect, FixedLogin, Request};
use super::{ids, shown};

type Reads = fn(&Request) -> Option<(String, String)>;

/// Service, path, account, encoding, and how the report names it.
type Case = (&'static str, &'static str, (&'static str, &'static str), Reads, &'static str);

fn lab(on: &'static str, path: &'static str, account: (&'static str, &'static str), reads: Reads) -> BadLab {
    lab_with(None, Dialect { login: Some(FixedLogin { on, path, account, reads }), ..Dialect::default() })
}

fn lab_with(mistake: Option<&'static str>, dialect: Dialect) -> BadLab {
    BadLab::start_with(mistake, false, dialect)
}

/// Runs the checks that need a token, and nothing else.
fn check(lab: &BadLab) -> Report {
    lab.check_with(Plan { only: vec!["auth".to_owned(), "person-create".to_owned()], ..lab.plan() })
}

fn first_line(report: &Report) -> &str {
    report.learnt[0].in_lang(Lang::En)
}

fn causes(report: &Report) -> Vec<String> {
    let required = report.causes().into_iter().filter(|cause| cause.level.name() == "required");
    required.map(|cause| cause.title.in_lang(Lang::En).to_owned()).collect()
}

#[test]
fn usual_logins_are_found_and_named() {
    let cases: [Case; 5] = [
        ("auth", "/login", ("admin", "admin"), FixedLogin::json, "/login (JSON) as admin / admin"),
        ("auth", "/auth/login", ("admin", "admin123"), FixedLogin::json, "(JSON) as admin / admin123"),
        ("auth", "/token", ("admin", "password"), FixedLogin::form, "/token (form) as admin / password"),
        ("auth", "/auth", ("admin", "1234"), FixedLogin::basic, "/auth (basic) as admin / 1234"),
        ("person", "/login", ("user", "password"), FixedLogin::json, "/login (JSON) as user / password"),
    ];
    for (on, path, account, reads, how) in cases {
        let report = check(&lab(on, path, account, reads));
        assert!(first_line(&report).starts_with("got in: POST http://127.77."), "{}", shown(&report));
        assert!(first_line(&report).contains(how), "{}", first_line(&report));
        assert!(ids(&report, "passed").contains("person-create"), "{}", shown(&report));
        assert!(ids(&report, "passed").contains("auth-wrong-password"), "{}", shown(&report));
    }
}

#[test]
fn login_and_header_are_found_without_auth_url() {
    let login =
        FixedLogin { on: "auth", path: "/login", account: ("admin", "admin"), reads: FixedLogin::json };
    let dialect = Dialect { login: Some(login), token_header: Some("x-access-token"), ..Dialect::default() };
    let lab = lab_with(None, dialect);
    let auth_guesses = vec![lab.plan().auth.unwrap()];
    let report =
        lab.check_with(Plan { auth: None, auth_guesses, only: vec!["person".to_owned()], ..lab.plan() });
    assert!(first_line(&report).ends_with("token in x-access-token: …"), "{}", shown(&report));
    assert_eq!(ids(&report, "skipped").len() + ids(&report, "failed").len(), 0, "{}", shown(&report));
}

#[test]
fn login_on_person_works_while_the_checker_plays_person() {
    let login =
        FixedLogin { on: "person", path: "/login", account: ("admin", "admin"), reads: FixedLogin::json };
    let lab = BadLab::start_with(None, true, Dialect { login: Some(login), ..Dialect::default() });
    let report = lab.check_with(Plan { auth: None, only: vec!["rule".to_owned()], ..lab.plan() });
    assert!(ids(&report, "passed").contains("rule-on-500"), "{}", shown(&report));
    assert!(ids(&report, "passed").contains("rule-token-passed-on"), "{}", shown(&report));
}

#[test]
fn locked_out_checks_are_not_run() {
    let lab = lab("auth", "/login", ("admin", "nobody guesses this"), FixedLogin::json);
    let report = lab.check();
    assert!(first_line(&report).starts_with("NOT in person: it answers 401"), "{}", shown(&report));
    assert_eq!((ids(&report, "failed").len(), ids(&report, "passed").len()), (0, 0), "{}", shown(&report));
    assert!(report.has_nothing());
}

#[test]
fn each_open_door_is_one_required_cause() {
    let login =
        FixedLogin { on: "auth", path: "/login", account: ("admin", "admin"), reads: FixedLogin::json };
    for (mistake, cause) in [
        ("person lets anybody in", "person: no token is needed: anybody reads and writes"),
        ("person lets anybody write", "person: no token is needed to write"),
        ("person checks no signature", "tokens are accepted although their signature is wrong"),
        ("auth takes any password", "any password gets a token"),
        ("auth takes anybody", "anybody gets a token: an unknown user, and any password"),
    ] {
        let report = check(&lab_with(Some(mistake), Dialect { login: Some(login), ..Dialect::default() }));
        assert_eq!(causes(&report), [cause], "{}", shown(&report));
        assert!(!report.meets_the_lab());
    }
}

#[test]
fn other_status_than_401_leaves_the_door_closed() {
    let report = check(&BadLab::start(Some("person says 403 at the door"), false));
    assert_eq!(causes(&report), [""; 0], "{}", shown(&report));
    assert!(ids(&report, "failed").contains("person-closed-401"));
}
