//! A crash in the middle of a write leaves a part of the last batch. The service sets it aside and loses nothing
//! else. The write is cut here in a few chosen places, by `checks/faults` at random.

use std::fs;

use crate::harness::{HealthService, State, dir, path, record};
use crate::log;

const IDS: [i64; 3] = [1, 2, 3];

/// A file with two records, then an unfinished batch; and a stopped service.
struct Torn {
    health: HealthService,
    /// The file before the batch, and what the service answers then.
    kept: Vec<u8>,
    state: State,
    /// The file with the whole batch.
    whole: Vec<u8>,
}

impl Torn {
    fn new(batch: &[String]) -> Self {
        let kept =
            [log::empty(), log::put(1, [1, 1], 1, 60.0), log::put(2, [2, 2], 2, 61.0)].concat().into_bytes();
        let mut health = HealthService::on(&kept);
        let state = health.state(IDS);
        health.stop();
        let whole = [&kept[..], batch.concat().as_bytes()].concat();
        Self { health, kept, state, whole }
    }

    /// Checks that a service on the file `torn` drops the batch, sets its bytes aside, and works on.
    #[track_caller]
    fn recovers(&mut self, torn: &[u8], what: &str) {
        let Self { health, kept, state, .. } = self;
        health.overwrite(torn);
        health.start().expect(what);
        assert_eq!(health.state(IDS), *state, "{what}");
        assert_eq!(health.content(), *kept, "{what}");
        let aside = health.files_named(".broken-");
        let cut = &torn[kept.len()..];
        assert_eq!(aside.len(), usize::from(!cut.is_empty()), "{what}: {aside:?}");
        for file in aside {
            assert_eq!(fs::read(&file).expect("it is there"), cut, "{what}");
            fs::remove_file(file).expect("the folder is ours");
        }
        let _ = health.ada().post(&path(9), &record()).expect(201);
        log::read(&health.file());
        let with_more = health.state(IDS.into_iter().chain([9]));
        health.restart();
        assert_eq!(health.state(IDS.into_iter().chain([9])), with_more, "{what}");
        assert_eq!(health.files_named(".broken-").len(), 0, "{what}");
        health.stop();
    }
}

fn batch_of_three() -> [String; 3] {
    [log::put(3, [3, 5], 3, 70.0), log::delete(4, [3, 5], 1), log::put(5, [3, 5], 2, 71.0)]
}

#[test]
fn batch_counts_as_a_whole_or_not_at_all() {
    for batch in [&[log::put(3, [3, 3], 1, 99.0)][..], &batch_of_three()] {
        let mut torn = Torn::new(batch);
        let (whole, starts) = (torn.whole.clone(), log::beginnings(&torn.whole));
        for start in &starts[5..starts.len() - 1] {
            for length in [*start, start + 1, start + 20] {
                torn.recovers(&whole[..length], &format!("{length} bytes"));
            }
        }
        torn.recovers(&whole[..whole.len() - 1], "all but the last line feed");
    }
    let Torn { mut health, whole, .. } = Torn::new(&batch_of_three());
    health.overwrite(&whole);
    health.start().expect("the service starts");
    let weights = health.state(IDS).into_iter().map(|(_, known)| known.map(|(_, text)| text));
    let expected = [None, Some("{\"weight\":71}".to_owned()), Some("{\"weight\":70}".to_owned())];
    assert_eq!(weights.collect::<Vec<_>>(), expected);
}

#[test]
fn holes_of_unwritten_pages_are_torn_writes() {
    let mut torn = Torn::new(&batch_of_three());
    let (kept, whole) = (torn.kept.len(), torn.whole.clone());
    let line = log::beginnings(&whole)[5..].to_vec();
    for (what, hole) in [
        ("all of it", kept..whole.len()),
        ("its start", kept..kept + 10),
        ("in the first line", kept + 10..kept + 30),
        ("over the end of the first line", line[1] - 5..line[1] + 5),
        ("the second line", line[1]..line[2]),
        ("in the second line", line[1] + 3..line[1] + 4),
        ("the last line feed", whole.len() - 1..whole.len()),
        ("in the last line", line[2] + 5..line[2] + 40),
    ] {
        let mut hollow = whole.clone();
        hollow[hole].fill(0);
        torn.recovers(&hollow, what);
    }
    torn.recovers(&[&whole[..kept], &[0; 500]].concat(), "a file that grew and was never filled");
}

#[test]
fn log_reports_what_was_set_aside() {
    let torn = Torn::new(&batch_of_three());
    let dir = dir(&torn.health.person);
    dir.write("store", &torn.whole[..torn.whole.len() - 1]);
    let mut service = dir.serve();
    let logs = service.shows("the warning", |service| {
        let logs = service.logs();
        logs.contains("\"ready\"").then_some(logs)
    });
    let warning = logs.lines().find(|line| line.contains(".broken-")).expect("a warning");
    let warning: serde_json::Value = serde_json::from_str(warning).expect("JSON");
    assert_eq!((&warning["level"], &warning["line"]), (&"WARN".into(), &6.into()));
    assert_eq!(warning["bytes"], torn.whole.len() - 1 - torn.kept.len());
}
