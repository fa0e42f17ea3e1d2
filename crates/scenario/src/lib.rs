//! Scenarios: the language a teacher writes, and the links that carry it.
//!
//! # The steps
//! 1. [`parse()`] reads a text line by line into an [`ast::Document`]; what is wrong becomes a [`Diagnostic`] with a
//!    place and a likely fix, and the rest is still understood;
//! 2. [`Parsed::lower`] gives the [`Scenario`]: a machine for [`mm::Machine::boot`] and the ops it runs;
//! 3. [`print()`] writes a document back, in the one canonical form;
//! 4. [`edit`] changes single lines of a text, for what is done on the screen;
//! 5. [`link`] packs a text and a moment into an address, and [`builtins`] are the texts that come with the program.
//!
//! `parse(print(d)).document == d` for every document, and printing keeps comments and blank lines.
//!
//! # What this crate never does
//! It runs no machine, draws nothing, and reads no file. No input makes it panic, and it bounds everything before it
//! allocates: a text can come from anyone's link.

pub mod ast;
mod builtin;
pub mod caches;
pub mod cma;
pub mod compact;
pub mod diagnostic;
pub mod dma;
pub mod dts;
pub mod edit;
pub mod files;
mod import;
pub mod kernel;
pub mod kmem;
mod lang;
mod letter;
pub mod link;
mod lower;
mod mmu;
mod parser;
mod printer;
pub mod process;
mod scenario;
pub mod segmentation;
pub mod span;
mod suggest;

pub use ast::{Document, Phrase, Statement};
#[cfg(feature = "texts")]
pub use builtin::REAL_KERNEL_EXPECTED;
pub use builtin::{
    BUILTIN_IDS, Builtin, all_builtins_are_there, builtin, builtins, first_scenario, provide_builtins,
};
pub use diagnostic::{Diagnostic, Severity};
pub use import::replayed;
pub use lang::Lang;
pub use letter::is_name_char;
pub use parser::{KEYWORDS, MAX_TEXT, parse_statement};
pub use printer::{print, print_statement};
pub use scenario::{Caption, MAX_LOOP_DEPTH, Note, Scenario, ScenarioOp, Simplification, Turns, fresh_name};
pub use span::{Span, Spans};

/// A text, read.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Parsed {
    /// What it says.
    pub document: Document,
    /// Where it says it.
    pub spans: Spans,
    /// What is wrong with it, by place.
    pub diagnostics: Vec<Diagnostic>,
    scenario: Option<Scenario>,
}

impl Parsed {
    /// The scenario: what of the text can run. None only when the machine itself cannot be built; then at least
    /// one diagnostic is an error.
    #[must_use]
    pub fn lower(&self) -> Option<&Scenario> {
        self.scenario.as_ref()
    }

    /// The scenario, when there is no error in the text. Warnings do not matter.
    ///
    /// # Errors
    /// All diagnostics, when one of them is an error.
    pub fn strict(self) -> Result<Scenario, Vec<Diagnostic>> {
        match self.scenario {
            Some(scenario) if !self.diagnostics.iter().any(|d| d.severity() == Severity::Error) => {
                Ok(scenario)
            }
            _ => Err(self.diagnostics),
        }
    }

    /// The place in the text that a machine's refusal to start is about.
    #[must_use]
    pub fn boot_diagnostic(&self, error: &mm::BootError) -> Diagnostic {
        lower::boot_diagnostic(self, error)
    }

    /// Whether something is wrong that is more than a warning.
    #[must_use]
    pub fn has_errors(&self) -> bool {
        self.diagnostics.iter().any(|d| d.severity() == Severity::Error)
    }
}

/// Reads a text. Never fails: whatever is wrong is among the diagnostics.
#[must_use]
pub fn parse(text: &str) -> Parsed {
    let (document, spans, mut diagnostics) = parser::parse_lines(text);
    if text.len() > MAX_TEXT {
        return Parsed { document, spans, diagnostics, scenario: None };
    }
    let (scenario, more) = lower::lower(&document, &spans);
    diagnostics.extend(more);
    diagnostic::sort_by_place(&mut diagnostics);
    Parsed { document, spans, diagnostics, scenario }
}
