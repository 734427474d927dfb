//! Health's file as another program sees it: lines of JSON, each with a CRC-32. This is a second implementation of the
//! documented format, so that a mistake in the service's code cannot hide here.

use std::path::Path;

use serde_json::Value;

/// The length of `,"crc":"89abcdef"}`.
const CHECKSUM: usize = 18;

/// Returns a line with its checksum, a JSON object such as `{"seq":1,...}`.
pub fn checksummed(members: &str) -> String {
    let open = members.strip_suffix('}').expect("an object");
    format!("{open},\"crc\":\"{:08x}\"}}\n", crc32fast::hash(open.as_bytes()))
}

/// Returns the content of a file without records.
pub fn empty() -> String {
    [
        checksummed(r#"{"seq":0,"batch":[0,0],"op":"snapshot"}"#),
        checksummed(r#"{"seq":0,"batch":[0,0],"op":"mark","mark":0}"#),
        checksummed(r#"{"seq":0,"batch":[0,0],"op":"snapshot-end","records":0}"#),
    ]
    .concat()
}

/// Returns a line that puts a record with this weight.
pub fn put(seq: u64, batch: [u64; 2], id: i64, weight: f64) -> String {
    checksummed(&format!(
        r#"{{"seq":{seq},"batch":{batch:?},"op":"put","id":{id},"record":{{"weight":{weight}}}}}"#
    ))
}

/// Returns a line that deletes a record.
pub fn delete(seq: u64, batch: [u64; 2], id: i64) -> String {
    checksummed(&format!(r#"{{"seq":{seq},"batch":{batch:?},"op":"delete","id":{id}}}"#))
}

/// Returns a log that is due for compaction: over 1 MiB of puts, where each person has one current record.
pub fn overgrown(ids: u64) -> String {
    let mut text = empty();
    for seq in 1.. {
        let id = i64::try_from(seq % ids).expect("small") + 1;
        text.push_str(&put(seq, [seq, seq], id, 70.0 + (seq % 8) as f64));
        if text.len() > 1024 * 1024 {
            break;
        }
    }
    text
}

/// Reads the lines of a file. Each must be JSON with the right CRC, and `seq` must have no gap after the snapshot.
#[track_caller]
pub fn read(path: &Path) -> Vec<Value> {
    let text = std::fs::read_to_string(path).expect("text");
    assert!(text.ends_with('\n'), "the last line has no line feed");
    let lines: Vec<Value> = text.lines().map(checked).collect();
    let end = lines.iter().position(|line| line["op"] == "snapshot-end").expect("a snapshot");
    for (before, after) in lines[end..].iter().zip(&lines[end + 1..]) {
        assert_eq!(after["seq"].as_u64(), before["seq"].as_u64().map(|seq| seq + 1), "{after}");
    }
    lines
}

#[track_caller]
fn checked(line: &str) -> Value {
    let value: Value = serde_json::from_str(line).expect("JSON");
    let crc = crc32fast::hash(&line.as_bytes()[..line.len() - CHECKSUM]);
    assert_eq!(value["crc"], format!("{crc:08x}"), "{line}");
    value
}

/// Returns the offset of the first byte of each line, and the length of the file.
pub fn beginnings(content: &[u8]) -> Vec<usize> {
    let ends = content.iter().enumerate().filter(|(_, byte)| **byte == b'\n').map(|(at, _)| at + 1);
    [0].into_iter().chain(ends).collect()
}
