//! Z4: what was just done and why, what comes next, and the voice that reads it out.

use scenario::Lang;
use view::timeline::MarkGlyph;
use yew::prelude::*;

use super::timeline::mark_sign;
use crate::i18n::Msg;
use crate::icons::{Ring, ring};

/// A sentence and its reason.
#[derive(Clone, PartialEq, Debug, Default)]
pub struct Said {
    /// What happens.
    pub text: AttrValue,
    /// Why, or what it means.
    pub why: AttrValue,
}

impl Said {
    /// How much room it takes: a Chinese character is as wide as two Latin ones.
    fn width(&self) -> usize {
        [&self.text, &self.why]
            .into_iter()
            .flat_map(|part| part.chars())
            .map(|c| 1 + usize::from(c > '\u{2e7f}'))
            .sum()
    }

    fn whole(&self, lang: Lang) -> String {
        format!("{}{}{}", self.text, lang.pick(" ", ""), self.why)
    }
}

/// Properties of [`Narration`].
#[derive(Properties, PartialEq)]
pub struct NarrationProps {
    /// The language.
    pub lang: Lang,
    /// What was just done.
    pub did: Option<Said>,
    /// What comes next.
    pub next: Option<Said>,
    /// What was just done was not met.
    pub failed: bool,
    /// It only looked at something.
    pub looked: bool,
    /// What the scenario says here; empty: nothing yet.
    pub caption: AttrValue,
    /// The person has not moved yet: say which key to press.
    pub hint: bool,
    /// How many sentences were to be read out so far: the voice speaks once for each.
    pub announced: u32,
}

/// How a phone sets the two sentences: large, small, or small and without the reason of what comes next, which is
/// told anyway when it has come.
fn phone_len(lang: Lang, did: Option<&Said>, next: Option<&Said>, hint: bool) -> &'static str {
    /// The width of "Press → to see:".
    const HINT: usize = 16;
    // A line in Latin characters, large and small; Chinese is set larger and wider apart.
    let (large, small) = lang.pick((36, 41), (32, 36));
    let next = next.map(|said| said.width() + if hint { HINT } else { 0 });
    let widths = [did.map(Said::width), next];
    let lines = |line: usize| widths.iter().flatten().map(|width| width.div_ceil(line)).sum::<usize>();
    match () {
        () if lines(large) <= 4 => "short",
        () if lines(small) <= 6 => "long",
        () => "longest",
    }
}

/// The narration.
#[component]
pub fn Narration(props: &NarrationProps) -> Html {
    let NarrationProps { lang, did, next, failed, looked, caption, hint, announced } = props;
    let lang = *lang;
    let spoken = use_mut_ref(|| (0, String::new()));
    if spoken.borrow().0 != *announced {
        let mut text = did.as_ref().map(|said| said.whole(lang)).unwrap_or_default();
        // The same sentence twice in a row is a change too.
        if announced % 2 == 1 {
            text.push('\u{a0}');
        }
        *spoken.borrow_mut() = (*announced, text);
    }
    let len = phone_len(lang, did.as_ref(), next.as_ref(), *hint);
    let (sign, tag, class) = match (*failed, *looked) {
        (true, _) => (Ring::Fail, Msg::Failed, Some("fail")),
        (false, true) => (Ring::Look, Msg::JustDid, None),
        (false, false) => (Ring::Did, Msg::JustDid, None),
    };
    let did = did.clone().unwrap_or_default();
    let next = next.clone().unwrap_or_default();
    html! {
        <section
            class="z4"
            tabindex="0"
            aria-label={Msg::Narration.text(lang)}
            data-len={len}
        >
            <div class="story-line">
                if !caption.is_empty() {
                    <div class="row caption">
                        <span class="tag">
                            { mark_sign(MarkGlyph::Caption) }
                            <span>{ Msg::Story.text(lang) }</span>
                        </span>
                        <p>{ caption.clone() }</p>
                    </div>
                }
            </div>
            <div class="row">
                <span class={classes!("tag", class)}>
                    { ring(sign) }
                    <span>{ tag.text(lang) }</span>
                </span>
                <p>
                    <b>{ did.text }</b>
                    { lang.pick(" ", "") }
                    <span class="why">{ did.why }</span>
                </p>
            </div>
            <div class="row next">
                <span class="tag">
                    { ring(Ring::Next) }
                    <span>{ Msg::Next.text(lang) }</span>
                </span>
                <p>
                    <span class="slot">
                        if *hint {
                            <span class="hint">
                                { Msg::Press.text(lang) }
                                { " " }
                                <kbd>{ "→" }</kbd>
                                { " " }
                                { Msg::ToSee.text(lang) }
                            </span>
                            { lang.pick(" ", "") }
                        }
                    </span>
                    { next.text }
                    { lang.pick(" ", "") }
                    <span class="why">{ next.why }</span>
                </p>
            </div>
            <div class="sr-only" role="status" aria-live="polite" aria-atomic="true">
                { spoken.borrow().1.clone() }
            </div>
        </section>
    }
}
