//! What each key does. One table: the page acts on it, and the help shows it.

use scenario::Lang;

use crate::Action;
use crate::action::{Overlay, Way};
use crate::prefs::Theme;

/// A key press, as far as it matters.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Press<'k> {
    /// `KeyboardEvent.key`.
    pub key: &'k str,
    /// `Shift` was held.
    pub shift: bool,
    /// `Ctrl` or `⌘` was held.
    pub command: bool,
}

/// What the page looks like to a key.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Context {
    /// The viewer wants single keys to do something.
    pub single_keys: bool,
    /// Something lies over the page.
    pub overlay: Option<Overlay>,
    /// Large and without panels.
    pub present: bool,
    /// The language that is spoken.
    pub lang: Lang,
    /// The colours.
    pub theme: Theme,
    /// What a question waits for.
    pub asking: Asking,
}

/// What a question waits for.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Asking {
    /// Nothing is asked.
    No,
    /// One of so many answers.
    Choice(usize),
    /// A number.
    Number,
    /// Nothing more: the answer is shown.
    Shown,
}

/// What a key press asks for; none: the browser may have it.
#[must_use]
pub fn action(press: Press<'_>, context: Context) -> Option<Action> {
    use Action::{
        Change, CopyLink, End, Marker, Op, Redo, Speed, Step, Tenth, TogglePlay, TogglePresent, Undo,
    };
    let Press { key, shift, command } = press;
    if key == "Escape" {
        return match context.overlay {
            Some(_) => Some(Action::Overlay(None)),
            None if context.asking != Asking::No => Some(Action::LeaveQuestion),
            None if context.present => Some(TogglePresent),
            None => Some(Action::Select(None)),
        };
    }
    // Under a dialog only the keys work that open one: they close it again, or show another.
    if context.overlay.is_some() && !matches!(key, "?" | "t" | "T" | "r" | "R") {
        return None;
    }
    if command {
        return match (key, shift) {
            ("z" | "Z", false) => Some(Undo),
            ("z" | "Z", true) | ("y", _) => Some(Redo),
            _ => None,
        };
    }
    let waits = matches!(context.asking, Asking::Choice(_) | Asking::Number);
    match (key, context.asking) {
        ("Enter", Asking::Shown) => return Some(Action::LeaveQuestion),
        // A clicker answers, too.
        ("Enter" | "PageDown", _) if waits => return Some(Action::Ask),
        _ => {}
    }
    // A clicker sends PageDown and PageUp; they work even when single keys are off, as no letter does anything then.
    match (key, shift) {
        ("PageDown", _) => return Some(Step(Way::Forward)),
        ("PageUp", _) => return Some(Step(Way::Back)),
        ("ArrowRight", false) => return Some(Step(Way::Forward)),
        ("ArrowLeft", false) => return Some(Step(Way::Back)),
        ("ArrowRight", true) => return Some(Op(Way::Forward)),
        ("ArrowLeft", true) => return Some(Op(Way::Back)),
        ("Home", _) => return Some(End(Way::Back)),
        ("End", _) => return Some(End(Way::Forward)),
        _ => {}
    }
    if !context.single_keys {
        return None;
    }
    if let (Some(digit), true) = (key.parse::<usize>().ok().filter(|_| key.len() == 1), waits) {
        return match (context.asking, digit.checked_sub(1)) {
            (Asking::Choice(choices), Some(at)) if at < choices => Some(Action::Pick(at)),
            _ => None,
        };
    }
    let toggle = |overlay| Action::Overlay((context.overlay != Some(overlay)).then_some(overlay));
    Some(match key {
        " " => TogglePlay,
        "q" | "Q" => Action::Ask,
        "]" => Marker(Way::Forward),
        "[" => Marker(Way::Back),
        "." => Change(Way::Forward),
        "," => Change(Way::Back),
        "+" | "=" => Speed(Way::Forward),
        "-" => Speed(Way::Back),
        "p" | "P" => TogglePresent,
        "c" | "C" => CopyLink,
        "r" | "R" => toggle(Overlay::Share),
        "t" | "T" => toggle(Overlay::Twin),
        "?" => toggle(Overlay::Help),
        "l" | "L" => Action::Lang(if context.lang == Lang::En { Lang::Zh } else { Lang::En }),
        "k" | "K" => Action::Theme(match context.theme {
            Theme::Light => Theme::Dark,
            Theme::Dark => Theme::Projector,
            Theme::Projector => Theme::Light,
        }),
        "v" | "V" => Action::NextStage,
        digit => Tenth(digit.parse().ok().filter(|d| *d <= 9u8 && digit.len() == 1)?),
    })
}

/// What the help shows: the keys, and what they do in both languages.
pub const HELP: [(&str, &str, &str); 22] = [
    ("→ · PageDown", "one step forward", "前进一步"),
    ("← · PageUp", "one step back", "后退一步"),
    ("Shift → / ←", "one op forward or back", "前进或后退一个操作"),
    ("Space", "play or pause", "播放或暂停"),
    ("Q · Enter", "predict the next step, then see what is so", "预测下一步，再看答案"),
    ("1 – 9 · Esc", "in a question: pick an answer · skip it", "提问时：选答案 · 跳过"),
    ("Home / End", "to the beginning or the end", "到开头或结尾"),
    ("0 – 9", "to so many tenths of the way", "跳到十分之几处"),
    ("] / [", "next or previous notable moment", "下一个或上一个关键时刻"),
    (". / ,", "next or previous change of the selected block", "所选块的下一次或上一次变化"),
    ("+ / −", "play faster or slower", "播放加快或减慢"),
    (
        "V",
        "next picture: free lists, frames, per-CPU lists, zones, pageblocks, fragmentation",
        "换一幅图：空闲链表、页框、每 CPU 链表、各区水位、pageblock、碎片",
    ),
    (
        "W A S D · Z · X",
        "on the map: zoom and move · to the selection · fit",
        "页框图上：缩放与移动 · 到所选 · 全图",
    ),
    ("P · Esc", "large and without panels, and back", "放映模式与返回"),
    ("T", "the picture as text", "图的文字版"),
    ("C", "copy the link to this moment", "复制此刻的链接"),
    ("R", "share: link, length, QR code", "分享：链接、长度、二维码"),
    ("L", "English or Chinese", "英文或中文"),
    ("K", "light, dark or projector colours", "浅色、深色或投影配色"),
    ("Ctrl+Z · Ctrl+Shift+Z", "take an edit back, do it again", "撤销与重做编辑"),
    ("Tab · Enter", "to the next control, use it", "到下一个控件，使用它"),
    ("?", "these keys", "本键位表"),
];

#[cfg(test)]
mod tests {
    use super::*;

    const PLAIN: Context = Context {
        single_keys: true,
        overlay: None,
        present: false,
        lang: Lang::En,
        theme: Theme::Light,
        asking: Asking::No,
    };

    fn press(key: &str, context: Context) -> Option<Action> {
        action(Press { key, shift: false, command: false }, context)
    }

    #[test]
    fn a_clicker_needs_no_single_keys() {
        let off = Context { single_keys: false, ..PLAIN };
        assert_eq!(press("PageDown", off), Some(Action::Step(Way::Forward)));
        assert_eq!(press("PageUp", off), Some(Action::Step(Way::Back)));
        assert_eq!(press("c", off), None);
        assert_eq!(press(" ", off), None);
    }

    #[test]
    fn a_question_has_keys_of_its_own() {
        let asking = Context { asking: Asking::Choice(3), ..PLAIN };
        assert_eq!(press("3", asking), Some(Action::Pick(2)));
        assert_eq!(press("4", asking), None);
        assert_eq!(press("0", asking), None);
        for key in ["q", "Enter", "PageDown"] {
            assert_eq!(press(key, asking), Some(Action::Ask), "{key}");
        }
        assert_eq!(press("Escape", asking), Some(Action::LeaveQuestion));
        assert_eq!(press("ArrowRight", asking), Some(Action::Step(Way::Forward)), "it never blocks");
        assert_eq!(press("5", Context { asking: Asking::Number, ..PLAIN }), None);
        let shown = Context { asking: Asking::Shown, ..PLAIN };
        assert_eq!(press("q", shown), Some(Action::Ask));
        assert_eq!(press("Enter", shown), Some(Action::LeaveQuestion));
        assert_eq!(press("PageDown", shown), Some(Action::Step(Way::Forward)));
        assert_eq!(press("5", shown), Some(Action::Tenth(5)));
        assert_eq!(press("Enter", PLAIN), None);
    }

    #[test]
    fn a_dialog_keeps_its_keys() {
        let open = Context { overlay: Some(Overlay::Share), ..PLAIN };
        assert_eq!(press("ArrowRight", open), None);
        assert_eq!(press("Escape", open), Some(Action::Overlay(None)));
        assert_eq!(press("5", PLAIN), Some(Action::Tenth(5)));
        assert_eq!(press("F5", PLAIN), None);
        assert_eq!(press("x", PLAIN), None, "zoom keys belong to the map");
    }
}
