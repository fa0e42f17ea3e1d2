//! The scripts of `e2e/`, each against a freshly built and served `dist/`.
//!
//! They get the address in `MMSCOPE_URL`, the same site below a folder in `MMSCOPE_SUBPATH_URL`, the
//! browser in `MMSCOPE_CHROMIUM`, and `MMSCOPE_FIREFOX` if that one is installed.

use crate::Result;
use crate::build::{self, Profile};
use crate::run::{command, find, root, run};
use crate::{serve, system};
use std::fs;
use std::process::Command;

/// What Playwright counted.
pub struct Counts {
    /// It ended well.
    pub all_well: bool,
    /// Specs as expected.
    pub passed: usize,
    /// Specs that failed, or only passed when tried again.
    pub failed: usize,
}

/// Builds, serves and runs the specs, with Playwright's own arguments.
pub fn specs(args: &[String]) -> Result<Counts> {
    let report = root().join("e2e/out/report.json");
    fs::create_dir_all(root().join("e2e/out"))?;
    fs::remove_file(&report).ok();
    let mut playwright = script("node_modules/@playwright/test/cli.js")?;
    playwright.args(["test", "--reporter=list,json"]).args(args).env("PLAYWRIGHT_JSON_OUTPUT_NAME", &report);
    let all_well = playwright.status()?.success();
    let text = fs::read_to_string(&report).map_err(|_| "Playwright did not run to its end")?;
    let (passed, failed) = playwright_counts(&serde_json::from_str(&text)?);
    Ok(Counts { all_well, passed, failed })
}

/// `cargo xtask e2e`.
pub fn playwright(args: &[String]) -> Result<()> {
    let counts = specs(args)?;
    println!("{} passed, {} failed", counts.passed, counts.failed);
    if counts.all_well { Ok(()) } else { Err("Playwright reports a failure".into()) }
}

/// `cargo xtask shots`.
pub fn shots() -> Result<()> {
    if !root().join("e2e/shots.mjs").exists() {
        return Err("e2e/shots.mjs does not exist yet".into());
    }
    if let Err(error) = system::chinese_font() {
        println!("Chinese text will show boxes: {error}");
    }
    fs::create_dir_all(root().join("e2e/out"))?;
    run(&mut script("shots.mjs")?)
}

/// A node script of `e2e/`, ready to run: everything installed, the app built and served.
pub fn script(file: &str) -> Result<Command> {
    let browser = system::headless_chromium()?;
    system::node()?;
    build::build(Profile::Release)?;
    let address = serve::serve_aside(&build::dist())?;
    let mut node = command("node");
    node.arg(file).current_dir(root().join("e2e"));
    node.env("MMSCOPE_SUBPATH_URL", format!("{}{}", address.trim_end_matches('/'), serve::SUBPATH));
    node.env("MMSCOPE_URL", address).env("MMSCOPE_CHROMIUM", browser);
    if let Some(firefox) = find("firefox-esr").or_else(|| find("firefox")) {
        node.env("MMSCOPE_FIREFOX", firefox);
    }
    Ok(node)
}

fn playwright_counts(report: &serde_json::Value) -> (usize, usize) {
    let number = |name: &str| report["stats"][name].as_u64().unwrap_or(0) as usize;
    let errors = report["errors"].as_array().map_or(0, Vec::len);
    (number("expected"), number("unexpected") + number("flaky") + errors)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn flaky_specs_and_errors_are_failures() {
        let report = serde_json::json!({
            "errors": [{"message": "no such file"}],
            "stats": {"expected": 5, "unexpected": 1, "flaky": 1, "skipped": 2},
        });
        assert_eq!(playwright_counts(&report), (5, 3));
    }
}
