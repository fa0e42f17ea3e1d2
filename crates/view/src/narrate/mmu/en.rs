//! The English sentences about translations.

use mm::op::NameId;
use mm::step::{Denial, MmuStep};
use mm::x86::pgtable::Pte;
use mm::x86::tlb::PageSize;
use mm::{Bytes, CpuId};

use super::super::en::count;
use super::super::told;
use super::{Told, Words, bit_of, bits, hex, level_name, num, pick};

/// `L1 TLB` or `L2 TLB`
fn tlb(level: u8) -> &'static str {
    if level == 1 { "L1 TLB" } else { "L2 TLB" }
}

/// `on CPU 1`, where there is more than one.
fn on_cpu(w: &Words, cpu: CpuId) -> String {
    if w.many_cpus() { format!(" on CPU {}", cpu.0) } else { String::new() }
}

fn references(count: u8) -> String {
    match count {
        0 => "no reference to memory".into(),
        1 => "one reference to memory".into(),
        count => format!("{count} references to memory"),
    }
}

pub(super) fn mmu(w: &Words, cpu: CpuId, process: NameId, step: &MmuStep) -> Told {
    let p = w.name(process);
    let on = on_cpu(w, cpu);
    match *step {
        MmuStep::Switched { pgd, asid, dropped } => {
            let pgd = format!("frame {}", num(pgd.0));
            let why = match dropped {
                None => format!("Slot {asid} still has its translations: nothing is forgotten."),
                Some(0) => format!("It gets slot {asid}, which is empty."),
                Some(gone) => {
                    format!(
                        "It gets slot {asid}: {} no longer held.",
                        count(gone, "translation", "translations")
                    )
                }
            };
            told(
                (format!("CR3{on} points to the PGD of {p} now, {pgd}."), why.clone()),
                (format!("Point CR3{on} to the PGD of {p}, {pgd}."), why),
                format!("CR3{on}: the PGD of {p}, {pgd}"),
            )
        }
        MmuStep::Kept { task, pgd: _ } => {
            let t = w.name(task);
            let why = pick(
                w,
                "The threads of a process share its page tables, so nothing is forgotten.",
                "Threads share page tables.",
            );
            told(
                (format!("{t} runs on CPU {} now, and CR3 stays: it is still the PGD of {p}.", cpu.0), why),
                (format!("Let {t} run on CPU {}; CR3 stays: it is still the PGD of {p}.", cpu.0), why),
                format!("{t} runs on CPU {}, CR3 stays", cpu.0),
            )
        }
        MmuStep::Look { address, level, set, hit } => {
            let (at, of) = (hex(address), tlb(level));
            match hit {
                Some((size, pfn)) => {
                    let pfn = num(pfn.0);
                    let why = match (level, size) {
                        (1, PageSize::Small) => "A hit: no table has to be read.",
                        (1, _) => "A hit, for a page that large: no table has to be read.",
                        _ => "A hit: some cycles more, and still no table has to be read.",
                    };
                    told(
                        (format!("The {of} knew {at}: frame {pfn}."), why),
                        (format!("Ask the {of} for {at}: it knows frame {pfn}."), why),
                        format!("{of} hit for {at}: frame {pfn}"),
                    )
                }
                None => {
                    let why = if level == 1 {
                        pick(
                            w,
                            "A miss: the second, larger one is asked.",
                            "A miss: the second one is asked.",
                        )
                    } else {
                        pick(
                            w,
                            "A miss there too: now the tables have to be read.",
                            "A miss: tables are read.",
                        )
                    };
                    told(
                        (format!("The {of} did not know {at}; its set {set} was searched."), why),
                        (format!("Ask the {of} for {at}, in its set {set}: it is not there."), why),
                        format!("{of} miss for {at}, set {set}"),
                    )
                }
            }
        }
        MmuStep::NotDirty { address } => {
            let at = hex(address);
            let why =
                pick(w, "The kernel has to learn of writes: D is set in the table.", "D has to be set.");
            told(
                (format!("It was the first write to {at}, so the tables were read after all."), why),
                (format!("The first write to {at}: read the tables after all."), why),
                format!("first write to {at}: the tables are read"),
            )
        }
        MmuStep::Skipped { address, level, table, levels } => {
            let (at, level, table) = (hex(address), level_name(level), num(table.0));
            let saved = count(levels, "level above it needs", "levels above it need");
            let why = format!("A walk before came that way: {saved} no reading.");
            told(
                (format!("The {level} table for {at} was remembered: frame {table}."), why.clone()),
                (format!("Begin at the {level} table for {at}, frame {table}."), why),
                format!("the walk for {at} begins at the {level} table in frame {table}"),
            )
        }
        MmuStep::Read { address: _, level, table, index, entry, references } => {
            let (name, table, index) = (level_name(level), num(table.0), num(index));
            let leads = if !entry.has(Pte::PRESENT) {
                "it is not present".to_owned()
            } else {
                format!("it leads to frame {}", num(entry.pfn().0))
            };
            let why = if entry.has(Pte::PRESENT) && w.is_full() {
                format!("Reference {references} to memory. Its bits: {}.", bits(entry))
            } else {
                format!("Reference {references} to memory.")
            };
            told(
                (format!("Entry {index} of the {name} in frame {table} was read: {leads}."), why.clone()),
                (format!("Read entry {index} of the {name} in frame {table}: {leads}."), why),
                format!("{name} entry {index} in frame {table}: {leads}"),
            )
        }
        MmuStep::Marked { address: _, table, index, entry: _, dirty } => {
            let (table, index) = (num(table.0), num(index));
            let (bit, meaning) = if dirty { ("D", "written to") } else { ("A", "used") };
            let why = pick(w, "Reclaim and write-back go by these bits.", "Reclaim goes by it.");
            told(
                (
                    format!(
                        "The processor set {bit} in entry {index} of frame {table}: the page was {meaning}."
                    ),
                    why,
                ),
                (format!("Set {bit} in entry {index} of frame {table}: the page is {meaning}."), why),
                format!("{bit} is set in entry {index} of frame {table}"),
            )
        }
        MmuStep::Filled { address, level, set, size, evicted } => {
            let (at, of) = (hex(address), tlb(level));
            let why = match evicted {
                Some((gone, _)) if w.is_full() => {
                    format!("The one unused for longest, {}, had to go.", hex(gone))
                }
                Some((gone, _)) => format!("{} had to go.", hex(gone)),
                None if size == PageSize::Small => "There was room in the set.".into(),
                None => format!("One entry serves {}.", Bytes(size.bytes())),
            };
            told(
                (format!("The {of} keeps {at} now, in its set {set}."), why.clone()),
                (format!("Keep {at} in the {of}, set {set}."), why),
                format!("{of} keeps {at} in set {set}"),
            )
        }
        MmuStep::Translated { address, physical, size: _, references: taken } => {
            let (at, physical) = (hex(address), format!("{physical:#x}"));
            let cost = references(taken);
            let why = match taken {
                0 => format!("It took {cost}."),
                _ => format!("It took {cost}; the next time a TLB knows."),
            };
            told(
                (format!("{at} is {physical} in memory."), why.clone()),
                (format!("Go to {physical} in memory, which {at} is."), why),
                format!("{at} is {physical}, after {cost}"),
            )
        }
        MmuStep::Denied { address, level, entry: _, why } => {
            let (at, bit) = (hex(address), bit_of(why));
            let who = match level {
                Some(level) => format!("the {} entry", level_name(level)),
                None => "the TLB".into(),
            };
            let reason = match why {
                Denial::NotPresent => "Nothing is there yet: the kernel has to see to it.",
                Denial::ReadOnly => "It may not be written to: the kernel has to decide.",
                Denial::NoExec => "It is no code: the kernel has to decide.",
            };
            told(
                (format!("{bit}: {who} did not let {p} through at {at}."), reason),
                (format!("Stop {p} at {at}: {who} says {bit}."), reason),
                format!("{who} says {bit} at {at}"),
            )
        }
        MmuStep::Forgot { start: _, pages, dropped, ipi } => {
            let what = match pages {
                Some(pages) => count(pages.0, "page", "pages"),
                None => "all pages".into(),
            };
            let had = count(dropped, "entry", "entries");
            let why = if ipi {
                pick(
                    w,
                    "Another CPU interrupted it for this: a TLB shootdown.",
                    "A TLB shootdown, by interrupt.",
                )
            } else if pages.is_some() {
                "One INVLPG for each page."
            } else {
                "More than 33 pages, or tables gone: all at once is quicker."
            };
            told(
                (format!("CPU {} forgot {what} of {p}: {had} of its TLBs.", cpu.0), why),
                (format!("Let CPU {} forget {what} of {p}: {had} of its TLBs.", cpu.0), why),
                format!("CPU {} forgets {what} of {p}: {had}", cpu.0),
            )
        }
    }
}
