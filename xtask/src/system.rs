//! What comes from the system: browsers, their drivers, fonts, Node and the e2e folder's packages.
//!
//! On Debian and its relatives missing packages are installed (as root, or with a `sudo` that asks
//! nothing); elsewhere one line says what is missing.

use crate::Result;
use crate::run::{command, find, output, root, run};
use crate::tools;
use std::env;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

/// A browser with its WebDriver.
pub struct Browser {
    /// The browser itself.
    pub program: PathBuf,
    /// What WebDriver clients start.
    pub driver: PathBuf,
}

/// Installs everything that any command may need.
pub fn set_up_everything() -> Result<()> {
    tools::ensure_wasm_target()?;
    tools::ensure_component("rustfmt", "rustfmt")?;
    tools::ensure_component("clippy", "clippy-driver")?;
    tools::ensure(&[tools::TRUNK, tools::WASM_BINDGEN, tools::WASM_SPLIT])?;
    chromium()?;
    headless_chromium()?;
    node()?;
    if let Err(error) = firefox() {
        println!("optional: {error}");
    }
    println!("everything is installed; {}", tools::hint());
    Ok(())
}

/// Chromium and chromedriver.
pub fn chromium() -> Result<Browser> {
    const NAMES: [&str; 4] = ["chromium", "chromium-browser", "google-chrome", "google-chrome-stable"];
    let program = || from_env("MMSCOPE_CHROMIUM").or_else(|| NAMES.iter().find_map(|name| find(name)));
    let driver = || from_env("CHROMEDRIVER").or_else(|| find("chromedriver"));
    if program().is_none() || driver().is_none() {
        apt_install(&["chromium", "chromium-driver"], "Chromium and chromedriver")?;
    }
    match (program(), driver()) {
        (Some(program), Some(driver)) => Ok(Browser { program, driver }),
        _ => Err("Chromium or chromedriver is missing; install both, or name them in MMSCOPE_CHROMIUM and \
                  CHROMEDRIVER"
            .into()),
    }
}

/// The browser that scripts drive: Chromium without a window of its own, which takes a third less time, or else the
/// usual one.
pub fn headless_chromium() -> Result<PathBuf> {
    let program = || from_env("MMSCOPE_CHROMIUM").or_else(|| find("chromium-headless-shell"));
    if program().is_none() {
        apt_install(&["chromium-headless-shell"], "Chromium without a window").ok();
    }
    program().map_or_else(|| Ok(chromium()?.program), Ok)
}

/// Firefox and geckodriver; optional, so the caller reports an error and goes on.
pub fn firefox() -> Result<Browser> {
    let program = || from_env("MMSCOPE_FIREFOX").or_else(|| find("firefox-esr")).or_else(|| find("firefox"));
    if program().is_none() {
        apt_install(&["firefox-esr"], "Firefox")?;
    }
    let program = program().ok_or("Firefox is missing; install it, or name it in MMSCOPE_FIREFOX")?;
    if let Some(driver) = from_env("GECKODRIVER") {
        return Ok(Browser { program, driver });
    }
    tools::ensure(&[tools::GECKODRIVER])?;
    Ok(Browser { program, driver: find("geckodriver").ok_or("geckodriver is missing")? })
}

/// A font for Chinese pictures: without one they show boxes.
pub fn chinese_font() -> Result<()> {
    let listed = output(command("fc-list").args([":lang=zh", "family"]));
    if listed.is_some_and(|fonts| !fonts.trim().is_empty()) {
        return Ok(());
    }
    apt_install(&["fontconfig", "fonts-noto-cjk"], "a Chinese font")
}

/// Node 18 or newer with npm, and the packages of e2e/.
pub fn node() -> Result<()> {
    if find("node").is_none() || find("npm").is_none() {
        apt_install(&["nodejs", "npm"], "Node and npm")?;
    }
    let version = output(command("node").arg("--version")).unwrap_or_default();
    let major: u32 =
        version.trim_start_matches('v').split('.').next().and_then(|v| v.parse().ok()).unwrap_or(0);
    if major < 18 {
        return Err(
            "Node 18 or newer is missing; install it with npm, for example from your distribution".into()
        );
    }
    // npm keeps a copy of the lock file where it installed: the same text means nothing is to do.
    let stamp = root().join("e2e/node_modules/.mmscope-lock");
    let lock = fs::read_to_string(root().join("e2e/package-lock.json"))?;
    if fs::read_to_string(&stamp).is_ok_and(|installed| installed == lock) {
        return Ok(());
    }
    println!("installing the packages of e2e/ into e2e/node_modules (npm ci)");
    run(command("npm")
        .args(["ci", "--no-audit", "--no-fund", "--ignore-scripts"])
        .current_dir(root().join("e2e")))
    .map_err(|_| "the packages of e2e/ are missing; get them with `npm ci` in e2e/")?;
    fs::write(stamp, lock)?;
    Ok(())
}

/// Installs Debian packages, or says how.
fn apt_install(packages: &[&str], what: &str) -> Result<()> {
    let by_hand = format!("{what} missing; get it with `sudo apt-get install {}`", packages.join(" "));
    if find("apt-get").is_none() {
        return Err(format!(
            "{what} missing, and this system has no apt-get: install it by your system's means"
        )
        .into());
    }
    let root_user = output(command("id").arg("-u")).is_some_and(|id| id.trim() == "0");
    let may_sudo = || quiet(command("sudo").args(["-n", "true"]));
    if !root_user && !may_sudo() {
        return Err(by_hand.into());
    }
    println!("installing {what}: apt-get install {}", packages.join(" "));
    let apt = |args: &[&str]| {
        let mut apt = if root_user { command("apt-get") } else { command("sudo") };
        if !root_user {
            apt.args(["-n", "apt-get"]);
        }
        apt.env("DEBIAN_FRONTEND", "noninteractive").arg("-qq").args(args);
        quiet(&mut apt)
    };
    // A stale list may still do, so only the second step decides.
    apt(&["update"]);
    let install: Vec<&str> =
        ["install", "-y", "--no-install-recommends"].iter().chain(packages).copied().collect();
    if apt(&install) { Ok(()) } else { Err(by_hand.into()) }
}

fn quiet(command: &mut Command) -> bool {
    command
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .status()
        .is_ok_and(|s| s.success())
}

fn from_env(name: &str) -> Option<PathBuf> {
    env::var_os(name).map(PathBuf::from).filter(|file| Path::new(file).is_file())
}
