//! A long history on a machine of 4 GiB: what it costs beside the same requests with nobody looking on, and seeks.

use std::rc::Rc;
use std::time::Duration;

use ::bench::cpu_time;
use history::Session;
use mm::rng::Rng;
use mm::{Config, Machine, Op, UnitEnd};

use super::Row;
use super::sample::{percentile, show, time};
use super::traffic::traffic;

/// As long as a workload may be.
const LONG: u32 = mm::limits::MAX_WORKLOAD_ACTIONS;

const FRAMES: u32 = 1_048_576;
const OPS: u32 = 100_000;
const PLACES: usize = 200;
const BACK: usize = 10;

/// Surveys once, then seeks to random places and steps back from each a few times.
pub fn measure() -> Vec<Row> {
    let mut rows = measure_with(OPS);
    rows.extend(measure_with(LONG));
    rows
}

fn measure_with(count: u32) -> Vec<Row> {
    let ops: Rc<Vec<Op>> = Rc::new(traffic(count, 2).iter().map(|ask| ask.op()).collect());
    let pc = Config { pcp: true, watermarks: true, ..Config::x86_64(FRAMES) };
    let Ok(machine) = Machine::boot(&pc) else { return Vec::new() };
    let mut unseen = machine.clone();
    unseen.flatten();
    let off = cpu_time(|| ops.iter().for_each(|op| while unseen.run_unit_unseen(op) == UnitEnd::More {})).0;
    drop(unseen);
    let mut session = Session::new(machine, ops);
    let survey = cpu_time(|| session.survey(u64::MAX)).0;
    let steps = session.survey_so_far().steps();
    let after_survey = session.held();
    let mut rng = Rng::new(3, 0);
    let (mut seeks, mut backs, mut forwards) =
        (Vec::<Duration>::new(), Vec::<Duration>::new(), Vec::<Duration>::new());
    for _ in 0..PLACES {
        let to = u64::from(rng.below(u32::try_from(steps).unwrap_or(u32::MAX)));
        seeks.push(cpu_time(|| session.seek_global(to)).0);
        backs.extend((0..BACK).map(|_| time(|| session.step_back()).0));
        forwards.extend((0..BACK).map(|_| time(|| session.step_forward()).0));
    }
    let after_seeks = session.held();
    let held = |(machines, kib): (usize, u64)| format!("{machines}, {kib} KiB");
    vec![
        (format!("{count} ops with nobody looking on"), show(off)),
        (format!("survey of them, {steps} steps"), show(survey)),
        ("survey / nobody looking on".into(), format!("{:.2}", survey.as_secs_f64() / off.as_secs_f64())),
        ("one step forward, median and 95 %".into(), show_two(&mut forwards)),
        ("one step back, median and 95 %".into(), show_two(&mut backs)),
        ("one step back, worst".into(), show(percentile(&mut backs, 100))),
        ("random seek, median".into(), show(percentile(&mut seeks, 50))),
        ("random seek, 95 %".into(), show(percentile(&mut seeks, 95))),
        ("random seek, worst".into(), show(percentile(&mut seeks, 100))),
        ("machines held after the survey, copied".into(), held(after_survey)),
        ("machines held after the seeks, copied".into(), held(after_seeks)),
    ]
}

fn show_two(times: &mut [Duration]) -> String {
    format!("{}, {}", show(percentile(times, 50)), show(percentile(times, 95)))
}
