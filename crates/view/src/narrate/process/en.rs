//! The English sentences about processes.

use mm::op::{NameId, ProcessOp};
use mm::process::{Access, Advice, At, ByteRange, Prot, Rlimits};
use mm::step::{ProcessStep, Refusal, Signal};
use mm::units::Vaddr;
use mm::{NrPages, Pfn};

use super::super::en::count;
use super::super::kmem::en::bytes;
use super::super::told;
use super::{
    Told, Words, between, bytes_of, call, errno, error_bits, hex, kib, level_name, num, pick, reach,
};

/// `2560 pages (10 MiB)`; `2560 pages` or `10 MiB` when room is short.
fn amount(w: &Words, pages: NrPages) -> String {
    if w.first_frame_only() {
        return bytes_of(pages);
    }
    let size = if w.is_full() { format!(" ({})", bytes_of(pages)) } else { String::new() };
    format!("{}{size}", count(pages.0, "page", "pages"))
}

/// `2560 pages`; `10 MiB` when room is very short.
fn number(w: &Words, pages: NrPages) -> String {
    if w.first_frame_only() { bytes_of(pages) } else { count(pages.0, "page", "pages") }
}

fn frame(pfn: Pfn) -> String {
    format!("frame {}", num(pfn.0))
}

/// `be read and written`
fn rights(prot: Prot) -> String {
    let all = [(prot.read, "read"), (prot.write, "written"), (prot.exec, "executed")];
    let may: Vec<&str> = all.into_iter().filter(|(may, _)| *may).map(|(_, what)| what).collect();
    match may[..] {
        [] => "not be touched at all".into(),
        [only] => format!("only be {only}"),
        [one, other] => format!("be {one} and {other}"),
        _ => format!("be {}", may.join(", ")),
    }
}

/// What an access did, and does.
fn verbs(access: Access) -> [&'static str; 2] {
    match access {
        Access::Read => ["read", "reads"],
        Access::Write => ["wrote to", "writes to"],
        Access::Exec => ["executed", "executes"],
    }
}

pub(super) fn process(w: &Words, process: NameId, step: &ProcessStep) -> Told {
    let p = w.name(process);
    match *step {
        ProcessStep::File { pages, cached } => {
            let size = amount(w, pages);
            let why = match cached.0 {
                0 => "It lies on the disk: no page of it is in memory yet.".to_owned(),
                cached if cached == pages.0 => {
                    "All of it is in the page cache already: no read has to wait for the disk.".into()
                }
                cached => {
                    format!("{} of its pages are in the page cache, the rest on the disk.", num(cached))
                }
            };
            told(
                (format!("{p} is a file of {size}."), why.clone()),
                (format!("Make {p} a file of {size}."), why),
                format!("{p}: a file of {}", count(pages.0, "page", "pages")),
            )
        }
        ProcessStep::Exec { pgd, stack, top } => {
            let (pgd, stack, top) = (frame(pgd), between(stack, top), hex(top));
            told(
                (
                    format!(
                        "{p} has an address space: its PGD is {pgd}, its stack of {stack} ends at {top}."
                    ),
                    pick(w, "Behind all of it there is no page yet.", "No page is there yet."),
                ),
                (
                    format!("Give {p} an address space: {pgd} as its PGD, a stack of {stack} below {top}."),
                    pick(w, "Each process has page tables of its own.", "It has its own tables."),
                ),
                format!("{p} has an address space, its PGD in {pgd}"),
            )
        }
        ProcessStep::NoExec => {
            let why = "Without page tables the processor could not translate a single address of it.";
            told(
                (format!("{p} was not started: no frame for its PGD."), why),
                (format!("Give up on {p}: there is no frame for its PGD."), why),
                format!("{p} is not started: no frame for its PGD"),
            )
        }
        ProcessStep::Mapped { start, pages, merged, total } => {
            let (size, from, vsz) = (amount(w, pages), hex(start), kib(w, total));
            let by = call(w).unwrap_or("The kernel");
            let why = match (merged, w.is_full()) {
                (true, true) => "They joined the area beside them, and not a page was taken.",
                (false, true) => "Only addresses so far: not a page was taken.",
                (_, false) => "Not a page was taken.",
            };
            told(
                (format!("{by} promised {p} {size} from {from} on: VSZ is {vsz} now."), why),
                (
                    format!("Promise {p} {size} from {from} on: VSZ becomes {vsz}."),
                    "Only addresses: pages come when they are touched.",
                ),
                format!("{p} is promised {} from {from}", count(pages.0, "page", "pages")),
            )
        }
        ProcessStep::Refused { why } => refused(w, &p, why),
        ProcessStep::Unmapped { start, pages, present, tables, total } => {
            let (size, from, vsz) = (amount(w, pages), hex(start), kib(w, total));
            let behind = count(present.0, "frame was", "frames were");
            let why = if w.is_full() && tables > 0 {
                let tables = count(tables, "page table", "page tables");
                format!("{behind} behind them, and {tables} became needless.")
            } else {
                format!("{behind} behind them.")
            };
            told(
                (format!("{p} gave {size} back, from {from} on: VSZ is {vsz} now."), why.clone()),
                (format!("Take {size} back, from {from} on: VSZ becomes {vsz}."), why),
                format!("{p} gives back {} from {from}", count(pages.0, "page", "pages")),
            )
        }
        ProcessStep::LazyFreed { start, pages, present } => {
            let (of, from, present) = (number(w, pages), hex(start), num(present.0));
            let why = pick(
                w,
                "They count until they go; what is written to again stays.",
                "They count until they go.",
            );
            told(
                (format!("{p} may lose {of} from {from} on; {present} of them are there."), why),
                (format!("Let {p} lose {of} from {from} on; {present} of them are there."), why),
                format!("{p} may lose {of} from {from}"),
            )
        }
        ProcessStep::DontNeed { start, pages, present } => {
            let (of, from) = (number(w, pages), hex(start));
            let present = num(present.0);
            let why = pick(
                w,
                "The addresses stay; the next access finds zeros, or the file's bytes.",
                "The addresses stay, for zeros or the file.",
            );
            told(
                (format!("{p} did without {of} from {from} on; {present} of them were there."), why),
                (format!("Take from {p} the {of} from {from} on; {present} of them are there."), why),
                format!("{p} does without {of} from {from}"),
            )
        }
        ProcessStep::Protected { start, pages, prot, areas } => {
            let (of, from, may) = (amount(w, pages), hex(start), rights(prot));
            let areas = count(areas, "area", "areas");
            let why = if w.is_full() {
                format!("One area, one set of rights: {p} has {areas}.")
            } else {
                format!("{p} has {areas} now.")
            };
            told(
                (format!("{of} from {from} on may {may} now."), why.clone()),
                (format!("From now on {of} from {from} on may {may}."), why),
                format!("{} from {from} may {may}", count(pages.0, "page", "pages")),
            )
        }
        ProcessStep::Flush { pages: Some(pages) } => {
            let pages = count(pages.0, "page", "pages");
            let why = "Otherwise the processor would go on with translations that hold no longer.";
            told(
                (format!("The TLB forgot {pages} of {p}."), why),
                (format!("Let the TLB forget {pages} of {p}."), why),
                format!("the TLB forgets {pages} of {p}"),
            )
        }
        ProcessStep::Flush { pages: None } => {
            let why = "One flush of everything is quicker than many of one page each.";
            told(
                (format!("The TLB forgot all translations of {p}."), why),
                (format!("Let the TLB forget all translations of {p}."), why),
                format!("the TLB forgets all of {p}"),
            )
        }
        ProcessStep::Present { address, pages, access } => {
            let [did, does] = verbs(access);
            let at = match pages.0 {
                1 => format!("the page at {}", hex(address)),
                _ => format!("{} from {} on", number(w, pages), hex(address)),
            };
            let why = pick(
                w,
                "The page tables say where: the kernel notices nothing.",
                "The kernel notices nothing.",
            );
            told(
                (format!("{p} {did} {at}: the processor found the way alone."), why),
                (format!("{p} {does} {at}: the processor finds the way alone."), why),
                format!("{p} {does} {at}, without a fault"),
            )
        }
        ProcessStep::Fault { address, access, error_code } => {
            let (at, [_, does]) = (hex(address), verbs(access));
            let wanted = match access {
                Access::Read => "to read",
                Access::Write => "to write to",
                Access::Exec => "to execute",
            };
            let words = [" (protection)", " (write)", " (user)", " (instruction fetch)"];
            let (bits, there) = error_bits(w, error_code, words);
            let found = if there { "the entry forbids it" } else { "no page is there" };
            let why = match &bits[..] {
                [] => format!("Error code 0: {found}."),
                [only] => format!("Error code {only}: {found}."),
                _ => format!("Error code {error_code} = {}: {found}.", bits.join(" + ")),
            };
            told(
                (format!("{p} wanted {wanted} {at}: a page fault."), why.clone()),
                (format!("{p} {does} {at}: a page fault."), why),
                format!("page fault: {p} {does} {at}, error code {error_code}"),
            )
        }
        ProcessStep::Area { start, end } => {
            let (start, end) = (hex(start), hex(end));
            let why = pick(
                w,
                "So it is no mistake of the program: a promise falls due.",
                "So a promise falls due.",
            );
            told(
                (format!("The address is in an area, from {start} to {end}, that allows this."), why),
                (format!("Find its area, from {start} to {end}: it allows this."), why),
                format!("it is in the area from {start} to {end}"),
            )
        }
        ProcessStep::StackGrows { start, by, total } => {
            let (by, start, vsz) = (amount(w, by), hex(start), kib(w, total));
            let why = pick(w, "Touching it is enough: nobody has to ask.", "Touching it is enough.");
            told(
                (format!("The stack of {p} grew by {by} down to {start}: VSZ is {vsz} now."), why),
                (format!("Let the stack of {p} grow by {by} down to {start}: VSZ becomes {vsz}."), why),
                format!("the stack of {p} grows to {start}"),
            )
        }
        ProcessStep::Table { level, pfn, from, tables } => {
            let (table, pfn, from, tables) = (level_name(level), num(pfn.0), hex(from), kib(w, tables));
            let why = match (reach(w, level), w.is_full()) {
                (Some(reach), true) => format!("One serves {reach}; all tables of {p} take {tables} now."),
                _ => format!("The tables of {p} take {tables} now."),
            };
            told(
                (
                    format!("Frame {pfn} became a page table ({table}) for addresses from {from} on."),
                    why.clone(),
                ),
                (format!("Make frame {pfn} a page table ({table}) for addresses from {from} on."), why),
                format!("a page table ({table}) in frame {pfn}"),
            )
        }
        ProcessStep::ZeroPage { address, pfn } => {
            let (at, pfn) = (hex(address), frame(pfn));
            let why = "It was only read: this page counts for nobody's RSS.";
            told(
                (format!("The one page of zeros that all share, {pfn}, is mapped at {at}."), why),
                (format!("Map the one page of zeros that all share, {pfn}, at {at}."), why),
                format!("the page of zeros is mapped at {at}"),
            )
        }
        ProcessStep::AnonPage { address, pfn, rss } => {
            let (at, pfn, rss) = (hex(address), num(pfn.0), kib(w, rss));
            let why = "Zeros, so that nobody's old data shows.";
            told(
                (format!("Frame {pfn}, filled with zeros, is mapped at {at}: RSS of {p} is {rss} now."), why),
                (format!("Fill frame {pfn} with zeros and map it at {at}: RSS of {p} becomes {rss}."), why),
                format!("frame {pfn}, zeroed, is mapped at {at}"),
            )
        }
        ProcessStep::CacheMiss { file, index, first, pages } => {
            let (file, page) = (w.name(file), num(index + 1));
            let span = format!("pages {} to {}", num(first + 1), num(first + pages.max(1)));
            let why = match pages {
                0 | 1 => format!("A major fault: {p} waits for the disk."),
                _ if w.first_frame_only() => "A major fault, with read-ahead.".into(),
                _ => format!("A major fault: {p} waits for the disk, so neighbours are read ahead."),
            };
            let read = if pages > 1 { format!("read {span}") } else { "read it".into() };
            let was_read = if pages > 1 { format!("{span} are read") } else { "it is read".into() };
            told(
                (format!("Page {page} of {file} is not in memory: {was_read} from the disk."), why.clone()),
                (format!("Page {page} of {file} is not in memory: {read} from the disk."), why),
                format!("page {page} of {file} has to come from the disk"),
            )
        }
        ProcessStep::Cached { file, index, pfn } => {
            let (file, page, pfn) = (w.name(file), num(index + 1), num(pfn.0));
            let why = "Whoever wants it from now on needs no disk.";
            told(
                (format!("Frame {pfn} holds page {page} of {file}: it is in the page cache now."), why),
                (format!("Put page {page} of {file} into the page cache, in frame {pfn}."), why),
                format!("page {page} of {file} is cached in frame {pfn}"),
            )
        }
        ProcessStep::FaultAround { address, mapped, rss } => {
            let (of, at, rss) = (count(mapped, "page", "pages"), hex(address), kib(w, rss));
            let why = pick(w, "They were cached, and each would cost a fault.", "Each would cost a fault.");
            told(
                (
                    format!("{of} of the file were mapped at once, from {at} on: RSS of {p} is {rss} now."),
                    why,
                ),
                (format!("Map {of} of the file at once, from {at} on: RSS of {p} becomes {rss}."), why),
                format!("{of} of the file are mapped from {at}"),
            )
        }
        ProcessStep::FilePage { address, pfn, shared, rss } => {
            let (at, pfn, rss) = (hex(address), num(pfn.0), kib(w, rss));
            let why = if shared {
                pick(w, "It is everybody's: what is written goes to the file.", "It is everybody's.")
            } else {
                pick(w, "It stays the file's: a write would get a copy.", "It stays the file's.")
            };
            told(
                (
                    format!("Frame {pfn}, a page of the file, is mapped at {at}: RSS of {p} is {rss} now."),
                    why,
                ),
                (format!("Map frame {pfn}, a page of the file, at {at}: RSS of {p} becomes {rss}."), why),
                format!("frame {pfn} of the file is mapped at {at}"),
            )
        }
        ProcessStep::Copied { address, from, to, rss } => {
            let (at, from, to, rss) = (hex(address), frame(from), num(to.0), kib(w, rss));
            let why = pick(
                w,
                "Copy-on-write: for all others the old page stays as it was.",
                "Copy-on-write: others keep the old one.",
            );
            told(
                (format!("Frame {to}, a copy of {from}, is mapped at {at}: RSS is {rss} now."), why),
                (format!("Copy {from} to frame {to} and map that at {at}: RSS becomes {rss}."), why),
                format!("{from} is copied to frame {to} for {at}"),
            )
        }
        ProcessStep::Reused { address, pfn } => {
            let (at, pfn) = (hex(address), num(pfn.0));
            let why = pick(
                w,
                "Nobody else has it any more, so a copy would be a waste.",
                "Nobody else has it any more.",
            );
            told(
                (format!("{p} may write to frame {pfn} at {at} itself: no copy was made."), why),
                (format!("Let {p} write to frame {pfn} at {at} itself, without a copy."), why),
                format!("frame {pfn} at {at} is reused without a copy"),
            )
        }
        ProcessStep::MadeWritable { address, pfn } => {
            let (at, pfn) = (hex(address), num(pfn.0));
            let why = pick(
                w,
                "It is shared, so there is no copy; the kernel notes that it is dirty now.",
                "It is shared: no copy, but dirty now.",
            );
            told(
                (format!("{p} may write to frame {pfn} at {at} from now on."), why),
                (format!("Let {p} write to frame {pfn} at {at}."), why),
                format!("frame {pfn} at {at} may be written to"),
            )
        }
        ProcessStep::Resolved { address, major, minor } => {
            let (at, minor) = (hex(address), num(minor));
            let (kind, why) =
                if major { ("major", "It had to wait for the disk") } else { ("minor", "It needed no disk") };
            let why = format!("{why}. Minor faults so far: {minor}.");
            told(
                (format!("The {kind} fault at {at} is over: {p} tries again."), why.clone()),
                (format!("End the {kind} fault at {at}: {p} tries again."), why),
                format!("the {kind} fault at {at} is over"),
            )
        }
        ProcessStep::NoMemory { address } => {
            let at = hex(address);
            let why = pick(
                w,
                "More was promised than there is, and nobody could be killed for it.",
                "More was promised than there is.",
            );
            told(
                (format!("There is no frame for {at}: {p} cannot go on."), why),
                (format!("Find no frame for {at}: {p} cannot go on."), why),
                format!("no frame for {at}: {p} cannot go on"),
            )
        }
        ProcessStep::Killed { address, signal } => killed(&p, address, signal),
        ProcessStep::Forked { child, areas, total } => {
            let (child, areas, vsz) = (w.name(child), count(areas, "area", "areas"), kib(w, total));
            let why = pick(
                w,
                "The addresses are copied at once, the pages only when somebody writes.",
                "Pages are copied when somebody writes.",
            );
            told(
                (format!("{child} has the {areas} of {p}: VSZ of each is {vsz}."), why),
                (format!("Give {child} the {areas} of {p}: VSZ of each is {vsz} then."), why),
                format!("{child} gets the {areas} of {p}"),
            )
        }
        ProcessStep::CopiedArea { child, start, shared } => {
            let (child, start) = (w.name(child), hex(start));
            let pages = count(shared.0, "page", "pages");
            let why = match shared.0 {
                0 => "Nobody touched it so far, so there is no page to share.",
                _ => pick(
                    w,
                    "Both may only read what is private: whoever writes first gets a copy.",
                    "Whoever writes first gets a copy.",
                ),
            };
            told(
                (format!("{p} and {child} share {pages} in the area at {start}."), why),
                (format!("Let {p} and {child} share {pages} in the area at {start}."), why),
                format!("{p} and {child} share {pages} at {start}"),
            )
        }
        ProcessStep::LeftOut { child, start, present } => {
            let (child, start) = (w.name(child), hex(start));
            let pages = count(present.0, "page", "pages");
            let why = pick(
                w,
                "The file has them: a fault later costs less than copying now.",
                "The file has them.",
            );
            told(
                (format!("Left {pages} in the area at {start} out: {child} has none of them mapped."), why),
                (format!("Leave {pages} in the area at {start} out: {child} gets none mapped."), why),
                format!("{pages} at {start} are left out for {child}"),
            )
        }
        ProcessStep::Locked { start, pages, locked, total } => {
            let (of, from, all) = (number(w, pages), hex(start), kib(w, total));
            if locked {
                let why = pick(
                    w,
                    "They never leave memory, so all of them are wanted at once.",
                    "All come at once.",
                );
                return told(
                    (format!("{p} locked {of} from {from} on: VmLck is {all}."), why),
                    (format!("Lock {of} of {p} from {from} on: VmLck becomes {all}."), why),
                    format!("{p} locks {of} from {from}"),
                );
            }
            let why = "They stay for now, but they may go.";
            told(
                (format!("{p} unlocked {of} from {from} on: VmLck is {all}."), why),
                (format!("Unlock {of} of {p} from {from} on: VmLck becomes {all}."), why),
                format!("{p} unlocks {of} from {from}"),
            )
        }
        ProcessStep::Cpuset(step) => super::cpuset::tell_en(w, &p, step),
        ProcessStep::PolicySet { policy, area } => super::numa::set_en(w, &p, policy, area),
        ProcessStep::Placed { policy, node, by_area, index } => {
            super::numa::placed_en(&p, policy, node, by_area, index)
        }
        ProcessStep::Malloc(ref step) => super::malloc::en(w, &p, step),
        ProcessStep::Huge(ref step) => super::khugepaged::en(w, &p, step),
        ProcessStep::Remapped { start, to, old, new, moved, whole, total } => {
            let (from, at, vsz) = (hex(start), hex(to), kib(w, total));
            let (before, now) = (number(w, old), number(w, new));
            if start == to {
                let why = "Only its end moves.";
                return told(
                    (format!("The {before} of {p} at {from} became {now}: VSZ is {vsz}."), why),
                    (format!("Make {now} of the {before} of {p} at {from}: VSZ becomes {vsz}."), why),
                    format!("the area at {from} has {} now", count(new.0, "page", "pages")),
                );
            }
            let why = match moved.0 {
                0 => "No page was there, so only addresses change.".to_owned(),
                _ if whole > 0 && w.first_frame_only() => "Whole tables moved.".into(),
                moved if whole > 0 => {
                    let entries = count(moved, "entry", "entries");
                    format!("{entries} moved, {} of them with a whole table or a huge page.", num(whole))
                }
                1 => "1 entry of a page table moved, no page.".into(),
                moved => format!("{} entries moved; no page was copied.", num(moved)),
            };
            told(
                (format!("{p}'s area moved from {from} to {at}: VSZ is {vsz}."), why.clone()),
                (format!("Move {p}'s area from {from} to {at}: VSZ becomes {vsz}."), why),
                format!("the area at {from} moves to {at}"),
            )
        }
        // Told in a file of their own.
        ProcessStep::HugePage { .. }
        | ProcessStep::HugeZeroPage { .. }
        | ProcessStep::HugeFallback { .. }
        | ProcessStep::HugeReused { .. }
        | ProcessStep::SplitPmd { .. }
        | ProcessStep::SplitPage { .. }
        | ProcessStep::PoolGrows { .. }
        | ProcessStep::PoolSized { .. }
        | ProcessStep::HugetlbPage { .. }
        | ProcessStep::HugetlbCopied { .. }
        | ProcessStep::PoolBack { .. }
        | ProcessStep::PoolEmpty { .. }
        | ProcessStep::HugeAdvised { .. } => unreachable!("huge pages are told elsewhere"),
        ProcessStep::StackReused { .. }
        | ProcessStep::ThreadStarted { .. }
        | ProcessStep::ThreadExited { .. }
        | ProcessStep::ThreadMoved { .. }
        | ProcessStep::LockedAll { .. } => unreachable!("threads are told elsewhere"),
        ProcessStep::Exited { freed } => {
            let freed = amount(w, freed);
            let why = "What others share stays; its areas and page tables are gone.";
            told(
                (format!("{p} is gone, and {freed} came back with it."), why),
                (format!("End {p}: {freed} come back with it."), why),
                format!("{p} is gone, {freed} come back"),
            )
        }
    }
}

/// The kernel says no.
fn refused(w: &Words, p: &str, why: Refusal) -> Told {
    let (what, because): (String, &str) = match why {
        Refusal::Empty => ("a length of 0 is none".into(), "An area has at least one page."),
        Refusal::NoGap => {
            ("no gap between the areas is that long".into(), "Addresses have to be in a row, unlike frames.")
        }
        Refusal::Overcommit { pages, most } => (
            format!("{} more would break the limit of {}", number(w, pages), number(w, most)),
            pick(w, "Overcommit: what is promised may fall due one day.", "Promises may fall due."),
        ),
        Refusal::AddressSpaceLimit => (
            "the address space would exceed RLIMIT_AS".into(),
            "That limit counts addresses, with or without pages.",
        ),
        Refusal::TooMany => {
            ("that would be too many areas".into(), "Each costs the kernel memory: see vm.max_map_count.")
        }
        Refusal::Heap => {
            ("the heap cannot end there".into(), "It would run into another area, or end before it begins.")
        }
        Refusal::NotAnonymous => {
            ("there is a file in it".into(), "What a file shows cannot be given up so: the file has it.")
        }
        Refusal::NotAFile => (
            "the file cannot be mapped so".into(),
            pick(
                w,
                "Who shares it to write needs it open for writing; ENODEV if it is no file.",
                "Sharing to write needs it open for writing.",
            ),
        ),
        Refusal::Hole => {
            ("part of it is in no area".into(), "What lies before the hole is done all the same.")
        }
        Refusal::LockForbidden => ("it may not lock anything".into(), "RLIMIT_MEMLOCK is 0."),
        Refusal::LockLimit { pages, most } | Refusal::LockAgain { pages, most } => (
            format!("{} would be locked, and {} may be", number(w, pages), number(w, most)),
            pick(
                w,
                "RLIMIT_MEMLOCK counts addresses, with or without pages.",
                "RLIMIT_MEMLOCK counts addresses.",
            ),
        ),
        Refusal::IsLocked => ("some of it is locked".into(), "What has to stay cannot be given up."),
        Refusal::NotMapped => {
            ("not all of it lies in one area".into(), "Only one area can be remapped at a time.")
        }
        Refusal::NoHugePages { pages, available } => {
            let has = count(available, "huge page", "huge pages");
            (
                format!("{} wanted, and {has} left", num(pages)),
                pick(w, "The pool promises only what it has.", "Only what there is."),
            )
        }
        Refusal::Pooled => (
            "there are huge pages of the pool in it".into(),
            pick(w, "They come and go whole, 2 MiB at a time.", "They go whole."),
        ),
        Refusal::NoNodes => {
            ("none of these nodes has memory for it".into(), "There would be no page to be had.")
        }
        Refusal::NoTable => ("there is no frame for a page table".into(), "Page tables are memory, too."),
    };
    let errno = errno(why);
    match call(w) {
        Some(call) => told(
            (format!("{call} failed for {p} with {errno}: {what}."), because),
            (format!("Let {call} of {p} fail with {errno}: {what}."), because),
            format!("{call} of {p} fails: {errno}"),
        ),
        None => told(
            (format!("The kernel refused {p} with {errno}: {what}."), because),
            (format!("Refuse {p} with {errno}: {what}."), because),
            format!("{p} is refused: {errno}"),
        ),
    }
}

/// A signal that ends the process.
fn killed(p: &str, address: Vaddr, signal: Signal) -> Told {
    let (what, why) = match signal {
        // The first page is never mapped (vm.mmap_min_addr), so that this shows.
        Signal::NoArea if address.0 < 4096 => {
            ("no area is there", "A null pointer: nothing lies so low, so that this is noticed.")
        }
        Signal::NoArea => ("no area is there", "Nobody was promised that address: a stray pointer."),
        Signal::NotAllowed => ("its area forbids that", "Rights are the area's, whatever page is there."),
        Signal::StackLimit => ("the stack is at its limit", "RLIMIT_STACK ends a recursion without end."),
        Signal::StackGuard => {
            ("the stack came too near an area", "A gap stays free, so neither spoils the other.")
        }
        Signal::AddressSpaceLimit => ("the stack cannot grow", "The address space would exceed RLIMIT_AS."),
        Signal::LockLimit => ("the stack cannot grow", "It is locked, and RLIMIT_MEMLOCK ends that."),
        Signal::NotCanonical => {
            ("that is no address of a process", "It lies beyond all that a process can have.")
        }
        Signal::NoHugePage => ("the pool of huge pages is empty", "Nobody had promised it one there."),
        Signal::BeyondFile => {
            ("the file ends before it", "An area may be longer than its file, but no page is there.")
        }
    };
    let name = if signal == Signal::BeyondFile { "SIGBUS" } else { "SIGSEGV" };
    let at = hex(address);
    told(
        (format!("{p} got {name} at {at} and is gone: {what}."), why),
        (format!("End {p} with {name} at {at}: {what}."), why),
        format!("{p} gets {name} at {at}: {what}"),
    )
}

/// `all of m`, `64 KiB of m`, `64 KiB of m behind 4 KiB`.
fn part(w: &Words, at: At, range: Option<ByteRange>) -> String {
    let of = match at {
        At::Area { name, .. } => w.name(name).into_owned(),
        At::Heap(process) => format!("{}'s heap", w.name(process)),
        At::Stack(process) => format!("{}'s stack", w.name(process)),
        At::Address(process, address) => {
            let process = w.name(process);
            return match range {
                None => format!("{process}'s address {}", hex(address)),
                Some(ByteRange { from, to }) => {
                    let start = Vaddr(address.0.saturating_add(from));
                    format!("{} of {process} at {}", bytes(to.saturating_sub(from)), hex(start))
                }
            };
        }
    };
    match range {
        None => format!("all of {of}"),
        Some(ByteRange { from: 0, to }) => format!("{} of {of}", bytes(to)),
        Some(ByteRange { from, to }) => {
            format!("{} of {of} behind {}", bytes(to.saturating_sub(from)), bytes(from))
        }
    }
}

pub(super) fn op_text(w: &Words, op: &ProcessOp) -> String {
    match *op {
        ProcessOp::File { bytes: length, cached, .. } => {
            let place = match cached {
                0 => "on the disk".to_owned(),
                all if all >= length => "all of it cached".to_owned(),
                part => format!("{} of it cached", bytes(part)),
            };
            format!("is a file of {}, {place}", bytes(length))
        }
        ProcessOp::Exec { limits: Rlimits { stack, address_space, memlock }, task, .. } => {
            let task = super::super::oom::task_text(scenario::Lang::En, w, &task);
            let stack =
                (stack != Rlimits::default().stack).then(|| format!("a stack of at most {}", bytes(stack)));
            let space = address_space.map(|most| format!("at most {} of addresses", bytes(most)));
            let lock = memlock.map(|most| format!("at most {} locked", bytes(most)));
            let limits: Vec<String> = stack.into_iter().chain(space).chain(lock).collect();
            match &limits[..] {
                [] => format!("is a new process{task}"),
                _ => format!("is a new process{task} with {}", limits.join(" and ")),
            }
        }
        ProcessOp::Fork { parent, .. } => format!("is a child of {}, with the same pages", w.name(parent)),
        ProcessOp::Thread { of, stack, cpu, .. } => {
            let stack = stack.map_or(String::new(), |most| format!(", with a stack of {}", bytes(most)));
            format!("is a thread of {} on CPU {}{stack}", w.name(of), cpu.0)
        }
        ProcessOp::Mlockall { process, current, future, .. } => {
            let p = w.name(process);
            match (current, future) {
                (false, false) => format!("{p} locks nothing any more"),
                (true, false) => format!("{p} locks what is mapped"),
                (false, true) => format!("{p} locks what will be mapped"),
                (true, true) => format!("{p} locks all memory, now and later"),
            }
        }
        ProcessOp::Exit { process, .. } => format!("{} ends", w.name(process)),
        ProcessOp::Mmap { process, bytes: length, args, .. } => {
            let (p, length) = (w.name(process), bytes(length));
            let shared = if args.shared { "shared " } else { "" };
            match args.file {
                Some((file, _)) => {
                    format!("{p} wants {length} of {shared}addresses that show {}", w.name(file))
                }
                None => format!("{p} wants {length} of {shared}addresses"),
            }
        }
        ProcessOp::Munmap { at, bytes, .. } => format!("gives {} back", part(w, at, bytes)),
        ProcessOp::Mprotect { at, bytes, prot } => format!("{} may {}", part(w, at, bytes), rights(prot)),
        ProcessOp::Cpuset(op) => super::cpuset::op_en(w, op),
        ProcessOp::AllocPages { process, order, .. } => {
            let size = super::super::en::wanted(order);
            format!("is for the kernel, in a call of {}: {size}", w.name(process))
        }
        ProcessOp::SetMempolicy { process, policy } => {
            format!("{} wants memory {}", w.name(process), super::numa::whence_en(policy))
        }
        ProcessOp::Mbind { at, bytes, policy } => {
            format!("wants {} {}", part(w, at, bytes), super::numa::whence_en(policy))
        }
        ProcessOp::Madvise { at, bytes, advice: Advice::DontNeed, .. } => {
            format!("does without {}", part(w, at, bytes))
        }
        ProcessOp::Madvise { at, bytes, advice: Advice::Free, .. } => {
            format!("may lose {}", part(w, at, bytes))
        }
        ProcessOp::Mremap { name, bytes: length, may_move, .. } => {
            let moves = if may_move { ", wherever there is room" } else { "" };
            format!("{} is to have {}{moves}", w.name(name), bytes(length))
        }
        ProcessOp::Mlock { at, bytes, locked, .. } => {
            format!("{} {}", if locked { "locks" } else { "unlocks" }, part(w, at, bytes))
        }
        ProcessOp::Malloc { process, bytes: length, zero, .. } => {
            let zeros = if zero { " of zeros" } else { "" };
            format!("{} wants a block of {}{zeros}", w.name(process), bytes(length))
        }
        ProcessOp::Realloc { of, bytes: length, .. } => {
            format!("{} is to have {}", w.name(of), bytes(length))
        }
        ProcessOp::Memset { at, value, bytes, .. } => {
            format!("fills {} with {value:#04x}", part(w, at, bytes))
        }
        ProcessOp::Hexdump { at, bytes, .. } => format!("looks at {}", part(w, at, bytes)),
        ProcessOp::Madvise { at, bytes, advice: Advice::Cold, .. } => {
            format!("will not use {} for long", part(w, at, bytes))
        }
        ProcessOp::Madvise { at, bytes, advice: Advice::PageOut, .. } => {
            format!("{} may go at once", part(w, at, bytes))
        }
        ProcessOp::Madvise { at, bytes, advice: Advice::HugePage, .. } => {
            format!("asks for huge pages in {}", part(w, at, bytes))
        }
        ProcessOp::Madvise { at, bytes, advice: Advice::NoHugePage, .. } => {
            format!("wants no huge pages in {}", part(w, at, bytes))
        }
        ProcessOp::NrHugepages { pages, .. } => {
            format!("sets {} aside", count(pages, "huge page", "huge pages"))
        }
        ProcessOp::NrOvercommitHugepages { pages } => {
            format!("allows {} beyond the pool", count(pages, "huge page", "huge pages"))
        }
        ProcessOp::Khugepaged { .. } => "khugepaged wakes".into(),
        ProcessOp::Brk { process, by, .. } => {
            let (p, moves) = (w.name(process), if by < 0 { "shrinks" } else { "grows" });
            format!("{p}'s heap {moves} by {}", bytes(by.unsigned_abs()))
        }
        ProcessOp::Scan { .. } | ProcessOp::Move { .. } | ProcessOp::Oom(_) => String::new(),
        ProcessOp::Access { access, at, bytes, .. } => {
            let [_, does] = verbs(access);
            match at {
                At::Area { by: Some(by), .. } => format!("{} {does} {}", w.name(by), part(w, at, bytes)),
                _ => format!("{does} {}", part(w, at, bytes)),
            }
        }
    }
}
