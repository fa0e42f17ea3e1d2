//! The frames that `/proc/kpageflags` marks as free, as ranges: what a helper prints of them.
//!
//! ```text
//! # ranges of PFNs with KPF_BUDDY (bit 10): start end(exclusive) [hex]
//! 100 1000
//! 1b43 1b4e
//! # total_buddy_pages 3851 of 65536 pfns
//! ```
//!
//! On 6.1 every frame of a free block has the flag, not its head alone (`stable_page_flags()`, fs/proc/page.c).

use mm::limits::MAX_FRAMES_IMPORTED;
use mm::units::{NrPages, Pfn, PfnRange};

use crate::error::{Bound, Missing, ReadError, ReadErrorKind};
use crate::words::{end_of, first_place, words};

/// A set of free frames.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct FreeFrames {
    /// Its ranges: none is empty; ascending and disjoint.
    ranges: Vec<PfnRange>,
}

impl FreeFrames {
    /// Its ranges, ascending and disjoint; none is empty.
    #[must_use]
    pub fn ranges(&self) -> &[PfnRange] {
        &self.ranges
    }

    /// Whether a frame is free.
    #[must_use]
    pub fn contains(&self, pfn: Pfn) -> bool {
        let before = self.ranges.partition_point(|range| range.end <= pfn);
        self.ranges.get(before).is_some_and(|range| range.contains(pfn))
    }

    /// How many frames it has.
    #[must_use]
    pub fn pages(&self) -> NrPages {
        NrPages(self.ranges.iter().map(|range| u64::from(range.len())).sum())
    }
}

/// Reads the ranges. Comments (`#`) are skipped, but for the total, which has to be that of the ranges: a text that
/// was cut off has none or another.
///
/// # Errors
/// Every mistake in it, in the order of the text.
pub fn read_kpf_free(text: &str) -> Result<FreeFrames, Vec<ReadError>> {
    let (mut free, mut errors) = (FreeFrames::default(), Vec::new());
    let mut said_something = false;
    for (number, line) in (1u32..).zip(text.lines()) {
        let mut words = words(line);
        let Some(first) = words.next() else { continue };
        said_something = true;
        if first.text.starts_with('#') {
            if words.next().is_some_and(|word| word.text == "total_buddy_pages")
                && let Some(total) = words.next()
            {
                let pages = free.pages();
                match total.text.parse::<u64>() {
                    Ok(said) if said == pages.0 || !errors.is_empty() => {}
                    Ok(said) => {
                        let kind = ReadErrorKind::AnotherTotal { said: NrPages(said), counted: pages };
                        errors.push(total.at(number).error(kind));
                    }
                    Err(_) => {
                        errors.push(total.at(number).error(ReadErrorKind::NotANumber(total.quoted())));
                    }
                }
            }
            continue;
        }
        let mut frame = |word: Option<crate::words::Word<'_>>| {
            let Some(word) = word else {
                errors.push(end_of(number, line).error(ReadErrorKind::Expected(Missing::RangeEnd)));
                return None;
            };
            let kind = match u64::from_str_radix(word.text, 16) {
                Ok(pfn) if pfn <= 2 * u64::from(MAX_FRAMES_IMPORTED) => return Some(pfn as u32),
                Ok(pfn) => ReadErrorKind::Beyond(Bound::FrameNumber, pfn),
                Err(_) => ReadErrorKind::NotANumber(word.quoted()),
            };
            errors.push(word.at(number).error(kind));
            None
        };
        let (start, end) = (frame(Some(first)), frame(words.next()));
        let Some((start, end)) = start.zip(end) else { continue };
        let last = free.ranges.last().map_or(Pfn(0), |range| range.end);
        if start >= end || Pfn(start) < last {
            errors.push(first.at(number).error(ReadErrorKind::RangesOutOfOrder));
            continue;
        }
        match free.ranges.last_mut() {
            Some(before) if before.end == Pfn(start) => before.end = Pfn(end),
            _ => free.ranges.push(PfnRange::new(start, end)),
        }
    }
    if !said_something {
        errors.push(first_place(text).error(ReadErrorKind::Expected(Missing::Ranges)));
    }
    if errors.is_empty() { Ok(free) } else { Err(errors) }
}
