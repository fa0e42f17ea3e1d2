//! The statements of a text as a tree of loops, and how large what they come to is.

use std::sync::Arc;

use mm::limits::{MAX_ACTIONS, MAX_OPS};

use super::super::{Lowering, MAX_CAPTIONS};
use crate::ast::{Alloc, For, Phrase, Statement, Target, Workload};
use crate::diagnostic::Kind;
use crate::dma::DmaLine;
use crate::kmem::Kmem;
use crate::letter::first_word;
use crate::scenario::MAX_LOOP_DEPTH;
use crate::span::Part;
use crate::suggest::nearest;

/// A line of the body of a loop, or of the text itself.
pub(super) enum Node<'d> {
    Op(u32, &'d Statement),
    Say(u32, Arc<Phrase>),
    Loop(Loop<'d>),
    /// A line that is wrong: what it would have done is not known.
    Unknown,
}

pub(super) struct Loop<'d> {
    pub line: u32,
    pub spec: &'d For,
    pub body: Vec<Node<'d>>,
}

/// The lines as a tree. Loops that cannot run are left out.
pub(super) fn tree<'d>(lowering: &mut Lowering<'d>, broken_names: &mut Vec<String>) -> Vec<Node<'d>> {
    let mut open: Vec<Loop<'d>> = Vec::new();
    let mut root: Vec<Node<'d>> = Vec::new();
    // Lines of `for` inside a loop that cannot run, that one included.
    let mut skipped: Vec<u32> = Vec::new();
    // The devices of a device tree are there before anything happens.
    for (line, statement) in lowering.statements() {
        if let Statement::Dts(of) = statement {
            root.extend(of.devices.iter().map(|device| Node::Op(line, device)));
        }
    }
    for (line, statement) in lowering.statements() {
        let variables: Vec<&str> = open.iter().map(|l| l.spec.variable.as_str()).collect();
        let mut node = None;
        if statement.opens() {
            match statement {
                Statement::For(spec) if skipped.is_empty() => {
                    if open.len() >= MAX_LOOP_DEPTH {
                        lowering.report_line(line, Kind::TooDeep { max: MAX_LOOP_DEPTH as u32 });
                        skipped.push(line);
                    } else if variables.contains(&spec.variable.as_str()) {
                        lowering.report_line(line, Kind::ShadowedVariable { name: spec.variable.clone() });
                        skipped.push(line);
                    } else {
                        open.push(Loop { line, spec, body: Vec::new() });
                    }
                }
                _ => skipped.push(line),
            }
        } else if statement.closes() {
            if skipped.pop().is_some() {
                node = Some(Node::Unknown);
            } else if let Some(done) = open.pop() {
                node = Some(Node::Loop(done));
            } else if matches!(statement, Statement::End) {
                lowering.report_line(line, Kind::EndWithoutFor);
            }
        } else if let Some(name) = named_by_broken(statement) {
            broken_names.push(name.to_owned());
            node = Some(Node::Unknown);
        } else if !skipped.is_empty() {
            broken_names.extend(target(statement).map(|target| target.name.clone()));
        } else if statement.is_op() {
            node = Some(op_node(lowering, line, statement, &variables, broken_names));
        } else {
            node = match statement {
                Statement::Say(phrase) => Some(Node::Say(line, Arc::new(phrase.clone()))),
                Statement::Broken(_) => Some(Node::Unknown),
                _ => None,
            };
        }
        if skipped.is_empty() {
            open.last_mut().map_or(&mut root, |l| &mut l.body).extend(node);
        }
    }
    for line in open.iter().map(|l| l.line).chain(skipped) {
        lowering.report_line(line, Kind::MissingEnd);
    }
    // A loop without `end` goes to the end of the text.
    while let Some(done) = open.pop() {
        open.last_mut().map_or(&mut root, |l| &mut l.body).push(Node::Loop(done));
    }
    warn_of_empty_loops(lowering, &root);
    root
}

/// The op, when the loops around it count all its variables.
fn op_node<'d>(
    lowering: &mut Lowering<'_>,
    line: u32,
    statement: &'d Statement,
    variables: &[&str],
    broken_names: &mut Vec<String>,
) -> Node<'d> {
    let Some(target) = target(statement) else { return Node::Op(line, statement) };
    let targets = match statement {
        Statement::Kmem(Kmem::Alloc { cache, .. }) => {
            [Some((Part::Target, target)), Some((Part::Cache, cache)), None]
        }
        Statement::Process(process) => process.targets(),
        Statement::Alloc(Alloc { by: Some(by), .. }) => {
            [Some((Part::Target, target)), Some((Part::By, by)), None]
        }
        Statement::Dma(DmaLine::Alloc { device, .. }) => {
            [Some((Part::Target, target)), Some((Part::Process, device)), None]
        }
        Statement::Dma(DmaLine::Map { device, what, .. }) => {
            [Some((Part::Target, target)), Some((Part::Process, device)), Some((Part::Cache, what))]
        }
        _ => [Some((Part::Target, target)), None, None],
    };
    let indexes =
        targets.into_iter().flatten().filter_map(|(part, target)| Some((part, target.index.as_ref()?)));
    let mut used = indexes.flat_map(|(part, index)| index.variables().map(move |variable| (part, variable)));
    let unknown = used.find(|(_, variable)| !variables.contains(variable));
    let Some((part, name)) = unknown else { return Node::Op(line, statement) };
    // Where the first variable stands is known; of the other names it is known where they stand as a whole.
    let part = if part == Part::Target { Part::Variable } else { part };
    let near = nearest(name, variables.iter().copied()).or(variables.last().copied());
    let suggestion = near.map(str::to_owned);
    lowering.report_part(line, part, Kind::UnknownVariable { name: name.to_owned(), suggestion });
    broken_names.push(target.name.clone());
    Node::Unknown
}

fn warn_of_empty_loops(lowering: &mut Lowering<'_>, nodes: &[Node<'_>]) {
    for node in nodes {
        if let Node::Loop(l) = node {
            let of_body = l.body.iter().map(size).fold(Size::default(), Size::plus);
            if of_body.ops == 0 && !of_body.unknown {
                lowering.report_line(l.line, Kind::EmptyLoop);
            }
            warn_of_empty_loops(lowering, &l.body);
        }
    }
}

/// What an op gives a name to, or takes it from.
pub(super) fn target(statement: &Statement) -> Option<&Target> {
    match statement {
        Statement::Alloc(Alloc { target, .. })
        | Statement::Workload(Workload { target, .. })
        | Statement::Free { target, .. } => Some(target),
        Statement::Kmem(kmem) => kmem.target(),
        Statement::File(line) => line.target(),
        Statement::CmaOp(line) => Some(line.target()),
        Statement::Dma(line) => Some(line.target()),
        Statement::Compact(line) => line.target(),
        Statement::Process(process) => process.targets()[0].map(|(_, target)| target),
        _ => None,
    }
}

/// The name that a wrong line would have given to a block: it is no fault of a later line that it is missing.
fn named_by_broken(statement: &Statement) -> Option<&str> {
    let Statement::Broken(text) = statement else { return None };
    let name = first_word(text);
    let rest = text[name.len()..].trim_start();
    (!name.is_empty() && (rest.starts_with('=') || rest.starts_with('['))).then_some(name)
}

/// How much a part of the text does, loops unrolled.
#[derive(Clone, Copy, Default)]
pub(super) struct Size {
    pub ops: u64,
    pub captions: u64,
    pub actions: u64,
    pub unknown: bool,
}

impl Size {
    pub(super) fn plus(self, other: Size) -> Size {
        Size {
            ops: self.ops.saturating_add(other.ops),
            captions: self.captions.saturating_add(other.captions),
            actions: self.actions.saturating_add(other.actions),
            unknown: self.unknown || other.unknown,
        }
    }

    pub(super) fn times(self, turns: u32) -> Size {
        let times = |n: u64| n.saturating_mul(u64::from(turns));
        Size { ops: times(self.ops), captions: times(self.captions), actions: times(self.actions), ..self }
    }

    pub(super) fn past_a_bound(self) -> Option<Kind> {
        let (max_ops, max_actions) = (u64::from(MAX_OPS), u64::from(MAX_ACTIONS));
        if self.ops.max(self.captions) > max_ops.min(MAX_CAPTIONS) {
            return Some(Kind::TooManyOps { ops: self.ops.max(self.captions), max: max_ops });
        }
        (self.actions > max_actions)
            .then_some(Kind::TooManyActions { actions: self.actions, max: max_actions })
    }
}

pub(super) fn size(node: &Node<'_>) -> Size {
    let one = Size { ops: 1, ..Size::default() };
    match node {
        Node::Op(_, Statement::Workload(workload)) => Size { actions: u64::from(workload.actions), ..one },
        Node::Op(_, Statement::Kmem(kmem)) => Size { actions: kmem.pages(), ..one },
        Node::Op(..) => one,
        Node::Say(..) => Size { captions: 1, ..Size::default() },
        Node::Unknown => Size { unknown: true, ..Size::default() },
        Node::Loop(l) => {
            let body = l.body.iter().map(size).fold(Size::default(), Size::plus);
            // A loop without ops is not run at all: its turns would cost time and do nothing.
            if body.ops == 0 {
                Size { unknown: body.unknown, ..Size::default() }
            } else {
                body.times(l.spec.turns())
            }
        }
    }
}
