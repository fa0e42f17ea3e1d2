//! The help: every key, every sign, and the two switches that people need who are bothered by keys or by motion.

use scenario::Lang;
use view::timeline::MarkGlyph;
use yew::prelude::*;

use super::dialog::Dialog;
use super::strip::meaning;
use super::timeline::mark_sign;
use crate::Action;
use crate::i18n::Msg;
use crate::i18n::panes::PaneMsg;
use crate::icons::{Ring, ring};
use crate::keys::HELP;
use crate::prefs::Motion;

/// Properties of [`Help`].
#[derive(Properties, PartialEq)]
pub struct HelpProps {
    /// The language.
    pub lang: Lang,
    /// Whether single keys do something.
    pub keys: bool,
    /// Motion.
    pub motion: Motion,
    /// Where actions go.
    pub on: Callback<Action>,
}

/// The help.
#[component]
pub fn Help(props: &HelpProps) -> Html {
    let HelpProps { lang, keys, motion, on } = props;
    let lang = *lang;
    let other = if *motion == Motion::Off { Motion::System } else { Motion::Off };
    let rings = [(Ring::Did, Msg::JustDid), (Ring::Next, Msg::Next), (Ring::Fail, Msg::Failed)];
    html! {
        <Dialog
            {lang}
            class="wide"
            title={PaneMsg::HelpHeading.text(lang)}
            on_close={on.reform(|()| Action::Overlay(None))}
        >
            <dl class="keys-list">
                { for HELP.iter().enumerate().map(|(at, (key, en, zh))| html! {
                    <div key={at}>
                        <dt><kbd>{ *key }</kbd></dt>
                        <dd>{ lang.pick(*en, *zh) }</dd>
                    </div>
                }) }
            </dl>
            <h3>{ PaneMsg::LegendHeading.text(lang) }</h3>
            <ul class="legend">
                { for rings.map(|(sign, name)| html! {
                    <li key={name.text(Lang::En)}>{ ring(sign) }{ name.text(lang) }</li>
                }) }
                { for MarkGlyph::ALL.map(|glyph| html! {
                    <li key={meaning(glyph).text(Lang::En)}>{ mark_sign(glyph) }{ meaning(glyph).text(lang) }</li>
                }) }
            </ul>
            <div class="choice">
                <label>
                    <input type="checkbox" checked={*keys} onchange={on.reform(|_| Action::ToggleKeys)} />
                    { PaneMsg::SingleKeysOn.text(lang) }
                </label>
                <label>
                    <input
                        type="checkbox"
                        checked={*motion == Motion::Off}
                        onchange={on.reform(move |_| Action::Motion(other))}
                    />
                    { PaneMsg::MotionOff.text(lang) }
                </label>
            </div>
        </Dialog>
    }
}
