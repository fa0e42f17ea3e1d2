//! The English sentences about reclaim.

use mm::Pfn;
use mm::op::FileOp;
use mm::process::ByteRange;
use mm::reclaim::balance::ScanBalance;
use mm::reclaim::{Batch, FileAdvice, Lru, SplitWhy, Verdict};
use mm::step::{Kept, ReclaimStep, Reclaimer};
use mm::xarray::SwapEntry;

use super::super::en::count;
use super::super::kmem::en::bytes;
use super::super::process::{hex, pick};
use super::super::told;
use super::{
    Told, Words, anon_share, file_page, is_huge, num, scanned, seconds, slot, swap_is_full, swappiness,
};

fn pages(number: impl Into<u64>) -> String {
    count(number, "page", "pages")
}

/// `frame 812`, and which page of a file it holds where there is room; `the huge page at frame 1,024`.
fn frame(w: &Words, pfn: Pfn) -> String {
    if is_huge(w, pfn) {
        return format!("the huge page at frame {}", num(pfn.0));
    }
    match file_page(w, pfn).filter(|_| w.is_full()) {
        Some((file, index)) => format!("frame {} ({file}, page {})", num(pfn.0), num(index)),
        None => format!("frame {}", num(pfn.0)),
    }
}

/// `slots 37 to 548`
fn run_of_slots(w: &Words, first: SwapEntry, many: u16) -> String {
    let last = SwapEntry { offset: first.offset + u32::from(many.max(1)) - 1, ..first };
    format!("slots {} to {}", slot(w, first), slot(w, last))
}

/// `slot 37`; of a huge page `slots 512 to 1,023`.
fn slots(w: &Words, pfn: Pfn, entry: SwapEntry) -> String {
    match is_huge(w, pfn) {
        true => run_of_slots(w, entry, 512),
        false => format!("slot {}", slot(w, entry)),
    }
}

fn capital(text: &str) -> String {
    let mut chars = text.chars();
    chars.next().map_or(String::new(), |first| first.to_uppercase().chain(chars).collect())
}

fn list(lru: Lru) -> &'static str {
    match lru {
        Lru::InactiveAnon => "inactive anon",
        Lru::ActiveAnon => "active anon",
        Lru::InactiveFile => "inactive file",
        Lru::ActiveFile => "active file",
        Lru::Unevictable => "unevictable",
    }
}

/// What the pages of a batch are.
fn waiting_for(batch: Batch) -> &'static str {
    match batch {
        Batch::Add => "new pages",
        Batch::Rotate => "written pages",
        Batch::Deactivate => "pages to deactivate",
        Batch::LazyFree => "pages that may be thrown away",
        Batch::Activate => "pages to activate",
    }
}

fn who(by: Reclaimer) -> &'static str {
    match by {
        Reclaimer::Kswapd(_) => "kswapd",
        Reclaimer::Direct => "The task itself",
        Reclaimer::Madvise => "madvise",
        Reclaimer::Group => "The task itself",
    }
}

/// `page 3`, `pages 3 to 7`
fn run(first: u32, pages: u32) -> String {
    match pages {
        0 | 1 => format!("page {}", num(first)),
        _ => format!("pages {} to {}", num(first), num(first + pages - 1)),
    }
}

fn lower(what: &str, is_name: bool) -> String {
    if is_name { what.to_owned() } else { what.to_lowercase() }
}

pub(super) fn tell(w: &Words, step: &ReclaimStep) -> Told {
    use ReclaimStep as R;
    match *step {
        // How pages come to the lists and move on them.
        R::Drained { cpu, batch, pages: drained } => {
            let all = pages(drained);
            let why = match batch {
                Batch::Add => "Each to the head of its list: the tail is looked at first.",
                Batch::Rotate => "To the tail: they are clean now, and go next.",
                Batch::Deactivate => "To the heads of the inactive lists, without their marks.",
                Batch::LazyFree => "To the inactive files: thrown away like clean pages, without swap.",
                Batch::Activate => "To the heads of the active lists.",
            };
            told(
                (format!("CPU {cpu}'s batch of {all} went to the lists."), why),
                (format!("Send CPU {cpu}'s batch of {all} to the lists."), why),
                format!("CPU {cpu}: {all} to the lists"),
            )
        }
        R::Referenced { pfn } => {
            let frame = frame(w, pfn);
            let why = "One use may be the only one; with a second it becomes active.";
            told(
                (format!("{} is marked as referenced.", capital(&frame)), why),
                (format!("Mark {frame} as referenced."), why),
                format!("{frame}: referenced"),
            )
        }
        R::Deactivated { pfn } => {
            let frame = frame(w, pfn);
            let why = "Nobody needs it soon.";
            told(
                (format!("{} became inactive.", capital(&frame)), why),
                (format!("Make {frame} inactive."), why),
                format!("{frame}: inactive"),
            )
        }
        R::Evictable { pfn, may_go } => {
            let frame = frame(w, pfn);
            let (to, why) = if may_go {
                ("an evictable list", "The lock is gone: it may be taken away like any other.")
            } else {
                ("the unevictable list", "It is locked: no scan is to waste time on it.")
            };
            told(
                (format!("{} went to {to}.", capital(&frame)), why),
                (format!("Move {frame} to {to}."), why),
                format!("{frame}: {to}"),
            )
        }
        R::Cold { process, start, pages: number, pageout } => {
            let (p, all, from) = (w.name(process), pages(number), hex(start));
            let (did, next, why) = if pageout {
                ("may go at once", "Take away", "MADV_PAGEOUT does not ask whether they were used.")
            } else {
                ("count as unused", "Count as unused", "MADV_COLD: they become inactive, so they go sooner.")
            };
            told(
                (format!("{all} of {p} from {from} on {did}."), why),
                (format!("{next} {all} of {p} from {from} on."), why),
                format!("{all} of {p} {did}"),
            )
        }
        R::Batched { pfn, batch, cpu, waiting } => {
            let (frame, kind) = (frame(w, pfn), waiting_for(batch));
            let why = match (batch, waiting) {
                _ if is_huge(w, pfn) => "It has 512 pages: the batch goes to the lists now.",
                (_, 15) => "The batch is full: it goes to the lists now.",
                (Batch::Activate, _) => "It was used a second time.",
                _ => pick(w, "15 together take the lists' lock once.", "15 go together."),
            };
            told(
                (format!("{} waits with CPU {cpu}'s {kind}: {waiting} of 15.", capital(&frame)), why),
                (format!("Let {frame} wait with CPU {cpu}'s {kind}."), why),
                format!("{frame} waits with {kind}, {waiting} of 15"),
            )
        }
        // What is read from files, and thrown away by hand.
        R::ReadAhead { file, index, start, pages: many, mark, missed } => {
            let (f, what) = (w.name(file), run(start, many));
            let cause = if missed {
                format!("page {} was missing", num(index))
            } else {
                format!("page {} had the mark", num(index))
            };
            let why = match (mark.map(num), missed) {
                (Some(mark), _) if w.first_frame_only() => format!("Page {mark} has the next mark."),
                (Some(mark), true) => format!("Who reads on will want them; page {mark} gets the mark."),
                (Some(mark), false) => format!("Before anybody waits; page {mark} is the next mark."),
                (None, _) if many == 1 => "Nothing says that it goes on in order.".into(),
                (None, _) => "Only as far as this.".into(),
            };
            told(
                (format!("Reads {what} of {f}: {cause}."), &*why),
                (format!("Read {what} of {f}: {cause}."), &*why),
                format!("{f}: read {what}"),
            )
        }
        R::Refault { pfn, distance, size, activated, restored } => {
            let frame = frame(w, pfn);
            let size = num(size);
            let (text, why) = match (activated, restored) {
                (true, true) => (
                    "becomes active at once",
                    format!("Active before, and not beyond {size}: it left too early."),
                ),
                (true, false) => ("becomes active at once", format!("Not beyond {size}: it left too early.")),
                (false, _) => ("begins as inactive", format!("Beyond {size}: it could not have stayed.")),
            };
            let (distance, head) = (num(distance), capital(&frame));
            told(
                (format!("{head} came back at distance {distance}: it {text}."), why.clone()),
                (format!("{head} comes back at distance {distance}: it {text}."), why),
                format!("{frame} comes back at distance {distance}"),
            )
        }
        R::Advised { file, ra_pages } => {
            let f = w.name(file);
            let (text, why) = match ra_pages {
                0 => ("nothing of {} is read ahead".to_owned(), "It will be read here and there."),
                most => {
                    (format!("at most {} of {{}} are read at once", pages(most)), "It says how it reads.")
                }
            };
            let text = text.replace("{}", &f);
            told(
                (format!("From now on {text}."), why),
                (format!("From now on {text}."), why),
                format!("{f}: {} ahead", pages(ra_pages)),
            )
        }
        R::EndOfFile { file } => {
            let f = w.name(file);
            let why = "There is nothing behind its end.";
            told((format!("{f} ends here."), why), (format!("{f} ends here."), why), format!("{f} ends"))
        }
        R::NoPage { file } => {
            let f = w.name(file);
            let why = "Nothing could be taken from anybody: the call fails with ENOMEM.";
            told(
                (format!("There was no frame for a page of {f}."), why),
                (format!("There is no frame for a page of {f}."), why),
                format!("no frame for {f}"),
            )
        }
        R::Dropped { pages: gone, kept } => {
            let all = pages(gone);
            let why = match kept {
                0 => "All were clean and nobody's.".to_owned(),
                kept => format!("{} stay: dirty, mapped, waiting or being written.", pages(kept)),
            };
            told(
                (format!("Threw {all} of files away."), why.clone()),
                (format!("Throw {all} of files away."), why),
                format!("{all} of files thrown away"),
            )
        }
        R::ReadHit { file, index, pfn } => {
            let (f, page, frame) = (w.name(file), num(index), num(pfn.0));
            let why = "It is in the page cache: no wait for the disk.";
            told(
                (format!("read found page {page} of {f} in frame {frame}."), why),
                (format!("read finds page {page} of {f} in frame {frame}."), why),
                format!("page {page} of {f} is cached"),
            )
        }
        // Dirty pages, and how they come to the disk.
        R::Dirtied { file, index, pfn, dirty } => {
            let (f, page) = (w.name(file), num(index));
            let frame = if w.is_full() { format!(" (frame {})", num(pfn.0)) } else { String::new() };
            let why = format!("The disk learns of it later: {} dirty now.", pages(dirty));
            told(
                (format!("write made page {page} of {f}{frame} dirty."), why.clone()),
                (format!("write makes page {page} of {f}{frame} dirty."), why),
                format!("page {page} of {f} is dirty"),
            )
        }
        R::Throttled { dirty, limit } => {
            let (dirty, limit) = (num(dirty), num(limit));
            let why = "It may not fill memory faster than the disk takes it.";
            told(
                (format!("The writer has to wait: {dirty} pages are dirty, more than {limit}."), why),
                (format!("Let the writer wait: {dirty} pages are dirty, more than {limit}."), why),
                format!("the writer waits: {dirty} dirty"),
            )
        }
        R::FlusherWoken { dirty, limit } => {
            let why = if dirty > limit {
                format!("{} are dirty, more than {}.", pages(dirty), num(limit))
            } else {
                "The scan met nothing but dirty pages.".to_owned()
            };
            told(
                ("Woke the flusher.", why.clone()),
                ("Wake the flusher.", why),
                format!("wake the flusher: {} dirty", num(dirty)),
            )
        }
        R::WriteBack { file, first, pages: many } => {
            let (f, what) = (w.name(file), run(first, many));
            let why = "Neighbours go together; until it is done they are under writeback.";
            let verb = if many == 1 { "is" } else { "are" };
            told(
                (format!("{} of {f} {verb} on the way to the disk.", capital(&what)), why),
                (format!("Send {what} of {f} to the disk."), why),
                format!("{f}: write {what}"),
            )
        }
        R::Synced { file, pages: written } => {
            let what = file.map_or("All files".into(), |file| w.name(file));
            let why = format!("{} had to be written first.", pages(written));
            let verb = if file.is_some() { "is" } else { "are" };
            told(
                (format!("{what} {verb} on the disk."), why.clone()),
                (format!("Wait until the disk has {}.", lower(&what, file.is_some())), why),
                format!("synced: {}", pages(written)),
            )
        }
        R::Waited { ms } => {
            let time = seconds(ms);
            let why = "Daemons with something to do go on meanwhile.";
            told((format!("{time} passed."), why), (format!("{time} pass."), why), format!("{time} pass"))
        }
        R::Written { first: _, pages: many, rotated } => {
            let all = pages(many);
            let why = match rotated {
                0 => "They are clean now.".to_owned(),
                rotated => format!("{} of them were to go: to the tail with them.", num(rotated)),
            };
            told(
                (format!("The disk has {all} more."), why.clone()),
                (format!("The disk gets {all}."), why),
                format!("{all} written"),
            )
        }
        // To swap and back.
        R::AddedToSwap { pfn, entry } => {
            let (frame, slots) = (frame(w, pfn), slots(w, pfn, entry));
            let why = if is_huge(w, pfn) {
                "512 side by side are free: it can go as a whole."
            } else {
                "It has no file: only swap can keep what is in it."
            };
            told(
                (format!("{} got {slots} in swap.", capital(&frame)), why),
                (format!("Give {frame} {slots} in swap."), why),
                format!("{frame}: {slots}"),
            )
        }
        R::Unmapped { pfn, process, address, entry } => {
            let (frame, p, at) = (num(pfn.0), w.name(process), hex(address));
            let (did, next, why) = match entry.map(|entry| slot(w, entry)) {
                Some(slot) => (
                    format!("{p}'s entry for {at} says slot {slot} now, not frame {frame}."),
                    format!("{p}'s entry for {at}: from frame {frame} to slot {slot}."),
                    "The next access faults.",
                ),
                None => (
                    format!("{p}'s entry for {at}, to frame {frame}, is gone."),
                    format!("Take {p}'s entry for {at}, to frame {frame}, away."),
                    "The file has the bytes.",
                ),
            };
            told((did, why), (next, why), format!("unmap frame {frame} from {p}"))
        }
        R::PagedOut { pfn, entry, at_once } => {
            let (frame, slots) = (frame(w, pfn), slots(w, pfn, entry));
            let (is, why) = if at_once {
                ("compressed into", "It is in zram at once: nobody waits for a disk.")
            } else {
                ("on its way to", "It is free only when the disk has it.")
            };
            told(
                (format!("{} is {is} {slots}.", capital(&frame)), why),
                (format!("Write {frame} to {slots}."), why),
                format!("{frame} to {slots}"),
            )
        }
        R::HugeSplit { pfn, why } => {
            let pfn = num(pfn.0);
            let why = match why {
                SplitWhy::InPieces => "No entry leads to all of it: parts may be nobody's.",
                SplitWhy::NoCluster => "Swap has no 512 free slots side by side for it.",
            };
            told(
                (format!("The huge page at frame {pfn} cannot go as a whole: it is split."), why),
                (format!("Split the huge page at frame {pfn}: it cannot go as a whole."), why),
                format!("split the huge page at frame {pfn}"),
            )
        }
        R::HugeUnmapped { pfn: _, process, address, entry, pages: many } => {
            let (all, p, at) = (count(many, "entry", "entries"), w.name(process), hex(address));
            let (did, next, why) = match entry.map(|entry| run_of_slots(w, entry, many)) {
                Some(slots) => (
                    format!("{all} of {p} from {at} on say {slots} now."),
                    format!("Let {all} of {p} from {at} on say {slots}."),
                    "The next access to each of them faults.",
                ),
                None => (
                    format!("{all} of {p} from {at} on are gone."),
                    format!("Take {all} of {p} from {at} on away."),
                    "MADV_FREE allowed it: nothing need be written.",
                ),
            };
            told((did, why), (next, why), format!("unmap {} of {p}", pages(many)))
        }
        R::DeferredSplit { pfn, used } => {
            let (pfn, used) = (num(pfn.0), num(used));
            let why = "It stays whole until memory is short: the rest is not free yet.";
            told(
                (format!("The huge page at frame {pfn} waits: {used} of its 512 are used."), why),
                (format!("Let the huge page at frame {pfn} wait: {used} of its 512 are used."), why),
                format!("the huge page at frame {pfn} waits to be split"),
            )
        }
        R::SwapIn { entry, start, pages: many } => {
            let (slot, what) = (slot(w, entry), run(start, u32::from(many)).replace("page", "slot"));
            let why = match many {
                1 => "Alone: what was read ahead before was not asked for.",
                _ => "What went out together may be wanted together.",
            };
            told(
                (format!("Slot {slot} is wanted: reads {what}."), why),
                (format!("Slot {slot} is wanted: read {what}."), why),
                format!("read {what}"),
            )
        }
        R::SwapRead { entry, pfn } => {
            let (slot, frame) = (slot(w, entry), num(pfn.0));
            let why = "The slot keeps its copy: unchanged, the page need not be written again.";
            told(
                (format!("Read slot {slot} into frame {frame}."), why),
                (format!("Read slot {slot} into frame {frame}."), why),
                format!("slot {slot}: frame {frame}"),
            )
        }
        R::Swapped { process, address, pfn, entry, freed } => {
            let (p, at, frame, slot) = (w.name(process), hex(address), num(pfn.0), slot(w, entry));
            let why =
                if freed { "The slot is free: the page alone counts." } else { "The slot keeps a copy." };
            told(
                (format!("{p}'s entry for {at} leads to frame {frame} again, not slot {slot}."), why),
                (format!("{p}'s entry for {at}: from slot {slot} to frame {frame}."), why),
                format!("{p} has slot {slot} in frame {frame}"),
            )
        }
        R::SwapCacheHit { pfn, entry, read_ahead } => {
            let (frame, slot) = (num(pfn.0), slot(w, entry));
            let why = if read_ahead {
                "It was read ahead with a neighbour: no wait for the disk."
            } else {
                "The swap cache still has it: no wait for the disk."
            };
            told(
                (format!("Slot {slot} was in memory, in frame {frame}."), why),
                (format!("Slot {slot} is in memory, in frame {frame}."), why),
                format!("slot {slot} is in frame {frame}"),
            )
        }
        // What becomes of a page.
        R::Looked { pfn, ptes, referenced, verdict } => {
            let frame = frame(w, pfn);
            let (text, why) = match verdict {
                Verdict::Reclaim => {
                    ("can go", "No entry says that it was used since the last look.".to_owned())
                }
                Verdict::ReclaimClean => ("can go if it is clean", "It was used once, by read.".into()),
                Verdict::Keep => ("goes to the head again", "It was used once: a second chance.".into()),
                Verdict::Activate if ptes > 1 => {
                    ("becomes active", format!("{} entries say that it was used.", num(ptes)))
                }
                Verdict::Activate if ptes == 0 => ("has to stay", "Somebody has locked it.".into()),
                Verdict::Activate if referenced => {
                    ("becomes active", "It was used again since the mark.".into())
                }
                Verdict::Activate => ("becomes active", "It was used, and it is code.".into()),
            };
            told(
                (format!("{} {text}.", capital(&frame)), why.clone()),
                (format!("Look at {frame}: it {text}."), why),
                format!("{frame} {text}"),
            )
        }
        R::Aged { pfn, stays } => {
            let frame = frame(w, pfn);
            let (text, why) = if stays {
                ("stays active", "It was used, and it is code.")
            } else {
                ("becomes inactive", "Used or not: the inactive list will tell.")
            };
            told(
                (format!("{} {text}.", capital(&frame)), why),
                (format!("{} {text}.", capital(&frame)), why),
                format!("{frame} {text}"),
            )
        }
        R::Kept { pfn, why } => {
            let frame = frame(w, pfn);
            let (text, why) = match why {
                Kept::Locked => ("it is being read", "Whoever reads it has it locked."),
                Kept::NoSwap => ("no slot in swap is free", "Without one its contents would be lost."),
                Kept::Dirty => ("it is dirty", "The flusher writes files; then it goes at once."),
                Kept::Writeback => ("it is on its way to the disk", "It goes when the disk has it."),
                Kept::Redirtied => ("it was written to meanwhile", "It is ordinary memory again."),
                Kept::PagedOut => ("its write has only begun", "It goes when the disk has it."),
                Kept::Mlocked => ("it is locked in memory", "The unevictable list is its place."),
                Kept::Pinned => ("it is pinned", "While it is, nobody can split it."),
            };
            told(
                (format!("{} stays: {text}.", capital(&frame)), why),
                (format!("Let {frame} stay: {text}."), why),
                format!("{frame} stays: {text}"),
            )
        }
        R::Reclaimed { pfn, age } => {
            let frame = frame(w, pfn);
            let why = match age {
                Some(age) if is_huge(w, pfn) => {
                    format!("512 shadows with age {} stay, in case some come back.", num(age))
                }
                Some(age) => format!("A shadow with age {} stays, in case it comes back.", num(age)),
                None => "MADV_FREE allowed it: what was in it is gone.".into(),
            };
            told(
                (format!("{} is taken away.", capital(&frame)), why.clone()),
                (format!("Take {frame} away."), why),
                format!("{frame} is taken away"),
            )
        }
        R::Isolated { node: _, lru, taken, skipped } => {
            let (list, taken) = (list(lru), pages(taken));
            let why = match skipped {
                0 => "Nobody has waited there for longer.".to_owned(),
                skipped => format!("{} of zones that are no help went to the head.", pages(skipped)),
            };
            told(
                (format!("Took {taken} from the tail of the {list} list."), why.clone()),
                (format!("Take {taken} from the tail of the {list} list."), why),
                format!("{taken} off the {list} list"),
            )
        }
        R::Shrunk { node: _, lru, taken, gone, active } => {
            let (list, taken, gone) = (list(lru), pages(taken), num(gone));
            let (fate, why) = if lru.is_active() {
                ("inactive now", format!("Still active: {}.", num(active)))
            } else {
                let stay = format!("{} became active; the rest went back to the head.", num(active));
                ("free now", stay)
            };
            told(
                (format!("Of {taken} of the {list} list {gone} are {fate}."), why.clone()),
                (format!("Of {taken} of the {list} list {gone} are {fate}."), why),
                format!("{list}: {gone} of {taken} {fate}"),
            )
        }
        // Who looks for pages, how hard, and until when.
        R::DirectReclaimed { reclaimed, priority } => {
            let all = pages(reclaimed);
            let why = match reclaimed {
                0 => "All of them are in use, or there is nowhere for them to go.".to_owned(),
                _ => format!("It came to priority {priority}; now it tries its request again."),
            };
            told(
                (format!("The task has reclaimed {all} itself."), why.clone()),
                (format!("The task has reclaimed {all} itself."), why),
                format!("direct reclaim: {all}"),
            )
        }
        R::ScanCount { by, node, group, priority, balance, counts } => {
            let ([anon, file], who) = (scanned(counts), who(by));
            let amount = match [anon, file] {
                [0, 0] => "no page at all".to_owned(),
                [anon, file] => {
                    format!("{} and {} of files", count(anon, "anon page", "anon pages"), num(file))
                }
            };
            let amount = group
                .filter(|_| w.is_full())
                .map_or(amount.clone(), |group| format!("{amount} in {}", w.name(group)));
            let why = match balance {
                ScanBalance::Equal => "Nothing else helped: all lists, whole.".to_owned(),
                ScanBalance::Anon => "Hardly any pages of files are left.".into(),
                ScanBalance::File if swap_is_full(w) => "There is no room in swap: files only.".into(),
                ScanBalance::File => "Enough inactive pages of files are there.".into(),
                ScanBalance::Fract if anon + file == 0 => "The lists are too short for that priority.".into(),
                ScanBalance::Fract => match anon_share(w, node).filter(|_| w.is_full()) {
                    Some(share) => format!("Swappiness {} and past cost: {share} % anon.", swappiness(w)),
                    None => format!("By swappiness {} and cost.", swappiness(w)),
                },
            };
            told(
                (format!("{who} scans {amount}, at priority {priority}."), why.clone()),
                (format!("{who} is to scan {amount}, at priority {priority}."), why),
                format!("priority {priority}: {amount}"),
            )
        }
        R::SplitScan { node: _, group, priority, waiting, scan } => {
            let of =
                group.filter(|_| w.is_full()).map_or(String::new(), |group| format!(" of {}", w.name(group)));
            let (all, wait) =
                (count(waiting, "huge page", "huge pages"), if waiting == 1 { "waits" } else { "wait" });
            let (text, why) = match scan {
                0 => ("none is split", "Their share is less than one, at that priority."),
                _ => ("now it comes to that", "What nobody has of them comes back."),
            };
            let text = format!("{all}{of} {wait} to be split: at priority {priority} {text}.");
            told((text.clone(), why), (text, why), format!("{all} {wait} to be split"))
        }
        R::Balance { node, balanced, priority } => {
            let (did, next, why) = match balanced {
                Some(zone) => {
                    let zone = w.zone(zone);
                    (
                        format!("kswapd found zone {zone} above high."),
                        format!("kswapd finds zone {zone} above high."),
                        "One zone is enough: it can stop.".to_owned(),
                    )
                }
                None => (
                    format!("No zone of node {node} is above high: kswapd goes on."),
                    format!("No zone of node {node} is above high: kswapd goes on."),
                    match priority {
                        12 => "Priority 12: a 4096th of each list.".into(),
                        priority => format!("Priority {priority}: 1/{} of each list.", 1u32 << priority),
                    },
                ),
            };
            let brief = match balanced {
                Some(_) => "kswapd: enough".into(),
                None => format!("kswapd goes on at priority {priority}"),
            };
            told((did, why.clone()), (next, why), brief)
        }
        R::KswapdSleeps { node, reclaimed, failures } => {
            let all = pages(reclaimed);
            let why = if failures >= 16 {
                "16 runs brought nothing: nobody wakes it until a task succeeds itself."
            } else {
                "It is woken again when a zone falls below low."
            };
            told(
                (format!("kswapd of node {node} fell asleep: it reclaimed {all}."), why),
                (format!("kswapd of node {node} goes to sleep: it reclaimed {all}."), why),
                format!("kswapd sleeps, {all} reclaimed"),
            )
        }
        R::Retry { order: _, zone, no_progress } => {
            let (text, why) = match zone {
                Some(zone) => (
                    "Another round makes sense",
                    format!("If all that can go went, zone {} would have enough.", w.zone(zone)),
                ),
                None if no_progress > 16 => ("No other round", "16 rounds in a row brought nothing.".into()),
                None => ("No other round", "Not even all that can go would be enough.".into()),
            };
            told((format!("{text}."), why.clone()), (format!("{text}."), why), text.to_lowercase())
        }
        R::NodeReclaim { node, pages: there, least, enough } => {
            let why = format!("{} of files could go, and {} stay in any case.", pages(there), num(least));
            let (did, next) = if enough {
                (
                    format!("Node {node} is near: its page cache goes before another node is asked."),
                    format!("Node {node} is near: take of its page cache before another node is asked."),
                )
            } else {
                let text = format!("Node {node} has too little page cache to take from.");
                (text.clone(), text)
            };
            let brief = if enough { "its own page cache first" } else { "too little page cache" };
            told((did, why.clone()), (next, why), format!("node {node}: {brief}"))
        }
        R::NodeReclaimed { node, reclaimed } => {
            let all = pages(reclaimed);
            let why = "Now the zone is measured again.";
            told(
                (format!("{all} of node {node} went."), why),
                (format!("{all} of node {node} go."), why),
                format!("node {node} gave up {all}"),
            )
        }
        R::DirectReclaim { order } => {
            let why = "kswapd is too slow: the task does the work, and waits for its memory.";
            let order = order.get();
            told(
                (format!("Direct reclaim began, for order {order}."), why),
                (format!("Direct reclaim, for order {order}."), why),
                format!("direct reclaim for order {order}"),
            )
        }
        R::GroupMade { .. }
        | R::GroupJoined { .. }
        | R::GroupLimit { .. }
        | R::GroupOver { .. }
        | R::GroupDrained { .. }
        | R::GroupReclaimed { .. }
        | R::GroupRetried { .. }
        | R::GroupRefused { .. } => super::group_en::tell(w, step),
    }
}

/// `log`, `64 KiB of log`
fn part(w: &Words, file: mm::op::NameId, range: Option<ByteRange>) -> String {
    let f = w.name(file);
    match range {
        None => f.into_owned(),
        Some(ByteRange { from: 0, to }) => format!("{} of {f}", bytes(to)),
        Some(ByteRange { from, to }) => {
            format!("{} of {f} behind {}", bytes(to.saturating_sub(from)), bytes(from))
        }
    }
}

pub(super) fn op_text(w: &Words, op: &FileOp) -> String {
    match *op {
        FileOp::Read { file, bytes, .. } => format!("a program reads {}", part(w, file, bytes)),
        FileOp::Write { file, bytes, .. } => format!("a program writes {}", part(w, file, bytes)),
        FileOp::Sync { file: Some(file) } => format!("{} is to be on the disk", w.name(file)),
        FileOp::Sync { file: None } => "everything is to be on the disk".into(),
        FileOp::Advise { file, advice } => {
            let f = w.name(file);
            match advice {
                FileAdvice::Normal => format!("{f} is read as usual"),
                FileAdvice::Sequential => format!("{f} will be read in order"),
                FileAdvice::Random => format!("{f} will be read here and there"),
                FileAdvice::DontNeed => format!("{f} is not needed any more"),
            }
        }
        FileOp::DropCaches { what: 1 } => "clean pages of files are thrown away".into(),
        FileOp::DropCaches { .. } => "what can be had again is thrown away".into(),
        FileOp::Wait { ms } => format!("{} pass", seconds(ms)),
        FileOp::Group { .. } | FileOp::GroupMax { .. } => super::group_en::op_text(w, op),
    }
}
