//! The ops of malloc: what the arena decides, the calls to the kernel, and the pages that its words touch.

use std::rc::Rc;

use super::{Arena, Ask, HEADER, Notes, Resize, chunk_size};
use crate::hash::Digest;
use crate::machine::{Machine, Named, UnitEnd};
use crate::op::NameId;
use crate::process::contents::Cell;
use crate::process::machine::page_of;
use crate::process::memory::Outcome;
use crate::process::{Access, At, MallocStep, Mm, MmapArgs, ProcessOp, Then, Thread, Work};
use crate::step::{Func, ProcessStep, Refusal, SkipReason, StepKind, Trace};
use crate::units::{CpuId, NrPages, PAGE_SIZE, Vaddr};

/// What follows when all pages of a range were touched.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(in crate::process) enum After {
    /// Bytes become the same: `memset()`.
    Fill { process: NameId, at: Vaddr, bytes: u64, value: u8 },
    /// They are shown.
    Dump { process: NameId, at: Vaddr, bytes: u64 },
    /// `calloc()` has cleared what it had to.
    Clear { process: NameId, name: NameId, pointer: Vaddr, bytes: u64, clear: u64 },
    /// `realloc()` has read what it copies.
    Read { process: NameId, name: NameId, from: Vaddr, to: Vaddr, bytes: u64, old: u64 },
    /// And written it.
    Copy { process: NameId, name: NameId, from: Vaddr, to: Vaddr, bytes: u64, old: u64 },
    /// The stack of a thread is there: it starts.
    Thread(Thread),
}

impl After {
    pub(in crate::process) fn digest(self, to: &mut Digest) {
        let (tag, more) = match self {
            After::Fill { value, .. } => (1, [u64::from(value), 0, 0]),
            After::Dump { .. } => (2, [0; 3]),
            After::Clear { name, bytes, .. } => (3, [u64::from(name.0), bytes, 0]),
            After::Read { name, to, bytes, .. } => (4, [u64::from(name.0), to.0, bytes]),
            After::Copy { name, from, bytes, .. } => (5, [u64::from(name.0), from.0, bytes]),
            After::Thread(thread) => {
                thread.digest(to);
                (6, [0; 3])
            }
        };
        let (process, at, bytes) = self.waits_for();
        to.word(tag | u64::from(process.0) << 8);
        to.word(at.0);
        to.word(bytes);
        more.into_iter().for_each(|word| to.word(word));
    }

    /// The process, and what has to be there before it goes on.
    fn waits_for(self) -> (NameId, Vaddr, u64) {
        match self {
            After::Fill { process, at, bytes, .. } | After::Dump { process, at, bytes } => {
                (process, at, bytes)
            }
            After::Clear { process, pointer, clear, .. } => (process, pointer, clear),
            After::Read { process, from, old, .. } => (process, from, old),
            After::Copy { process, to, old, .. } => (process, to, old),
            // The last page of its stack.
            After::Thread(thread) => (thread.process, Vaddr(thread.top().0 - PAGE_SIZE), 1),
        }
    }
}

/// What came of asking for a chunk.
enum Got {
    Chunk(Vaddr),
    /// The kernel gave nothing: NULL.
    Nothing,
    /// The process cannot go on.
    Ended(UnitEnd),
}

/// Gives a block of malloc back.
pub(crate) fn free(machine: &mut Machine, name: NameId, cpu: CpuId, t: &mut Trace<'_>) -> UnitEnd {
    if machine.processes().work.is_some() {
        return crate::process::machine::work_on(machine, t, cpu);
    }
    let Named::Chunk { process, at, .. } = machine.named(name) else {
        machine.skipped(t, name);
        return UnitEnd::Done;
    };
    // Its process is gone, and all of its memory.
    if machine.processes().mm(process).is_none() {
        t.emit(machine, StepKind::Skipped { name, reason: SkipReason::AlreadyFreed });
        machine.set_named(name, Named::Freed);
        return UnitEnd::Done;
    }
    machine.set_named(name, Named::Freed);
    t.within(Func::LibcFree, |t| machine.give_chunk(t, process, at, cpu))
}

impl Machine {
    fn arena(&mut self, process: NameId) -> Option<&mut Arena> {
        let mm = self.procs().mm_mut(process)?;
        Some(Rc::make_mut(mm.malloc.get_or_insert_default()))
    }

    fn malloc_told(&self, t: &mut Trace<'_>, process: NameId, step: MallocStep) {
        if t.looks() {
            t.emit(self, StepKind::Process { process, step: ProcessStep::Malloc(step) });
        }
    }

    /// Tells what the arena did, and touches the pages that it wrote to; the op ends when the process does.
    fn note(&mut self, t: &mut Trace<'_>, process: NameId, notes: Notes, cpu: CpuId) -> Result<(), UnitEnd> {
        for step in notes.steps {
            self.malloc_told(t, process, step);
        }
        for (address, bytes) in notes.writes {
            let mut page = page_of(address);
            while page.0 < address.0 + u64::from(bytes) {
                let (_, denied) = self.touch_pages(t, (process, cpu), (page, 1, false), Access::Write);
                if denied {
                    match self.page_fault(t, process, page.max(address), Access::Write, cpu) {
                        Outcome::Resolved => {
                            self.touch_pages(t, (process, cpu), (page, 1, false), Access::Write);
                        }
                        Outcome::NoMemory => return Err(UnitEnd::Done),
                        Outcome::Killed => {
                            let top = self.processes().tables().paging().stack_top();
                            self.begin_zap(process, (Vaddr(0), top), Then::Exit);
                            return Err(UnitEnd::More);
                        }
                    }
                }
                page = Vaddr(page.0 + PAGE_SIZE);
            }
            self.procs().write_contents(process, address, u64::from(bytes), Cell::Libc);
        }
        Ok(())
    }

    /// The heap's end moves; from where to where, if it did.
    fn sbrk(&mut self, t: &mut Trace<'_>, process: NameId, by: u64, cpu: CpuId) -> Option<(Vaddr, Vaddr)> {
        let before = self.processes().mm(process)?.brk;
        // The end is that of a page.
        let by = (before.0.checked_add(by)?).next_multiple_of(PAGE_SIZE) - before.0;
        self.brk(t, process, i64::try_from(by).ok()?, cpu);
        let after = self.processes().mm(process)?.brk;
        (after > before).then_some((before, after))
    }

    /// A chunk of this size, wherever it comes from.
    fn obtain(&mut self, t: &mut Trace<'_>, process: NameId, size: u64, by_thread: bool, cpu: CpuId) -> Got {
        let is_new = self.processes().mm(process).is_some_and(|mm| mm.malloc.is_none());
        if is_new {
            let mut notes = Notes::default();
            let ask = Arena::default().ask_brk(super::TCACHE_STRUCT);
            let Some((from, end)) = self.sbrk(t, process, ask, cpu) else { return Got::Nothing };
            let Some(arena) = self.arena(process) else { return Got::Nothing };
            arena.grow(from, end, &mut notes);
            arena.take_own(&mut notes);
            if let Err(end) = self.note(t, process, notes, cpu) {
                return Got::Ended(end);
            }
        }
        let mut notes = Notes::default();
        let Some(arena) = self.arena(process) else { return Got::Nothing };
        let found = arena.take(size, by_thread, &mut notes);
        if let Some(start) = found {
            return match self.note(t, process, notes, cpu) {
                Ok(()) => Got::Chunk(start),
                Err(end) => Got::Ended(end),
            };
        }
        if let Err(end) = self.note(t, process, notes, cpu) {
            return Got::Ended(end);
        }
        self.sysmalloc(t, process, size, cpu)
    }

    /// The kernel is asked for more (`sysmalloc()`).
    fn sysmalloc(&mut self, t: &mut Trace<'_>, process: NameId, size: u64, cpu: CpuId) -> Got {
        let Some(arena) = self.arena(process) else { return Got::Nothing };
        let (ask, top, mut brk_bytes) = (arena.ask(size), arena.top(), arena.ask_brk(size));
        let top_size = top.map_or(0, |top| top.size);
        let mut notes = Notes::default();
        if let Ask::Mmap(bytes) = ask {
            let ask = MallocStep::Asks { size, top: top_size, bytes, mmap: true };
            self.malloc_told(t, process, ask);
            match self.mmap_region(process, process, bytes, &MmapArgs::ANONYMOUS) {
                Ok((start, merged)) => {
                    let (pages, total) = (NrPages(bytes / PAGE_SIZE), self.total_vm(process));
                    if self.processes().mm(process).is_some_and(|mm| mm.lock_future) {
                        self.procs().to_lock.push((process, start, Vaddr(start.0 + bytes)));
                    }
                    let mapped = || ProcessStep::Mapped { start, pages, merged, total };
                    self.told_process(t, Func::Mmap, process, mapped);
                    if let Some(arena) = self.arena(process) {
                        arena.add_mapping(start, bytes, &mut notes);
                    }
                    return match self.note(t, process, notes, cpu) {
                        Ok(()) => Got::Chunk(start),
                        Err(end) => Got::Ended(end),
                    };
                }
                // The heap may still have room.
                Err(why) => {
                    self.refused(t, process, why);
                }
            }
        }
        let brk = self.processes().mm(process).map_or(Vaddr(0), |mm| mm.brk);
        let heap_end = top.map_or(brk, |top| top.end());
        // Where the top does not reach the end of the heap any more, it cannot grow either.
        if brk > heap_end {
            brk_bytes += top_size;
        }
        let ask = MallocStep::Asks { size, top: top_size, bytes: brk_bytes, mmap: false };
        self.malloc_told(t, process, ask);
        // Somebody has taken away what was malloc's: glibc gives up there, with SIGABRT.
        if brk < heap_end {
            self.refused(t, process, Refusal::Heap);
            return Got::Nothing;
        }
        let Some((from, end)) = self.sbrk(t, process, brk_bytes, cpu) else { return Got::Nothing };
        let Some(arena) = self.arena(process) else { return Got::Nothing };
        arena.grow(from, end, &mut notes);
        let start = arena.take(size, false, &mut notes);
        match (self.note(t, process, notes, cpu), start) {
            (Ok(()), Some(start)) => Got::Chunk(start),
            (Ok(()), None) => Got::Nothing,
            (Err(end), _) => Got::Ended(end),
        }
    }

    fn total_vm(&self, process: NameId) -> NrPages {
        self.processes().mm(process).map_or(NrPages(0), Mm::total_vm)
    }

    /// The program has its pointer.
    fn given(&mut self, t: &mut Trace<'_>, process: NameId, name: NameId, pointer: Vaddr, bytes: u64) {
        self.set_named(name, Named::Chunk { process, at: pointer, bytes: bytes as u32 });
        let holds = self.holds(process, pointer, bytes);
        self.malloc_told(t, process, MallocStep::Given { at: pointer, bytes, holds });
    }

    fn holds(&self, process: NameId, at: Vaddr, bytes: u64) -> super::super::Window {
        let processes = self.processes();
        processes.mm(process).map_or(super::super::Window::EMPTY, |mm| processes.window(mm, at, bytes))
    }

    fn null(&mut self, t: &mut Trace<'_>, process: NameId, name: NameId, bytes: u64) -> UnitEnd {
        if !matches!(self.named(name), Named::Chunk { .. }) {
            self.set_named(name, Named::Failed);
        }
        self.malloc_told(t, process, MallocStep::Null { bytes });
        UnitEnd::Done
    }

    /// Runs the first unit of an op of malloc.
    pub(in crate::process) fn malloc_op(&mut self, t: &mut Trace<'_>, op: &ProcessOp, cpu: CpuId) -> UnitEnd {
        match *op {
            ProcessOp::Malloc { name, process, bytes, zero, .. } => {
                if !self.may_name(t, name) || !self.is_process(t, process) {
                    return UnitEnd::Done;
                }
                t.within(Func::LibcMalloc, |t| self.malloc(t, process, name, bytes, zero, cpu))
            }
            ProcessOp::Realloc { name, of, bytes, .. } => {
                let Named::Chunk { process, at, bytes: old } = self.named(of) else {
                    self.skipped(t, of);
                    return UnitEnd::Done;
                };
                if name != of && !self.may_name(t, name) || !self.is_process(t, process) {
                    return UnitEnd::Done;
                }
                t.within(Func::LibcRealloc, |t| {
                    self.realloc(t, process, (of, name), at, u64::from(old), bytes, cpu)
                })
            }
            ProcessOp::Memset { at: At::Area { name, by: None }, bytes, value, .. }
                if self.is_kernel_memory(name) =>
            {
                self.kernel_memset(t, name, bytes, value);
                UnitEnd::Done
            }
            ProcessOp::Hexdump { at: At::Area { name, by: None }, bytes, .. }
                if self.is_kernel_memory(name) =>
            {
                self.kernel_hexdump(t, name, bytes);
                UnitEnd::Done
            }
            ProcessOp::Memset { at, bytes, value, .. } => {
                let Some((process, start, end)) = self.range_of(t, at, bytes) else { return UnitEnd::Done };
                let bytes = end.0.saturating_sub(start.0);
                self.procs().after = Some(After::Fill { process, at: start, bytes, value });
                self.touch_range(t, process, Access::Write, start, bytes, cpu)
            }
            ProcessOp::Hexdump { at, bytes, .. } => {
                let Some((process, start, end)) = self.range_of(t, at, bytes) else { return UnitEnd::Done };
                let bytes = end.0.saturating_sub(start.0);
                self.procs().after = Some(After::Dump { process, at: start, bytes });
                self.touch_range(t, process, Access::Read, start, bytes, cpu)
            }
            _ => UnitEnd::Done,
        }
    }

    /// The pages of a range are touched, with this unit and the next.
    fn touch_range(
        &mut self,
        t: &mut Trace<'_>,
        process: NameId,
        access: Access,
        start: Vaddr,
        bytes: u64,
        cpu: CpuId,
    ) -> UnitEnd {
        // What follows comes at once.
        if bytes == 0 {
            return UnitEnd::Done;
        }
        let first = page_of(start);
        let left = (start.0 + bytes - 1 - first.0) / PAGE_SIZE + 1;
        let (down, populate) = (false, false);
        self.procs().work = Some(Work::Access { process, access, at: first, left, down, populate });
        self.touch_on(t, cpu);
        UnitEnd::More
    }

    fn malloc(
        &mut self,
        t: &mut Trace<'_>,
        process: NameId,
        name: NameId,
        bytes: u64,
        zero: bool,
        cpu: CpuId,
    ) -> UnitEnd {
        let size = chunk_size(bytes);
        self.malloc_told(t, process, MallocStep::Wants { bytes, size, zero });
        let before = self.processes().mm(process).and_then(|mm| mm.malloc.as_deref());
        let before = before.map_or((None, 0), |arena| (arena.top(), arena.most()));
        // `calloc()` does not ask the thread's own lists.
        let start = match self.obtain(t, process, size, !zero, cpu) {
            Got::Chunk(start) => start,
            Got::Nothing => return self.null(t, process, name, bytes),
            Got::Ended(end) => return end,
        };
        let pointer = Vaddr(start.0 + HEADER);
        if !zero {
            self.given(t, process, name, pointer, bytes);
            return UnitEnd::Done;
        }
        // The name is held from now on, whatever becomes of the pages.
        self.set_named(name, Named::Chunk { process, at: pointer, bytes: bytes as u32 });
        let clear = self.arena(process).map_or(0, |arena| arena.to_clear(start, before));
        self.procs().after = Some(After::Clear { process, name, pointer, bytes, clear });
        self.touch_range(t, process, Access::Write, pointer, clear, cpu)
    }

    /// A block is given back: to the heap, or if it is an area to the kernel.
    fn give_chunk(&mut self, t: &mut Trace<'_>, process: NameId, pointer: Vaddr, cpu: CpuId) -> UnitEnd {
        let start = Vaddr(pointer.0 - HEADER);
        let brk = self.processes().mm(process).map_or(Vaddr(0), |mm| mm.brk);
        let Some(arena) = self.arena(process) else { return UnitEnd::Done };
        if arena.is_mapping(start) {
            let (length, raises) = arena.drop_mapping(start);
            let (mmap, trim) = (arena.mmap_threshold, arena.trim_threshold);
            if raises {
                self.malloc_told(t, process, MallocStep::Threshold { mmap, trim });
            }
            return self.start_zap(t, process, (start, Vaddr(start.0 + length)), Then::Unmap, cpu);
        }
        let mut notes = Notes::default();
        arena.give(start, true, &mut notes);
        let whole = notes.steps.iter().find_map(|step| match step {
            MallocStep::Freed { whole, .. } => Some(*whole),
            _ => None,
        });
        let is_joined = notes.steps.iter().any(|step| {
            matches!(step, MallocStep::Freed { to: super::Place::Top | super::Place::Unsorted, .. })
        });
        let by = whole.filter(|_| is_joined).map_or(0, |whole| arena.to_trim(whole, brk));
        let top = arena.top().map_or(0, |top| top.size);
        if by > 0 {
            arena.trim(by, &mut notes);
            notes.steps.push(MallocStep::Trim { top, by });
        }
        if let Err(end) = self.note(t, process, notes, cpu) {
            return end;
        }
        match i64::try_from(by) {
            Ok(by @ 1..) => self.brk(t, process, -by, cpu),
            _ => UnitEnd::Done,
        }
    }

    /// A block gets another length, where it is or elsewhere.
    #[allow(clippy::too_many_arguments)]
    fn realloc(
        &mut self,
        t: &mut Trace<'_>,
        process: NameId,
        (of, name): (NameId, NameId),
        pointer: Vaddr,
        old: u64,
        bytes: u64,
        cpu: CpuId,
    ) -> UnitEnd {
        let size = chunk_size(bytes);
        self.malloc_told(t, process, MallocStep::Wants { bytes, size, zero: false });
        let start = Vaddr(pointer.0 - HEADER);
        let mut notes = Notes::default();
        let Some(arena) = self.arena(process) else { return UnitEnd::Done };
        let mut resize = arena.resize(start, bytes, &mut notes);
        if let Err(end) = self.note(t, process, notes, cpu) {
            return end;
        }
        let mut notes = Notes::default();
        let renamed = |this: &mut Self| {
            if of != name {
                this.set_named(of, Named::Freed);
            }
        };
        if let Resize::Remap(length) = resize {
            let had =
                self.arena(process).and_then(|arena| arena.chunk_of(pointer)).map_or(0, |chunk| chunk.size);
            match self.mremap(t, process, start, had, length, true, cpu) {
                Ok((to, end)) => {
                    if let Some(arena) = self.arena(process) {
                        arena.move_mapping(start, to, length, &mut notes);
                    }
                    renamed(self);
                    // What is cut off goes with the next units.
                    let later = self.processes().work;
                    if later.is_none()
                        && let Err(end) = self.note(t, process, notes, cpu)
                    {
                        return end;
                    }
                    self.given(t, process, name, Vaddr(to.0 + HEADER), bytes);
                    return end;
                }
                Err(why) => {
                    self.refused(t, process, why);
                    resize = Resize::Moves;
                    notes = Notes::default();
                }
            }
        }
        if resize == Resize::Stays {
            renamed(self);
            self.given(t, process, name, pointer, bytes);
            return UnitEnd::Done;
        }
        let found = match self.obtain(t, process, size, false, cpu) {
            Got::Chunk(found) => found,
            Got::Nothing => return self.null(t, process, name, bytes),
            Got::Ended(end) => return end,
        };
        let Some(arena) = self.arena(process) else { return UnitEnd::Done };
        if arena.join_behind(start, found, size, &mut notes) {
            if let Err(end) = self.note(t, process, notes, cpu) {
                return end;
            }
            renamed(self);
            self.given(t, process, name, pointer, bytes);
            return UnitEnd::Done;
        }
        let to = Vaddr(found.0 + HEADER);
        renamed(self);
        self.set_named(name, Named::Chunk { process, at: to, bytes: bytes as u32 });
        // All that the old chunk can hold is copied, as malloc does not know how much of it the program wanted.
        let had =
            self.arena(process).and_then(|arena| arena.chunk_of(pointer)).map_or(old, |chunk| chunk.size - 8);
        let had = if had > PAGE_SIZE { had.min(size - HEADER) } else { had.min(size - 8) };
        self.procs().after = Some(After::Read { process, name, from: pointer, to, bytes, old: had });
        self.touch_range(t, process, Access::Read, pointer, had, cpu)
    }

    /// What follows when all pages were touched; the op ends here if they are not.
    pub(in crate::process) fn after(&mut self, t: &mut Trace<'_>, cpu: CpuId) -> UnitEnd {
        let Some(after) = self.procs().after.take() else { return UnitEnd::Done };
        let (process, at, bytes) = after.waits_for();
        let Some(mm) = self.processes().mm(process) else {
            if let After::Thread(thread) = after {
                self.set_named(thread.name, Named::Failed);
            }
            return UnitEnd::Done;
        };
        let pgd = mm.pgd;
        let pages = (at.0 + bytes).div_ceil(PAGE_SIZE) - at.0 / PAGE_SIZE;
        let is_there = self.processes().tables().pages(pgd, page_of(at), Vaddr(at.0 + bytes)).count() as u64;
        if bytes > 0 && is_there < pages {
            if let After::Thread(Thread { name, process, stack, bytes, .. }) = after {
                self.set_named(name, Named::Failed);
                if let Some(mm) = self.procs().mm_mut(process) {
                    mm.stacks.insert(0, (stack, bytes));
                }
            }
            return UnitEnd::Done;
        }
        match after {
            After::Fill { value, .. } => {
                self.procs().write_contents(process, at, bytes, Cell::Byte(value));
                self.malloc_told(t, process, MallocStep::Filled { at, bytes, value });
            }
            After::Dump { .. } => {
                let holds = self.holds(process, at, bytes);
                self.malloc_told(t, process, MallocStep::Dumped { at, bytes, holds });
            }
            After::Clear { name, pointer, bytes, clear, .. } => {
                self.procs().write_contents(process, pointer, clear, Cell::Byte(0));
                self.malloc_told(t, process, MallocStep::Cleared { at: pointer, bytes: clear });
                self.given(t, process, name, pointer, bytes);
            }
            After::Read { name, from, to, bytes, old, .. } => {
                self.procs().after = Some(After::Copy { process, name, from, to, bytes, old });
                return self.touch_range(t, process, Access::Write, to, old, cpu);
            }
            After::Thread(thread) => self.thread_starts(t, thread),
            After::Copy { name, from, to, bytes, old, .. } => {
                self.procs().copy_bytes(process, from, to, old);
                self.malloc_told(t, process, MallocStep::Moved { from, to, bytes: old });
                self.given(t, process, name, to, bytes);
                return t.within(Func::LibcFree, |t| self.give_chunk(t, process, from, cpu));
            }
        }
        UnitEnd::Done
    }
}
