//! Files that a crash left unfinished, or that rotted: cut at any byte, a bit flipped, filled with zeros, lines twice
//! or in another order. The service starts with what was acknowledged, or refuses and changes nothing.

mod cuts;
mod flips;
mod other_damage;
mod subject;
mod wal;
