//! Lists in pages, each bounded by the number of its items and by its bytes: a thousand clients may hold a page each.

use serde::Serialize;

/// The longest page in JSON. A thousand persons with names of usual length fit, and a thousand deletions always.
const BYTES: usize = 64 * 1024;

/// A part of a list.
#[derive(Debug)]
pub struct Part<T> {
    /// The items.
    pub items: Vec<T>,
    /// Whether more items follow.
    pub more: bool,
}

/// The deletion of a person.
#[derive(Debug, PartialEq, Eq, Serialize)]
pub struct Deletion {
    /// The number of the deletion.
    pub seq: i64,
    /// The id of the deleted person.
    pub id: i64,
}

impl Deletion {
    /// The most bytes that a deletion takes in a JSON array.
    pub(super) const JSON_BYTES: usize = r#"{"seq":9223372036854775807,"id":9223372036854775807},"#.len();
}

/// Takes one item more than `limit`, or as many as their bytes allow.
pub(super) fn fill<T, E>(
    rows: impl Iterator<Item = Result<T, E>>,
    limit: u16,
    json_bytes: impl Fn(&T) -> usize,
) -> Result<Part<T>, E> {
    let (mut items, mut bytes) = (Vec::new(), "[]\n".len());
    for item in rows {
        let item = item?;
        bytes += json_bytes(&item);
        if items.len() == usize::from(limit) || bytes > BYTES {
            return Ok(Part { items, more: true });
        }
        items.push(item);
    }
    Ok(Part { items, more: false })
}
