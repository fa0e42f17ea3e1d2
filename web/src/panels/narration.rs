//! Z4: what was just done and why, what comes next, and the voice that reads it out.

use scenario::Lang;
use view::timeline::MarkGlyph;
use yew::prelude::*;

use super::timeline::mark_sign;
use crate::Action;
use crate::i18n::Msg;
use crate::icons::{Icon, Ring, icon, ring};

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
    /// The question that stands in the place of what comes next, or its answer.
    #[prop_or_default]
    pub ask: Option<Html>,
    /// What is read out instead of what was done; empty: nothing else.
    #[prop_or_default]
    pub voice: AttrValue,
    /// Where actions go.
    pub on: Callback<Action>,
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
    let NarrationProps { lang, did, next, failed, looked, caption, hint, announced, ask, voice, on } = props;
    let lang = *lang;
    let spoken = use_mut_ref(|| (0, String::new()));
    if spoken.borrow().0 != *announced {
        let mut text = match voice.as_str() {
            "" => did.as_ref().map(|said| said.whole(lang)).unwrap_or_default(),
            voice => voice.to_owned(),
        };
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
    let can_ask = next.is_some();
    let next = next.clone().unwrap_or_default();
    let coming = html! {
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
            <span class="slot">
                if can_ask {
                    <button
                        type="button"
                        class="btn line predict"
                        aria-label={Msg::PredictNext.text(lang)}
                        title={format!("{} (Q)", Msg::PredictNext.text(lang))}
                        onclick={on.reform(|_| Action::Ask)}
                    >
                        { icon(Icon::Predict) }
                        <span>{ Msg::Predict.text(lang) }</span>
                    </button>
                }
            </span>
        </div>
    };
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
            <div class="coming">
                { ask.clone().unwrap_or(coming) }
            </div>
            <div class="sr-only" role="status" aria-live="polite" aria-atomic="true">
                { spoken.borrow().1.clone() }
            </div>
        </section>
    }
}
