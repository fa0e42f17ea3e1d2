//! What a question marks on a picture: the blocks and zones that it speaks of and those that can be the answer; once it
//! is played, what was answered and what is so.

use mm::mmzone::ZoneId;
use mm::page::Block;

use super::{Choice, Claim, Given, Kind, Question};
use crate::pyramid::{Asked, Where};
use crate::scene::{Area, Id, Layer, Marked, Pens, Scene, Shape, Sign, draw_marks};

/// What a question marks.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Marks {
    /// Blocks.
    pub blocks: Vec<Asked>,
    /// Zones, where they are drawn one beside the other.
    pub zones: Vec<(ZoneId, Sign)>,
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
                _ => {}
            }
        }
        marks
    }
}

/// Draws marks on a picture that knows nothing of questions: around whatever it says stands for the block or the zone.
pub fn mark(scene: &mut Scene, marks: &Marks) {
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
        let areas = find(&|id| [Id::Chip(block), Id::Hand(block), Id::Free(block)].contains(&id));
        marked.push(Marked { areas, sign, block: Some(block) });
    }
    for (zone, sign) in marks.zones.iter().copied() {
        marked.push(Marked { areas: find(&|id| id == Id::Tank(zone)), sign, block: None });
    }
    let mut layer = Layer::default();
    draw_marks(&mut layer, &pens, &marked, marks.veil);
    scene.items.extend(layer.items);
}
