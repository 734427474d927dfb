//! `GET /docs`: a page to read and try every route of `/openapi.json`, in three files.

use hyper::StatusCode;
use hyper::header::{CONTENT_SECURITY_POLICY, HeaderValue};

use crate::Reply;

/// A file of a page.
#[derive(Debug)]
pub(crate) struct File {
    pub(crate) content_type: &'static str,
    pub(crate) text: &'static str,
}

pub(crate) static PAGE: File =
    File { content_type: "text/html; charset=utf-8", text: include_str!("docs/page.html") };
pub(crate) static STYLE: File =
    File { content_type: "text/css; charset=utf-8", text: include_str!("docs/page.css") };
pub(crate) static SCRIPT: File =
    File { content_type: "text/javascript; charset=utf-8", text: include_str!("docs/page.js") };

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
