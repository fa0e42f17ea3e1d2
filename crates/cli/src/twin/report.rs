//! The lines of the report, and the count at its end.

use std::collections::BTreeMap;
use std::fmt::Display;
use std::io::{self, Write};

use crate::failure::{Failure, complain};

/// Prints figures and counts them.
pub struct Report<'o> {
    out: &'o mut dyn Write,
    equal: u32,
    different: u32,
    /// Why, and how often.
    skipped: BTreeMap<String, u32>,
    /// Whether a file could not be read.
    broken: bool,
}

impl<'o> Report<'o> {
    /// Prints there.
    pub fn new(out: &'o mut dyn Write) -> Report<'o> {
        Report { out, equal: 0, different: 0, skipped: BTreeMap::new(), broken: false }
    }

    /// A figure: what the kernel printed, and what the rules make of it.
    pub fn figure(
        &mut self,
        file: &str,
        field: impl Display,
        kernel: impl Display,
        engine: impl Display,
    ) -> io::Result<()> {
        let (kernel, engine) = (kernel.to_string(), engine.to_string());
        let is_equal = kernel == engine;
        self.judged(file, field, kernel, engine, is_equal)
    }

    /// A figure that is not compared as a text.
    pub fn judged(
        &mut self,
        file: &str,
        field: impl Display,
        kernel: impl Display,
        engine: impl Display,
        is_equal: bool,
    ) -> io::Result<()> {
        *(if is_equal { &mut self.equal } else { &mut self.different }) += 1;
        let mark = if is_equal { "" } else { "\tdifferent" };
        writeln!(self.out, "{file}\t{field}\t{kernel}\t{engine}{mark}")
    }

    /// A figure that does not follow from the files.
    pub fn skip(
        &mut self,
        file: &str,
        field: impl Display,
        kernel: impl Display,
        why: impl Into<String>,
    ) -> io::Result<()> {
        let why = why.into();
        writeln!(self.out, "{file}\t{field}\t{kernel}\t-\tskipped: {why}")?;
        *self.skipped.entry(why).or_default() += 1;
        Ok(())
    }

    /// Something is wrong with a file.
    pub fn broken(&mut self, place: &str, errors: &[impl Display]) {
        self.broken = true;
        errors.iter().for_each(|error| complain(&format!("{place}:{error}")));
    }

    /// The last line.
    ///
    /// # Errors
    /// When a figure is different, a file is broken, or there is no figure at all.
    pub fn finish(self, shown: &str) -> Result<(), Failure> {
        let Report { out, equal, different, skipped, broken } = self;
        let sum: u32 = skipped.values().sum();
        if equal + different + sum == 0 && !broken {
            return Err(Failure::data(format!(
                "{shown}: error: no figure can be derived from what is here; see `mmscope --help`"
            )));
        }
        write!(out, "{equal} equal, {different} different, {sum} skipped")?;
        if sum > 0 {
            let why: Vec<String> = skipped.iter().map(|(why, n)| format!("{n}: {why}")).collect();
            write!(out, " ({})", why.join("; "))?;
        }
        writeln!(out)?;
        // What is wrong has been said.
        if different > 0 || broken { Err(Failure::Data(Vec::new())) } else { Ok(()) }
    }
}
