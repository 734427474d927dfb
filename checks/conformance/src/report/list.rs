//! Lists of the checks, and the explanation of one check.

use crate::check::{Area, Check};
use crate::checks;
use crate::text::Lang;

/// Returns all checks, one on each line.
pub fn lines(lang: Lang) -> String {
    checks::all()
        .map(|check| {
            format!(
                "{:<9} {:<24} {}\n",
                check.level.label(lang),
                check.id,
                check.explanation().title.in_lang(lang)
            )
        })
        .collect()
}

/// Returns all checks as tables for a page.
pub fn markdown(lang: Lang) -> String {
    let head = match lang {
        Lang::En => "| check | level | promise |",
        Lang::Fr => "| contrôle | niveau | ce qui doit tenir |",
    };
    let mut out = String::new();
    for area in Area::ALL {
        out += &format!("### {}\n\n{head}\n|---|---|---|\n", area.label(lang));
        for check in checks::all().filter(|check| check.area == area) {
            out += &format!(
                "| `{}` | {} | {} |\n",
                check.id,
                check.level.label(lang),
                check.explanation().title.in_lang(lang)
            );
        }
        out.push('\n');
    }
    out.trim_end().to_owned() + "\n"
}

/// Returns everything about one check.
pub fn explain(check: &Check, lang: Lang) -> String {
    let labels = match lang {
        Lang::En => ["The lab: ", "Level:   ", "Why:     ", "Fix:     ", "In Flask:"],
        Lang::Fr => ["Le sujet :  ", "Niveau :    ", "Pourquoi :  ", "Correction :", "En Flask :  "],
    };
    let level = format!("{}: {}", check.level.label(lang), check.level.meaning().in_lang(lang));
    let explanation = check.explanation();
    let [lab, why, fix] = [check.lab, &explanation.why, &explanation.fix].map(|text| text.in_lang(lang));
    let flask = format!("\n    {}", explanation.flask.replace('\n', "\n    "));
    let values = [lab, &level, why, fix, &flask];
    let lines: String =
        labels.iter().zip(values).map(|(label, value)| format!("{label} {value}\n")).collect();
    format!("{}: {}\n\n{lines}", check.id, check.explanation().title.in_lang(lang))
}
