//! Persons are looked up: several with one statement.

use std::collections::HashMap;
use std::sync::Arc;

use postgres::{Database, Work};
use storage::{Id, StoreError};

use super::{person, without_identity};
use crate::person::Person;
use crate::store::Identity;

/// Reads the persons of several calls with one statement.
pub(super) struct Reading {
    pub(super) database: Arc<Database>,
}

impl Work for Reading {
    type Call = Id;
    type Answer = (Identity, Option<Person>);

    async fn serve(&self, calls: &[Id]) -> Result<Vec<Self::Answer>, StoreError> {
        // The identity comes from the same statement: the database may be replaced while the service runs.
        let sql = "SELECT person.id, name, owner, version, owner_uid, uuid
                   FROM identity LEFT JOIN person ON person.id = ANY ($1::BIGINT[])";
        let ids: Vec<i64> = calls.iter().copied().map(Id::get).collect();
        let rows = self.database.read(sql, &[&ids]).await?;
        let identity: Identity = rows.first().ok_or_else(without_identity)?.get::<_, String>(5).into();
        let found = rows.iter().filter(|row| row.get::<_, Option<i64>>(0).is_some()).map(person);
        let found: HashMap<i64, Person> = found.map(|person| (person.id, person)).collect();
        Ok(ids.iter().map(|id| (Identity::clone(&identity), found.get(id).cloned())).collect())
    }
}
