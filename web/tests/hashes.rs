//! The engine in wasm reaches the very states that it reaches natively: the golden file of `crates/cli` again.

use std::rc::Rc;

use history::{Cursor, Session};
use mm::Machine;
use wasm_bindgen_test::{wasm_bindgen_test, wasm_bindgen_test_configure};

wasm_bindgen_test_configure!(run_in_browser);

#[wasm_bindgen_test]
fn states_are_equal_natively_and_in_wasm() {
    let blessed = include_str!("../../crates/cli/tests/golden_hashes.txt");
    let mut checked = 0;
    for builtin in scenario::builtins() {
        let scenario = scenario::parse(builtin.text).strict().expect("a built-in scenario has no error");
        let machine = Machine::boot(&scenario.config).expect("a built-in scenario boots");
        let mut session = Session::new(machine, Rc::new(scenario.engine_ops().cloned().collect()));
        for line in blessed.lines() {
            let words: Vec<&str> = line.split(' ').collect();
            let [id, cursor, hash] = words[..] else { panic!("a line of three words: {line}") };
            if id != builtin.id {
                continue;
            }
            let (op, step) = cursor.split_once('.').expect("a cursor");
            session.seek(Cursor::new(op.parse().expect("an op"), step.parse().expect("a step")));
            assert_eq!(format!("{:016x}", session.machine().state_hash()), hash, "{id} at {cursor}");
            checked += 1;
        }
    }
    assert!(checked > 100, "{checked} moments were checked");
}
