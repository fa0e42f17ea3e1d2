//! Any text as each of the other things that a kernel prints.

#![no_main]

#[path = "../../crates/kernel-io/tests/laws/mod.rs"]
#[allow(dead_code, reason = "each target keeps some of the laws")]
mod laws;

use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| laws::proc_readers(&String::from_utf8_lossy(bytes)));
