//! The notation of a sequence diagram.
//!
//! ```text
//! title: what happens | ce qui se passe
//! actors: you health person
//!
//! you -> health: GET /health/1
//! health: waits | attend
//! health --> you: 200
//! ```
//!
//! `->` is a request, `-->` an answer, `-x` a request that nobody takes. A line with one actor is a note, an empty line
//! a gap. A text is the same in both languages unless ` | ` separates English from French; `\n` begins a new line.

/// A language of the pictures.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Language {
    English,
    French,
}

/// A text in both languages.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Text {
    english: String,
    french: String,
}

impl Text {
    fn parse(text: &str) -> Self {
        let (english, french) = text.split_once(" | ").unwrap_or((text, text));
        Self { english: english.to_owned(), french: french.to_owned() }
    }

    pub(super) fn in_language(&self, language: Language) -> &str {
        match language {
            Language::English => &self.english,
            Language::French => &self.french,
        }
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    Request,
    Answer,
    Lost,
}

/// A line of the diagram; actors are numbers.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Step {
    Gap,
    Message { from: usize, to: usize, kind: Kind, label: Text },
    Note { actor: usize, label: Text },
}

#[derive(Debug)]
pub(super) struct Sequence {
    pub(super) title: Text,
    actors: Vec<String>,
    pub(super) steps: Vec<Step>,
}

impl Sequence {
    /// Parses a file.
    ///
    /// # Panics
    /// Panics with the line that is not in the notation.
    pub(super) fn parse(file: &str) -> Self {
        let mut lines = file.lines();
        let mut head = |name: &str| {
            let line = lines.next().unwrap_or_default();
            line.strip_prefix(name).unwrap_or_else(|| panic!("no `{name}` in {line:?}")).to_owned()
        };
        let title = Text::parse(&head("title: "));
        let actors: Vec<_> = head("actors: ").split(' ').map(str::to_owned).collect();
        assert_eq!(lines.next(), Some(""), "an empty line follows the actors");
        let steps = lines.map(|line| step(line, &actors)).collect();
        Self { title, actors, steps }
    }

    /// Returns the names of the actors.
    pub(super) fn actors(&self, language: Language) -> Vec<&str> {
        let names = self.actors.iter().map(|actor| match (actor.as_str(), language) {
            ("you", Language::French) => "vous",
            (name, _) => name,
        });
        names.collect()
    }
}

fn step(line: &str, actors: &[String]) -> Step {
    if line.is_empty() {
        return Step::Gap;
    }
    let number = |name: &str| {
        actors.iter().position(|actor| actor == name).unwrap_or_else(|| panic!("no actor {name:?}: {line:?}"))
    };
    let (who, label) = line.split_once(": ").unwrap_or_else(|| panic!("no text in {line:?}"));
    let label = Text::parse(label);
    match who.split(' ').collect::<Vec<_>>()[..] {
        [actor] => Step::Note { actor: number(actor), label },
        [from, arrow, to] => {
            let kind = match arrow {
                "->" => Kind::Request,
                "-->" => Kind::Answer,
                "-x" => Kind::Lost,
                _ => panic!("no arrow in {line:?}"),
            };
            assert_ne!(from, to, "{line:?}");
            Step::Message { from: number(from), to: number(to), kind, label }
        }
        _ => panic!("no actors in {line:?}"),
    }
}
