//! Requests a second.

use mm::{Config, Machine, Op, UnitEnd};

use super::Row;
use super::sample::{median, time};
use super::textbook::Textbook;
use super::traffic::{Ask, traffic};

const FRAMES: u32 = 1_048_576;
const COUNT: u32 = 1_000_000;
const RUNS: usize = 5;

/// The engine and the peer take turns over the same requests.
pub fn measure() -> Vec<Row> {
    let asks = traffic(COUNT, 1);
    let ops: Vec<Op> = asks.iter().map(|ask| ask.op()).collect();
    let slots = asks.iter().map(|ask| slot(*ask) + 1).max().unwrap_or(0);
    let Ok(fresh) = Machine::boot(&Config::single_zone(FRAMES)) else { return Vec::new() };
    let (mut ours, mut theirs) = (Vec::new(), Vec::new());
    let mut free = (0, 0);
    for _ in 0..RUNS {
        let mut machine = fresh.clone();
        ours.push(time(|| run_engine(&mut machine, &ops)).0);
        let mut peer = Textbook::new(FRAMES);
        let (spent, used) = time(|| run_peer(&mut peer, &asks, slots));
        theirs.push(spent);
        free = (machine.zones().iter().map(|zone| zone.nr_free_pages.0).sum(), u64::from(FRAMES) - used);
    }
    let per_second = |times: &mut [std::time::Duration]| f64::from(COUNT) / median(times).as_secs_f64();
    let (ours, theirs) = (per_second(&mut ours), per_second(&mut theirs));
    vec![
        ("engine, every step emitted".into(), format!("{:.2} M ops/s", ours / 1e6)),
        ("peer: textbook buddy on ordered sets".into(), format!("{:.2} M ops/s", theirs / 1e6)),
        ("engine / peer".into(), format!("{:.2}", ours / theirs)),
        ("pages free at the end, engine and peer".into(), format!("{} {}", free.0, free.1)),
    ]
}

fn slot(ask: Ask) -> u32 {
    match ask {
        Ask::Alloc { slot, .. } | Ask::Free { slot } => slot,
    }
}

fn run_engine(machine: &mut Machine, ops: &[Op]) {
    for op in ops {
        while machine.run_unit(op, &mut ()) == UnitEnd::More {}
    }
}

/// Gives the pages in use at the end.
fn run_peer(peer: &mut Textbook, asks: &[Ask], slots: u32) -> u64 {
    let mut held = vec![None; slots as usize];
    for ask in asks {
        match *ask {
            Ask::Alloc { slot, order, .. } => {
                let order = usize::from(order);
                held[slot as usize] = peer.alloc(order).map(|pfn| (pfn, order));
            }
            Ask::Free { slot } => {
                if let Some((pfn, order)) = held[slot as usize].take() {
                    peer.free(pfn, order);
                }
            }
        }
    }
    held.iter().flatten().map(|(_, order)| 1u64 << order).sum()
}
