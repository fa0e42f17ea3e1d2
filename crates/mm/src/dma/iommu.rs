//! The MMU of a device (drivers/iommu/iova.c, drivers/iommu/dma-iommu.c, 6.1): addresses of its own, from the top downwards,
//! tables of four levels that lead to frames wherever they are, and an IOTLB.

use std::collections::BTreeMap;

use crate::hash::Digest;
use crate::page::Block;
use crate::units::Pfn;

/// Translations that the IOTLB remembers; the one that was not used for the longest time goes.
pub const MAX_IOTLB: usize = 16;
/// Levels of tables below the context entry: 48 bits.
pub const LEVELS: u8 = 4;
/// Interrupts of PCI are written there, so no buffer may be (0xfee00000 to 0xfeefffff, in pages).
const MSI: (u64, u64) = (0xf_ee00, 0xf_eeff);

/// What translates a device's addresses.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Iommu {
    /// Ranges of its addresses in use: the first page, and how many.
    iovas: BTreeMap<u64, u32>,
    /// Where its addresses lead: the first page, and the block.
    maps: BTreeMap<u64, Block>,
    /// Its tables, by level (4: the root) and by the part of the address that they are for.
    tables: BTreeMap<(u8, u64), Pfn>,
    /// Pages that it remembers the way to, the last one used first.
    tlb: Vec<u64>,
    /// Accesses that were translated at once, and those that had to read the tables.
    pub hits: u64,
    /// See [`Iommu::hits`].
    pub misses: u64,
}

impl Iommu {
    /// Where its addresses lead, ascending: the first page of addresses, and the block of frames.
    pub fn maps(&self) -> impl Iterator<Item = (u64, Block)> {
        self.maps.iter().map(|(iova, block)| (*iova, *block))
    }

    /// The frames of its tables, the lowest level first.
    pub fn tables(&self) -> impl Iterator<Item = Pfn> {
        self.tables.values().copied()
    }

    /// What it remembers, the last one used first.
    #[must_use]
    pub fn tlb(&self) -> &[u64] {
        &self.tlb
    }

    /// The frame that an address leads to.
    #[must_use]
    pub fn frame(&self, iova: u64) -> Option<Pfn> {
        let (first, block) = self.maps.range(..=iova).next_back()?;
        let offset = u32::try_from(iova - first).ok().filter(|offset| *offset < block.order.pages())?;
        Some(block.pfn.plus(offset))
    }

    /// Addresses for so many pages that are free: below 4 GiB if the device has them, then as high as it can, aligned to a
    /// power of two (`iommu_dma_alloc_iova()`, `__alloc_and_insert_iova_range()`).
    #[must_use]
    pub fn find(&self, pages: u32, limit: u64) -> Option<u64> {
        let last = (limit >> 12).min((1 << (48 - 12)) - 1);
        let four_gib = (1u64 << 20) - 1;
        let low = (last > four_gib).then(|| self.find_below(pages, four_gib)).flatten();
        low.or_else(|| self.find_below(pages, last))
    }

    fn find_below(&self, pages: u32, last: u64) -> Option<u64> {
        let (pages, align) = (u64::from(pages), u64::from(pages).checked_next_power_of_two()?);
        let mut high = last + 1;
        loop {
            let at = high.checked_sub(pages)? & !(align - 1);
            // Address 0 is never handed out.
            if at == 0 {
                return None;
            }
            let in_use =
                self.iovas.range(..at + pages).next_back().map(|(from, len)| (*from, from + u64::from(*len)));
            let msi = Some((MSI.0, MSI.1 + 1));
            let meets = |range: &(u64, u64)| range.0 < at + pages && at < range.1;
            match [in_use, msi].into_iter().flatten().filter(meets).map(|range| range.0).min() {
                None => return Some(at),
                Some(from) => high = from,
            }
        }
    }

    pub(super) fn reserve(&mut self, iova: u64, pages: u32) {
        self.iovas.insert(iova, pages);
    }

    /// The tables that a page needs and that there are not yet, the root first: level, and the part of the address.
    #[must_use]
    pub fn missing_tables(&self, iova: u64) -> Vec<(u8, u64)> {
        (1..=LEVELS)
            .rev()
            .map(|level| (level, iova >> (9 * level)))
            .filter(|key| !self.tables.contains_key(key))
            .collect()
    }

    pub(super) fn add_table(&mut self, key: (u8, u64), pfn: Pfn) {
        self.tables.insert(key, pfn);
    }

    pub(super) fn map(&mut self, iova: u64, block: Block) {
        self.maps.insert(iova, block);
    }

    /// A block is no longer mapped, and nothing is remembered of it.
    pub(super) fn unmap(&mut self, iova: u64) -> Option<Block> {
        let block = self.maps.remove(&iova)?;
        let pages = u64::from(block.order.pages());
        self.tlb.retain(|page| !(iova..iova + pages).contains(page));
        Some(block)
    }

    /// The addresses are free again. Tables stay for the next buffer.
    pub(super) fn release(&mut self, iova: u64) {
        self.iovas.remove(&iova);
    }

    /// The device uses an address: whether the IOTLB knew the way.
    pub(super) fn translate(&mut self, iova: u64) -> bool {
        let known = self.tlb.iter().position(|page| *page == iova);
        if let Some(at) = known {
            self.tlb.remove(at);
            self.hits += 1;
        } else {
            self.tlb.truncate(MAX_IOTLB - 1);
            self.misses += 1;
        }
        self.tlb.insert(0, iova);
        known.is_some()
    }

    /// Every page of addresses in use leads to one frame, and no two of them to the same unless it is `lent`.
    pub(super) fn check(&self, lent: &dyn Fn(u64) -> bool) -> Result<(), String> {
        let owned = self.maps.iter().filter(|(iova, _)| !lent(**iova));
        let mut frames: Vec<Block> = owned.map(|(_, block)| *block).collect();
        crate::sort::by_key(&mut frames, |block| u64::from(block.pfn.0));
        if let Some(pair) = frames.windows(2).find(|pair| pair[0].last() >= pair[1].pfn) {
            return Err(format!("{:?} and {:?} overlap", pair[0], pair[1]));
        }
        for (iova, block) in &self.maps {
            let inside =
                self.iovas.range(..=*iova).next_back().is_some_and(|(from, len)| {
                    iova + u64::from(block.order.pages()) <= from + u64::from(*len)
                });
            if !inside {
                return Err(format!("{iova:#x} is mapped and nobody's"));
            }
            if !self.missing_tables(*iova).is_empty() {
                return Err(format!("{iova:#x} has no tables"));
            }
        }
        match self.tlb.iter().find(|page| self.frame(**page).is_none()) {
            None => Ok(()),
            Some(page) => Err(format!("the IOTLB remembers {page:#x}, which leads nowhere")),
        }
    }

    pub(super) fn digest(&self, to: &mut Digest) {
        let Iommu { iovas, maps, tables, tlb, hits, misses } = self;
        for (iova, len) in iovas {
            to.word(*iova);
            to.word(u64::from(*len));
        }
        for (iova, block) in maps {
            to.word(*iova);
            to.word(u64::from(block.pfn.0) << 8 | u64::from(block.order.get()));
        }
        for ((level, at), pfn) in tables {
            to.word(u64::from(*level) << 56 | at);
            to.word(u64::from(pfn.0));
        }
        tlb.iter().for_each(|page| to.word(*page));
        to.word(*hits);
        to.word(*misses);
    }
}
