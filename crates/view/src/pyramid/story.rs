//! What the steps around the moment mean on the picture: rings, ghosts, cuts, brackets and ways, by blocks and
//! lists, before anything has a place.

use mm::mmzone::ZoneId;
use mm::page::{Block, MigrateType};
use mm::step::{BuddyVerdict, StepKind, WatermarkVerdict};
use mm::{Order, Pfn};

use super::words::{When, Word};
use crate::Moment;
use crate::scene::Ring;

/// Where a ring goes.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Place {
    /// The block on the shelf of its order.
    Shelf,
    /// Its chip on the list of a type.
    Chip(MigrateType),
    /// Its frames.
    Ground,
    /// The type of its pageblocks.
    Band,
}

/// An end of a way.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Spot {
    Shelf(Block),
    Ground(Block),
    Head(Block, MigrateType),
    Tail(Block, MigrateType),
}

/// Something goes from here to there.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) struct Way {
    pub from: Spot,
    pub to: Spot,
    pub ring: Ring,
    pub label: Option<Word>,
}

/// What is drawn because of the steps.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub(super) struct Story {
    pub rings: Vec<(Place, Block, Ring)>,
    /// Blocks that were, and what to say of them.
    pub ghosts: Vec<(Block, Option<Word>)>,
    /// The block that is cut, and when.
    pub cut: Option<(Block, Ring)>,
    /// The pair inside this block, a bracket below or above it, and whether the sum of the pair is written.
    pub brackets: Vec<(Block, Bracket)>,
    pub ways: Vec<Way>,
    /// Lists that are looked at, empty as they may be.
    pub lists: Vec<(Order, MigrateType, Ring)>,
    /// All lists from an order up are looked at.
    pub all_lists: Option<(Order, Ring)>,
    /// The order that is asked for.
    pub wanted: Option<(Order, Ring)>,
    /// From this order up nothing can serve the request.
    pub crossed: Option<Order>,
    pub too_large: Option<u8>,
    /// What to say beside a block.
    pub notes: Vec<(Block, Word, Ring)>,
    /// The block that was just taken off the head of its list.
    pub taken: Option<(Block, MigrateType)>,
    /// The block that was just put at the tail of a list.
    pub tail: Option<(Block, MigrateType)>,
    /// Pageblocks that change their type.
    pub band: Option<(Block, Ring, MigrateType, MigrateType)>,
    /// Free blocks in here were moved.
    pub hot: Option<Block>,
    /// The zone itself is what the step is about.
    pub zone: Option<Ring>,
    /// What the step says of the zone as a whole.
    pub said: Option<(Word, Ring)>,
    /// The smallest order that a step of this op touches.
    pub lowest: Option<Order>,
}

/// How a pair of buddies is bracketed.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Bracket {
    /// Below both halves, with their sum.
    Split,
    /// Above both halves, with their sum.
    Pair,
    /// Above both halves: they have merged.
    Merged,
}

/// The smallest order that a step touches.
fn lowest(kind: &StepKind) -> Option<Order> {
    match *kind {
        StepKind::Request { order, .. } | StepKind::Failed { order, .. } => Order::new(order),
        StepKind::ListEmpty { order, .. }
        | StepKind::ZoneFailed { order, .. }
        | StepKind::PcpEmpty { order, .. }
        | StepKind::PcpRefilled { order, .. } => Some(order),
        StepKind::TakeHead { wanted, .. }
        | StepKind::Split { wanted, .. }
        | StepKind::FallbackBegins { wanted, .. } => Some(wanted),
        _ => kind.blocks().into_iter().flatten().map(|b| b.order).min(),
    }
}

/// The two halves of a block.
pub(super) fn halves(b: Block) -> Option<[Block; 2]> {
    let order = b.order.down()?;
    Some([Block { pfn: b.pfn, order }, Block { pfn: b.pfn.plus(order.pages()), order }])
}

fn union(a: Block) -> Option<Block> {
    let up = a.order.up()?;
    Some(Block { pfn: a.pfn.align_down(up), order: up })
}

impl Story {
    /// The story of the steps around `moment` that are about `zone`.
    pub(super) fn of(moment: &Moment, zone: ZoneId) -> Story {
        let mut story = Story::default();
        let here = |kind: &&StepKind| kind.zone().is_none_or(|z| z == zone);
        let steps = moment.trail.iter().chain(&moment.just_did).chain(&moment.next);
        story.lowest = steps.filter_map(|step| lowest(&step.kind)).min();
        story.trail(moment, zone);
        if let Some(kind) = moment.just_did.as_ref().map(|step| &step.kind).filter(here) {
            story.did(kind, moment);
        }
        if let Some(kind) = moment.next.as_ref().map(|step| &step.kind).filter(here) {
            story.comes(kind, moment);
        }
        story
    }

    fn ring(&mut self, place: Place, block: Block, ring: Ring) {
        if !self.rings.iter().any(|(p, b, _)| (*p, *b) == (place, block)) {
            self.rings.push((place, block, ring));
        }
    }

    /// What the earlier steps of the op have left: the ghosts of a merge.
    fn trail(&mut self, moment: &Moment, zone: ZoneId) {
        let mut merges = 0;
        let mut latest = None;
        let last = moment.just_did.map(|step| step.kind);
        let is_last_cut = |kept, put| matches!(last, Some(StepKind::Split { kept: k, put: p, .. }) if (k, p) == (kept, put));
        for step in moment.trail.iter().filter(|step| step.kind.zone() == Some(zone)) {
            match step.kind {
                StepKind::Merge { merged, .. } => {
                    merges += 1;
                    if let Some(pair) = halves(merged) {
                        self.ghosts.extend(pair.map(|half| (half, None)));
                        latest = Some(pair[1]);
                    }
                    self.brackets.push((merged, Bracket::Merged));
                }
                // What was cut before the cut that was just made.
                StepKind::Split { kept, put, .. } if !is_last_cut(kept, put) => {
                    self.ghosts.extend(union(kept).map(|parent| (parent, None)));
                }
                _ => {}
            }
        }
        let freed = moment.trail.iter().find_map(|step| match step.kind {
            StepKind::FreeRequest { block, name: Some(name), .. } => Some((block, name)),
            _ => None,
        });
        if let (Some((block, name)), 1..) = (freed, merges) {
            let place = union(block).and_then(halves).map_or(block, |pair| pair[1]);
            self.notes.push((place, Word::StartsHere(moment.name(name).to_owned()), Ring::Look));
        }
        if let (Some(half), 2..) = (latest, merges) {
            self.notes.push((half, Word::MergedTimes(merges), Ring::Look));
        }
    }

    fn did(&mut self, kind: &StepKind, moment: &Moment) {
        let done = Ring::Done;
        match *kind {
            StepKind::Skipped { .. } | StepKind::NothingToDo { .. } => {}
            StepKind::Kmem(_)
            | StepKind::Slub { .. }
            | StepKind::Slab { .. }
            | StepKind::Vmalloc { .. }
            | StepKind::Process { .. }
            | StepKind::Mmu { .. }
            | StepKind::Hierarchy(_)
            | StepKind::Segment(_)
            | StepKind::Reclaim { .. }
            | StepKind::Cma(_)
            | StepKind::Dma(_)
            | StepKind::Oom(_)
            | StepKind::Migrate(_)
            | StepKind::Compact(_) => self.of_holder(kind, moment, done),
            StepKind::Request { order, .. } => self.wanted = Order::new(order).map(|o| (o, done)),
            StepKind::TooLarge { order } => self.too_large = Some(order),
            StepKind::TryZone { .. } => {
                self.zone = Some(done);
                self.wanted = wanted_of(moment).map(|o| (o, Ring::Look));
            }
            StepKind::ListEmpty { order, migratetype, .. } => {
                self.lists.push((order, migratetype, Ring::Look));
            }
            StepKind::TakeHead { block, migratetype, .. } => {
                self.ring(Place::Shelf, block, done);
                self.ring(Place::Chip(migratetype), block, done);
                self.taken = Some((block, migratetype));
                let (from, to) = (Spot::Head(block, migratetype), Spot::Shelf(block));
                self.ways.push(Way { from, to, ring: done, label: None });
            }
            StepKind::Split { kept, put, migratetype, .. } => {
                if let Some(parent) = union(kept) {
                    self.ghosts.push((parent, Some(Word::Was(parent))));
                    self.cut = Some((parent, done));
                    self.brackets.push((parent, Bracket::Split));
                }
                self.ring(Place::Shelf, put, done);
                self.ring(Place::Shelf, kept, done);
                self.ring(Place::Chip(migratetype), put, done);
                let (from, to) = (Spot::Shelf(put), Spot::Head(put, migratetype));
                self.ways.push(Way { from, to, ring: done, label: Some(Word::NewHead) });
            }
            StepKind::Handed { block, .. } => {
                self.ghosts.push((block, None));
                self.ring(Place::Ground, block, done);
                let (from, to) = (Spot::Shelf(block), Spot::Ground(block));
                self.ways.push(Way { from, to, ring: done, label: Some(Word::Given) });
            }
            StepKind::FallbackBegins { min_order, wanted, .. } => {
                self.all_lists = Some((min_order, Ring::Look));
                self.wanted = Some((wanted, Ring::Look));
            }
            StepKind::FallbackFound { block, from, to, .. } => {
                self.ring(Place::Shelf, block, Ring::Look);
                self.ring(Place::Chip(from), block, Ring::Look);
                self.notes.push((block, Word::From(from, to), Ring::Look));
            }
            StepKind::ClaimPageblocks { block, from, to, .. } => {
                self.ring(Place::Shelf, block, done);
                self.ring(Place::Band, block, done);
                self.band = Some((block, done, from, to));
            }
            StepKind::MoveFreePages { pageblock, from, to, claimed, .. } => {
                self.ring(Place::Ground, pageblock, done);
                self.ring(Place::Band, pageblock, done);
                self.hot = Some(pageblock);
                let to = if claimed { to } else { from };
                self.band = Some((pageblock, done, from, to));
            }
            StepKind::MoveBlock { block, from, to, .. } => {
                self.ring(Place::Shelf, block, done);
                self.ring(Place::Chip(to), block, done);
                self.tail = Some((block, to));
                let label = Some(Word::From(from, to));
                self.ways.push(Way {
                    from: Spot::Shelf(block),
                    to: Spot::Tail(block, to),
                    ring: done,
                    label,
                });
            }
            StepKind::ZoneFailed { order, .. } => {
                self.crossed = Some(order);
                self.wanted = Some((order, Ring::Fail));
                self.zone = Some(Ring::Fail);
            }
            StepKind::Failed { order, .. } => match Order::new(order) {
                Some(order) => {
                    self.crossed = Some(order);
                    self.wanted = Some((order, Ring::Fail));
                }
                None => self.too_large = Some(order),
            },
            StepKind::FreeRequest { block, .. } => {
                self.ring(Place::Shelf, block, done);
                self.ring(Place::Ground, block, done);
                let (from, to) = (Spot::Ground(block), Spot::Shelf(block));
                self.ways.push(Way { from, to, ring: done, label: Some(Word::Back) });
            }
            StepKind::BuddyCheck { block, buddy, verdict, .. } => {
                let buddy = Block { pfn: buddy, order: block.order };
                self.ring(Place::Shelf, block, done);
                self.ring(Place::Shelf, buddy, Ring::Look);
                if verdict == BuddyVerdict::Yes {
                    self.ring(Place::Chip(chip_type(moment, buddy.pfn)), buddy, Ring::Look);
                }
                if let Some(pair) = union(block) {
                    self.brackets.push((pair, Bracket::Pair));
                }
                let ring = if verdict == BuddyVerdict::Yes { Ring::Look } else { Ring::Fail };
                self.notes.push((buddy, Word::Verdict(verdict, buddy.pfn), ring));
            }
            StepKind::Merge { merged, .. } => self.ring(Place::Shelf, merged, done),
            StepKind::PutBlock { block, migratetype, tail, .. } => {
                self.ring(Place::Shelf, block, done);
                self.ring(Place::Chip(migratetype), block, done);
                let to = if tail {
                    self.tail = Some((block, migratetype));
                    Spot::Tail(block, migratetype)
                } else {
                    Spot::Head(block, migratetype)
                };
                let label = Some(if tail { Word::NewTail } else { Word::NewHead });
                self.ways.push(Way { from: Spot::Shelf(block), to, ring: done, label });
            }
            StepKind::Watermark { free, mark, min, reserve, verdict, .. } => {
                let ring = if verdict == WatermarkVerdict::Ok { done } else { Ring::Fail };
                self.zone = Some(ring);
                let verdict = Some(verdict);
                self.said = Some((Word::Measured { free, mark, min, reserve, verdict }, ring));
                self.wanted = wanted_of(moment).map(|o| (o, Ring::Look));
            }
            StepKind::AllowFragment { .. } => self.say(Word::MixingAllowed, done),
            StepKind::PcpEmpty { cpu, blocks, .. } => self.say(Word::Refill(cpu, blocks), done),
            StepKind::PcpAppend { cpu, block, .. } | StepKind::PcpPut { cpu, block, .. } => {
                self.ghosts.push((block, None));
                self.ring(Place::Ground, block, done);
                let (from, to) = (Spot::Shelf(block), Spot::Ground(block));
                let label = Some(Word::ToCpu(cpu, When::Now));
                self.ways.push(Way { from, to, ring: done, label });
            }
            StepKind::PcpRefilled { cpu, blocks, .. } => self.say(Word::Refilled(cpu, blocks), done),
            StepKind::PcpTake { cpu, block, .. } | StepKind::PcpDrain { cpu, block, .. } => {
                self.ring(Place::Shelf, block, done);
                self.ring(Place::Ground, block, done);
                let (from, to) = (Spot::Ground(block), Spot::Shelf(block));
                let label = Some(Word::FromCpu(cpu, When::Now));
                self.ways.push(Way { from, to, ring: done, label });
            }
            StepKind::PcpDrainBegins { cpu, pages, .. } => self.say(Word::GivesBack(cpu, pages), done),
            StepKind::Boost { boost, max, .. } => self.say(Word::Boosted(boost, max), done),
            StepKind::WakeKswapd { zone, .. } => {
                self.say(Word::WakesKswapd(moment.machine.zone(zone).node), done);
            }
            StepKind::SlowPath { .. } => self.said = Some((Word::SlowPath, Ring::Fail)),
            StepKind::Missing { .. } | StepKind::Written { .. } => {}
            StepKind::Diverged { block, .. } => self.ring(Place::Shelf, block, Ring::Fail),
            StepKind::Isolate { pageblock, .. } | StepKind::Unisolate { pageblock, .. } => {
                self.ring(Place::Shelf, pageblock, done);
            }
            StepKind::IsolateRefused { pageblock, .. } => self.ring(Place::Shelf, pageblock, Ring::Fail),
            StepKind::ReserveHighatomic { pageblock, .. } => {
                self.set_aside(pageblock, moment, Word::SetAside, done);
            }
            StepKind::UnreserveHighatomic { pageblock, .. } => {
                self.set_aside(pageblock, moment, Word::GivenUp, done);
            }
        }
    }

    /// Says something of the zone, which is ringed.
    fn say(&mut self, word: Word, ring: Ring) {
        self.zone = self.zone.or(Some(ring));
        self.said = self.said.take().or(Some((word, ring)));
    }

    /// A pageblock changes between the high-atomic reserve and the others.
    fn set_aside(&mut self, pageblock: Block, moment: &Moment, word: Word, ring: Ring) {
        self.ring(Place::Ground, pageblock, ring);
        self.ring(Place::Band, pageblock, ring);
        let t = moment.machine.pageblock_type(pageblock.pfn);
        self.band = self.band.or(Some((pageblock, ring, t, t)));
        self.say(word, ring);
    }

    /// A step of those who hold pages rings what it speaks of: a slab, a frame of an area or of a process.
    fn of_holder(&mut self, kind: &StepKind, moment: &Moment, ring: Ring) {
        let blocks = kind.blocks().into_iter().flatten();
        for block in blocks.filter_map(|block| moment.machine.block_of(block.pfn)) {
            self.ring(Place::Ground, block, ring);
        }
    }

    fn comes(&mut self, kind: &StepKind, moment: &Moment) {
        let next = Ring::Next;
        match *kind {
            StepKind::Skipped { .. } | StepKind::NothingToDo { .. } => {}
            StepKind::Kmem(_)
            | StepKind::Slub { .. }
            | StepKind::Slab { .. }
            | StepKind::Vmalloc { .. }
            | StepKind::Process { .. }
            | StepKind::Mmu { .. }
            | StepKind::Hierarchy(_)
            | StepKind::Segment(_)
            | StepKind::Reclaim { .. }
            | StepKind::Cma(_)
            | StepKind::Dma(_)
            | StepKind::Oom(_)
            | StepKind::Migrate(_)
            | StepKind::Compact(_) => self.of_holder(kind, moment, next),
            StepKind::Request { order, .. } => {
                self.wanted = self.wanted.or(Order::new(order).map(|o| (o, next)));
            }
            StepKind::TooLarge { order } => self.too_large = self.too_large.or(Some(order)),
            StepKind::TryZone { .. } => self.zone = self.zone.or(Some(next)),
            StepKind::ListEmpty { order, migratetype, .. } => self.lists.push((order, migratetype, next)),
            StepKind::TakeHead { block, migratetype, .. } => {
                self.ring(Place::Shelf, block, next);
                self.ring(Place::Chip(migratetype), block, next);
                self.notes.push((block, Word::TakeNext, next));
            }
            StepKind::Split { kept, put, .. } => {
                if let Some(parent) = union(kept) {
                    self.cut = self.cut.or(Some((parent, next)));
                    self.notes.push((parent, Word::CutNext, next));
                }
                self.ring(Place::Shelf, put, next);
                self.ring(Place::Shelf, kept, next);
            }
            StepKind::Handed { block, .. } => {
                // The block in hand shows where it goes, not where it came from.
                self.rings.retain(|(place, b, _)| (*place, *b) != (Place::Shelf, block));
                self.ring(Place::Shelf, block, next);
                self.ring(Place::Ground, block, next);
                let (from, to) = (Spot::Shelf(block), Spot::Ground(block));
                self.ways.push(Way { from, to, ring: next, label: Some(Word::ToCaller) });
            }
            StepKind::FallbackBegins { min_order, .. } => {
                self.all_lists = self.all_lists.or(Some((min_order, next)));
            }
            StepKind::FallbackFound { block, from, .. } => {
                self.ring(Place::Shelf, block, next);
                self.ring(Place::Chip(from), block, next);
            }
            StepKind::ClaimPageblocks { block, from, to, .. } => {
                self.ring(Place::Shelf, block, next);
                self.ring(Place::Band, block, next);
                self.band = self.band.or(Some((block, next, from, to)));
            }
            StepKind::MoveFreePages { pageblock, from, to, claimed, .. } => {
                self.ring(Place::Ground, pageblock, next);
                self.ring(Place::Band, pageblock, next);
                let to = if claimed { to } else { from };
                self.band = self.band.or(Some((pageblock, next, from, to)));
            }
            StepKind::MoveBlock { block, from, to, .. } => {
                self.ring(Place::Shelf, block, next);
                self.ring(Place::Chip(from), block, next);
                self.notes.push((block, Word::From(from, to), next));
            }
            StepKind::ZoneFailed { order, .. } => self.wanted = self.wanted.or(Some((order, next))),
            StepKind::Failed { order, .. } => {
                self.wanted = self.wanted.or(Order::new(order).map(|o| (o, next)));
            }
            StepKind::FreeRequest { block, .. } => {
                self.ring(Place::Ground, block, next);
                self.ring(Place::Shelf, block, next);
                let (from, to) = (Spot::Ground(block), Spot::Shelf(block));
                self.ways.push(Way { from, to, ring: next, label: Some(Word::ComesBack) });
            }
            StepKind::BuddyCheck { block, buddy, .. } => {
                let buddy = Block { pfn: buddy, order: block.order };
                self.ring(Place::Shelf, block, next);
                self.ring(Place::Shelf, buddy, next);
                if let Some(pair) = union(block) {
                    self.brackets.push((pair, Bracket::Pair));
                }
                self.notes.push((buddy, Word::CheckBuddy, next));
            }
            StepKind::Merge { merged, buddy, from, .. } => {
                self.ring(Place::Shelf, merged, next);
                self.ring(Place::Shelf, buddy, next);
                self.ring(Place::Chip(from), buddy, next);
                self.notes.push((merged, Word::RiseTo(merged.order), next));
            }
            StepKind::PutBlock { block, migratetype, tail, .. } => {
                self.ring(Place::Shelf, block, next);
                let (to, label) = if tail {
                    (Spot::Tail(block, migratetype), Word::ToTail(block.order))
                } else {
                    (Spot::Head(block, migratetype), Word::ToHead(block.order))
                };
                self.ways.push(Way { from: Spot::Shelf(block), to, ring: next, label: Some(label) });
            }
            StepKind::Watermark { free, mark, min, reserve, .. } => {
                self.say(Word::Measured { free, mark, min, reserve, verdict: None }, next);
            }
            StepKind::PcpEmpty { cpu, blocks, .. } => self.say(Word::Refill(cpu, blocks), next),
            StepKind::PcpAppend { cpu, block, .. } | StepKind::PcpPut { cpu, block, .. } => {
                // The block in hand shows where it goes, not where it came from.
                self.rings.retain(|(place, b, _)| (*place, *b) != (Place::Shelf, block));
                self.ring(Place::Shelf, block, next);
                self.ring(Place::Ground, block, next);
                let (from, to) = (Spot::Shelf(block), Spot::Ground(block));
                let label = Some(Word::ToCpu(cpu, When::Next));
                self.ways.push(Way { from, to, ring: next, label });
            }
            StepKind::PcpTake { cpu, block, .. } | StepKind::PcpDrain { cpu, block, .. } => {
                self.ring(Place::Ground, block, next);
                self.ring(Place::Shelf, block, next);
                let (from, to) = (Spot::Ground(block), Spot::Shelf(block));
                let label = Some(Word::FromCpu(cpu, When::Next));
                self.ways.push(Way { from, to, ring: next, label });
            }
            StepKind::ReserveHighatomic { pageblock, .. } => {
                self.set_aside(pageblock, moment, Word::SetAside, next);
            }
            StepKind::UnreserveHighatomic { pageblock, .. } => {
                self.set_aside(pageblock, moment, Word::GivenUp, next);
            }
            StepKind::PcpDrainBegins { cpu, pages, .. } => self.say(Word::GivesBack(cpu, pages), next),
            StepKind::Boost { .. } => self.zone = self.zone.or(Some(next)),
            StepKind::AllowFragment { .. }
            | StepKind::PcpRefilled { .. }
            | StepKind::WakeKswapd { .. }
            | StepKind::SlowPath { .. }
            | StepKind::Missing { .. }
            | StepKind::Diverged { .. }
            | StepKind::Isolate { .. }
            | StepKind::IsolateRefused { .. }
            | StepKind::Unisolate { .. }
            | StepKind::Written { .. } => {}
        }
    }
}

/// What the request of this op wants.
fn wanted_of(moment: &Moment) -> Option<Order> {
    moment.trail.iter().find_map(|step| match step.kind {
        StepKind::Request { order, .. } => Order::new(order),
        _ => None,
    })
}

fn chip_type(moment: &Moment, pfn: Pfn) -> MigrateType {
    moment.machine.page(pfn).migratetype
}
