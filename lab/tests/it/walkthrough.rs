//! The walkthrough in English and French: both have the same commands, fit 80 columns and name existing code. `pages` runs
//! the commands.

use std::fs;

use testkit::console::{Mark, Page};

use crate::workspace;

pub(crate) const ENGLISH: &str = "docs/walkthrough.md";
pub(crate) const FRENCH: &str = "docs/fr/visite.md";
/// The pages, with the words at the start of each chapter's question and of its last paragraph.
const SHAPES: [(&str, &str, &str); 2] =
    [(ENGLISH, "**Predict.**", "**In the code.**"), (FRENCH, "**Votre pronostic.**", "**Dans le code.**")];

/// The chapters with a sequence diagram.
const PICTURED: [usize; 6] = [3, 4, 5, 6, 7, 10];

/// The messages of the scripts in French and English, in parts.
const MESSAGES: [(&str, &str); 6] = [
    (" : http://127", ": http://127"),
    (", processus …", ", process …"),
    (" : session ouverte pour 15 minutes ; pour curl : ", " is logged in for 15 minutes; for curl: "),
    ("Un menteur répond maintenant à la place de person.", "A liar now answers instead of person."),
    ("\npersonne ", "\nperson "),
    (" supprimée", " is deleted"),
];

pub(crate) fn page(name: &str) -> Page {
    Page::read(&workspace().join(name)).expect("a page")
}

#[test]
fn both_languages_have_the_same_blocks() {
    let (english, french) = (page(ENGLISH), page(FRENCH));
    let (in_english, in_french) = (blocks(&english), blocks(&french));
    for ((chapter, in_english), (same_chapter, in_french)) in in_english.iter().zip(&in_french) {
        assert_eq!(chapter, same_chapter);
        assert_eq!(*in_english, with_english_messages(in_french));
    }
    assert_eq!(in_english.len(), in_french.len());
    assert!(english.steps(Mark::Run).len() > 100, "the walkthrough has too few commands");
    assert!(!english.steps(Mark::RunInDocker).is_empty());
}

/// Replaces the scripts' messages in a French block by the English ones.
fn with_english_messages(block: &str) -> String {
    MESSAGES.iter().fold(block.to_owned(), |block, (french, english)| block.replace(french, english))
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
            let pictures = chapter.matches("/sequences/").count();
            assert_eq!(pictures, usize::from(PICTURED.contains(&number)), "{name}, {number}");
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
