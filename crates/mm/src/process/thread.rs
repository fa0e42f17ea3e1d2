//! Threads: more tasks on one address space (`copy_mm()` with `CLONE_VM`, kernel/fork.c, 6.1), and what glibc 2.36 does with
//! their stacks (nptl/allocatestack.c, nptl/pthread_create.c).
//!
//! A stack is an area of `mmap()`, with one page at its end that nobody may touch; it does not grow. When its thread ends,
//! glibc keeps the addresses for the next one and gives most of the pages back.

use super::machine::page_of;
use super::malloc::machine::After;
use super::mm_types::Vma;
use super::{Access, At, MmapArgs, ProcessOp, Processes, Prot, Then, Work};
use crate::hash::Digest;
use crate::machine::{Machine, Named, UnitEnd};
use crate::op::NameId;
use crate::step::{Func, MmuStep, ProcessStep, Refusal, StepKind, Trace};
use crate::units::{CpuId, NrPages, PAGE_SIZE, Vaddr};

/// The guard of a thread's stack: its lowest page.
pub const GUARD: u64 = PAGE_SIZE;
/// The smallest stack of a thread (`PTHREAD_STACK_MIN`, x86).
pub const STACK_MIN: u64 = 16 << 10;
/// A thread's stack where `RLIMIT_STACK` says nothing (`ARCH_STACK_DEFAULT_SIZE`, x86-64).
const STACK_DEFAULT: u64 = 2 << 20;
/// Bytes of stacks that glibc keeps for later threads (`stack_cache_maxsize`).
const CACHE_MAX: u64 = 40 << 20;
/// Threads that end in one unit when their process does.
const BATCH: usize = 64;

/// A task on the address space of a process.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Thread {
    /// What it is called.
    pub name: NameId,
    /// Whose address space it uses: the leader of its group.
    pub process: NameId,
    /// The CPU that it runs on.
    pub cpu: CpuId,
    /// The first address of its stack, that of the guard page.
    pub stack: Vaddr,
    /// Bytes of its stack, the guard included.
    pub bytes: u64,
}

impl Thread {
    /// One past the last address of its stack.
    #[must_use]
    pub fn top(&self) -> Vaddr {
        Vaddr(self.stack.0.saturating_add(self.bytes))
    }

    pub(super) fn digest(&self, to: &mut Digest) {
        to.word(u64::from(self.name.0) << 32 | u64::from(self.process.0));
        to.word(u64::from(self.cpu.0));
        to.word(self.stack.0);
        to.word(self.bytes);
    }
}

impl Processes {
    /// The threads of all processes but for their leaders, in the order of their names.
    pub fn threads(&self) -> impl Iterator<Item = &Thread> {
        self.threads.values()
    }

    /// A thread that is no leader.
    #[must_use]
    pub fn thread(&self, name: NameId) -> Option<&Thread> {
        self.threads.get(&name)
    }

    /// The threads of a process but for its leader, in the order of their names.
    pub fn threads_of(&self, process: NameId) -> impl Iterator<Item = &Thread> {
        self.threads.values().filter(move |thread| thread.process == process)
    }

    /// The tasks that use the address space of a process (`mm_users`).
    #[must_use]
    pub fn users(&self, process: NameId) -> u32 {
        u32::from(self.mm(process).is_some()) + self.threads_of(process).count() as u32
    }

    /// The process that a task belongs to (`group_leader`): of a thread its leader, of any other name itself.
    #[must_use]
    pub fn leader(&self, task: NameId) -> NameId {
        self.threads.get(&task).map_or(task, |thread| thread.process)
    }

    /// The task that ran on a CPU last, of those that belong to a process with threads.
    #[must_use]
    pub fn ran_on(&self, cpu: CpuId) -> Option<NameId> {
        self.ran.get(&cpu).copied()
    }

    /// A stack that was kept for a thread that wants so many bytes, the smallest that will do (`get_cached_stack()`).
    fn cached_stack(&mut self, process: NameId, bytes: u64) -> Option<(Vaddr, u64)> {
        let stacks = &self.mm(process)?.stacks;
        let fits = stacks.iter().enumerate().filter(|(_, (_, has))| *has >= bytes);
        let (at, found) = fits.min_by_key(|(at, (_, has))| (*has, *at))?;
        let found = Some(*found).filter(|(_, has)| *has <= bytes.saturating_mul(4))?;
        self.mm_mut(process)?.stacks.remove(at);
        Some(found)
    }

    /// The laws of threads: each is one of a process that is there, and is not called as one.
    pub(super) fn check_threads(&self) -> Result<(), String> {
        for thread in self.threads() {
            let Thread { name, process, .. } = *thread;
            if self.mm(process).is_none() || self.mm(name).is_some() {
                return Err(format!("{name:?} is a thread of {process:?}, whose address space is not there"));
            }
        }
        Ok(())
    }
}

impl At {
    /// Who does something there, as far as it is said.
    pub(super) fn task(self) -> Option<NameId> {
        match self {
            At::Area { by, .. } => by,
            At::Heap(task) | At::Stack(task) | At::Address(task, _) => Some(task),
        }
    }
}

impl ProcessOp {
    /// Who does it: a process or a thread, as far as it says so; else the name of the area that its owner works on.
    fn task(&self) -> Result<NameId, Option<NameId>> {
        let of = |at: At| match at {
            At::Area { name, by: None } => Err(Some(name)),
            at => at.task().ok_or(None),
        };
        match *self {
            ProcessOp::Mmap { process, .. }
            | ProcessOp::Brk { process, .. }
            | ProcessOp::Malloc { process, .. }
            | ProcessOp::Mlockall { process, .. }
            | ProcessOp::SetMempolicy { process, .. }
            | ProcessOp::Fork { parent: process, .. }
            | ProcessOp::AllocPages { process, .. }
            | ProcessOp::Exit { process, .. } => Ok(process),
            ProcessOp::Munmap { at, .. }
            | ProcessOp::Mprotect { at, .. }
            | ProcessOp::Madvise { at, .. }
            | ProcessOp::Mlock { at, .. }
            | ProcessOp::Mbind { at, .. }
            | ProcessOp::Memset { at, .. }
            | ProcessOp::Hexdump { at, .. }
            | ProcessOp::Scan { at, .. }
            | ProcessOp::Access { at, .. } => of(at),
            ProcessOp::Mremap { name, .. } | ProcessOp::Realloc { of: name, .. } => Err(Some(name)),
            ProcessOp::File { .. }
            | ProcessOp::Exec { .. }
            | ProcessOp::Thread { .. }
            | ProcessOp::NrHugepages { .. }
            | ProcessOp::NrOvercommitHugepages { .. }
            | ProcessOp::Khugepaged { .. }
            | ProcessOp::Oom(_)
            | ProcessOp::Cpuset(_)
            | ProcessOp::Move { .. } => Err(None),
        }
    }
}

impl Machine {
    /// The CPU that an op runs on: that of the thread which does it, else the one that the op names.
    pub(super) fn cpu_of(&self, op: &ProcessOp) -> CpuId {
        let thread = op.task().ok().and_then(|task| self.processes().thread(task));
        thread.map_or(op.cpu().unwrap_or_default(), |thread| thread.cpu)
    }

    /// A task begins with an op, where there are threads. One that names another CPU than 0 puts a thread there.
    pub(super) fn task_runs(&mut self, t: &mut Trace<'_>, op: &ProcessOp) {
        if self.processes().threads.is_empty() {
            return;
        }
        let owner = |name| match self.named(name) {
            Named::Mapping { process, .. } | Named::Chunk { process, .. } => Some(process),
            _ => None,
        };
        let Some(task) = op.task().or_else(|area| area.and_then(owner).ok_or(())).ok() else { return };
        let wanted = op.cpu().filter(|cpu| *cpu != CpuId(0));
        if let (Some(thread), Some(to)) = (self.processes().thread(task).copied(), wanted)
            && thread.cpu != to
        {
            self.move_thread(t, thread, to);
        }
        let cpu = self.cpu_of(op);
        self.goes_on(t, task, cpu);
    }

    /// A CPU goes on with a task. Where one of its group was on it before, the address space is loaded already: `CR3`
    /// stays, and all translations with it (`switch_mm_irqs_off()`).
    fn goes_on(&mut self, t: &mut Trace<'_>, task: NameId, cpu: CpuId) {
        let process = self.processes().leader(task);
        let Some(pgd) = self.processes().mm(process).map(|mm| mm.pgd) else { return };
        let before = self.procs().ran.insert(cpu, task);
        let is_loaded = self.mmus.cpu(cpu).is_some_and(|unit| unit.loaded() == Some(process));
        if is_loaded && before.is_some_and(|before| before != task) && t.looks() {
            let kind = StepKind::Mmu { cpu, process, step: MmuStep::Kept { task, pgd } };
            t.within_once(Func::SwitchMm, |t| t.emit(self, kind));
        }
    }

    /// A thread runs on this CPU from now on.
    pub(super) fn move_thread(&mut self, t: &mut Trace<'_>, thread: Thread, to: CpuId) {
        let Thread { name, process, cpu: from, .. } = thread;
        if let Some(thread) = self.procs().threads.get_mut(&name) {
            thread.cpu = to;
        }
        self.told_process(t, Func::Scenario, process, || ProcessStep::ThreadMoved { thread: name, from, to });
    }

    /// `t = thread p`: a stack is found, and its first page written to; then there is another task.
    pub(super) fn thread(
        &mut self,
        t: &mut Trace<'_>,
        name: NameId,
        of: NameId,
        stack: Option<u64>,
        cpu: CpuId,
    ) -> UnitEnd {
        let process = self.processes().leader(of);
        if !self.may_name(t, name) || !self.is_process(t, process) {
            return UnitEnd::Done;
        }
        let limit = self.processes().mm(process).map_or(0, |mm| mm.limits.stack);
        let usual =
            if limit >= self.processes().tables().paging().stack_top().0 { STACK_DEFAULT } else { limit };
        let wanted = stack.unwrap_or(usual).max(STACK_MIN);
        let Some(bytes) =
            wanted.checked_next_multiple_of(PAGE_SIZE).and_then(|bytes| bytes.checked_add(GUARD))
        else {
            return self.refused(t, name, Refusal::NoGap);
        };
        let creator = self.creator(of);
        // Before the first thread there was nobody else.
        self.procs().ran.entry(creator).or_insert(process);
        self.goes_on(t, of, creator);
        let (start, bytes) = match self.procs().cached_stack(process, bytes) {
            Some(found) => {
                let pages = NrPages(found.1 / PAGE_SIZE);
                self.told_process(t, Func::PthreadCreate, process, || ProcessStep::StackReused {
                    start: found.0,
                    pages,
                });
                found
            }
            None => match self.map_stack(t, process, bytes) {
                Ok(start) => (start, bytes),
                Err(why) => return self.refused(t, name, why),
            },
        };
        let thread = Thread { name, process, cpu, stack: start, bytes };
        // What the library has to know of a thread lies at the top of its stack (`struct pthread`).
        let at = Vaddr(thread.top().0 - PAGE_SIZE);
        let procs = self.procs();
        procs.after = Some(After::Thread(thread));
        procs.work =
            Some(Work::Access { process, access: Access::Write, at, left: 1, down: false, populate: false });
        self.touch_on(t, creator);
        UnitEnd::More
    }

    /// The CPU that a task which starts a thread runs on.
    fn creator(&self, task: NameId) -> CpuId {
        let on = || self.hierarchy().and_then(|hierarchy| hierarchy.runs_on(task));
        self.processes().thread(task).map_or_else(|| on().unwrap_or_default(), |thread| thread.cpu)
    }

    /// Addresses for a stack: first nothing may be done with any of them, then all but the guard are for use
    /// (`allocate_stack()`).
    fn map_stack(&mut self, t: &mut Trace<'_>, process: NameId, bytes: u64) -> Result<Vaddr, Refusal> {
        let args = MmapArgs { prot: Prot::NONE, ..MmapArgs::ANONYMOUS };
        let (start, merged) = self.mmap_region(process, process, bytes, &args)?;
        let end = Vaddr(start.0 + bytes);
        let pages = NrPages(bytes / PAGE_SIZE);
        let total = self.processes().mm(process).map_or(NrPages(0), super::Mm::total_vm);
        self.told_process(t, Func::Mmap, process, || ProcessStep::Mapped { start, pages, merged, total });
        let usable = Vaddr(start.0 + GUARD);
        let inside = NrPages(pages.0 - GUARD / PAGE_SIZE);
        let has_room = self.processes().mm(process).is_some_and(|mm| mm.has_room_for_areas(2));
        let allowed = if has_room { self.procs().charge(total, inside) } else { Err(Refusal::TooMany) };
        let Some(mm) = self.procs().mm_mut(process) else { return Err(Refusal::NoGap) };
        if let Err(why) = allowed {
            mm.remove(start, end);
            return Err(why);
        }
        let mut locked = false;
        for at in mm.cut(usable, end) {
            let vma: &mut Vma = &mut mm.vmas[at];
            (vma.prot, vma.account) = (Prot::READ_WRITE, true);
            locked |= vma.locked;
        }
        mm.merge_around(usable, end);
        let areas = mm.vmas().len() as u32;
        if locked {
            self.procs().to_lock.push((process, usable, end));
        }
        // There is no page yet, so nobody has anything to forget.
        self.told_process(t, Func::Mprotect, process, || ProcessStep::Protected {
            start: usable,
            pages: inside,
            prot: Prot::READ_WRITE,
            areas,
        });
        Ok(start)
    }

    /// The task is there, on its CPU (`copy_process()`).
    pub(super) fn thread_starts(&mut self, t: &mut Trace<'_>, thread: Thread) {
        let Thread { name, process, cpu, .. } = thread;
        self.procs().threads.insert(name, thread);
        self.set_named(name, Named::Thread { process });
        let users = self.processes().users(process);
        self.told_process(t, Func::CopyMm, process, || ProcessStep::ThreadStarted {
            thread: name,
            cpu,
            users,
        });
        self.goes_on(t, name, cpu);
        self.load_mm(t, process, cpu);
    }

    /// `exit t`: most of its stack's pages go first (`advise_stack_range()`), then the task.
    pub(super) fn thread_exits(&mut self, t: &mut Trace<'_>, thread: Thread) -> UnitEnd {
        let Thread { name, process, cpu, stack, .. } = thread;
        let used = thread.top().0 - PAGE_SIZE - stack.0;
        if used <= STACK_MIN {
            return self.thread_gone(t, name, cpu);
        }
        let end = Vaddr(stack.0 + used - STACK_MIN);
        let (start, end) = (page_of(stack), page_of(end));
        // Locked pages cannot be given up, and areas of others may lie there by now.
        if self.has_locked(process, start, end)
            || self.processes().mm(process).is_some_and(|mm| mm.has_hugetlb(start, end))
        {
            return self.thread_gone(t, name, cpu);
        }
        self.start_zap(t, process, (start, end), Then::Thread(name), cpu)
    }

    /// The task is gone: one user less of the address space (`mmput()`). Its stack waits for the next thread; what is too
    /// much of them is given back, the oldest first (`__nptl_free_stacks()`).
    pub(super) fn thread_gone(&mut self, t: &mut Trace<'_>, name: NameId, cpu: CpuId) -> UnitEnd {
        let Some(Thread { process, stack, bytes, .. }) = self.drop_thread(t, name) else {
            return UnitEnd::Done;
        };
        if let Some(mm) = self.procs().mm_mut(process) {
            mm.stacks.insert(0, (stack, bytes));
        }
        self.trim_stacks(t, process, cpu)
    }

    /// Stacks that are too much go.
    pub(super) fn trim_stacks(&mut self, t: &mut Trace<'_>, process: NameId, cpu: CpuId) -> UnitEnd {
        let Some(mm) = self.procs().mm_mut(process) else { return UnitEnd::Done };
        let all = mm.stacks.iter().fold(0u64, |sum, (_, bytes)| sum.saturating_add(*bytes));
        if all <= CACHE_MAX {
            return UnitEnd::Done;
        }
        let Some((start, bytes)) = mm.stacks.pop() else { return UnitEnd::Done };
        let end = Vaddr(start.0 + bytes);
        if self.processes().mm(process).is_some_and(|mm| mm.cuts_hugetlb(start, end)) {
            return UnitEnd::Done;
        }
        self.split_at(t, process, start, cpu);
        self.split_at(t, process, end, cpu);
        self.begin_zap(process, (start, end), Then::Uncache);
        UnitEnd::More
    }

    fn drop_thread(&mut self, t: &mut Trace<'_>, name: NameId) -> Option<Thread> {
        let thread = self.procs().threads.remove(&name)?;
        self.procs().ran.retain(|_, task| *task != name);
        self.set_named(name, Named::Freed);
        let (process, users) = (thread.process, self.processes().users(thread.process));
        self.told_process(t, Func::Mmput, process, || ProcessStep::ThreadExited { thread: name, users });
        Some(thread)
    }

    /// The process ends, and with it all of its threads (`do_group_exit()`): some of them, and whether there were any.
    pub(super) fn threads_end(&mut self, t: &mut Trace<'_>, process: NameId) -> bool {
        let some: Vec<NameId> =
            self.processes().threads_of(process).take(BATCH).map(|thread| thread.name).collect();
        t.within(Func::DoGroupExit, |t| {
            for name in &some {
                self.drop_thread(t, *name);
            }
        });
        !some.is_empty()
    }
}
