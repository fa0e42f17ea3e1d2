//! What works on texts: reading and editing them. It comes in a part of its own ([`crate::lazy`]), with the coder of
//! links; the first lesson is there as the parser reads it.

use mm::Machine;
use scenario::edit;
use scenario::{
    Builtin, Diagnostic, Document, Scenario, builtins, first_scenario, parse, parse_statement, print,
};

use crate::lazy::Inserted;

/// A text, read.
pub struct Reading {
    /// The built-in scenario that says the same, if there is one.
    pub builtin: Option<&'static Builtin>,
    /// What runs: everything in the text that makes sense.
    pub scenario: Scenario,
    /// Its machine.
    pub machine: Machine,
    /// What is wrong with the text.
    pub diagnostics: Vec<Diagnostic>,
}

impl Reading {
    /// The first lesson.
    #[must_use]
    pub fn first() -> Reading {
        let (scenario, machine) =
            booted(first_scenario()).unwrap_or_else(|| unreachable!("the first lesson has a machine"));
        Reading { builtin: builtins().first(), scenario, machine, diagnostics: Vec::new() }
    }
}

fn booted(scenario: Scenario) -> Option<(Scenario, Machine)> {
    let machine = Machine::boot(&scenario.config).ok()?;
    Some((scenario, machine))
}

/// Reads a text. One that makes no machine runs an empty one, so that there is always a picture.
pub fn read(text: &str) -> Reading {
    let parsed = parse(text);
    let (scenario, machine) = parsed.lower().cloned().and_then(booted).unwrap_or_else(|| {
        // The diagnostics say why.
        let empty = parse("ram 1024 frames\nzone Normal\n").lower().cloned().and_then(booted);
        empty.unwrap_or_else(|| unreachable!("1,024 frames make a machine"))
    });
    Reading { builtin: builtin_of(&parsed.document), scenario, machine, diagnostics: parsed.diagnostics }
}

/// A text; if a built-in scenario says the same, that one's, which has a layout of its own.
pub fn laid_out(text: String) -> String {
    builtin_of(&parse(&text).document).map_or(text, |builtin| builtin.text.to_owned())
}

/// An editor asks on every key.
fn builtin_of(document: &Document) -> Option<&'static Builtin> {
    thread_local! {
        static TEXTS: Vec<String> =
            builtins().iter().map(|builtin| print(&parse(builtin.text).document)).collect();
    }
    let canonical = print(document);
    TEXTS.with(|texts| texts.iter().position(|text| *text == canonical)).map(|at| &builtins()[at])
}

/// Puts a statement where op `at` is; gives the text and which op it has become. None: that is no statement.
pub fn insert(text: &str, at: u32, statement: &str) -> Option<Inserted> {
    let statement = parse_statement(statement).ok()?;
    Some(edit::insert_after(text, at.checked_sub(1), &statement).map(|(text, line)| {
        let parsed = parse(&text);
        let ops = parsed.lower().map_or(&[][..], |scenario| &scenario.ops);
        let at = ops.iter().position(|op| op.line == line).map_or(at, |at| at as u32);
        (text, at)
    }))
}
