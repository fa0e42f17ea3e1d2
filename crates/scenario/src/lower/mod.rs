//! From what a text says to what the engine runs, and everything that is wrong between its lines.
//!
//! 1. [`machine`]: the settings become a [`mm::Config`];
//! 2. [`start`]: rows and lists become the first state of the free lists;
//! 3. [`ops`]: loops are unrolled, names numbered, sentences bound.
//!
//! A wrong line is left out and the rest is lowered. Only when the machine itself cannot be built there is no
//! scenario: a guessed machine would be a picture of something that nobody wrote.

mod boot;
mod cma;
mod index;
mod machine;
mod nodes;
mod ops;
mod pack;
mod start;
#[cfg(test)]
mod tests;

pub(crate) use boot::diagnostic as boot_diagnostic;

use std::rc::Rc;

use mm::config::{Config, Start};
use mm::limits::MAX_OPS;
use mm::mmzone::PerCpuPages;
use mm::page::Block;
use mm::replay::Recording;
use mm::slab_common::Allocator;
use mm::units::Pfn;

use crate::ast::{Document, Statement};
use crate::diagnostic::{Diagnostic, Kind};
use crate::scenario::{Note, Scenario, Simplification};
use crate::span::{Part, Span, Spans};

/// Everything that lowering reads and writes.
struct Lowering<'d> {
    document: &'d Document,
    spans: &'d Spans,
    diagnostics: Vec<Diagnostic>,
}

impl<'d> Lowering<'d> {
    /// The statements and their lines, counted from 1.
    fn statements(&self) -> impl Iterator<Item = (u32, &'d Statement)> + use<'d> {
        (1u32..).zip(&self.document.lines).filter_map(|(line, l)| Some((line, l.statement.as_ref()?)))
    }

    fn report(&mut self, span: Span, kind: Kind) {
        self.diagnostics.push(Diagnostic { span, kind });
    }

    fn report_line(&mut self, line: u32, kind: Kind) {
        self.report(self.spans.statement(line), kind);
    }

    fn report_part(&mut self, line: u32, part: Part, kind: Kind) {
        self.report(self.spans.part(line, part), kind);
    }

    fn errors(&self) -> usize {
        self.diagnostics.iter().filter(|d| d.severity() == crate::diagnostic::Severity::Error).count()
    }
}

/// The scenario, unless there is no machine; and what is wrong.
pub(crate) fn lower(document: &Document, spans: &Spans) -> (Option<Scenario>, Vec<Diagnostic>) {
    let mut lowering = Lowering { document, spans, diagnostics: Vec::new() };
    let machine = machine::machine(&mut lowering);
    let program = ops::program(&mut lowering, machine.as_ref());
    let scenario = machine.map(|machine| {
        let mut notes = vec![Note::AsIn(machine.config.rules)];
        notes.extend(machine.notes);
        if program.ops.iter().any(|op| op.real.is_some()) {
            notes.push(Note::RealAnswers);
        }
        if machine.config.kmem.allocator == Allocator::Slab {
            notes.push(Note::ClassicSlab(machine.config.kmem.era));
        }
        if !machine.config.pcp {
            notes.push(Note::Simplified(Simplification::NoPcp));
        }
        notes.push(Note::Simplified(match (&machine.config.reclaim, machine.config.watermarks) {
            (Some(_), _) if machine.config.compaction.is_some() => Simplification::LinearScan,
            (Some(_), _) => Simplification::NoCompaction,
            (None, true) => Simplification::NoReclaim,
            (None, false) => Simplification::NoWatermarks,
        }));
        let scans = |op: &crate::scenario::ScenarioOp| {
            matches!(op.op, mm::Op::Process(mm::process::ProcessOp::Scan { .. }))
        };
        if program.ops.iter().any(scans) {
            notes.push(Note::Simplified(Simplification::Caches));
        }
        let title = document.lines.iter().find_map(|line| match &line.statement {
            Some(Statement::Title(title)) => Some(title.clone()),
            _ => None,
        });
        let mut config = machine.config;
        config.recorded = recording(&config, &program);
        let cma::Labels { areas, pools } = machine.labels;
        let (ops, names, captions) = (program.ops, program.names, program.captions);
        Scenario { title, config, ops, names, areas, pools, captions, notes }
    });
    (scenario, lowering.diagnostics)
}

/// What the lines about a real kernel say besides their ops. What is free at the end they do not say.
fn recording(config: &Config, program: &ops::Program) -> Rc<Recording> {
    if !program.ops.iter().any(|op| matches!(op.op, mm::Op::Recorded(_))) {
        return Rc::default();
    }
    let zones = match &config.start {
        Start::Lists(zones) => &zones[..],
        _ => &[],
    };
    let of_list = |(index, pfns): &(u8, Vec<Pfn>)| {
        let order = PerCpuPages::order_of(usize::from(*index), config.pageblock_order);
        pfns.iter().map(move |pfn| Block { pfn: *pfn, order }).collect::<Vec<_>>()
    };
    let listed = zones.iter().flat_map(|zone| &zone.pcp).flat_map(|pcp| &pcp.lists).flat_map(of_list);
    let ops: Vec<mm::Op> = program.ops.iter().map(|op| op.op.clone()).collect();
    Rc::new(Recording::new(&ops, program.moved.clone(), listed, None))
}

/// Sentences are bounded like ops: a loop repeats them.
const MAX_CAPTIONS: u64 = MAX_OPS as u64;
