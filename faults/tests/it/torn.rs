//! Files that were cut or have rotted.
