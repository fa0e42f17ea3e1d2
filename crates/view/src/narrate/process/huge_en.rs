//! The English sentences about huge pages.

use mm::NrPages;
use mm::step::ProcessStep;

use super::super::en::count;
use super::super::told;
use super::{Told, Words, bytes_of, hex, kib, num, pick};

/// None: it is about something else.
pub(super) fn huge(w: &Words, p: &str, step: &ProcessStep) -> Option<Told> {
    Some(match *step {
        ProcessStep::HugePage { address, pfn, rss, .. } => {
            let (at, pfn, rss) = (hex(address), num(pfn.0), kib(w, rss));
            let why =
                pick(w, "One fault for 512 frames, and a table is put by.", "One fault for 512 frames.");
            told(
                (format!("2 MiB from frame {pfn} on, zeroed, are mapped at {at}: RSS is {rss}."), why),
                (format!("Zero 2 MiB from frame {pfn} on and map them at {at}: RSS becomes {rss}."), why),
                format!("a huge page at frame {pfn} is mapped at {at}"),
            )
        }
        ProcessStep::HugeZeroPage { address, pfn, tables } => {
            let (at, pfn, tables) = (hex(address), num(pfn.0), kib(w, tables));
            let why = if w.is_full() {
                format!("Only read, so RSS stays; a table is put by (VmPTE {tables}).")
            } else {
                "Only read: RSS stays.".into()
            };
            told(
                (format!("The huge page of zeros, frame {pfn}, is mapped at {at}."), why.clone()),
                (format!("Map the huge page of zeros, frame {pfn}, at {at}."), why),
                format!("the huge page of zeros is mapped at {at}"),
            )
        }
        ProcessStep::HugeFallback { address } => {
            let at = hex(address);
            let why = pick(
                w,
                "No block of 512 frames is free, however much memory is.",
                "No block of 512 frames is free.",
            );
            told(
                (format!("There was no huge page for {at}: 4 KiB had to do."), why),
                (format!("Find no huge page for {at}: 4 KiB will do."), why),
                format!("no huge page for {at}: 4 KiB will do"),
            )
        }
        ProcessStep::HugeReused { address, pfn } => {
            let (at, pfn) = (hex(address), num(pfn.0));
            let why = pick(w, "Nobody else has it: it stays in one piece.", "Nobody else has it.");
            told(
                (format!("{p} may write to all 2 MiB at {at}, from frame {pfn} on."), why),
                (format!("Let {p} write to all 2 MiB at {at}, from frame {pfn} on."), why),
                format!("the huge page at {at} may be written to"),
            )
        }
        ProcessStep::SplitPmd { address, pfn, zero } => {
            let (at, pfn) = (hex(address), num(pfn.0));
            let why = match (zero, w.is_full()) {
                (true, _) => "It says 512 times: the page of zeros.",
                (false, true) => "It had been put by; the frames stay the same.",
                (false, false) => "The frames stay the same.",
            };
            told(
                (format!("The entry for 2 MiB at {at} became a table of 512, in frame {pfn}."), why),
                (format!("Make the entry for 2 MiB at {at} a table of 512, in frame {pfn}."), why),
                format!("the huge entry at {at} becomes a table"),
            )
        }
        ProcessStep::SplitPage { pfn, freed } => {
            let pfn = num(pfn.0);
            let why = match freed {
                NrPages(0) => "From now on each can be given back by itself.".to_owned(),
                freed => format!("{} that nobody has any more come back.", count(freed.0, "frame", "frames")),
            };
            told(
                (format!("The huge page at frame {pfn} became 512 pages of 4 KiB."), why.clone()),
                (format!("Make the huge page at frame {pfn} 512 pages of 4 KiB."), why),
                format!("the huge page at frame {pfn} becomes 512 small ones"),
            )
        }
        ProcessStep::HugeAdvised { start, pages, huge } => {
            let from = hex(start);
            let short = w.first_frame_only();
            let size = if short { bytes_of(pages) } else { count(pages.0, "page", "pages") };
            let (wants, why) = match huge {
                true => (
                    "asked for huge pages in",
                    pick(w, "The next faults there bring 2 MiB, where they fit.", "Faults bring 2 MiB."),
                ),
                false => (
                    "wanted no huge pages in",
                    pick(w, "The next faults there bring 4 KiB.", "Faults bring 4 KiB."),
                ),
            };
            let does = if huge { "asks for huge pages in" } else { "wants no huge pages in" };
            told(
                (format!("{p} {wants} {size} from {from} on."), why),
                (format!("{p} {does} {size} from {from} on."), why),
                format!("{p} {does} {size} from {from}"),
            )
        }
        ProcessStep::PoolGrows { pfn, total } => {
            let (pfn, total) = (num(pfn.0), num(total));
            let why = pick(w, "Whether somebody needs it or not.", "Needed or not.");
            told(
                (format!("2 MiB from frame {pfn} on are set aside: the pool has {total}."), why),
                (format!("Set 2 MiB from frame {pfn} on aside: the pool will have {total}."), why),
                format!("frame {pfn} and 511 more join the pool"),
            )
        }
        ProcessStep::PoolSized { wanted, total, free } => {
            let (has, free) = (count(total, "huge page", "huge pages"), num(free));
            let why = if total < wanted {
                let wanted = num(wanted);
                format!("{wanted} were wanted, but no other block of 512 frames is free.")
            } else if total > wanted {
                "Those in use go when they come back.".into()
            } else {
                "The buddy system has them no longer.".into()
            };
            told(
                (format!("The pool has {has}, {free} of them free."), why.clone()),
                (format!("Leave the pool with {has}, and {free} of them free."), why),
                format!("the pool has {has}"),
            )
        }
        ProcessStep::HugetlbPage { address, pfn, free, reserved } => {
            let (at, pfn, free, reserved) = (hex(address), num(pfn.0), num(free), num(reserved));
            let why = if w.is_full() {
                format!("{free} left, {reserved} of them promised; RSS does not count it.")
            } else {
                "RSS does not count it.".into()
            };
            told(
                (format!("{p} got 2 MiB of the pool, frame {pfn} on, at {at}."), why.clone()),
                (format!("Give {p} 2 MiB of the pool, frame {pfn} on, at {at}."), why),
                format!("{p} gets a huge page of the pool at {at}"),
            )
        }
        ProcessStep::HugetlbCopied { address, from, to, free } => {
            let (at, from, to, free) = (hex(address), num(from.0), num(to.0), num(free));
            let why = if w.is_full() { format!("All 2 MiB; {free} left.") } else { "All 2 MiB.".into() };
            told(
                (format!("The huge page at frame {from} was copied to frame {to} for {at}."), why.clone()),
                (format!("Copy the huge page at frame {from} to frame {to} for {at}."), why),
                format!("the huge page at {at} is copied"),
            )
        }
        ProcessStep::PoolEmpty { address } => {
            let at = hex(address);
            let why = pick(w, "What is free is promised to others.", "Others were promised it.");
            told(
                (format!("The pool had no huge page for {at}."), why),
                (format!("Find no huge page of the pool for {at}."), why),
                format!("the pool has no huge page for {at}"),
            )
        }
        ProcessStep::PoolBack { back, gone, free, total } => {
            let (back, free) = (count(back, "huge page", "huge pages"), num(free));
            let why = match gone {
                0 => format!("{free} of {} free; the buddy system gets none of them.", num(total)),
                gone => {
                    format!("{free} of {} free; {} surplus: back to the buddy system.", num(total), num(gone))
                }
            };
            let why = if w.is_full() { why } else { format!("{free} free.") };
            told(
                (format!("{p} gave {back} back to the pool."), why.clone()),
                (format!("Take {back} of {p} back to the pool."), why),
                format!("{p} gives {back} back to the pool"),
            )
        }
        _ => return None,
    })
}
