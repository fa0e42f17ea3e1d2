//! The engine beside a stupid model of the buddy allocator: after every op the same blocks, in the same list order.
//!
//! The model keeps its free blocks in plain vectors, one for each list, and has no frame table at all. It was
//! written from the rules of Linux 6.1 (mm/page_alloc.c as the fact sheet tells it), not from the engine.

use mm::config::{Mobility, ZoneSpec};
use mm::mmzone::{ZoneId, ZoneKind};
use mm::op::{Gfp, NameId, PageKind};
use mm::page::MigrateType;
use mm::units::{Order, Pfn, PfnRange};
use mm::{Config, CpuId, Machine, Named, Op, UnitEnd};
use proptest::prelude::*;

const ORDERS: usize = 11;
const TYPES: usize = 6;
const UNMOVABLE: usize = 0;
const MOVABLE: usize = 1;
const RECLAIMABLE: usize = 2;

/// A block in use: first frame, order, and whether its pages are on an LRU list.
type Used = (u32, usize, bool);

#[derive(Clone)]
struct ModelZone {
    kind: ZoneKind,
    start: u32,
    end: u32,
    /// `lists[order][type]`, head first.
    lists: [[Vec<u32>; TYPES]; ORDERS],
}

#[derive(Clone)]
struct Model {
    zones: Vec<ModelZone>,
    /// The type of each pageblock.
    types: Vec<usize>,
    pageblock_order: usize,
    groups: bool,
    used: Vec<Used>,
}

impl Model {
    /// `memblock_free_all()`: every free range cut into aligned blocks, each to the tail of its list.
    fn boot(config: &Config) -> Model {
        let pageblock_order = config.pageblock_order.index();
        let mut types = vec![UNMOVABLE; (config.end().0 >> pageblock_order) as usize + 1];
        for spec in &config.zones {
            for pfn in spec.span.start.0..spec.span.end.0 {
                if pfn & ((1 << pageblock_order) - 1) == 0 {
                    types[(pfn >> pageblock_order) as usize] = MOVABLE;
                }
            }
        }
        let zones = config
            .zones
            .iter()
            .map(|spec| ModelZone {
                kind: spec.kind,
                start: spec.span.start.0,
                end: spec.span.end.0,
                lists: Default::default(),
            })
            .collect();
        let groups = config.mobility != Mobility::Off;
        let mut model = Model { zones, types, pageblock_order, groups, used: Vec::new() };
        for zone in 0..model.zones.len() {
            let span = config.zones[zone].span;
            let is_free = |pfn: u32| {
                let of = |ranges: &[PfnRange]| ranges.iter().any(|r| r.contains(Pfn(pfn)));
                span.contains(Pfn(pfn)) && of(&config.ram) && !of(&config.reserved)
            };
            let mut pfn = span.start.0;
            while pfn < span.end.0 {
                if !is_free(pfn) {
                    pfn += 1;
                    continue;
                }
                let end = (pfn..span.end.0).find(|p| !is_free(*p)).unwrap_or(span.end.0);
                while pfn < end {
                    let mut order = pfn.trailing_zeros().min(10) as usize;
                    while pfn + (1 << order) > end {
                        order -= 1;
                    }
                    let migratetype = model.type_of(pfn);
                    model.free_one_page(zone, pfn, order, migratetype, true);
                    pfn += 1 << order;
                }
            }
        }
        model
    }

    fn type_of(&self, pfn: u32) -> usize {
        self.types[(pfn >> self.pageblock_order) as usize]
    }

    /// Whether exactly this block is on a list, and on which.
    fn find(&self, zone: usize, pfn: u32, order: usize) -> Option<(usize, usize)> {
        let lists = &self.zones[zone].lists[order];
        (0..TYPES).find_map(|t| Some((t, lists[t].iter().position(|p| *p == pfn)?)))
    }

    /// Facts 02 section 2.
    fn free_one_page(&mut self, zone: usize, pfn: u32, order: usize, migratetype: usize, to_tail: bool) {
        let (mut pfn, mut order) = (pfn, order);
        while order < 10 {
            let buddy = pfn ^ (1 << order);
            let Some((list, at)) = self.find(zone, buddy, order) else { break };
            if order >= self.pageblock_order {
                let theirs = self.type_of(buddy);
                if theirs != migratetype && (theirs > RECLAIMABLE || migratetype > RECLAIMABLE) {
                    break;
                }
            }
            self.zones[zone].lists[order][list].remove(at);
            pfn &= buddy;
            order += 1;
        }
        let merge_likely = order < 9 && {
            let parent = pfn & !(1 << order);
            self.find(zone, parent ^ (2 << order), order + 1).is_some()
        };
        let list = &mut self.zones[zone].lists[order][migratetype];
        if to_tail || merge_likely { list.push(pfn) } else { list.insert(0, pfn) }
    }

    fn free(&mut self, which: usize) {
        let (pfn, order, _) = self.used.remove(which);
        let zone = self.zones.iter().position(|z| z.start <= pfn && pfn < z.end).expect("in a zone");
        let migratetype = self.type_of(pfn);
        self.free_one_page(zone, pfn, order, migratetype, false);
    }

    /// Facts 01 section 3 and 04: zones from the highest allowed down; a pass that does not mix types first, when
    /// the preferred zone is Normal.
    fn alloc(&mut self, order: usize, kind: PageKind, highest: ZoneKind) -> Option<u32> {
        if order >= ORDERS {
            return None;
        }
        let migratetype = match kind {
            _ if !self.groups => UNMOVABLE,
            PageKind::Movable | PageKind::Anon | PageKind::File => MOVABLE,
            PageKind::Reclaimable => RECLAIMABLE,
            _ => UNMOVABLE,
        };
        let allowed: Vec<usize> =
            (0..self.zones.len()).rev().filter(|z| self.zones[*z].kind <= highest).collect();
        let no_fragment = self.zones[*allowed.first()?].kind == ZoneKind::Normal;
        for no_fragment in [true, false].into_iter().skip(usize::from(!no_fragment)) {
            for &zone in &allowed {
                if let Some(pfn) = self.rmqueue(zone, order, migratetype, no_fragment) {
                    let lru = matches!(kind, PageKind::Anon | PageKind::File);
                    self.used.push((pfn, order, lru));
                    return Some(pfn);
                }
            }
        }
        None
    }

    /// Facts 02 section 4.
    fn rmqueue(&mut self, zone: usize, order: usize, migratetype: usize, no_fragment: bool) -> Option<u32> {
        loop {
            if let Some(pfn) = self.smallest(zone, order, migratetype) {
                return Some(pfn);
            }
            if !self.fallback(zone, order, migratetype, no_fragment) {
                return None;
            }
        }
    }

    /// Facts 02 section 3.
    fn smallest(&mut self, zone: usize, order: usize, migratetype: usize) -> Option<u32> {
        let lists = &mut self.zones[zone].lists;
        let found = (order..ORDERS).find(|o| !lists[*o][migratetype].is_empty())?;
        let pfn = lists[found][migratetype].remove(0);
        for half in (order..found).rev() {
            lists[half][migratetype].insert(0, pfn + (1 << half));
        }
        Some(pfn)
    }

    fn fallback(&mut self, zone: usize, order: usize, to: usize, no_fragment: bool) -> bool {
        let row = match to {
            UNMOVABLE => [RECLAIMABLE, MOVABLE],
            MOVABLE => [RECLAIMABLE, UNMOVABLE],
            _ => [UNMOVABLE, MOVABLE],
        };
        let min_order =
            if no_fragment && order < self.pageblock_order { self.pageblock_order } else { order };
        let lists = &self.zones[zone].lists;
        let from = |o: usize| row.into_iter().find(|t| !lists[o][*t].is_empty());
        let can_steal = |o: usize| {
            o >= self.pageblock_order || o >= self.pageblock_order / 2 || to != MOVABLE || !self.groups
        };
        let Some(mut found) = (min_order..ORDERS).rev().find(|o| from(*o).is_some()) else {
            return false;
        };
        if !can_steal(found) && to == MOVABLE && found > order {
            found = (order..ORDERS).find(|o| from(*o).is_some()).expect("the largest is still there");
        }
        let list = from(found).expect("it was found");
        let (pfn, whole) = (lists[found][list][0], can_steal(found));
        self.steal(zone, pfn, found, to, whole);
        true
    }

    fn steal(&mut self, zone: usize, pfn: u32, order: usize, to: usize, whole: bool) {
        let pages = 1u32 << self.pageblock_order;
        if order >= self.pageblock_order {
            for block in pfn >> self.pageblock_order..(pfn + (1 << order)) >> self.pageblock_order {
                self.types[block as usize] = to;
            }
        } else if whole {
            let first = pfn & !(pages - 1);
            let end = first + pages;
            let start = if first < self.zones[zone].start { pfn } else { first };
            if end <= self.zones[zone].end {
                let mut blocks: Vec<(u32, usize)> = Vec::new();
                for (order, lists) in self.zones[zone].lists.iter().enumerate() {
                    for pfn in lists.iter().flatten().filter(|p| (start..end).contains(p)) {
                        blocks.push((*pfn, order));
                    }
                }
                blocks.sort_unstable();
                for &(pfn, order) in &blocks {
                    self.move_to_tail(zone, pfn, order, to);
                }
                let free: u32 = blocks.iter().map(|(_, order)| 1 << order).sum();
                let lru = self.used.iter().filter(|(pfn, _, lru)| *lru && (start..end).contains(pfn));
                let movable: u32 = lru.map(|(_, order, _)| 1 << order).sum();
                let old = self.type_of(pfn);
                let alike = match (to, old) {
                    (MOVABLE, _) => movable,
                    (_, MOVABLE) => pages - (free + movable),
                    _ => 0,
                };
                if free + alike >= pages / 2 || !self.groups {
                    self.types[(pfn >> self.pageblock_order) as usize] = to;
                }
                return;
            }
        }
        self.move_to_tail(zone, pfn, order, to);
    }

    fn move_to_tail(&mut self, zone: usize, pfn: u32, order: usize, to: usize) {
        let (list, at) = self.find(zone, pfn, order).expect("a free block");
        self.zones[zone].lists[order][list].remove(at);
        self.zones[zone].lists[order][to].push(pfn);
    }

    /// The first difference to the engine.
    fn compare(&self, machine: &Machine) -> Result<(), String> {
        for (id, zone) in (0u8..).map(ZoneId).zip(&self.zones) {
            for order in Order::all() {
                for migratetype in MigrateType::ALL {
                    let theirs = machine.free_list(id, order, migratetype).map(|p| p.0);
                    let ours = &zone.lists[order.index()][migratetype.index()];
                    if !theirs.eq(ours.iter().copied()) {
                        let theirs: Vec<u32> =
                            machine.free_list(id, order, migratetype).map(|p| p.0).collect();
                        return Err(format!(
                            "{} order {order} {migratetype:?}: model {ours:?}, engine {theirs:?}",
                            zone.kind.name()
                        ));
                    }
                }
            }
            for pfn in (zone.start..zone.end).step_by(1 << self.pageblock_order) {
                let (ours, theirs) = (self.type_of(pfn), machine.pageblock_type(Pfn(pfn)).index());
                if ours != theirs {
                    return Err(format!("pageblock of {pfn}: model {ours}, engine {theirs}"));
                }
            }
        }
        Ok(())
    }
}

/// The engine and the model, side by side.
#[derive(Clone)]
struct Pair {
    machine: Machine,
    model: Model,
    /// The names of the engine's blocks, in the order of the model's.
    names: Vec<NameId>,
    next: u32,
}

/// One thing that is asked of both.
#[derive(Clone, Copy, Debug)]
enum Ask {
    Alloc(u8, PageKind, ZoneKind),
    /// Free the block of this number, counted round.
    Free(usize),
}

impl Pair {
    fn boot(config: &Config) -> Pair {
        let machine = Machine::boot(config).expect("boots");
        let pair = Pair { machine, model: Model::boot(config), names: Vec::new(), next: 0 };
        pair.model.compare(&pair.machine).expect("they boot alike");
        pair
    }

    fn ask(&mut self, ask: Ask) -> Result<(), String> {
        match ask {
            Ask::Alloc(order, kind, highest_zone) => {
                let name = NameId(self.next);
                self.next += 1;
                // What cannot move gets nothing from a zone of movable pages, whatever it asks for.
                let gfp = Gfp::of(kind, Some(highest_zone));
                let highest_zone = self.machine.highest_zone(gfp.flags);
                self.run(&Op::Alloc { name, order, gfp, cpu: CpuId(0) });
                let theirs = match self.machine.named(name) {
                    Named::Block(block) => Some(block.pfn.0),
                    _ => None,
                };
                let ours = self.model.alloc(usize::from(order), kind, highest_zone);
                if ours != theirs {
                    return Err(format!("{ask:?}: model {ours:?}, engine {theirs:?}"));
                }
                if ours.is_some() {
                    self.names.push(name);
                }
            }
            Ask::Free(_) if self.names.is_empty() => return Ok(()),
            Ask::Free(which) => {
                let which = which % self.names.len();
                let name = self.names.remove(which);
                self.run(&Op::Free { name, cpu: CpuId(0) });
                self.model.free(which);
            }
        }
        self.model.compare(&self.machine).map_err(|e| format!("{ask:?}: {e}"))
    }

    fn run(&mut self, op: &Op) {
        while self.machine.run_unit(op, &mut ()) == UnitEnd::More {}
    }
}

/// Every sequence of at most `depth` ops; says how many there were.
fn all_sequences(pair: &Pair, asks: &[Ask], depth: u32, so_far: &mut Vec<Ask>) -> u64 {
    let mut count = 1;
    if depth == 0 {
        return count;
    }
    let frees = (0..pair.names.len()).map(Ask::Free);
    for ask in asks.iter().copied().chain(frees) {
        let mut next = pair.clone();
        so_far.push(ask);
        if let Err(difference) = next.ask(ask) {
            panic!("{so_far:?}\n{difference}");
        }
        count += all_sequences(&next, asks, depth - 1, so_far);
        so_far.pop();
    }
    count
}

fn requests(orders: &[u8], kinds: &[PageKind]) -> Vec<Ask> {
    let all = orders.iter().flat_map(|o| kinds.iter().map(|k| Ask::Alloc(*o, *k, ZoneKind::Movable)));
    all.collect()
}

fn order(order: u8) -> Order {
    Order::new(order).expect("an order")
}

/// 64 frames: one block of order 6, whose pageblock reaches out of the zone.
#[test]
fn every_short_sequence_on_64_frames() {
    let pair = Pair::boot(&Config::single_zone(64));
    let asks = requests(&[0, 1, 3], &[PageKind::Unmovable, PageKind::Anon, PageKind::Reclaimable]);
    pair.machine.check().expect("lawful");
    assert!(all_sequences(&pair, &asks, 5, &mut Vec::new()) > 100_000);
}

/// The same frames in pageblocks of 8, so that stealing and claiming happens in every corner.
#[test]
fn every_short_sequence_on_64_frames_in_small_pageblocks() {
    let config = Config { pageblock_order: order(3), ..Config::single_zone(64) };
    let asks = requests(&[0, 2, 4], &[PageKind::Unmovable, PageKind::Anon, PageKind::Reclaimable]);
    assert!(all_sequences(&Pair::boot(&config), &asks, 5, &mut Vec::new()) > 100_000);
}

/// Nearly full, so that requests fail and fall back from the first op on.
#[test]
fn every_short_sequence_on_64_frames_of_which_few_are_free() {
    let config = Config { pageblock_order: order(4), ..Config::single_zone(64) };
    let mut pair = Pair::boot(&config);
    for ask in [
        Ask::Alloc(4, PageKind::Anon, ZoneKind::Movable),
        Ask::Alloc(4, PageKind::Unmovable, ZoneKind::Movable),
        Ask::Alloc(3, PageKind::Anon, ZoneKind::Movable),
        Ask::Alloc(1, PageKind::Reclaimable, ZoneKind::Movable),
        Ask::Free(0),
    ] {
        pair.ask(ask).expect("alike so far");
    }
    let asks = requests(&[0, 2, 3], &[PageKind::Unmovable, PageKind::Anon, PageKind::Reclaimable]);
    assert!(all_sequences(&pair, &asks, 4, &mut Vec::new()) > 10_000);
}

/// As many cases as `MMSCOPE_PROPTEST_CASES` says.
fn cases() -> ProptestConfig {
    let cases = std::env::var("MMSCOPE_PROPTEST_CASES").ok().and_then(|n| n.parse().ok()).unwrap_or(150);
    ProptestConfig { cases, failure_persistence: None, ..ProptestConfig::default() }
}

/// Up to three zones, not aligned to anything, with holes and reserved frames, in pageblocks of any size.
fn machines() -> impl Strategy<Value = Config> {
    let kinds = prop_oneof![
        Just(vec![ZoneKind::Normal]),
        Just(vec![ZoneKind::Dma32]),
        Just(vec![ZoneKind::Dma, ZoneKind::Normal]),
        Just(vec![ZoneKind::Dma, ZoneKind::Dma32, ZoneKind::Normal]),
        Just(vec![ZoneKind::Normal, ZoneKind::Movable]),
    ];
    let sizes = prop::array::uniform3(prop_oneof![64u32..300, 64u32..3000, Just(1024), Just(2048)]);
    let cuts = prop::collection::vec((0u32..9000, 1u32..80), 0..4);
    (kinds, sizes, 0u32..70, cuts.clone(), cuts, 1u8..=10, any::<bool>())
        .prop_map(|(kinds, sizes, start, holes, reserved, pageblock, groups)| {
            let mut at = start;
            let mut zones = Vec::new();
            for (kind, size) in kinds.into_iter().zip(sizes) {
                zones.push(ZoneSpec { kind, node: 0, span: PfnRange::new(at, at + size) });
                at += size;
            }
            // The first and the last frame stay: a machine ends with memory.
            let inside = |cuts: Vec<(u32, u32)>| {
                let mut ranges: Vec<PfnRange> = cuts
                    .into_iter()
                    .map(|(from, len)| PfnRange::new(from, from + len).and(PfnRange::new(start + 1, at - 1)))
                    .filter(|range| !range.is_empty())
                    .collect();
                ranges.sort_by_key(|range| range.start);
                ranges
            };
            let (mut ram, mut from) = (Vec::new(), start);
            for hole in inside(holes) {
                ram.push(PfnRange::new(from, hole.start.0.max(from)));
                from = from.max(hole.end.0);
            }
            ram.push(PfnRange::new(from, at));
            ram.retain(|range| !range.is_empty());
            Config {
                ram,
                reserved: inside(reserved),
                zones,
                pageblock_order: order(pageblock),
                mobility: if groups { Mobility::On } else { Mobility::Off },
                ..Config::single_zone(0)
            }
        })
        .prop_filter("the holes leave too little", |config| {
            config.ram.iter().map(|range| range.len()).sum::<u32>() >= mm::limits::MIN_FRAMES
        })
}

fn asks() -> impl Strategy<Value = Vec<Ask>> {
    let kind = prop::sample::select(&PageKind::ASKABLE[..]);
    let highest = prop_oneof![
        4 => Just(ZoneKind::Movable),
        2 => Just(ZoneKind::Normal),
        1 => Just(ZoneKind::Dma32),
        1 => Just(ZoneKind::Dma),
    ];
    let size = prop_oneof![6 => 0u8..3, 3 => 0u8..7, 1 => 0u8..12];
    let ask = prop_oneof![
        3 => (size, kind, highest).prop_map(|(order, kind, zone)| Ask::Alloc(order, kind, zone)),
        2 => any::<usize>().prop_map(Ask::Free),
    ];
    prop::collection::vec(ask, 1..300)
}

proptest! {
    #![proptest_config(cases())]

    #[test]
    fn the_engine_is_the_model(config in machines(), asks in asks()) {
        let mut pair = Pair::boot(&config);
        for (at, ask) in asks.into_iter().enumerate() {
            if let Err(difference) = pair.ask(ask) {
                prop_assert!(false, "op {}: {}", at, difference);
            }
        }
        if let Err(law) = pair.machine.check() {
            prop_assert!(false, "{}", law);
        }
    }
}
