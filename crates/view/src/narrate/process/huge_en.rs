//! The English sentences about huge pages.

use mm::NrPages;
use mm::step::ProcessStep;

use super::super::en::{count, told};
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
                (false, true) => "It had been put by; all addresses lead to the same frames as before.",
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
                true => ("asked for huge pages in", pick(w, "The next faults there bring 2 MiB, where they fit.", "Faults bring 2 MiB.")),
                false => ("wanted no huge pages in", pick(w, "The next faults there bring 4 KiB.", "Faults bring 4 KiB.")),
            };
            let does = if huge { "asks for huge pages in" } else { "wants no huge pages in" };
            told(
                (format!("{p} {wants} {size} from {from} on."), why),
                (format!("{p} {does} {size} from {from} on."), why),
                format!("{p} {does} {size} from {from}"),
            )
        }
        _ => return None,
    })
}
