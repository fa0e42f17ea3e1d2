//! The memory hierarchy: a staircase from registers down to a hard disk, and beside it the sets of the caches in which a
//! word is looked for.

mod draw;
#[cfg(test)]
mod tests;
#[cfg(test)]
pub(crate) use tests::{STORIES, watch as tests_watch};

use std::collections::BTreeMap;

use mm::hierarchy::LINE;
use mm::op::{NameId, ProcessOp};
use mm::process::{At, ByteRange, Pattern, Scan};
use mm::step::HierarchyStep;
use mm::units::PAGE_SIZE;
use mm::{CpuId, Machine, Named, Op, Pfn, Step, StepKind, Vaddr};
use scenario::Lang;

use crate::Moment;
use crate::narrate::hierarchy::average;
use crate::scene::{Room, Scene};
use crate::twin::hierarchy::percent;

/// How deep a step of the staircase is.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub enum Scale {
    /// As the logarithm of its time.
    #[default]
    Log,
    /// As its time: most of it is far below the screen.
    Linear,
    /// As the logarithm, and each cycle told as if it were a second.
    Human,
}

impl Scale {
    /// All of them.
    pub const ALL: [Scale; 3] = [Scale::Log, Scale::Linear, Scale::Human];

    /// The one behind it, or before it, round and round.
    #[must_use]
    pub fn turned(self, forwards: bool) -> Scale {
        let by = if forwards { 1 } else { Scale::ALL.len() - 1 };
        Scale::ALL[(self as usize + by) % Scale::ALL.len()]
    }
}

/// Draws the staircase and the sets around the line in play.
#[must_use]
pub fn scene(moment: &Moment, room: &Room, scale: Scale, lang: Lang) -> Scene {
    draw::scene(moment, room, scale, lang)
}

/// What a step says of caches.
fn of_step(step: Option<&Step>) -> Option<HierarchyStep> {
    match step?.kind {
        StepKind::Hierarchy(step) => Some(step),
        _ => None,
    }
}

/// The CPU and the line in play: of the step just done, else of the steps before it, else of the one that comes.
pub(crate) fn in_play(moment: &Moment) -> (CpuId, Option<u64>) {
    let did = of_step(moment.just_did.as_ref());
    let next = of_step(moment.next.as_ref());
    let trail = || moment.trail.iter().rev().filter_map(|step| of_step(Some(step)));
    let line = did.and_then(|step| step.line());
    let line = line.or_else(|| trail().find_map(|step| step.line())).or_else(|| next?.line());
    let cpu = did.or_else(|| trail().next()).or(next).map(|step| step.cpu());
    let last = || {
        let (of, _) = scan_of(moment)?;
        moment.machine.hierarchy()?.runs_on(of)
    };
    (cpu.or_else(last).unwrap_or_default(), line)
}

/// The last op up to here that goes through memory word by word: whose it is, and which.
fn scan_of(moment: &Moment) -> Option<(NameId, &Op)> {
    let upto = (moment.cursor.op as usize + 1).min(moment.scenario.ops.len());
    moment.scenario.ops[..upto].iter().rev().find_map(|op| {
        let Op::Process(ProcessOp::Scan { at, .. }) = op.op else { return None };
        let process = match at {
            At::Area { by: Some(process), .. }
            | At::Heap(process)
            | At::Stack(process)
            | At::Address(process, _) => process,
            At::Area { name, by: None } => match moment.machine.named(name) {
                Named::Mapping { process, .. } => process,
                _ => return None,
            },
        };
        Some((process, &op.op))
    })
}

/// What a line or a word is to a scan.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Spot {
    /// This element of its matrix, or the first one in the line.
    Element {
        /// The row.
        row: u64,
        /// The column.
        column: u64,
    },
    /// So many bytes into the area that it goes through.
    Byte {
        /// The area.
        area: NameId,
        /// How far, from the first byte that the scan means.
        offset: i64,
    },
}

impl Spot {
    /// `[14][0]`, or `m+4096`.
    pub(crate) fn words(self, name: &dyn Fn(NameId) -> String) -> String {
        match self {
            Spot::Element { row, column } => format!("[{row}][{column}]"),
            Spot::Byte { area, offset } => format!("{}{offset:+}", name(area)),
        }
    }
}

/// What lies in lines, as far as the scan in play knows.
pub(crate) struct Contents {
    area: NameId,
    pattern: Option<(Pattern, u64)>,
    /// The byte of the area that each frame begins with, from the first one that the scan means.
    frames: BTreeMap<Pfn, i64>,
}

/// More pages are not looked for.
const MOST_PAGES: u64 = 1024;

impl Contents {
    pub(crate) fn of(moment: &Moment) -> Option<Contents> {
        Contents::of_op(&moment.machine, scan_of(moment)?.1)
    }

    /// The same for the scan that an op is.
    pub(crate) fn of_op(machine: &Machine, op: &Op) -> Option<Contents> {
        match *op {
            Op::Process(ProcessOp::Scan { at, bytes, scan, .. }) => {
                Contents::of_scan(machine, at, bytes, &scan)
            }
            _ => None,
        }
    }

    fn of_scan(machine: &Machine, at: At, bytes: Option<ByteRange>, scan: &Scan) -> Option<Contents> {
        let At::Area { name, by } = at else { return None };
        let Named::Mapping { process, start, pages } = machine.named(name) else { return None };
        let processes = machine.processes();
        let pgd = processes.mm(by.unwrap_or(process))?.pgd;
        let end = Vaddr(start.0 + u64::from(pages).min(MOST_PAGES) * PAGE_SIZE);
        let from = bytes.map_or(0, |bytes| bytes.from);
        let offset = |address: Vaddr| (address.0 - start.0) as i64 - from as i64;
        let entries = processes.tables().between(pgd, start, end);
        let frames = entries.map(|(address, _, _, pte)| (pte.pfn(), offset(address))).collect();
        let is_matrix = matches!(scan.pattern, Pattern::Rows { .. } | Pattern::Columns { .. });
        let pattern = is_matrix.then_some((scan.pattern, u64::from(scan.elem)));
        Some(Contents { area: name, pattern, frames })
    }

    /// What a line begins with, or a word is: the element of the matrix, or how far into the area.
    pub(crate) fn spot(&self, line: u64) -> Option<Spot> {
        let frame = Pfn(u32::try_from(line / PAGE_SIZE).ok()?);
        let offset = self.frames.get(&frame)? + (line % PAGE_SIZE) as i64;
        let at = u64::try_from(offset).ok();
        match (self.pattern, at) {
            (
                Some((Pattern::Rows { rows, columns } | Pattern::Columns { rows, columns }, elem)),
                Some(at),
            ) => {
                // The first element that begins in the line.
                let first = at.div_ceil(elem);
                let (row, column) = (first / u64::from(columns), first % u64::from(columns));
                (row < u64::from(rows) && first * elem < at + u64::from(LINE))
                    .then_some(Spot::Element { row, column })
            }
            _ => Some(Spot::Byte { area: self.area, offset }),
        }
    }
}

/// What a line holds, as far as the scan in play knows.
pub(crate) fn label_of(moment: &Moment, line: u64) -> Option<String> {
    Some(Contents::of(moment)?.spot(line)?.words(&|name| moment.name(name).to_owned()))
}

/// What a screen reader says of the picture as a whole; the text twin has the rest.
#[must_use]
pub fn label(moment: &Moment, lang: Lang) -> String {
    let Some(hierarchy) = moment.machine.hierarchy() else {
        return lang
            .pick("Memory hierarchy: nobody has asked for a word yet.", "存储层次：还没有谁访问过。")
            .to_owned();
    };
    let rates = mm::hierarchy::CacheId::ALL.map(|cache| {
        let counts = hierarchy.counts(None, cache);
        format!("{} {}", cache.name(), percent(counts.hits, counts.lookups()))
    });
    let amat = average(hierarchy.amat(None));
    match lang {
        Lang::En => format!("Memory hierarchy. Hit rates: {}. AMAT {amat} cycles.", rates.join(", ")),
        Lang::Zh => format!("存储层次。命中率：{}。AMAT {amat} 周期。", rates.join("，")),
    }
}
