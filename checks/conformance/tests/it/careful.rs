//! The checker leaves the data of a version alone, and says when it may not.

use conformance::{Lang, Plan};

use super::bad_lab::BadLab;
use super::{ids, shown};

const BREAKS: &str = "health's file breaks at once";

#[test]
fn two_writers_at_once_are_tried_on_request_only() {
    let lab = BadLab::start(Some(BREAKS), false);
    (1..=2).for_each(|id| lab.add_own_data(id));
    for _ in 0..2 {
        let report = lab.check_with(Plan { may_destroy: false, ..lab.plan() });
        assert!(ids(&report, "skipped").contains("health-at-once"));
        assert!(ids(&report, "passed").contains("health-data-kept"), "{}", shown(&report));
    }
    assert!(lab.has_own_data(1) && lab.has_own_data(2));
}

#[test]
fn broken_file_is_reported_as_what_it_is() {
    let lab = BadLab::start(Some(BREAKS), false);
    lab.add_own_data(1);
    let report = lab.check();
    let finding = report.findings.iter().find(|finding| finding.check.id == "health-at-once").unwrap();
    let Err(conformance::Stop::Failed(failure)) = &finding.outcome else { panic!("{}", shown(&report)) };
    let text = failure.text.in_lang(Lang::En);
    assert!(text.starts_with("two writers at once: the file broke"), "{text}");
    // Nothing else is graded on a broken service.
    assert_eq!(ids(&report, "failed").len(), 2, "{}", shown(&report));
}

#[test]
fn persons_who_were_there_are_never_deleted() {
    let lab = BadLab::start(Some("person counts persons"), false);
    // The next person gets the id 2.
    lab.add_own_data(2);
    lab.check_with(Plan { may_destroy: false, ..lab.plan() });
    assert!(lab.holds().0 >= 1);
}
