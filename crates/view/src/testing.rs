//! Small scenarios for the tests of the texts, made without the scenario's language.

use std::collections::BTreeMap;
use std::rc::Rc;

use history::{Cursor, Session};
use mm::config::{Mobility, Start, ZoneLists, ZoneSpec};
use mm::mmzone::{ZoneId, ZoneKind};
use mm::op::{Gfp, NameId, PageKind, Workload};
use mm::page::MigrateType;
use mm::{Config, Machine, Op, Order, Pfn, PfnRange};
use scenario::{Scenario, ScenarioOp};

use crate::Moment;

pub(crate) fn order(order: u8) -> Order {
    Order::new(order).expect("an order")
}

/// A scenario in the making.
pub(crate) struct Story {
    config: Config,
    ops: Vec<Op>,
    names: Vec<String>,
    ids: BTreeMap<String, NameId>,
}

impl Story {
    pub(crate) fn on(config: Config) -> Story {
        Story { config, ops: Vec::new(), names: Vec::new(), ids: BTreeMap::new() }
    }

    fn id(&mut self, name: &str) -> NameId {
        *self.ids.entry(name.to_owned()).or_insert_with(|| {
            self.names.push(name.to_owned());
            NameId(self.names.len() as u32 - 1)
        })
    }

    pub(crate) fn alloc(self, name: &str, order: u8, kind: PageKind) -> Story {
        self.alloc_below(name, order, kind, ZoneKind::Movable)
    }

    pub(crate) fn alloc_below(mut self, name: &str, order: u8, kind: PageKind, highest: ZoneKind) -> Story {
        let name = self.id(name);
        self.ops.push(Op::Alloc { name, order, gfp: Gfp { kind, highest_zone: highest } });
        self
    }

    pub(crate) fn free(mut self, name: &str) -> Story {
        let name = self.id(name);
        self.ops.push(Op::Free { name });
        self
    }

    pub(crate) fn workload(
        mut self,
        name: &str,
        actions: u32,
        orders: (u8, u8),
        weights: [u8; 5],
        free: u8,
    ) -> Story {
        let name = self.id(name);
        self.ops.push(Op::Workload(Workload {
            name,
            actions,
            orders: (order(orders.0), order(orders.1)),
            weights,
            free_percent: free,
            highest_zone: ZoneKind::Movable,
        }));
        self
    }

    pub(crate) fn scenario(self) -> Rc<Scenario> {
        let ops = (1..)
            .zip(self.ops)
            .map(|(line, op)| ScenarioOp { op, line, turns: Default::default(), real: None })
            .collect();
        Rc::new(Scenario {
            title: None,
            config: self.config,
            ops,
            names: self.names,
            captions: Vec::new(),
            notes: Vec::new(),
        })
    }

    /// Every moment of it, from the beginning to the end.
    pub(crate) fn moments(self) -> Vec<Moment> {
        let mut moments = Vec::new();
        walk(&self.scenario(), |moment| moments.push(moment.clone()));
        moments
    }

    /// The moment after the last step.
    pub(crate) fn end(self) -> Moment {
        let scenario = self.scenario();
        let mut session = session(&scenario);
        session.seek(Cursor::new(u32::MAX, 0));
        Moment::of(&session, &scenario)
    }

    /// The moment at a cursor.
    pub(crate) fn at(self, op: u32, step: u32) -> Moment {
        let scenario = self.scenario();
        let mut session = session(&scenario);
        while !session.survey(1 << 20) {}
        session.seek(Cursor::new(op, step));
        Moment::of(&session, &scenario)
    }
}

pub(crate) fn session(scenario: &Scenario) -> Session {
    let start = Machine::boot(&scenario.config).expect("boots");
    Session::new(start, Rc::new(scenario.engine_ops().cloned().collect()))
}

/// Calls `look` for every moment of a scenario, in order.
pub(crate) fn walk(scenario: &Rc<Scenario>, mut look: impl FnMut(&Moment)) {
    let mut session = session(scenario);
    while !session.survey(1 << 20) {}
    session.seek(Cursor::START);
    look(&Moment::of(&session, scenario));
    while session.step_forward() {
        look(&Moment::of(&session, scenario));
    }
}

/// One zone with these free lists; every other frame is in use by somebody unknown.
pub(crate) fn lists(frames: u32, pageblocks: MigrateType, lists: &[(u8, MigrateType, &[u32])]) -> Config {
    let lists =
        lists.iter().map(|(o, t, pfns)| (order(*o), *t, pfns.iter().copied().map(Pfn).collect())).collect();
    Config {
        start: Start::Lists(vec![ZoneLists {
            zone: ZoneId(0),
            pageblocks: vec![pageblocks; frames.div_ceil(512) as usize],
            lists,
        }]),
        ..Config::single_zone(frames)
    }
}

/// Three zones, small enough that the upper ones run out.
pub(crate) fn three_zones(pageblock_order: u8, mobility: Mobility) -> Config {
    let all = PfnRange::new(0, 1500);
    let zone = |kind, from, to| ZoneSpec { kind, node: 0, span: PfnRange::new(from, to) };
    Config {
        ram: vec![all],
        reserved: vec![PfnRange::new(0, 16), PfnRange::new(700, 720)],
        zones: vec![
            zone(ZoneKind::Dma, 1, 256),
            zone(ZoneKind::Dma32, 256, 1000),
            zone(ZoneKind::Normal, 1000, 1500),
        ],
        pageblock_order: order(pageblock_order),
        mobility,
        seed: 7,
        ..Config::single_zone(1500)
    }
}
