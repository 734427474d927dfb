//! Health: vital signs in a JSON file, for persons that the person service knows.

use std::collections::HashMap;
use std::io::ErrorKind;
use std::sync::Arc;
use std::time::Duration;

use axum::extract::{FromRequestParts, Path, State};
use axum::http::StatusCode;
use axum::http::header::AUTHORIZATION;
use axum::http::request::Parts;
use axum::routing::get;
use axum::{Json, Router};
use bench_axum::{Caller, Error, Keys, serve, variable};
use reqwest::Client;
use serde_json::Value;
use tokio::fs;
use tokio::io::AsyncWriteExt as _;
use tokio::sync::RwLock;

type Records = HashMap<i64, Value>;

#[derive(Clone)]
struct App {
    keys: Keys,
    client: Client,
    person_url: Arc<str>,
    file: Arc<str>,
    records: Arc<RwLock<Records>>,
}

impl AsRef<Keys> for App {
    fn as_ref(&self) -> &Keys {
        &self.keys
    }
}

impl App {
    /// Replaces the file, so that it holds these records after a crash too.
    async fn save(&self, records: &Records) -> anyhow::Result<()> {
        let temporary = format!("{}.new", self.file);
        let mut file = fs::File::create(&temporary).await?;
        file.write_all(&serde_json::to_vec(records)?).await?;
        file.sync_all().await?;
        Ok(fs::rename(temporary, &*self.file).await?)
    }
}

/// The id of a person that the person service has confirmed.
struct Known(i64);

impl FromRequestParts<App> for Known {
    type Rejection = Error;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self, Error> {
        Caller::from_request_parts(parts, app).await?;
        let Path(id) = Path::<i64>::from_request_parts(parts, app).await?;
        let url = format!("{}/persons/{id}", app.person_url);
        let answer = app.client.get(url).header(AUTHORIZATION, &parts.headers[AUTHORIZATION]).send().await;
        let answer = answer.map_err(|_| Error(StatusCode::SERVICE_UNAVAILABLE, "person does not answer"))?;
        if answer.status() != StatusCode::OK {
            return Err(Error(answer.status(), "the person service refuses"));
        }
        let person: Value = answer.json().await?;
        if person["id"] != id {
            return Err(Error(StatusCode::BAD_GATEWAY, "person answered about somebody else"));
        }
        Ok(Self(id))
    }
}

const MISSING: Error = Error(StatusCode::NOT_FOUND, "there is no record");

#[tokio::main]
async fn main() -> anyhow::Result<()> {
    let file = variable("HEALTH_FILE")?;
    let records = match fs::read(&file).await {
        Ok(bytes) => serde_json::from_slice(&bytes)?,
        Err(error) if error.kind() == ErrorKind::NotFound => Records::new(),
        Err(error) => return Err(error.into()),
    };
    let app = App {
        keys: Keys::read()?,
        client: Client::builder().timeout(Duration::from_secs(1)).build()?,
        person_url: variable("PERSON_URL")?.into(),
        file: file.into(),
        records: Arc::new(RwLock::new(records)),
    };
    let methods = get(read).post(create).put(replace).delete(delete);
    serve(Router::new().route("/health/{id}", methods).with_state(app)).await
}

async fn read(State(app): State<App>, Known(id): Known) -> Result<Json<Value>, Error> {
    app.records.read().await.get(&id).cloned().map(Json).ok_or(MISSING)
}

async fn create(
    State(app): State<App>,
    Known(id): Known,
    Json(record): Json<Value>,
) -> Result<(StatusCode, Json<Value>), Error> {
    let mut records = app.records.write().await;
    if records.contains_key(&id) {
        return Err(Error(StatusCode::CONFLICT, "there is a record already"));
    }
    records.insert(id, record.clone());
    app.save(&records).await?;
    Ok((StatusCode::CREATED, Json(record)))
}

async fn replace(
    State(app): State<App>,
    Known(id): Known,
    Json(record): Json<Value>,
) -> Result<Json<Value>, Error> {
    let mut records = app.records.write().await;
    *records.get_mut(&id).ok_or(MISSING)? = record.clone();
    app.save(&records).await?;
    Ok(Json(record))
}

async fn delete(State(app): State<App>, Known(id): Known) -> Result<StatusCode, Error> {
    let mut records = app.records.write().await;
    records.remove(&id).ok_or(MISSING)?;
    app.save(&records).await?;
    Ok(StatusCode::NO_CONTENT)
}
