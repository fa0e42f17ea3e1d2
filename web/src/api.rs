//! `window.__mm`: what tests and curious people may ask the page. Reading only, but for `seek`.

use std::cell::RefCell;
use std::rc::Rc;

use history::Cursor;
use js_sys::{Array, Object, Reflect};
use view::narrate;
use wasm_bindgen::JsValue;
use wasm_bindgen::closure::Closure;
use yew::Callback;

use crate::Action;
use crate::state::State;

/// Sets `window.__mm`. Lives as long as the page.
pub fn install(state: &Rc<RefCell<State>>, on: Callback<Action>) {
    let api = Object::new();
    // A digest has 64 bits, a JS number 53: it goes out as text.
    getter(&api, "hash", state, |s| format!("{:016x}", s.doc.session.machine().state_hash()).into());
    getter(&api, "cursor", state, |s| {
        let Cursor { op, step } = s.doc.session.cursor();
        Array::of2(&op.into(), &step.into()).into()
    });
    getter(&api, "global", state, |s| (s.doc.session.global() as f64).into());
    getter(&api, "total", state, |s| (s.doc.session.survey_so_far().steps() as f64).into());
    getter(&api, "complete", state, |_| crate::lazy::complete().into());
    getter(&api, "surveyed", state, |s| s.doc.session.is_surveyed().into());
    getter(&api, "narration", state, |s| {
        let narration = narrate::narration(&s.moment(), s.lang());
        let text = |sentence: Option<narrate::Sentence>| match sentence {
            Some(sentence) => JsValue::from(format!("{} {}", sentence.text, sentence.why).trim()),
            None => JsValue::NULL,
        };
        Array::of2(&text(narration.did), &text(narration.next)).into()
    });
    getter(&api, "text", state, |s| JsValue::from(s.doc.text.as_str()));
    getter(&api, "fragment", state, |s| s.fragment().ok().into());
    getter(&api, "buddyinfo", state, |s| kernel_io::buddyinfo(s.doc.session.machine()).into());
    getter(&api, "stage", state, |s| (s.stage.place() as f64).into());
    getter(&api, "playing", state, |s| s.playing.into());
    let seek = Closure::<dyn Fn(u32, u32)>::new(move |op, step| on.emit(Action::Seek(Cursor::new(op, step))));
    set(&api, "seek", seek);
    let redraw = Closure::<dyn Fn() -> JsValue>::new(|| {
        let Some(map) = crate::lazy::map() else { return JsValue::NULL };
        let (full, patch) = (map.measure_redraw)();
        Array::of2(&full.into(), &patch.into()).into()
    });
    set(&api, "measureRedraw", redraw);
    let _ = Reflect::set(&gloo::utils::window(), &"__mm".into(), &api);
}

fn getter(api: &Object, name: &str, state: &Rc<RefCell<State>>, get: impl Fn(&State) -> JsValue + 'static) {
    let state = Rc::clone(state);
    set(api, name, Closure::<dyn Fn() -> JsValue>::new(move || get(&state.borrow())));
}

fn set<F: ?Sized + wasm_bindgen::closure::WasmClosure>(api: &Object, name: &str, function: Closure<F>) {
    let _ = Reflect::set(api, &name.into(), function.as_ref());
    function.forget();
}
