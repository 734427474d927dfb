//! The practical in English and French, without running it: its minutes add up, it quotes its solutions and the grid of
//! `conformance` as they are, and the pages for the teacher name existing checks and chapters. The feature `flask`
//! runs its commands.

use std::collections::BTreeSet;
use std::path::Path;
use std::process::Command;
use std::sync::{Mutex, PoisonError};
use std::{env, fs};

use conformance::grid::CRITERIA;
use conformance::report::grid;
use conformance::{Lang, checks};
use testkit::console::{Mark, Page};

use crate::workspace;

pub(crate) const ENGLISH: &str = "docs/practical.md";
pub(crate) const FRENCH: &str = "docs/fr/tp.md";
pub(crate) const TEACHER: &str = "docs/teaching.md";
const PAGES: [(&str, Lang); 2] = [(ENGLISH, Lang::En), (FRENCH, Lang::Fr)];
/// Held by a test that may rewrite the pages.
static REWRITING: Mutex<()> = Mutex::new(());
const SOLUTION: &str = "docs/fr/solution";
/// Four hours.
const MINUTES: u32 = 240;

fn text(name: &str) -> String {
    fs::read_to_string(workspace().join(name)).unwrap_or_else(|error| panic!("{name}: {error}"))
}

/// Fails if a page differs from the text that it should have. With `REWRITE=1` it writes that text instead.
#[track_caller]
fn expect_page(name: &str, expected: &str) {
    if env::var_os("REWRITE").is_some() {
        fs::write(workspace().join(name), expected).expect("a writable page");
    }
    assert!(text(name) == expected, "{name} is out of date: REWRITE=1 cargo test -p lab --test it practical");
}

/// Returns the minutes of the plan: the second column of a table whose first has times such as `0:10` or `0 h 10`.
fn plan(page: &str) -> Vec<(u32, u32)> {
    let row = |line: &str| {
        let cells: Vec<_> = line.strip_prefix("| ")?.split(" | ").collect();
        let (hours, minutes) = cells.first()?.split_once(" h ").or_else(|| cells[0].split_once(':'))?;
        let start = hours.parse::<u32>().ok()? * 60 + minutes.parse::<u32>().ok()?;
        Some((start, cells.get(1)?.parse().ok()?))
    };
    page.lines().filter_map(row).collect()
}

#[test]
fn plans_add_up_to_four_hours() {
    for name in [ENGLISH, FRENCH, TEACHER] {
        let plan = plan(&text(name));
        let mut now = 0;
        for (start, minutes) in &plan {
            assert_eq!(*start, now, "{name}: {plan:?}");
            now += minutes;
        }
        assert_eq!(now, MINUTES, "{name}: {plan:?}");
    }
}

#[test]
fn steps_of_a_task_take_its_minutes() {
    for (name, _) in PAGES {
        let page = text(name);
        let steps = page.lines().filter_map(|line| {
            let (step, rest) = line.strip_prefix("**")?.split_once(' ')?;
            let (task, _) = step.split_once('.')?;
            let (_, minutes) = rest.split_once(" (")?;
            Some((task.parse::<usize>().ok()?, minutes.split_once(" min)")?.0.parse::<u32>().ok()?))
        });
        let mut tasks = [0; 5];
        steps.for_each(|(task, minutes)| tasks[task] += minutes);
        // The plan has a row for the start before the tasks, and the break after the second task.
        let minutes: Vec<u32> = plan(&page).iter().map(|(_, minutes)| *minutes).collect();
        let [_, one, two, _, three, four, _] = minutes[..] else { panic!("{name}: {minutes:?}") };
        assert_eq!(tasks, [0, one, two, three, four], "{name}");
    }
}

#[test]
fn pages_quote_the_solutions() {
    let _turn = REWRITING.lock().unwrap_or_else(PoisonError::into_inner);
    for (name, _) in PAGES {
        let page = text(name);
        let mut parts = page.split("<!-- file: ");
        let mut expected = parts.next().expect("a first part").to_owned();
        let mut quoted = BTreeSet::new();
        for part in parts {
            let (file, rest) = part.split_once(" -->\n").expect("the end of the mark");
            let (fence, rest) = rest.split_once('\n').expect("a block");
            let (_, after) = rest.split_once("```\n").expect("the end of the block");
            let solution = text(&format!("{SOLUTION}/{file}"));
            expected += &format!("<!-- file: {file} -->\n{fence}\n{solution}```\n{after}");
            quoted.insert(file.to_owned());
        }
        let files = fs::read_dir(workspace().join(SOLUTION)).expect("a folder");
        let files = files.map(|it| it.expect("an entry").file_name().into_string().expect("UTF-8"));
        assert_eq!(quoted, files.collect(), "{name}");
        expect_page(name, &expected);
    }
}

#[test]
fn pages_have_the_grid_of_the_checker() {
    let _turn = REWRITING.lock().unwrap_or_else(PoisonError::into_inner);
    for (name, lang) in PAGES {
        let page = text(name);
        let (before, rest) = page.split_once("<!-- grid -->\n\n").expect("a grid");
        let (_, after) = rest.split_once("\n\n").expect("text after the grid");
        expect_page(name, &format!("{before}<!-- grid -->\n\n{}\n{after}", grid::empty(lang)));
    }
}

#[test]
fn slides_show_the_points_of_the_grid() {
    for name in ["docs/slides.md", "docs/fr/diapos.md"] {
        let slides = text(name);
        for task in 1..=4 {
            let criteria = CRITERIA.iter().filter(|criterion| criterion.task == task);
            let points: usize = criteria.map(|criterion| criterion.points).sum();
            let row = slides.lines().find(|line| line.starts_with(&format!("| {task}. ")));
            let row = row.unwrap_or_else(|| panic!("{name}: no row for task {task}"));
            assert!(row.ends_with(&format!(" | {points} |")), "{name}: {row}");
        }
    }
}

#[test]
fn both_languages_run_the_same_commands() {
    let commands = |name: &str| -> Vec<String> {
        let page = Page { name: name.to_owned(), text: text(name) };
        let steps = page.steps(Mark::RunWithFlask).into_iter().map(|step| step.command);
        // The scripts speak French by themselves.
        steps.filter(|command| command != "export CHECK_LANG=en").collect()
    };
    assert!(commands(FRENCH).len() > 40);
    assert_eq!(commands(ENGLISH), commands(FRENCH));
}

#[test]
fn solution_of_person_has_at_most_40_lines_of_code() {
    let person = text(&format!("{SOLUTION}/person.py"));
    let lines = person.lines().filter(|line| !line.trim().is_empty()).count();
    assert!(lines <= 40, "{lines} lines");
}

#[test]
fn skeleton_names_only_steps_of_the_pages() {
    let folder = fs::read_dir(workspace().join("docs/fr/squelette")).expect("a folder");
    let files: Vec<String> =
        folder.map(|it| fs::read_to_string(it.expect("an entry").path()).unwrap_or_default()).collect();
    let mut steps = BTreeSet::new();
    for file in &files {
        steps.extend(file.split("todo(\"").skip(1).filter_map(|rest| rest.split('"').next()));
        steps.extend(file.split("Étape ").skip(1).filter_map(|rest| rest.get(..3)));
    }
    steps.retain(|step| step.starts_with(|c: char| c.is_ascii_digit()));
    assert!(steps.len() > 10, "{steps:?}");
    for (name, _) in PAGES {
        let page = text(name);
        let missing: Vec<_> = steps.iter().filter(|step| !page.contains(&format!("**{step} "))).collect();
        assert!(missing.is_empty(), "{name} has no step {missing:?}");
    }
}

#[test]
fn scripts_say_how_to_get_a_missing_checker() {
    let folder = tempfile::tempdir().expect("a folder");
    // As a program that came without its permissions.
    let unusable = folder.path().join("unusable");
    fs::write(&unusable, "").expect("a new file");
    let languages = [("fr", "Il manque le vérificateur"), ("en", "The checker is missing")];
    for script in ["check", "grade"] {
        for ((lang, words), program) in languages.into_iter().zip([Path::new("./no-such-program"), &unusable])
        {
            let mut command = Command::new(workspace().join("docs/fr/squelette").join(script));
            command.env("CONFORMANCE", program).env("CHECK_LANG", lang);
            let ran = command.output().expect("a script");
            let message = String::from_utf8_lossy(&ran.stderr);
            assert_eq!(ran.status.code(), Some(127), "{script}: {message}");
            assert!(message.starts_with(words), "{script}: {message}");
            assert!(message.contains("cargo build --release -p conformance"), "{script}: {message}");
            // It starts nothing, and does not go on.
            assert_eq!(message.lines().count(), 4, "{script}: {message}");
        }
    }
}

#[test]
fn checks_that_pages_name_exist() {
    let areas = ["person-", "health-", "auth-", "rule-"];
    for name in [ENGLISH, FRENCH, TEACHER] {
        let page = text(name);
        let words = page.split(|c: char| !c.is_ascii_lowercase() && !c.is_ascii_digit() && c != '-');
        let named = words.filter(|word| areas.iter().any(|area| word.starts_with(area)));
        // A problem type of the Rust services begins like a check.
        let unknown: Vec<_> =
            named.filter(|word| checks::named(word).is_none() && *word != "person-unreachable").collect();
        assert!(unknown.is_empty(), "{name}: {unknown:?}");
    }
}
