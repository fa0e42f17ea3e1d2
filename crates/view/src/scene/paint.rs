//! What things mean: a class name each, and the patterns that stand beside the colours.

use super::Dash;

/// What a ring says is happening. They differ by shape, not only by colour.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum Ring {
    /// The step that was just done: solid.
    Done,
    /// The step that comes next: dashed.
    Next,
    /// Being looked at: dotted.
    Look,
    /// Failed: solid, with a cross.
    Fail,
}

impl Ring {
    /// How its line is broken up.
    #[must_use]
    pub fn dash(self) -> Dash {
        match self {
            Ring::Done | Ring::Fail => Dash::Solid,
            Ring::Next => Dash::Next,
            Ring::Look => Dash::Look,
        }
    }

    pub(super) fn word(self) -> &'static str {
        match self {
            Ring::Done => "done",
            Ring::Next => "next",
            Ring::Look => "look",
            Ring::Fail => "fail",
        }
    }
}

/// What a thing means: one class name each.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
#[allow(missing_docs, reason = "the names are the tokens")]
pub enum Paint {
    // Where memory can be.
    Slot,
    Wash,
    Paper,
    Outside,
    // Memory.
    Free,
    FreeHot,
    Hand,
    Ghost,
    Density,
    Ground,
    Reserved,
    Unknown,
    Unmovable,
    Movable,
    Reclaimable,
    Anon,
    File,
    Dirty,
    Writeback,
    Pcp,
    // Kernel objects: in use, the notes of a slab, the edge of a slab, the order of what is free.
    Object,
    Note,
    Frame,
    Thread,
    // Addresses of a process.
    Vma,
    // A tank of pages.
    Used,
    Locked,
    Boost,
    Level,
    Mark,
    // Where it belongs.
    BandUnmovable,
    BandMovable,
    BandReclaimable,
    BandOther,
    TypeUnmovable,
    TypeMovable,
    TypeReclaimable,
    TypeHighAtomic,
    TypeCma,
    TypeIsolate,
    // The lists.
    Chip,
    ChipHot,
    ChipGhost,
    Link,
    // Scaffolding.
    Shelf,
    Hair,
    Axis,
    Bracket,
    // What is happening.
    Halo,
    Ring(Ring),
    Selected,
    Go,
    GoHead,
    Cross,
    // A question.
    Veil,
    Yours,
    Badge,
    BadgeFull,
    OnBadge,
    // Words.
    Ink,
    Quiet,
    Action,
    Fail,
    Holds,
    OnAnon,
    OnFile,
    OnObject,
    /// Drawn by nobody; there to be pointed at.
    Target,
}

impl Paint {
    /// The class in the style sheet.
    #[must_use]
    pub fn class(self) -> &'static str {
        match self {
            Paint::Slot => "sc-slot",
            Paint::Wash => "sc-wash",
            Paint::Paper => "sc-paper",
            Paint::Outside => "sc-outside",
            Paint::Free => "sc-free",
            Paint::FreeHot => "sc-free-hot",
            Paint::Hand => "sc-hand",
            Paint::Ghost => "sc-ghost",
            Paint::Density => "sc-density",
            Paint::Ground => "sc-ground",
            Paint::Reserved => "sc-reserved",
            Paint::Unknown => "sc-unknown",
            Paint::Unmovable => "sc-unmovable",
            Paint::Movable => "sc-movable",
            Paint::Reclaimable => "sc-reclaimable",
            Paint::Anon => "sc-anon",
            Paint::File => "sc-file",
            Paint::Dirty => "sc-dirty",
            Paint::Writeback => "sc-writeback",
            Paint::Pcp => "sc-pcp",
            Paint::Object => "sc-object",
            Paint::Note => "sc-note",
            Paint::Frame => "sc-frame",
            Paint::Thread => "sc-thread",
            Paint::Vma => "sc-vma",
            Paint::Used => "sc-used",
            Paint::Locked => "sc-locked",
            Paint::Boost => "sc-boost",
            Paint::Level => "sc-level",
            Paint::Mark => "sc-mark",
            Paint::BandUnmovable => "sc-band-unmovable",
            Paint::BandMovable => "sc-band-movable",
            Paint::BandReclaimable => "sc-band-reclaimable",
            Paint::BandOther => "sc-band-other",
            Paint::TypeUnmovable => "sc-type-unmovable",
            Paint::TypeMovable => "sc-type-movable",
            Paint::TypeReclaimable => "sc-type-reclaimable",
            Paint::TypeHighAtomic => "sc-type-highatomic",
            Paint::TypeCma => "sc-type-cma",
            Paint::TypeIsolate => "sc-type-isolate",
            Paint::Chip => "sc-chip",
            Paint::ChipHot => "sc-chip-hot",
            Paint::ChipGhost => "sc-chip-ghost",
            Paint::Link => "sc-link",
            Paint::Shelf => "sc-shelf",
            Paint::Hair => "sc-hair",
            Paint::Axis => "sc-axis",
            Paint::Bracket => "sc-bracket",
            Paint::Halo => "sc-halo",
            Paint::Ring(Ring::Done) => "sc-ring",
            Paint::Ring(Ring::Next) => "sc-ring sc-next",
            Paint::Ring(Ring::Look) => "sc-ring sc-look",
            Paint::Ring(Ring::Fail) => "sc-ring sc-failed",
            Paint::Selected => "sc-selected",
            Paint::Go => "sc-go",
            Paint::GoHead => "sc-go-head",
            Paint::Cross => "sc-cross",
            Paint::Veil => "sc-veil",
            Paint::Yours => "sc-yours",
            Paint::Badge => "sc-badge",
            Paint::BadgeFull => "sc-badge-full",
            Paint::OnBadge => "sc-on-badge",
            Paint::Ink => "sc-ink",
            Paint::Quiet => "sc-quiet",
            Paint::Action => "sc-action",
            Paint::Fail => "sc-fail",
            Paint::Holds => "sc-holds",
            Paint::OnAnon => "sc-on-anon",
            Paint::OnFile => "sc-on-file",
            Paint::OnObject => "sc-on-object",
            Paint::Target => "sc-target",
        }
    }

    /// The pattern that fills it, if it is not one plain colour: the name of a definition, see [`PATTERNS`].
    #[must_use]
    pub fn pattern(self) -> Option<&'static str> {
        match self {
            Paint::Hand | Paint::Used => Some("sc-p-hand"),
            Paint::Boost => Some("sc-p-boost"),
            Paint::Pcp => Some("sc-p-pcp"),
            Paint::Unmovable => Some("sc-p-dots"),
            Paint::Reclaimable => Some("sc-p-lines"),
            Paint::Movable => Some("sc-p-slant"),
            Paint::Dirty => Some("sc-p-dirty"),
            Paint::Writeback => Some("sc-p-writeback"),
            Paint::TypeHighAtomic => Some("sc-p-high"),
            Paint::TypeIsolate => Some("sc-p-isolate"),
            Paint::Reserved | Paint::Outside | Paint::Locked => Some("sc-p-cross"),
            _ => None,
        }
    }
}

/// One mark on a pattern's tile.
#[derive(Clone, Copy, PartialEq, Debug)]
#[allow(missing_docs, reason = "geometry")]
pub enum TileMark {
    Line { x1: f32, y1: f32, x2: f32, y2: f32 },
    Dot { x: f32, y: f32, r: f32 },
}

/// A tile: its name, its size, whether it is turned by 45 degrees, the class of its ground and of its strokes.
#[derive(Clone, Copy, PartialEq, Debug)]
#[allow(missing_docs, reason = "see above")]
pub struct Pattern {
    pub name: &'static str,
    pub size: f32,
    pub turned: bool,
    pub ground: &'static str,
    pub marks: &'static str,
    pub strokes: &'static [TileMark],
}

/// Every pattern, for the `<defs>` of a picture.
pub const PATTERNS: [Pattern; 11] = [
    Pattern {
        name: "sc-p-high",
        size: 6.0,
        turned: true,
        ground: "sc-t-paper",
        marks: "sc-t-ink",
        strokes: &[TileMark::Line { x1: 1.5, y1: 0.0, x2: 1.5, y2: 6.0 }],
    },
    Pattern {
        name: "sc-p-isolate",
        size: 8.0,
        turned: true,
        ground: "sc-t-paper",
        marks: "sc-t-ink",
        strokes: &[
            TileMark::Line { x1: 0.0, y1: 4.0, x2: 8.0, y2: 4.0 },
            TileMark::Line { x1: 4.0, y1: 0.0, x2: 4.0, y2: 8.0 },
        ],
    },
    Pattern {
        name: "sc-p-hand",
        size: 9.0,
        turned: true,
        ground: "sc-t-paper",
        marks: "sc-t-hand",
        strokes: &[TileMark::Line { x1: 1.5, y1: 0.0, x2: 1.5, y2: 9.0 }],
    },
    Pattern {
        name: "sc-p-pcp",
        size: 10.0,
        turned: false,
        ground: "sc-t-pcp",
        marks: "sc-t-roof",
        strokes: &[
            TileMark::Line { x1: 0.0, y1: 5.0, x2: 2.5, y2: 2.5 },
            TileMark::Line { x1: 2.5, y1: 2.5, x2: 7.5, y2: 7.5 },
            TileMark::Line { x1: 7.5, y1: 7.5, x2: 10.0, y2: 5.0 },
        ],
    },
    Pattern {
        name: "sc-p-boost",
        size: 10.0,
        turned: false,
        ground: "sc-t-boost",
        marks: "sc-t-warn",
        strokes: &[
            TileMark::Line { x1: 1.0, y1: 7.0, x2: 5.0, y2: 3.0 },
            TileMark::Line { x1: 5.0, y1: 3.0, x2: 9.0, y2: 7.0 },
        ],
    },
    Pattern {
        name: "sc-p-dots",
        size: 8.0,
        turned: false,
        ground: "sc-t-unmovable",
        marks: "sc-t-dot",
        strokes: &[TileMark::Dot { x: 4.0, y: 4.0, r: 1.5 }],
    },
    Pattern {
        name: "sc-p-lines",
        size: 6.0,
        turned: false,
        ground: "sc-t-reclaimable",
        marks: "sc-t-line",
        strokes: &[TileMark::Line { x1: 0.0, y1: 3.0, x2: 6.0, y2: 3.0 }],
    },
    Pattern {
        name: "sc-p-slant",
        size: 9.0,
        turned: true,
        ground: "sc-t-anon",
        marks: "sc-t-line",
        strokes: &[TileMark::Line { x1: 0.0, y1: 4.5, x2: 9.0, y2: 4.5 }],
    },
    Pattern {
        name: "sc-p-dirty",
        size: 7.0,
        turned: true,
        ground: "sc-t-file",
        marks: "sc-t-ink",
        strokes: &[TileMark::Line { x1: 3.5, y1: 0.0, x2: 3.5, y2: 7.0 }],
    },
    Pattern {
        name: "sc-p-writeback",
        size: 8.0,
        turned: false,
        ground: "sc-t-file",
        marks: "sc-t-ink",
        strokes: &[
            TileMark::Line { x1: 0.0, y1: 2.0, x2: 4.5, y2: 2.0 },
            TileMark::Line { x1: 3.5, y1: 6.0, x2: 8.0, y2: 6.0 },
        ],
    },
    Pattern {
        name: "sc-p-cross",
        size: 10.0,
        turned: true,
        ground: "sc-t-hole",
        marks: "sc-t-cross",
        strokes: &[
            TileMark::Line { x1: 0.0, y1: 5.0, x2: 10.0, y2: 5.0 },
            TileMark::Line { x1: 5.0, y1: 0.0, x2: 5.0, y2: 10.0 },
        ],
    },
];
