//! Cuts the compiled page into a main module and its parts (`web/src/lazy.rs`).
//!
//! Cutting comes before wasm-bindgen, and Trunk has no hook there: what Trunk made of the whole module is replaced.
//! The parts are named after their content, as Trunk's own files are.

use crate::Result;
use crate::build::hash;
use crate::run::{command, root, run};
use crate::tools;
use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

/// Replaces the app in Trunk's staging folder.
pub fn split(staging: &Path) -> Result<()> {
    // `trunk serve` by hand comes here without having asked for them.
    tools::ensure(&[tools::WASM_BINDGEN, tools::WASM_SPLIT], None)?;
    let stem = fs::read_dir(staging)?
        .filter_map(|entry| entry.ok()?.file_name().into_string().ok())
        .find_map(|name| name.strip_suffix("_bg.wasm").map(str::to_owned))
        .ok_or("Trunk staged no app")?;
    let work = target().join("parts");
    fs::remove_dir_all(&work).ok();
    fs::create_dir_all(&work)?;
    let release = std::env::var("TRUNK_PROFILE").is_ok_and(|name| name == "release");
    let profile = if release { "release" } else { "debug" };
    let whole = target().join("wasm32-unknown-unknown").join(profile).join("app.wasm");
    run(command("wasm-split-cli").arg(whole).arg(&work).args(["--target", "web", "--out-name", &stem]))?;
    let main = work.join(format!("{stem}.wasm"));
    let mut bindgen = command("wasm-bindgen");
    bindgen
        .args(["--target", "web", "--no-typescript", "--keep-lld-exports", "--out-name", &stem, "--out-dir"])
        .arg(staging);
    if release {
        bindgen.args(["--remove-name-section", "--remove-producers-section"]);
    }
    run(bindgen.arg(&main))?;
    fs::remove_file(main)?;

    // The parts, then the script that names them, then the app's script that names that one.
    let mut names = BTreeMap::new();
    for file in files(&work, "wasm")? {
        let bytes = without_custom_sections(&fs::read(&file)?).ok_or("a part is no module")?;
        let name = hashed(&file, &bytes);
        fs::write(staging.join(&name), bytes)?;
        names.insert(file_name(&file), name);
    }
    for file in files(&work, "js")? {
        let text = renamed(&fs::read_to_string(&file)?, &names);
        let name = hashed(&file, text.as_bytes());
        fs::write(staging.join(&name), text)?;
        names.insert(file_name(&file), name);
    }
    let app = staging.join(format!("{stem}.js"));
    let text = renamed(&fs::read_to_string(&app)?, &names);
    fs::write(app, if release { without_comments(&text) } else { text })?;
    Ok(())
}

/// Cargo's target folder.
fn target() -> PathBuf {
    std::env::var_os("CARGO_TARGET_DIR").map_or_else(|| root().join("target"), |folder| root().join(folder))
}

fn file_name(file: &Path) -> String {
    file.file_name().unwrap_or_default().to_string_lossy().into_owned()
}

fn files(folder: &Path, extension: &str) -> Result<Vec<PathBuf>> {
    let mut files: Vec<PathBuf> =
        fs::read_dir(folder)?.filter_map(|entry| Some(entry.ok()?.path())).collect();
    files.retain(|file| file.extension().is_some_and(|e| e == extension));
    files.sort();
    Ok(files)
}

/// `part-NAME-HASH.EXTENSION`.
fn hashed(file: &Path, bytes: &[u8]) -> String {
    let part = |part: Option<&std::ffi::OsStr>| part.unwrap_or_default().to_string_lossy().into_owned();
    let name = part(file.file_stem());
    format!("part-{}-{}.{}", name.trim_matches('_'), hash(bytes), part(file.extension()))
}

/// New names where a script fetches; the names by which modules know each other stay.
fn renamed(text: &str, names: &BTreeMap<String, String>) -> String {
    names.iter().fold(text.to_owned(), |text, (old, new)| {
        ["from \"./", "new URL(\"./"]
            .iter()
            .fold(text, |text, before| text.replace(&format!("{before}{old}\""), &format!("{before}{new}\"")))
    })
}

/// A script of wasm-bindgen without its comments and the blanks before its lines: Trunk's own minifier does not read
/// it. No text in it reaches over a line.
fn without_comments(script: &str) -> String {
    let mut out = String::new();
    let mut inside = false;
    for line in script.lines().map(str::trim).filter(|line| !line.is_empty()) {
        inside |= line.starts_with("/*");
        if !inside && !line.starts_with("//") {
            out.push_str(line);
            out.push('\n');
        }
        inside &= !line.ends_with("*/");
    }
    out
}

/// A module without names, relocations and other notes; `None` if it is no module.
fn without_custom_sections(module: &[u8]) -> Option<Vec<u8>> {
    const HEADER: usize = 8;
    const CUSTOM: u8 = 0;
    let mut out = module.get(..HEADER)?.to_vec();
    let mut at = HEADER;
    while at < module.len() {
        let (start, id) = (at, module[at]);
        at += 1;
        let (mut size, mut shift) = (0usize, 0);
        loop {
            let byte = *module.get(at)?;
            at += 1;
            size |= usize::from(byte & 0x7f) << shift;
            shift += 7;
            if byte & 0x80 == 0 {
                break;
            }
        }
        at = at.checked_add(size)?;
        let section = module.get(start..at)?;
        if id != CUSTOM {
            out.extend_from_slice(section);
        }
    }
    Some(out)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn custom_sections_go() {
        let header = *b"\0asm\x01\0\0\0";
        let module = [&header[..], &[0, 2, 1, b'x'], &[1, 1, 0], &[0, 1, 0]].concat();
        assert_eq!(without_custom_sections(&module), Some([&header[..], &[1, 1, 0]].concat()));
        assert_eq!(without_custom_sections(&module[..14]), None);
    }

    #[test]
    fn comments_go() {
        let script = "/**\n * What it does.\n */\nfunction f() {\n    // why\n    return \"// no\";\n}\n";
        assert_eq!(without_comments(script), "function f() {\nreturn \"// no\";\n}\n");
    }

    #[test]
    fn names_change_where_something_is_fetched() {
        let names = BTreeMap::from([("a.js".to_owned(), "part-a-1.js".to_owned())]);
        let script = |name: &str| format!("import * as m from \"./{name}\"; const i = {{\"./a.js\": m}};");
        assert_eq!(renamed(&script("a.js"), &names), script("part-a-1.js"));
    }
}
