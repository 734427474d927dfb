//! Draws a sequence diagram as SVG: each actor has a lane, and time runs downwards.
//!
//! At the width of a phone's page, 343 px, the letters are still 12 px high.

use std::fmt::Write as _;

use super::text::{Kind, Language, Sequence, Step};

const WIDTH: usize = 360;
/// The distance of the first and the last lane from the edge.
const MARGIN: usize = 40;
/// The height of a line of text.
const LINE: usize = 17;
/// The width of a letter, in tenths: those of monospaced fonts at 13 px are at most as wide.
const LETTER: usize = 79;
const LETTER_OF_NOTE: usize = 68;
/// The most characters in a line of a note.
const LONGEST_NOTE: usize = 17;
/// Between a label and the lanes beside it.
const PADDING: usize = 6;

const STYLE: &str = "\
    .page { fill: #ffffff; stroke: none; }
    rect { fill: #f5f6f8; stroke: #565e6b; }
    path { fill: none; stroke: #565e6b; stroke-width: 1.5; }
    text { fill: #1c2026; font: 13px ui-monospace, monospace; text-anchor: middle; }
    .name { font: bold 14px system-ui, sans-serif; }
    .note { font: italic 13px system-ui, sans-serif; }
    .lane { stroke-width: 1; }
    .answer { stroke-dasharray: 5 4; }
    .hop { stroke: #0b57a4; stroke-width: 2; }
    .hop-text { fill: #0b57a4; font-weight: bold; }
    @media (prefers-color-scheme: dark) {
      .page { fill: #14161b; }
      rect { fill: #1f2229; stroke: #a3abb8; }
      path { stroke: #a3abb8; }
      text { fill: #e4e7ec; }
      .hop { stroke: #8ab8f5; }
      .hop-text { fill: #8ab8f5; }
    }
";

/// Returns the picture in a language.
pub(super) fn draw(sequence: &Sequence, language: Language) -> String {
    let actors = sequence.actors(language);
    let mut drawing = Drawing { lanes: actors.len(), y: 46, shapes: String::new() };
    for step in &sequence.steps {
        match step {
            Step::Gap => drawing.y += LINE,
            Step::Note { actor, label } => drawing.note(*actor, label.in_language(language)),
            Step::Message { from, to, kind, label } => {
                drawing.message(*from, *to, *kind, label.in_language(language));
            }
        }
    }
    let height = drawing.y + 14;
    let title = escaped(sequence.title.in_language(language));
    let tag = if language == Language::French { "fr" } else { "en" };
    let mut svg = format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {WIDTH} {height}\" width=\"{}\" height=\"{}\" \
         role=\"img\" aria-labelledby=\"title\" lang=\"{tag}\">\n  <title id=\"title\">{title}</title>\n  \
         <style>\n{STYLE}  </style>\n  <rect class=\"page\" width=\"{WIDTH}\" height=\"{height}\" rx=\"8\"/>\n",
        WIDTH * 6 / 5,
        height * 6 / 5,
    );
    for (actor, name) in actors.iter().enumerate() {
        let x = drawing.lane(actor);
        write!(
            svg,
            "  <path class=\"lane\" d=\"M{x} 40V{}\"/>\n  <rect x=\"{}\" y=\"12\" width=\"72\" height=\"28\" \
             rx=\"6\"/>\n  <text class=\"name\" x=\"{x}\" y=\"31\">{name}</text>\n",
            height - 10,
            x - 36,
        )
        .expect("memory");
    }
    svg + &drawing.shapes + "</svg>\n"
}

/// A picture in the making.
struct Drawing {
    lanes: usize,
    /// The lowest point so far.
    y: usize,
    shapes: String,
}

impl Drawing {
    /// Returns the position of an actor's lane.
    fn lane(&self, actor: usize) -> usize {
        MARGIN + actor * (WIDTH - 2 * MARGIN) / (self.lanes - 1)
    }

    fn message(&mut self, from: usize, to: usize, kind: Kind, label: &str) {
        let (x, tip) = (self.lane(from), self.lane(to));
        // The reader's own requests are plain; calls between services stand out.
        let (hop, hop_text) = if from == 0 || to == 0 { ("", "") } else { (" hop", "hop-text") };
        let longest = (x.abs_diff(tip) - 2 * PADDING) * 10 / LETTER;
        self.text(&lines(label, longest), x.midpoint(tip), hop_text);
        self.y += 7;
        let (y, back) = (self.y, if tip > x { tip - 8 } else { tip + 8 });
        let (line, head) = match kind {
            Kind::Request => {
                (format!("M{x} {y}H{tip}"), format!("M{back} {}L{tip} {y}L{back} {}", y - 5, y + 5))
            }
            Kind::Answer => {
                (format!("M{x} {y}H{tip}"), format!("M{back} {}L{tip} {y}L{back} {}", y - 5, y + 5))
            }
            Kind::Lost => {
                let [left, right] = [back - 5, back + 5];
                let [top, bottom] = [y - 5, y + 5];
                (
                    format!("M{x} {y}H{back}"),
                    format!("M{left} {top}L{right} {bottom}M{left} {bottom}L{right} {top}"),
                )
            }
        };
        let dashes = if kind == Kind::Answer { "answer" } else { "request" };
        writeln!(
            self.shapes,
            "  <path class=\"{dashes}{hop}\" d=\"{line}\"/>\n  <path class=\"head{hop}\" d=\"{head}\"/>"
        )
        .expect("memory");
        self.y += 6;
    }

    fn note(&mut self, actor: usize, label: &str) {
        let lines = lines(label, LONGEST_NOTE);
        let longest = lines.iter().map(|line| line.chars().count()).max().unwrap_or(0);
        let (width, height) = (longest * LETTER_OF_NOTE / 10 + 2 * PADDING, lines.len() * LINE + 8);
        let x = self.lane(actor).clamp(width / 2 + 4, WIDTH - width / 2 - 4);
        self.y += 9;
        writeln!(
            self.shapes,
            "  <rect x=\"{}\" y=\"{}\" width=\"{width}\" height=\"{height}\" rx=\"3\"/>",
            x - width / 2,
            self.y
        )
        .expect("memory");
        self.text(&lines, x, "note");
        self.y += 8;
    }

    /// Writes lines of text below the lowest point.
    fn text(&mut self, lines: &[&str], x: usize, class: &str) {
        for line in lines {
            self.y += LINE;
            let class = if class.is_empty() { String::new() } else { format!(" class=\"{class}\"") };
            writeln!(self.shapes, "  <text{class} x=\"{x}\" y=\"{}\">{}</text>", self.y, escaped(line))
                .expect("memory");
        }
    }
}

/// Returns the lines of a label, of which none may be longer.
fn lines(label: &str, longest: usize) -> Vec<&str> {
    let lines: Vec<_> = label.split("\\n").collect();
    for line in &lines {
        assert!(line.chars().count() <= longest, "{line:?} has more than {longest} characters");
    }
    lines
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;")
}
