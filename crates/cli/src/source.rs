//! Where a scenario's text comes from, and how it is read.

use std::fs::File;
use std::io::{self, Read};
use std::rc::Rc;

use history::Session;
use mm::{Machine, Op};
use scenario::{MAX_TEXT, Parsed, Scenario, builtin, builtins};

use crate::args::Source;
use crate::failure::{Failure, complain};

impl Source {
    /// What stands before `:line:column:`.
    pub fn shown(&self) -> String {
        if self.name == "-" { "<stdin>".into() } else { self.name.to_string_lossy().into_owned() }
    }

    /// The text.
    ///
    /// # Errors
    /// When there is no such file or built-in scenario, or it is no text, or too much of it.
    pub fn text(&self) -> Result<String, Failure> {
        let name = self.shown();
        if let Some(id) = self.name.to_str().and_then(|name| name.strip_prefix("builtin:")) {
            return builtin(id).map(|builtin| builtin.text.to_owned()).ok_or_else(|| {
                let ids: Vec<&str> = builtins().iter().map(|builtin| builtin.id).collect();
                Failure::data(format!(
                    "{name}: error: there is no such scenario; there are {}",
                    ids.join(", ")
                ))
            });
        }
        let cannot = |error: io::Error| Failure::data(format!("{name}: error: {error}"));
        let mut bytes = Vec::new();
        // One byte too many is enough to know: a file may be endless.
        let most = MAX_TEXT as u64 + 1;
        if self.name == "-" {
            io::stdin().lock().take(most).read_to_end(&mut bytes)
        } else {
            File::open(&self.name).and_then(|file| file.take(most).read_to_end(&mut bytes))
        }
        .map_err(cannot)?;
        if bytes.len() > MAX_TEXT {
            return Err(Failure::data(format!("{name}: error: more than {MAX_TEXT} bytes")));
        }
        String::from_utf8(bytes).map_err(|error| {
            let valid = &error.as_bytes()[..error.utf8_error().valid_up_to()];
            let line = valid.iter().filter(|byte| **byte == b'\n').count() + 1;
            Failure::data(format!("{name}:{line}:1: error: this line is not UTF-8"))
        })
    }

    /// A text of it, read. Everything that is wrong with it is said on standard error, warnings too.
    pub fn read(&self, text: &str) -> Parsed {
        let parsed = scenario::parse(text);
        let name = self.shown();
        for diagnostic in &parsed.diagnostics {
            complain(&format!("{name}:{}", diagnostic.line(self.lang)));
        }
        parsed
    }

    /// The scenario, if nothing worse than a warning is wrong with its text.
    ///
    /// # Errors
    /// When something is; it has been said then.
    pub fn scenario(&self) -> Result<Scenario, Failure> {
        self.read(&self.text()?).strict().map_err(|_| Failure::Data(Vec::new()))
    }
}

/// The machine of a scenario before its first op, and its ops.
///
/// # Errors
/// When the machine cannot start; a scenario that was lowered can.
pub fn start(scenario: &Scenario) -> Result<(Machine, Rc<Vec<Op>>), Failure> {
    let machine =
        Machine::boot(&scenario.config).map_err(|error| Failure::data(format!("mmscope: {error}")))?;
    Ok((machine, Rc::new(scenario.engine_ops().cloned().collect())))
}

/// The history of a scenario, at its beginning.
///
/// # Errors
/// As [`start`].
pub fn session(scenario: &Scenario) -> Result<Session, Failure> {
    let (machine, ops) = start(scenario)?;
    Ok(Session::new(machine, ops))
}
