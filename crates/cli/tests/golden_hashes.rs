//! The digest of every built-in scenario's state at moments all over its story, blessed in `golden_hashes.txt`.
//!
//! The same file is checked in wasm (`web/tests/hashes.rs`): a difference means that a rule depends on the platform.
//! After a correction of the rules: `UPDATE_EXPECT=1 cargo test -p mmscope`, and a line in `docs/rule-changes.md`.

use std::fmt::Write as _;
use std::rc::Rc;

use history::Session;
use mm::Machine;

/// Moments of each story.
const MOMENTS: u64 = 24;

fn hashes() -> String {
    let mut lines = String::new();
    for builtin in scenario::builtins() {
        let scenario = scenario::parse(builtin.text).strict().expect("a built-in scenario has no error");
        let machine = Machine::boot(&scenario.config).expect("a built-in scenario boots");
        let mut session = Session::new(machine, Rc::new(scenario.engine_ops().cloned().collect()));
        session.survey(u64::MAX);
        let steps = session.survey_so_far().steps();
        for moment in 0..=MOMENTS {
            session.seek_global(steps * moment / MOMENTS);
            let hash = session.machine().state_hash();
            writeln!(lines, "{} {} {hash:016x}", builtin.id, session.cursor())
                .expect("a String can be written to");
        }
    }
    lines
}

#[test]
fn built_in_scenarios_have_their_blessed_states() {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/golden_hashes.txt");
    let now = hashes();
    if std::env::var_os("UPDATE_EXPECT").is_some() {
        std::fs::write(path, now).expect("the golden file can be written");
        return;
    }
    let blessed = std::fs::read_to_string(path).expect("the golden file is there");
    for (now, blessed) in now.lines().zip(blessed.lines()) {
        assert_eq!(now, blessed);
    }
    assert_eq!(now, blessed);
}
