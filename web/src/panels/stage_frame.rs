//! Z2: the strip with the headline, the picture under it, and the figures (Z6) in the strip or beside it.

use scenario::Lang;
use yew::prelude::*;

use super::vitals::{self, VitalsData};
use crate::i18n::Msg;
use crate::lazy;

/// What the strip above the picture says.
#[derive(Clone, PartialEq, Debug, Default)]
pub struct Headline {
    /// The one sentence, if the scenario or the picture has one.
    pub sentence: AttrValue,
    /// The op as code.
    pub code: AttrValue,
    /// The op in words.
    pub words: AttrValue,
    /// The kernel functions, outermost first, as many as should be shown.
    pub chain: Vec<AttrValue>,
}

/// The stage's frame around `picture`.
pub fn stage_frame(lang: Lang, headline: &Headline, vitals: &VitalsData, picture: Html) -> Html {
    let (inner, outer) =
        headline.chain.split_last().map_or((None, &[][..]), |(inner, outer)| (Some(inner), outer));
    let whole = format!("{} {} {}", headline.sentence, headline.code, headline.words);
    html! {
        <main class="z2" id="stage" tabindex="-1" aria-label={Msg::StageLabel.text(lang)}>
            <div class="strip">
                <h2 class="headline" title={whole.trim().to_owned()}>
                    <b>{ headline.sentence.clone() }</b>
                    <code>{ headline.code.clone() }</code>
                    <span class="quiet">{ headline.words.clone() }</span>
                </h2>
                <span class="chain mono">
                    <span class="outer">{ for outer.iter().map(|func| format!("{func} › ")) }</span>
                    { inner.cloned().unwrap_or_default() }
                </span>
                { vitals::row(vitals, lang) }
            </div>
            <div class="stage-box">
                { picture }
            </div>
            <div class="vitals-column" role="group" aria-label={Msg::Figures.text(lang)}>
                { lazy::tools().map(|tools| (tools.gauge)(vitals, lang)).unwrap_or_default() }
            </div>
        </main>
    }
}
