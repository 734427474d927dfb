//! Raw requests, with the answer expected for each.
