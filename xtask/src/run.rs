//! Running other programs: from the project's folder, with the project's own tools first in `PATH`.

use crate::Result;
use std::env;
use std::ffi::OsString;
use std::io::{BufRead, BufReader, Write};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

/// The project's folder.
pub fn root() -> PathBuf {
    // Cargo sets the variable at run time, so a moved clone with its target folder still works.
    let xtask =
        env::var_os("CARGO_MANIFEST_DIR").map_or_else(|| env!("CARGO_MANIFEST_DIR").into(), PathBuf::from);
    xtask.parent().expect("xtask is a folder of the project").to_path_buf()
}

/// Where installed tools live, inside the project.
pub fn tools_bin() -> PathBuf {
    root().join(".tools/bin")
}

/// `PATH` with the project's tools first.
pub fn path() -> OsString {
    let old = env::var_os("PATH").unwrap_or_default();
    let all = std::iter::once(tools_bin()).chain(env::split_paths(&old));
    env::join_paths(all).unwrap_or(old)
}

/// Finds a program on [`path`].
pub fn find(program: &str) -> Option<PathBuf> {
    env::split_paths(&path()).map(|folder| folder.join(program)).find(|file| file.is_file())
}

/// A command that runs in the project's folder.
pub fn command(program: impl AsRef<Path>) -> Command {
    let mut command = Command::new(program.as_ref());
    command.current_dir(root()).env("PATH", path());
    // What `cargo run` tells about this crate must not reach the builds that it starts.
    command.env_remove("CARGO_MANIFEST_DIR").env_remove("CARGO_MANIFEST_PATH");
    command
}

/// A cargo command, as the toolchain that runs us.
pub fn cargo<const N: usize>(args: [&str; N]) -> Command {
    let mut command = command(env::var_os("CARGO").map_or_else(|| "cargo".into(), PathBuf::from));
    command.args(args);
    command
}

/// Runs to the end; anything but success is an error that names the command.
pub fn run(command: &mut Command) -> Result<()> {
    let status = command.status().map_err(|error| format!("{}: {error}", name(command)))?;
    if status.success() { Ok(()) } else { Err(format!("`{}` failed ({status})", name(command)).into()) }
}

/// Runs to the end without showing anything; gives standard output, or nothing if the command failed.
pub fn output(command: &mut Command) -> Option<String> {
    let output = command.stderr(Stdio::null()).output().ok()?;
    output.status.success().then(|| String::from_utf8_lossy(&output.stdout).into_owned())
}

/// Runs to the end, showing standard output and keeping it as well; the flag is success.
pub fn tee(command: &mut Command) -> Result<(bool, String)> {
    let mut child =
        command.stdout(Stdio::piped()).spawn().map_err(|error| format!("{}: {error}", name(command)))?;
    let mut kept = String::new();
    let mut reader = BufReader::new(child.stdout.take().expect("piped above"));
    let mut line = Vec::new();
    while reader.read_until(b'\n', &mut line)? > 0 {
        std::io::stdout().write_all(&line)?;
        kept.push_str(&String::from_utf8_lossy(&line));
        line.clear();
    }
    Ok((child.wait()?.success(), kept))
}

/// The command as a person would type it, without folders.
pub fn name(command: &Command) -> String {
    let program = Path::new(command.get_program()).file_name().unwrap_or_default();
    std::iter::once(program)
        .chain(command.get_args())
        .map(|s| s.to_string_lossy())
        .collect::<Vec<_>>()
        .join(" ")
}
