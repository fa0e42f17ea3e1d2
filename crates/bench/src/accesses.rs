//! Addresses that a process uses: the engine's TLBs, tables and faults beside a floor, over the same addresses and in
//! turns.
//!
//! The floor does what cannot be left out: two TLBs of the same shape in flat arrays, a walk through four tables, and on a
//! page that is missing the next frame of a row. It knows no areas, no watermarks, no counters of a process and no lists.

use std::fmt::Write as _;
use std::time::Duration;

use mm::config::Thp;
use mm::oom_kill::TaskArgs;
use mm::op::{NameId, Op, ProcessOp};
use mm::process::{Access, MmapArgs, Rlimits};
use mm::rng::Rng;
use mm::x86::mmu::MmuConfig;
use mm::{Config, CpuId, Machine, Named, UnitEnd, Vaddr};

use crate::cpu_time;

/// Pages that are used.
pub const PAGES: u32 = 65_536;
const PAGE: u64 = 4096;
const PROCESS: NameId = NameId(0);
const AREA: NameId = NameId(1);

/// What is asked for.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Mix {
    /// Zipf's law with exponent 0.9 over all pages, none of which is there at first: hits, walks and faults.
    Zipf,
    /// A few pages again and again: the first TLB knows them.
    Hits,
    /// One page after the other, all of them again and again: no TLB knows the next one.
    Walks,
    /// Every page once: each is a fault.
    Faults,
}

impl Mix {
    /// All of them.
    pub const ALL: [Mix; 4] = [Mix::Zipf, Mix::Hits, Mix::Walks, Mix::Faults];

    /// Its name in the table.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Mix::Zipf => "Zipf 0.9 over 65,536 pages, from none",
            Mix::Hits => "48 pages: TLB hits",
            Mix::Walks => "65,536 pages in order: walks",
            Mix::Faults => "65,536 pages for the first time: faults",
        }
    }
}

/// The pages that are used, one reference after the other.
#[must_use]
pub fn stream(mix: Mix, references: usize) -> Vec<u32> {
    match mix {
        Mix::Hits => (0..references as u32).map(|at| at % 48).collect(),
        Mix::Walks => (0..references as u32).map(|at| at % PAGES).collect(),
        Mix::Faults => (0..PAGES).collect(),
        Mix::Zipf => zipf(PAGES, references, 7),
    }
}

/// References to so many pages by Zipf's law with exponent 0.9.
#[must_use]
pub fn zipf(pages: u32, references: usize, seed: u64) -> Vec<u32> {
    let mut rng = Rng::new(seed, 0);
    let mut sums = Vec::with_capacity(pages as usize);
    let mut sum = 0.0f64;
    for rank in 1..=pages {
        sum += f64::from(rank).powf(-0.9);
        sums.push(sum);
    }
    // The pages that are used most lie anywhere.
    let mut places: Vec<u32> = (0..pages).collect();
    for at in (1..pages).rev() {
        places.swap(at as usize, rng.below(at + 1) as usize);
    }
    let mut draw = || {
        let at = f64::from(rng.below(u32::MAX)) / f64::from(u32::MAX) * sum;
        places[sums.partition_point(|sum| *sum < at).min(pages as usize - 1)]
    };
    (0..references).map(|_| draw()).collect()
}

/// Two TLBs, four levels of tables and a row of frames.
pub struct Floor {
    l1: [(u64, u64); 64],
    l2: Vec<(u64, u64)>,
    tables: Vec<[u64; 512]>,
    frames: u64,
}

impl Default for Floor {
    fn default() -> Floor {
        Floor { l1: [(u64::MAX, 0); 64], l2: vec![(u64::MAX, 0); 1536], tables: vec![[0; 512]], frames: 0 }
    }
}

impl Floor {
    /// Where an address that is written to lies in memory.
    #[inline]
    pub fn access(&mut self, at: u64) -> u64 {
        let page = at >> 12;
        let l1 = &mut self.l1[(page & 15) as usize * 4..][..4];
        if let Some(way) = l1.iter().position(|(tag, _)| *tag == page) {
            l1[..=way].rotate_right(1);
            return l1[0].1 | at & 0xfff;
        }
        let l2 = &mut self.l2[(page & 127) as usize * 12..][..12];
        let frame = match l2.iter().position(|(tag, _)| *tag == page) {
            Some(way) => {
                l2[..=way].rotate_right(1);
                l2[0].1
            }
            None => {
                let mut table = 0;
                for shift in [39, 30, 21] {
                    let index = (at >> shift & 511) as usize;
                    let entry = self.tables[table][index];
                    if entry == 0 {
                        self.tables.push([0; 512]);
                        let last = self.tables.len() - 1;
                        self.tables[table][index] = last as u64;
                        table = last;
                    } else {
                        table = entry as usize;
                    }
                }
                let entry = &mut self.tables[table][(at >> 12 & 511) as usize];
                if *entry == 0 {
                    self.frames += 1;
                    *entry = self.frames << 12 | 1;
                }
                // It was used, and written to.
                *entry |= 0x60;
                let frame = *entry & !0xfff;
                l2.rotate_right(1);
                l2[0] = (page, frame);
                frame
            }
        };
        let l1 = &mut self.l1[(page & 15) as usize * 4..][..4];
        l1.rotate_right(1);
        l1[0] = (page, frame);
        frame | at & 0xfff
    }
}

/// A process with an area of so many pages, none of which is there, and where the area begins.
#[must_use]
pub fn engine() -> (Machine, Vaddr) {
    let mmu = Some(MmuConfig::SKYLAKE);
    // Pages of 4 KiB, as the floor has them.
    let thp = Some(Thp::Never);
    let config = Config { pcp: true, watermarks: true, mmu, thp, ..Config::x86_64(4 * PAGES) };
    let mut machine = Machine::boot(&config).expect("it boots");
    let bytes = u64::from(PAGES) * PAGE;
    let (limits, args, cpu) = (Rlimits::default(), MmapArgs::ANONYMOUS, CpuId(0));
    for op in [
        ProcessOp::Exec { name: PROCESS, limits, task: TaskArgs::default(), cpu },
        ProcessOp::Mmap { name: AREA, process: PROCESS, bytes, args, cpu },
    ] {
        while machine.run_unit_unseen(&Op::Process(op)) == UnitEnd::More {}
    }
    machine.flatten();
    let Named::Mapping { start, .. } = machine.named(AREA) else { panic!("there is an area") };
    (machine, start)
}

/// Uses all pages once with the engine, and gives the time.
fn of_engine(machine: &mut Machine, start: Vaddr, pages: &[u32]) -> Duration {
    let at = |page: &u32| Vaddr(start.0 + u64::from(*page) * PAGE);
    let (time, through) =
        cpu_time(|| machine.access_unseen(PROCESS, CpuId(0), Access::Write, pages.iter().map(at)));
    assert_eq!(through, pages.len() as u64);
    time
}

fn of_floor(floor: &mut Floor, start: Vaddr, pages: &[u32]) -> Duration {
    let all = || pages.iter().fold(0, |sum: u64, page| sum ^ floor.access(start.0 + u64::from(*page) * PAGE));
    let mut all = all;
    cpu_time(&mut all).0
}

/// Nanoseconds of CPU a reference, ours and the floor's, medians of so many turns.
#[must_use]
pub fn measure(mix: Mix, turns: usize, references: usize) -> [f64; 2] {
    let pages = stream(mix, references);
    let mut times: [Vec<f64>; 2] = Default::default();
    for _ in 0..turns {
        let (mut machine, start) = engine();
        let mut floor = Floor::default();
        if matches!(mix, Mix::Hits | Mix::Walks) {
            // They are there before.
            let there = &pages[..pages.len().min(PAGES as usize)];
            of_engine(&mut machine, start, there);
            of_floor(&mut floor, start, there);
        }
        let taken = [of_engine(&mut machine, start, &pages), of_floor(&mut floor, start, &pages)];
        for (times, taken) in times.iter_mut().zip(taken) {
            times.push(taken.as_nanos() as f64 / pages.len() as f64);
        }
    }
    times.map(|mut times| {
        times.sort_by(f64::total_cmp);
        times[times.len() / 2]
    })
}

/// Measures every mix and writes the table, in Markdown.
#[must_use]
pub fn table(turns: usize, references: usize) -> String {
    let mut text = String::from("| ns of CPU a reference | mmscope | floor | ours / floor | a second |\n");
    text += "| --- | --: | --: | --: | --: |\n";
    for mix in Mix::ALL {
        let [ours, floor] = measure(mix, turns, references);
        let millions = 1000.0 / ours;
        let _ = writeln!(
            text,
            "| {} | {ours:.1} | {floor:.1} | {:.2} | {millions:.0} million |",
            mix.name(),
            ours / floor
        );
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The floor and the engine's TLBs have the same shape: they know the same pages.
    #[test]
    fn both_translate_every_reference() {
        for mix in Mix::ALL {
            let pages = stream(mix, 20_000);
            let (mut machine, start) = engine();
            let mut floor = Floor::default();
            of_engine(&mut machine, start, &pages);
            let mut places = std::collections::BTreeMap::new();
            for page in &pages {
                let at = start.0 + u64::from(*page) * PAGE + 7;
                assert_eq!(floor.access(at) & 0xfff, 7);
                let place = floor.access(at);
                assert_eq!(*places.entry(*page).or_insert(place), place);
            }
            let mut distinct: Vec<u64> = places.values().copied().collect();
            distinct.sort_unstable();
            distinct.dedup();
            assert_eq!(distinct.len(), places.len(), "no frame is two pages");
            let mm = machine.processes().mm(PROCESS).expect("it runs");
            // One page of the stack was there.
            assert_eq!(mm.rss.anon, places.len() as u64 + 1);
            assert_eq!(machine.check(), Ok(()));
        }
        assert_eq!(table(1, 2000).lines().count(), 2 + Mix::ALL.len());
    }

    #[test]
    fn zipf_uses_a_few_pages_most() {
        let mut count = vec![0u32; PAGES as usize];
        stream(Mix::Zipf, 100_000).iter().for_each(|page| count[*page as usize] += 1);
        count.sort_unstable();
        let most: u32 = count[PAGES as usize - 655..].iter().sum();
        assert!((40_000..60_000).contains(&most), "1 % of the pages have {most} of 100,000 references");
    }
}
