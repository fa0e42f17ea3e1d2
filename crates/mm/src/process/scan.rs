//! A process goes through memory word by word: through its own page tables, and then through the caches.

use super::memory::{Outcome, page_of};
use super::{Access, At, ByteRange, Then};
use crate::hierarchy::{Level, ScanWork};
use crate::machine::{Machine, UnitEnd};
use crate::op::NameId;
use crate::rng::Rng;
use crate::step::{HierarchyStep, Trace};
use crate::units::{CpuId, PAGE_SIZE, Pfn, Vaddr};
use crate::x86::pgtable::Pte;

/// References that are told one by one; those behind them in batches.
pub const TOLD: u64 = 1024;
/// References of a unit while they are told one by one, and then.
const BATCHES: [u64; 2] = [64, 1024];

/// In which order words are asked for.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Hash)]
pub enum Pattern {
    /// A matrix that lies in memory row by row, row after row.
    Rows {
        /// How many rows.
        rows: u32,
        /// Elements of a row.
        columns: u32,
    },
    /// The same matrix, column after column.
    Columns {
        /// How many rows.
        rows: u32,
        /// Elements of a row.
        columns: u32,
    },
    /// One word, and so many bytes further the next one, to the end.
    Stride {
        /// So many bytes.
        bytes: u64,
    },
    /// Elements drawn at random.
    Random {
        /// How many.
        count: u32,
    },
}

/// What a process does with an area, word by word.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Hash)]
pub struct Scan {
    /// Reads, writes, or fetches instructions.
    pub access: Access,
    /// In which order.
    pub pattern: Pattern,
    /// Bytes of an element. An access is one of its first byte.
    pub elem: u32,
    /// How often all of it.
    pub times: u32,
}

impl Scan {
    /// Bytes of an element if nobody says otherwise: a `double`, or a pointer.
    pub const ELEM: u32 = 8;

    /// Bytes from the first to behind the last byte that it asks for, if that does not depend on the area.
    #[must_use]
    pub fn extent(&self) -> Option<u64> {
        match self.pattern {
            Pattern::Rows { rows, columns } | Pattern::Columns { rows, columns } => {
                Some(u64::from(rows).saturating_mul(u64::from(columns)).saturating_mul(u64::from(self.elem)))
            }
            Pattern::Stride { .. } | Pattern::Random { .. } => None,
        }
    }

    /// References to so many bytes, once.
    #[must_use]
    pub fn references_once(&self, len: u64) -> u64 {
        match self.pattern {
            Pattern::Rows { rows, columns } | Pattern::Columns { rows, columns } => {
                u64::from(rows).saturating_mul(u64::from(columns))
            }
            Pattern::Stride { bytes } => len.div_ceil(bytes.max(1)),
            Pattern::Random { count } => u64::from(count),
        }
    }

    /// All of them.
    #[must_use]
    pub fn references(&self, len: u64) -> u64 {
        self.references_once(len).saturating_mul(u64::from(self.times))
    }

    /// The offset of a reference, and the generator for those that are drawn.
    #[must_use]
    pub fn offset(&self, index: u64, len: u64, rng: &mut Rng) -> u64 {
        let elem = u64::from(self.elem.max(1));
        let at = index % self.references_once(len).max(1);
        match self.pattern {
            Pattern::Rows { .. } => at * elem,
            Pattern::Columns { rows, columns } => {
                let (rows, columns) = (u64::from(rows.max(1)), u64::from(columns));
                (at % rows * columns + at / rows) * elem
            }
            Pattern::Stride { bytes } => at * bytes,
            Pattern::Random { .. } => {
                let elements = u32::try_from((len / elem).max(1)).unwrap_or(u32::MAX);
                u64::from(rng.below(elements)) * elem
            }
        }
    }
}

/// Hits in a row that are still to be told.
#[derive(Clone, Copy)]
struct Run {
    address: Vaddr,
    line: u64,
    references: u32,
}

impl Machine {
    /// Whoever went through memory does not go on.
    pub(crate) fn stop_scan(&mut self) {
        if self.hierarchy().is_some_and(|hierarchy| hierarchy.scan().is_some()) {
            self.hierarchy_mut().set_scan(None);
        }
    }

    /// The next references of a scan, or its first.
    pub(super) fn scan(
        &mut self,
        t: &mut Trace<'_>,
        at: At,
        bytes: Option<ByteRange>,
        scan: &Scan,
        cpu: Option<CpuId>,
    ) -> UnitEnd {
        let goes_on =
            self.hierarchy().and_then(|hierarchy| hierarchy.scan()).filter(|_| self.units_done() > 0);
        let mut work = match goes_on {
            Some(work) => work,
            None => {
                let Some((process, start, end)) = self.range_of(t, at, bytes) else { return UnitEnd::Done };
                let thread = at.task().and_then(|task| self.processes().thread(task)).copied();
                let on = match thread {
                    Some(thread) => Some(thread.cpu),
                    None => self.hierarchy().and_then(|hierarchy| hierarchy.runs_on(process)),
                };
                let cpu = cpu.or(on).unwrap_or_default();
                match thread {
                    Some(thread) if thread.cpu == cpu => {}
                    Some(thread) => self.move_thread(t, thread, cpu),
                    None => self.moves(t, process, cpu),
                }
                let len = end.0.saturating_sub(start.0);
                let seed = self.settings().seed;
                ScanWork {
                    process,
                    start,
                    len,
                    next: 0,
                    total: scan.references(len),
                    cpu,
                    rng: Rng::new(seed, u64::from(self.ops_done()) + 1),
                    found: [0; 5],
                    cycles: 0,
                }
            }
        };
        let (end, is_killed) = self.references(t, scan, &mut work);
        let goes_on = end == UnitEnd::More && !is_killed;
        self.hierarchy_mut().set_scan(goes_on.then_some(work));
        if end == UnitEnd::Done {
            let ScanWork { process, cpu, next, found, cycles, .. } = work;
            let references = u32::try_from(next).unwrap_or(u32::MAX);
            self.told_caches(t, || HierarchyStep::Scanned { process, cpu, references, found, cycles });
        }
        end
    }

    /// The references of one unit; whether the process was killed.
    fn references(&mut self, t: &mut Trace<'_>, scan: &Scan, work: &mut ScanWork) -> (UnitEnd, bool) {
        let is_told = work.next < TOLD;
        let last = work.total.min(work.next + if is_told { BATCHES[0] } else { BATCHES[1] });
        let before = (work.next, work.found, work.cycles);
        let mut page: Option<(Vaddr, Pfn)> = None;
        let mut run: Option<Run> = None;
        let mut end = UnitEnd::Done;
        while work.next < last {
            let offset = scan.offset(work.next, work.len, &mut work.rng);
            let address = Vaddr(work.start.0.saturating_add(offset));
            let (pfn, waits) = match page {
                Some((of, pfn)) if of == page_of(address) => (pfn, false),
                _ => {
                    self.tell_run(t, work, run.take());
                    let there = self.page_there(t, work, address, scan.access);
                    let Some((pfn, faulted, waits)) = there else {
                        end = match self.processes().work {
                            Some(_) => UnitEnd::More,
                            None => UnitEnd::Done,
                        };
                        self.tell_batch(t, is_told, work, before);
                        return (end, true);
                    };
                    page = Some((page_of(address), pfn));
                    self.note_touched(work.process, (page_of(address), 1, false));
                    if faulted {
                        // The rest comes with the next unit.
                        end = UnitEnd::More;
                    }
                    (pfn, waits)
                }
            };
            let physical = u64::from(pfn.0) * PAGE_SIZE + address.0 % PAGE_SIZE;
            let (level, cycles) = match is_told && t.looks() {
                true => self.told_reference(t, scan, work, address, physical, &mut run),
                false => {
                    let mut unseen = Trace::unseen();
                    self.ask_caches(&mut unseen, work.cpu, physical, scan.access)
                }
            };
            work.cycles += cycles;
            if waits {
                let more = self.hierarchy_mut().waited_for_disk(work.cpu, level);
                work.cycles += more;
                work.found[Level::Disk as usize] += 1;
                let cpu = work.cpu;
                self.told_caches(t, || HierarchyStep::Disk { cpu, address, cycles: cycles + more });
            } else {
                work.found[level as usize] += 1;
            }
            work.next += 1;
            if end == UnitEnd::More {
                break;
            }
        }
        self.tell_run(t, work, run);
        self.tell_batch(t, is_told, work, before);
        (if work.next < work.total { UnitEnd::More } else { UnitEnd::Done }, false)
    }

    /// One reference with somebody looking on: what is found at hand becomes part of a run of hits.
    fn told_reference(
        &mut self,
        t: &mut Trace<'_>,
        scan: &Scan,
        work: &ScanWork,
        address: Vaddr,
        physical: u64,
        run: &mut Option<Run>,
    ) -> (Level, u64) {
        let cpu = work.cpu;
        let line = physical & !u64::from(crate::hierarchy::LINE - 1);
        // A hit in another line is a run of its own: the picture rings one line.
        if run.is_some_and(|run| run.line != line) {
            self.tell_run(t, work, run.take());
        }
        if let Some(cycles) = self.hierarchy_mut().access_at_hand(cpu, physical, scan.access) {
            match run {
                Some(run) => run.references += 1,
                None => *run = Some(Run { address, line, references: 1 }),
            }
            return (Level::L1, u64::from(cycles));
        }
        self.tell_run(t, work, run.take());
        let (process, access) = (work.process, scan.access);
        self.told_caches(t, || HierarchyStep::Reference { process, cpu, address, physical, access });
        self.ask_caches(t, cpu, physical, scan.access)
    }

    fn tell_run(&mut self, t: &mut Trace<'_>, work: &ScanWork, run: Option<Run>) {
        let Some(Run { address, line, references }) = run else { return };
        let cpu = work.cpu;
        self.told_caches(t, || HierarchyStep::Hits { cpu, address, line, references });
    }

    fn tell_batch(
        &mut self,
        t: &mut Trace<'_>,
        is_told: bool,
        work: &ScanWork,
        (next, found, cycles): (u64, [u32; 5], u64),
    ) {
        if is_told || work.next == next {
            return;
        }
        let &ScanWork { cpu, process, .. } = work;
        self.told_caches(t, || HierarchyStep::Batch {
            process,
            cpu,
            references: (work.next - next) as u32,
            found: std::array::from_fn(|at| work.found[at] - found[at]),
            cycles: work.cycles - cycles,
        });
    }

    /// The frame behind an address, which comes with a page fault if need be; whether it did, and whether a disk was
    /// waited for. None: it cannot be had.
    fn page_there(
        &mut self,
        t: &mut Trace<'_>,
        work: &ScanWork,
        address: Vaddr,
        access: Access,
    ) -> Option<(Pfn, bool, bool)> {
        let (process, cpu, page) = (work.process, work.cpu, page_of(address));
        let (mut faulted, mut waits) = (false, false);
        if self.touch_pages(t, (process, cpu), (page, 1, false), access).0 == 0 {
            let majors = |machine: &Machine| machine.processes().mm(process).map_or(0, |mm| mm.maj_flt);
            let before = majors(self);
            match self.page_fault(t, process, address, access, cpu) {
                Outcome::Resolved => {}
                Outcome::NoMemory => return None,
                Outcome::Killed => {
                    // What it had goes with the next units.
                    let top = self.processes().tables().paging().stack_top();
                    self.begin_zap(process, (Vaddr(0), top), Then::Exit);
                    return None;
                }
            }
            (faulted, waits) = (true, majors(self) > before);
            self.touch_pages(t, (process, cpu), (page, 1, false), access);
        }
        let pgd = self.processes().mm(process)?.pgd;
        let tables = self.processes().tables();
        let last = tables.walk(pgd, page).last().filter(|last| last.entry.has(Pte::PRESENT))?;
        // An entry above the lowest level maps a page that is larger.
        let span = tables.paging().span(last.level).unwrap_or(PAGE_SIZE);
        let inside = u32::try_from(page.0 % span / PAGE_SIZE).unwrap_or(0);
        Some((last.entry.pfn().plus(inside), faulted, waits))
    }

    /// From now on a process runs on this CPU.
    pub(super) fn moves(&mut self, t: &mut Trace<'_>, process: NameId, cpu: CpuId) {
        if let Some(from) = self.hierarchy_mut().put_on(process, cpu) {
            self.told_caches(t, || HierarchyStep::Moved { process, from, to: cpu });
        }
    }

    /// `move p cpu=1`
    pub(super) fn move_process(&mut self, t: &mut Trace<'_>, process: NameId, cpu: CpuId) -> UnitEnd {
        if let Some(thread) = self.processes().thread(process).copied() {
            self.move_thread(t, thread, cpu);
        } else if self.is_process(t, process) {
            // It may be there already.
            let from = self.hierarchy_mut().put_on(process, cpu).unwrap_or(cpu);
            self.told_caches(t, || HierarchyStep::Moved { process, from, to: cpu });
        }
        UnitEnd::Done
    }
}
