//! From source to `dist/`, by Trunk; and what follows each of Trunk's builds.
//!
//! Trunk writes its start script, and under `trunk serve` its reload script, into the page. The page's
//! policy forbids inline scripts, so the post-build hook moves them into files named by their content.

use crate::Result;
use crate::run::{command, root, run};
use crate::{split, tools};
use std::fs;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::path::PathBuf;

/// How the app is compiled.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Profile {
    /// Small and quick: what is shipped.
    Release,
    /// Compiled in seconds, with checks.
    Dev,
}

/// Where the built app is.
pub fn dist() -> PathBuf {
    root().join("dist")
}

/// Builds the app into [`dist`], installing what is missing.
pub fn build(profile: Profile) -> Result<()> {
    tools::ensure_wasm_target()?;
    let mut trunk = command("trunk");
    // Trunk 0.21 takes the usual NO_COLOR=1 for a wrong argument, and prints its own backtrace below a
    // compiler's message where that is switched on.
    trunk.args(["build", "--locked"]).env_remove("NO_COLOR").env("RUST_BACKTRACE", "0");
    if profile == Profile::Release {
        trunk.arg("--release").env(split::PROFILE, split::PAGE);
    }
    tools::ensure(&[tools::TRUNK, tools::WASM_BINDGEN, tools::WASM_SPLIT])?;
    run(&mut trunk)
}

/// Trunk's hook: makes the page that Trunk staged fit its own Content-Security-Policy.
pub fn post_build() -> Result<()> {
    let staging =
        std::env::var_os("TRUNK_STAGING_DIR").ok_or("post-build is Trunk's hook: use `cargo xtask build`")?;
    let staging = PathBuf::from(staging);
    split::split(&staging)?;
    let page = staging.join("index.html");
    let base = std::env::var("TRUNK_PUBLIC_URL").unwrap_or_else(|_| "./".into());
    let (mut html, mut files) = externalise(&fs::read_to_string(&page)?, &base)?;
    for (name, text) in [("lessons", lessons()?), ("dictionary", dictionary()?)] {
        let file = format!("{name}-{}.txt", hash(&text));
        let (before, after) = html.split_once("</title>").ok_or("the page has no title")?;
        html = format!("{before}</title><meta name=\"{name}\" content=\"{base}{file}\">{after}");
        files.push((file, text));
    }
    for (name, text) in files {
        fs::write(staging.join(name), text)?;
    }
    fs::write(page, html)?;
    Ok(())
}

/// The texts of all built-in scenarios as the page reads them (`scenario::provide_builtins`).
fn lessons() -> Result<String> {
    let folder = root().join("crates/scenario/src/builtin");
    let mut files: Vec<PathBuf> =
        fs::read_dir(folder)?.map(|entry| Ok(entry?.path())).collect::<Result<_>>()?;
    files.retain(|file| file.extension().is_some_and(|e| e == "mms"));
    files.sort();
    files
        .iter()
        .map(|file| {
            let id = file.file_stem().unwrap_or_default().to_string_lossy();
            Ok(format!("=== {id}\n{}", fs::read_to_string(file)?))
        })
        .collect()
}

/// What the coder of packed links has to read first.
fn dictionary() -> Result<String> {
    Ok(fs::read_to_string(root().join("crates/scenario/src/link/dictionary.0.txt"))?)
}

/// What a file is named by, so that a browser never takes an older one.
pub fn hash(content: &(impl Hash + ?Sized)) -> String {
    let mut hasher = DefaultHasher::new();
    content.hash(&mut hasher);
    format!("{:016x}", hasher.finish())
}

/// Moves every inline script out of a page; gives the page and the files (name, text).
fn externalise(html: &str, base: &str) -> Result<(String, Vec<(String, String)>)> {
    let mut page = String::new();
    let mut scripts = Vec::new();
    let mut rest = html;
    while let Some(start) = rest.find("<script") {
        let (before, tag_on) = rest.split_at(start);
        let tag_end = tag_on.find('>').ok_or("a script tag without end")?;
        let (tag, body_on) = tag_on.split_at(tag_end + 1);
        let body_end = body_on.find("</script>").ok_or("a script without </script>")?;
        let (body, after) = body_on.split_at(body_end);
        page.push_str(before);
        if body.trim().is_empty() || tag.contains(" src=") {
            page.push_str(tag);
            page.push_str(body);
            page.push_str("</script>");
        } else {
            let name = format!("start-{}.js", hash(body));
            let open = tag.trim_end_matches('>');
            page.push_str(&format!("{open} src=\"{base}{name}\"></script>"));
            scripts.push((name, reload_from_here(body.trim_start_matches('\n'))));
        }
        rest = &after["</script>".len()..];
    }
    page.push_str(rest);
    Ok((page, scripts))
}

/// `trunk serve` fills its own address into the page's reload script, but not into files.
fn reload_from_here(script: &str) -> String {
    script.replace("'{{__TRUNK_ADDRESS__}}'", "location.host").replace("'{{__TRUNK_WS_BASE__}}'", "'/'")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn inline_scripts_move_into_files() {
        let html = "<head><script type=\"module\">\nrun();\n</script></head><script src=\"a.js\"></script>";
        let (page, scripts) = externalise(html, "./").unwrap();
        let name = &scripts[0].0;
        assert_eq!(scripts, [(name.clone(), "run();\n".to_string())]);
        assert_eq!(
            page,
            format!(
                "<head><script type=\"module\" src=\"./{name}\"></script></head><script src=\"a.js\"></script>"
            )
        );
    }

    #[test]
    fn a_page_without_scripts_stays() {
        assert_eq!(externalise("<p>", "./").unwrap(), ("<p>".to_string(), vec![]));
    }
}
