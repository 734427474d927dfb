//! The services' roles in PostgreSQL reach their own databases and nothing else.

use crate::compose::stack::{SERVICES, Stack};

/// SQL that reads files or other accounts, or makes something outside the database.
const FORBIDDEN: [&str; 6] = [
    "SELECT rolpassword FROM pg_authid",
    "SELECT pg_read_file('/etc/passwd')",
    "COPY (SELECT 1) TO PROGRAM 'true'",
    "CREATE DATABASE another",
    "CREATE ROLE another",
    "SET ROLE postgres",
];

/// What a service tries: a role, a database, SQL, and a part of the output.
type Attempt = (&'static str, &'static str, &'static str, &'static str);

pub(super) fn reach_only_their_own_database(stack: &Stack) {
    for service in SERVICES {
        let databases = ["auth", "person", "health", "postgres", "template1"].into_iter();
        let roles = ["auth", "person", "health", "postgres"].into_iter();
        let attempts: Vec<Attempt> = [(service, service, "SELECT 'in'", "in")]
            .into_iter()
            .chain(
                databases
                    .filter(|database| *database != service)
                    .map(|database| (service, database, "SELECT 1", "permission denied for database")),
            )
            .chain(
                roles
                    .filter(|role| *role != service)
                    .map(|role| (role, service, "SELECT 1", "password authentication failed")),
            )
            .chain(FORBIDDEN.map(|sql| (service, service, sql, "permission denied")))
            .collect();
        let outputs = outputs(stack, service, &attempts);
        assert_eq!(outputs.len(), attempts.len(), "{outputs:?}");
        for (attempt, output) in attempts.iter().zip(outputs) {
            assert!(output.contains(attempt.3), "{service}: {attempt:?}: {output}");
        }
    }
}

/// Runs the attempts with the network and the files of a service's replica, and returns a line for each.
fn outputs(stack: &Stack, service: &str, attempts: &[Attempt]) -> Vec<String> {
    let container = &stack.containers(service)[0];
    let network = format!("container:{container}");
    let mut script = "export PGPASSWORD=$(cat /run/password/password)\n".to_owned();
    for (role, database, sql, _) in attempts {
        script += &format!("echo $(psql -XAt -h postgres -U {role} -d {database} -c \"{sql}\" 2>&1)\n");
    }
    let run = ["run", "--rm", "--network", &network, "--volumes-from", container, "postgres:17-trixie"];
    let ran = stack.docker(&[&run[..], &["bash", "-c", &script]].concat()).out;
    ran.lines().map(str::to_owned).collect()
}
