//! A person service that refuses, hangs, drips, resets, redirects, lies.
