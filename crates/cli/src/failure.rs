//! What can go wrong, and what the shell is told.

use std::fmt;
use std::io::{self, Write as _};
use std::process::ExitCode;

/// Why a command did not do what it was asked.
#[derive(Debug)]
pub enum Failure {
    /// The command line makes no sense.
    Usage(String),
    /// What the data says: lines as they are printed, the place in front.
    Data(Vec<String>),
    /// Reading or writing failed.
    Io(io::Error),
}

impl Failure {
    /// One thing that the data says.
    pub fn data(line: impl fmt::Display) -> Failure {
        Failure::Data(vec![line.to_string()])
    }

    /// Prints it and gives the exit code.
    pub fn report(&self) -> ExitCode {
        match self {
            Failure::Usage(line) => {
                complain(&format!("mmscope: {line}; try `mmscope --help`"));
                ExitCode::from(2)
            }
            Failure::Data(lines) => {
                lines.iter().for_each(|line| complain(line));
                ExitCode::FAILURE
            }
            // Whoever reads us has enough: `| head`.
            Failure::Io(error) if error.kind() == io::ErrorKind::BrokenPipe => ExitCode::SUCCESS,
            Failure::Io(error) => {
                complain(&format!("mmscope: {error}"));
                ExitCode::FAILURE
            }
        }
    }
}

impl From<io::Error> for Failure {
    fn from(error: io::Error) -> Failure {
        Failure::Io(error)
    }
}

impl From<lexopt::Error> for Failure {
    fn from(error: lexopt::Error) -> Failure {
        Failure::Usage(one_line(&error.to_string()))
    }
}

/// One line on standard error. Nobody may be listening there either, and that must not panic.
pub fn complain(line: &str) {
    let _ = writeln!(io::stderr(), "{}", one_line(line));
}

/// A message quotes what it was given, and that may hold line breaks and worse.
fn one_line(text: &str) -> String {
    text.chars().map(|c| if c.is_control() { '\u{fffd}' } else { c }).collect()
}
