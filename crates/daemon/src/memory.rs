//! Memory that was freed.

/// Returns freed memory to the system. After a crowd of connections glibc keeps most of what they used, because small
/// blocks that are still in use lie between what was freed.
pub fn give_back_memory() {
    #[cfg(all(target_os = "linux", target_env = "gnu"))]
    #[expect(unsafe_code, reason = "the only call of the workspace that has no safe form")]
    // SAFETY: `malloc_trim` may be called at any time, from any thread, with any number.
    unsafe {
        libc::malloc_trim(0);
    }
}
