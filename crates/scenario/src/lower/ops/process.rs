//! The ops of processes, and how many pages they touch: one by one, so their number is bounded like that of actions.
//!
//! The count is an upper bound that the text alone gives. What would be refused or end in a signal is counted too.

use mm::cpuset::{Cpuset, CpusetOp};
use mm::limits::MAX_ACTIONS;
use mm::mempolicy::NodeMask;
use mm::oom_kill::{OomOp, TaskArgs};
use mm::op::{FileOp, NameId};
use mm::process::{At, ByteRange, MmapArgs, ProcessOp, STACK_MIN, ScanLimits};
use mm::units::{PAGE_SIZE, Vaddr};

use super::{Fault, Lowering, Unroll};
use crate::ast::{Amount, Target};
use crate::diagnostic::Kind;
use crate::files::FileLine;
use crate::process::{At as AtText, MmapArgs as MmapText, Process};
use crate::span::Part;

/// What is known of a name of a process or an area.
#[derive(Clone, Copy, Default)]
pub(super) enum Known {
    /// It is neither.
    #[default]
    Nothing,
    /// A process that lives, as far as the text tells.
    Process(Memory),
    /// A file.
    File { bytes: u64 },
    /// Memory of the kernel's own, of so many pages.
    Kernel(u64),
    /// A control group.
    Group,
    /// A cpuset.
    Cpuset,
    /// A thread of one.
    Thread {
        /// Of which.
        process: NameId,
        /// Which of those that were called so: [`Memory::born`].
        born: u32,
        /// Pages of its stack.
        pages: u64,
    },
    /// An area.
    Area {
        /// Whose it is.
        process: NameId,
        /// Which of those that were called so: [`Memory::born`].
        born: u32,
        pages: u64,
        /// Until `munmap`; whoever was forked before may have it longer.
        is_mapped: bool,
    },
}

/// How much memory a process can have.
#[derive(Clone, Copy, Default)]
pub(super) struct Memory {
    /// The op that made it.
    born: u32,
    /// Bytes of its heap.
    heap: u64,
    /// Bytes of its stack that it may have, from the top.
    stack: u64,
    /// How far an access to some address may let it grow.
    stack_limit: u64,
    /// Pages of its areas.
    mapped: u64,
    /// All that will be mapped comes at once (`mlockall`).
    locks: bool,
    /// Pages that were touched in it, those touched again counted again.
    touched: u64,
}

impl Memory {
    /// The most pages that it can have.
    fn pages(&self) -> u64 {
        let areas = self.mapped.saturating_add(pages(self.heap)).saturating_add(pages(self.stack));
        areas.min(self.touched)
    }
}

fn pages(bytes: u64) -> u64 {
    bytes.div_ceil(PAGE_SIZE)
}

/// The pages that a range lies in, the first of which begins at `start`.
fn pages_of(start: u64, range: ByteRange) -> u64 {
    let first = start.saturating_add(range.from) / PAGE_SIZE;
    pages(start.saturating_add(range.to)).saturating_sub(first)
}

impl Unroll {
    /// An op of processes; `name` is that of its first target. None when it cannot be run.
    pub(super) fn process(
        &mut self,
        lowering: &mut Lowering<'_>,
        line: u32,
        name: NameId,
        process: &Process,
        counted: &[(&str, u32)],
    ) -> Option<ProcessOp> {
        let mut other = |this: &mut Unroll, target: &Target, part: Part| {
            let name = this.name(lowering, line, target, counted)?;
            this.refers(line, name, part);
            Some(name)
        };
        let op = match process {
            Process::File { bytes, cached, cpu, .. } => {
                self.allocates(lowering, line, name);
                self.count(pages(*cached), None);
                self.knows(name, Known::File { bytes: *bytes });
                let cpu = self.cpu(lowering, line, *cpu);
                ProcessOp::File { name, bytes: *bytes, cached: *cached, cpu }
            }
            Process::Exec { limits, task, cgroup, cpuset, cpu, .. } => {
                let group = match cgroup {
                    Some(group) => Some(other(self, group, Part::Group)?),
                    None => None,
                };
                let cpuset = match cpuset {
                    Some(cpuset) => Some(other(self, cpuset, Part::Cpuset)?),
                    None => None,
                };
                if let Some(cpuset) = cpuset {
                    self.is_cpuset(lowering, line, cpuset, Part::Cpuset);
                }
                if let Some(group) = group {
                    self.is_group(lowering, line, group, Part::Group);
                }
                self.allocates(lowering, line, name);
                let memory = Memory { born: self.now(), stack_limit: limits.stack, ..Memory::default() };
                self.knows(name, Known::Process(memory));
                let (limits, task) = (*limits, TaskArgs { cgroup: group, cpuset, ..*task });
                ProcessOp::Exec { name, limits, task, cpu: self.cpu(lowering, line, *cpu) }
            }
            Process::Fork { parent, cpu, .. } => {
                let parent = other(self, parent, Part::Process)?;
                let memory = self.memory(parent).unwrap_or_default();
                self.allocates(lowering, line, name);
                self.count(memory.pages(), None);
                self.knows(name, Known::Process(Memory { born: self.now(), ..memory }));
                ProcessOp::Fork { name, parent, cpu: self.cpu(lowering, line, *cpu) }
            }
            Process::Thread { of, stack, cpu, .. } => {
                let of = other(self, of, Part::Process)?;
                let process = self.leader(of);
                let memory = self.memory(process).unwrap_or_default();
                self.allocates(lowering, line, name);
                let pages = pages(stack.unwrap_or(memory.stack_limit).max(STACK_MIN)).saturating_add(1);
                self.changes(Some(process), |memory| memory.mapped = memory.mapped.saturating_add(pages));
                self.knows(name, Known::Thread { process, born: memory.born, pages });
                self.count(if memory.locks { pages } else { 1 }, Some(process));
                ProcessOp::Thread { name, of, stack: *stack, cpu: self.cpu(lowering, line, *cpu) }
            }
            Process::Mlockall { current, future, cpu, .. } => {
                self.refers(line, name, Part::Target);
                let (process, current, future) = (self.leader(name), *current, *future);
                let memory = self.memory(process).unwrap_or_default();
                let all =
                    memory.mapped.saturating_add(pages(memory.heap)).saturating_add(pages(memory.stack));
                self.changes(Some(process), |memory| memory.locks = future);
                self.count(if current { all.saturating_add(64) } else { 0 }, Some(process));
                let cpu = self.cpu(lowering, line, *cpu);
                ProcessOp::Mlockall { process: name, current, future, cpu }
            }
            Process::Exit { cpu, .. } => {
                self.frees(lowering, line, name);
                self.forgets(name);
                ProcessOp::Exit { process: name, cpu: self.cpu(lowering, line, *cpu) }
            }
            Process::Mmap { process, bytes, args, cpu, .. } => {
                let process = other(self, process, Part::Process)?;
                let file = match &args.file {
                    Some((file, offset)) => Some((other(self, file, Part::File)?, *offset)),
                    None => None,
                };
                self.allocates(lowering, line, name);
                self.maps(name, self.leader(process), *bytes, args);
                let MmapText { prot, shared, noreserve, populate, locked, huge, .. } = **args;
                let args = MmapArgs { prot, shared, file, noreserve, populate, locked, huge };
                ProcessOp::Mmap { name, process, bytes: *bytes, args, cpu: self.cpu(lowering, line, *cpu) }
            }
            Process::Munmap { at: at @ AtText::Area { by: None, .. }, bytes: None, cpu } => {
                let at = self.at(name, at, &mut other)?;
                self.frees(lowering, line, name);
                self.unmaps(name);
                ProcessOp::Munmap { at, bytes: None, cpu: self.cpu(lowering, line, *cpu) }
            }
            Process::Munmap { at, bytes, cpu } => {
                self.refers(line, name, Part::Target);
                let at = self.at(name, at, &mut other)?;
                // A thread takes it from all that share it.
                if let (At::Area { by: Some(by), .. }, None) = (at, bytes)
                    && let (Known::Thread { process, .. }, Known::Area { process: of, .. }) =
                        (self.of(by), self.of(name))
                    && process == of
                {
                    self.frees(lowering, line, name);
                    self.unmaps(name);
                }
                ProcessOp::Munmap { at, bytes: *bytes, cpu: self.cpu(lowering, line, *cpu) }
            }
            Process::Mprotect { at, prot, bytes } => {
                self.refers(line, name, Part::Target);
                let at = self.at(name, at, &mut other)?;
                let (process, pages) = self.extent(at, *bytes);
                let there =
                    process.and_then(|process| self.memory(process)).map_or(0, |memory| memory.pages());
                self.count(pages.min(there), None);
                ProcessOp::Mprotect { at, bytes: *bytes, prot: *prot }
            }
            Process::SetMempolicy { policy, .. } => {
                self.refers(line, name, Part::Target);
                ProcessOp::SetMempolicy { process: name, policy: *policy }
            }
            Process::Cpuset { mems, hardwall, .. } => {
                self.allocates(lowering, line, name);
                self.knows(name, Known::Cpuset);
                self.has_nodes(lowering, line, *mems)?;
                ProcessOp::Cpuset(CpusetOp::Make(Cpuset { name, mems: *mems, hardwall: *hardwall }))
            }
            Process::CpusetMems { mems, .. } => {
                self.refers(line, name, Part::Target);
                self.is_cpuset(lowering, line, name, Part::Target);
                self.has_nodes(lowering, line, *mems)?;
                ProcessOp::Cpuset(CpusetOp::Mems { cpuset: name, mems: *mems })
            }
            Process::Mbind { at, policy, bytes } => {
                self.refers(line, name, Part::Target);
                let at = self.at(name, at, &mut other)?;
                ProcessOp::Mbind { at, bytes: *bytes, policy: *policy }
            }
            Process::Madvise { at, advice, bytes, cpu } => {
                self.refers(line, name, Part::Target);
                let at = self.at(name, at, &mut other)?;
                let (advice, bytes) = (*advice, *bytes);
                ProcessOp::Madvise { at, advice, bytes, cpu: self.cpu(lowering, line, *cpu) }
            }
            Process::Mremap { bytes, may_move, cpu, .. } => {
                self.refers(line, name, Part::Target);
                self.remaps(name, *bytes);
                let (bytes, may_move) = (*bytes, *may_move);
                ProcessOp::Mremap { name, bytes, may_move, cpu: self.cpu(lowering, line, *cpu) }
            }
            Process::Malloc { process, bytes, zero, cpu, .. } => {
                let process = other(self, process, Part::Process)?;
                self.allocates(lowering, line, name);
                self.mallocs(name, process, *bytes, if *zero { pages(*bytes) } else { 0 });
                let (bytes, zero) = (*bytes, *zero);
                ProcessOp::Malloc { name, process, bytes, zero, cpu: self.cpu(lowering, line, *cpu) }
            }
            Process::Realloc { of, bytes, cpu, .. } => {
                let of = self.name(lowering, line, of, counted)?;
                let (process, copied) = match self.of(of) {
                    Known::Area { process, pages, .. } => (process, pages),
                    _ => (of, 0),
                };
                self.frees(lowering, line, of);
                self.allocates(lowering, line, name);
                self.mallocs(name, process, *bytes, copied.saturating_mul(2));
                ProcessOp::Realloc { name, of, bytes: *bytes, cpu: self.cpu(lowering, line, *cpu) }
            }
            Process::Mlock { at, bytes, locked, cpu } => {
                self.refers(line, name, Part::Target);
                let at = self.at(name, at, &mut other)?;
                let (process, pages) = self.extent(at, *bytes);
                self.count(if *locked { pages } else { 0 }, process);
                let (bytes, locked) = (*bytes, *locked);
                ProcessOp::Mlock { at, bytes, locked, cpu: self.cpu(lowering, line, *cpu) }
            }
            Process::Memset { at, value, bytes, cpu } => {
                self.refers(line, name, Part::Target);
                let at = self.at(name, at, &mut other)?;
                let (process, pages) = self.extent(at, *bytes);
                self.grows_stack(at, *bytes);
                self.count(pages, process);
                let cpu = self.cpu(lowering, line, *cpu);
                ProcessOp::Memset { at, value: *value, bytes: *bytes, cpu }
            }
            Process::Hexdump { at, bytes, cpu } => {
                self.refers(line, name, Part::Target);
                let at = self.at(name, at, &mut other)?;
                let (process, pages) = self.extent(at, *bytes);
                self.grows_stack(at, *bytes);
                self.count(pages, process);
                ProcessOp::Hexdump { at, bytes: *bytes, cpu: self.cpu(lowering, line, *cpu) }
            }
            Process::Brk { by, cpu, .. } => {
                self.refers(line, name, Part::Target);
                self.moves_heap(name, *by);
                ProcessOp::Brk { process: name, by: *by, cpu: self.cpu(lowering, line, *cpu) }
            }
            // They have no name.
            Process::NrHugepages { pages, cpu } => return self.pool(lowering, line, *pages, *cpu),
            Process::NrOvercommitHugepages { pages } => ProcessOp::NrOvercommitHugepages { pages: *pages },
            Process::Khugepaged { limits, cpu } => return self.khugepaged(lowering, line, *limits, *cpu),
            Process::Sysrq => ProcessOp::Oom(OomOp::Sysrq),
            Process::Adjust { value, legacy, root, .. } => {
                self.refers(line, name, Part::Target);
                let (process, value, root) = (name, *value, *root);
                ProcessOp::Oom(match legacy {
                    true => OomOp::Adj { process, value: value.clamp(-17, 15) as i8, root },
                    false => OomOp::ScoreAdj { process, value, root },
                })
            }
            Process::Access { access, at, bytes, cpu } => {
                self.refers(line, name, Part::Target);
                let at = self.at(name, at, &mut other)?;
                let (process, pages) = self.extent(at, *bytes);
                self.grows_stack(at, *bytes);
                self.count(pages, process);
                ProcessOp::Access { access: *access, at, bytes: *bytes, cpu: self.cpu(lowering, line, *cpu) }
            }
            Process::Scan { at, bytes, scan, cpu } => {
                self.refers(line, name, Part::Target);
                let at = self.at(name, at, &mut other)?;
                let (process, pages) = self.extent(at, *bytes);
                let of_area = matches!(at, At::Area { .. }) && matches!(self.of(name), Known::Area { .. });
                let has = bytes.map_or(pages.saturating_mul(PAGE_SIZE), |range| range.to - range.from);
                if let Some(needs) = scan.extent().filter(|needs| of_area && *needs > has) {
                    lowering.report_line(line, Kind::MatrixTooLarge { bytes: needs, has });
                    return None;
                }
                let len = match at {
                    At::Address(..) => bytes.map_or(1, |range| range.to - range.from),
                    _ => has,
                };
                self.references = self.references.saturating_add(scan.references(len));
                self.grows_stack(at, *bytes);
                // It asks for far more words than pages; of these no more than it has can come.
                self.count(pages.min(scan.references(len)), process);
                let cpu = cpu.map(|cpu| self.cpu(lowering, line, cpu));
                ProcessOp::Scan { at, bytes: *bytes, scan: *scan, cpu }
            }
            Process::Move { cpu, .. } => {
                self.refers(line, name, Part::Target);
                ProcessOp::Move { process: name, cpu: self.cpu(lowering, line, *cpu) }
            }
        };
        self.if_it_fits(lowering, line, op)
    }

    /// So many huge pages are set aside: one by one, so their number is bounded, too.
    pub(super) fn pool(
        &mut self,
        lowering: &mut Lowering<'_>,
        line: u32,
        pages: u32,
        cpu: u8,
    ) -> Option<ProcessOp> {
        self.count(u64::from(pages), None);
        let cpu = self.cpu(lowering, line, cpu);
        self.if_it_fits(lowering, line, ProcessOp::NrHugepages { pages, cpu })
    }

    /// khugepaged looks at every page of addresses on its way.
    pub(super) fn khugepaged(
        &mut self,
        lowering: &mut Lowering<'_>,
        line: u32,
        limits: ScanLimits,
        cpu: u8,
    ) -> Option<ProcessOp> {
        self.count(u64::from(limits.pages_to_scan), None);
        let cpu = self.cpu(lowering, line, cpu);
        self.if_it_fits(lowering, line, ProcessOp::Khugepaged { limits, cpu })
    }

    fn if_it_fits(&mut self, lowering: &mut Lowering<'_>, line: u32, op: ProcessOp) -> Option<ProcessOp> {
        if self.references > u64::from(MAX_ACTIONS) {
            self.is_full = true;
            let (references, max) = (self.references, u64::from(MAX_ACTIONS));
            lowering.report_line(line, Kind::TooManyReferences { references, max });
            return None;
        }
        match self.past_the_bound() {
            Some(kind) => {
                self.is_full = true;
                lowering.report_line(line, kind);
                None
            }
            None => Some(op),
        }
    }

    /// Too many pages, together with what else takes its share of the bound.
    pub(super) fn past_the_bound(&self) -> Option<Kind> {
        let (pages, actions, max) = (self.pages, self.actions, u64::from(MAX_ACTIONS));
        let is_past = pages > 0 && pages.saturating_add(actions) > max;
        is_past.then_some(Kind::TooManyPages { pages, actions, max })
    }

    /// Where it is, `name` being the first name of the line.
    fn at(
        &mut self,
        name: NameId,
        at: &AtText,
        other: &mut impl FnMut(&mut Unroll, &Target, Part) -> Option<NameId>,
    ) -> Option<At> {
        Some(match at {
            AtText::Area { by: None, .. } => At::Area { name, by: None },
            AtText::Area { by: Some(by), .. } => At::Area { name, by: Some(other(self, by, Part::By)?) },
            AtText::Heap(_) => At::Heap(name),
            AtText::Stack(_) => At::Stack(name),
            AtText::Address(_, address) => At::Address(name, Vaddr(*address)),
        })
    }

    /// Whether the area that had this name has gone with its process.
    pub(super) fn is_gone(&self, name: NameId) -> bool {
        match self.of(name) {
            Known::Area { process, born, .. } | Known::Thread { process, born, .. } => {
                self.memory(process).is_none_or(|memory| memory.born != born)
            }
            _ => false,
        }
    }

    /// Whatever had this name, the name is given to something else.
    pub(super) fn forgets(&mut self, name: NameId) {
        if let Some(known) = self.known.get_mut(name.0 as usize) {
            *known = Known::Nothing;
        }
    }

    fn now(&self) -> u32 {
        self.program.ops.len() as u32
    }

    pub(super) fn of(&self, name: NameId) -> Known {
        self.known.get(name.0 as usize).copied().unwrap_or_default()
    }

    /// The process of a thread; of any other name itself.
    fn leader(&self, task: NameId) -> NameId {
        match self.of(task) {
            Known::Thread { process, .. } => process,
            _ => task,
        }
    }

    fn memory(&self, process: NameId) -> Option<Memory> {
        match self.of(self.leader(process)) {
            Known::Process(memory) => Some(memory),
            _ => None,
        }
    }

    pub(super) fn knows(&mut self, name: NameId, known: Known) {
        if self.known.len() <= name.0 as usize {
            self.known.resize(name.0 as usize + 1, Known::Nothing);
        }
        self.known[name.0 as usize] = known;
    }

    /// An op on a file.
    pub(super) fn file(
        &mut self,
        lowering: &mut Lowering<'_>,
        line: u32,
        name: NameId,
        of: &FileLine,
    ) -> Option<FileOp> {
        if !matches!(of, FileLine::Group { .. }) {
            self.refers(line, name, Part::Target);
        }
        let pages = |max: &Option<Amount>| max.map(|max| max.count());
        Some(match of {
            FileLine::Group { max, swap_max, .. } => {
                self.allocates(lowering, line, name);
                self.knows(name, Known::Group);
                FileOp::Group { name, max: pages(max), swap_max: pages(swap_max) }
            }
            FileLine::GroupMax { max, swap, .. } => {
                self.is_group(lowering, line, name, Part::Target);
                FileOp::GroupMax { group: name, max: pages(max), swap: *swap }
            }
            FileLine::Io { bytes, block, writes, cpu, .. } => {
                let length = bytes.map_or(self.length(name), |range| range.to.saturating_sub(range.from));
                // A call is a unit, however short; each page is looked at.
                self.count(self::pages(length).max(length / u64::from(*block).max(1)), None);
                let (bytes, block, cpu) = (*bytes, *block, self.cpu(lowering, line, *cpu));
                match writes {
                    true => FileOp::Write { file: name, bytes, block, cpu },
                    false => FileOp::Read { file: name, bytes, block, cpu },
                }
            }
            FileLine::Fsync(_) => FileOp::Sync { file: Some(name) },
            FileLine::Advise(_, advice) => FileOp::Advise { file: name, advice: *advice },
            FileLine::Sync | FileLine::DropCaches(_) | FileLine::Wait(_) => return None,
        })
    }

    /// Says so when a name is given to something else than a group.
    fn is_group(&mut self, lowering: &mut Lowering<'_>, line: u32, name: NameId, part: Part) {
        let is_other = !matches!(self.of(name), Known::Group) && self.has_held(name);
        if is_other {
            let name = self.program.names[name.0 as usize].clone();
            self.report_once(lowering, line, Fault::Group, part, || Kind::NotAGroup { name });
        }
    }

    /// Says so when a name is given to something else than a cpuset.
    fn is_cpuset(&mut self, lowering: &mut Lowering<'_>, line: u32, name: NameId, part: Part) {
        if !matches!(self.of(name), Known::Cpuset) && self.has_held(name) {
            let name = self.program.names[name.0 as usize].clone();
            self.report_once(lowering, line, Fault::Group, part, || Kind::NotACpuset { name });
        }
    }

    /// Says so when the machine lacks one of these nodes: none.
    fn has_nodes(&mut self, lowering: &mut Lowering<'_>, line: u32, mems: NodeMask) -> Option<()> {
        let nodes = self.nodes;
        let Some(node) = mems.nodes().find(|node| *node >= nodes) else { return Some(()) };
        self.report_once(lowering, line, Fault::Group, Part::Node, || Kind::UnknownNode { node, nodes });
        None
    }

    /// How long a file is, as far as the text tells.
    fn length(&self, name: NameId) -> u64 {
        match self.known.get(name.0 as usize) {
            Some(Known::File { bytes }) => *bytes,
            _ => 0,
        }
    }

    /// So many pages are touched, in a process if one is given.
    pub(super) fn count(&mut self, pages: u64, process: Option<NameId>) {
        self.pages = self.pages.saturating_add(pages);
        self.changes(process, |memory| memory.touched = memory.touched.saturating_add(pages));
    }

    fn changes(&mut self, process: Option<NameId>, change: impl FnOnce(&mut Memory)) {
        let process = process.map(|name| self.leader(name));
        if let Some(Known::Process(memory)) = process.and_then(|name| self.known.get_mut(name.0 as usize)) {
            change(memory);
        }
    }

    fn maps(&mut self, name: NameId, process: NameId, bytes: u64, args: &MmapText) {
        let pages = pages(bytes);
        self.changes(Some(process), |memory| memory.mapped = memory.mapped.saturating_add(pages));
        let born = self.memory(process).map_or(0, |memory| memory.born);
        self.knows(name, Known::Area { process, born, pages, is_mapped: true });
        let locks = self.memory(process).is_some_and(|memory| memory.locks);
        self.count(if args.populate || args.locked || locks { pages } else { 0 }, Some(process));
    }

    /// A block of malloc: its pages, those that malloc itself may touch, and so many more that are cleared or copied.
    fn mallocs(&mut self, name: NameId, process: NameId, bytes: u64, more: u64) {
        const HEADERS: u64 = 8;
        let pages = pages(bytes).saturating_add(2);
        let heap = pages.saturating_add(64);
        self.changes(Some(process), |memory| memory.mapped = memory.mapped.saturating_add(heap));
        let born = self.memory(process).map_or(0, |memory| memory.born);
        self.knows(name, Known::Area { process, born, pages, is_mapped: true });
        let locked = if self.memory(process).is_some_and(|memory| memory.locks) { heap } else { 0 };
        self.count(more.saturating_add(HEADERS).saturating_add(locked), Some(process));
    }

    fn remaps(&mut self, name: NameId, bytes: u64) {
        if let Known::Area { process, born, pages: old, .. } = self.of(name) {
            let pages = pages(bytes);
            self.changes(Some(process), |memory| {
                memory.mapped = memory.mapped.saturating_add(pages.saturating_sub(old));
            });
            self.knows(name, Known::Area { process, born, pages, is_mapped: true });
        }
    }

    fn unmaps(&mut self, name: NameId) {
        if let Known::Area { process, born, pages, is_mapped: true } = self.of(name)
            && !self.is_gone(name)
        {
            self.changes(Some(process), |memory| memory.mapped = memory.mapped.saturating_sub(pages));
            self.knows(name, Known::Area { process, born, pages, is_mapped: false });
        }
    }

    fn moves_heap(&mut self, process: NameId, by: i64) {
        let locks = self.memory(process).is_some_and(|memory| memory.locks);
        self.count(
            if locks && by > 0 { pages(by.unsigned_abs()).saturating_add(1) } else { 0 },
            Some(process),
        );
        self.changes(Some(process), |memory| {
            memory.heap = match by {
                0.. => memory.heap.saturating_add(by.unsigned_abs()),
                _ => memory.heap.saturating_sub(by.unsigned_abs()),
            }
        });
    }

    fn grows_stack(&mut self, at: At, bytes: Option<ByteRange>) {
        match (at, bytes) {
            (At::Stack(process), Some(range)) => {
                self.changes(Some(process), |memory| memory.stack = memory.stack.max(range.to));
            }
            (At::Address(process, _), _) => {
                self.changes(Some(process), |memory| memory.stack = memory.stack.max(memory.stack_limit));
            }
            _ => {}
        }
    }

    /// The process that a place is in, and how many pages the place has; one where nothing is known of it.
    fn extent(&self, at: At, bytes: Option<ByteRange>) -> (Option<NameId>, u64) {
        let (process, whole, start) = match at {
            At::Area { name, by } => match self.of(name) {
                Known::Area { process, pages, .. } => (by.or(Some(process)), pages, 0),
                Known::Kernel(pages) => (None, pages, 0),
                _ => (by, 1, 0),
            },
            At::Heap(process) => {
                (Some(process), self.memory(process).map_or(1, |memory| pages(memory.heap)), 0)
            }
            At::Stack(task) if matches!(self.of(task), Known::Thread { .. }) => match self.of(task) {
                Known::Thread { process, pages, .. } => (Some(process), pages, 0),
                _ => (None, 1, 0),
            },
            At::Stack(process) => {
                (Some(process), self.memory(process).map_or(1, |memory| pages(memory.stack)), 0)
            }
            At::Address(process, address) => (Some(process), 1, address.0),
        };
        (process, bytes.map_or(whole.max(1), |range| pages_of(start, range)))
    }
}
