//! The partial lists of nodes: slabs in a row, linked through the slabs.

use super::{KmemCache, Place, SlabId};

/// A slab's neighbours on its node's list.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Links {
    before: Option<SlabId>,
    behind: Option<SlabId>,
}

/// A node's partial list.
#[derive(Clone, Debug, Default)]
pub(super) struct List {
    head: Option<SlabId>,
    tail: Option<SlabId>,
    len: u32,
}

impl List {
    /// `nr_partial`
    pub(super) fn len(&self) -> u32 {
        self.len
    }
}

impl KmemCache {
    /// A node's partial list, from its head.
    pub(super) fn partial(&self, node: u8) -> impl Iterator<Item = SlabId> {
        let head = self.nodes[usize::from(node)].partial.head;
        std::iter::successors(head, |id| self.slab(*id).links.behind)
    }

    pub(super) fn link_partial(&mut self, id: SlabId, tail: bool) {
        let node = usize::from(self.slab(id).node);
        let List { head, tail: last, .. } = self.nodes[node].partial;
        let links =
            if tail { Links { before: last, behind: None } } else { Links { before: None, behind: head } };
        if let Some(before) = links.before {
            self.slab_mut(before).links.behind = Some(id);
        }
        if let Some(behind) = links.behind {
            self.slab_mut(behind).links.before = Some(id);
        }
        let list = &mut self.nodes[node].partial;
        list.len += 1;
        if tail || head.is_none() {
            list.tail = Some(id);
        }
        if !tail || head.is_none() {
            list.head = Some(id);
        }
        let slab = self.slab_mut(id);
        (slab.links, slab.place) = (links, Place::Partial);
    }

    /// The slab belongs to whoever takes it.
    pub(super) fn leave_partial(&mut self, id: SlabId) {
        let slab = self.slab_mut(id);
        let (Links { before, behind }, node) = (std::mem::take(&mut slab.links), usize::from(slab.node));
        slab.place = Place::Frozen;
        if let Some(before) = before {
            self.slab_mut(before).links.behind = behind;
        }
        if let Some(behind) = behind {
            self.slab_mut(behind).links.before = before;
        }
        let list = &mut self.nodes[node].partial;
        list.len -= 1;
        if before.is_none() {
            list.head = behind;
        }
        if behind.is_none() {
            list.tail = before;
        }
    }

    /// Takes the head of a list that is not empty.
    pub(super) fn leave_partial_head(&mut self, node: u8) -> SlabId {
        let head = self.nodes[usize::from(node)].partial.head;
        let head = head.unwrap_or_else(|| unreachable!("the list is not empty"));
        self.leave_partial(head);
        head
    }
}
