//! A report for CI servers, in the XML of JUnit: one suite for each area.

use crate::advice::advice;
use crate::check::Area;
use crate::finding::{Finding, Report};
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
    let (check, explanation) = (finding.check, finding.check.explanation());
    let class = format!("{}.{}", check.area.name(), check.level.name());
    let advice = advice(finding);
    let open = format!("    <testcase classname=\"{class}\" name=\"{}\"", check.id);
    let Some(reason) = finding.reason() else { return format!("{open}/>\n") };
    let message = escape(reason.in_lang(lang));
    if finding.verdict() == "skipped" {
        return format!("{open}><skipped message=\"{message}\"/></testcase>\n");
    }
    let exchanges = finding.exchanges.iter();
    let exchanges: String =
        exchanges.map(|it| format!("> {}\n< {}\n", it.request_text(), it.response_text(lang))).collect();
    let text = format!(
        "{exchanges}{}\n{}\n{}",
        explanation.why.in_lang(lang),
        advice.fix.in_lang(lang),
        advice.flask.unwrap_or_default()
    );
    format!("{open}><failure message=\"{message}\">{}</failure></testcase>\n", escape(&text))
}

fn escape(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}
