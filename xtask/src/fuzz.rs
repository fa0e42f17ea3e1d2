//! The fuzz targets (`fuzz/`): libFuzzer on the readers of people's texts, led by the compiler's coverage counters.
//!
//! The counters come from flags of the stable compiler, so no nightly and no cargo-fuzz is needed; libFuzzer itself is
//! compiled from the crate's own sources, which takes a C++ compiler.

use crate::Result;
use crate::run::{cargo, root, run};
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Child, Command};

/// Name, and where its first texts lie: folders and files.
const TARGETS: [(&str, &[&str]); 4] = [
    ("trace", &["crates/kernel-io/tests/data"]),
    ("proc", &["crates/kernel-io/tests/data"]),
    ("scenario-text", &["crates/scenario/src/builtin", "crates/scenario/tests/texts"]),
    ("link", &["crates/scenario/tests/golden_links.txt", "crates/scenario/src/builtin"]),
];

/// What `cargo fuzz` asks the compiler for, without a sanitizer.
const FLAGS: &str = "-Cpasses=sancov-module -Cllvm-args=-sanitizer-coverage-level=4 \
    -Cllvm-args=-sanitizer-coverage-inline-8bit-counters -Cllvm-args=-sanitizer-coverage-pc-table \
    -Cllvm-args=-sanitizer-coverage-trace-compares -Ccodegen-units=1 --cfg fuzzing";

/// Texts that take longer than this are findings, in seconds.
const TIMEOUT: u32 = 10;
/// Longer texts hardly find more.
const MAX_LEN: u32 = 1 << 14;

/// Builds the targets, and runs each for so many minutes, as many at once as there are CPUs.
pub fn fuzz(minutes: u64) -> Result<()> {
    let (folder, host) = (root().join("target/fuzz"), host()?);
    let mut build =
        cargo(["build", "--release", "--locked", "--manifest-path", "fuzz/Cargo.toml", "--target", &host]);
    // With a target named, the flags do not reach build scripts.
    run(build.env("RUSTFLAGS", FLAGS).env("CARGO_TARGET_DIR", &folder))
        .map_err(|error| format!("{error}; libFuzzer needs a C++ compiler (Debian: g++)"))?;
    let at_once = std::thread::available_parallelism().map_or(1, usize::from);
    for targets in TARGETS.chunks(at_once) {
        let mut running = Vec::new();
        for (name, seeds) in targets {
            let program = folder.join(&host).join("release").join(name);
            running.push((name, start(&program, &folder.join("texts").join(name), seeds, minutes)?));
        }
        for (name, mut child) in running {
            let status = child.wait()?;
            if !status.success() {
                return Err(
                    format!("fuzz target {name}: a finding ({status}); the text is in target/fuzz/").into()
                );
            }
            println!("fuzz target {name}: nothing found in {minutes} minutes");
        }
    }
    Ok(())
}

fn start(program: &Path, texts: &Path, seeds: &[&str], minutes: u64) -> Result<Child> {
    fs::create_dir_all(texts)?;
    for seed in seeds {
        copy_seeds(&root().join(seed), texts)?;
    }
    let mut command = Command::new(program);
    command
        .arg(format!("-max_total_time={}", 60 * minutes))
        .args([format!("-timeout={TIMEOUT}"), format!("-max_len={MAX_LEN}"), "-print_final_stats=1".into()])
        .args(["-verbosity=0", "-rss_limit_mb=4096"])
        .arg(texts)
        .current_dir(root().join("target/fuzz"));
    Ok(command.spawn()?)
}

/// Every file, and of a list of links every one.
fn copy_seeds(from: &Path, to: &Path) -> Result<()> {
    if from.is_dir() {
        for entry in fs::read_dir(from)? {
            copy_seeds(&entry?.path(), to)?;
        }
        return Ok(());
    }
    let name = |at: &str| -> PathBuf {
        let path = from.strip_prefix(root()).unwrap_or(from).to_string_lossy().replace('/', "-");
        to.join(format!("{path}{at}"))
    };
    let bytes = fs::read(from)?;
    if from.ends_with("golden_links.txt") {
        for (at, line) in String::from_utf8_lossy(&bytes).lines().enumerate() {
            fs::write(name(&format!("-{at}")), line.split('\t').next().unwrap_or_default())?;
        }
        return Ok(());
    }
    fs::write(name(""), bytes)?;
    Ok(())
}

/// The machine that compiles, as the compiler names it.
fn host() -> Result<String> {
    let version = crate::run::output(crate::run::command("rustc").arg("-vV")).ok_or("rustc does not run")?;
    let host = version.lines().find_map(|line| line.strip_prefix("host: "));
    Ok(host.ok_or("rustc does not say what it is for")?.to_owned())
}
