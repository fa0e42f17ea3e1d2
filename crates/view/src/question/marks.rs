//! What a question marks on a picture: the blocks and zones that it speaks of and those that can be the answer; once it
//! is played, what was answered and what is so.

use mm::Order;
use mm::mmzone::ZoneId;
use mm::page::Block;
use mm::slub::Object;

use super::{Ask, Choice, Claim, Given, Kind, Question};
use crate::pyramid::{Asked, Where};
use crate::scene::{Area, Id, Layer, Marked, Pens, Scene, Shape, Sign, draw_marks};

/// What a question marks.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Marks {
    /// Blocks.
    pub blocks: Vec<Asked>,
    /// Zones, where they are drawn one beside the other.
    pub zones: Vec<(ZoneId, Sign)>,
    /// Free lists by their orders, where these are drawn one beside the other.
    pub lists: Vec<(ZoneId, Order, Sign)>,
    /// Kernel objects, where they are drawn one by one.
    pub objects: Vec<(Object, Sign)>,
    /// Sizes of kmalloc, where they are drawn one beside the other.
    pub sizes: Vec<(u32, Sign)>,
    /// It waits for an answer: everything else steps back.
    pub veil: bool,
}

impl Question {
    /// What it marks when `picked` is picked; `shown`: it was played.
    #[must_use]
    pub fn marks(&self, picked: Option<Given>, shown: bool) -> Marks {
        let place = match self.ask.kind() {
            Kind::PcpHead | Kind::PcpTail => Where::Frames,
            _ => Where::Shelf,
        };
        let sign = |at: usize, choice: &Choice| {
            let picked = picked == Some(Given::Choice(at));
            match (shown, picked, choice.mistake) {
                (false, _, _) => Sign::Candidate { number: at as u8 + 1, picked },
                (true, _, None) => Sign::Actual,
                (true, true, Some(_)) => Sign::Yours,
                (true, false, Some(_)) => Sign::Other,
            }
        };
        let mut marks = Marks { veil: !shown, ..Marks::default() };
        let about = |block: &Block| Asked { block: *block, place, sign: Sign::About };
        marks.blocks.extend(self.about.iter().filter(|_| !shown).map(about));
        for (at, choice) in self.choices().iter().enumerate() {
            let sign = sign(at, choice);
            match choice.claim {
                Claim::Block(block, _) => marks.blocks.push(Asked { block, place, sign }),
                Claim::Zone(Some(zone)) => marks.zones.push((zone, sign)),
                Claim::List(Some(order)) => {
                    marks.lists.extend(self.list_zone().map(|zone| (zone, order, sign)));
                }
                Claim::Object(object) => marks.objects.push((object, sign)),
                Claim::Cache(name) => marks.sizes.extend(name.as_kmalloc().map(|(_, size)| (size, sign))),
                _ => {}
            }
        }
        marks
    }

    /// The zone whose lists it asks for.
    fn list_zone(&self) -> Option<ZoneId> {
        match self.ask {
            Ask::List { zone, .. } => Some(zone),
            _ => None,
        }
    }
}

/// Draws marks on a picture that knows nothing of questions: around whatever it says stands for the block, the zone or
/// the list, and where `places` says that it draws a block among others. Where nothing is marked, nothing steps back.
pub fn mark(scene: &mut Scene, marks: &Marks, places: &dyn Fn(Block) -> Vec<Area>) {
    let pens = Pens::of(scene.form, scene.width, scene.height);
    let find = |is: &dyn Fn(Id) -> bool| -> Vec<Area> {
        let of = |shape: &Shape| match shape {
            Shape::Rect { area, .. } => Some(area.grown(pens.ring * 0.8)),
            _ => None,
        };
        scene.items.iter().filter(|item| is(item.id)).filter_map(|item| of(&item.shape)).collect()
    };
    let mut marked: Vec<Marked> = Vec::new();
    for Asked { block, sign, .. } in marks.blocks.iter().copied() {
        let mut areas = find(&|id| [Id::Chip(block), Id::Hand(block), Id::Free(block)].contains(&id));
        areas.extend(places(block).into_iter().map(|area| area.grown(pens.ring * 0.5)));
        marked.push(Marked { areas, sign, block: Some(block) });
    }
    for (zone, sign) in marks.zones.iter().copied() {
        marked.push(Marked { areas: find(&|id| id == Id::Tank(zone)), sign, block: None });
    }
    for (zone, order, sign) in marks.lists.iter().copied() {
        marked.push(Marked { areas: find(&|id| id == Id::Column(zone, order)), sign, block: None });
    }
    for (Object { slab, index, .. }, sign) in marks.objects.iter().copied() {
        let areas = find(&|id| id == Id::Object { slab, index });
        marked.push(Marked { areas, sign, block: None });
    }
    for (size, sign) in marks.sizes.iter().copied() {
        marked.push(Marked { areas: find(&|id| id == Id::SizeClass(size)), sign, block: None });
    }
    let marked = settled(marked);
    let mut layer = Layer::default();
    draw_marks(&mut layer, &pens, &marked, marks.veil && !marked.is_empty());
    scene.items.extend(layer.items);
}

/// Each place once: of several answers that lie at the same one, none can be picked there, so the place is only spoken
/// of; once it is played, what is so counts more than what was answered.
fn settled(marked: Vec<Marked>) -> Vec<Marked> {
    let mut places: Vec<(Vec<Area>, Vec<Marked>)> = Vec::new();
    for mark in marked.into_iter().filter(|mark| !mark.areas.is_empty()) {
        match places.iter_mut().find(|(areas, _)| *areas == mark.areas) {
            Some((_, there)) => there.push(mark),
            None => places.push((mark.areas.clone(), vec![mark])),
        }
    }
    let strength = |sign: Sign| match sign {
        Sign::Other => 0,
        Sign::About => 1,
        Sign::Candidate { .. } => 2,
        Sign::Yours => 3,
        Sign::Actual => 4,
    };
    let settle = |(_, there): (Vec<Area>, Vec<Marked>)| {
        let answers = there.iter().filter(|mark| matches!(mark.sign, Sign::Candidate { .. })).count();
        let mut mark = there.into_iter().max_by_key(|mark| strength(mark.sign))?;
        if answers > 1 {
            mark.sign = Sign::About;
        }
        Some(mark)
    };
    places.into_iter().filter_map(settle).collect()
}
