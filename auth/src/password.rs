//! Password hashes: Argon2id, on separate threads.
//!
//! A hash takes 19 MiB and some 20 ms. Few threads share the buffers of all hashes, and the queue is bounded, so a
//! flood of logins neither exhausts memory nor delays other requests.

mod buffers;

use std::sync::Arc;
use std::thread;
use std::time::{Duration, Instant};

use argon2::password_hash::Error;
use argon2::password_hash::phc::{Output, ParamsString, Salt};
use argon2::{ARGON2ID_IDENT, Algorithm, Argon2, Block, Params, PasswordHash, Version};
use chassis::Problem;
use daemon::{Fatal, Jobs, Rejected, Worker};
use storage::{Registry, latency_histogram};

use buffers::Buffers;

/// OWASP's Password Storage Cheat Sheet: Argon2id with 19 MiB, 2 passes and 1 lane.
const MEMORY_KIB: u32 = 19 * 1024;
const PASSES: u32 = 2;
const LANES: u32 = 1;
const HASH_BYTES: usize = 32;

/// Two buffers of 19 MiB take 40 MB, and a thousand strangers with a whole body each up to 117 MB: together just less
/// than the 160 MB that the service may take. With a third buffer it took 179 MB. Two threads hash 60 to 100 passwords a
/// second.
const THREAD_LIMIT: usize = 2;
/// About two seconds of hashes on two cores; later ones would wait longer than a user does.
const QUEUE: usize = 128;
/// Longer than the pauses between the logins of a busy service; afterwards its buffers are of use to others.
const BUFFERS_IDLE: Duration = Duration::from_secs(5);

/// The hash of a password: a PHC string, `$argon2id$v=19$m=19456,t=2,p=1$<salt>$<hash>`. It holds the parameters, so later
/// hashes can cost more.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Hashed(String);

impl Hashed {
    /// Returns a hash with the current parameters that no password is known to have. Comparing with it makes the answer
    /// for an unknown user take as long.
    fn dummy() -> Self {
        let (salt, hash) = ("A".repeat(22), "A".repeat(43));
        Self(format!("$argon2id$v=19$m={MEMORY_KIB},t={PASSES},p={LANES}${salt}${hash}"))
    }

    /// Returns a hash from the store.
    pub(crate) fn from_store(text: String) -> Self {
        Self(text)
    }

    /// Returns the PHC string.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// The hashing threads, at most one for each core.
#[derive(Debug)]
pub struct Hasher(Worker<Vec<Block>, HashError>);

/// Why a password was not hashed.
#[derive(Debug)]
enum HashError {
    Rejected(Rejected),
    Argon2(Error),
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
    /// Starts the threads. They allocate no buffer before the first hash.
    ///
    /// # Errors
    /// Returns an error message for the operator if a thread cannot be started.
    pub fn start(fatal: &Fatal, registry: &mut Registry) -> anyhow::Result<Self> {
        let durations = latency_histogram();
        registry.register("password_hash_seconds", "Time to hash one password", durations.clone());
        let buffers = Arc::new(Buffers::default());
        let work = |_| {
            let (durations, buffers) = (durations.clone(), Arc::clone(&buffers));
            move |jobs: Jobs<Vec<Block>, HashError>| {
                // One thread at a time waits for jobs. It frees the buffers of all, and wakes up in vain every few
                // seconds, so that the others need not.
                while let Some(batch) = jobs.batch_within(1, BUFFERS_IDLE) {
                    if batch.is_empty() {
                        buffers.free();
                    }
                    for mut job in batch {
                        let started = Instant::now();
                        let mut memory = buffers.take();
                        let failure = job.run(&mut memory).err();
                        buffers.put_back(memory);
                        durations.observe(started.elapsed().as_secs_f64());
                        job.answer(failure);
                    }
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
        let mut salt = [0; Salt::RECOMMENDED_LENGTH];
        getrandom::fill(&mut salt).map_err(Problem::internal)?;
        Ok(self.run(move |memory| hash(&password, &salt, memory)).await?)
    }

    /// Returns whether the password has the stored hash. Without a stored hash it costs one hash too.
    ///
    /// # Errors
    /// Returns `too-busy` if the queue is full.
    pub async fn verify(&self, password: Vec<u8>, stored: Option<Hashed>) -> Result<bool, Problem> {
        let known = stored.is_some();
        let stored = stored.unwrap_or_else(Hashed::dummy);
        Ok(self.run(move |memory| verify(&password, &stored, memory)).await? && known)
    }

    async fn run<T: Send + 'static>(
        &self,
        job: impl FnOnce(&mut Vec<Block>) -> Result<T, Error> + Send + 'static,
    ) -> Result<T, HashError> {
        self.0.run(move |memory| job(memory).map_err(HashError::Argon2)).await
    }
}

/// Hashes a password with the current parameters.
fn hash(password: &[u8], salt: &[u8], memory: &mut Vec<Block>) -> Result<Hashed, Error> {
    let params = Params::new(MEMORY_KIB, PASSES, LANES, Some(HASH_BYTES))?;
    let phc = PasswordHash {
        algorithm: ARGON2ID_IDENT,
        version: Some(Version::V0x13.into()),
        params: ParamsString::try_from(&params)?,
        salt: Some(Salt::new(salt)?),
        hash: Some(output(password, salt, Version::V0x13, params, memory)?),
    };
    Ok(Hashed(phc.to_string()))
}

/// Hashes a password with the salt and the parameters of a stored hash, and compares the two in constant time.
fn verify(password: &[u8], stored: &Hashed, memory: &mut Vec<Block>) -> Result<bool, Error> {
    let phc = PasswordHash::new(stored.as_str())?;
    let (Some(version), Some(salt), Some(hash)) = (phc.version, phc.salt, phc.hash) else {
        return Err(Error::EncodingInvalid);
    };
    if phc.algorithm != ARGON2ID_IDENT {
        return Err(Error::Algorithm);
    }
    Ok(output(password, &salt, Version::try_from(version)?, Params::try_from(&phc)?, memory)? == hash)
}

fn output(
    password: &[u8],
    salt: &[u8],
    version: Version,
    params: Params,
    memory: &mut Vec<Block>,
) -> Result<Output, Error> {
    memory.resize(params.block_count(), Block::new());
    let mut hash = vec![0; params.output_len().unwrap_or(HASH_BYTES)];
    let argon2 = Argon2::new(Algorithm::Argon2id, version, params);
    argon2.hash_password_into_with_memory(password, salt, &mut hash, memory)?;
    Ok(Output::new(&hash)?)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn argon2id_equals_the_reference_implementation() {
        // argon2 0~20171227 (the reference, as Debian packages it):
        // printf password | argon2 somesaltsomesalt -id -v 13 -k 19456 -t 2 -p 1 -l 32 -e
        let reference = "$argon2id$v=19$m=19456,t=2,p=1$c29tZXNhbHRzb21lc2FsdA$K13EBUiG7JV+9ZxztmHFTdb7J0WQsnj2V8bZaqyPptE";
        let memory = &mut Vec::new();
        assert_eq!(hash(b"password", b"somesaltsomesalt", memory).unwrap().as_str(), reference);
        let stored = Hashed::from_store(reference.to_owned());
        assert!(verify(b"password", &stored, memory).unwrap());
        assert!(!verify(b"passwore", &stored, memory).unwrap());
    }

    #[test]
    fn a_dummy_costs_as_much_as_a_hash() {
        let memory = &mut Vec::new();
        let parameters = |hashed: &Hashed| {
            PasswordHash::new(hashed.as_str()).map(|phc| (phc.version, phc.params)).unwrap()
        };
        let hashed = hash(b"password", &[7; 16], memory).unwrap();
        assert_eq!(parameters(&Hashed::dummy()), parameters(&hashed));
        assert_eq!(Hashed::dummy().as_str().len(), hashed.as_str().len());
        assert!(!verify(b"password", &Hashed::dummy(), memory).unwrap());
    }
}
