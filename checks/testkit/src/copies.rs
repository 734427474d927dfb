//! Checks the statements that copy a store between the two engines.

use rusqlite::Connection;

/// Checks that each column of a SQLite schema is in the statements that copy its table.
///
/// `statements` returns those of a table: the one that reads the rows of the cluster, the one that adds them to a copy, the
/// one that reads the rows of a copy, and the one that adds them to the cluster. It returns `None` for a column that is not
/// copied as it is.
pub fn assert_every_column_is_copied<'s>(
    migrations: &[&str],
    statements: impl Fn(&str, &str) -> Option<[&'s str; 4]>,
) {
    let db = Connection::open_in_memory().expect("memory");
    for migration in migrations {
        db.execute_batch(migration).expect("a migration");
    }
    let sql = "SELECT tables.name, columns.name FROM sqlite_schema AS tables
               CROSS JOIN pragma_table_info(tables.name) AS columns
               WHERE tables.type = 'table' AND tables.name NOT LIKE 'sqlite_%'";
    let mut columns = db.prepare(sql).expect("SQL");
    let columns = columns.query_map([], |row| Ok((row.get(0)?, row.get(1)?))).expect("rows");
    for (table, column) in columns.map(|row: rusqlite::Result<(String, String)>| row.expect("a row")) {
        // As a target and as a value, but for the first.
        for (sql, times) in statements(&table, &column).into_iter().flatten().zip([1, 2, 2, 2]) {
            let words = sql.split(|c: char| !c.is_ascii_alphanumeric() && c != '_');
            assert!(words.filter(|word| *word == column).count() >= times, "`{column}` is not in {sql}");
        }
    }
}
