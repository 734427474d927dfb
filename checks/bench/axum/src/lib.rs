//! What both services need: the server, its log, the check of tokens, and errors.

use axum::extract::FromRequestParts;
use axum::http::StatusCode;
use axum::http::header::AUTHORIZATION;
use axum::http::request::Parts;
use axum::response::{IntoResponse, Response};
use axum::{Json, Router};
use jsonwebtoken::{Algorithm, DecodingKey, Validation, decode};
use serde::Deserialize;
use serde_json::json;
use tokio::net::TcpListener;
use tower_http::LatencyUnit;
use tower_http::trace::{DefaultOnResponse, TraceLayer};
use tracing::Level;

/// Returns the value of an environment variable that must be set.
pub fn variable(name: &str) -> anyhow::Result<String> {
    std::env::var(name).map_err(|error| anyhow::anyhow!("{name}: {error}"))
}

/// Serves at the address in `LISTEN`, with a log line in JSON for each request.
pub async fn serve(router: Router) -> anyhow::Result<()> {
    tracing_subscriber::fmt().json().init();
    let response = DefaultOnResponse::new().level(Level::INFO).latency_unit(LatencyUnit::Micros);
    let router = router.layer(TraceLayer::new_for_http().on_response(response));
    let listener = TcpListener::bind(variable("LISTEN")?).await?;
    Ok(axum::serve(listener, router).await?)
}

/// What verifies tokens.
#[derive(Clone)]
pub struct Keys {
    key: DecodingKey,
    validation: Validation,
}

impl Keys {
    /// Takes the secret in `JWT_SECRET`.
    pub fn read() -> anyhow::Result<Self> {
        let key = DecodingKey::from_secret(variable("JWT_SECRET")?.as_bytes());
        Ok(Self { key, validation: Validation::new(Algorithm::HS256) })
    }
}

/// The caller of a request, by their token.
#[derive(Deserialize)]
pub struct Caller {
    pub sub: String,
}

impl<S: AsRef<Keys> + Sync> FromRequestParts<S> for Caller {
    type Rejection = Error;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Error> {
        let header = parts.headers.get(AUTHORIZATION).and_then(|value| value.to_str().ok());
        let token = header.and_then(|header| header.strip_prefix("Bearer "));
        let token = token.ok_or(Error(StatusCode::UNAUTHORIZED, "a token is missing"))?;
        let Keys { key, validation } = state.as_ref();
        let token = decode::<Self>(token, key, validation);
        token.map(|token| token.claims).map_err(|_| Error(StatusCode::UNAUTHORIZED, "the token is invalid"))
    }
}

/// An answer that is not a success.
pub struct Error(pub StatusCode, pub &'static str);

impl IntoResponse for Error {
    fn into_response(self) -> Response {
        (self.0, Json(json!({"error": self.1}))).into_response()
    }
}

impl<E: Into<anyhow::Error>> From<E> for Error {
    fn from(error: E) -> Self {
        tracing::error!(error = %error.into());
        Self(StatusCode::INTERNAL_SERVER_ERROR, "internal error")
    }
}
