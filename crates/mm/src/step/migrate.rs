//! Steps of pages that move to another frame: what each is to a timeline.

use super::StepClass;
use crate::migrate::Stays;
use crate::op::NameId;
use crate::units::{Pfn, Vaddr};

/// What happens to a page that is to move.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum MigrateStep {
    /// A device or a driver counts on where pages lie: they cannot move until it says otherwise
    /// (`pin_user_pages()`, mm/gup.c).
    Pinned {
        /// Whose they are, if a name was said.
        name: Option<NameId>,
        /// The first one.
        pfn: Pfn,
        /// How many frames.
        pages: u32,
    },
    /// Nobody counts on it any more (`unpin_user_pages()`).
    Unpinned {
        /// Whose they are, if a name was said.
        name: Option<NameId>,
        /// The first one.
        pfn: Pfn,
        /// How many frames.
        pages: u32,
    },
    /// There is nothing to pin, or to unpin, there.
    NothingPinned {
        /// The name that was said.
        name: Option<NameId>,
    },
    /// A page stays where it is.
    Stays {
        /// Where.
        pfn: Pfn,
        /// Why.
        why: Stays,
    },
    /// An entry that led to the page says from now on that it moves: whoever comes there has to wait
    /// (`try_to_migrate_one()`).
    Unmapped {
        /// Which page.
        pfn: Pfn,
        /// Whose entry.
        process: NameId,
        /// At which address.
        address: Vaddr,
    },
    /// Another frame has the page from now on: its bytes, what is known of it, and its place in a file
    /// (`migrate_folio()`).
    Copied {
        /// From where.
        from: Pfn,
        /// To where.
        to: Pfn,
        /// Whose it is.
        owner: Option<NameId>,
    },
    /// An entry leads to the page where it is now (`remove_migration_pte()`).
    Remapped {
        /// The frame that it leads to.
        pfn: Pfn,
        /// Whose entry.
        process: NameId,
        /// At which address.
        address: Vaddr,
    },
    /// The frame that it came from is free.
    Freed {
        /// Which.
        pfn: Pfn,
    },
    /// Pages of a name that lay on other nodes were to come to this one, at most 32 at a time (`do_move_pages_to_node()`).
    ToNode {
        /// Whose.
        name: NameId,
        /// Which node.
        node: u8,
        /// Those that came.
        moved: u32,
        /// Those that did not.
        stayed: u32,
    },
    /// A page that no page table leads to lies elsewhere, and its old frame is free.
    Moved {
        /// From where.
        from: Pfn,
        /// To where.
        to: Pfn,
        /// Whose it is.
        owner: Option<NameId>,
    },
}

impl MigrateStep {
    /// The frames that it is about.
    #[must_use]
    pub fn frames(&self) -> [Option<Pfn>; 2] {
        match *self {
            MigrateStep::Pinned { pfn, .. }
            | MigrateStep::Unpinned { pfn, .. }
            | MigrateStep::Stays { pfn, .. }
            | MigrateStep::Unmapped { pfn, .. }
            | MigrateStep::Remapped { pfn, .. }
            | MigrateStep::Freed { pfn } => [Some(pfn), None],
            MigrateStep::Copied { from, to, .. } | MigrateStep::Moved { from, to, .. } => {
                [Some(from), Some(to)]
            }
            MigrateStep::NothingPinned { .. } | MigrateStep::ToNode { .. } => [None, None],
        }
    }

    /// The process that it is about.
    #[must_use]
    pub fn process(&self) -> Option<NameId> {
        match *self {
            MigrateStep::Unmapped { process, .. } | MigrateStep::Remapped { process, .. } => Some(process),
            MigrateStep::Copied { owner, .. } | MigrateStep::Moved { owner, .. } => owner,
            MigrateStep::Pinned { name, .. }
            | MigrateStep::Unpinned { name, .. }
            | MigrateStep::NothingPinned { name } => name,
            MigrateStep::ToNode { name, .. } => Some(name),
            MigrateStep::Stays { .. } | MigrateStep::Freed { .. } => None,
        }
    }

    pub(super) fn class(&self) -> StepClass {
        match self {
            MigrateStep::Pinned { .. } | MigrateStep::Unpinned { .. } => StepClass::Look,
            MigrateStep::NothingPinned { .. } | MigrateStep::Stays { .. } => StepClass::Fail,
            MigrateStep::Freed { .. } => StepClass::Free,
            MigrateStep::ToNode { .. }
            | MigrateStep::Unmapped { .. }
            | MigrateStep::Copied { .. }
            | MigrateStep::Remapped { .. }
            | MigrateStep::Moved { .. } => StepClass::Steal,
        }
    }

    pub(super) fn code(&self) -> u8 {
        118
    }
}
