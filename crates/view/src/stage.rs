//! The pictures that a moment can be shown as.

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
}

impl Stage {
    /// All of them, in the order of the tabs.
    pub const ALL: [Stage; 6] = [
        Stage::Pyramid,
        Stage::FrameMap,
        Stage::PerCpu,
        Stage::Zones,
        Stage::Pageblocks,
        Stage::Fragmentation,
    ];
}
