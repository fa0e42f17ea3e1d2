//! `mmscope`: the same engine without a browser, for kernel people, for batch use, and so that everything can be
//! checked.
//!
//! # The steps
//! 1. `args` reads the command line into a [`args::Command`];
//! 2. `source` finds the scenario's text and reads it;
//! 3. one module for each command does it and writes to standard output;
//! 4. whatever goes wrong is a [`failure::Failure`]: lines on standard error and an exit code.
//!
//! Exit codes: 0 done, 1 for what the data says, 2 for bad usage. No input makes it panic, and a reader that closes
//! the pipe early (`| head`) is no failure.

mod args;
mod bench;
mod check;
mod failure;
mod link;
mod replay;
mod run;
mod source;
mod twin;

use std::io::{self, BufWriter, Write};
use std::process::ExitCode;

use args::Command;
use failure::Failure;

fn main() -> ExitCode {
    let mut out = BufWriter::new(io::stdout().lock());
    let result = args::parse(lexopt::Parser::from_env())
        .and_then(|command| execute(&command, &mut out))
        .and_then(|()| Ok(out.flush()?));
    match result {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => failure.report(),
    }
}

fn execute(command: &Command, out: &mut dyn Write) -> Result<(), Failure> {
    match command {
        Command::Help => Ok(out.write_all(args::HELP.as_bytes())?),
        Command::Version => Ok(writeln!(out, "mmscope {}", env!("CARGO_PKG_VERSION"))?),
        Command::Run(run) => run::run(run, out),
        Command::Check { file } => check::check(file),
        Command::Link { file, at } => link::link(file, *at, out),
        Command::Open { fragment } => link::open(fragment, out),
        Command::Replay(files) => replay::replay(files, out),
        Command::Import(files) => replay::import(files, out),
        Command::Twin { dir } => twin::twin(dir, out),
        Command::Bench(which) => bench::bench(which, out),
    }
}
