//! A long history on a machine of 4 GiB.

use std::rc::Rc;
use std::time::Duration;

use history::Session;
use mm::rng::Rng;
use mm::{Config, Machine, Op};

use super::Row;
use super::sample::{percentile, show, time};
use super::traffic::traffic;

const FRAMES: u32 = 1_048_576;
const OPS: u32 = 100_000;
const PLACES: usize = 200;
const BACK: usize = 10;

/// Surveys once, then seeks to random places and steps back from each a few times.
pub fn measure() -> Vec<Row> {
    let ops: Rc<Vec<Op>> = Rc::new(traffic(OPS, 2).iter().map(|ask| ask.op()).collect());
    let Ok(machine) = Machine::boot(&Config::single_zone(FRAMES)) else { return Vec::new() };
    let mut session = Session::new(machine, ops);
    let survey = time(|| session.survey(u64::MAX)).0;
    let steps = session.survey_so_far().steps();
    let after_survey = session.held();
    let mut rng = Rng::new(3, 0);
    let (mut seeks, mut backs): (Vec<Duration>, Vec<Duration>) = (Vec::new(), Vec::new());
    for _ in 0..PLACES {
        let to = u64::from(rng.below(u32::try_from(steps).unwrap_or(u32::MAX)));
        seeks.push(time(|| session.seek_global(to)).0);
        backs.extend((0..BACK).map(|_| time(|| session.step_back()).0));
    }
    let after_seeks = session.held();
    let held = |(machines, kib): (usize, u64)| format!("{machines}, {kib} KiB");
    vec![
        (format!("survey of {OPS} ops, {steps} steps"), show(survey)),
        ("one step back, median".into(), show(percentile(&mut backs, 50))),
        ("one step back, 95 %".into(), show(percentile(&mut backs, 95))),
        ("one step back, worst".into(), show(percentile(&mut backs, 100))),
        ("random seek, median".into(), show(percentile(&mut seeks, 50))),
        ("random seek, 95 %".into(), show(percentile(&mut seeks, 95))),
        ("random seek, worst".into(), show(percentile(&mut seeks, 100))),
        ("machines held after the survey, copied".into(), held(after_survey)),
        ("machines held after the seeks, copied".into(), held(after_seeks)),
    ]
}
