//! The memory management unit of a CPU: what it remembers of translations and of tables, and what that saved.
//!
//! The processor looks into its first TLB, then into the second, and only then reads the tables, from the lowest level
//! whose table it remembers on. The sizes are settings; those of [`MmuConfig::SKYLAKE`] are Intel's.

use std::collections::BTreeMap;
use std::rc::Rc;

use super::pgtable::{Level, Paging, Pte};
use super::tlb::{Asids, Entry, Flush, Key, PageSize, Switch, Tlb};
use crate::cow::own;
use crate::hash::Digest;
use crate::op::NameId;
use crate::units::{CpuId, Pfn, Vaddr};

/// How many translations a TLB holds, and in sets of how many.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Ways {
    /// All of them.
    pub entries: u16,
    /// Of one set.
    pub ways: u16,
}

impl Ways {
    /// So many in sets of so many; none: no power of two is the number of sets.
    #[must_use]
    pub fn new(entries: u16, ways: u16) -> Option<Ways> {
        let sets = entries.checked_div(ways)?;
        (sets.is_power_of_two() && sets * ways == entries).then_some(Ways { entries, ways })
    }

    fn tlb(self) -> Tlb {
        Tlb::new(self.entries / self.ways, self.ways)
    }
}

/// What a CPU has to translate with.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct MmuConfig {
    /// The first-level data TLB for pages of 4 KiB.
    pub l1: Ways,
    /// That for pages of 2 MiB.
    pub l1_large: Ways,
    /// The second level, for pages of 4 KiB and of 2 MiB.
    pub l2: Ways,
    /// Address spaces have a number in the entries (`X86_FEATURE_PCID`): a switch need not forget them.
    pub pcid: bool,
}

impl MmuConfig {
    /// Intel Skylake (Intel's optimization manual): 64 entries in sets of 4, 32 in sets of 4 for large pages, and 1,536
    /// in sets of 12.
    pub const SKYLAKE: MmuConfig = MmuConfig {
        l1: Ways { entries: 64, ways: 4 },
        l1_large: Ways { entries: 32, ways: 4 },
        l2: Ways { entries: 1536, ways: 12 },
        pcid: true,
    };
    /// Intel Nehalem: 64 and 32 entries in sets of 4, and 512 in sets of 4; Linux did not use PCIDs then.
    pub const NEHALEM: MmuConfig = MmuConfig {
        l1: Ways { entries: 64, ways: 4 },
        l1_large: Ways { entries: 32, ways: 4 },
        l2: Ways { entries: 512, ways: 4 },
        pcid: false,
    };

    /// Bytes that the translations of one level reach over with pages of this size.
    #[must_use]
    pub fn reach(&self, level: u8, size: PageSize) -> u64 {
        let entries = match (level, size) {
            (1, PageSize::Small) => self.l1.entries,
            (1, PageSize::Large) => self.l1_large.entries,
            (1, PageSize::Giant) => Mmu::GIANT_L1,
            (_, PageSize::Giant) => Mmu::GIANT_L2.entries,
            _ => self.l2.entries,
        };
        u64::from(entries) * size.bytes()
    }
}

/// What a CPU counts.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Counts {
    /// Addresses that were translated.
    pub accesses: u64,
    /// Of them those that the first TLB knew.
    pub l1_hits: u64,
    /// Those that the second one knew.
    pub l2_hits: u64,
    /// Those for which tables were read.
    pub walks: u64,
    /// Entries of tables that were read for them.
    pub references: u64,
    /// Times that another address space was switched to (`CR3`).
    pub switches: u64,
    /// Translations that were forgotten because somebody said so.
    pub flushed: u64,
    /// Interrupts from other CPUs that wanted translations to be forgotten.
    pub ipis: u64,
}

/// Where a walk begins.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Begin {
    /// How many levels are skipped.
    pub skipped: u8,
    /// The table that is read first.
    pub table: Pfn,
}

/// What an INVLPG or a flush took from one CPU.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Dropped {
    /// Translations.
    pub entries: u32,
    /// Pages were named; none: everything of the address space went.
    pub pages: Option<u64>,
}

/// The unit of one CPU.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Mmu {
    /// Whose address space it translates (`CR3`).
    loaded: Option<NameId>,
    asid: u16,
    asids: Asids,
    /// By size of page.
    l1: [Tlb; 3],
    /// For pages of 4 KiB and 2 MiB, and for those of 1 GiB.
    l2: [Tlb; 2],
    /// Tables that are remembered (paging-structure caches), of the levels below the topmost, the lowest first: what
    /// part of an address leads to which table.
    tables: [Tlb; 4],
    /// Whether pages of a size were ever translated: nobody has to look for others.
    sizes: [bool; 3],
    /// What happened.
    pub counts: Counts,
}

impl Mmu {
    const GIANT_L1: u16 = 4;
    const GIANT_L2: Ways = Ways { entries: 16, ways: 4 };
    /// How many tables of each level are remembered, in sets of how many, the lowest level first. Vendors do not say.
    const REMEMBERED: [Ways; 4] = [
        Ways { entries: 32, ways: 4 },
        Ways { entries: 4, ways: 4 },
        Ways { entries: 2, ways: 2 },
        Ways { entries: 1, ways: 1 },
    ];

    /// A unit that remembers nothing.
    #[must_use]
    pub fn new(config: &MmuConfig) -> Mmu {
        Mmu {
            loaded: None,
            asid: 0,
            asids: Asids::default(),
            l1: [config.l1.tlb(), config.l1_large.tlb(), Tlb::new(1, Mmu::GIANT_L1)],
            l2: [config.l2.tlb(), Mmu::GIANT_L2.tlb()],
            tables: Mmu::REMEMBERED.map(Ways::tlb),
            sizes: [true, false, false],
            counts: Counts::default(),
        }
    }

    /// Whose address space it translates.
    #[must_use]
    pub fn loaded(&self) -> Option<NameId> {
        self.loaded
    }

    /// The slot of that address space.
    #[must_use]
    pub fn asid(&self) -> u16 {
        self.asid
    }

    /// The slots: whose each is, and how many flushes of it were seen.
    pub fn slots(&self) -> impl Iterator<Item = Option<(NameId, u64)>> {
        self.asids.slots().iter().map(|slot| slot.map(|(mm, seen)| (NameId(mm), seen)))
    }

    /// The TLB of a level, 1 or 2, that holds pages of a size.
    #[must_use]
    pub fn tlb(&self, level: u8, size: PageSize) -> &Tlb {
        match level {
            1 => &self.l1[size as usize],
            _ => &self.l2[usize::from(size == PageSize::Giant)],
        }
    }

    #[inline(always)]
    fn tlb_mut(&mut self, level: u8, size: PageSize) -> &mut Tlb {
        match level {
            1 => &mut self.l1[size as usize],
            _ => &mut self.l2[usize::from(size == PageSize::Giant)],
        }
    }

    #[inline]
    fn key(&self, at: Vaddr, size: PageSize) -> Key {
        Key { asid: self.asid, page: at.0 >> size.shift(), size, global: false }
    }

    /// Looks an address up in the TLBs of a level, for pages of every size at once.
    #[inline(always)]
    pub(crate) fn find(&mut self, level: u8, at: Vaddr) -> Option<(PageSize, Pte)> {
        let sizes = self.sizes;
        if sizes == [true, false, false] {
            let key = self.key(at, PageSize::Small);
            return self.tlb_mut(level, PageSize::Small).find(key).map(|pte| (PageSize::Small, pte));
        }
        PageSize::ALL.into_iter().filter(|size| sizes[*size as usize]).find_map(|size| {
            let key = self.key(at, size);
            self.tlb_mut(level, size).find(key).map(|pte| (size, pte))
        })
    }

    /// Keeps a translation in a level, in which there may be an older one (`known`); the one that went for it.
    #[inline(always)]
    pub(crate) fn keep(
        &mut self,
        level: u8,
        at: Vaddr,
        size: PageSize,
        pte: Pte,
        known: bool,
    ) -> Option<Entry> {
        self.sizes[size as usize] = true;
        let entry = Entry { key: self.key(at, size), pte };
        let tlb = self.tlb_mut(level, size);
        if known { tlb.keep(entry) } else { tlb.keep_new(entry) }
    }

    /// The processor forgets what it remembers of an address that it faulted at.
    pub(crate) fn forget_faulting(&mut self, paging: Paging, at: Vaddr) {
        let levels = paging.levels();
        for (nth, of) in (1..levels.len()).rev().zip(0..) {
            let key = self.table_key(levels[nth - 1].1, at);
            self.tables[of].flush_page(key);
        }
        self.forget_page(self.asid, at);
    }

    /// Where a walk begins: at the lowest table that is remembered, or at the top.
    #[inline]
    pub(crate) fn begin(&mut self, paging: Paging, pgd: Pfn, at: Vaddr) -> Begin {
        let levels = paging.levels();
        // The lowest first: the table with the entries of pages is found by all bits above them.
        for (nth, of) in (1..levels.len()).rev().zip(0..) {
            let key = self.table_key(levels[nth - 1].1, at);
            if let Some(table) = self.tables[of].find(key) {
                return Begin { skipped: nth as u8, table: table.pfn() };
            }
        }
        Begin { skipped: 0, table: pgd }
    }

    /// A table of the nth level below the topmost was read for an address.
    #[inline]
    pub(crate) fn remember(&mut self, paging: Paging, nth: usize, at: Vaddr, entry: Pte) {
        let levels = paging.levels();
        let key = self.table_key(levels[nth - 1].1, at);
        self.tables[levels.len() - 1 - nth].keep_new(Entry { key, pte: entry });
    }

    #[inline]
    fn table_key(&self, shift: u8, at: Vaddr) -> Key {
        Key { asid: self.asid, page: at.0 >> shift, size: PageSize::Small, global: false }
    }

    /// Tables of a level that are remembered, as addresses (the first one that each is about) and frames.
    pub fn remembered(&self, paging: Paging, level: Level) -> impl Iterator<Item = (u16, Vaddr, Pfn)> {
        let levels = paging.levels();
        let nth = levels.iter().position(|(of, ..)| *of == level).filter(|nth| *nth > 0);
        nth.into_iter().flat_map(move |nth| {
            let shift = levels[nth - 1].1;
            let all = self.tables[levels.len() - 1 - nth].iter();
            all.map(move |entry| (entry.key.asid, Vaddr(entry.key.page << shift), entry.pte.pfn()))
        })
    }

    /// Writes another address space to `CR3` (`switch_mm_irqs_off()`); what the switch takes, and how many translations
    /// were forgotten for it.
    fn switch_to(&mut self, mm: NameId, generation: u64, pcid: bool) -> (Switch, u32) {
        self.loaded = Some(mm);
        self.counts.switches += 1;
        if !pcid {
            // Without numbers there is one slot, and what is in it is always somebody else's.
            self.asids = Asids::default();
        }
        let switch = self.asids.switch_to(mm.0, generation);
        self.asid = switch.asid;
        let dropped = if switch.flush { self.flush_asid(switch.asid) } else { 0 };
        (switch, dropped)
    }

    fn tlbs(&mut self) -> impl Iterator<Item = &mut Tlb> {
        self.l1.iter_mut().chain(&mut self.l2)
    }

    fn flush_asid(&mut self, asid: u16) -> u32 {
        self.tables.iter_mut().for_each(|tables| {
            tables.flush_asid(asid);
        });
        self.tlbs().map(|tlb| tlb.flush_asid(asid)).sum()
    }

    /// Forgets the translation of one address; with it go all tables that are remembered of the address space.
    fn invlpg(&mut self, asid: u16, at: Vaddr) -> u32 {
        self.tables.iter_mut().for_each(|tables| {
            tables.flush_asid(asid);
        });
        self.forget_page(asid, at)
    }

    fn forget_page(&mut self, asid: u16, at: Vaddr) -> u32 {
        let mut gone = 0;
        let sizes = self.sizes;
        for size in PageSize::ALL.into_iter().filter(|size| sizes[*size as usize]) {
            let key = Key { asid, page: at.0 >> size.shift(), size, global: false };
            gone += self.l1[size as usize].flush_page(key);
            gone += self.l2[usize::from(size == PageSize::Giant)].flush_page(key);
        }
        gone
    }

    /// Does what a flush of a range wants, if it was the only one that this CPU has not seen; otherwise everything of
    /// the address space goes (`flush_tlb_func()`).
    fn flush(&mut self, range: (Vaddr, Flush), stride: PageSize, generation: u64) -> Dropped {
        let seen = self.asids.catch_up(self.asid, generation);
        let dropped = match range {
            (start, Flush::Pages(pages)) if seen == Some(generation - 1) => {
                let pages_of = (0..pages).map(|page| Vaddr(start.0 + page * stride.bytes()));
                let entries = pages_of.map(|at| self.invlpg(self.asid, at)).sum();
                Dropped { entries, pages: Some(pages) }
            }
            _ => Dropped { entries: self.flush_asid(self.asid), pages: None },
        };
        self.counts.flushed += u64::from(dropped.entries);
        dropped
    }

    fn digest(&self, to: &mut Digest) {
        to.word(self.loaded.map_or(u64::MAX, |mm| u64::from(mm.0)));
        to.word(u64::from(self.asid));
        self.asids.digest(to);
        self.l1.iter().chain(&self.l2).chain(&self.tables).for_each(|tlb| tlb.digest(to));
        let Counts { accesses, l1_hits, l2_hits, walks, references, switches, flushed, ipis } = self.counts;
        for word in [accesses, l1_hits, l2_hits, walks, references, switches, flushed, ipis] {
            to.word(word);
        }
    }
}

/// The units of all CPUs.
#[derive(Clone, Default)]
pub struct Mmus {
    config: Option<MmuConfig>,
    cpus: Vec<Rc<Mmu>>,
    /// How often each address space was flushed so far (`context.tlb_gen`).
    generations: BTreeMap<NameId, u64>,
    /// Whose tables were changed, so that flushes have to follow, and how many (`tlb_flush_pending`): while many pages
    /// are worked on, one of them may need its own.
    pending: Option<(NameId, u8)>,
}

impl Mmus {
    /// One for each CPU.
    pub(crate) fn new(config: MmuConfig, cpus: usize) -> Mmus {
        // All are alike until they are used.
        let one = Rc::new(Mmu::new(&config));
        Mmus {
            config: Some(config),
            cpus: (0..cpus).map(|_| Rc::clone(&one)).collect(),
            generations: BTreeMap::new(),
            pending: None,
        }
    }

    /// What they have to translate with; none: the machine has no translations to look at.
    #[must_use]
    pub fn config(&self) -> Option<&MmuConfig> {
        self.config.as_ref()
    }

    /// The unit of a CPU.
    #[must_use]
    pub fn cpu(&self, cpu: CpuId) -> Option<&Mmu> {
        self.cpus.get(cpu.index()).map(Rc::as_ref)
    }

    /// The units, with their CPUs.
    pub fn iter(&self) -> impl Iterator<Item = (CpuId, &Mmu)> {
        (0..).map(CpuId).zip(self.cpus.iter().map(Rc::as_ref))
    }

    #[inline]
    pub(crate) fn cpu_mut(&mut self, cpu: CpuId) -> Option<&mut Mmu> {
        self.cpus.get_mut(cpu.index()).map(own)
    }

    /// How often an address space was flushed so far.
    #[must_use]
    pub fn generation(&self, mm: NameId) -> u64 {
        self.generations.get(&mm).copied().unwrap_or(1)
    }

    /// Whether a flush of an address space has to follow.
    #[must_use]
    pub fn is_pending(&self, mm: NameId) -> bool {
        self.pending.is_some_and(|(of, _)| of == mm)
    }

    /// Tables are changed that processors may remember: a flush follows (`inc_tlb_flush_pending()`).
    pub(crate) fn will_flush(&mut self, mm: NameId) {
        if self.config.is_some() {
            let outer = self.pending.filter(|(of, _)| *of == mm).map_or(0, |(_, flushes)| flushes);
            self.pending = Some((mm, outer + 1));
        }
    }

    /// A CPU goes on with an address space; none: it has it already.
    pub(crate) fn switch_to(&mut self, cpu: CpuId, mm: NameId) -> Option<(Switch, u32)> {
        let (generation, pcid) = (self.generation(mm), self.config?.pcid);
        if self.cpu(cpu)?.loaded == Some(mm) {
            return None;
        }
        Some(self.cpu_mut(cpu)?.switch_to(mm, generation, pcid))
    }

    /// Addresses of an address space mean something else now: the CPUs that are on it have to forget them, each that is not
    /// the one that says so after an interrupt; the others when they come back to it (`flush_tlb_mm_range()`). How often it
    /// was flushed by now, and which CPUs these are, the one that says so first.
    pub(crate) fn begin_flush(&mut self, cpu: CpuId, mm: NameId) -> (u64, Vec<CpuId>) {
        if self.config.is_none() {
            return (0, Vec::new());
        }
        // (`dec_tlb_flush_pending()`)
        self.pending = match self.pending {
            Some((of, flushes)) if of == mm => (flushes > 1).then(|| (of, flushes - 1)),
            other => other,
        };
        let generation = self.generation(mm) + 1;
        self.generations.insert(mm, generation);
        let on = self.iter().filter(|(_, unit)| unit.loaded == Some(mm)).map(|(of, _)| of);
        let mut reached: Vec<CpuId> = on.collect();
        // It does its own part first.
        reached.sort_by_key(|of| *of != cpu);
        (generation, reached)
    }

    /// One of these CPUs forgets them.
    pub(crate) fn flush_on(
        &mut self,
        of: CpuId,
        ipi: bool,
        range: (Vaddr, Flush),
        stride: PageSize,
        generation: u64,
    ) -> Option<Dropped> {
        let unit = self.cpu_mut(of)?;
        unit.counts.ipis += u64::from(ipi);
        Some(unit.flush(range, stride, generation))
    }

    /// An address space is no more.
    pub(crate) fn forget(&mut self, mm: NameId) {
        self.generations.remove(&mm);
        for unit in &mut self.cpus {
            let known =
                unit.loaded == Some(mm) || unit.asids.slots().iter().flatten().any(|(of, _)| *of == mm.0);
            if !known {
                continue;
            }
            let unit = Rc::make_mut(unit);
            if let Some(asid) = unit.asids.forget(mm.0) {
                unit.flush_asid(asid);
            }
            if unit.loaded == Some(mm) {
                unit.loaded = None;
            }
        }
    }

    pub(crate) fn digest(&self, to: &mut Digest) {
        if self.config.is_none() {
            return;
        }
        to.word(
            self.pending.map_or(u64::MAX, |(mm, flushes)| u64::from(mm.0) | u64::from(flushes - 1) << 32),
        );
        self.cpus.iter().for_each(|unit| unit.digest(to));
        for (mm, generation) in &self.generations {
            to.word(u64::from(mm.0));
            to.word(*generation);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn facts_11_reach() {
        let skylake = MmuConfig::SKYLAKE;
        assert_eq!(skylake.reach(1, PageSize::Small), 256 << 10);
        assert_eq!(skylake.reach(2, PageSize::Small), 6 << 20);
        assert_eq!(skylake.reach(2, PageSize::Large), 3 << 30);
    }

    #[test]
    fn sets_are_chosen_by_bits() {
        assert_eq!(Ways::new(1536, 12), Some(Ways { entries: 1536, ways: 12 }));
        assert_eq!([Ways::new(48, 4), Ways::new(64, 0), Ways::new(0, 4), Ways::new(65, 4)], [None; 4]);
    }

    /// Facts 11: a table that is remembered saves the levels above it.
    #[test]
    fn facts_11_walks_begin_where_a_table_is_remembered() {
        let mut unit = Mmu::new(&MmuConfig::SKYLAKE);
        let (paging, at) = (Paging::FourLevel, Vaddr(0x7f12_3456_7890));
        assert_eq!(unit.begin(paging, Pfn(1), at), Begin { skipped: 0, table: Pfn(1) });
        for nth in 1..=3 {
            unit.remember(paging, nth, at, Pte::USER_TABLE.to(Pfn(nth as u32 + 1)));
            assert_eq!(
                unit.begin(paging, Pfn(1), at),
                Begin { skipped: nth as u8, table: Pfn(nth as u32 + 1) }
            );
        }
        // The next 2 MiB have another table, and the same directory.
        assert_eq!(unit.begin(paging, Pfn(1), Vaddr(at.0 + (2 << 20))), Begin { skipped: 2, table: Pfn(3) });
        unit.invlpg(0, Vaddr(0));
        assert_eq!(unit.begin(paging, Pfn(1), at).skipped, 0, "INVLPG takes the tables too");
    }

    #[test]
    fn a_cpu_that_is_elsewhere_is_not_interrupted_and_catches_up() {
        let mut units = Mmus::new(MmuConfig::SKYLAKE, 2);
        let (p, q, at) = (NameId(1), NameId(2), Vaddr(0x1000));
        for cpu in [CpuId(0), CpuId(1)] {
            units.switch_to(cpu, p);
            units.cpu_mut(cpu).unwrap().keep(1, at, PageSize::Small, Pte(1), false);
        }
        let one = |cpu| (cpu, Some(Dropped { entries: 1, pages: Some(1) }));
        let flush = |units: &mut Mmus, by| -> Vec<(CpuId, Option<Dropped>)> {
            let (generation, reached) = units.begin_flush(by, p);
            let range = (at, Flush::Pages(1));
            let each = reached.into_iter();
            each.map(|of| (of, units.flush_on(of, of != by, range, PageSize::Small, generation))).collect()
        };
        assert_eq!(flush(&mut units, CpuId(1)), [one(CpuId(1)), one(CpuId(0))]);
        assert_eq!([0, 1].map(|cpu| units.cpu(CpuId(cpu)).unwrap().counts.ipis), [1, 0]);
        units.cpu_mut(CpuId(1)).unwrap().keep(1, at, PageSize::Small, Pte(1), false);
        units.switch_to(CpuId(1), q);
        assert_eq!(flush(&mut units, CpuId(0)).len(), 1);
        let (switch, dropped) = units.switch_to(CpuId(1), p).unwrap();
        assert_eq!((switch, dropped), (Switch { asid: 0, flush: true }, 1));
    }

    #[test]
    fn without_numbers_a_switch_forgets() {
        for (pcid, dropped) in [(true, 0), (false, 1)] {
            let mut units = Mmus::new(MmuConfig { pcid, ..MmuConfig::SKYLAKE }, 1);
            let (p, q, cpu) = (NameId(1), NameId(2), CpuId(0));
            units.switch_to(cpu, p);
            units.cpu_mut(cpu).unwrap().keep(1, Vaddr(0x1000), PageSize::Small, Pte(1), false);
            let there = units.switch_to(cpu, q).unwrap().1;
            let back = units.switch_to(cpu, p).unwrap().1;
            assert_eq!(there + back, dropped, "pcid {pcid}");
        }
    }
}
