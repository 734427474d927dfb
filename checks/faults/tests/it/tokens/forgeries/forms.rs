//! A good token that is not sent as `Authorization: Bearer <token>`.

use super::{FORM, Forgery, MALFORMED};

const TWICE: &str = "there is more than one Authorization header";
const AUTHORIZATION: &str = "Authorization";

/// Values of the header field in which `*` stands for the token.
const WRONG_FORM: &[&str] = &[
    "",
    "Bearer",
    "*",
    "Bearer  *",
    "Bearer\t*",
    "Bearer\u{a0}*",
    "Bearer\u{2003}*",
    "Bearer * x",
    "Bearer * ,",
    "Bearer *, Bearer *",
    "Bearer Bearer *",
    "Bearer: *",
    "Bearer, *",
    "Bearer=*",
    "Bearer realm=\"mini-projet\", token=\"*\"",
    "\"Bearer\" *",
    "Bearer*",
    "Bear *",
    "BearerToken *",
    "Token *",
    "JWT *",
    "DPoP *",
    "Negotiate *",
    "Basic *",
    "Digest *",
    "Basic YTpi, Bearer *",
];
/// One word after the scheme that is not a token.
const WRONG_WORD: &[&str] = &[
    "Bearer *,",
    "Bearer *;",
    "Bearer \t*",
    "Bearer ,*",
    "Bearer \"*\"",
    "Bearer '*'",
    "Bearer <*>",
    "Bearer token=*",
    "Bearer token:*",
    "Bearer *,*",
    "Bearer *,Bearer",
    "Bearer *\t*",
];
/// Other header fields in which some services look for a token.
const OTHER_FIELDS: &[(&str, &str)] = &[
    ("Cookie", "access_token=*"),
    ("Cookie", "Authorization=*; token=*; jwt=*"),
    ("X-Access-Token", "*"),
    ("X-Auth-Token", "*"),
    ("X-Authorization", "Bearer *"),
    ("X-Forwarded-Authorization", "Bearer *"),
    ("X-Original-Authorization", "Bearer *"),
    ("Proxy-Authorization", "Bearer *"),
    ("Authentication", "Bearer *"),
    ("Authorisation", "Bearer *"),
    ("X-Forwarded-User", "ada"),
    ("X-Remote-User", "admin"),
    ("Sec-WebSocket-Protocol", "bearer, *"),
];

pub(super) fn all(token: &str) -> Vec<Forgery> {
    let forgery = |name: String, lines: &[(&'static str, &str)], reason| {
        let lines = lines.iter().map(|(field, value)| (*field, value.replace('*', token))).collect();
        Forgery { name, lines, query: String::new(), reason }
    };
    let mut all = Vec::new();
    for (values, reason) in [(WRONG_FORM, FORM), (WRONG_WORD, MALFORMED)] {
        for value in values {
            all.push(forgery(format!("`{value}`"), &[(AUTHORIZATION, value)], Some(reason)));
        }
    }
    for other in ["Bearer *", "Basic YWRhOmFuYWx5dGljYWwgZW5naW5l", "", "Bearer nonsense"] {
        let lines = [(AUTHORIZATION, "Bearer *"), (AUTHORIZATION, other)];
        all.push(forgery(format!("a second field `{other}`"), &lines, Some(TWICE)));
        let lines = [("authorization", other), ("AUTHORIZATION", "Bearer *")];
        all.push(forgery(format!("a first field `{other}`"), &lines, Some(TWICE)));
    }
    for (field, value) in OTHER_FIELDS {
        all.push(forgery(format!("in {field}"), &[(*field, *value)], None));
    }
    for parameter in ["access_token", "token", "jwt", "authorization"] {
        let query = format!("?{parameter}={token}");
        all.push(Forgery { query, ..forgery(format!("in the query as {parameter}"), &[], None) });
    }
    all
}
