//! Huge pages: the addresses of a process in rows of 2 MiB, the blocks of 2 MiB that memory has, and the pool.
//!
//! A row is 512 small pages or one huge one; beside the rows stands what both cost: translations, and RSS that nobody
//! touched.

mod draw;
#[cfg(test)]
mod tests;

use mm::op::ProcessOp;
use mm::page::PageState;
use mm::process::{Advice, Counter, HPAGE_PAGES, HPAGE_SIZE, Mm, Vma};
use mm::step::ProcessStep;
use mm::units::PAGE_SIZE;
use mm::x86::mmu::MmuConfig;
use mm::x86::pgtable::Pte;
use mm::{Machine, Op, Pfn, Step, StepKind, Vaddr};
use scenario::{Lang, Scenario};

use crate::Moment;
use crate::narrate::num;
use crate::scene::{Room, Scene};

/// Draws the rows of the process in play, memory in blocks of 2 MiB, and the pool.
#[must_use]
pub fn scene(moment: &Moment, room: &Room, lang: Lang, selected: Option<Pfn>) -> Scene {
    draw::scene(moment, room, lang, selected)
}

/// Whether a scenario is about it; where it looks at translations, those are.
pub(crate) fn is_about(scenario: &Scenario) -> bool {
    let asks = |op: &ProcessOp| {
        let advice = |of: &Advice| matches!(of, Advice::HugePage | Advice::NoHugePage);
        match op {
            ProcessOp::Khugepaged { .. } | ProcessOp::NrHugepages { .. } => true,
            ProcessOp::NrOvercommitHugepages { .. } => true,
            ProcessOp::Madvise { advice: of, .. } => advice(of),
            _ => false,
        }
    };
    scenario.config.mmu.is_none()
        && scenario.ops.iter().any(|op| matches!(&op.op, Op::Process(op) if asks(op)))
}

/// What a page of addresses is.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub(crate) enum Cell {
    /// Of no area.
    Outside,
    /// Nothing but a promise.
    Promised,
    /// Part of a huge page that nobody ever touched.
    Untouched,
    /// The page of zeros.
    Zero,
    /// It lies in swap.
    Swap,
    /// A page of a file.
    File,
    /// Others have it as well.
    Shared,
    /// A page of its own.
    Own,
}

/// What 2 MiB of addresses are as a whole.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Whole {
    /// Small pages, or nothing yet.
    Small,
    /// A huge page of its own, which begins at a frame.
    Huge(Pfn),
    /// Small pages as far as the entries go, which lie in a huge page that is still whole.
    Pieces(Pfn),
    /// The huge page of zeros.
    Zero(Pfn),
    /// A page of the pool.
    Pool(Pfn),
}

/// 2 MiB of addresses.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) struct Row {
    pub start: Vaddr,
    pub whole: Whole,
    /// 512 of them.
    pub cells: Vec<Cell>,
}

impl Row {
    /// How many pages are there, as far as they are its own, or a file's.
    pub fn present(&self) -> u32 {
        let there = |cell: &&Cell| matches!(cell, Cell::Untouched | Cell::File | Cell::Shared | Cell::Own);
        self.cells.iter().filter(there).count() as u32
    }

    /// How many are of one kind.
    pub fn count(&self, what: Cell) -> u32 {
        self.cells.iter().filter(|cell| **cell == what).count() as u32
    }
}

/// The rows of a process that can be huge pages, or have a part of one, the lowest first.
pub(crate) fn rows(machine: &Machine, mm: &Mm) -> Vec<Row> {
    let procs = machine.processes();
    let has_room = |vma: &Vma| vma.start.0.next_multiple_of(HPAGE_SIZE) + HPAGE_SIZE <= vma.end.0;
    let has_part = |vma: &Vma| {
        let mut leaves = procs.tables().leaves(mm.pgd, vma.start, vma.end);
        leaves.any(|leaf| !leaf.entry.has(Pte::SPECIAL) && procs.huge().of(leaf.entry.pfn()).is_some())
    };
    let mut rows: Vec<Row> = Vec::new();
    for vma in mm.vmas().iter().filter(|vma| has_room(vma) || has_part(vma)) {
        let mut at = vma.start.0 & !(HPAGE_SIZE - 1);
        while at < vma.end.0 {
            if rows.last().is_none_or(|row| row.start != Vaddr(at)) {
                let cells = vec![Cell::Outside; HPAGE_PAGES as usize];
                rows.push(Row { start: Vaddr(at), whole: Whole::Small, cells });
            }
            if let Some(row) = rows.last_mut() {
                let first = (vma.start.0.max(at) - at) / PAGE_SIZE;
                let last = (vma.end.0.min(at + HPAGE_SIZE) - at) / PAGE_SIZE;
                row.cells[first as usize..last as usize].fill(Cell::Promised);
            }
            at += HPAGE_SIZE;
        }
    }
    for row in &mut rows {
        let end = Vaddr(row.start.0 + HPAGE_SIZE);
        let tables = procs.tables();
        let index = |address: Vaddr| ((address.0 - row.start.0) / PAGE_SIZE) as usize;
        for leaf in tables.leaves(mm.pgd, row.start, end) {
            let pfn = leaf.entry.pfn();
            if leaf.is_huge() {
                let (whole, cell) = match leaf.entry {
                    entry if entry.has(Pte::SPECIAL) => (Whole::Zero(pfn), Cell::Zero),
                    _ if procs.pool().entries(pfn).is_some() => (Whole::Pool(pfn), Cell::Own),
                    _ => (Whole::Huge(pfn), Cell::Own),
                };
                row.whole = whole;
                row.cells.fill(cell);
            } else {
                row.cells[index(leaf.address)] = match procs.counter(pfn) {
                    _ if leaf.entry.has(Pte::SPECIAL) => Cell::Zero,
                    Counter::Anon if procs.mapcount(pfn) > 1 => Cell::Shared,
                    Counter::Anon | Counter::Shmem => Cell::Own,
                    Counter::File => Cell::File,
                };
            }
            if let (false, Some((head, _))) = (leaf.is_huge(), procs.huge().of(pfn)) {
                row.whole = Whole::Pieces(head);
            }
            if procs.huge().of(pfn).is_some() {
                let from = index(leaf.address);
                for (cell, at) in row.cells[from..].iter_mut().zip(0..leaf.pages() as u32) {
                    if !procs.huge().is_touched(Pfn(pfn.0 + at)) {
                        *cell = Cell::Untouched;
                    }
                }
            }
        }
        for (address, ..) in tables.swaps(mm.pgd, row.start, end) {
            row.cells[index(address)] = Cell::Swap;
        }
    }
    rows
}

/// What a process has, and what that costs.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub(crate) struct Figures {
    /// Pages that are promised (`VmSize`).
    pub vsz: u64,
    /// Pages that are there (`VmRSS`).
    pub rss: u64,
    /// Of them those that programs touched.
    pub touched: u64,
    /// Translations that lead to all of it: those of 4 KiB, and those of 2 MiB.
    pub small: u64,
    pub huge: u64,
    /// Page tables (`VmPTE`), in pages.
    pub tables: u64,
}

impl Figures {
    pub fn of(machine: &Machine, mm: &Mm) -> Figures {
        let procs = machine.processes();
        let mut all = Figures {
            vsz: mm.total_vm().0,
            rss: mm.rss.total().0,
            tables: mm.pgtables.0,
            ..Figures::default()
        };
        for leaf in procs.tables().leaves(mm.pgd, Vaddr(0), mm.top) {
            let is_zero = leaf.entry.has(Pte::SPECIAL);
            let of = procs.huge().of(leaf.entry.pfn()).is_some();
            if leaf.is_huge() {
                all.huge += 1;
                all.touched += if of { u64::from(procs.huge().touched(leaf.entry.pfn())) } else { 0 };
            } else {
                all.small += 1;
                let touched = !is_zero && (!of || procs.huge().is_touched(leaf.entry.pfn()));
                all.touched += u64::from(touched);
            }
        }
        all
    }

    /// Translations that the same memory would take with pages of 4 KiB alone.
    pub fn all_small(&self) -> u64 {
        self.small + self.huge * u64::from(HPAGE_PAGES)
    }
}

/// The TLBs that reach is told of: those of the scenario, else Skylake's.
pub(crate) fn tlb(machine: &Machine) -> MmuConfig {
    machine.mmus().config().copied().unwrap_or(MmuConfig::SKYLAKE)
}

/// What fills 2 MiB of memory, in frames.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub(crate) struct Filling {
    pub free: u32,
    /// In use, and can move.
    pub moves: u32,
    /// In use, and stays; or no memory at all.
    pub stays: u32,
    /// Of a huge page of a process, or of the one of zeros.
    pub huge: u32,
    /// Of a huge page, and nobody's: it waits to be split.
    pub idle: u32,
    /// Of a page of the pool.
    pub pool: u32,
}

/// All of memory in blocks of 2 MiB.
pub(crate) fn blocks(machine: &Machine) -> Vec<Filling> {
    let procs = machine.processes();
    let count = machine.end().0.div_ceil(HPAGE_PAGES) as usize;
    let mut blocks = vec![Filling::default(); count];
    let mut pfn = Pfn(0);
    while pfn < machine.end() {
        let page = machine.page(pfn);
        let pages = if page.is_head() { page.order.pages() } else { 1 };
        for at in (pfn.0..pfn.0 + pages).step_by(HPAGE_PAGES as usize) {
            let Some(block) = blocks.get_mut((at / HPAGE_PAGES) as usize) else { break };
            let part = pages.min(HPAGE_PAGES);
            let is_zero = procs.huge().zero_page() == Some(Pfn(at));
            let queued = procs.huge().of(pfn).is_some_and(|(_, of)| of.queued);
            if page.state == PageState::Allocated && queued {
                let used = u32::from(procs.used_frames(pfn));
                (block.huge, block.idle) = (block.huge + used, block.idle + HPAGE_PAGES - used);
                continue;
            }
            *match page.state {
                PageState::Free | PageState::Pcp | PageState::InHand => &mut block.free,
                PageState::Allocated if page.owner() == Some(mm::op::NameId::HUGETLB) => &mut block.pool,
                PageState::Allocated if is_zero || procs.huge().of(pfn).is_some() => &mut block.huge,
                PageState::Allocated if page.kind.migrates() && !machine.is_pinned(pfn) => &mut block.moves,
                _ => &mut block.stays,
            } += part;
        }
        pfn = Pfn(pfn.0 + pages);
    }
    blocks
}

/// The step of a process, if it is one.
pub(crate) fn of_step(step: Option<&Step>) -> Option<ProcessStep> {
    match step?.kind {
        StepKind::Process { step, .. } => Some(step),
        _ => None,
    }
}

/// The process whose rows are shown: the one in play.
pub(crate) fn shown(moment: &Moment) -> Option<&Mm> {
    let processes = moment.machine.processes();
    crate::process::in_play(moment).and_then(|name| processes.mm(name)).or_else(|| processes.mms().next())
}

/// What is going on, in a line.
pub(crate) fn headline(moment: &Moment, lang: Lang) -> Vec<String> {
    let pool = moment.machine.processes().pool();
    let Some(mm) = shown(moment) else {
        let (total, free) = (num(pool.total), num(pool.free()));
        return vec![match lang {
            Lang::En => format!("No process; the pool has {total} huge pages, {free} free"),
            Lang::Zh => format!("没有进程；大页池有 {total} 个大页，{free} 个空闲"),
        }];
    };
    let Figures { small, huge, .. } = Figures::of(&moment.machine, mm);
    let (p, small, huge) = (moment.name(mm.name), num(small), num(huge));
    match lang {
        Lang::En => vec![
            format!("{p}: huge pages {huge}, small pages {small}; a row is 2 MiB of addresses"),
            format!("{p}: huge {huge}, small {small}"),
            format!("{p}: {huge} + {small}"),
        ],
        Lang::Zh => vec![
            format!("{p}：{huge} 个大页，{small} 个小页；一行是 2 MiB 地址"),
            format!("{p}：大页 {huge}，小页 {small}"),
            format!("{p}：{huge} + {small}"),
        ],
    }
}

/// What a screen reader says of the picture as a whole; the text twin has the rest.
#[must_use]
pub fn label(moment: &Moment, lang: Lang) -> String {
    headline(moment, lang).swap_remove(0) + lang.pick(".", "。")
}
