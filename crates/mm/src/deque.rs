//! The lists of the CPUs' pages, as arrays in pieces.
//!
//! Blocks join and leave such a list at its ends, and nearly all requests are served there. Were it linked through
//! `mem_map`, as the kernel's is, each would wait for the entries of frames that nobody has touched for long.
//! The pieces of all lists lie in one copy-on-write table, so a clone of the machine shares them.

use crate::cow::CowVec;
use crate::mmzone::{End, FreeList};
use crate::page::{Block, NONE};
use crate::units::Pfn;

/// Cells of a piece: the number of the piece before it, blocks, and the number of the piece after it.
const PIECE: u32 = 64;
/// The cell that holds the number of the next piece.
const AFTER: u32 = PIECE - 1;

/// A list that grows and shrinks at its ends: its first and last block, and where in the pieces they are. It keeps one
/// piece when it is empty.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) struct Deque {
    pub(crate) list: FreeList,
    head: u32,
    tail: u32,
}

impl Deque {
    pub(crate) const EMPTY: Deque = Deque { list: FreeList::EMPTY, head: NONE, tail: NONE };
}

/// The pieces of all lists.
#[derive(Clone)]
pub(crate) struct Pieces {
    cells: CowVec<u32, 256>,
    /// The first piece that is not in use; they are linked by their last cells.
    spare: u32,
}

impl Pieces {
    pub(crate) fn new() -> Pieces {
        Pieces { cells: CowVec::empty(NONE), spare: NONE }
    }

    fn take_piece(&mut self) -> u32 {
        if self.spare == NONE {
            let piece = self.cells.len() / PIECE;
            self.cells.grow((piece + 1) * PIECE);
            return piece;
        }
        let piece = self.spare;
        self.spare = self.cells.get(piece * PIECE + AFTER);
        piece
    }

    fn give_piece(&mut self, piece: u32) {
        self.cells.set(piece * PIECE + AFTER, self.spare);
        self.spare = piece;
    }

    /// Puts a block at one end.
    #[inline(always)]
    pub(crate) fn push(&mut self, deque: &mut Deque, pfn: Pfn, end: End) {
        let at = if deque.list.len == 0 {
            let piece = if deque.head == NONE { self.take_piece() } else { deque.head / PIECE };
            let at = piece * PIECE + PIECE / 2;
            *deque = Deque { list: FreeList { head: pfn.0, tail: pfn.0, len: 0 }, head: at, tail: at };
            at
        } else {
            match end {
                End::Head => {
                    deque.head =
                        if deque.head % PIECE == 1 { self.before(deque.head) } else { deque.head - 1 };
                    deque.list.head = pfn.0;
                    deque.head
                }
                End::Tail => {
                    let is_last = deque.tail % PIECE == AFTER - 1;
                    deque.tail = if is_last { self.behind(deque.tail) } else { deque.tail + 1 };
                    deque.list.tail = pfn.0;
                    deque.tail
                }
            }
        };
        deque.list.len += 1;
        self.cells.set(at, pfn.0);
    }

    /// Puts a block at the head, if all that takes is a cell of a flat table; false, and nothing happens, if not.
    #[inline(always)]
    pub(crate) fn push_at_hand(&mut self, deque: &mut Deque, pfn: Pfn) -> bool {
        let at = deque.head.wrapping_sub(1);
        let Some(cell) = self.cells.at_hand(at).filter(|_| !at.is_multiple_of(PIECE)) else { return false };
        *cell = pfn.0;
        deque.head = at;
        deque.list.head = pfn.0;
        if deque.list.len == 0 {
            deque.tail = at;
            deque.list.tail = pfn.0;
        }
        deque.list.len += 1;
        true
    }

    /// Puts so many blocks that lie side by side at the tail, in ascending order.
    pub(crate) fn push_run(&mut self, deque: &mut Deque, first: Block, blocks: u32) {
        let pfn_of = |block: u32| first.pfn.plus(block << first.order.get());
        let mut pushed = 0;
        while pushed < blocks {
            self.push(deque, pfn_of(pushed), End::Tail);
            pushed += 1;
            let more = (AFTER - 1 - deque.tail % PIECE).min(blocks - pushed);
            if more > 0 {
                let cells = self.cells.slice_mut(deque.tail + 1, more);
                (pushed..).zip(cells).for_each(|(block, cell)| *cell = pfn_of(block).0);
                pushed += more;
                deque.tail += more;
                deque.list.len += more;
                deque.list.tail = pfn_of(pushed - 1).0;
            }
        }
    }

    /// The last cell of a new piece before that of a cell.
    #[cold]
    fn before(&mut self, at: u32) -> u32 {
        let (old, new) = (at / PIECE, self.take_piece());
        self.cells.set(old * PIECE, new);
        self.cells.set(new * PIECE + AFTER, old);
        new * PIECE + AFTER - 1
    }

    /// The first cell of a new piece behind that of a cell.
    #[cold]
    fn behind(&mut self, at: u32) -> u32 {
        let (old, new) = (at / PIECE, self.take_piece());
        self.cells.set(old * PIECE + AFTER, new);
        self.cells.set(new * PIECE, old);
        new * PIECE + 1
    }

    /// Takes the block at one end.
    #[inline(always)]
    pub(crate) fn pop(&mut self, deque: &mut Deque, end: End) -> Option<Pfn> {
        if deque.list.len <= 1 {
            let last = deque.list.head();
            deque.list = FreeList::EMPTY;
            return last;
        }
        deque.list.len -= 1;
        Some(Pfn(match end {
            End::Head => {
                let is_last = deque.head % PIECE == AFTER - 1;
                deque.head = if is_last { self.leave(deque.head, AFTER) + 1 } else { deque.head + 1 };
                std::mem::replace(&mut deque.list.head, self.cells.get(deque.head))
            }
            End::Tail => {
                let is_first = deque.tail % PIECE == 1;
                deque.tail = if is_first { self.leave(deque.tail, 0) + AFTER - 1 } else { deque.tail - 1 };
                std::mem::replace(&mut deque.list.tail, self.cells.get(deque.tail))
            }
        }))
    }

    /// Takes the block at the head, if it is the last one or the next one lies in the same piece of a flat table; nothing
    /// happens if not.
    #[inline(always)]
    pub(crate) fn pop_at_hand(&mut self, deque: &mut Deque) -> Option<Pfn> {
        if deque.list.len < 2 {
            let last = deque.list.head();
            deque.list = FreeList::EMPTY;
            return last;
        }
        let next = *self.cells.at_hand(deque.head + 1).filter(|_| deque.head % PIECE != AFTER - 1)?;
        deque.head += 1;
        deque.list.len -= 1;
        Some(Pfn(std::mem::replace(&mut deque.list.head, next)))
    }

    /// The block before the tail, if it is in the same piece.
    #[inline(always)]
    pub(crate) fn before_tail(&self, deque: &Deque) -> Option<u32> {
        let is_alone = deque.list.len < 2 || deque.tail % PIECE == 1;
        (!is_alone).then(|| self.cells.get(deque.tail - 1))
    }

    /// The blocks in the last piece of a list, the tail last.
    pub(crate) fn last_piece(&self, deque: &Deque) -> &[u32] {
        if deque.list.len == 0 {
            return &[];
        }
        let is_only = deque.head / PIECE == deque.tail / PIECE;
        let start = if is_only { deque.head } else { deque.tail / PIECE * PIECE + 1 };
        self.cells.slice(start, deque.tail + 1 - start)
    }

    /// Drops so many blocks at the tail, at most those in the last piece.
    pub(crate) fn drop_back(&mut self, deque: &mut Deque, blocks: u32) {
        deque.tail -= blocks - 1;
        deque.list.len -= blocks - 1;
        self.pop(deque, End::Tail);
    }

    /// Gives up the piece of a cell; gives the first cell of the one whose number is in its cell `next`.
    #[cold]
    fn leave(&mut self, at: u32, next: u32) -> u32 {
        let old = at / PIECE;
        let next = self.cells.get(old * PIECE + next);
        self.give_piece(old);
        next * PIECE
    }

    /// Takes a block from wherever it is on a list; false when it is not there.
    pub(crate) fn remove(&mut self, deque: &mut Deque, pfn: Pfn) -> bool {
        let Some(place) = self.iter(deque).position(|at| at == pfn) else { return false };
        let before: Vec<Pfn> = (0..place).filter_map(|_| self.pop(deque, End::Head)).collect();
        self.pop(deque, End::Head);
        before.into_iter().rev().for_each(|at| self.push(deque, at, End::Head));
        true
    }

    /// The blocks of a list, head first.
    pub(crate) fn iter(&self, deque: &Deque) -> impl Iterator<Item = Pfn> + use<'_> {
        let mut at = deque.head;
        (0..deque.list.len).map(move |_| {
            if at % PIECE == AFTER {
                at = self.cells.get(at) * PIECE + 1;
            }
            let pfn = self.cells.get(at);
            at += 1;
            Pfn(pfn)
        })
    }

    pub(crate) fn flatten(&mut self) {
        self.cells.flatten();
    }

    pub(crate) fn copied_chunks(&self) -> u64 {
        self.cells.copied_chunks()
    }

    pub(crate) fn chunks(&self) -> u64 {
        self.cells.chunks()
    }

    pub(crate) fn bytes(&self) -> u64 {
        self.cells.bytes()
    }

    pub(crate) fn clone_cost(&self) -> usize {
        self.cells.clone_cost()
    }
}

#[cfg(test)]
mod tests {
    use std::collections::VecDeque;

    use super::*;
    use crate::units::Order;

    #[test]
    fn behaves_like_a_deque() {
        let mut rng = crate::rng::Rng::new(1, 2);
        let mut pieces = Pieces::new();
        let mut ours = [Deque::EMPTY; 3];
        let mut theirs: [VecDeque<Pfn>; 3] = Default::default();
        for round in 0..40_000u32 {
            let which = rng.below(3) as usize;
            let (deque, model) = (&mut ours[which], &mut theirs[which]);
            let pfn = Pfn(round << 9);
            if round == 20_000 {
                pieces.flatten();
            }
            // They grow in some stretches, and shrink in others.
            let grows = rng.below(10) < if round / 1000 % 2 == 0 { 7 } else { 3 };
            match (grows, rng.below(20)) {
                (true, 0) => {
                    let first = Block { pfn, order: Order::of_bits(rng.below(3) as u8) };
                    let blocks = 1 + rng.below(100);
                    pieces.push_run(deque, first, blocks);
                    model.extend((0..blocks).map(|n| first.pfn.plus(n << first.order.get())));
                }
                (true, n) if n < 10 => {
                    if !pieces.push_at_hand(deque, pfn) {
                        pieces.push(deque, pfn, End::Head);
                    }
                    model.push_front(pfn);
                }
                (true, _) => {
                    pieces.push(deque, pfn, End::Tail);
                    model.push_back(pfn);
                }
                (false, 0) if !model.is_empty() => {
                    let at = rng.below(model.len() as u32) as usize;
                    assert!(pieces.remove(deque, model[at]));
                    model.remove(at);
                }
                (false, 1) if !model.is_empty() => {
                    let last = pieces.last_piece(deque);
                    assert!(
                        !last.is_empty()
                            && last.iter().rev().copied().eq(model
                                .iter()
                                .rev()
                                .map(|pfn| pfn.0)
                                .take(last.len()))
                    );
                    let blocks = 1 + rng.below(last.len() as u32);
                    pieces.drop_back(deque, blocks);
                    model.truncate(model.len() - blocks as usize);
                }
                (false, n) if n < 10 => {
                    let popped = pieces.pop_at_hand(deque).or_else(|| pieces.pop(deque, End::Head));
                    assert_eq!(popped, model.pop_front());
                }
                (false, _) => assert_eq!(pieces.pop(deque, End::Tail), model.pop_back()),
            }
            assert_eq!(
                (deque.list.head(), deque.list.tail()),
                (model.front().copied(), model.back().copied())
            );
            assert_eq!(deque.list.len() as usize, model.len());
            if round % 100 == 0 {
                assert!(pieces.iter(deque).eq(model.iter().copied()));
            }
        }
        assert!(pieces.cells.len() < 6 * 40_000, "pieces are used again");
    }
}
