//! Any bytes as a trace of memory events.

#![no_main]

#[path = "../../crates/kernel-io/tests/laws/mod.rs"]
#[allow(dead_code, reason = "each target keeps some of the laws")]
mod laws;

use libfuzzer_sys::fuzz_target;
use mm::rng::Rng;

fuzz_target!(|bytes: &[u8]| laws::trace_readers(bytes, &mut Rng::new(bytes.len() as u64, 0)));
