//! The scenarios that come with the program, as texts: students edit these and send them on.

/// A built-in scenario.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Builtin {
    /// Its name in links. No id is the beginning of another, and no two are within two letters of each other.
    pub id: &'static str,
    /// Its text.
    pub text: &'static str,
}

macro_rules! builtins {
    ($($id:literal),* $(,)?) => {
        &[$(Builtin { id: $id, text: include_str!(concat!($id, ".mms")) }),*]
    };
}

/// All of them, in the order in which a list shows them.
pub const BUILTINS: &[Builtin] = builtins![
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
];

/// What the real kernel handed out for the requests of `real-kernel`, in order: op, name, order, frame.
pub const REAL_KERNEL_EXPECTED: &str = include_str!("real-kernel.expected.tsv");

/// The built-in scenario with that id.
#[must_use]
pub fn builtin(id: &str) -> Option<&'static Builtin> {
    BUILTINS.iter().find(|builtin| builtin.id == id)
}
