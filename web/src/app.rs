//! The root component: owns the state, listens to keys, address and clock, and carries out effects.

use std::cell::RefCell;
use std::rc::Rc;

use gloo::events::{EventListener, EventListenerOptions};
use gloo::timers::callback::Timeout;
use view::number::fixed;
use wasm_bindgen::JsCast;
use web_sys::{HtmlElement, KeyboardEvent};
use yew::platform::spawn_local;
use yew::prelude::*;

use crate::address::Address;
use crate::keys::{self, Press};
use crate::prefs::{Motion, Prefs};
use crate::state::{Effect, State};
use crate::{Action, api, crash, lazy, panels};

/// The page.
pub struct App {
    state: Rc<RefCell<State>>,
    address: Address,
    /// The clock of playing.
    tick: Option<Timeout>,
    /// The next slice of the survey.
    survey: Option<Timeout>,
    /// Parts of the page are on their way.
    fetching: bool,
    /// Counts the sentences to read out, so that the live region changes once for each.
    announced: u32,
    _listeners: Vec<EventListener>,
}

impl Component for App {
    type Message = Action;
    type Properties = ();

    fn create(ctx: &Context<Self>) -> Self {
        crash::install_hook();
        let fragment = Address::fragment();
        let state = Rc::new(RefCell::new(State::new(Prefs::load(), &fragment)));
        api::install(&state, ctx.link().callback(|action| action));
        let state_for_keys = Rc::clone(&state);
        let mut app = App {
            state,
            address: Address::default(),
            tick: None,
            survey: None,
            fetching: false,
            announced: 0,
            _listeners: listeners(ctx, &state_for_keys),
        };
        app.carry_out(ctx, Effect::ContinueSurvey);
        app.show_prefs();
        app
    }

    fn update(&mut self, ctx: &Context<Self>, action: Action) -> bool {
        // What the address says now is not to be overwritten by a moment that was waiting to be written.
        if matches!(action, Action::OpenFragment(_)) {
            self.address.cancel();
        }
        let fetched = matches!(action, Action::Fetched(_));
        let was_playing = self.state.borrow().playing;
        let effects = self.state.borrow_mut().apply(action);
        for effect in effects {
            self.carry_out(ctx, effect);
        }
        let state = self.state.borrow();
        if state.playing {
            self.address.cancel();
            let on = ctx.link().callback(|()| Action::Tick);
            self.tick = Some(Timeout::new(state.tick_ms(), move || on.emit(())));
        } else if was_playing {
            self.tick = None;
        }
        let due = state.wants_parts() || state.doc.session.is_surveyed();
        drop(state);
        if fetched {
            self.fetching = false;
        } else if due && !self.fetching && !lazy::complete() {
            self.fetching = true;
            let on = ctx.link().callback(Action::Fetched);
            spawn_local(async move { on.emit(lazy::fetch().await.is_ok()) });
        }
        true
    }

    fn view(&self, ctx: &Context<Self>) -> Html {
        let on = ctx.link().callback(|action| action);
        panels::page(&self.state.borrow(), self.announced, &on)
    }
}

impl App {
    fn carry_out(&mut self, ctx: &Context<Self>, effect: Effect) {
        match effect {
            Effect::ReplaceAddress => {
                let state = Rc::clone(&self.state);
                crash::autosave(&state.borrow().doc.text);
                self.address.replace_soon(move || state.borrow().fragment().ok());
            }
            Effect::PushAddress => {
                let state = self.state.borrow();
                crash::autosave(&state.doc.text);
                if let Ok(fragment) = state.fragment() {
                    self.address.push(&fragment);
                }
            }
            Effect::SavePrefs => {
                self.state.borrow().prefs.save();
                self.show_prefs();
            }
            Effect::Copy(fragment) => {
                let window = gloo::utils::window();
                let href = window.location().href().unwrap_or_default();
                let base = href.split(['#', '?']).next().unwrap_or_default();
                let _ = window.navigator().clipboard().write_text(&format!("{base}{fragment}"));
            }
            Effect::ContinueSurvey => {
                let on = ctx.link().callback(|()| Action::Survey);
                self.survey = Some(Timeout::new(0, move || on.emit(())));
            }
            Effect::Announce => self.announced += 1,
        }
    }

    /// Language, colours and motion are attributes of the root element; style sheets do the rest.
    fn show_prefs(&self) {
        let prefs = self.state.borrow().prefs;
        let Some(root) = gloo::utils::document().document_element() else { return };
        let _ = root.set_attribute("lang", if prefs.lang == scenario::Lang::Zh { "zh-CN" } else { "en" });
        let _ = root.set_attribute("data-theme", prefs.theme.name());
        let _ = root.set_attribute("data-motion", if prefs.motion == Motion::Off { "off" } else { "system" });
        let _ = root.set_attribute("data-form", if prefs.present { "present" } else { "page" });
        // Only when it differs: the root element needs no style of its own otherwise.
        if let Some(root) = root.dyn_ref::<HtmlElement>().filter(|_| prefs.font_percent != 100) {
            let _ =
                root.style().set_property("--font-scale", &fixed(f64::from(prefs.font_percent) / 100.0, 2));
        }
    }
}

/// Whether the keys belong to what has the focus: something that is typed into.
fn is_typing(event: &KeyboardEvent) -> bool {
    let Some(target) = event.target().and_then(|t| t.dyn_into::<HtmlElement>().ok()) else { return false };
    // A radio button is not typed into.
    let radio = target.get_attribute("type").as_deref() == Some("radio");
    (matches!(target.tag_name().as_str(), "INPUT" | "TEXTAREA" | "SELECT") && !radio)
        || target.is_content_editable()
}

/// Whether a key press belongs to the control that has the focus.
fn is_for_control(event: &KeyboardEvent) -> bool {
    let Some(target) = event.target().and_then(|t| t.dyn_into::<HtmlElement>().ok()) else { return false };
    let role = target.get_attribute("role").unwrap_or_default();
    let radio = target.get_attribute("type").as_deref() == Some("radio");
    match event.key().as_str() {
        " " if radio => true,
        " " | "Enter" => {
            target.tag_name() == "BUTTON" || target.tag_name() == "A" || role == "button" || role == "tab"
        }
        "ArrowLeft" | "ArrowRight" | "ArrowUp" | "ArrowDown" | "Home" | "End" => {
            role == "tab" || role == "application" || target.has_attribute("data-arrows")
        }
        _ => false,
    }
}

fn listeners(ctx: &Context<App>, state: &Rc<RefCell<State>>) -> Vec<EventListener> {
    let window = gloo::utils::window();
    let (link, state) = (ctx.link().clone(), Rc::clone(state));
    let options = EventListenerOptions::enable_prevent_default();
    let keydown = EventListener::new_with_options(&window, "keydown", options, move |event| {
        let Some(event) = event.dyn_ref::<KeyboardEvent>() else { return };
        let key = event.key();
        if event.is_composing()
            || event.alt_key()
            || event.default_prevented()
            || (is_typing(event) && key != "Escape")
            || is_for_control(event)
        {
            return;
        }
        let press =
            Press { key: &key, shift: event.shift_key(), command: event.ctrl_key() || event.meta_key() };
        if let Some(action) = keys::action(press, state.borrow().key_context()) {
            event.prevent_default();
            link.send_message(action);
        }
    });
    let link = ctx.link().clone();
    let hashchange = EventListener::new(&window, "hashchange", move |_| {
        let link = link.clone();
        spawn_local(async move {
            let fragment = Address::fragment();
            let _ = lazy::fetch_for(&fragment).await;
            link.send_message(Action::OpenFragment(fragment));
        });
    });
    vec![keydown, hashchange]
}
