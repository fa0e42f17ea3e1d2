//! `cargo xtask report`: what the app weighs and how quick it is.
//!
//! Sizes come from `e2e/sizes.mjs` (Node has gzip and brotli built in), browser timings from
//! `e2e/report.mjs`, the engine's from `mmscope bench`; the latter two only where they exist.

use crate::run::{cargo, output, root, run};
use crate::{Result, build, e2e};

/// Prints the whole report.
pub fn report() -> Result<()> {
    let mut sizes = e2e::script("sizes.mjs")?;
    println!("\n# Sizes");
    run(sizes.arg(build::dist()))?;
    if root().join("e2e/report.mjs").exists() {
        let mut times = e2e::script("report.mjs")?;
        println!("\n# Times in Chromium");
        run(&mut times)?;
    }
    let help =
        output(cargo(["run", "--quiet", "--locked", "--release", "-p", "mmscope", "--"]).arg("--help"));
    if help.is_some_and(|text| text.split_whitespace().any(|word| word == "bench")) {
        println!("\n# Native times");
        run(&mut cargo(["run", "--quiet", "--locked", "--release", "-p", "mmscope", "--", "bench"]))?;
    }
    Ok(())
}
