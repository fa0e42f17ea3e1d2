//! One sort for all crates. The standard library's is compiled anew for every type: 3 to 5 KB of WebAssembly each time.

/// Sorts by `key`; equal items keep their order.
pub fn by_key<T>(items: &mut [T], key: impl Fn(&T) -> u64) {
    let keys = items.iter().map(key).zip(0..).collect();
    for (at, from) in swaps(keys).into_iter().enumerate() {
        items.swap(at, from.1 as usize);
    }
}

/// For each place the one to swap it with, given the keys and the places that they stand at.
#[inline(never)]
fn swaps(mut keys: Vec<(u64, u32)>) -> Vec<(u64, u32)> {
    sort(&mut keys);
    for at in 0..keys.len() {
        // What stood there may have been swapped away, once for every item that came to its place before.
        let mut from = keys[at].1;
        while (from as usize) < at {
            from = keys[from as usize].1;
        }
        keys[at].1 = from;
    }
    keys
}

/// Shell's sort: a few lines, and fast enough for some thousands.
fn sort(pairs: &mut [(u64, u32)]) {
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
