//! Rust tools at pinned versions, installed into `.tools/` by `cargo install` when they are missing.
//!
//! They are built without optimisation: they run for a second at a time, and a first picture within
//! minutes matters more. Those already on `PATH` at the right version are taken as they are.

use crate::Result;
use crate::run::{cargo, command, find, output, path, root, run, tools_bin};
use std::fs;
use std::path::PathBuf;
use std::process::{Command, ExitCode, Stdio};

/// A crate whose programs we call.
pub struct Tool {
    krate: &'static str,
    /// `None`: the version of the library of that name in Cargo.lock, which it must equal.
    version: Option<&'static str>,
    /// The first one tells the version of all.
    programs: &'static [&'static str],
}

/// The bundler. Newer ones need a newer Rust than the project's.
pub const TRUNK: Tool = Tool { krate: "trunk", version: Some("0.21.14"), programs: &["trunk"] };

/// Must equal the `wasm-bindgen` library to the last digit.
pub const WASM_BINDGEN: Tool = Tool {
    krate: "wasm-bindgen-cli",
    version: None,
    programs: &["wasm-bindgen", "wasm-bindgen-test-runner"],
};

/// Cuts the page into parts; it understands what the library `wasm_split_helpers` marks.
pub const WASM_SPLIT: Tool =
    Tool { krate: "wasm_split_cli_support", version: Some("0.2.4"), programs: &["wasm-split-cli"] };

/// Firefox's driver, which Debian does not package.
pub const GECKODRIVER: Tool =
    Tool { krate: "geckodriver", version: Some("0.37.1"), programs: &["geckodriver"] };

impl Tool {
    fn version(&self) -> Result<String> {
        match self.version {
            Some(version) => Ok(version.to_string()),
            None => {
                let lock = fs::read_to_string(root().join("Cargo.lock"))?;
                locked_version(&lock, "wasm-bindgen").ok_or_else(|| "no wasm-bindgen in Cargo.lock".into())
            }
        }
    }

    fn is_installed(&self, version: &str) -> bool {
        let told = |program: &str| find(program).and_then(|file| output(command(file).arg("--version")));
        let is_it = |text: String| text.split_whitespace().any(|word| word == version);
        self.programs.iter().all(|p| find(p).is_some())
            && (told(self.programs[0]).is_some_and(is_it) || self.is_ours(version))
    }

    /// Whether cargo put this version into `.tools/`: not every program tells its own.
    fn is_ours(&self, version: &str) -> bool {
        let ours = fs::read_to_string(root().join(".tools/.crates.toml")).unwrap_or_default();
        ours.contains(&format!("\"{} {version} ", self.krate))
    }

    /// `cargo install`, its words going to a log.
    fn install(&self, version: &str) -> Result<()> {
        println!(
            "installing {} {version} into .tools/ (once; log: .tools/log/{}.log)",
            self.krate, self.krate
        );
        fs::create_dir_all(root().join(".tools/log"))?;
        let log = fs::File::create(self.log())?;
        let mut install =
            cargo(["install", "--locked", "--force", "--no-default-features", "--version", version]);
        if self.krate == WASM_SPLIT.krate {
            install.args(["--features", "build-binary"]);
        }
        install.arg("--root").arg(root().join(".tools")).arg("--target-dir").arg(self.build_folder());
        for program in self.programs {
            install.args(["--bin", program]);
        }
        for (setting, value) in [
            ("LTO", "off"),
            ("OPT_LEVEL", "0"),
            ("CODEGEN_UNITS", "16"),
            ("DEBUG", "false"),
            ("STRIP", "none"),
        ] {
            install.env(format!("CARGO_PROFILE_RELEASE_{setting}"), value);
        }
        install.arg(self.krate).stdin(Stdio::null()).stdout(log.try_clone()?).stderr(log);
        if install.status()?.success() {
            fs::remove_dir_all(self.build_folder()).ok();
            return Ok(());
        }
        let log = fs::read_to_string(self.log()).unwrap_or_default();
        let reason = log.lines().rfind(|line| line.starts_with("error")).unwrap_or("no reason in the log");
        Err(format!(
            "{} {version} is missing and could not be installed ({reason}); get it with \
             `cargo install --locked {}@{version}`",
            self.krate, self.krate
        )
        .into())
    }

    fn log(&self) -> PathBuf {
        root().join(format!(".tools/log/{}.log", self.krate))
    }

    fn build_folder(&self) -> PathBuf {
        root().join(format!(".tools/build/{}", self.krate))
    }
}

/// Makes sure that all of them are there. One after the other: each takes all cores, and side by side they were
/// slower (measured on two cores).
pub fn ensure(tools: &[Tool]) -> Result<()> {
    for tool in tools {
        let version = tool.version()?;
        if !tool.is_installed(&version) {
            tool.install(&version)?;
        }
    }
    Ok(())
}

/// Makes sure that the toolchain can build for the browser.
pub fn ensure_wasm_target() -> Result<()> {
    ensure_target("wasm32-unknown-unknown")
}

/// The standard library for a target.
pub fn ensure_target(target: &str) -> Result<()> {
    let folder = output(command("rustc").args(["--print", "target-libdir", "--target", target]));
    if folder.is_some_and(|folder| PathBuf::from(folder.trim()).is_dir()) {
        return Ok(());
    }
    println!("installing the Rust target {target} (rustup)");
    run(command("rustup").args(["target", "add", target])).map_err(|_| {
        format!("the Rust target {target} is missing; get it with `rustup target add {target}`").into()
    })
}

/// Makes sure that the toolchain can format and lint.
pub fn ensure_component(component: &str, program: &str) -> Result<()> {
    if output(command(program).arg("--version")).is_some() {
        return Ok(());
    }
    println!("installing the Rust component {component} (rustup)");
    run(command("rustup").args(["component", "add", component])).map_err(|_| {
        format!("the Rust component {component} is missing; get it with `rustup component add {component}`")
            .into()
    })
}

/// Cargo's runner for wasm32: installs the real one when missing, and gives it patient time limits.
pub fn wasm_test_runner(args: &[String]) -> Result<ExitCode> {
    ensure(&[WASM_BINDGEN])?;
    let mut runner =
        Command::new(find("wasm-bindgen-test-runner").ok_or("wasm-bindgen-test-runner is missing")?);
    // Not run::command: the runner reads webdriver.json from the package's folder, where cargo starts us.
    runner.env("PATH", path());
    for (name, seconds) in [("WASM_BINDGEN_TEST_TIMEOUT", "300"), ("WASM_BINDGEN_TEST_DRIVER_TIMEOUT", "60")]
    {
        if std::env::var_os(name).is_none() {
            runner.env(name, seconds);
        }
    }
    // Without a word from the caller it is Chromium, whatever other driver is installed.
    let chosen = ["CHROMEDRIVER", "GECKODRIVER", "CHROMEDRIVER_REMOTE", "GECKODRIVER_REMOTE"];
    if chosen.iter().all(|name| std::env::var_os(name).is_none())
        && let Some(driver) = find("chromedriver")
    {
        runner.env("CHROMEDRIVER", driver);
    }
    // `cargo test -q` says --quiet to every runner, and this one does not know the word.
    runner.args(args.iter().filter(|arg| *arg != "--quiet"));
    Ok(if runner.status()?.success() { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

/// The version of a package in the text of Cargo.lock.
fn locked_version(lock: &str, package: &str) -> Option<String> {
    let name = format!("name = \"{package}\"");
    let mut lines = lock.lines().skip_while(|line| *line != name);
    let version = lines.nth(1)?.strip_prefix("version = \"")?;
    Some(version.trim_end_matches('"').to_string())
}

/// Where `.tools/bin` is, if a person wants to use the tools by hand.
pub fn hint() -> String {
    format!(
        "{} first in PATH gives `trunk serve`",
        tools_bin().strip_prefix(root()).unwrap_or(&tools_bin()).display()
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn version_is_read_from_the_lock_file() {
        let lock = "[[package]]\nname = \"wasm-bindgen-x\"\nversion = \"9.9.9\"\n\n\
                    [[package]]\nname = \"wasm-bindgen\"\nversion = \"0.2.129\"\nsource = \"…\"\n";
        assert_eq!(locked_version(lock, "wasm-bindgen").as_deref(), Some("0.2.129"));
        assert_eq!(locked_version(lock, "yew"), None);
    }
}
