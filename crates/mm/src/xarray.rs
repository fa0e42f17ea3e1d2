//! What a file keeps for each of its pages (lib/xarray.c; `struct address_space::i_pages`, 6.1): the page itself, or what
//! is known of one that had to go.
//!
//! What is kept for the first pages lies in a table that can be laid out flat, which is all of most files, and the rest in a
//! tree of nodes with 64 places; a clone shares both, and a write copies what is on its way.

use std::rc::Rc;

use crate::cow::{CowVec, own};
use crate::units::Pfn;

/// Pages of which the table keeps something: those of the first 4 GiB.
const TABLE: u32 = 1 << 20;

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

    #[inline]
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

    /// Whether it is something, and a page.
    #[inline]
    fn kind(self) -> (bool, bool) {
        (self.0 & 3 != 0, self.0 & 3 == 1)
    }

    #[inline]
    fn page(self) -> Option<Pfn> {
        self.kind().1.then_some(Pfn((self.0 >> 8) as u32))
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
#[derive(Clone)]
pub struct XArray {
    /// As far as anything was ever kept, and no further than [`TABLE`].
    table: CowVec<Word, 64>,
    /// What is kept for all other pages.
    root: Option<Rc<Node>>,
    /// Bits of an index below those that choose a place of the root: at least those of a leaf.
    shift: u32,
    /// Entries that are pages, and those that are anything else.
    pages: u32,
    others: u32,
}

impl Default for XArray {
    fn default() -> XArray {
        let table = CowVec::empty(Word::NOTHING);
        XArray { table, root: None, shift: CHUNK_SHIFT, pages: 0, others: 0 }
    }
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

    /// See [`CowVec::flatten`].
    pub(crate) fn flatten(&mut self) {
        self.table.flatten();
    }

    #[inline(always)]
    fn word(&self, index: u32) -> Word {
        match self.table.peek(index) {
            Some(word) => *word,
            None => self.word_further(index),
        }
    }

    fn word_further(&self, index: u32) -> Word {
        if index < TABLE {
            return *self.table.get_or_fill(index);
        }
        let Some(mut node) = self.root.as_deref() else { return Word::NOTHING };
        let mut shift = self.shift;
        if u64::from(index) >> (shift + CHUNK_SHIFT) != 0 {
            return Word::NOTHING;
        }
        loop {
            let at = (index >> shift) as usize % CHUNK;
            match node {
                Node::Lowest(leaves) => {
                    return leaves[at].as_ref().map_or(Word::NOTHING, |leaf| leaf[index as usize % CHUNK]);
                }
                Node::Inner(nodes) => match nodes[at].as_deref() {
                    Some(below) => node = below,
                    None => return Word::NOTHING,
                },
            }
            shift -= CHUNK_SHIFT;
        }
    }

    /// What is kept for a page.
    #[inline]
    #[must_use]
    pub fn get(&self, index: u32) -> Option<Entry> {
        self.word(index).entry()
    }

    /// The page, if it is in memory.
    #[inline(always)]
    #[must_use]
    pub fn page(&self, index: u32) -> Option<Pfn> {
        self.word(index).page()
    }

    /// Keeps something else for a page, or nothing; what was kept.
    #[inline]
    pub fn set(&mut self, index: u32, entry: Option<Entry>) -> Option<Entry> {
        let (now, len) = (Word::of(entry), self.table.len());
        let was = match self.table.at_hand(index).filter(|_| index < len) {
            Some(word) => std::mem::replace(word, now),
            None => self.set_further(index, now),
        };
        let ((was_there, was_page), (is_there, is_page)) = (was.kind(), now.kind());
        let change = |count: &mut u32, was: bool, is: bool| *count = *count + u32::from(is) - u32::from(was);
        change(&mut self.pages, was_page, is_page);
        change(&mut self.others, was_there && !was_page, is_there && !is_page);
        was.entry()
    }

    #[inline(never)]
    fn set_further(&mut self, index: u32, now: Word) -> Word {
        if now == Word::NOTHING && self.word(index) == Word::NOTHING {
            return Word::NOTHING;
        }
        if index < TABLE {
            self.table.grow(index + 1);
            return std::mem::replace(self.table.get_mut(index), now);
        }
        let root = self.root.get_or_insert_with(|| Rc::new(Node::LOWEST));
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
        std::mem::replace(&mut own(leaf)[index as usize % CHUNK], now)
    }

    /// Everything that is kept, by index.
    pub fn iter(&self) -> impl Iterator<Item = (u32, Entry)> + use<'_> {
        let chunks = (0u32..).step_by(64).zip(self.table.slices());
        let some = chunks.filter(|(_, words)| words.iter().any(|word| *word != Word::NOTHING));
        let of_table = some.flat_map(|(first, words)| {
            (first..).zip(words).filter_map(|(index, word)| Some((index, word.entry()?)))
        });
        of_table.chain(self.of_tree())
    }

    fn of_tree(&self) -> impl Iterator<Item = (u32, Entry)> + use<'_> {
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
        #![proptest_config(ProptestConfig::with_cases(32))]

        #[test]
        fn it_is_a_map(writes in prop::collection::vec((prop_oneof![0u32..200, TABLE - 9..TABLE + 9, any::<u32>()], entries()), 0..200)) {
            let (mut tree, mut map) = (XArray::default(), BTreeMap::new());
            for (at, (index, entry)) in writes.into_iter().enumerate() {
                let before = tree.clone();
                if at == 20 {
                    tree.flatten();
                }
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
