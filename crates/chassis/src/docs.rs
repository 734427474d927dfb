//! `GET /docs`: a page to read and try every route of `/openapi.json`, and the files that it loads. Start reading at
//! `docs/page.js`.

use crate::page::File;

/// The page.
pub(crate) static PAGE: File = File::html(include_str!("docs/page.html"));

/// The files that the page loads, by their names below `/docs`. The other pages load `base.css` too.
static FILES: &[(&str, File)] = &[
    ("base.css", File::style(include_str!("docs/base.css"))),
    ("page.css", File::style(include_str!("docs/page.css"))),
    ("page.js", File::script(include_str!("docs/page.js"))),
    ("answer.js", File::script(include_str!("docs/answer.js"))),
    ("element.js", File::script(include_str!("docs/element.js"))),
    ("ranges.js", File::script(include_str!("docs/ranges.js"))),
    ("request.js", File::script(include_str!("docs/request.js"))),
    ("sequence.js", File::script(include_str!("docs/sequence.js"))),
    ("session.js", File::script(include_str!("docs/session.js"))),
];

/// Returns the file with this name.
pub(crate) fn file(name: &str) -> Option<&'static File> {
    FILES.iter().find(|(known, _)| *known == name).map(|(_, file)| file)
}
