//! What the tests of SLUB and of SLAB have in common: where pages come from, tables of real kernels, and the two laws
//! that both caches keep.

use std::fmt::Debug;

use proptest::prelude::*;

use crate::slub::{Host, NotInUse, Object};
use crate::units::{CpuId, Order, Pfn};

/// As many cases as `MMSCOPE_PROPTEST_CASES` says.
pub(crate) fn config() -> ProptestConfig {
    let cases = std::env::var("MMSCOPE_PROPTEST_CASES").ok().and_then(|n| n.parse().ok()).unwrap_or(60);
    ProptestConfig { cases, failure_persistence: None, ..ProptestConfig::default() }
}

/// Blocks from a row of frames, the lowest that is free; none beyond `end`.
#[derive(Default)]
pub(crate) struct Row {
    pub(crate) taken: Vec<(u32, Order)>,
    pub(crate) end: Option<u32>,
    /// Every block that was ever taken, in that order.
    pub(crate) came: Vec<Pfn>,
}

impl Row {
    /// So many frames.
    pub(crate) fn of(end: u32) -> Row {
        Row { end: Some(end), ..Row::default() }
    }
}

/// Nobody looks on.
impl<C, S> Host<C, S> for Row {
    fn take(&mut self, _: &mut C, order: Order, min: Order) -> Option<(Pfn, Order, u8)> {
        [order, min].into_iter().find_map(|order| {
            let mut pfn = 0;
            while let Some((at, of)) =
                self.taken.iter().find(|(at, of)| pfn < at + of.pages() && *at < pfn + order.pages())
            {
                pfn = (at + of.pages()).next_multiple_of(order.pages());
            }
            if self.end.is_some_and(|end| pfn + order.pages() > end) {
                return None;
            }
            self.taken.push((pfn, order));
            self.came.push(Pfn(pfn));
            Some((Pfn(pfn), order, 0))
        })
    }

    fn give_back(&mut self, _: &mut C, pfn: Pfn, order: Order) {
        let at = self.taken.iter().position(|taken| *taken == (pfn.0, order)).expect("it was taken");
        self.taken.swap_remove(at);
    }

    fn did(&mut self, _: &mut C, _: S) {}
}

/// A row, and what was done.
pub(crate) struct Watched<S> {
    pub(crate) row: Row,
    pub(crate) steps: Vec<S>,
}

impl<S> Watched<S> {
    pub(crate) fn new() -> Watched<S> {
        Watched { row: Row::default(), steps: Vec::new() }
    }
}

impl<C, S> Host<C, S> for Watched<S> {
    fn take(&mut self, cache: &mut C, order: Order, min: Order) -> Option<(Pfn, Order, u8)> {
        Host::<C, S>::take(&mut self.row, cache, order, min)
    }

    fn give_back(&mut self, cache: &mut C, pfn: Pfn, order: Order) {
        Host::<C, S>::give_back(&mut self.row, cache, pfn, order);
    }

    fn did(&mut self, _: &mut C, step: S) {
        self.steps.push(step);
    }
}

/// A table of a name and numbers, with tabs between them.
pub(crate) fn rows(table: &'static str) -> impl Iterator<Item = (&'static str, Vec<u32>)> {
    table.lines().filter(|line| !line.starts_with('#')).map(|line| {
        let (name, numbers) = line.split_once('\t').expect("a name and numbers");
        (name, numbers.split('\t').map(|n| n.parse().expect("a number")).collect())
    })
}

/// A cache of either kind, on one node.
pub(crate) trait Cache {
    fn alloc(&mut self, cpu: CpuId, row: &mut Row) -> Option<Object>;
    fn free(&mut self, cpu: CpuId, object: Object, row: &mut Row) -> Result<(), NotInUse>;
    fn shrink(&mut self, row: &mut Row);
    /// What comes now and then: the flush of a CPU, the reaper.
    fn tidy(&mut self, cpu: CpuId, of_node: bool, row: &mut Row);
    fn check(&self) -> Result<(), String>;
    /// Slabs, and objects in use once everything was taken from CPUs.
    fn counts(&self) -> (u32, u32);
    /// Where an object lies in its slab, in bytes.
    fn place(&self, object: Object) -> u32;
    /// The figures that a kernel prints, in the order of the table.
    fn figures(&self) -> Vec<u32>;
}

/// What a real kernel did with caches of its own: the place of every object, and its figures on the way. The table
/// explains itself; each part of it begins with `cache` and the size of an object.
pub(crate) fn as_a_real_kernel<C: Cache>(table: &str, make: impl Fn(u32) -> C) {
    let mut sizes = 0;
    for part in table.split("\ncache ").skip(1) {
        let (size, rest) = part.split_once('\n').expect("a size");
        let (mut cache, mut row) = (make(size.parse().expect("a number")), Row::default());
        let mut held: Vec<Option<Object>> = Vec::new();
        for line in rest.lines() {
            let mut words = line.split_whitespace();
            let what = words.next();
            let numbers: Vec<i32> = words.map(|word| word.parse().expect("a number")).collect();
            match (what, &numbers[..]) {
                // Where objects lie: the number of their slab among all that came, the first offset, the step.
                (Some("at"), [number, offset, step, count]) => {
                    for at in 0..*count {
                        let object = cache.alloc(CpuId(0), &mut row).expect("there is memory");
                        let slab = row.came.iter().position(|slab| *slab == object.slab).expect("it came");
                        let lies = cache.place(object) as i32;
                        assert_eq!((slab as i32, lies), (*number, offset + at * step), "{size}: {line}");
                        held.push(Some(object));
                    }
                }
                (Some("free"), [from, below, every]) => {
                    for number in (*from..*below).step_by(*every as usize) {
                        if let Some(object) = held[number as usize].take() {
                            cache.free(CpuId(0), object, &mut row).expect("it is in use");
                        }
                    }
                }
                (Some("shrink"), []) => cache.shrink(&mut row),
                (Some("figures" | "slabinfo"), expected) => {
                    let figures: Vec<i32> = cache.figures().into_iter().map(|n| n as i32).collect();
                    assert_eq!(figures, expected, "{size}: after {} allocations", held.len());
                }
                _ => panic!("{line}"),
            }
            assert_eq!(cache.check(), Ok(()));
        }
        assert!(row.taken.is_empty(), "all is given back");
        sizes += 1;
    }
    assert_eq!(sizes, 5);
}

#[derive(Clone, Copy, Debug)]
pub(crate) enum Deed {
    Alloc(u8),
    Free(u8, usize),
    Tidy(u8, bool),
    Shrink,
}

pub(crate) fn deeds() -> impl Strategy<Value = Vec<Deed>> {
    let deed = prop_oneof![
        10 => (0u8..3).prop_map(Deed::Alloc),
        9 => (0u8..3, any::<usize>()).prop_map(|(cpu, which)| Deed::Free(cpu, which)),
        1 => (0u8..3, any::<bool>()).prop_map(|(cpu, of_node)| Deed::Tidy(cpu, of_node)),
        1 => Just(Deed::Shrink),
    ];
    prop::collection::vec(deed, 0..400)
}

/// On three CPUs and a row of so many frames: no object is handed out twice, none is lost, and every law of the cache
/// holds after every deed.
pub(crate) fn conserves_objects(
    mut cache: impl Cache + Debug,
    end: u32,
    deeds: Vec<Deed>,
) -> Result<(), TestCaseError> {
    let mut row = Row::of(end);
    let mut held: Vec<Object> = Vec::new();
    for deed in deeds {
        match deed {
            Deed::Alloc(cpu) => {
                if let Some(object) = cache.alloc(CpuId(cpu), &mut row) {
                    prop_assert!(!held.contains(&object), "{:?} is handed out twice", object);
                    held.push(object);
                }
            }
            Deed::Free(cpu, which) if !held.is_empty() => {
                let object = held.swap_remove(which % held.len());
                prop_assert_eq!(cache.free(CpuId(cpu), object, &mut row), Ok(()));
                prop_assert!(cache.free(CpuId(cpu), object, &mut row).is_err());
            }
            Deed::Free(..) => {}
            Deed::Tidy(cpu, of_node) => cache.tidy(CpuId(cpu), of_node, &mut row),
            Deed::Shrink => {
                cache.shrink(&mut row);
                prop_assert_eq!(cache.counts().1, held.len() as u32);
            }
        }
        prop_assert_eq!(cache.check(), Ok(()));
        prop_assert_eq!(cache.counts().0 as usize, row.taken.len());
    }
    for object in held {
        cache.free(CpuId(0), object, &mut row).expect("it is in use");
    }
    cache.shrink(&mut row);
    prop_assert!(row.taken.is_empty());
    Ok(())
}
