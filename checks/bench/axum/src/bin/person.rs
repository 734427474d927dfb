//! Person: decides who exists, from SQLite.

use std::str::FromStr as _;

use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::routing::get;
use axum::{Json, Router};
use bench_axum::{Caller, Error, Keys, serve, variable};
use serde::{Deserialize, Serialize};
use sqlx::sqlite::{SqliteConnectOptions, SqliteJournalMode, SqliteSynchronous};
use sqlx::{FromRow, SqlitePool};

const TABLE: &str = "CREATE TABLE IF NOT EXISTS person
    (id INTEGER PRIMARY KEY AUTOINCREMENT, name TEXT NOT NULL, owner TEXT NOT NULL)";

#[derive(Clone)]
struct App {
    keys: Keys,
    db: SqlitePool,
}

impl AsRef<Keys> for App {
    fn as_ref(&self) -> &Keys {
        &self.keys
    }
}

#[derive(Serialize, FromRow)]
struct Person {
    id: i64,
    name: String,
    owner: String,
}

#[derive(Deserialize)]
struct NewPerson {
    name: String,
}

#[tokio::main]
async fn main() -> anyhow::Result<()> {
    let options = SqliteConnectOptions::from_str(&variable("PERSON_DB")?)?
        .create_if_missing(true)
        .journal_mode(SqliteJournalMode::Wal)
        .synchronous(SqliteSynchronous::Full);
    let db = SqlitePool::connect_with(options).await?;
    sqlx::query(TABLE).execute(&db).await?;
    let router = Router::new()
        .route("/persons", axum::routing::post(create))
        .route("/persons/{id}", get(read).delete(delete))
        .with_state(App { keys: Keys::read()?, db });
    serve(router).await
}

async fn create(
    State(app): State<App>,
    caller: Caller,
    Json(new): Json<NewPerson>,
) -> Result<(StatusCode, Json<Person>), Error> {
    let insert = "INSERT INTO person (name, owner) VALUES (?, ?) RETURNING id, name, owner";
    let person = sqlx::query_as(insert).bind(new.name).bind(caller.sub).fetch_one(&app.db).await?;
    Ok((StatusCode::CREATED, Json(person)))
}

async fn read(State(app): State<App>, caller: Caller, Path(id): Path<i64>) -> Result<Json<Person>, Error> {
    let select = "SELECT id, name, owner FROM person WHERE id = ?";
    let person: Option<Person> = sqlx::query_as(select).bind(id).fetch_optional(&app.db).await?;
    let person = person.ok_or(Error(StatusCode::NOT_FOUND, "there is no such person"))?;
    if person.owner != caller.sub {
        return Err(Error(StatusCode::FORBIDDEN, "this person belongs to somebody else"));
    }
    Ok(Json(person))
}

async fn delete(State(app): State<App>, caller: Caller, Path(id): Path<i64>) -> Result<StatusCode, Error> {
    let delete = sqlx::query("DELETE FROM person WHERE id = ? AND owner = ?").bind(id).bind(caller.sub);
    match delete.execute(&app.db).await?.rows_affected() {
        0 => Err(Error(StatusCode::NOT_FOUND, "there is no such person")),
        _ => Ok(StatusCode::NO_CONTENT),
    }
}
