//! A file of the pages for browsers, with the policy that all of them have.

use hyper::StatusCode;
use hyper::header::{CONTENT_SECURITY_POLICY, HeaderValue};

use crate::Reply;

/// A page may hold a token. The policy allows only its own scripts, requests to its own service, no frame around it, and
/// no markup made from text.
const POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src data:; \
    base-uri 'none'; form-action 'none'; frame-ancestors 'none'; \
    require-trusted-types-for 'script'; trusted-types 'none'";

/// A file of a page.
#[derive(Debug)]
pub(crate) struct File {
    content_type: &'static str,
    text: &'static str,
}

impl File {
    pub(crate) const fn html(text: &'static str) -> Self {
        Self { content_type: "text/html; charset=utf-8", text }
    }

    pub(crate) const fn style(text: &'static str) -> Self {
        Self { content_type: "text/css; charset=utf-8", text }
    }

    pub(crate) const fn script(text: &'static str) -> Self {
        Self { content_type: "text/javascript; charset=utf-8", text }
    }

    pub(crate) fn reply(&self) -> Reply {
        Reply::text(StatusCode::OK, self.text)
            .content_type(self.content_type)
            .header(CONTENT_SECURITY_POLICY, HeaderValue::from_static(POLICY))
    }
}
