//! `cargo xtask tidy`: the house rules that a compiler does not know.
//!
//! Layers have a direction, every direct dependency has a written reason (`docs/dependencies.md`) and
//! every crate below it a free licence, every source file says what it is for, and colours come from
//! the tokens alone.

use crate::Result;
use crate::run::{cargo, output, root};
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

/// The workspace from the bottom up, each package with those it may build on. Tests may also use any
/// package further up in this list.
const LAYERS: [(&str, &[&str]); 10] = [
    ("mm", &[]),
    ("history", &["mm"]),
    ("scenario", &["mm"]),
    ("kernel-io", &["mm"]),
    ("raster", &["mm"]),
    ("view", &["mm", "history", "scenario", "kernel-io", "raster"]),
    ("bench", &["mm"]),
    ("mmscope", &["mm", "history", "scenario", "kernel-io", "view", "bench"]),
    ("mmscope-web", &["mm", "history", "scenario", "kernel-io", "view"]),
    ("xtask", &[]),
];

/// The only package that knows of a browser.
const WEB: &str = "mmscope-web";

/// Crates that only make sense in a browser, by the beginning of their names.
const BROWSER_CRATES: [&str; 6] = ["gloo", "js-sys", "wasm-bindgen", "web-sys", "yew", "plotters-canvas"];

const LICENCES: [&str; 12] = [
    "MIT",
    "MIT-0",
    "Apache-2.0",
    "BSD-2-Clause",
    "BSD-3-Clause",
    "ISC",
    "Unicode-3.0",
    "Zlib",
    "MPL-2.0",
    "CC0-1.0",
    "0BSD",
    "BSL-1.0",
];

/// The words that this lint looks for: they are data here, nothing is unfinished or skipped. Never to be committed; the
/// last is for tests, which either hold or are taken out.
const FORBIDDEN: [&str; 4] = ["todo!(", "unimplemented!(", "dbg!(", "#[ignore"];

/// Folders of somebody's machine.
const MACHINE_PATHS: [&str; 3] = ["/root/", "/home/", "/work/"];

/// Checks everything, prints each breach on a line, and fails if there is one.
pub fn tidy() -> Result<()> {
    let mut breaches = Vec::new();
    let metadata = metadata(&["--no-deps"])?;
    let listed = fs::read_to_string(root().join("docs/dependencies.md")).unwrap_or_default();
    let mut used = rust_dependencies(&metadata);
    breaches.extend(layers(&used));
    used.extend(npm_dependencies()?);
    breaches.extend(policy(&used, &parse_policy(&listed)));
    breaches.extend(licences()?);
    for file in sources()? {
        let text = fs::read_to_string(root().join(&file))?;
        breaches.extend(source(&file, &text).into_iter().map(|what| format!("{}{what}", file.display())));
    }
    for breach in &breaches {
        println!("tidy: {breach}");
    }
    if breaches.is_empty() {
        Ok(())
    } else {
        Err(format!("{} breaches of the house rules", breaches.len()).into())
    }
}

/// A direct dependency of one of our packages.
#[derive(Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Use {
    package: String,
    dependency: String,
    only_tests: bool,
}

fn metadata(args: &[&str]) -> Result<Value> {
    let text = output(cargo(["metadata", "--locked", "--format-version", "1"]).args(args))
        .ok_or("`cargo metadata --locked` failed: is Cargo.lock up to date?")?;
    Ok(serde_json::from_str(&text)?)
}

fn rust_dependencies(metadata: &Value) -> BTreeSet<Use> {
    let text = |value: &Value| value.as_str().unwrap_or_default().to_string();
    let list = |value: &Value| value.as_array().cloned().unwrap_or_default();
    let mut uses = BTreeSet::new();
    for package in list(&metadata["packages"]) {
        for dependency in list(&package["dependencies"]) {
            uses.insert(Use {
                package: text(&package["name"]),
                dependency: text(&dependency["name"]),
                only_tests: dependency["kind"] == "dev",
            });
        }
    }
    uses
}

fn npm_dependencies() -> Result<BTreeSet<Use>> {
    let manifest: Value = serde_json::from_str(&fs::read_to_string(root().join("e2e/package.json"))?)?;
    let names = ["dependencies", "devDependencies"].iter().filter_map(|kind| manifest[kind].as_object());
    let uses = names.flat_map(|names| names.keys());
    Ok(uses.map(|name| Use { package: "e2e".into(), dependency: name.clone(), only_tests: true }).collect())
}

/// The direction of the layers, and who may know of a browser.
fn layers(uses: &BTreeSet<Use>) -> Vec<String> {
    let place = |name: &str| LAYERS.iter().position(|(package, _)| *package == name);
    let mut breaches = Vec::new();
    for Use { package, dependency, only_tests } in uses {
        let Some(own) = place(package) else {
            breaches.push(format!("package {package} has no place in LAYERS of xtask/src/tidy.rs"));
            continue;
        };
        let allowed = match place(dependency) {
            Some(other) if *only_tests => other < own && dependency != WEB,
            Some(_) => LAYERS[own].1.contains(&dependency.as_str()),
            None => {
                package == WEB
                    || *only_tests
                    || !BROWSER_CRATES.iter().any(|begin| dependency.starts_with(begin))
            }
        };
        if !allowed {
            breaches.push(format!("layers: {package} must not depend on {dependency}"));
        }
    }
    breaches
}

/// Reads the table of docs/dependencies.md: dependency → the packages that may use it.
fn parse_policy(text: &str) -> BTreeMap<String, BTreeSet<String>> {
    let mut policy = BTreeMap::new();
    for line in text.lines().filter(|line| line.starts_with("| `")) {
        let cells: Vec<&str> = line.split('|').map(str::trim).collect();
        if let [_, name, users, reason, ..] = cells.as_slice()
            && !reason.is_empty()
        {
            let users = users.split(',').map(|user| user.trim().to_string()).collect();
            policy.insert(name.trim_matches('`').to_string(), users);
        }
    }
    policy
}

/// Every use has its reason, and every reason its use.
fn policy(uses: &BTreeSet<Use>, policy: &BTreeMap<String, BTreeSet<String>>) -> Vec<String> {
    let ours = |name: &str| LAYERS.iter().any(|(package, _)| *package == name);
    let mut unused: BTreeSet<(&str, &str)> = policy
        .iter()
        .flat_map(|(name, users)| users.iter().map(move |u| (name.as_str(), u.as_str())))
        .collect();
    let mut breaches = BTreeSet::new();
    for Use { package, dependency, .. } in uses.iter().filter(|u| !ours(&u.dependency)) {
        unused.remove(&(dependency.as_str(), package.as_str()));
        if !policy.get(dependency).is_some_and(|users| users.contains(package)) {
            breaches.insert(format!("docs/dependencies.md has no reason for {dependency} in {package}"));
        }
    }
    let stale =
        unused.iter().map(|(name, user)| format!("docs/dependencies.md lists {name} for {user}: not used"));
    breaches.into_iter().chain(stale).collect()
}

/// The licences of everything that is compiled for the browser or for a Linux host.
fn licences() -> Result<Vec<String>> {
    let mut breaches = BTreeSet::new();
    for platform in ["wasm32-unknown-unknown", "x86_64-unknown-linux-gnu"] {
        let metadata = metadata(&["--filter-platform", platform])?;
        let compiled: BTreeSet<&str> = metadata["resolve"]["nodes"]
            .as_array()
            .into_iter()
            .flatten()
            .filter_map(|n| n["id"].as_str())
            .collect();
        for package in metadata["packages"].as_array().into_iter().flatten() {
            let licence = package["license"].as_str().unwrap_or("none stated");
            if compiled.contains(package["id"].as_str().unwrap_or_default()) && !licence_is_free(licence) {
                breaches.insert(format!(
                    "licence of {}: {licence}",
                    package["name"].as_str().unwrap_or_default()
                ));
            }
        }
    }
    Ok(breaches.into_iter().collect())
}

/// Whether one alternative of an SPDX expression has only licences of the list. Enough of the grammar
/// for what the registry holds: brackets around alternatives, and exceptions, which only allow more.
fn licence_is_free(expression: &str) -> bool {
    let part_is_free = |part: &str| {
        part.split(" OR ").any(|one| {
            let one = one.trim_matches(['(', ')', ' ']);
            LICENCES.contains(&one.split(" WITH ").next().unwrap_or(one))
        })
    };
    let expression = expression.replace('/', " OR ");
    if expression.contains('(') {
        // (A OR B) AND C
        expression.split(" AND ").all(part_is_free)
    } else {
        // A OR B AND C binds the AND first
        expression.split(" OR ").any(|one| one.split(" AND ").all(part_is_free))
    }
}

/// The text files that the source rules look at, relative to the project's folder.
fn sources() -> Result<Vec<PathBuf>> {
    const SKIPPED: [&str; 6] = ["target", "dist", "node_modules", "out", ".git", ".tools"];
    const ENDINGS: [&str; 8] = ["rs", "toml", "md", "mjs", "json", "html", "css", "yml"];
    let mut found = Vec::new();
    let mut folders = vec![root()];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder)? {
            let path = entry?.path();
            let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
            if path.is_dir() {
                if !SKIPPED.contains(&name.as_str()) {
                    folders.push(path);
                }
            } else if path.extension().is_some_and(|e| ENDINGS.iter().any(|known| e == *known))
                || name == "run"
            {
                found.push(path.strip_prefix(root())?.to_path_buf());
            }
        }
    }
    found.sort();
    Ok(found)
}

/// The rules for one file; each breach begins with its place in the file.
fn source(file: &Path, text: &str) -> Vec<String> {
    let is_rust = file.extension().is_some_and(|e| e == "rs");
    let for_page = file.starts_with("web/src") || file.starts_with("index.html");
    let no_colours = is_rust && (file.starts_with("web/src") || file.starts_with("crates/view"));
    let is_this = file.ends_with("xtask/src/tidy.rs");
    let mut breaches = Vec::new();
    if is_rust && !text.starts_with("//!") {
        breaches.push(": the file must begin with a `//!` comment that says what it is for".to_string());
    }
    if file.ends_with("package-lock.json") && text.contains("\"resolved\"") {
        breaches.push(": names a registry; `npm install` in e2e/ writes it without".to_string());
    }
    for (number, line) in text.lines().enumerate() {
        let mut breach = |what: &str| breaches.push(format!(":{}: {what}", number + 1));
        if !is_this && let Some(path) = MACHINE_PATHS.iter().find(|path| line.contains(**path)) {
            breach(&format!("`{path}` is a folder of one machine"));
        }
        if line.trim_start().starts_with("//") {
            continue;
        }
        if is_rust
            && !is_this
            && let Some(word) = FORBIDDEN.iter().find(|word| line.contains(**word))
        {
            breach(&format!("`{word}` must not stay"));
        }
        if for_page && [" style=", "\"style\"", "<style"].iter().any(|inline| line.contains(inline)) {
            breach("inline style: the page's policy blocks it, use a class");
        }
        if no_colours && has_hex_colour(line) {
            breach("a colour outside the tokens: use a token of web/style");
        }
    }
    breaches
}

/// Whether a line has something like `#fff` or `#1a2b3c`.
fn has_hex_colour(line: &str) -> bool {
    line.match_indices('#').any(|(at, _)| {
        let word: String =
            line[at + 1..].chars().take_while(|c| c.is_ascii_alphanumeric() || *c == '_').collect();
        matches!(word.len(), 3 | 4 | 6 | 8) && word.chars().all(|c| c.is_ascii_hexdigit())
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn uses(list: &[(&str, &str, bool)]) -> BTreeSet<Use> {
        let owned = |(package, dependency, only_tests): &(&str, &str, bool)| Use {
            package: package.to_string(),
            dependency: dependency.to_string(),
            only_tests: *only_tests,
        };
        list.iter().map(owned).collect()
    }

    #[test]
    fn layers_have_a_direction() {
        let fine = [("view", "mm", false), ("mmscope-web", "yew", false), ("scenario", "history", true)];
        assert_eq!(layers(&uses(&fine)), Vec::<String>::new());
        let wrong = [
            ("mm", "history", false),
            ("scenario", "history", false),
            ("mm", "view", true),
            ("mmscope", "mmscope-web", false),
            ("history", "js-sys", false),
            ("unknown", "mm", false),
        ];
        assert_eq!(layers(&uses(&wrong)).len(), wrong.len());
    }

    #[test]
    fn dependencies_have_reasons_and_reasons_uses() {
        let table =
            "| crate | used by | why |\n|---|---|---|\n| `serde` | view, mm | data |\n| `rand` | mm | |\n";
        let listed = parse_policy(table);
        assert_eq!(listed.len(), 1);
        let found =
            policy(&uses(&[("view", "serde", false), ("mm", "rand", false), ("view", "mm", false)]), &listed);
        assert_eq!(
            found,
            [
                "docs/dependencies.md has no reason for rand in mm",
                "docs/dependencies.md lists serde for mm: not used"
            ]
        );
    }

    #[test]
    fn licence_expressions() {
        for free in [
            "MIT",
            "MIT/Apache-2.0",
            "GPL-3.0 OR MIT",
            "(MIT OR Apache-2.0) AND Unicode-3.0",
            "Apache-2.0 WITH LLVM-exception OR MIT",
            "MIT AND BSD-3-Clause",
        ] {
            assert!(licence_is_free(free), "{free}");
        }
        for other in ["GPL-3.0", "MIT AND GPL-3.0", "(MIT OR Apache-2.0) AND GPL-2.0", "none stated"] {
            assert!(!licence_is_free(other), "{other}");
        }
    }

    #[test]
    fn source_rules() {
        let page = Path::new("web/src/a.rs");
        assert_eq!(source(page, "//! A.\nlet a = \"#main\"; // #abc\n").len(), 1);
        assert_eq!(
            source(page, "//! A.\n// #fff style= is only a comment\n#[derive(Debug)]\n"),
            Vec::<String>::new()
        );
        assert_eq!(source(page, "fn a() {}\n<p style=\"x\">\ncolour(\"#1a2b3c\")\ndbg!(1)\n").len(), 4);
        assert_eq!(
            source(Path::new("crates/mm/src/a.rs"), "//! A.\nlet c = \"#fff\";\n"),
            Vec::<String>::new()
        );
        assert_eq!(source(Path::new("README.md"), "cd /home/me\n").len(), 1);
    }
}
