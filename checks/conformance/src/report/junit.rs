//! A report for CI servers: JUnit's XML as they read it, a suite an area.

use super::Report;
use super::json::detail;
use crate::check::{Area, Finding};
use crate::text::Lang;

pub(super) fn show(report: &Report, lang: Lang) -> String {
    let mut out =
        String::from("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuites name=\"conformance\">\n");
    for area in Area::ALL {
        let of_area = || report.findings.iter().filter(move |finding| finding.check.area == area);
        let count = |verdict| of_area().filter(|finding| finding.verdict() == verdict).count();
        out += &format!(
            "  <testsuite name=\"{}\" tests=\"{}\" failures=\"{}\" skipped=\"{}\">\n",
            area.name(),
            of_area().count(),
            count("failed"),
            count("skipped")
        );
        of_area().for_each(|finding| out += &case(finding, lang));
        out += "  </testsuite>\n";
    }
    out + "</testsuites>\n"
}

fn case(finding: &Finding, lang: Lang) -> String {
    let check = finding.check;
    let class = format!("{}.{}", check.area.name(), check.level.name());
    let open = format!("    <testcase classname=\"{class}\" name=\"{}\"", check.id);
    let Some(detail) = detail(finding) else { return format!("{open}/>\n") };
    let message = escape(detail.in_lang(lang));
    if finding.verdict() == "skipped" {
        return format!("{open}><skipped message=\"{message}\"/></testcase>\n");
    }
    let exchanges = finding.exchanges.iter();
    let exchanges: String =
        exchanges.map(|it| format!("> {}\n< {}\n", it.sent_line(), it.came_line(lang))).collect();
    let text =
        format!("{exchanges}{}\n{}\n{}", check.why.in_lang(lang), check.mend.in_lang(lang), check.flask);
    format!("{open}><failure message=\"{message}\">{}</failure></testcase>\n", escape(&text))
}

fn escape(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}
