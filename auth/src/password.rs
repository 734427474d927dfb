//! Password hashes: Argon2id, on separate threads.
//!
//! A hash takes 19 MiB and some 20 ms. Each thread keeps one buffer for all its hashes, and the queue is bounded, so a
//! flood of logins neither exhausts memory nor delays other requests.

use std::thread;
use std::time::Instant;

use argon2::{Algorithm, Argon2, Block, Params, Version};
use chassis::Problem;
use constant_time_eq::constant_time_eq;
use daemon::{Fatal, Jobs, Rejected, Worker};
use storage::{Registry, latency_histogram};

/// OWASP's Password Storage Cheat Sheet: Argon2id with 19 MiB, 2 passes and 1 lane.
const MEMORY_KIB: u32 = 19 * 1024;
const PASSES: u32 = 2;
const LANES: u32 = 1;
const HASH_BYTES: usize = 32;
/// RFC 9106 section 3.1 recommends 16 bytes for password hashing.
const SALT_BYTES: usize = 16;

/// 304 MiB at 19 MiB each, and some 800 logins a second.
const THREAD_LIMIT: usize = 16;
/// About two seconds of hashes on two cores; later ones would wait longer than a user does.
const QUEUE: usize = 128;

/// The hash of a password.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Hashed {
    /// Random, different for each hash.
    pub salt: Vec<u8>,
    /// The output of Argon2id.
    pub hash: Vec<u8>,
    /// A parameter, stored with each hash so that later hashes can cost more.
    pub memory_kib: u32,
    /// See `memory_kib`.
    pub passes: u32,
    /// See `memory_kib`.
    pub lanes: u32,
}

impl Hashed {
    /// Returns the current parameters with an empty salt and hash, which no password has. Comparing with it makes the
    /// answer for an unknown user take as long.
    fn dummy() -> Self {
        let (salt, hash) = (vec![0; SALT_BYTES], vec![0; HASH_BYTES]);
        Self { salt, hash, memory_kib: MEMORY_KIB, passes: PASSES, lanes: LANES }
    }
}

/// The hashing threads, at most one for each core; each keeps its buffer.
#[derive(Debug)]
pub struct Hasher(Worker<Vec<Block>, HashError>);

/// Why a password was not hashed.
#[derive(Debug)]
enum HashError {
    Rejected(Rejected),
    Argon2(argon2::Error),
}

impl From<Rejected> for HashError {
    fn from(rejected: Rejected) -> Self {
        Self::Rejected(rejected)
    }
}

impl From<HashError> for Problem {
    fn from(error: HashError) -> Self {
        match error {
            HashError::Rejected(Rejected::QueueFull) => {
                Self::too_busy("Too many passwords are waiting to be hashed.")
            }
            HashError::Rejected(Rejected::Ended) => Self::internal("the hashing threads have ended"),
            HashError::Argon2(error) => Self::internal(error),
        }
    }
}

impl Hasher {
    /// Starts the threads. Each allocates its buffer at the first hash.
    ///
    /// # Errors
    /// Returns an error message for the operator if a thread cannot be started.
    pub fn start(fatal: &Fatal, registry: &mut Registry) -> anyhow::Result<Self> {
        let durations = latency_histogram();
        registry.register("password_hash_seconds", "Time to hash one password", durations.clone());
        let work = |_| {
            let durations = durations.clone();
            move |jobs: Jobs<Vec<Block>, HashError>| {
                let mut memory = Vec::new();
                while let Some(mut job) = jobs.next() {
                    let started = Instant::now();
                    let failure = job.run(&mut memory).err();
                    durations.observe(started.elapsed().as_secs_f64());
                    job.answer(failure);
                }
            }
        };
        let threads = thread::available_parallelism().map_or(1, usize::from).min(THREAD_LIMIT);
        Ok(Self(Worker::start("hasher", QUEUE, fatal, (0..threads).map(work))?))
    }

    /// Hashes a password with a new salt.
    ///
    /// # Errors
    /// Returns `too-busy` if the queue is full.
    pub async fn hash(&self, password: Vec<u8>) -> Result<Hashed, Problem> {
        let mut hashed = Hashed::dummy();
        getrandom::fill(&mut hashed.salt).map_err(Problem::internal)?;
        let hash = self.run(password, hashed.clone()).await?;
        Ok(Hashed { hash, ..hashed })
    }

    /// Returns whether the password has the stored hash. Without a stored hash it costs one hash too.
    ///
    /// # Errors
    /// Returns `too-busy` if the queue is full.
    pub async fn verify(&self, password: Vec<u8>, stored: Option<Hashed>) -> Result<bool, Problem> {
        let known = stored.is_some();
        let stored = stored.unwrap_or_else(Hashed::dummy);
        let hash = self.run(password, stored.clone()).await?;
        Ok(constant_time_eq(&hash, &stored.hash) && known)
    }

    async fn run(&self, password: Vec<u8>, parameters: Hashed) -> Result<Vec<u8>, HashError> {
        self.0.run(move |memory| hash(&password, &parameters, memory).map_err(HashError::Argon2)).await
    }
}

/// Hashes a password with the salt and the parameters of `parameters`.
fn hash(password: &[u8], parameters: &Hashed, memory: &mut Vec<Block>) -> Result<Vec<u8>, argon2::Error> {
    let params = Params::new(parameters.memory_kib, parameters.passes, parameters.lanes, Some(HASH_BYTES))?;
    memory.resize(params.block_count(), Block::new());
    let mut hash = vec![0; HASH_BYTES];
    let argon2 = Argon2::new(Algorithm::Argon2id, Version::V0x13, params);
    argon2.hash_password_into_with_memory(password, &parameters.salt, &mut hash, memory)?;
    Ok(hash)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn argon2id_equals_the_reference_implementation() {
        // argon2 0~20171227 (the reference, as Debian packages it):
        // printf password | argon2 somesaltsomesalt -id -v 13 -k 19456 -t 2 -p 1 -l 32 -r
        let like = Hashed { salt: b"somesaltsomesalt".to_vec(), ..Hashed::dummy() };
        let hex: String =
            hash(b"password", &like, &mut Vec::new()).unwrap().iter().map(|b| format!("{b:02x}")).collect();
        assert_eq!(hex, "2b5dc4054886ec957ef59c73b661c54dd6fb274590b278f657c6d96aac8fa6d1");
    }
}
