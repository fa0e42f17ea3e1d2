//! Files and the pages of them that are in memory (mm/filemap.c, mm/shmem.c, 6.1).

use std::collections::BTreeMap;

use crate::hash::Digest;
use crate::op::NameId;
use crate::units::{NrPages, PAGE_SIZE, Pfn};

/// Pages that are read around a page that a process misses (`ra_pages`: 128 KiB).
const RA_PAGES: u32 = 32;

/// A file, or what stands behind shared anonymous memory (`struct address_space`).
#[derive(Clone, Debug)]
pub struct File {
    /// What it is called; shared anonymous memory has the name of the process that made it.
    pub name: NameId,
    /// Its length.
    pub bytes: u64,
    /// No file of a disk: pages come when they are touched, and are counted apart (`MM_SHMEMPAGES`).
    pub shmem: bool,
    /// The page cache: its pages that are in memory.
    pub(crate) pages: BTreeMap<u32, Pfn>,
}

impl File {
    /// How many pages it has.
    #[must_use]
    pub fn len(&self) -> NrPages {
        NrPages(self.bytes.div_ceil(PAGE_SIZE))
    }

    /// Whether it has none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.bytes == 0
    }

    /// The frame of one of its pages, if that is in memory.
    #[must_use]
    pub fn cached(&self, index: u32) -> Option<Pfn> {
        self.pages.get(&index).copied()
    }

    /// Its pages that are in memory.
    pub fn cache(&self) -> impl Iterator<Item = (u32, Pfn)> {
        self.pages.iter().map(|(index, pfn)| (*index, *pfn))
    }

    /// The pages that are read when this one is missed (`do_sync_mmap_readahead()`): half of them before it, and none
    /// beyond the end.
    #[must_use]
    pub fn read_around(&self, index: u32) -> std::ops::Range<u32> {
        let first = index.saturating_sub(RA_PAGES / 2);
        first..(first + RA_PAGES).min(self.len().0 as u32)
    }

    pub(crate) fn digest(&self, to: &mut Digest) {
        to.word(u64::from(self.name.0) << 1 | u64::from(self.shmem));
        to.word(self.bytes);
        for (index, pfn) in &self.pages {
            to.word(u64::from(*index) << 32 | u64::from(pfn.0));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_miss_reads_around_it() {
        let file = File { name: NameId(0), bytes: 400 << 10, shmem: false, pages: BTreeMap::new() };
        assert_eq!(file.len(), NrPages(100));
        assert_eq!(file.read_around(0), 0..32);
        assert_eq!(file.read_around(50), 34..66);
        assert_eq!(file.read_around(99), 83..100);
    }
}
