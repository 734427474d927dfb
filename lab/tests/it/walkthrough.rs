//! The walkthrough in English and French: its commands print the output on the page, and it fits 80 columns. The
//! commands of the slides are run too.

use std::fs;
use std::process::{Command, Output};

use testkit::console::{Mark, Page};

use crate::workspace;

const ENGLISH: &str = "docs/walkthrough.md";
const FRENCH: &str = "docs/fr/visite.md";
/// The pages, with the words at the start of each chapter's question and of its last paragraph.
const SHAPES: [(&str, &str, &str); 2] =
    [(ENGLISH, "**Predict.**", "**In the code.**"), (FRENCH, "**Votre pronostic.**", "**Dans le code.**")];

pub(crate) fn page(name: &str) -> Page {
    Page::read(&workspace().join(name)).expect("a page")
}

/// Runs `docs/run` with these arguments, as readers do.
pub(crate) fn docs_run(arguments: &[&str]) -> Output {
    let mut command = Command::new(workspace().join("docs/run"));
    command.args(arguments).current_dir(workspace()).output().expect("docs/run can be run")
}

#[track_caller]
fn expect_success(page: &str) {
    let ran = docs_run(&[page]);
    let [out, err] = [&ran.stdout, &ran.stderr].map(|text| String::from_utf8_lossy(text));
    assert!(ran.status.success(), "{out}\n{err}");
    let commands = self::page(page).steps(Mark::Run).len();
    assert!(out.starts_with(&format!("{page}: {commands} commands were run, 0 differed")), "{out}");
}

#[test]
fn english_commands_print_what_the_page_shows() {
    expect_success(ENGLISH);
}

#[test]
fn french_commands_print_what_the_page_shows() {
    expect_success(FRENCH);
}

#[test]
fn commands_of_the_slides_print_what_they_show() {
    expect_success("docs/slides.md");
}

#[test]
fn wrong_answer_is_reported_with_page_and_line() {
    let folder = tempfile::tempdir().expect("a folder");
    let wrong = folder.path().join("wrong.md");
    let text = "<!-- run -->\n```console\n$ scripts/login ada\n…\n$ scripts/create Ada\n{\"id\":2,…}\n```\n";
    fs::write(&wrong, text).expect("a new file");
    let name = wrong.display().to_string();
    let ran = docs_run(&[&name]);
    let out = String::from_utf8_lossy(&ran.stdout);
    assert_eq!(ran.status.code(), Some(1), "{out}");
    let difference = "--- expected\n{\"id\":2,…}\n--- printed\n{\"id\":1,\"name\":\"Ada\",\"owner\":\"ada\"}";
    assert_eq!(
        out,
        format!("{name}:5: $ scripts/create Ada\n{difference}\n\n{name}: 2 commands were run, 1 differed\n")
    );
}

#[test]
fn both_languages_have_the_same_blocks() {
    let (english, french) = (page(ENGLISH), page(FRENCH));
    let (in_english, in_french) = (blocks(&english), blocks(&french));
    for (in_english, in_french) in in_english.iter().zip(&in_french) {
        assert_eq!(in_english, in_french);
    }
    assert_eq!(in_english.len(), in_french.len());
    assert!(english.steps(Mark::Run).len() > 100, "the walkthrough has too few commands");
    assert!(!english.steps(Mark::RunInDocker).is_empty());
}

/// Returns the number of the chapter and the text of each block. Every block must have a mark.
fn blocks(page: &Page) -> Vec<(usize, String)> {
    let mut found = Vec::new();
    for (chapter, text) in page.text.split("\n## ").enumerate() {
        let mut marked = text.split("\n<!-- run");
        let unmarked = marked.next().expect("a text before the first mark");
        assert!(!unmarked.contains("```"), "{}: a block of chapter {chapter} has no mark", page.name);
        for block in marked {
            let mut parts = block.split("\n```");
            let (mark, lines) = (parts.next(), parts.next());
            let (mark, lines) = mark.zip(lines).expect("a block after its mark");
            assert_eq!(parts.count(), 1, "{}: a block of chapter {chapter} has no mark", page.name);
            found.push((chapter, format!("{mark}\n{lines}")));
        }
    }
    found
}

#[test]
fn no_line_is_wider_than_80_columns() {
    for name in [ENGLISH, FRENCH] {
        let wide: Vec<_> = (1..)
            .zip(page(name).text.lines())
            .filter(|(_, line)| line.chars().count() > 80)
            .map(|(number, line)| format!("{name}:{number}: {line}"))
            .collect();
        assert!(wide.is_empty(), "{}", wide.join("\n"));
    }
}

#[test]
fn first_answer_is_on_the_first_screen() {
    for name in [ENGLISH, FRENCH] {
        let page = page(name);
        let first = page.steps(Mark::Run).into_iter().find(|step| step.command.starts_with("curl"));
        let first = first.expect("a command of curl");
        let last_line = first.line + first.command.lines().count() + first.expected.len() - 1;
        assert!(last_line <= 24, "{name}:{last_line}");
    }
}

#[test]
fn each_chapter_has_a_question_and_existing_code() {
    for (name, question, place) in SHAPES {
        let text = page(name).text;
        let chapters: Vec<&str> = text.split("\n## ").skip(1).collect();
        // The last chapter has exercises.
        let (_, chapters) = chapters.split_last().expect("chapters");
        assert_eq!(chapters.len(), 15, "{name}");
        for (number, chapter) in (1..).zip(chapters) {
            let paragraphs: Vec<&str> = chapter.trim().split("\n\n").collect();
            assert!(paragraphs[0].starts_with(&format!("{number}. ")), "{name}: {}", paragraphs[0]);
            assert!(paragraphs[1].starts_with(question) && paragraphs[1].contains('?'), "{name}, {number}");
            let last = paragraphs.last().expect("a paragraph");
            assert!(last.starts_with(place), "{name}, {number}: {last}");
            let (files, names): (Vec<&str>, Vec<&str>) =
                last.split('`').skip(1).step_by(2).partition(|code| code.contains(['/', '.']));
            assert!(!files.is_empty(), "{name}, {number}: no file is named");
            let read = |file: &&str| fs::read_to_string(workspace().join(file));
            let code: Vec<_> = files
                .iter()
                .map(|file| read(file).unwrap_or_else(|error| panic!("{name}, {number}: {file}: {error}")))
                .collect();
            for part in names.into_iter().flat_map(|name| name.split("::")) {
                assert!(code.iter().any(|code| code.contains(part)), "{name}, {number}: {part}");
            }
        }
    }
}
