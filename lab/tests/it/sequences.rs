//! The sequence diagrams of the pages: each text in docs/pictures/sequences is drawn in English and in French.
//!
//! `REWRITE=1 cargo test -p lab sequences` draws them.

mod picture;
mod text;

use std::path::PathBuf;
use std::{env, fs};

use testkit::console::Page;
use text::{Language, Sequence};

use crate::{walkthrough, workspace};

/// Each language, with the ending of its pictures.
const LANGUAGES: [(Language, &str); 2] = [(Language::English, "svg"), (Language::French, "fr.svg")];

/// Returns the texts, each with its file.
fn texts() -> Vec<(PathBuf, Sequence)> {
    let folder = workspace().join("docs/pictures/sequences");
    let files = fs::read_dir(folder).expect("a folder").map(|entry| entry.expect("an entry").path());
    let mut texts: Vec<_> = files
        .filter(|file| file.extension().is_some_and(|extension| extension == "txt"))
        .map(|file| (file.clone(), Sequence::parse(&fs::read_to_string(file).expect("a text"))))
        .collect();
    texts.sort_by(|a, b| a.0.cmp(&b.0));
    assert!(!texts.is_empty());
    texts
}

#[test]
fn pictures_show_their_texts() {
    for (file, sequence) in texts() {
        for (language, ending) in LANGUAGES {
            let drawn = picture::draw(&sequence, language);
            let picture = file.with_extension(ending);
            if env::var_os("REWRITE").is_some() {
                fs::write(&picture, &drawn).expect("the picture can be written");
            }
            let kept = fs::read_to_string(&picture).unwrap_or_default();
            assert!(kept == drawn, "{} is out of date; REWRITE=1 draws it", picture.display());
        }
    }
}

#[test]
fn each_picture_is_on_its_pages_with_its_text() {
    let pages = ["README.md", "README.fr.md", walkthrough::ENGLISH, walkthrough::FRENCH];
    let pages = pages.map(|name| Page::read(&workspace().join(name)).expect("a page"));
    for (file, sequence) in texts() {
        for (language, ending) in LANGUAGES {
            let name = file.with_extension(ending);
            let name = name.file_name().expect("a name").to_str().expect("UTF-8");
            let tag = if language == Language::French { "fr" } else { "en" };
            let alternatives = pages.iter().filter(|page| page.language() == tag).flat_map(|page| {
                page.text.split("![").skip(1).filter_map(|image| {
                    let (text, rest) = image.split_once("](")?;
                    rest.split_once(')')?.0.ends_with(&format!("/sequences/{name}")).then(|| one_line(text))
                })
            });
            let title = one_line(sequence.title.in_language(language));
            assert_eq!(alternatives.collect::<Vec<_>>(), [title], "{name}");
        }
    }
}

/// Returns a text with one space between its words, so that only the words count.
fn one_line(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}
