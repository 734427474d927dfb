//! Health's file as a stranger sees it: lines of JSON, each sealed with a CRC-32. Written anew from the documented
//! format, so that a mistake in the service's own code cannot hide in it.

use std::path::Path;

use serde_json::Value;

/// `,"crc":"89abcdef"}`
const SEAL: usize = 18;

/// A line from its members without the CRC, in braces: `{"seq":1,...}`.
///
/// # Panics
/// If they are no object.
pub fn seal(members: &str) -> String {
    let open = members.strip_suffix('}').expect("an object");
    format!("{open},\"crc\":\"{:08x}\"}}\n", crc32fast::hash(open.as_bytes()))
}

/// The beginning of a file without records.
pub fn empty() -> String {
    [
        seal(r#"{"seq":0,"batch":[0,0],"op":"snapshot"}"#),
        seal(r#"{"seq":0,"batch":[0,0],"op":"mark","mark":0}"#),
        seal(r#"{"seq":0,"batch":[0,0],"op":"snapshot-end","records":0}"#),
    ]
    .concat()
}

/// A line that puts a weight.
pub fn put(seq: u64, batch: [u64; 2], id: i64, weight: f64) -> String {
    seal(&format!(r#"{{"seq":{seq},"batch":{batch:?},"op":"put","id":{id},"record":{{"weight":{weight}}}}}"#))
}

/// A line that takes a record away.
pub fn delete(seq: u64, batch: [u64; 2], id: i64) -> String {
    seal(&format!(r#"{{"seq":{seq},"batch":{batch:?},"op":"delete","id":{id}}}"#))
}

/// A log that is due to be written anew: over 1 MiB of puts of these persons, of which few are current.
///
/// # Panics
/// Never.
pub fn overgrown(ids: u64) -> String {
    let mut text = empty();
    for seq in 1.. {
        text.push_str(&put(
            seq,
            [seq, seq],
            i64::try_from(seq % ids).expect("small") + 1,
            70.0 + (seq % 8) as f64,
        ));
        if text.len() > 1024 * 1024 {
            break;
        }
    }
    text
}

/// Reads a file and checks that every line is JSON whose CRC is right, with `seq` without a gap after the
/// snapshot. Gives the lines.
///
/// # Panics
/// If one is not.
#[track_caller]
pub fn read(path: &Path) -> Vec<Value> {
    let text = std::fs::read_to_string(path).expect("text");
    assert!(text.ends_with('\n'), "the last line is not ended");
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
    let crc = crc32fast::hash(&line.as_bytes()[..line.len() - SEAL]);
    assert_eq!(value["crc"], format!("{crc:08x}"), "{line}");
    value
}

/// Where each line of a file begins, and where the file ends.
pub fn beginnings(content: &[u8]) -> Vec<usize> {
    let ends = content.iter().enumerate().filter(|(_, byte)| **byte == b'\n').map(|(at, _)| at + 1);
    [0].into_iter().chain(ends).collect()
}
