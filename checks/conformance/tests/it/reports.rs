//! The four formats of a report.

use conformance::report::{Format, list};
use conformance::{Lang, Report, checks};
use serde_json::Value;

use super::bad_lab::BadLab;
use super::shown;

/// Checks only person, in a version that answers 200 for missing persons.
fn report() -> Report {
    let lab = BadLab::start(Some("person says 200 to nobody"), false);
    let only = ["person", "rule-timeout"].map(str::to_owned).to_vec();
    lab.check_with(conformance::Plan { only, ..lab.plan() })
}

#[test]
fn terminal_report_explains_failed_checks() {
    let text = shown(&report());
    let check = checks::named("person-missing").unwrap();
    assert!(text.contains("FAIL required  person-missing"), "{text}");
    assert!(text.contains("> GET /persons/1999999973\n"), "{text}");
    assert!(text.contains("< 200 null\n"), "{text}");
    assert!(text.contains("GET /persons/1999999973: expected 404, got 200 null"), "{text}");
    for part in [check.lab, &check.explanation().why, &check.explanation().fix] {
        assert!(text.contains(part.in_lang(Lang::En)), "{text}");
    }
    assert!(text.contains("if row is None:\n"), "{text}");
    assert!(text.contains("ok   required  person-create"), "{text}");
    assert!(text.contains("-    robust    rule-timeout"), "{text}");
    assert!(!text.contains('\x1b'), "{text}");
    assert!(
        report()
            .show(Format::Terminal { colour: true, verbose: true }, Lang::En)
            .contains("\x1b[31mFAIL\x1b[0m")
    );
}

#[test]
fn explanations_are_in_french_on_request() {
    let shown = report().show(Format::Terminal { colour: false, verbose: true }, Lang::Fr);
    let why = &checks::named("person-missing").unwrap().explanation().why;
    assert!(shown.contains(why.in_lang(Lang::Fr)), "{shown}");
    assert!(shown.contains("attendu 404, reçu 200 null"), "{shown}");
    assert!(!shown.contains(why.in_lang(Lang::En)), "{shown}");
}

#[test]
fn summary_is_one_line() {
    let summary = report().summary();
    let person = checks::all().filter(|check| check.area.name() == "person");
    let required = person.filter(|check| check.level.name() == "required").count();
    assert!(summary.starts_with(&format!("required {}/{required} · expected ", required - 2)), "{summary}");
    assert!(summary.ends_with(" · not run 1 (0 required) · causes 4 (2 required)"), "{summary}");
    assert!(!summary.contains('\n'));
}

#[test]
fn json_report_has_counts_and_exchanges() {
    let json: Value = serde_json::from_str(&report().show(Format::Json, Lang::En)).unwrap();
    assert_eq!(json["summary"], report().summary());
    assert_eq!(json["levels"]["required"]["failed"], 2);
    assert_eq!(json["levels"]["robust"]["skipped"], 1);
    let of = |id: &str| {
        let checks = json["checks"].as_array().unwrap().iter();
        checks.into_iter().find(|check| check["id"] == id).unwrap().clone()
    };
    assert_eq!(of("person-missing")["verdict"], "failed");
    assert_eq!(of("person-missing")["exchanges"][0]["came"], "200 null");
    assert_eq!(of("person-create")["detail"], Value::Null);
}

#[test]
fn junit_report_has_suites_and_escapes_responses() {
    let shown = report().show(Format::Junit, Lang::En);
    let person = checks::all().filter(|check| check.area.name() == "person").count();
    assert!(
        shown.contains(&format!(
            "<testsuite name=\"person\" tests=\"{person}\" failures=\"4\" skipped=\"0\">"
        )),
        "{shown}"
    );
    assert!(shown.contains("<testsuite name=\"rule\" tests=\"1\" failures=\"0\" skipped=\"1\">"), "{shown}");
    assert!(shown.contains("<testcase classname=\"person.required\" name=\"person-create\"/>"), "{shown}");
    assert!(shown.contains("&lt; 200 null"), "{shown}");
    assert_eq!(shown.matches("<testcase").count(), person + 1);
    let closed = shown.matches("</testcase>").count() + shown.matches("\"/>\n").count();
    assert_eq!(closed, person + 1, "{shown}");
}

#[test]
fn markdown_report_explains_failed_checks_only() {
    let shown = report().show(Format::Markdown, Lang::En);
    assert!(shown.contains("| required | person-missing | failed |"), "{shown}");
    assert!(shown.contains("\n### person-missing: "), "{shown}");
    assert!(!shown.contains("\n### person-create"), "{shown}");
}

#[test]
fn every_check_is_explained_in_both_languages() {
    for check in checks::all() {
        let [english, french] = [Lang::En, Lang::Fr].map(|lang| list::explain(check, lang));
        let texts = check.explanation();
        for text in [check.lab, &texts.title, &texts.why, &texts.fix] {
            assert!(english.contains(text.in_lang(Lang::En)), "{english}");
            assert!(french.contains(text.in_lang(Lang::Fr)), "{french}");
            assert!(text.in_lang(Lang::En).len() > 5 && text.in_lang(Lang::Fr).len() > 5, "{english}");
        }
        assert!(!texts.flask.is_empty(), "{}", check.id);
    }
}

#[test]
fn ids_are_unique_and_fit_the_table() {
    let mut ids: Vec<_> = checks::all().map(|check| check.id).collect();
    let count = ids.len();
    ids.sort_unstable();
    ids.dedup();
    assert_eq!(ids.len(), count);
    assert!(ids.iter().all(|id| id.len() <= 24), "{ids:?}");
}
