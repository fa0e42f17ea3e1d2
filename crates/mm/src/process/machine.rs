//! The ops of processes.

use std::collections::BTreeSet;

use super::filemap::File;
use super::memory::Outcome;
pub(super) use super::memory::page_of;
use super::mm_types::{Backing, Mm, Rss, STACK_EXPAND, Vma};
use super::mmap::mmap_base;
use super::pgtable::Tables;
use super::{
    Access, Advice, At, ByteRange, GUARD, HPAGE_SIZE, MmapArgs, ProcessOp, Prot, Rlimits, Then, Work,
};
use crate::machine::{Machine, Named, UnitEnd};
use crate::oom_kill::{TaskArgs, TaskOom};
use crate::op::NameId;
use crate::page::PageState;
use crate::step::{CpusetStep, Func, ProcessStep, ReclaimStep, Refusal, Trace};
use crate::units::{CpuId, NrPages, PAGE_SIZE, Pfn, Vaddr};
use crate::util::{admin_reserve_kbytes, user_reserve_kbytes};
use crate::x86::pgtable::Level;

/// Pages of a file that come into memory in one unit.
const READ_BATCH: u32 = 32;

/// Runs the next unit of an op.
pub(crate) fn run(machine: &mut Machine, op: &ProcessOp, t: &mut Trace<'_>) -> UnitEnd {
    machine.boot_processes();
    machine.follow_sysctls();
    if machine.units_done() == 0 {
        machine.task_runs(t, op);
    }
    let cpu = machine.cpu_of(op);
    let current = machine.runs(op).map(|task| machine.processes().leader(task));
    in_kernel(machine, t, current, |machine, t| {
        // What a unit left to do comes first.
        let mut end = match machine.processes().work {
            Some(_) => work_on(machine, t, cpu),
            None => begin(machine, op, t, cpu),
        };
        while machine.processes().work.is_none() {
            if !machine.processes().to_lock.is_empty() {
                let (process, start, end) = machine.procs().to_lock.remove(0);
                machine.lock_pages(process, start, end, true);
            } else if machine.processes().after.is_some() {
                end = machine.after(t, cpu);
            } else {
                return end;
            }
        }
        UnitEnd::More
    })
}

/// Gives a block of malloc back.
pub(crate) fn free_chunk(machine: &mut Machine, name: NameId, cpu: CpuId, t: &mut Trace<'_>) -> UnitEnd {
    let current = match (machine.named(name), machine.processes().work) {
        (Named::Chunk { process, .. }, _) => Some(process),
        (_, Some(Work::Access { process, .. } | Work::Zap { process, .. })) => Some(process),
        _ => None,
    };
    in_kernel(machine, t, current, |machine, t| super::malloc::machine::free(machine, name, cpu, t))
}

/// A unit that a process runs: if it is killed meanwhile it finds the signal at the end.
fn in_kernel(
    machine: &mut Machine,
    t: &mut Trace<'_>,
    current: Option<NameId>,
    body: impl FnOnce(&mut Machine, &mut Trace<'_>) -> UnitEnd,
) -> UnitEnd {
    machine.procs().oom.current = current;
    let end = body(machine, t);
    machine.procs().oom.current = None;
    let end = machine.back_from_kernel(t, end);
    machine.procs().oom.ran = current.filter(|_| end == UnitEnd::More);
    end
}

/// Goes on with what a unit left to do.
pub(super) fn work_on(machine: &mut Machine, t: &mut Trace<'_>, cpu: CpuId) -> UnitEnd {
    match machine.processes().work {
        Some(Work::Access { populate: true, .. }) => machine.populate(t, cpu),
        Some(Work::Access { .. }) => machine.touch_on(t, cpu),
        Some(Work::Zap { .. }) => machine.zap(t, cpu),
        Some(Work::Fork { .. }) => machine.fork_on(t, cpu),
        Some(Work::Lock { .. }) => machine.lock_on(t, cpu),
        Some(Work::Khugepaged(_)) => machine.khugepaged_on(t, cpu),
        None => UnitEnd::Done,
    }
}

/// The first unit of an op.
fn begin(machine: &mut Machine, op: &ProcessOp, t: &mut Trace<'_>, cpu: CpuId) -> UnitEnd {
    match *op {
        ProcessOp::File { name, bytes, cached, .. } => machine.file(t, name, bytes, cached, cpu),
        ProcessOp::Exec { name, limits, task, .. } => machine.exec(t, name, limits, task, cpu),
        ProcessOp::Oom(op) => crate::oom_kill::machine::run(machine, op, t, cpu),
        ProcessOp::Fork { name, parent, .. } => {
            let leader = machine.processes().leader(parent);
            if !machine.may_name(t, name) || !machine.is_process(t, leader) {
                return UnitEnd::Done;
            }
            machine.fork(t, (leader, parent), name, cpu)
        }
        ProcessOp::Thread { name, of, stack, cpu } => machine.thread(t, name, of, stack, cpu),
        ProcessOp::Exit { process, .. } => {
            if let Some(thread) = machine.processes().thread(process).copied() {
                return machine.thread_exits(t, thread);
            }
            if !machine.is_process(t, process) {
                return UnitEnd::Done;
            }
            let top = machine.processes().tables().paging().stack_top();
            machine.start_zap(t, process, (Vaddr(0), top), Then::Exit, cpu)
        }
        ProcessOp::Mmap { name, process, bytes, args, .. } => {
            let process = machine.processes().leader(process);
            machine.mmap(t, name, process, bytes, &args, cpu)
        }
        ProcessOp::Munmap { at, bytes, .. } => machine.munmap(t, at, bytes, cpu),
        ProcessOp::Mprotect { at, bytes, prot } => machine.mprotect(t, at, bytes, prot, cpu),
        ProcessOp::Madvise { at, bytes, advice: Advice::Free, .. } => {
            machine.madvise_free(t, at, bytes, cpu);
            UnitEnd::Done
        }
        ProcessOp::Madvise { at, bytes, advice: Advice::DontNeed, .. } => {
            let Some((process, start, end)) = machine.pages_at(t, at, bytes) else { return UnitEnd::Done };
            if machine.has_locked(process, start, end) {
                return machine.refused(t, process, Refusal::IsLocked);
            }
            let end = machine.processes().end_of_whole_pages(process, start, end);
            if machine.processes().mm(process).is_some_and(|mm| mm.cuts_hugetlb(start, end)) {
                return machine.refused(t, process, Refusal::Pooled);
            }
            machine.start_zap(t, process, (start, end), Then::Keep, cpu)
        }
        ProcessOp::Madvise { at, bytes, advice: advice @ (Advice::Cold | Advice::PageOut), .. } => {
            machine.madvise_cold(t, at, bytes, advice == Advice::PageOut, cpu)
        }
        ProcessOp::Madvise { at, bytes, advice, .. } => {
            machine.madvise_huge(t, at, bytes, advice == Advice::HugePage, cpu)
        }
        ProcessOp::Brk { process, by, .. } => {
            let process = machine.processes().leader(process);
            machine.brk(t, process, by, cpu)
        }
        ProcessOp::NrHugepages { pages, .. } => machine.set_max_huge_pages(t, pages, cpu),
        ProcessOp::NrOvercommitHugepages { pages } => machine.set_overcommit_huge_pages(t, pages),
        ProcessOp::Khugepaged { limits, .. } => machine.khugepaged(t, limits, cpu),
        ProcessOp::Access { access, at, bytes, .. } => machine.access(t, access, at, bytes, cpu),
        ProcessOp::Mremap { name, bytes, may_move, .. } => {
            let Named::Mapping { process, start, pages } = machine.named(name) else {
                machine.skipped(t, name);
                return UnitEnd::Done;
            };
            if !machine.is_process(t, process) {
                return UnitEnd::Done;
            }
            match machine.mremap(t, process, start, u64::from(pages) * PAGE_SIZE, bytes, may_move, cpu) {
                Ok((start, end)) => {
                    let pages = u32::try_from(bytes.div_ceil(PAGE_SIZE)).unwrap_or(u32::MAX);
                    machine.set_named(name, Named::Mapping { process, start, pages });
                    end
                }
                Err(why) => machine.refused(t, process, why),
            }
        }
        ProcessOp::Mlock { at, bytes, locked: true, .. } => machine.mlock(t, at, bytes, cpu),
        ProcessOp::Mlock { at, bytes, locked: false, .. } => machine.munlock(t, at, bytes, cpu),
        ProcessOp::Mlockall { process, current, future, .. } => {
            let process = machine.processes().leader(process);
            machine.mlockall(t, process, current, future)
        }
        ProcessOp::Malloc { .. }
        | ProcessOp::Realloc { .. }
        | ProcessOp::Memset { .. }
        | ProcessOp::Hexdump { .. } => machine.malloc_op(t, op, cpu),
        ProcessOp::Scan { at, bytes, ref scan, cpu } => machine.scan(t, at, bytes, scan, cpu),
        ProcessOp::Move { process, cpu } => machine.move_process(t, process, cpu),
        ProcessOp::SetMempolicy { process, policy } => {
            let process = machine.processes().leader(process);
            if !machine.is_process(t, process) {
                return UnitEnd::Done;
            }
            machine.set_mempolicy(t, process, policy)
        }
        ProcessOp::Mbind { at, bytes, policy } => machine.mbind(t, at, bytes, policy),
        ProcessOp::Cpuset(op) => machine.cpuset_op(t, op),
        ProcessOp::AllocPages { name, process, order, gfp, .. } => {
            if machine.is_process(t, machine.processes().leader(process)) {
                machine.alloc_op(t, cpu, name, order, gfp);
            }
            UnitEnd::Done
        }
    }
}

impl Machine {
    /// Who runs in the kernel while an op is served.
    fn runs(&self, op: &ProcessOp) -> Option<NameId> {
        let of_name = |name: NameId| match self.named(name) {
            Named::Mapping { process, .. } | Named::Chunk { process, .. } => Some(process),
            _ => None,
        };
        let of_place = |at: At| match at {
            At::Area { name, by } => by.or(of_name(name)),
            At::Heap(process) | At::Stack(process) | At::Address(process, _) => Some(process),
        };
        match *op {
            ProcessOp::Exec { name, .. } => Some(name),
            ProcessOp::Fork { parent: process, .. }
            | ProcessOp::Exit { process, .. }
            | ProcessOp::Mmap { process, .. }
            | ProcessOp::Brk { process, .. }
            | ProcessOp::Thread { of: process, .. }
            | ProcessOp::Mlockall { process, .. }
            | ProcessOp::SetMempolicy { process, .. }
            | ProcessOp::AllocPages { process, .. }
            | ProcessOp::Malloc { process, .. } => Some(process),
            ProcessOp::Realloc { of, name, .. } => of_name(of).or(of_name(name)),
            ProcessOp::Mremap { name, .. } => of_name(name),
            ProcessOp::Munmap { at, .. } => match (at, self.processes().work) {
                // The name is given up with the first unit.
                (At::Area { .. }, Some(Work::Zap { process, .. })) => Some(process),
                _ => of_place(at),
            },
            ProcessOp::Mprotect { at, .. }
            | ProcessOp::Madvise { at, .. }
            | ProcessOp::Mbind { at, .. }
            | ProcessOp::Mlock { at, .. }
            | ProcessOp::Memset { at, .. }
            | ProcessOp::Hexdump { at, .. }
            | ProcessOp::Access { at, .. }
            | ProcessOp::Scan { at, .. } => of_place(at),
            ProcessOp::File { .. }
            | ProcessOp::NrHugepages { .. }
            | ProcessOp::NrOvercommitHugepages { .. }
            | ProcessOp::Khugepaged { .. }
            | ProcessOp::Move { .. }
            | ProcessOp::Cpuset(_)
            | ProcessOp::Oom(_) => None,
        }
    }

    /// What processes need to be there, with the first op that is about them.
    pub(crate) fn boot_processes(&mut self) {
        if !self.processes().is_untouched() {
            return;
        }
        let managed = NrPages(self.zones().iter().map(|zone| zone.managed.0).sum());
        let free = NrPages(self.zones().iter().map(|zone| zone.nr_free_pages.0).sum());
        // It is part of the kernel's image; where that lies is not modelled, but for that it is reserved.
        let is_reserved = |pfn: &Pfn| self.page(*pfn).state == PageState::Reserved;
        let zero_page = (1..self.end().0).map(Pfn).find(is_reserved).unwrap_or(Pfn(0));
        let paging = self.settings().paging;
        let total_swap = self.reclaim().map_or(0, |reclaim| reclaim.swap_pages().0);
        let procs = self.procs();
        procs.commit.total_swap = NrPages(total_swap);
        procs.tables = Tables::new(paging);
        procs.zero_page = zero_page;
        procs.commit.total_ram = NrPages(managed.0.max(1));
        procs.commit.admin_reserve_kbytes = admin_reserve_kbytes(free);
        procs.commit.user_reserve_kbytes = user_reserve_kbytes(free);
        self.boot_huge_pages(managed);
    }

    /// See [`Machine::flatten`].
    pub(crate) fn flatten_processes(&mut self) {
        self.procs().flatten();
        if let Some(reclaim) = self.reclaim_mut() {
            reclaim.flatten();
        }
    }

    /// What was written to `/proc/sys/vm` since the last op counts from now on.
    fn follow_sysctls(&mut self) {
        let (mode, ratio) = (self.tunables().overcommit_memory, self.tunables().overcommit_ratio);
        let commit = &self.processes().commit;
        if (commit.mode, commit.ratio) != (mode, ratio) {
            let commit = &mut self.procs().commit;
            (commit.mode, commit.ratio) = (mode, ratio);
        }
    }

    pub(super) fn refused(&mut self, t: &mut Trace<'_>, name: NameId, why: Refusal) -> UnitEnd {
        if self.named(name) == Named::Nothing || self.named(name) == Named::Freed {
            self.set_named(name, Named::Failed);
        }
        self.told_process(t, Func::Mmap, name, || ProcessStep::Refused { why });
        UnitEnd::Done
    }

    /// Whether a name is that of a process that runs; if not, the op is skipped.
    pub(super) fn is_process(&self, t: &mut Trace<'_>, name: NameId) -> bool {
        if self.processes().mm(name).is_some() {
            return true;
        }
        self.skipped(t, name);
        false
    }

    /// The process and the addresses that an op means; none, and the op is skipped, when there are none.
    pub(super) fn range_of(
        &self,
        t: &mut Trace<'_>,
        at: At,
        bytes: Option<ByteRange>,
    ) -> Option<(NameId, Vaddr, Vaddr)> {
        let all = |start: Vaddr, end: Vaddr| match bytes {
            None => (start, end),
            Some(ByteRange { from, to }) => {
                (Vaddr(start.0.saturating_add(from)), Vaddr(start.0.saturating_add(to)))
            }
        };
        let (process, (start, end)) = match at {
            At::Area { name, by } => {
                let (process, start, length) = match self.named(name) {
                    Named::Mapping { process, start, pages } => {
                        (process, start, u64::from(pages) * PAGE_SIZE)
                    }
                    Named::Chunk { process, at, bytes } => (process, at, u64::from(bytes)),
                    _ => {
                        self.skipped(t, name);
                        return None;
                    }
                };
                (by.map_or(process, |by| self.processes().leader(by)), all(start, Vaddr(start.0 + length)))
            }
            At::Heap(task) => {
                let process = self.processes().leader(task);
                let (start, end) =
                    self.processes().mm(process).map_or_else(Default::default, |mm| (mm.start_brk, mm.brk));
                (process, all(start, end))
            }
            At::Stack(task) => {
                let process = self.processes().leader(task);
                let own =
                    self.processes().thread(task).map(|thread| (Vaddr(thread.stack.0 + GUARD), thread.top()));
                let stack = || self.processes().mm(process).and_then(Mm::stack);
                let (start, end) =
                    own.or_else(|| stack().map(|stack| (stack.start, stack.end))).unwrap_or_default();
                let part = bytes.map_or((start, end), |ByteRange { from, to }| {
                    (Vaddr(end.0.saturating_sub(to)), Vaddr(end.0.saturating_sub(from)))
                });
                (process, part)
            }
            At::Address(task, address) => {
                let process = self.processes().leader(task);
                let to = bytes.map_or(1, |bytes| bytes.to);
                let from = bytes.map_or(0, |bytes| bytes.from);
                (process, (Vaddr(address.0.saturating_add(from)), Vaddr(address.0.saturating_add(to))))
            }
        };
        self.is_process(t, process).then_some((process, start, end))
    }

    /// The same in whole pages, of those addresses that a process can have.
    pub(crate) fn pages_at(
        &self,
        t: &mut Trace<'_>,
        at: At,
        bytes: Option<ByteRange>,
    ) -> Option<(NameId, Vaddr, Vaddr)> {
        // A block of malloc is no business of the kernel's.
        if let At::Area { name, .. } = at
            && matches!(self.named(name), Named::Chunk { .. })
        {
            self.skipped(t, name);
            return None;
        }
        let (process, start, end) = self.range_of(t, at, bytes)?;
        let top = self.processes().tables().paging().stack_top();
        let end = end.0.min(top.0).next_multiple_of(PAGE_SIZE);
        Some((process, page_of(start.min(Vaddr(end))), Vaddr(end)))
    }

    /// The first batch of pages goes; the others with the next units.
    pub(super) fn start_zap(
        &mut self,
        t: &mut Trace<'_>,
        process: NameId,
        (start, end): (Vaddr, Vaddr),
        then: Then,
        cpu: CpuId,
    ) -> UnitEnd {
        self.split_at(t, process, start, cpu);
        self.split_at(t, process, end, cpu);
        self.begin_zap(process, (start, end), then);
        self.zap(t, cpu)
    }

    /// From the next unit on, pages go away.
    pub(crate) fn begin_zap(&mut self, process: NameId, (start, end): (Vaddr, Vaddr), then: Then) {
        self.procs().work =
            Some(Work::Zap { process, start, at: start, end, present: 0, freed: 0, batches: 0, then });
    }

    /// A file, whose first pages are in the page cache.
    fn file(&mut self, t: &mut Trace<'_>, name: NameId, bytes: u64, cached: u64, cpu: CpuId) -> UnitEnd {
        if self.units_done() == 0 {
            if !self.may_name(t, name) {
                return UnitEnd::Done;
            }
            self.set_named(name, Named::File);
            self.procs().add_file(File::new(name, bytes, false));
        }
        let Some(file) = self.processes().file_of(name) else { return UnitEnd::Done };
        let len = NrPages(bytes.div_ceil(PAGE_SIZE));
        let wanted = cached.div_ceil(PAGE_SIZE).min(len.0);
        // (What was read before may have been taken away again meanwhile.)
        let first = u64::from(self.units_done()) * u64::from(READ_BATCH);
        let end = wanted.min(first + u64::from(READ_BATCH));
        let all =
            (first..end).all(|index| self.add_to_page_cache(t, file, index as u32, cpu, false).is_some());
        if all && end < wanted {
            return UnitEnd::More;
        }
        let now = self.processes().file(file).map_or(0, |file| file.cache().count() as u64);
        self.told_process(t, Func::Scenario, name, || ProcessStep::File { pages: len, cached: NrPages(now) });
        UnitEnd::Done
    }

    /// A new program: an address space with a stack, and on it a page with arguments and environment.
    fn exec(
        &mut self,
        t: &mut Trace<'_>,
        name: NameId,
        limits: Rlimits,
        task: TaskArgs,
        cpu: CpuId,
    ) -> UnitEnd {
        if !self.may_name(t, name) {
            return UnitEnd::Done;
        }
        if let Some(group) = task.cgroup {
            if self.reclaim().is_none_or(|reclaim| reclaim.group_named(group).is_none()) {
                self.skipped(t, group);
                return UnitEnd::Done;
            }
            let told = || ReclaimStep::GroupJoined { process: name, group };
            self.told_reclaim(t, Func::CgroupAttachTask, told);
        }
        if let Some(cpuset) = task.cpuset {
            let Some(mems) = self.processes().cpuset(cpuset).map(|cpuset| cpuset.mems) else {
                self.skipped(t, cpuset);
                return UnitEnd::Done;
            };
            self.told_cpuset(t, Func::CgroupAttachTask, name, CpusetStep::Joined { cpuset, mems });
        }
        t.within(Func::Execve, |t| {
            self.procs().cpusets.joining = task.cpuset;
            let pgd = self.pgd_alloc(t, cpu, self.group_of_task(task.cgroup));
            self.procs().cpusets.joining = None;
            let Some(pgd) = pgd else {
                self.set_named(name, Named::Failed);
                self.told_process(t, Func::PgdAlloc, name, || ProcessStep::NoExec);
                return UnitEnd::Done;
            };
            let paging = self.processes().tables().paging();
            let top = paging.stack_top();
            let start = Vaddr(top.0 - PAGE_SIZE - STACK_EXPAND);
            let stack = Vma { grows_down: true, ..Vma::anon(start, top) };
            let mm = Mm {
                name,
                parent: None,
                vmas: vec![stack],
                total_vm: stack.pages(),
                pgd,
                top,
                mmap_base: mmap_base(top, limits),
                start_brk: paging.et_dyn_base(),
                brk: paging.et_dyn_base(),
                limits,
                rss: Rss::default(),
                hiwater_rss: NrPages(0),
                hiwater_vm: stack.pages(),
                pgtables: NrPages(0),
                hugetlb: 0,
                swapents: 0,
                hugetlb_used: BTreeSet::new(),
                min_flt: 0,
                maj_flt: 0,
                malloc: None,
                oom: TaskOom::new(task),
                stacks: Vec::new(),
                lock_future: false,
                mempolicy: None,
                il_prev: None,
            };
            let procs = self.procs();
            procs.tables.add(Level::Pgd, pgd);
            procs.committed += stack.pages().0;
            procs.add_mm(mm);
            // What holds the arguments is touched at once.
            let at = Vaddr(top.0 - PAGE_SIZE);
            procs.work = Some(Work::Access {
                process: name,
                access: Access::Write,
                at,
                left: 1,
                down: false,
                populate: true,
            });
            self.set_named(name, Named::Process);
            self.told_process(t, Func::Execve, name, || ProcessStep::Exec {
                pgd,
                stack: stack.start,
                top: stack.end,
            });
            self.prepopulate(t, name);
            UnitEnd::More
        })
    }

    /// Addresses are promised (`do_mmap()`, `mmap_region()`).
    fn mmap(
        &mut self,
        t: &mut Trace<'_>,
        name: NameId,
        process: NameId,
        bytes: u64,
        args: &MmapArgs,
        cpu: CpuId,
    ) -> UnitEnd {
        if !self.may_name(t, name) || !self.is_process(t, process) {
            return UnitEnd::Done;
        }
        t.within(Func::Mmap, |t| {
            let Some(came) = self.gather_surplus_pages(t, process, bytes, args, cpu) else {
                return UnitEnd::More;
            };
            let bytes = bytes.next_multiple_of(if args.huge { HPAGE_SIZE } else { PAGE_SIZE });
            let pages = NrPages(bytes / PAGE_SIZE);
            match self.mmap_region(name, process, bytes, args) {
                Err(why) => {
                    self.return_surplus_pages(t, came, cpu);
                    self.refused(t, name, why)
                }
                Ok((start, merged)) => {
                    let count = u32::try_from(pages.0).unwrap_or(u32::MAX);
                    self.set_named(name, Named::Mapping { process, start, pages: count });
                    let total = self.processes().mm(process).map_or(NrPages(0), Mm::total_vm);
                    self.told_process(t, Func::Mmap, process, || ProcessStep::Mapped {
                        start,
                        pages,
                        merged,
                        total,
                    });
                    if args.locked
                        || self.processes().mm(process).is_some_and(|mm| mm.lock_future && !args.huge)
                    {
                        self.lock_pages(process, start, Vaddr(start.0 + bytes), true);
                        return if self.processes().work.is_some() { UnitEnd::More } else { UnitEnd::Done };
                    }
                    if !args.populate || args.prot == Prot::NONE || !self.can_be_there(process, start) {
                        return UnitEnd::Done;
                    }
                    let access = if args.prot.write { Access::Write } else { Access::Read };
                    let left = pages.0;
                    self.procs().work =
                        Some(Work::Access { process, access, at: start, left, down: false, populate: true });
                    UnitEnd::More
                }
            }
        })
    }

    pub(super) fn mmap_region(
        &mut self,
        name: NameId,
        process: NameId,
        bytes: u64,
        args: &MmapArgs,
    ) -> Result<(Vaddr, bool), Refusal> {
        if args.huge && bytes > 0 {
            let MmapArgs { prot, noreserve, .. } = *args;
            let none = Vma::anon(Vaddr(0), Vaddr(0));
            let vma = Vma { prot, noreserve, account: false, hugetlb: true, reserved: !noreserve, ..none };
            return self.mmap_hugetlb(process, bytes, vma);
        }
        let MmapArgs { prot, shared, file, noreserve, locked, .. } = *args;
        let pages = NrPages(bytes / PAGE_SIZE);
        if bytes == 0 {
            return Err(Refusal::Empty);
        }
        let locked = locked || self.processes().mm(process).is_some_and(|mm| mm.lock_future);
        let (start, total) = {
            let mm = self.processes().mm(process).ok_or(Refusal::NoGap)?;
            if !mm.has_room_for_areas(1) {
                return Err(Refusal::TooMany);
            }
            let start = mm.unmapped_area(bytes).ok_or(Refusal::NoGap)?;
            if locked {
                mm.may_lock(pages, |pages, most| Refusal::LockAgain { pages, most })?;
            }
            if !mm.may_expand(pages) {
                return Err(Refusal::AddressSpaceLimit);
            }
            (start, mm.total_vm())
        };
        let file = match file {
            None => None,
            Some((of, offset)) => {
                let file = self.processes().file_of(of).ok_or(Refusal::NotAFile)?;
                Some((file, offset / PAGE_SIZE))
            }
        };
        // What stands behind shared anonymous memory is promised as well (`shmem_acct_size()`).
        let counts = match file {
            Some(_) => self.processes().commit.counts(!shared, prot.write, noreserve),
            None => self.processes().commit.counts(true, shared || prot.write, noreserve),
        };
        let procs = self.procs();
        if counts {
            procs.charge(total, pages)?;
        }
        let backing = match file {
            Some((file, pgoff)) => Backing::File { file, pgoff },
            None if shared => {
                let file = File::new(name, bytes, true);
                Backing::File { file: procs.add_file(file), pgoff: 0 }
            }
            None => Backing::Anon,
        };
        let anon = Vma::anon(start, Vaddr(start.0 + bytes));
        let vma = Vma { prot, shared, noreserve, account: counts, backing, locked, ..anon };
        let merged = procs.mm_mut(process).is_some_and(|mm| mm.insert(vma));
        Ok((start, merged))
    }

    fn munmap(&mut self, t: &mut Trace<'_>, at: At, bytes: Option<ByteRange>, cpu: CpuId) -> UnitEnd {
        let Some((process, start, end)) = self.pages_at(t, at, bytes) else { return UnitEnd::Done };
        let Some(mm) = self.processes().mm(process) else { return UnitEnd::Done };
        if mm.cuts_hugetlb(start, end) {
            return self.refused(t, process, Refusal::Pooled);
        }
        // A hole in the middle of an area makes two of one.
        let cuts = mm.vma_at(start).is_some_and(|vma| vma.start < start && end < vma.end);
        if cuts && !mm.has_room_for_areas(1) {
            return self.refused(t, process, Refusal::TooMany);
        }
        // A thread takes it from all that share the address space.
        if let At::Area { name, by } = at
            && by.is_none_or(|by| {
                self.processes().thread(by).is_some()
                    && matches!(self.named(name), Named::Mapping { process: of, .. } if of == process)
            })
            && bytes.is_none()
        {
            self.set_named(name, Named::Freed);
        }
        self.start_zap(t, process, (start, end), Then::Unmap, cpu)
    }

    /// What may be done with pages changes (`mprotect_fixup()`).
    fn mprotect(
        &mut self,
        t: &mut Trace<'_>,
        at: At,
        bytes: Option<ByteRange>,
        prot: Prot,
        cpu: CpuId,
    ) -> UnitEnd {
        let Some((process, start, end)) = self.pages_at(t, at, bytes) else { return UnitEnd::Done };
        t.within(Func::Mprotect, |t| {
            let Some(mm) = self.processes().mm(process) else { return UnitEnd::Done };
            let inside: Vec<Vma> =
                mm.vmas().iter().filter(|vma| vma.start < end && start < vma.end).copied().collect();
            let covered: u64 = inside.iter().map(|vma| vma.end.min(end).0 - vma.start.max(start).0).sum();
            if covered != end.0 - start.0 || inside.is_empty() {
                return self.refused(t, process, Refusal::NoGap);
            }
            let total = mm.total_vm();
            if mm.cuts_hugetlb(start, end) {
                return self.refused(t, process, Refusal::Pooled);
            }
            if !mm.has_room_for_areas(2) {
                return self.refused(t, process, Refusal::TooMany);
            }
            // What becomes one's own to write to is promised from now on.
            let fresh =
                |vma: &Vma| prot.write && vma.is_private() && !vma.account && !vma.noreserve && !vma.hugetlb;
            let pages = |vma: &Vma| (vma.end.min(end).0 - vma.start.max(start).0) / PAGE_SIZE;
            let more = inside.iter().filter(|vma| fresh(vma)).map(pages).sum();
            if let Err(why) = self.procs().charge(total, NrPages(more)) {
                return self.refused(t, process, why);
            }
            self.split_at(t, process, start, cpu);
            self.split_at(t, process, end, cpu);
            let Some(mm) = self.procs().mm_mut(process) else { return UnitEnd::Done };
            let mut comes = None;
            for at in mm.cut(start, end) {
                let vma = &mut mm.vmas[at];
                // What is locked and could not be written to so far comes now (`mprotect_fixup()`).
                if vma.locked && !vma.shared && !vma.prot.write && prot.write {
                    let from = comes.map_or(vma.start, |(from, _)| from);
                    comes = Some((from, vma.end));
                }
                vma.account |= fresh(vma);
                vma.prot = prot;
            }
            if let Some((from, to)) = comes {
                self.procs().to_lock.push((process, from, to));
            }
            self.will_flush(process);
            self.change_protection(process, start, end);
            let Some(mm) = self.procs().mm_mut(process) else { return UnitEnd::Done };
            mm.merge_around(start, end);
            let (areas, pages) = (mm.vmas().len() as u32, NrPages((end.0 - start.0) / PAGE_SIZE));
            self.told_process(t, Func::Mprotect, process, || ProcessStep::Protected {
                start,
                pages,
                prot,
                areas,
            });
            self.flush(t, cpu, process, (start, pages), false);
            UnitEnd::Done
        })
    }

    /// Whether an area with a part between two addresses is locked.
    pub(super) fn has_locked(&self, process: NameId, start: Vaddr, end: Vaddr) -> bool {
        let has = |vma: &Vma| vma.locked && vma.start < end && start < vma.end;
        self.processes().mm(process).is_some_and(|mm| mm.vmas().iter().any(has))
    }

    /// Pages of a process's own are as good as free until they are written to again (`madvise_free_single_vma()`).
    fn madvise_free(&mut self, t: &mut Trace<'_>, at: At, bytes: Option<ByteRange>, cpu: CpuId) {
        let Some((process, start, end)) = self.pages_at(t, at, bytes) else { return };
        let Some(mm) = self.processes().mm(process) else { return };
        if self.has_locked(process, start, end) {
            self.refused(t, process, Refusal::IsLocked);
            return;
        }
        let of_file = |vma: &Vma| vma.backing != Backing::Anon && vma.start < end && start < vma.end;
        if mm.vmas().iter().any(of_file) {
            self.refused(t, process, Refusal::NotAnonymous);
            return;
        }
        if mm.has_hugetlb(start, end) {
            self.refused(t, process, Refusal::Pooled);
            return;
        }
        let pages = NrPages((end.0 - start.0) / PAGE_SIZE);
        let present = NrPages(self.lazyfree(t, process, (start, end), cpu));
        self.told_process(t, Func::Madvise, process, || ProcessStep::LazyFreed { start, pages, present });
        self.flush(t, cpu, process, (start, pages), false);
    }

    /// The end of the heap moves (`brk()`).
    pub(super) fn brk(&mut self, t: &mut Trace<'_>, process: NameId, by: i64, cpu: CpuId) -> UnitEnd {
        if !self.is_process(t, process) {
            return UnitEnd::Done;
        }
        t.within(Func::Brk, |t| {
            let Some(mm) = self.processes().mm(process) else { return UnitEnd::Done };
            let Some(to) =
                mm.brk.0.checked_add_signed(by).filter(|to| (mm.start_brk.0..mm.top.0).contains(to))
            else {
                return self.refused(t, process, Refusal::Heap);
            };
            let (old, new) = (mm.brk.0.next_multiple_of(PAGE_SIZE), to.next_multiple_of(PAGE_SIZE));
            let total = mm.total_vm();
            let pages = NrPages(new.saturating_sub(old) / PAGE_SIZE);
            // A page is kept free to the next area, and below a stack the gap.
            let next = mm.find_vma(Vaddr(old)).map(|vma| vma.start_gap().0);
            let why = if next.is_some_and(|next| new + PAGE_SIZE > next) {
                Some(Refusal::Heap)
            } else if !mm.may_expand(pages) {
                Some(Refusal::AddressSpaceLimit)
            } else {
                (!mm.has_room_for_areas(1)).then_some(Refusal::TooMany)
            };
            let set = |this: &mut Self| {
                if let Some(mm) = this.procs().mm_mut(process) {
                    mm.brk = Vaddr(to);
                }
            };
            let locked = mm.lock_future;
            let why = why.or_else(|| {
                let more = |pages, most| Refusal::LockAgain { pages, most };
                (locked && new > old).then(|| mm.may_lock(pages, more).err()).flatten()
            });
            if new <= old {
                set(self);
                if new < old {
                    return self.start_zap(t, process, (Vaddr(new), Vaddr(old)), Then::Unmap, cpu);
                }
                self.told_process(t, Func::Brk, process, || ProcessStep::Mapped {
                    start: Vaddr(old),
                    pages: NrPages(0),
                    merged: true,
                    total,
                });
                return UnitEnd::Done;
            }
            if let Some(why) = why.or_else(|| self.procs().charge(total, pages).err()) {
                return self.refused(t, process, why);
            }
            set(self);
            let vma = Vma { locked, ..Vma::anon(Vaddr(old), Vaddr(new)) };
            if locked {
                self.procs().to_lock.push((process, Vaddr(old), Vaddr(new)));
            }
            let merged = self.procs().mm_mut(process).is_some_and(|mm| mm.insert(vma));
            let total = self.processes().mm(process).map_or(NrPages(0), Mm::total_vm);
            self.told_process(t, Func::Brk, process, || ProcessStep::Mapped {
                start: Vaddr(old),
                pages,
                merged,
                total,
            });
            UnitEnd::Done
        })
    }

    /// The first page of what is touched; the others come with the next units.
    fn access(
        &mut self,
        t: &mut Trace<'_>,
        access: Access,
        at: At,
        bytes: Option<ByteRange>,
        cpu: CpuId,
    ) -> UnitEnd {
        let Some((process, start, end)) = self.range_of(t, at, bytes) else { return UnitEnd::Done };
        if start >= end {
            // A heap that is empty.
            self.told_process(t, Func::Scenario, process, || ProcessStep::Present {
                address: start,
                pages: NrPages(0),
                access,
            });
            return UnitEnd::Done;
        }
        let first = page_of(start);
        let left = (end.0 - 1 - first.0) / PAGE_SIZE + 1;
        let down = matches!(at, At::Stack(_));
        let at = if down { page_of(Vaddr(end.0 - 1)) } else { first };
        self.procs().work = Some(Work::Access { process, access, at, left, down, populate: false });
        self.touch_on(t, cpu)
    }

    /// The next page that is not there yet comes; nobody waits for it, so what cannot be had is left out.
    fn populate(&mut self, t: &mut Trace<'_>, cpu: CpuId) -> UnitEnd {
        let Some(Work::Access { process, access, at, left, down, populate }) = self.processes().work else {
            return UnitEnd::Done;
        };
        let got = self.fault_in(t, process, at, access, cpu);
        // Others may have come with it.
        let (mut at, mut left) = (Vaddr(at.0 + PAGE_SIZE), left - 1);
        while left > 0 && self.is_present(process, at) {
            (at, left) = (Vaddr(at.0 + PAGE_SIZE), left - 1);
        }
        let goes_on = got && left > 0 && self.can_be_there(process, at);
        self.procs().work = goes_on.then_some(Work::Access { process, access, at, left, down, populate });
        if goes_on { UnitEnd::More } else { UnitEnd::Done }
    }

    /// The next pages that are touched: those that are there, or one fault.
    pub(super) fn touch_on(&mut self, t: &mut Trace<'_>, cpu: CpuId) -> UnitEnd {
        let Some(Work::Access { process, access, at, left, down, populate }) = self.processes().work else {
            return UnitEnd::Done;
        };
        let (touched, denied) = self.touch_pages(t, (process, cpu), (at, left, down), access);
        let next = |done: u64| {
            let offset = done * PAGE_SIZE;
            if down { at.0.checked_sub(offset).map(Vaddr) } else { at.0.checked_add(offset).map(Vaddr) }
        };
        // Where translations are looked at, each page is told by them.
        if touched > 0 && self.mmus.config().is_none() {
            let pages = NrPages(touched);
            let lowest = if down { Vaddr(at.0 - (touched - 1) * PAGE_SIZE) } else { at };
            self.told_process(t, Func::Scenario, process, || ProcessStep::Present {
                address: lowest,
                pages,
                access,
            });
        }
        self.note_touched(process, (at, touched, down));
        let mut done = touched;
        if let (true, Some(at)) = (denied, next(touched)) {
            match self.page_fault(t, process, at, access, cpu) {
                Outcome::Resolved => {
                    // It is tried again, and gets on.
                    let (again, _) = self.touch_pages(t, (process, cpu), (at, 1, down), access);
                    self.note_touched(process, (at, again, down));
                    // Where memory is short, the page may have gone again, or the way to it changed meanwhile.
                    done += if self.reclaim.is_some() { again } else { 1 };
                }
                Outcome::NoMemory => {
                    self.procs().work = None;
                    return UnitEnd::Done;
                }
                Outcome::Killed => {
                    // What it had goes with the next units.
                    let top = self.processes().tables().paging().stack_top();
                    self.begin_zap(process, (Vaddr(0), top), Then::Exit);
                    return UnitEnd::More;
                }
            }
        }
        self.procs().work = match next(done) {
            Some(at) if done < left => {
                Some(Work::Access { process, access, at, left: left - done, down, populate })
            }
            _ => None,
        };
        if self.processes().work.is_some() { UnitEnd::More } else { UnitEnd::Done }
    }
}
