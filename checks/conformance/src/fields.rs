//! What a version may be told to be like: the file that `--fields` names.

use serde::Deserialize;
use serde_json::{Map, Value};

/// What is not given is guessed.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Fields {
    /// The field with a person's name.
    pub name: Option<String>,
    /// The field with the weight.
    pub weight: Option<String>,
    /// The field with the height.
    pub height: Option<String>,
    /// The field with the heart rate.
    pub heart_rate: Option<String>,
    /// What to send to make a person, where more than a name is wanted.
    pub person: Option<Map<String, Value>>,
    /// What to send to make a health record, where it is not made of the three fields above.
    pub record: Option<Map<String, Value>>,
    /// The field with the username, at register and login.
    pub username: Option<String>,
    /// The field with the password.
    pub password: Option<String>,
    /// The header line that carries the token, whole; else `Authorization` and `x-access-token` are tried.
    pub token_header: Option<String>,
    /// How to get a token, where registering somebody and logging them in is not the way.
    pub login: Option<Login>,
}

/// A call that answers with a token.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Login {
    /// The whole URL.
    pub url: String,
    /// The body, sent as JSON.
    pub body: Value,
}

impl Fields {
    /// Reads the file's text.
    ///
    /// # Errors
    /// What is wrong with it, and where.
    pub fn parse(json: &str) -> Result<Self, String> {
        serde_json::from_str(json).map_err(|error| error.to_string())
    }
}
