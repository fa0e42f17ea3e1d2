//! The viewer's own choices: language, theme, motion, keys. They never travel in a link's fragment.

use scenario::Lang;

use crate::storage;

/// Which colours.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Theme {
    /// Ink on paper.
    Light,
    /// Paper on ink.
    Dark,
    /// Ink on white with the strongest contrast: black is not projected.
    Projector,
}

impl Theme {
    /// The value of `data-theme`.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Theme::Light => "light",
            Theme::Dark => "dark",
            Theme::Projector => "projector",
        }
    }

    fn from_name(name: &str) -> Option<Theme> {
        [Theme::Light, Theme::Dark, Theme::Projector].into_iter().find(|theme| theme.name() == name)
    }
}

/// Whether things move on the screen.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Motion {
    /// As the system asks for (`prefers-reduced-motion`).
    System,
    /// Nothing moves.
    Off,
}

/// The viewer's choices.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Prefs {
    /// The language of everything but kernel identifiers.
    pub lang: Lang,
    /// The colours.
    pub theme: Theme,
    /// Motion.
    pub motion: Motion,
    /// Whether single keys do something.
    pub keys: bool,
    /// Text larger than the form's own by this factor in percent, 100 to 200.
    pub font_percent: u16,
    /// Large and without panels from the start.
    pub present: bool,
    /// Questions that were answered right, and all that were answered.
    pub tally: (u32, u32),
}

const KEY_LANG: &str = "mmscope.lang";
const KEY_THEME: &str = "mmscope.theme";
const KEY_KEYS: &str = "mmscope.keys";
const KEY_TALLY: &str = "mmscope.tally";

impl Prefs {
    /// From the address (`?lang=zh&theme=dark&motion=off&keys=off&font=1.25&present=1`), then what was saved, then
    /// what the browser says. Unknown hints are ignored.
    #[must_use]
    pub fn load() -> Prefs {
        let window = gloo::utils::window();
        let query = window.location().search().unwrap_or_default();
        let hints = web_sys::UrlSearchParams::new_with_str(&query).ok();
        let hint = |key: &str| hints.as_ref().and_then(|h| h.get(key));
        let first = |key, saved: &str| hint(key).or_else(|| storage::load(saved));
        let system_lang = window.navigator().language().unwrap_or_default();
        let lang = first("lang", KEY_LANG).unwrap_or(system_lang);
        let dark =
            window.match_media("(prefers-color-scheme: dark)").ok().flatten().is_some_and(|m| m.matches());
        Prefs {
            lang: if lang.to_ascii_lowercase().starts_with("zh") { Lang::Zh } else { Lang::En },
            theme: first("theme", KEY_THEME).and_then(|name| Theme::from_name(&name)).unwrap_or(if dark {
                Theme::Dark
            } else {
                Theme::Light
            }),
            motion: if hint("motion").as_deref() == Some("off") { Motion::Off } else { Motion::System },
            keys: first("keys", KEY_KEYS).as_deref() != Some("off"),
            font_percent: hint("font").map_or(100, |f| percent(&f)),
            present: hint("present").as_deref() == Some("1"),
            tally: storage::load(KEY_TALLY).and_then(|kept| tally(&kept)).unwrap_or_default(),
        }
    }

    /// Keeps what the viewer chose. Storage may be forbidden; then the choice lasts as long as the page.
    pub fn save(&self) {
        storage::save(KEY_LANG, if self.lang == Lang::Zh { "zh" } else { "en" });
        storage::save(KEY_THEME, self.theme.name());
        storage::save(KEY_KEYS, if self.keys { "on" } else { "off" });
        storage::save(KEY_TALLY, &format!("{}/{}", self.tally.0, self.tally.1));
    }
}

/// `12/17`, if it makes sense.
fn tally(kept: &str) -> Option<(u32, u32)> {
    let (right, all) = kept.split_once('/')?;
    let (right, all) = (right.parse().ok()?, all.parse().ok()?);
    (right <= all).then_some((right, all))
}

/// A factor like `1.25` in percent, 100 to 200; 100 when it is none.
fn percent(factor: &str) -> u16 {
    let (whole, part) = factor.split_once('.').unwrap_or((factor, ""));
    let hundredths: String = part.chars().chain("00".chars()).take(2).collect();
    match (whole.parse::<u16>(), hundredths.parse::<u16>()) {
        (Ok(whole), Ok(part)) => whole.saturating_mul(100).saturating_add(part).clamp(100, 200),
        _ => 100,
    }
}
