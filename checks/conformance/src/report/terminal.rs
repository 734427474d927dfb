//! A report for a terminal: a line a check, and below it, for those that failed, what a student needs.

use super::Report;
use crate::check::{Area, Finding, Stop};
use crate::text::Lang;

/// Exchanges that are shown of a check that failed: the last ones, which decided.
const SHOWN: usize = 4;

pub(super) fn show(report: &Report, lang: Lang, colour: bool) -> String {
    let paint = Paint { colour };
    let mut out = String::new();
    for learnt in &report.learnt {
        out += &paint.grey(&format!("{}\n", learnt.in_lang(lang)));
    }
    for area in Area::ALL {
        let findings: Vec<_> = report.findings.iter().filter(|finding| finding.check.area == area).collect();
        if !findings.is_empty() {
            out += &format!("\n{}\n", paint.bold(area.name()));
            findings.into_iter().for_each(|finding| out += &lines(finding, lang, &paint));
        }
    }
    out += &format!("\n{}\n", paint.bold(&report.summary()));
    out
}

fn lines(finding: &Finding, lang: Lang, paint: &Paint) -> String {
    let check = finding.check;
    let what = format!("{:<9} {:<24} {}", check.level.name(), check.id, check.title.in_lang(lang));
    match &finding.outcome {
        Ok(()) => format!("  {} {what}\n", paint.green("ok  ")),
        Err(Stop::Skipped(why)) => {
            format!("  {}\n", paint.grey(&format!("-    {what}: {}", why.in_lang(lang))))
        }
        Err(Stop::Failed(what_came)) => {
            let [lab, why, mend, flask] = labels(lang);
            let mut out = format!("  {} {what}\n", paint.red("FAIL"));
            let hidden = finding.exchanges.len().saturating_sub(SHOWN);
            for exchange in &finding.exchanges[hidden..] {
                out += &paint.grey(&format!("         > {}\n", exchange.sent_line()));
                out += &paint.grey(&format!("         < {}\n", exchange.came_line(lang)));
            }
            let unseen = finding.asked.len().saturating_sub(SHOWN);
            for asked in &finding.asked[unseen..] {
                out += &paint.grey(&format!("         person < {}\n", asked.in_lang(lang)));
            }
            out += &format!("         {}\n", what_came.in_lang(lang));
            out += &format!("         {lab} {}\n", check.lab.in_lang(lang));
            out += &format!("         {why} {}\n", check.why.in_lang(lang));
            out += &format!("         {mend} {}\n", check.mend.in_lang(lang));
            out +=
                &format!("         {flask}\n             {}\n", check.flask.replace('\n', "\n             "));
            out
        }
    }
}

fn labels(lang: Lang) -> [&'static str; 4] {
    match lang {
        Lang::En => ["Lab:  ", "Why:  ", "Mend: ", "Flask:"],
        Lang::Fr => ["Sujet :     ", "Pourquoi :  ", "Correction :", "Flask :"],
    }
}

struct Paint {
    colour: bool,
}

impl Paint {
    fn with(&self, code: u8, text: &str) -> String {
        if self.colour { format!("\x1b[{code}m{text}\x1b[0m") } else { text.to_owned() }
    }

    fn bold(&self, text: &str) -> String {
        self.with(1, text)
    }

    fn red(&self, text: &str) -> String {
        self.with(31, text)
    }

    fn green(&self, text: &str) -> String {
        self.with(32, text)
    }

    fn grey(&self, text: &str) -> String {
        self.with(90, text)
    }
}
