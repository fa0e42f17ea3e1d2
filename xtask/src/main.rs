//! The project's own commands: `cargo xtask serve`, `cargo xtask test`, and the rest of [`HELP`].
//!
//! Each command sets up what it needs by itself ([`tools`], [`system`]), says what it installs, and
//! keeps what it can inside the project's folder. Trunk is the one way from source to page
//! ([`build`]); the tests of every kind are counted in one place ([`mod@test`]).

mod build;
mod e2e;
mod fuzz;
mod report;
mod run;
mod serve;
mod soak;
mod split;
mod system;
mod test;
mod tidy;
mod tools;

use std::process::ExitCode;

/// What every step returns: an error is one line that a person can act on.
type Result<T> = std::result::Result<T, Box<dyn std::error::Error>>;

const HELP: &str = "\
cargo xtask serve [--dev] [--port N]   build the app and serve it on 127.0.0.1 (8080, or the next free port)
cargo xtask build [--dev]              build the app into dist/
cargo xtask test [GROUP…]              run every test, or only: lint native wasm e2e
cargo xtask tidy                       check the layers, the dependency policy and the house rules
cargo xtask e2e [ARGS…]                build, serve and run Playwright with these arguments
cargo xtask shots                      write screenshots to e2e/out/ (e2e/shots.mjs)
cargo xtask report                     print the sizes of the app, browser timings and benchmarks
cargo xtask bench [NAME…]              run `mmscope bench` as WebAssembly (default: session)
cargo xtask soak [--minutes N]         run the property tests with many more cases, then each fuzz target (10 minutes each)
cargo xtask setup                      only install what the other commands need

called by other tools:
cargo xtask test-runner FILE…          cargo's runner for wasm32 tests
cargo xtask post-build                 Trunk's hook after each build";

fn main() -> ExitCode {
    let args: Vec<String> = std::env::args().skip(1).collect();
    match dispatch(&args) {
        Ok(code) => code,
        Err(error) => {
            eprintln!("xtask: {error}");
            ExitCode::FAILURE
        }
    }
}

fn dispatch(args: &[String]) -> Result<ExitCode> {
    let (command, rest) = args.split_first().map_or(("help", args), |(first, rest)| (first.as_str(), rest));
    match command {
        "serve" => {
            let mut options = Options::parse(rest, &["--dev"], &["--port"])?;
            let port = options.number("--port")?.unwrap_or(8080);
            options.no_words()?;
            build::build(options.profile())?;
            serve::serve_forever(&build::dist(), port)?;
        }
        "build" => {
            let options = Options::parse(rest, &["--dev"], &[])?;
            options.no_words()?;
            build::build(options.profile())?;
        }
        "test" => return Ok(if test::test(rest)? { ExitCode::SUCCESS } else { ExitCode::FAILURE }),
        "tidy" => tidy::tidy()?,
        "e2e" => e2e::playwright(rest)?,
        "shots" => e2e::shots()?,
        "report" => report::report()?,
        "bench" => {
            let names: Vec<&str> = rest.iter().map(String::as_str).collect();
            report::bench_in_wasm(if names.is_empty() { &["session"] } else { &names })?;
        }
        "soak" => {
            let mut options = Options::parse(rest, &[], &["--minutes"])?;
            let minutes = options.number("--minutes")?.unwrap_or(10);
            options.no_words()?;
            soak::soak(minutes.into())?;
            fuzz::fuzz(minutes.into())?;
        }
        "setup" => system::set_up_everything()?,
        "test-runner" => return tools::wasm_test_runner(rest),
        "post-build" => build::post_build()?,
        "help" | "--help" | "-h" => println!("{HELP}"),
        other => return Err(format!("there is no command `{other}`\n\n{HELP}").into()),
    }
    Ok(ExitCode::SUCCESS)
}

/// The switches and values of a command line, for the few commands that have some.
struct Options {
    switches: Vec<String>,
    values: Vec<(String, String)>,
    words: Vec<String>,
}

impl Options {
    fn parse(args: &[String], switches: &[&str], with_value: &[&str]) -> Result<Self> {
        let mut options = Options { switches: vec![], values: vec![], words: vec![] };
        let mut args = args.iter();
        while let Some(arg) = args.next() {
            if switches.contains(&arg.as_str()) {
                options.switches.push(arg.clone());
            } else if with_value.contains(&arg.as_str()) {
                let value = args.next().ok_or_else(|| format!("{arg} needs a value"))?;
                options.values.push((arg.clone(), value.clone()));
            } else {
                options.words.push(arg.clone());
            }
        }
        Ok(options)
    }

    fn profile(&self) -> build::Profile {
        if self.switches.iter().any(|s| s == "--dev") { build::Profile::Dev } else { build::Profile::Release }
    }

    fn number(&mut self, name: &str) -> Result<Option<u16>> {
        match self.values.iter().find(|(n, _)| n == name) {
            None => Ok(None),
            Some((_, v)) => v.parse().map(Some).map_err(|_| format!("{name}: `{v}` is not a number").into()),
        }
    }

    fn no_words(&self) -> Result<()> {
        match self.words.first() {
            None => Ok(()),
            Some(word) => Err(format!("unknown argument `{word}`\n\n{HELP}").into()),
        }
    }
}
