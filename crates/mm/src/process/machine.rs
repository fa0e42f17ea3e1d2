//! The ops of processes.

use std::collections::BTreeSet;

use super::filemap::File;
use super::memory::Outcome;
pub(super) use super::memory::page_of;
use super::mm_types::{Mm, Rss, STACK_EXPAND, Vma};
use super::mmap::mmap_base;
use super::pgtable::Tables;
use super::{Access, Advice, At, ByteRange, GUARD, ProcessOp, Rlimits, Then, Work};
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
