//! The pictures that a moment can be shown as.

use mm::Op;
use scenario::Scenario;

/// Which picture is on the stage: decides which facts its text twin tells first.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub enum Stage {
    /// The free lists as aligned shelves, one for each order.
    #[default]
    Pyramid,
    /// Every frame of memory as a small square.
    FrameMap,
    /// What each CPU keeps for itself.
    PerCpu,
    /// The zones as tanks: how much is free, and how deep a request may go.
    Zones,
    /// The pageblocks as tiles: their types, and what they are filled with.
    Pageblocks,
    /// How well a request of each order would do in each zone.
    Fragmentation,
    /// A cache, its slabs and their objects.
    Objects,
}

impl Stage {
    /// All of them, in the order of the tabs.
    pub const ALL: [Stage; 7] = [
        Stage::Pyramid,
        Stage::FrameMap,
        Stage::PerCpu,
        Stage::Zones,
        Stage::Pageblocks,
        Stage::Fragmentation,
        Stage::Objects,
    ];

    /// The picture that a scenario opens with, when this one is on the stage: one that shows what its ops are about.
    #[must_use]
    pub fn opens(self, scenario: &Scenario) -> Stage {
        let of_objects = scenario.ops.iter().any(|op| matches!(op.op, Op::Kmem(_)));
        match (self, of_objects) {
            (Stage::Pyramid, true) => Stage::Objects,
            (Stage::Objects, false) => Stage::Pyramid,
            (now, _) => now,
        }
    }
}
