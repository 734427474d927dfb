//! `GET /docs`: a page to read and try every route of `/openapi.json`, and the files that it loads. Start reading at
//! `docs/page.js`.

use hyper::StatusCode;
use hyper::header::{CONTENT_SECURITY_POLICY, HeaderValue};

use crate::Reply;

/// A file of a page.
#[derive(Debug)]
pub(crate) struct File {
    pub(crate) content_type: &'static str,
    pub(crate) text: &'static str,
}

/// The page.
pub(crate) static PAGE: File =
    File { content_type: "text/html; charset=utf-8", text: include_str!("docs/page.html") };

const STYLE: &str = "text/css; charset=utf-8";
const SCRIPT: &str = "text/javascript; charset=utf-8";

/// The files that the page loads, by their names below `/docs`.
static FILES: &[(&str, File)] = &[
    ("page.css", File { content_type: STYLE, text: include_str!("docs/page.css") }),
    ("page.js", File { content_type: SCRIPT, text: include_str!("docs/page.js") }),
    ("answer.js", File { content_type: SCRIPT, text: include_str!("docs/answer.js") }),
    ("element.js", File { content_type: SCRIPT, text: include_str!("docs/element.js") }),
    ("ranges.js", File { content_type: SCRIPT, text: include_str!("docs/ranges.js") }),
    ("request.js", File { content_type: SCRIPT, text: include_str!("docs/request.js") }),
    ("sequence.js", File { content_type: SCRIPT, text: include_str!("docs/sequence.js") }),
    ("session.js", File { content_type: SCRIPT, text: include_str!("docs/session.js") }),
];

/// Returns the file with this name.
pub(crate) fn file(name: &str) -> Option<&'static File> {
    FILES.iter().find(|(known, _)| *known == name).map(|(_, file)| file)
}

/// The page holds a token. The policy allows only its own scripts, requests to its own service, no frame around it, and no
/// markup made from text.
const POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src data:; \
    base-uri 'none'; form-action 'none'; frame-ancestors 'none'; \
    require-trusted-types-for 'script'; trusted-types 'none'";

impl File {
    pub(crate) fn reply(&self) -> Reply {
        Reply::text(StatusCode::OK, self.text)
            .content_type(self.content_type)
            .header(CONTENT_SECURITY_POLICY, HeaderValue::from_static(POLICY))
    }
}
