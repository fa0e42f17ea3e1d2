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

/// Cargo's profile of the page: what is shipped over the wire is small.
pub const PAGE: &str = "page";
/// Where Trunk is told of a profile.
pub const PROFILE: &str = "TRUNK_BUILD_CARGO_PROFILE";

/// Replaces the app in Trunk's staging folder.
pub fn split(staging: &Path) -> Result<()> {
    // `trunk serve` by hand comes here without having asked for them.
    tools::ensure(&[tools::WASM_BINDGEN, tools::WASM_SPLIT])?;
    let stem = fs::read_dir(staging)?
        .filter_map(|entry| entry.ok()?.file_name().into_string().ok())
        .find_map(|name| name.strip_suffix("_bg.wasm").map(str::to_owned))
        .ok_or("Trunk staged no app")?;
    let work = target().join("parts");
    fs::remove_dir_all(&work).ok();
    fs::create_dir_all(&work)?;
    let release = std::env::var("TRUNK_PROFILE").is_ok_and(|name| name == "release");
    let said = std::env::var(PROFILE).ok();
    let profile = said.as_deref().unwrap_or(if release { "release" } else { "debug" });
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
    if !release {
        return Ok(fs::write(app, text)?);
    }
    let main = staging.join(format!("{stem}_bg.wasm"));
    let (module, text) = with_short_imports(&fs::read(&main)?, &without_comments(&text))
        .ok_or("the app and its script do not fit together")?;
    fs::write(main, module)?;
    fs::write(app, text)?;
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

/// How long the beginning of a module is.
const HEADER: usize = 8;
/// Kinds of sections.
const CUSTOM: u8 = 0;
const IMPORT: u8 = 2;

/// A module without names, relocations and other notes; `None` if it is no module.
fn without_custom_sections(module: &[u8]) -> Option<Vec<u8>> {
    let mut out = module.get(..HEADER)?.to_vec();
    for (_, section, _) in sections(module)?.into_iter().filter(|(id, ..)| *id != CUSTOM) {
        out.extend_from_slice(section);
    }
    Some(out)
}

/// A module and its script under short names for what the module imports from it: wasm-bindgen's own end in digits
/// that cannot be compressed. `None` if the two do not fit together.
fn with_short_imports(module: &[u8], script: &str) -> Option<(Vec<u8>, String)> {
    let mut out = module.get(..HEADER)?.to_vec();
    let mut script = script.to_owned();
    for (id, section, content) in sections(module)? {
        if id != IMPORT {
            out.extend_from_slice(section);
            continue;
        }
        let mut at = 0;
        let count = number(content, &mut at)?;
        let mut imports = Vec::new();
        push_number(&mut imports, count);
        for n in 0..count {
            let (from, name) = (name(content, &mut at)?, name(content, &mut at)?);
            let start = at;
            // All are functions: a kind, and the number of a type.
            let kind = *content.get(at)?;
            at += 1;
            number(content, &mut at).filter(|_| kind == 0)?;
            let short = format!("i{n}");
            let (member, shorter) = (format!("\n{name}: "), format!("\n{short}: "));
            // What the parts' own script gives keeps its name.
            let short = if script.contains(&member) { &short } else { name };
            script = script.replace(&member, &shorter);
            for text in [from, short] {
                push_number(&mut imports, text.len());
                imports.extend_from_slice(text.as_bytes());
            }
            imports.extend_from_slice(&content[start..at]);
        }
        out.push(IMPORT);
        push_number(&mut out, imports.len());
        out.extend_from_slice(&imports);
    }
    Some((out, script))
}

/// A section of a module: its kind, all of it, what is in it.
type Section<'a> = (u8, &'a [u8], &'a [u8]);

/// The sections of a module.
fn sections(module: &[u8]) -> Option<Vec<Section<'_>>> {
    let mut sections = Vec::new();
    let mut at = HEADER;
    while at < module.len() {
        let start = at;
        at += 1;
        let size = number(module, &mut at)?;
        let content = module.get(at..at.checked_add(size)?)?;
        at += size;
        sections.push((module[start], &module[start..at], content));
    }
    Some(sections)
}

/// A name as a module writes it.
fn name<'a>(bytes: &'a [u8], at: &mut usize) -> Option<&'a str> {
    let len = number(bytes, at)?;
    let name = bytes.get(*at..at.checked_add(len)?)?;
    *at += len;
    std::str::from_utf8(name).ok()
}

/// A number as a module writes it: seven bits in a byte, the lowest first.
fn number(bytes: &[u8], at: &mut usize) -> Option<usize> {
    let (mut number, mut shift) = (0usize, 0);
    loop {
        let byte = *bytes.get(*at)?;
        *at += 1;
        number |= usize::from(byte & 0x7f).checked_shl(shift)?;
        shift += 7;
        if byte & 0x80 == 0 {
            return Some(number);
        }
    }
}

fn push_number(out: &mut Vec<u8>, mut number: usize) {
    while number >= 0x80 {
        out.push(number as u8 | 0x80);
        number >>= 7;
    }
    out.push(number as u8);
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
    fn imports_get_short_names() {
        let imports = |names: [&str; 2]| {
            let mut module = b"\0asm\x01\0\0\0".to_vec();
            let mut content = vec![2];
            for name in names {
                content.extend([&[1, b'm', name.len() as u8], name.as_bytes(), &[0, 7]].concat());
            }
            module.extend([&[IMPORT, content.len() as u8][..], &content, &[1, 1, 0]].concat());
            module
        };
        let script = "const import0 = {\n__wbg_body_e549: function() {\n},\n};\n";
        assert_eq!(
            with_short_imports(&imports(["__wbg_body_e549", "load"]), script),
            Some((imports(["i0", "load"]), script.replace("__wbg_body_e549", "i0")))
        );
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
