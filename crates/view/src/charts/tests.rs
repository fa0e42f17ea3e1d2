//! The charts count what the machine has, and forget nothing while they thin out.

use std::rc::Rc;

use history::Session;
use mm::op::{NameId, Workload};
use mm::{Config, Machine, Op};

use super::*;

fn surveyed() -> Session {
    let machine = Machine::boot(&Config::single_zone(4096)).expect("a small machine boots");
    let workload = Workload {
        name: NameId(0),
        actions: 900,
        orders: (Order::ZERO, Order::new(3).expect("order 3")),
        weights: [1, 1, 1, 4, 4],
        free_percent: 30,
        zone: Some(mm::mmzone::ZoneKind::Normal),
        cpu: mm::CpuId(0),
    };
    let mut session = Session::new(machine, Rc::new(vec![Op::Workload(workload)]));
    while !session.survey(1000) {}
    session
}

#[test]
fn the_layers_add_up_to_what_is_on_the_lists() {
    let session = surveyed();
    let survey = session.survey_so_far();
    let chart = FreePages::of(survey, Some(ZoneId(0)));
    assert_eq!(chart.layers.len(), Order::COUNT);
    for sample in survey.samples() {
        let pages: u64 = Order::all().map(|o| u64::from(sample.nr_free[0][o.index()]) << o.get()).sum();
        assert_eq!(chart.total_at(sample.global), pages, "after {} steps", sample.global);
        assert!(chart.y.max >= pages as f64);
    }
    assert_eq!(FreePages::of(survey, None).layers, chart.layers, "one zone is the whole machine");
    assert_eq!(chart.x.max as u64, survey.steps());
}

#[test]
fn the_indices_are_the_kernels() {
    let session = surveyed();
    let survey = session.survey_so_far();
    for order in Order::all() {
        let chart = Indices::of(survey, ZoneId(0), order);
        for sample in survey.samples() {
            let nr_free = &sample.nr_free[0];
            let held = IndexKind::ALL.map(|kind| held_at(chart.line(kind), sample.global));
            assert_eq!(held[0], Some(f64::from(fragmentation_index(nr_free, order)) / 1000.0));
            assert_eq!(held[1], Some(f64::from(unusable_free_index(nr_free, order)) / 1000.0));
        }
    }
}

#[test]
fn a_value_holds_until_the_next_one() {
    let values = [Value { global: 0, value: 1.0 }, Value { global: 10, value: 2.0 }];
    assert_eq!(held_at(&values, 0), Some(1.0));
    assert_eq!(held_at(&values, 9), Some(1.0));
    assert_eq!(held_at(&values, 10), Some(2.0));
    assert_eq!(held_at(&values, 99), Some(2.0));
    assert_eq!(held_at(&values[1..], 9), None);
    assert_eq!(held_at(&[], 9), None);
}

#[test]
fn ticks_are_round_and_few() {
    for most in [0, 1, 3, 7, 65_536, 87_644, 1_048_576, 5_000_001] {
        for parts in 1..8 {
            let axis = Axis::from_zero(most, parts);
            assert!(axis.ticks.len() <= parts as usize + 1, "{most} in {parts}");
            assert!(axis.ticks.iter().all(|tick| tick.at <= axis.max));
            assert!(axis.max > axis.min);
        }
    }
    let labels: Vec<String> = Axis::from_zero(87_644, 5).ticks.into_iter().map(|tick| tick.label).collect();
    assert_eq!(labels, ["0", "20,000", "40,000", "60,000", "80,000"]);
}

#[test]
fn every_word_exists_in_both_languages() {
    let session = surveyed();
    let chart = Indices::of(session.survey_so_far(), ZoneId(0), Order::ZERO);
    let free = FreePages::of(session.survey_so_far(), None);
    let texts = |lang| {
        [
            chart.title(lang),
            chart.legend(lang).to_string(),
            chart.describe(session.machine(), lang),
            free.title(lang).to_string(),
            free.describe(lang),
            free.reading(session.machine(), lang),
        ]
    };
    for (en, zh) in texts(Lang::En).into_iter().zip(texts(Lang::Zh)) {
        assert!(!en.is_empty() && en.is_ascii() || en.contains('−'), "{en}");
        assert!(zh.chars().any(|c| ('\u{4e00}'..='\u{9fff}').contains(&c)), "{zh}");
    }
    assert_eq!(
        chart.describe(session.machine(), Lang::En),
        "Order 0, now: fragmentation −1.000, unusable 0.000."
    );
}
