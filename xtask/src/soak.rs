//! `cargo xtask soak`: the property tests with many more cases, optimised but with all checks on.
//!
//! Each round doubles the cases that `MMSCOPE_PROPTEST_CASES` asks for; tests that have a longer form
//! also look at `MMSCOPE_SOAK`.

use crate::Result;
use crate::run::{cargo, run};
use crate::test::now;
use std::process::Command;
use std::time::Duration;

const PACKAGES: [&str; 4] = ["mm", "history", "scenario", "kernel-io"];
const FIRST_ROUND: u32 = 4096;

/// Runs rounds until the next one, twice as long, would not fit into the time.
pub fn soak(minutes: u64) -> Result<()> {
    // Compiling is not soaking.
    run(tests().arg("--no-run"))?;
    let limit = Duration::from_secs(60 * minutes);
    let start = now();
    let mut cases = FIRST_ROUND;
    loop {
        println!("\n===== soak: {cases} cases a property");
        let round = now();
        run(tests().env("MMSCOPE_SOAK", "1").env("MMSCOPE_PROPTEST_CASES", cases.to_string()))?;
        if start.elapsed() + 2 * round.elapsed() > limit {
            println!("\nsoak: nothing found up to {cases} cases, {} s", start.elapsed().as_secs());
            return Ok(());
        }
        cases = cases.saturating_mul(2);
    }
}

fn tests() -> Command {
    let mut tests = cargo(["test", "--locked", "--profile", "soak", "--no-fail-fast"]);
    tests.args(PACKAGES.iter().flat_map(|package| ["-p", package]));
    tests
}
