//! How long properties are tried.

use proptest::prelude::ProptestConfig;

/// How many cases a property runs: a few in the ordinary suite, as many as `MMSCOPE_PROPTEST_CASES` says in a soak.
pub fn usually(usual: u32) -> ProptestConfig {
    let cases = std::env::var("MMSCOPE_PROPTEST_CASES").ok().and_then(|n| n.parse().ok()).unwrap_or(usual);
    ProptestConfig { cases, failure_persistence: None, ..ProptestConfig::default() }
}
