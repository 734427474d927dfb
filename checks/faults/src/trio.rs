//! The three services as users run them: three processes, health asking the person service beside it.

use testkit::{Binary, Client, Place};

/// A running service and the folder that it runs in.
#[derive(Debug)]
pub struct Service {
    /// Its name.
    pub name: &'static str,
    /// Its folder: key file, store.
    pub place: Place,
    /// Its process.
    pub binary: Binary,
    /// A client of it, without a token.
    pub client: Client,
}

/// The three of them.
#[derive(Debug)]
pub struct Trio {
    /// Issues tokens.
    pub auth: Service,
    /// Says who exists.
    pub person: Service,
    /// Keeps vital signs.
    pub health: Service,
}

impl Trio {
    /// Starts them with this key file and these variables, health's passes of the purge an hour apart: so nothing
    /// changes but by what a test does.
    ///
    /// # Panics
    /// If one does not start.
    pub fn start(key_file: &str, environment: &[(&str, &str)]) -> Self {
        let start = |name, place: Place| {
            place.write("keys", key_file);
            let mut binary = place.serve_with(environment);
            let client = binary.client();
            Service { name, place, binary, client }
        };
        let auth = start("auth", crate::auth());
        let person = start("person", crate::person());
        let url = format!("http://{}", person.client.address());
        let health = start("health", crate::health(&url).with("HEALTH_PURGE_SECONDS", "3600"));
        Self { auth, person, health }
    }

    /// All three.
    pub fn services(&self) -> [&Service; 3] {
        [&self.auth, &self.person, &self.health]
    }

    /// The one of this name.
    ///
    /// # Panics
    /// If there is none.
    pub fn service(&self, name: &str) -> &Service {
        self.services().into_iter().find(|service| service.name == name).expect("one of the three")
    }
}
