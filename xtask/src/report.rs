//! `cargo xtask report`: what the app weighs and how quick it is.
//!
//! Sizes come from `e2e/sizes.mjs` (Node has gzip and brotli built in), browser timings from
//! `e2e/report.mjs`, the engine's from `mmscope bench`; the latter two only where they exist.

use crate::run::{cargo, command, output, root, run};
use crate::{Result, build, e2e, system, tools};

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
        println!("\n# Times in WebAssembly");
        bench_in_wasm(&["session"])?;
    }
    Ok(())
}

/// Runs `mmscope bench` as WebAssembly in Node, built as the page is, and in 192 MiB of memory, no more: what does not
/// fit in there fails. Allocators that manage real memory have no place in it.
pub fn bench_in_wasm(names: &[&str]) -> Result<()> {
    const TARGET: &str = "wasm32-wasip1";
    /// Given at once: growing would be measured as well.
    const MEMORY: u32 = 192 << 20;
    tools::ensure_target(TARGET)?;
    system::node()?;
    let mut build = cargo(["build", "--quiet", "--locked", "--profile", "page", "-p", "mmscope"]);
    let sizes = format!("-C link-arg=--initial-memory={MEMORY} -C link-arg=--max-memory={MEMORY}");
    run(build.args(["--target", TARGET]).env("CARGO_TARGET_WASM32_WASIP1_RUSTFLAGS", sizes))?;
    let program = format!("target/{TARGET}/page/mmscope.wasm");
    run(command("node").args(["--no-warnings", "e2e/wasi.mjs", &program, "bench"]).args(names))
}
