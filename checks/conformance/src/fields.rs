//! The file of `--fields`: what its author knows about the version under test.

use serde::Deserialize;
use serde_json::{Map, Value};

/// The names and bodies that a version uses. The checker guesses each missing one. In a text of `person` and `record`,
/// `{unique}` stands for another text each time.
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
    /// The name of the header for the token, if the checker does not find it.
    pub token_header: Option<String>,
    /// The login request, if the checker does not find it.
    pub login: Option<Login>,
    /// The paths, if they differ from those of the lab.
    pub paths: Paths,
}

/// The paths of a version.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Paths {
    /// Instead of `/persons`.
    pub persons: Option<String>,
    /// Instead of `/health`.
    pub health: Option<String>,
    /// Instead of `/register`.
    pub register: Option<String>,
    /// Instead of `/login`.
    pub login: Option<String>,
}

/// A request that returns a token.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Login {
    /// The whole URL.
    pub url: String,
    /// The username and the password, and whatever else the login needs.
    pub body: Value,
    /// The method; POST if missing.
    #[serde(default)]
    pub method: Option<String>,
    /// Whether the body is sent as a form, not as JSON.
    #[serde(default)]
    pub form: bool,
    /// Whether the username and the password are sent as basic authentication.
    #[serde(default)]
    pub basic: bool,
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
