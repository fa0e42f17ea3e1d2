//! The scenarios that come with the program, as texts: students edit these and send them on.
//!
//! With the feature `texts` they are in the program. The page has only the first one and fetches the others
//! ([`provide_builtins`]), so that its first picture does not wait for texts that nobody has asked for.

mod first;

use std::sync::OnceLock;

pub use first::first_scenario;

/// A built-in scenario.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Builtin {
    /// Its name in links. No id is the beginning of another, and no two are within two letters of each other.
    pub id: &'static str,
    /// Its text.
    pub text: &'static str,
}

macro_rules! builtins {
    ($first:literal, $($id:literal),* $(,)?) => {
        /// The one that a page without a link opens.
        const FIRST: &[Builtin] = &[Builtin { id: $first, text: include_str!(concat!($first, ".mms")) }];

        /// The names of all of them, in the order in which a list shows them.
        pub const BUILTIN_IDS: &[&str] = &[$first, $($id),*];

        #[cfg(feature = "texts")]
        const ALL: &[Builtin] = &[FIRST[0], $(Builtin { id: $id, text: include_str!(concat!($id, ".mms")) }),*];
    };
}

builtins![
    "buddy-split",
    "merge-chain",
    "memblock-boot",
    "fragmentation",
    "stealing-tail",
    "with-pcp",
    "without-pcp",
    "refill-drain",
    "watermark-rights",
    "lowmem-reserve",
    "high-memory",
    "two-nodes",
    "article-buddyinfo",
    "real-kernel",
    "replay-orders",
    "replay-hugetlb",
    "replay-thp",
    "kmalloc-sizes",
    "slab-life",
    "remote-free",
    "constructor",
    "empty-slabs-stay",
    "same-cache-lines",
    "slab-colours",
    "by-slub",
    "by-classic-slab",
    "vmalloc-instead",
    "article-slabtop",
    "malloc-promise",
    "zero-page",
    "article-rss-vsz",
    "stack-limit",
    "fork-cow",
    "shared-library",
    "shared-or-private",
    "sparse-tables",
    "huge-page",
    "huge-reach",
    "hugetlb-pool",
    "segfaults",
    "libc-keeps",
    "old-bytes",
    "who-clears",
    "mremap-moves",
    "mlock-price",
    "read-twice",
    "dirty-pages",
    "kswapd-works",
    "direct-reclaim",
    "swappiness",
    "swap-or-drop",
    "slab-shrinks",
    "thrashing",
    "bound-nodes",
    "streaming-read",
    "mlock-stays",
    "page-walk",
    "tlb-reach",
    "tlb-switch",
    "tlb-shootdown",
    "two-threads",
    "rows-columns",
    "cache-conflicts",
    "cold-caches",
    "working-sets",
    "promised-twice",
    "three-killers",
    "adj-offers",
    "android-apps",
    "dma-runs-dry",
    "memcg-oom",
    "cpuset-oom",
    "compact-direct",
    "compact-nails",
    "kcompactd-works",
    "hugetlb-crumbs",
    "thp-or-small",
    "khugepaged-collapses",
    "huge-swap",
    "cma-lends",
    "cma-pinned",
    "four-dma-ways",
    "dts-pools",
    "lent-buffers",
    "real-mode",
    "protected-mode",
    "flat-segments",
];

/// What the real kernel handed out for the requests of `real-kernel`, in order: op, name, order, frame.
#[cfg(feature = "texts")]
pub const REAL_KERNEL_EXPECTED: &str = include_str!("real-kernel.expected.tsv");

/// Those that were provided.
static PROVIDED: OnceLock<Vec<Builtin>> = OnceLock::new();

/// The built-in scenarios whose texts are there, in the order of [`BUILTIN_IDS`]: all of them, or the first.
#[must_use]
pub fn builtins() -> &'static [Builtin] {
    #[cfg(feature = "texts")]
    const THERE: &[Builtin] = ALL;
    #[cfg(not(feature = "texts"))]
    const THERE: &[Builtin] = FIRST;
    PROVIDED.get().map_or(THERE, Vec::as_slice)
}

/// Whether no text is missing.
#[must_use]
pub fn all_builtins_are_there() -> bool {
    builtins().len() == BUILTIN_IDS.len()
}

/// The built-in scenario with that id.
#[must_use]
pub fn builtin(id: &str) -> Option<&'static Builtin> {
    builtins().iter().find(|builtin| builtin.id == id)
}

/// Takes the texts of all built-in scenarios, each behind a line `=== id`. Of a file in which one is missing nothing
/// is taken: false.
pub fn provide_builtins(file: &str) -> bool {
    let texts = || -> Option<Vec<(&str, &str)>> {
        file.strip_prefix("=== ")?.split("\n=== ").map(|part| part.split_once('\n')).collect()
    };
    let texts = texts().unwrap_or_default();
    let all: Option<Vec<Builtin>> = BUILTIN_IDS
        .iter()
        .map(|id| {
            let (_, text) = texts.iter().find(|(of, _)| of == id)?;
            // They live as long as the page.
            let text = Box::leak(format!("{}\n", text.trim_end_matches('\n')).into_boxed_str());
            Some(Builtin { id, text })
        })
        .collect();
    all.is_some_and(|all| PROVIDED.set(all).is_ok() || all_builtins_are_there())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_that_are_provided_are_those_of_the_files() {
        let written = builtins().to_vec();
        assert_eq!(written.iter().map(|b| b.id).collect::<Vec<_>>(), BUILTIN_IDS);
        let file = |which: &[Builtin]| {
            which.iter().rev().map(|b| format!("=== {}\n{}", b.id, b.text)).collect::<String>()
        };
        assert!(!provide_builtins(""));
        assert!(!provide_builtins("<html>not found</html>"));
        assert!(!provide_builtins(&file(&written[1..])));
        assert!(PROVIDED.get().is_none());
        assert!(provide_builtins(&file(&written)));
        assert_eq!(PROVIDED.get(), Some(&written));
    }
}
