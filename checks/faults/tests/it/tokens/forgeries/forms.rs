//! A good token, sent in another way than `Authorization: Bearer <token>`.

use super::{FORM, Forgery};
use crate::tokens::maker::Maker;

const TWICE: &str = "there is more than one Authorization header";
const AUTHORIZATION: &str = "Authorization";

pub(super) fn all(maker: &Maker) -> Vec<Forgery> {
    let good = maker.good();
    let mut all = in_one_line(&good);
    let bearer = format!("Bearer {good}");
    for (name, other) in [
        ("the same", bearer.clone()),
        ("Basic", "Basic YWRhOmFuYWx5dGljYWwgZW5naW5l".to_owned()),
        ("an empty one", String::new()),
        ("nonsense", "Bearer nonsense".to_owned()),
    ] {
        let lines = [(AUTHORIZATION, bearer.clone()), (AUTHORIZATION, other.clone())];
        all.push(Forgery::sent_as(format!("and then {name}"), lines.to_vec(), TWICE));
        let lines = [("authorization", other), ("AUTHORIZATION", bearer.clone())];
        all.push(Forgery::sent_as(format!("after {name}"), lines.to_vec(), TWICE));
    }
    all.extend(elsewhere(&good));
    all
}

fn in_one_line(good: &str) -> Vec<Forgery> {
    let values = [
        String::new(),
        "Bearer".to_owned(),
        good.to_owned(),
        format!("Bearer  {good}"),
        format!("Bearer\t{good}"),
        format!("Bearer\u{a0}{good}"),
        format!("Bearer\u{2003}{good}"),
        format!("Bearer {good} x"),
        format!("Bearer {good} ,"),
        format!("Bearer {good}, Bearer {good}"),
        format!("Bearer Bearer {good}"),
        format!("Bearer: {good}"),
        format!("Bearer, {good}"),
        format!("Bearer={good}"),
        format!("Bearer realm=\"mini-projet\", token=\"{good}\""),
        format!("\"Bearer\" {good}"),
        format!("Bearer{good}"),
        format!("Bear {good}"),
        format!("BearerToken {good}"),
        format!("Token {good}"),
        format!("JWT {good}"),
        format!("DPoP {good}"),
        format!("Negotiate {good}"),
        format!("Basic {good}"),
        format!("Digest {good}"),
        format!("Basic YTpi, Bearer {good}"),
    ];
    let form = |value: String| Forgery::sent_as(format!("`{value:.30}`"), vec![(AUTHORIZATION, value)], FORM);
    // One word after the scheme, but no token.
    let malformed = [
        format!("Bearer {good},"),
        format!("Bearer {good};"),
        format!("Bearer \t{good}"),
        format!("Bearer ,{good}"),
        format!("Bearer \"{good}\""),
        format!("Bearer '{good}'"),
        format!("Bearer <{good}>"),
        format!("Bearer token={good}"),
        format!("Bearer token:{good}"),
        format!("Bearer {good},{good}"),
        format!("Bearer {good},Bearer"),
        format!("Bearer {good}\t{good}"),
    ];
    let malformed = malformed.into_iter().map(|value| {
        Forgery::sent_as(format!("`{value:.30}`, no token"), vec![(AUTHORIZATION, value)], super::MALFORMED)
    });
    values.into_iter().map(form).chain(malformed).collect()
}

/// Where other services may look for a token, and these must not.
fn elsewhere(good: &str) -> Vec<Forgery> {
    let bearer = format!("Bearer {good}");
    let mut all = Vec::new();
    for (name, value) in [
        ("Cookie", format!("access_token={good}")),
        ("Cookie", format!("Authorization={good}; token={good}; jwt={good}")),
        ("X-Access-Token", good.to_owned()),
        ("X-Auth-Token", good.to_owned()),
        ("X-Authorization", bearer.clone()),
        ("X-Forwarded-Authorization", bearer.clone()),
        ("X-Original-Authorization", bearer.clone()),
        ("Proxy-Authorization", bearer.clone()),
        ("Authentication", bearer.clone()),
        ("Authorisation", bearer.clone()),
        ("X-Forwarded-User", "ada".to_owned()),
        ("X-Remote-User", "admin".to_owned()),
        ("Sec-WebSocket-Protocol", format!("bearer, {good}")),
    ] {
        let (name, lines) = (format!("in {name}"), vec![(name, value)]);
        all.push(Forgery { name, lines, query: String::new(), reason: None });
    }
    for parameter in ["access_token", "token", "jwt", "authorization"] {
        let query = format!("?{parameter}={good}");
        all.push(Forgery { name: format!("in {parameter}="), lines: Vec::new(), query, reason: None });
    }
    all
}
