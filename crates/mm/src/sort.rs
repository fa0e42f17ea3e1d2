//! One sort for all crates. The standard library's is compiled anew for every type: 3 to 5 KB of WebAssembly each time.

/// Sorts by `key`; equal items keep their order.
pub fn by_key<T>(items: &mut [T], key: impl Fn(&T) -> u64) {
    let mut order: Vec<(u64, u32)> = items.iter().map(key).zip(0..).collect();
    pairs(&mut order);
    for at in 0..items.len() {
        // What stood there may have been swapped away, once for every item that came to its place before.
        let mut from = order[at].1;
        while (from as usize) < at {
            from = order[from as usize].1;
        }
        order[at].1 = from;
        items.swap(at, from as usize);
    }
}

/// Sorts pairs: Shell's sort, a few lines and fast enough for some thousands.
#[inline(never)]
pub fn pairs(pairs: &mut [(u64, u32)]) {
    let mut gap = 1;
    while gap < pairs.len() / 3 {
        gap = 3 * gap + 1;
    }
    while gap > 0 {
        for at in gap..pairs.len() {
            let pair = pairs[at];
            let mut to = at;
            while to >= gap && pairs[to - gap] > pair {
                pairs[to] = pairs[to - gap];
                to -= gap;
            }
            pairs[to] = pair;
        }
        gap /= 3;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rng::Rng;

    #[test]
    fn sorts_as_the_standard_library_does() {
        let mut rng = Rng::new(1, 2);
        for len in 0..200 {
            let items: Vec<(u32, u32)> = (0..len).map(|at| (rng.below(20), at)).collect();
            let (mut ours, mut theirs) = (items.clone(), items);
            by_key(&mut ours, |item| u64::from(item.0));
            theirs.sort_by_key(|item| item.0);
            assert_eq!(ours, theirs);
        }
    }
}
