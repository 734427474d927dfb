//! Reads what `valgrind --tool=callgrind` counted: the user instructions of a process, by function.

use std::collections::HashMap;

/// The instructions that each function ran itself, without those it called.
pub(crate) type Counts<'t> = HashMap<&'t str, i64>;

/// Parses an output file of callgrind (<https://valgrind.org/docs/manual/cl-format.html>).
pub(crate) fn parse(text: &str) -> Counts<'_> {
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
            *counts.entry(function).or_default() += cost;
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_cost_of_a_call_counts_once() {
        let text =
            "events: Ir\nfn=(1) main\n16 400\ncfn=(2) work\ncalls=1 50\n16 300\n+1 5\n\nfn=(2)\n50 300\n";
        assert_eq!(parse(text), Counts::from([("main", 405), ("work", 300)]));
    }
}
