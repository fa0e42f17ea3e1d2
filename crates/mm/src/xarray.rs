//! What a file keeps for each of its pages (lib/xarray.c; `struct address_space::i_pages`, 6.1): the page itself, or what
//! is known of one that had to go.
//!
//! A tree of nodes with 64 places; a clone shares all of them, and a write copies those on its way.

use std::rc::Rc;

use crate::cow::own;
use crate::units::Pfn;

/// Places of a node (`XA_CHUNK_SIZE`), as bits.
const CHUNK_SHIFT: u32 = 6;
const CHUNK: usize = 1 << CHUNK_SHIFT;

/// What is kept for a page of a file.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Entry {
    /// It is in memory.
    Page(Pfn),
    /// It was taken away: how old the lists were then (a shadow entry, `pack_shadow()`).
    Shadow(Shadow),
    /// It lies in swap, in this slot: memory that is shared and has no file (mm/shmem.c).
    Swap(SwapEntry),
}

/// What is left of a page that was taken away (mm/workingset.c).
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Shadow {
    /// The age of its lists then (`nonresident_age`); its lower 32 bits.
    pub age: u32,
    /// It had been active before (`PG_workingset`).
    pub workingset: bool,
    /// Its node.
    pub node: u8,
    /// The control group whose lists that were; 0: the machine's.
    pub group: u8,
}

/// A place in swap (`swp_entry_t`).
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug, Hash)]
pub struct SwapEntry {
    /// The area, 0 to 27.
    pub area: u8,
    /// The page of it; the first one is the header's, so never 0.
    pub offset: u32,
}

/// An entry in one word; nothing is 0.
#[derive(Clone, Copy, PartialEq, Eq)]
struct Word(u64);

impl Word {
    const NOTHING: Word = Word(0);

    fn of(entry: Option<Entry>) -> Word {
        Word(match entry {
            None => 0,
            Some(Entry::Page(pfn)) => u64::from(pfn.0) << 8 | 1,
            Some(Entry::Shadow(Shadow { age, workingset, node, group })) => {
                let places = u64::from(group) << 16 | u64::from(node) << 8;
                u64::from(age) << 24 | places | u64::from(workingset) << 2 | 2
            }
            Some(Entry::Swap(SwapEntry { area, offset })) => {
                u64::from(offset) << 16 | u64::from(area) << 8 | 3
            }
        })
    }

    #[inline]
    fn entry(self) -> Option<Entry> {
        match self.0 & 3 {
            1 => Some(Entry::Page(Pfn((self.0 >> 8) as u32))),
            2 => Some(Entry::Shadow(Shadow {
                age: (self.0 >> 24) as u32,
                workingset: self.0 & 4 != 0,
                node: (self.0 >> 8) as u8,
                group: (self.0 >> 16) as u8,
            })),
            3 => Some(Entry::Swap(SwapEntry { area: (self.0 >> 8) as u8, offset: (self.0 >> 16) as u32 })),
            _ => None,
        }
    }
}

/// What lies below a node: nodes, or words. Which of them a node knows itself, so that on the way to a word nothing else of
/// its leaf is touched.
#[derive(Clone)]
enum Node {
    Inner([Option<Rc<Node>>; CHUNK]),
    Lowest([Option<Rc<[Word; CHUNK]>>; CHUNK]),
}

impl Node {
    const LOWEST: Node = Node::Lowest([const { None }; CHUNK]);
    const INNER: Node = Node::Inner([const { None }; CHUNK]);
}

/// What a file keeps for its pages.
#[derive(Clone, Default)]
pub struct XArray {
    root: Option<Rc<Node>>,
    /// Bits of an index below those that choose a place of the root: at least those of a leaf.
    shift: u32,
    /// Entries that are pages, and those that are anything else.
    pages: u32,
    others: u32,
}

impl std::fmt::Debug for XArray {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_map().entries(self.iter()).finish()
    }
}

impl XArray {
    /// Pages that are in memory (`mapping->nrpages`).
    #[must_use]
    pub fn pages(&self) -> u32 {
        self.pages
    }

    /// What is kept for a page.
    #[inline]
    #[must_use]
    pub fn get(&self, index: u32) -> Option<Entry> {
        let mut node = self.root.as_deref()?;
        let mut shift = self.shift;
        if u64::from(index) >> (shift + CHUNK_SHIFT) != 0 {
            return None;
        }
        loop {
            let at = (index >> shift) as usize % CHUNK;
            match node {
                Node::Lowest(leaves) => return leaves[at].as_deref()?[index as usize % CHUNK].entry(),
                Node::Inner(nodes) => node = nodes[at].as_deref()?,
            }
            shift -= CHUNK_SHIFT;
        }
    }

    /// The page, if it is in memory.
    #[inline]
    #[must_use]
    pub fn page(&self, index: u32) -> Option<Pfn> {
        match self.get(index) {
            Some(Entry::Page(pfn)) => Some(pfn),
            _ => None,
        }
    }

    /// Keeps something else for a page, or nothing; what was kept.
    pub fn set(&mut self, index: u32, entry: Option<Entry>) -> Option<Entry> {
        if entry.is_none() && self.get(index).is_none() {
            return None;
        }
        let root = self.root.get_or_insert_with(|| {
            self.shift = CHUNK_SHIFT;
            Rc::new(Node::LOWEST)
        });
        while u64::from(index) >> (self.shift + CHUNK_SHIFT) != 0 {
            let mut nodes = [const { None }; CHUNK];
            nodes[0] = Some(Rc::clone(root));
            *root = Rc::new(Node::Inner(nodes));
            self.shift += CHUNK_SHIFT;
        }
        let (mut node, mut shift) = (own(root), self.shift);
        let leaf = loop {
            let at = (index >> shift) as usize % CHUNK;
            match node {
                Node::Lowest(leaves) => {
                    break leaves[at].get_or_insert_with(|| Rc::new([Word::NOTHING; CHUNK]));
                }
                Node::Inner(nodes) => {
                    let below = if shift == 2 * CHUNK_SHIFT { &Node::LOWEST } else { &Node::INNER };
                    node = own(nodes[at].get_or_insert_with(|| Rc::new(below.clone())));
                }
            }
            shift -= CHUNK_SHIFT;
        };
        let word = &mut own(leaf)[index as usize % CHUNK];
        let was = std::mem::replace(word, Word::of(entry)).entry();
        for (of, by) in [(was, -1), (entry, 1)] {
            let count = match of {
                None => continue,
                Some(Entry::Page(_)) => &mut self.pages,
                Some(_) => &mut self.others,
            };
            *count = count.saturating_add_signed(by);
        }
        was
    }

    /// Everything that is kept, by index.
    pub fn iter(&self) -> impl Iterator<Item = (u32, Entry)> + use<'_> {
        // Where the tree was left: at most five nodes on the way; of a lowest one the word.
        let mut way: Vec<(&Node, u32, usize)> = Vec::new();
        way.extend(self.root.as_deref().map(|root| (root, 0, 0)));
        std::iter::from_fn(move || {
            loop {
                let depth = way.len() as u32;
                let (node, base, at) = way.last_mut()?;
                match node {
                    Node::Lowest(leaves) => {
                        let Some(leaf) = leaves.get(*at / CHUNK) else {
                            way.pop();
                            continue;
                        };
                        let Some(leaf) = leaf else {
                            *at += CHUNK;
                            continue;
                        };
                        let place = *at;
                        *at += 1;
                        if let Some(entry) = leaf[place % CHUNK].entry() {
                            return Some((*base | place as u32, entry));
                        }
                    }
                    Node::Inner(nodes) => {
                        let Some(next) = nodes.get(*at) else {
                            way.pop();
                            continue;
                        };
                        let index = *base | (*at as u32) << (self.shift - (depth - 1) * CHUNK_SHIFT);
                        *at += 1;
                        way.extend(next.as_deref().map(|next| (next, index, 0)));
                    }
                }
            }
        })
    }

    /// Whether anything but pages is kept.
    #[must_use]
    pub fn has_others(&self) -> bool {
        self.others > 0
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use proptest::prelude::*;

    use super::*;

    fn entries() -> impl Strategy<Value = Option<Entry>> {
        prop_oneof![
            Just(None),
            any::<u32>().prop_map(|pfn| Some(Entry::Page(Pfn(pfn)))),
            (any::<u32>(), any::<bool>(), any::<u8>()).prop_map(|(age, workingset, node)| {
                let group = (age >> 24) as u8;
                Some(Entry::Shadow(Shadow { age, workingset, node, group }))
            }),
            (0u8..32, any::<u32>()).prop_map(|(area, offset)| Some(Entry::Swap(SwapEntry { area, offset }))),
        ]
    }

    proptest! {
        #[test]
        fn it_is_a_map(writes in prop::collection::vec((prop_oneof![0u32..200, any::<u32>()], entries()), 0..200)) {
            let (mut tree, mut map) = (XArray::default(), BTreeMap::new());
            for (index, entry) in writes {
                let before = tree.clone();
                let was = map.get(&index).copied();
                prop_assert_eq!(tree.set(index, entry), was);
                match entry {
                    Some(entry) => map.insert(index, entry),
                    None => map.remove(&index),
                };
                prop_assert_eq!((tree.get(index), before.get(index)), (entry, was));
            }
            let pages = map.values().filter(|entry| matches!(entry, Entry::Page(_))).count() as u32;
            prop_assert_eq!((tree.pages(), tree.has_others()), (pages, map.len() as u32 > pages));
            prop_assert_eq!(tree.iter().collect::<Vec<_>>(), map.into_iter().collect::<Vec<_>>());
        }
    }
}
