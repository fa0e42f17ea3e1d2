//! The bar at the foot of the belts: how the work is divided, or how long a page was away that comes back.

use mm::reclaim::balance::{ScanBalance, fractions};
use mm::step::ReclaimStep;
use scenario::Lang;

use super::draw::Draw;
use super::{Worker, pass};
use crate::narrate::num;
use crate::scene::{Area, Paint, Spot, centred};

impl Draw<'_> {
    /// What there is to say below the belts.
    pub(super) fn foot(&mut self, room: Area) {
        match self.did {
            Some(ReclaimStep::Refault { distance, size, activated, .. }) => {
                self.refault(room, distance, size, activated);
            }
            _ => self.balance(room),
        }
    }

    /// Its name at the left, and behind it or above the bar what it says; where the bar is then.
    fn bar(&mut self, room: Area, name: &str, says: &[String]) -> Area {
        let s = self.b.s;
        let (strong, plain) = (self.b.strong(), self.b.plain());
        let text_y = room.y + s.label;
        let within = Area { h: s.label * 1.5, ..room };
        let left = self.b.words(&[name.to_owned()], strong, Spot::start(room.x, text_y), within, Paint::Ink);
        let from = left.map_or(room.x, |area| area.right() + s.space);
        let top = room.y + s.label * 1.45;
        // Where there is no room for a line of words above the bar, it stands beside its name.
        if room.bottom() - top < s.label * 1.1 {
            return Area::between(from, room.y, room.right(), room.bottom());
        }
        let within = Area::between(from, room.y, room.right(), room.y + s.label * 1.5);
        self.b.words(says, plain, Spot::end(room.right(), text_y), within, Paint::Quiet);
        Area::between(room.x, top, room.right(), room.bottom())
    }

    /// A page that was taken away comes back: it was away for so many pages that went or became active, and had there been
    /// as many places more for it, those of active pages, it would be there still.
    fn refault(&mut self, room: Area, distance: u32, size: u32, activated: bool) {
        let s = self.b.s;
        let name = self.b.lang.pick("away for", "离开了");
        let (away, places) = (num(distance), num(size));
        let says = match (self.b.lang, activated) {
            (Lang::En, true) => vec![
                format!("{away} ≤ {places} pages that it competes with: active at once"),
                format!("{away} ≤ {places}: active"),
            ],
            (Lang::En, false) => vec![
                format!("{away} > {places} pages that it competes with: inactive"),
                format!("{away} > {places}: inactive"),
            ],
            (Lang::Zh, true) => {
                vec![format!("{away} ≤ 与它竞争的 {places} 页：立刻活跃"), format!("{away} ≤ {places}：活跃")]
            }
            (Lang::Zh, false) => {
                vec![format!("{away} > 与它竞争的 {places} 页：不活跃"), format!("{away} > {places}：不活跃")]
            }
        };
        let bar = self.bar(room, name, &says);
        let most = distance.max(size).max(1) as f32 * 1.1;
        let x = |pages: u32| bar.x + bar.w * pages as f32 / most;
        let (radius, edge, line) = (s.radius, s.edge, s.line);
        self.b.back.rect(bar, radius, Paint::Slot, edge);
        self.b.things.rect(Area { w: x(size) - bar.x, ..bar }, radius, Paint::Wash, edge);
        let at = x(distance);
        self.b.things.line([at, bar.y - line, at, bar.bottom() + line], Paint::Level, line * 1.8);
        let strong = self.b.strong();
        let words = self.b.say(&["competes with", "places"], &["竞争者", "竞争"]);
        let inside = Area { w: x(size) - bar.x, ..bar };
        let spot = Spot::start(bar.x + s.space * 0.5, centred(bar.centre().1, s.label));
        if at - bar.x > s.label * 6.0 || at > inside.right() {
            self.b.words(&words, strong, spot, inside, Paint::Ink);
        }
    }

    /// How the work is divided between pages without files and those of files.
    pub(super) fn balance(&mut self, room: Area) {
        let s = self.b.s;
        let lruvec = &self.reclaim.nodes()[usize::from(self.node)].lruvec;
        let cost = lruvec.cost;
        let swappiness = self.reclaim.tunables.swappiness;
        let mut shares = fractions(swappiness, cost);
        let count = pass(self.moment);
        let mut why = match self.b.lang {
            Lang::En => format!("swappiness {swappiness}, cost {} : {}", num(cost[0]), num(cost[1])),
            Lang::Zh => format!("swappiness {swappiness}，代价 {} : {}", num(cost[0]), num(cost[1])),
        };
        let has_swap = self.reclaim.swap_pages().1 > 0;
        if !has_swap {
            shares = [0, 1];
            why = self.b.lang.pick("no free swap: files only", "swap 无空位：只看文件").to_owned();
        }
        if let Some(ReclaimStep::ScanCount { balance, priority, .. }) = count
            && matches!(self.worker, Worker::Kswapd | Worker::Direct)
        {
            let (of, en, zh) = match balance {
                ScanBalance::Equal => ([1, 1], "all alike: nothing else helped", "一视同仁：别的都没用"),
                ScanBalance::Anon => ([1, 0], "anon only: hardly any files", "只看匿名：文件页几乎没有"),
                ScanBalance::File if has_swap => {
                    ([0, 1], "files only: enough inactive ones", "只看文件：不活跃的足够")
                }
                ScanBalance::File | ScanBalance::Fract => (shares, "", ""),
            };
            shares = of;
            let said = self.b.lang.pick(en, zh);
            if !said.is_empty() {
                why = said.to_owned();
            }
            let at = self.b.lang.pick("priority", "优先级");
            let part = match priority {
                0 => self.b.lang.pick("all", "全部").to_owned(),
                _ => format!("1/{}", num(1u32 << priority.min(12))),
            };
            why = match self.b.lang {
                Lang::En => format!("{at} {priority}: {part} · {why}"),
                Lang::Zh => format!("{at} {priority}：{part} · {why}"),
            };
        }
        let sum = (shares[0] + shares[1]).max(1);
        let anon = (shares[0] * 100 + sum / 2) / sum;
        let strong = self.b.strong();
        let short = why.rsplit(" · ").next().map(str::to_owned);
        let says: Vec<String> = [Some(why.clone()), short].into_iter().flatten().collect();
        let bar = self.bar(room, self.b.lang.pick("who is scanned", "扫描的比例"), &says);
        let (radius, edge) = (s.radius, s.edge);
        let split = bar.w * anon as f32 / 100.0;
        for (paint, on, area, share, en, zh) in [
            (Paint::Anon, Paint::OnAnon, Area { w: split, ..bar }, anon, "anon", "匿名"),
            (
                Paint::File,
                Paint::OnFile,
                Area { x: bar.x + split, w: bar.w - split, ..bar },
                100 - anon,
                "file",
                "文件",
            ),
        ] {
            if area.w <= 0.5 {
                continue;
            }
            self.b.things.rect(area, radius, paint, edge);
            let name = self.b.lang.pick(en, zh);
            let words = [format!("{name} {share} %"), format!("{share} %"), share.to_string()];
            let spot = Spot::middle(area.centre().0, centred(area.centre().1, s.label));
            self.b.words(&words, strong, spot, area, on);
        }
    }
}
