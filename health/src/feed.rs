//! Person's feed of deletions, as health reads it: page by page, with a token that health signs itself.

use std::time::Duration;

use serde::Deserialize;
use storage::Id;
use token::{Holder, Keys, Role, mint};
use ureq::Agent;
use ureq::http::StatusCode;
use ureq::http::header::LINK;

use crate::identity::Identity;

/// The longest page of the feed.
const PAGE: usize = 1000;
/// The time limit for one page. A shutdown waits for the current page.
const TIME_LIMIT: Duration = Duration::from_secs(2);
/// Shorter than the 10 seconds after which person closes an idle connection.
const IDLE_LIMIT: Duration = Duration::from_secs(8);
/// A deletion takes some 40 bytes in a page.
const BODY_LIMIT: u64 = 1024 * 1024;
/// The lifetime of the token that health signs for itself.
const TOKEN_SECONDS: u64 = 60;

/// A client of the feed.
pub(crate) struct Feed {
    url: String,
    keys: Keys,
    agent: Agent,
}

/// A page of the feed.
pub(crate) struct Page {
    /// The ids of the deleted persons.
    pub(crate) ids: Box<[Id]>,
    /// The number of the last deletion; that of the request if the page is empty.
    pub(crate) last: i64,
    /// Whether another page follows.
    pub(crate) more: bool,
    /// The database that the page comes from.
    pub(crate) identity: Identity,
}

#[derive(Deserialize)]
struct Deletion {
    seq: i64,
    id: i64,
}

impl Feed {
    /// Returns a client of the person service at this URL.
    pub(crate) fn new(url: &str, keys: Keys) -> Self {
        let config = Agent::config_builder().http_status_as_error(false).max_redirects(0).proxy(None);
        let config = config.user_agent("health").max_idle_age(IDLE_LIMIT);
        let agent = Agent::new_with_config(config.timeout_global(Some(TIME_LIMIT)).build());
        Self { url: url.to_owned(), keys, agent }
    }

    /// Returns a token for some pages.
    pub(crate) fn token(&self) -> String {
        let holder = Holder { subject: crate::NAME, role: Role::Service, uid: None };
        mint(&self.keys, crate::NAME, &["person"], holder, TOKEN_SECONDS)
    }

    /// Reads the page after the deletion with this number; `None` if person's database never gave this number out.
    ///
    /// # Errors
    /// Returns an error message for the operator if any part of the page is not as it must be.
    pub(crate) fn page(&self, after: i64, token: &str) -> Result<Option<Page>, String> {
        let call = self.agent.get(format!("{}/persons/deleted?after={after}&limit={PAGE}", self.url));
        let response = call.header("authorization", format!("Bearer {token}")).call();
        let (head, mut body) = response.map_err(|error| error.to_string())?.into_parts();
        match head.status {
            StatusCode::OK => {}
            StatusCode::BAD_REQUEST if after > 0 => return Ok(None),
            status => return Err(format!("person answered {status}")),
        }
        let identity = Identity::of(&head.headers).ok_or("person sent an invalid identity")?;
        let body = body.with_config().limit(BODY_LIMIT).read_to_vec().map_err(|error| error.to_string())?;
        let deletions: Vec<Deletion> = serde_json::from_slice(&body).map_err(|error| error.to_string())?;
        let last = deletions.last().map_or(after, |deletion| deletion.seq);
        // Person may end a page early, and then links to the next one.
        let more = deletions.len() >= PAGE || head.headers.contains_key(LINK);
        Ok(Some(Page { ids: checked(&deletions, after)?, last, more, identity }))
    }
}

/// Returns the ids of a page, whose sequence numbers must rise from `after`.
fn checked(page: &[Deletion], mut after: i64) -> Result<Box<[Id]>, String> {
    let ids = page.iter().map(|deletion| {
        if deletion.seq <= after {
            return Err(format!("deletion {} came after {after}", deletion.seq));
        }
        after = deletion.seq;
        Id::new(deletion.id).ok_or_else(|| format!("{} is not a valid id", deletion.id))
    });
    ids.collect()
}
