//! Passwords as they are kept: Argon2id, on threads of its own.
//!
//! A hash wants 19 MiB and some 20 ms. Each thread keeps one buffer for all its hashes, and the queue is
//! bounded, so that a flood of logins costs neither memory nor the other requests their turn.

use std::thread;
use std::time::Instant;

use argon2::{Algorithm, Argon2, Block, Params, Version};
use chassis::Problem;
use chassis::metrics::{Metrics, histogram};
use constant_time_eq::constant_time_eq;
use daemon::{Fatal, Jobs, Rejected, Worker};

/// OWASP's Password Storage Cheat Sheet: Argon2id with 19 MiB, 2 passes and 1 lane.
const MEMORY_KIB: u32 = 19 * 1024;
const PASSES: u32 = 2;
const LANES: u32 = 1;
const HASH_BYTES: usize = 32;
/// RFC 9106 section 3.1: 16 bytes are recommended for password hashing.
const SALT_BYTES: usize = 16;

/// At 19 MiB each these are 304 MiB, and some 800 logins a second.
const MOST_THREADS: usize = 16;
/// Some two seconds' worth of hashes on two cores; later ones would wait longer than a user does.
const QUEUE: usize = 128;

/// A password as it is kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Hashed {
    /// Random, of its own for each.
    pub salt: Vec<u8>,
    /// What Argon2id made of password and salt.
    pub hash: Vec<u8>,
    /// Its parameters, kept with each hash so that later ones can be costlier.
    pub memory_kib: u32,
    /// See `memory_kib`.
    pub passes: u32,
    /// See `memory_kib`.
    pub lanes: u32,
}

impl Hashed {
    /// What is compared with where there is no such user, so that the answer takes as long.
    fn of_nobody() -> Self {
        let (salt, hash) = (vec![0; SALT_BYTES], vec![0; HASH_BYTES]);
        Self { salt, hash, memory_kib: MEMORY_KIB, passes: PASSES, lanes: LANES }
    }
}

/// The threads that hash, at most one a core; each keeps its buffer.
#[derive(Debug)]
pub struct Hasher(Worker<Vec<Block>, Failure>);

/// Why a password was not hashed.
#[derive(Debug)]
enum Failure {
    Rejected(Rejected),
    Argon2(argon2::Error),
}

impl From<Rejected> for Failure {
    fn from(rejected: Rejected) -> Self {
        Self::Rejected(rejected)
    }
}

impl From<Failure> for Problem {
    fn from(failure: Failure) -> Self {
        match failure {
            Failure::Rejected(Rejected::QueueFull) => {
                Self::too_busy("Too many passwords are waiting to be hashed.")
            }
            Failure::Rejected(Rejected::Ended) => Self::internal("the hashing threads have ended"),
            Failure::Argon2(error) => Self::internal(error),
        }
    }
}

impl Hasher {
    /// Starts the threads. Their buffers are made at the first hash.
    ///
    /// # Errors
    /// A sentence, where the system gives no thread.
    pub fn start(fatal: &Fatal, metrics: &mut Metrics) -> Result<Self, String> {
        let durations = histogram();
        metrics.register("password_hash_seconds", "To hash one password", durations.clone());
        let work = |_| {
            let durations = durations.clone();
            move |jobs: Jobs<Vec<Block>, Failure>| {
                let mut memory = Vec::new();
                while let Some(mut job) = jobs.next() {
                    let started = Instant::now();
                    let failure = job.run(&mut memory).err();
                    durations.observe(started.elapsed().as_secs_f64());
                    job.answer(failure);
                }
            }
        };
        let threads = thread::available_parallelism().map_or(1, usize::from).min(MOST_THREADS);
        Ok(Self(Worker::start("hasher", QUEUE, fatal, (0..threads).map(work))?))
    }

    /// Makes a password into what may be kept of it.
    ///
    /// # Errors
    /// `too-busy` where the queue is full.
    pub async fn hash(&self, password: Vec<u8>) -> Result<Hashed, Problem> {
        let mut like = Hashed::of_nobody();
        getrandom::fill(&mut like.salt).map_err(Problem::internal)?;
        let hash = self.ask(password, like.clone()).await?;
        Ok(Hashed { hash, ..like })
    }

    /// Whether this is the password that was kept; costs one hash where none was, too.
    ///
    /// # Errors
    /// `too-busy` where the queue is full.
    pub async fn verify(&self, password: Vec<u8>, kept: Option<Hashed>) -> Result<bool, Problem> {
        let known = kept.is_some();
        let kept = kept.unwrap_or_else(Hashed::of_nobody);
        let hash = self.ask(password, kept.clone()).await?;
        Ok(constant_time_eq(&hash, &kept.hash) && known)
    }

    async fn ask(&self, password: Vec<u8>, like: Hashed) -> Result<Vec<u8>, Failure> {
        self.0.ask(move |memory| hash(&password, &like, memory).map_err(Failure::Argon2)).await
    }
}

fn hash(password: &[u8], like: &Hashed, memory: &mut Vec<Block>) -> Result<Vec<u8>, argon2::Error> {
    let params = Params::new(like.memory_kib, like.passes, like.lanes, Some(HASH_BYTES))?;
    memory.resize(params.block_count(), Block::new());
    let mut hash = vec![0; HASH_BYTES];
    let argon2 = Argon2::new(Algorithm::Argon2id, Version::V0x13, params);
    argon2.hash_password_into_with_memory(password, &like.salt, &mut hash, memory)?;
    Ok(hash)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn argon2id_gives_what_the_reference_implementation_gives() {
        // argon2 0~20171227 (the reference, as Debian packages it):
        // printf password | argon2 somesaltsomesalt -id -v 13 -k 19456 -t 2 -p 1 -l 32 -r
        let like = Hashed { salt: b"somesaltsomesalt".to_vec(), ..Hashed::of_nobody() };
        let hex: String =
            hash(b"password", &like, &mut Vec::new()).unwrap().iter().map(|b| format!("{b:02x}")).collect();
        assert_eq!(hex, "2b5dc4054886ec957ef59c73b661c54dd6fb274590b278f657c6d96aac8fa6d1");
    }
}
