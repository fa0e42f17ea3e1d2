//! The shelf of control groups: what each has of what it may have.

use mm::reclaim::{Lru, Memcg};
use scenario::Lang;

use super::draw::Draw;
use crate::narrate::num;
use crate::scene::{Area, Paint, Spot};

impl Draw<'_> {
    /// Whether there is any group but the root.
    pub(super) fn has_groups(&self) -> bool {
        !self.reclaim.groups().is_empty()
    }

    /// What is said of a group: what it has of what it may have.
    pub(super) fn group_words(&self, group: &Memcg) -> Vec<String> {
        let name = self.moment.name(group.name);
        let usage = num(group.memory.usage);
        let max = group.memory.max.map_or("max".to_owned(), num);
        match self.b.lang {
            Lang::En => vec![format!("{name}: {usage} of {max} pages"), format!("{name} {usage}/{max}")],
            Lang::Zh => vec![format!("{name}：{usage}/{max} 页"), format!("{name} {usage}/{max}")],
        }
    }

    /// Each group as a bar: pages without a file, those of files, and what else is charged, up to its limit.
    pub(super) fn group_shelf(&mut self, room: Area) {
        let s = self.b.s;
        let title = self.b.title();
        let words = self.b.say(&["control groups", "groups"], &["控制组"]);
        self.b.words(&words, title, Spot::start(room.x, room.y + s.body), room, Paint::Ink);
        let groups: Vec<Memcg> = self.reclaim.groups().to_vec();
        let mut y = room.y + s.body * 1.5;
        let (strong, line) = (self.b.strong(), s.line);
        for group in &groups {
            if y + s.label * 2.3 > room.bottom() {
                break;
            }
            let words = self.group_words(group);
            let memory = group.memory;
            let is_full = memory.max.is_some_and(|max| memory.usage + 32 > max);
            let paint = if is_full { Paint::Fail } else { Paint::Ink };
            self.b.words(&words, strong, Spot::start(room.x, y + s.label), room, paint);
            let bar = Area { y: y + s.label * 1.4, h: s.label * 0.7, ..room };
            // A group without a limit has as much as it has.
            let all = memory.max.unwrap_or(memory.usage).max(memory.usage).max(1) as f32;
            let (radius, edge) = (s.radius, s.edge);
            self.b.back.rect(bar, radius, Paint::Slot, edge);
            let anon = group.size(Lru::ActiveAnon) + group.size(Lru::InactiveAnon);
            let file = group.size(Lru::ActiveFile) + group.size(Lru::InactiveFile);
            let rest = memory.usage.saturating_sub(anon + file);
            let mut x = bar.x;
            for (paint, pages) in [(Paint::Anon, anon), (Paint::File, file), (Paint::Used, rest)] {
                let w = bar.w * pages as f32 / all;
                if w > 0.3 {
                    self.b.back.rect(Area { x, w, ..bar }, 0.0, paint, 0.0);
                }
                x += w;
            }
            self.b.things.rect(bar, radius, Paint::Axis, line);
            y += s.label * 2.6;
        }
    }
}
