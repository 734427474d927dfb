//! Reads what `valgrind --tool=callgrind` counted: the user instructions of a process, by function.

use std::collections::HashMap;

/// The instructions that each function ran itself, without those it called.
pub(crate) type Counts = HashMap<String, i64>;

/// Parses an output file of callgrind (<https://valgrind.org/docs/manual/cl-format.html>).
pub(crate) fn parse(text: &str) -> Counts {
    let (mut names, mut counts) = (HashMap::new(), Counts::new());
    let mut function = "";
    let mut lines = text.lines();
    while let Some(line) = lines.next() {
        if let Some(name) = line.strip_prefix("fn=") {
            function = named(name, &mut names);
        } else if let Some(name) = line.strip_prefix("cfn=") {
            named(name, &mut names);
        } else if line.starts_with("calls=") {
            // The next line has the cost of the call, which the called function has too.
            lines.next();
        } else if line.starts_with(|c: char| c.is_ascii_digit() || matches!(c, '+' | '-' | '*'))
            && let Some(cost) = line.split(' ').nth(1).and_then(|cost| cost.parse::<i64>().ok())
        {
            *counts.entry(lasting(function).to_owned()).or_default() += cost;
        }
    }
    counts
}

/// Resolves `(id) name`, which later is `(id)` alone.
fn named<'t>(text: &'t str, names: &mut HashMap<&'t str, &'t str>) -> &'t str {
    match text.split_once(' ') {
        Some((id, name)) => {
            names.insert(id, name);
            name
        }
        None => names.get(text).copied().unwrap_or(text),
    }
}

/// Returns a name without what changes from build to build: the hash of a function, and the number of a recursion.
fn lasting(name: &str) -> &str {
    let name = name.split_once('\'').map_or(name, |(name, _)| name);
    match name.rsplit_once("::h") {
        Some((before, hash)) if hash.len() == 16 && hash.bytes().all(|b| b.is_ascii_hexdigit()) => before,
        _ => name,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_cost_of_a_call_counts_once() {
        let text = "events: Ir\nfn=(1) main\n16 400\ncfn=(2) a::work::h0123456789abcdef\ncalls=1 50\n16 300\n\
                    +1 5\n\nfn=(2)\n50 300\nfn=(3) a::work::h0123456789abcdef'2\n50 7\n";
        let counts = [("main".to_owned(), 405), ("a::work".to_owned(), 307)];
        assert_eq!(parse(text), Counts::from(counts));
    }
}
