//! Any text as a scenario; what makes a small machine runs.

#![no_main]

#[path = "../../crates/scenario/tests/laws/mod.rs"]
mod laws;

use libfuzzer_sys::fuzz_target;

/// Larger machines take long and say no more.
const MAX_FRAMES: u32 = 1 << 14;

fuzz_target!(|text: &str| {
    laws::check_any(text);
    laws::check_canonical(text);
    let parsed = scenario::parse(text);
    let Some(scenario) = parsed.lower().filter(|scenario| scenario.config.end().0 <= MAX_FRAMES) else { return };
    // That it boots is one of the laws.
    let Ok(mut machine) = mm::Machine::boot(&scenario.config) else { return };
    assert_eq!(machine.check(), Ok(()));
    for op in scenario.engine_ops().take(32) {
        let mut units = 0;
        while units < 64 && machine.run_unit(op, &mut ()) == mm::UnitEnd::More {
            units += 1;
        }
        assert_eq!(machine.check(), Ok(()), "{op:?}");
        // A workload of many actions is not to be left in its middle.
        if units == 64 {
            return;
        }
    }
});
