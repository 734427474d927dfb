//! Properties of every file.

use proptest::collection::vec;
use proptest::prelude::*;
use serde_json::{Value, json};

use super::*;
use crate::line::properties::any_line;
use crate::memory::Mark;

/// Returns the file of these batches, and the records after each batch. The id 0 stands for the mark.
fn log(batches: &[Vec<(i64, Option<u32>)>]) -> (Vec<u8>, Vec<Vec<(i64, Value)>>) {
    let (mut text, mut seq) = (String::new(), 0);
    let mut write = |seq, batch, operation| Line { seq, batch, operation }.write(&mut text);
    write(0, (0, 0), Operation::Snapshot);
    write(0, (0, 0), Operation::Mark(Mark::default()));
    write(0, (0, 0), Operation::SnapshotEnd(0));
    let mut state = std::collections::BTreeMap::new();
    let mut states = vec![Vec::new()];
    for batch in batches {
        let (first, last) = (seq + 1, seq + batch.len() as u64);
        for (id, record) in batch {
            seq += 1;
            let operation = match (storage::Id::new(*id), record) {
                (None, value) => Operation::Mark(mark(*value)),
                (Some(id), Some(value)) => Operation::Put(id, json!({"a": value})),
                (Some(id), None) => Operation::Delete(id),
            };
            write(seq, (first, last), operation);
            match record {
                Some(value) => drop(state.insert(*id, json!({"a": value}))),
                None => drop(state.remove(id)),
            }
        }
        states.push(state.clone().into_iter().collect());
    }
    (text.into_bytes(), states)
}

fn mark(value: Option<u32>) -> Mark {
    Mark { cursor: value.map_or(0, i64::from), origin: value.map(|value| value.to_string().into()) }
}

/// Replays a file and returns the records in memory, and the mark unless it is the first one.
fn read(mut bytes: &[u8]) -> Result<(Replayed, Vec<(i64, Value)>), Unusable> {
    let memory = Memory::<Value>::default();
    let replayed = replay(&mut bytes, &memory)?;
    let mut records: Vec<_> = memory.parts().flatten().map(|(id, record)| (id.get(), record.value)).collect();
    let Mark { cursor, origin } = memory.mark();
    records.extend(origin.map(|origin| {
        assert_eq!(*origin, cursor.to_string());
        (0, json!({"a": cursor}))
    }));
    records.sort_by_key(|(id, _)| *id);
    Ok((replayed, records))
}

fn batches() -> impl Strategy<Value = Vec<Vec<(i64, Option<u32>)>>> {
    vec(vec((0..6_i64, any::<Option<u32>>()), 1..4), 0..5)
}

proptest! {
    #[test]
    fn a_log_replays_to_the_last_state(batches in batches()) {
        let (text, states) = log(&batches);
        let (replayed, records) = read(&text).unwrap();
        prop_assert_eq!(replayed.torn_at, None);
        prop_assert_eq!(replayed.length, text.len() as u64);
        prop_assert_eq!(Some(&records), states.last());
    }

    #[test]
    fn a_truncated_log_replays_to_whole_batches_or_is_damaged(
        batches in batches(), at in any::<prop::sample::Index>(),
    ) {
        let (text, states) = log(&batches);
        let cut = &text[..at.index(text.len())];
        if let Ok((replayed, records)) = read(cut) {
            prop_assert!(states.contains(&records));
            prop_assert_eq!(replayed.torn_at.is_some(), replayed.length < cut.len() as u64);
            // Without the unfinished batch it is a valid log with the same records.
            let (again, same) = read(&cut[..usize::try_from(replayed.length).unwrap()]).unwrap();
            prop_assert_eq!((again.torn_at, same), (None, records));
        }
    }

    #[test]
    fn a_changed_log_never_replays_to_a_state_it_never_had(
        batches in batches(), at in any::<prop::sample::Index>(), removed in 0..4_usize,
        // Digits too: the result may still be JSON.
        put in prop_oneof![vec(any::<u8>(), 0..4), vec(b'0'..=b'9', 0..4)],
    ) {
        let (mut text, states) = log(&batches);
        let at = at.index(text.len());
        let end = (at + removed).min(text.len());
        text.splice(at..end, put);
        if let Ok((_, records)) = read(&text) {
            prop_assert!(states.contains(&records), "{:?}", records);
        }
    }

    #[test]
    fn random_bytes_are_damage(bytes in vec(any::<u8>(), 0..300)) {
        prop_assert!(read(&bytes).is_err());
    }

    #[test]
    fn valid_lines_in_any_order_do_not_panic(lines in vec(any_line(), 0..4), seq in any::<u64>()) {
        let mut text = String::new();
        Line::<Value> { seq, batch: (seq, seq), operation: Operation::Snapshot }.write(&mut text);
        Line::<Value> { seq, batch: (seq, seq), operation: Operation::Mark(Mark::default()) }.write(&mut text);
        Line::<Value> { seq, batch: (seq, seq), operation: Operation::SnapshotEnd(0) }.write(&mut text);
        for line in lines {
            line.write(&mut text);
        }
        let _ = read(text.as_bytes());
    }
}

#[test]
fn a_sequence_number_beyond_the_largest_is_damage() {
    let mut text = String::new();
    for operation in [
        Operation::<Value>::Snapshot,
        Operation::Mark(Mark::default()),
        Operation::SnapshotEnd(0),
        Operation::Mark(Mark { cursor: 1, origin: None }),
    ] {
        Line { seq: u64::MAX, batch: (u64::MAX, u64::MAX), operation }.write(&mut text);
    }
    assert!(read(text.as_bytes()).is_err());
}
