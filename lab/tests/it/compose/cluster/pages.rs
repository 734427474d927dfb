//! The commands on the pages work over the replicas.

use testkit::console::Mark;

use crate::compose::pages::run_in;
use crate::compose::stack::Stack;

#[test]
fn pages_show_the_real_output_of_the_replicas() {
    let stack = Stack::cluster();
    run_in(&stack, "docs/cluster.md", Mark::RunInDocker);
    run_in(&stack, "README.md", Mark::Run);
}
