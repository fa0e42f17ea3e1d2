//! `cargo xtask test`: every test there is, in groups, with one count over all of them.
//!
//! The counts are read from what the real runners print. A group that cannot run is a failure, never
//! a silence; Firefox alone is optional and says so when it is left out. The last line of the output
//! is `N passed, N failed`.

use crate::Result;
use crate::run::{cargo, root, run, tee};
use crate::system::Browser;
use crate::{e2e, system, tidy, tools};
use std::process::Command;
use std::time::Instant;

/// The packages with tests for the browser, and which of their tests those are. Below `web/` they are
/// in `tests/wasm.rs`, because the other tests of these packages are native ones.
const WASM_TESTED: [(&str, &[&str]); 4] = [
    ("mmscope-web", &["--tests"]),
    ("mm", &["--test", "wasm"]),
    ("history", &["--test", "wasm"]),
    ("scenario", &["--test", "wasm"]),
];

/// Runs a group and counts; an error means that it could not run.
type Group = fn(&mut Tally) -> Result<()>;

const GROUPS: [(&str, Group); 4] = [("lint", lint), ("native", native), ("wasm", wasm), ("e2e", end_to_end)];

/// Runs the named groups, or all; true if nothing failed.
pub fn test(names: &[String]) -> Result<bool> {
    if let Some(unknown) = names.iter().find(|name| GROUPS.iter().all(|(group, _)| group != name)) {
        let known = GROUPS.map(|(group, _)| group).join(" ");
        return Err(format!("there is no test group `{unknown}`; the groups are: {known}").into());
    }
    let mut total = Tally::default();
    for (group, run_group) in GROUPS.iter().filter(|(g, _)| names.is_empty() || names.iter().any(|n| n == g))
    {
        println!("\n===== {group}");
        let start = now();
        let mut tally = Tally::default();
        if let Err(error) = run_group(&mut tally) {
            tally.fail(group, &error.to_string());
        }
        println!("===== {group}: {tally} ({} s)", start.elapsed().as_secs());
        total.add(tally);
    }
    println!();
    for failure in &total.failures {
        println!("FAILED {failure}");
    }
    println!("{total}");
    Ok(total.failed == 0)
}

/// Formatting, lints and the house rules; each counts as one test.
fn lint(tally: &mut Tally) -> Result<()> {
    tools::ensure_component("rustfmt", "rustfmt")?;
    tools::ensure_component("clippy", "clippy-driver")?;
    tools::ensure_wasm_target()?;
    const WEB: [&str; 5] = ["-p", "mmscope-web", "--target", "wasm32-unknown-unknown", "--all-targets"];
    const DENY: [&str; 3] = ["--", "-D", "warnings"];
    tally.step("rustfmt", run(&mut cargo(["fmt", "--all", "--check"])));
    tally.step(
        "clippy",
        run(cargo(["clippy", "--locked", "--keep-going", "--workspace", "--all-targets"]).args(DENY)),
    );
    tally.step("clippy for wasm32", run(cargo(["clippy", "--locked", "--keep-going"]).args(WEB).args(DENY)));
    tally.step(
        "documentation",
        run(cargo(["doc", "--locked", "--workspace", "--no-deps", "--document-private-items"])
            .env("RUSTDOCFLAGS", "-D warnings -A rustdoc::private_intra_doc_links")),
    );
    tally.step("tidy", tidy::tidy());
    Ok(())
}

/// Unit, property and documentation tests, the web crate's pure parts included.
fn native(tally: &mut Tally) -> Result<()> {
    tally.libtest("cargo test", &mut cargo(["test", "--locked", "--workspace", "--no-fail-fast"]))
}

/// Tests inside real browsers.
fn wasm(tally: &mut Tally) -> Result<()> {
    tools::ensure_wasm_target()?;
    tools::ensure(&[tools::WASM_BINDGEN])?;
    let chromium = system::chromium()?;
    wasm_in("Chromium", "CHROMEDRIVER", &chromium, tally)?;
    match system::firefox() {
        Ok(firefox) => wasm_in("Firefox", "GECKODRIVER", &firefox, tally)?,
        Err(reason) => println!("not run in Firefox, which is optional: {reason}"),
    }
    Ok(())
}

fn wasm_in(name: &str, variable: &str, browser: &Browser, tally: &mut Tally) -> Result<()> {
    for (package, which) in WASM_TESTED {
        if which.contains(&"wasm") && !root().join(format!("crates/{package}/tests/wasm.rs")).exists() {
            continue;
        }
        println!("--- {package} in {name}");
        let mut tests =
            cargo(["test", "--locked", "--no-fail-fast", "--target", "wasm32-unknown-unknown", "-p"]);
        tests.arg(package).args(which);
        if package == "mmscope-web" {
            // In one piece: a test has no files to fetch parts from.
            tests.arg("--no-default-features");
        }
        tests.env_remove("CHROMEDRIVER").env_remove("GECKODRIVER").env(variable, &browser.driver);
        tally.libtest(&format!("{package} in {name}"), &mut tests)?;
    }
    Ok(())
}

/// The page as a person uses it, driven by Playwright.
fn end_to_end(tally: &mut Tally) -> Result<()> {
    let counts = e2e::specs(&[])?;
    tally.count("Playwright", counts.all_well, counts.passed, counts.failed);
    Ok(())
}

/// Counted tests.
#[derive(Default)]
struct Tally {
    passed: usize,
    failed: usize,
    failures: Vec<String>,
}

impl Tally {
    /// Counts a whole step as one test.
    fn step(&mut self, name: &str, result: Result<()>) {
        match result {
            Ok(()) => {
                println!("{name}: ok");
                self.passed += 1;
            }
            Err(error) => self.fail(name, &error.to_string()),
        }
    }

    /// Runs a command that prints libtest's summaries.
    fn libtest(&mut self, name: &str, command: &mut Command) -> Result<()> {
        let (all_well, text) = tee(command)?;
        let (passed, failed) = libtest_counts(&text);
        self.count(name, all_well, passed, failed);
        Ok(())
    }

    /// Adds a runner's counts. One that ended badly without naming a failed test (it did not compile,
    /// or crashed) is one more failure.
    fn count(&mut self, name: &str, all_well: bool, passed: usize, failed: usize) {
        self.passed += passed;
        self.failed += failed;
        if failed > 0 {
            self.failures.push(format!("{name}: {failed} tests"));
        } else if !all_well {
            self.fail(name, "did not run to its end");
        }
    }

    fn fail(&mut self, name: &str, reason: &str) {
        println!("{name}: FAILED: {reason}");
        self.failed += 1;
        self.failures.push(format!("{name}: {reason}"));
    }

    fn add(&mut self, other: Tally) {
        self.passed += other.passed;
        self.failed += other.failed;
        self.failures.extend(other.failures);
    }
}

impl std::fmt::Display for Tally {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{} passed, {} failed", self.passed, self.failed)
    }
}

/// Adds up the lines `test result: ok. 3 passed; 0 failed; …` of libtest and wasm-bindgen-test.
fn libtest_counts(text: &str) -> (usize, usize) {
    let number_before = |line: &str, word: &str| -> usize {
        let before = line.split(word).next().unwrap_or_default();
        before.split_whitespace().last().and_then(|n| n.parse().ok()).unwrap_or(0)
    };
    text.lines()
        .filter(|line| line.contains("test result: "))
        .map(|line| (number_before(line, " passed;"), number_before(line, " failed;")))
        .fold((0, 0), |sum, one| (sum.0 + one.0, sum.1 + one.1))
}

/// The clock, which only the model is forbidden.
#[allow(clippy::disallowed_methods)]
pub fn now() -> Instant {
    Instant::now()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn counts_of_all_binaries_add_up() {
        let text = "running 2 tests\n\
            test result: ok. 2 passed; 0 failed; 0 ignored; 0 measured; 0 filtered out; finished in 0.00s\n\
            test result: FAILED. 11 passed; 3 failed; 1 ignored; 0 filtered out; finished in 0.10s\n\
            no tests to run!\n";
        assert_eq!(libtest_counts(text), (13, 3));
    }

    #[test]
    fn a_runner_that_ends_badly_is_a_failure() {
        let mut tally = Tally::default();
        tally.count("a", false, 0, 0);
        tally.count("b", false, 1, 2);
        tally.count("c", true, 4, 0);
        assert_eq!(tally.to_string(), "5 passed, 3 failed");
        assert_eq!(tally.failures.len(), 2);
    }
}
