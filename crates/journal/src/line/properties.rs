//! Properties of every line.

use proptest::collection::{btree_map, vec};
use proptest::prelude::*;
use serde_json::Value;

use super::*;

/// Generates any line, with any record.
pub(crate) fn any_line() -> impl Strategy<Value = Line<Value>> {
    let id = (1..=i64::MAX).prop_map(|number| Id::new(number).unwrap());
    let value = prop_oneof![
        any::<i64>().prop_map(Value::from),
        any::<u32>().prop_map(|n| (f64::from(n) / 8.0).into()),
        ".{0,8}".prop_map(Value::from)
    ];
    let record = btree_map(".{0,6}", value, 1..4).prop_map(Value::from_iter);
    let operation = prop_oneof![
        (id.clone(), record).prop_map(|(id, record)| Operation::Put(id, record)),
        id.prop_map(Operation::Delete),
        (any::<i64>(), proptest::option::of(".{0,8}")).prop_map(|(cursor, origin)| {
            Operation::Mark(Mark { cursor, origin: origin.map(Into::into) })
        }),
        Just(Operation::Snapshot),
        any::<u64>().prop_map(Operation::SnapshotEnd),
    ];
    (any::<u64>(), 0..3_u64, 0..3_u64, operation).prop_map(|(seq, before, after, operation)| {
        let batch = (seq.saturating_sub(before), seq.saturating_add(after));
        Line { seq, batch, operation }
    })
}

fn written(line: &Line<Value>) -> Vec<u8> {
    let mut text = String::new();
    line.write(&mut text);
    text.trim_end_matches('\n').as_bytes().to_vec()
}

proptest! {
    #[test]
    fn any_line_parses_back(line in any_line()) {
        let text = written(&line);
        prop_assert!(!text.contains(&b'\n'));
        prop_assert_eq!(Line::parse(&text), Some(line));
    }

    #[test]
    fn a_line_changed_in_one_place_is_rejected(
        line in any_line(), at in any::<prop::sample::Index>(), removed in 0..4_usize, put in vec(any::<u8>(), 0..4),
    ) {
        // CRC-32 detects every change of at most 32 bits; of wider ones it misses one in four billion.
        let text = written(&line);
        let at = at.index(text.len());
        let mut changed = text.clone();
        changed.splice(at..(at + removed).min(text.len()), put);
        prop_assume!(changed != text);
        prop_assert_eq!(Line::<Value>::parse(&changed), None);
    }

    #[test]
    fn random_bytes_are_rejected(bytes in vec(any::<u8>(), 0..80)) {
        prop_assert_eq!(Line::<Value>::parse(&bytes), None);
    }

    #[test]
    fn a_valid_checksum_alone_is_not_enough(text in r#"\{("seq":[0-9]{1,22},?)?("batch":\[[0-9]{0,22},[0-9]{0,20}\],?)?("op":"[a-z]{0,6}",?)?("id":-?[0-9]{1,20})?"#) {
        let line = format!("{text},\"crc\":\"{:08x}\"}}", crc32fast::hash(text.as_bytes()));
        if let Some(line) = Line::<Value>::parse(line.as_bytes()) {
            prop_assert!((line.batch.0..=line.batch.1).contains(&line.seq));
        }
    }
}
