//! Files and the pages of them that are in memory (mm/filemap.c, mm/shmem.c, 6.1).

use std::collections::BTreeMap;

use super::{FileId, Mapped, Processes, Saved};
use crate::hash::Digest;
use crate::op::NameId;
use crate::page::NONE;
use crate::reclaim::readahead::FileRa;
use crate::units::{NrPages, PAGE_SIZE, Pfn};
use crate::xarray::{Entry, Shadow, SwapEntry, XArray};

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
    /// The page cache: its pages that are in memory, and what is known of those that were.
    pub(crate) i_pages: XArray,
    /// How it was read so far.
    pub ra: FileRa,
    /// What the disk has, where somebody wrote it; a page of which nothing is said has the file's own.
    pub(crate) disk: BTreeMap<u32, Saved>,
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
    #[inline]
    pub fn cached(&self, index: u32) -> Option<Pfn> {
        self.i_pages.page(index)
    }

    /// How many of its pages are in memory (`mapping->nrpages`).
    #[must_use]
    pub fn nr_cached(&self) -> u32 {
        self.i_pages.pages()
    }

    /// Its pages that are in memory.
    pub fn cache(&self) -> impl Iterator<Item = (u32, Pfn)> {
        self.entries().filter_map(|(index, entry)| match entry {
            Entry::Page(pfn) => Some((index, pfn)),
            Entry::Shadow(_) | Entry::Swap(_) => None,
        })
    }

    /// All that is kept for its pages.
    pub fn entries(&self) -> impl Iterator<Item = (u32, Entry)> {
        self.i_pages.iter()
    }

    /// A file whose pages are not in memory.
    pub(crate) fn new(name: NameId, bytes: u64, shmem: bool) -> File {
        let (i_pages, ra) = (XArray::default(), FileRa::default());
        File { name, bytes, shmem, i_pages, ra, disk: BTreeMap::new() }
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
        for (index, pfn) in self.cache() {
            to.word(u64::from(index) << 32 | u64::from(pfn.0));
        }
        if self.i_pages.has_others() {
            for (index, entry) in self.entries() {
                match entry {
                    Entry::Page(_) => {}
                    Entry::Shadow(shadow) => {
                        to.word(u64::from(index) << 32 | u64::from(shadow.age));
                        let group = u64::from(shadow.group) << 16;
                        to.word(group | u64::from(shadow.node) << 1 | u64::from(shadow.workingset));
                    }
                    Entry::Swap(SwapEntry { area, offset }) => {
                        to.word(u64::from(index) << 32 | u64::from(offset));
                        to.word(u64::from(area));
                    }
                }
            }
        }
        if self.ra != FileRa::default() {
            let FileRa { start, size, async_size, ra_pages, prev } = self.ra;
            to.word(u64::from(start) << 32 | u64::from(size));
            to.word(u64::from(async_size) << 32 | u64::from(ra_pages));
            to.word(prev.map_or(u64::MAX, u64::from));
        }
        for (index, saved) in &self.disk {
            to.word(u64::from(*index));
            saved.digest(to);
        }
    }
}

impl Processes {
    /// Whether a page is of those that only swap can take: it is no file's, or only of shared memory (`PG_swapbacked`).
    #[inline(always)]
    pub(crate) fn is_swapbacked(&self, pfn: Pfn) -> bool {
        match self.mapped.get_or_fill(pfn.0).file() {
            None => !self.is_lazyfree(pfn),
            Some((file, _)) => self.file(file).is_some_and(|file| file.shmem),
        }
    }

    /// Whether a page is one of a file, clean, and mapped nowhere.
    #[inline]
    pub(crate) fn is_plain(&self, pfn: Pfn) -> bool {
        let mapped = self.mapped.get_or_fill(pfn.0);
        mapped.file != NONE && mapped.mapcount == 0 && !mapped.dirty
    }

    /// Whether nothing but its frame is to be said of a page that comes from the disk, or goes.
    pub(crate) fn has_plain_pages(&self) -> bool {
        !self.has_policies && self.gathered.is_empty() && self.contents.is_empty()
    }

    /// A page of a file comes into memory as it is read; what was kept for it so far.
    #[inline]
    pub(crate) fn enter_page(&mut self, file: FileId, ra: FileRa, index: u32, pfn: Pfn) -> Option<Entry> {
        self.set_mapped(pfn, Mapped { file: file.0, index, ..Mapped::NOBODY });
        let of = self.file_mut(file)?;
        of.ra = ra;
        of.i_pages.set(index, Some(Entry::Page(pfn)))
    }

    /// Plain pages leave memory; their shadows stay.
    #[inline]
    pub(crate) fn evict_pages(&mut self, pages: impl Iterator<Item = (Pfn, Shadow)>) {
        for (pfn, shadow) in pages {
            let mapped = std::mem::replace(self.mapped.get_mut(pfn.0), Mapped::NOBODY);
            if let Some((file, index)) = mapped.file() {
                self.set_file_entry(file, index, Some(Entry::Shadow(shadow)));
            }
        }
    }

    pub(super) fn set_file_entry(&mut self, file: FileId, index: u32, entry: Option<Entry>) {
        if let Some(file) = self.file_mut(file) {
            file.i_pages.set(index, entry);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_miss_reads_around_it() {
        let file = File::new(NameId(0), 400 << 10, false);
        assert_eq!(file.len(), NrPages(100));
        assert_eq!(file.read_around(0), 0..32);
        assert_eq!(file.read_around(50), 34..66);
        assert_eq!(file.read_around(99), 83..100);
    }
}
