//! The first lesson as the parser reads it: the page shows it before it has the parser. A test holds the two equal.

use std::sync::Arc;

use mm::config::{Config, Start, ZoneLists};
use mm::mmzone::ZoneId;
use mm::op::{Gfp, NameId, Op, PageKind};
use mm::page::MigrateType;
use mm::{CpuId, Order, Pfn};

use super::FIRST;
use crate::ast::Phrase;
use crate::scenario::{Caption, Note, Scenario, ScenarioOp, Simplification, Turns};

/// The first of [`builtins`](crate::builtins), read.
#[must_use]
pub fn first_scenario() -> Scenario {
    let mut ops = ops().into_iter();
    let mut scenario = Scenario {
        title: None,
        config: config(),
        ops: Vec::new(),
        names: ["a", "b", "c", "d", "e"].map(str::to_owned).to_vec(),
        areas: Vec::new(),
        pools: Vec::new(),
        captions: Vec::new(),
        notes: vec![
            Note::AsIn(mm::config::Rules::V6_1),
            Note::GivenLists,
            Note::Simplified(Simplification::NoPcp),
            Note::Simplified(Simplification::NoWatermarks),
        ],
    };
    for (line, text) in (1..).zip(FIRST[0].text.lines()) {
        match text.split(' ').next() {
            Some("title") => scenario.title = Some(phrase(text)),
            Some("say") => {
                let op = scenario.ops.len() as u32;
                scenario.captions.push(Caption { op, line, say: Arc::new(phrase(text)) });
            }
            _ if text.starts_with("free ") || text.contains(" = alloc ") => {
                let op = ops.next().map(|op| ScenarioOp { op, line, turns: Turns::default(), real: None });
                scenario.ops.extend(op);
            }
            _ => {}
        }
    }
    scenario
}

fn config() -> Config {
    let order = Order::new(9).unwrap_or(Order::MAX);
    let free = (order, MigrateType::Movable, vec![Pfn(0x200)]);
    let lists = ZoneLists { lists: vec![free], ..ZoneLists::empty(ZoneId(0)) };
    Config { start: Start::Lists(vec![lists]), ..Config::single_zone(1024) }
}

fn ops() -> [Op; 9] {
    let cpu = CpuId(0);
    let gfp = Gfp::of(PageKind::Movable, None);
    let alloc = |name, order| Op::Alloc { name: NameId(name), order, gfp, cpu };
    let free = |name| Op::Free { name: NameId(name), cpu };
    [alloc(0, 8), alloc(1, 8), alloc(2, 0), free(0), free(1), alloc(3, 0), alloc(4, 4), free(3), free(4)]
}

/// `title "…" zh "…"`
fn phrase(line: &str) -> Phrase {
    let mut quoted = line.split('"').skip(1).step_by(2).map(str::to_owned);
    Phrase { text: quoted.next().unwrap_or_default(), zh: quoted.next() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_is_what_the_parser_reads() {
        assert_eq!(crate::parse(FIRST[0].text).strict(), Ok(first_scenario()));
    }
}
