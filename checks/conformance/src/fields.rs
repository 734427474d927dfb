//! The file of `--fields`: what its author knows about the version under test.

use serde::Deserialize;
use serde_json::{Map, Value};

/// The names and bodies that a version uses. The checker guesses each missing one.
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
    /// The body that creates a person, if it needs more than a name.
    pub person: Option<Map<String, Value>>,
    /// The body that creates a health record, if it needs other fields than the three above.
    pub record: Option<Map<String, Value>>,
    /// The field with the username, at register and login.
    pub username: Option<String>,
    /// The field with the password.
    pub password: Option<String>,
    /// The name of the header for the token; by default `Authorization` and `x-access-token` are tried.
    pub token_header: Option<String>,
    /// The login request, if it differs from register and login as the lab has them.
    pub login: Option<Login>,
}

/// A request that returns a token.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Login {
    /// The whole URL.
    pub url: String,
    /// The body, sent as JSON.
    pub body: Value,
}

impl Fields {
    /// Parses the text of the file.
    ///
    /// # Errors
    /// Returns an error message for the operator if the text is invalid.
    pub fn parse(json: &str) -> Result<Self, String> {
        serde_json::from_str(json).map_err(|error| error.to_string())
    }
}
