//! The page's address: it follows the moment when time stands still, and a changed address is opened.

use std::cell::{Cell, RefCell};
use std::rc::Rc;

use gloo::timers::callback::Timeout;
use view::number::between;
use wasm_bindgen::JsValue;

/// How long the moment has to rest before the address follows, in milliseconds.
const REST_MS: u32 = 400;
/// At most one write in this time: Safari stops a page that writes more often.
const LEAST_MS: f64 = 1000.0;

/// Writes the address, late and seldom.
#[derive(Default)]
pub struct Address {
    pending: RefCell<Option<Timeout>>,
    last_write: Rc<Cell<f64>>,
}

impl Address {
    /// The fragment of the page's address, with its `#`; empty without one.
    #[must_use]
    pub fn fragment() -> String {
        gloo::utils::window().location().hash().unwrap_or_default()
    }

    /// Writes `fragment` in place of the last one, soon; none when there is no link (the text is too long). A later
    /// call takes the place of an earlier one.
    pub fn replace_soon(&self, fragment: impl FnOnce() -> Option<String> + 'static) {
        let last_write = Rc::clone(&self.last_write);
        let since = js_sys::Date::now() - self.last_write.get();
        let wait = REST_MS.max(between(LEAST_MS - since, 0.0, LEAST_MS) as u32);
        let timeout = Timeout::new(wait, move || {
            if let Some(fragment) = fragment() {
                write(&fragment, false);
            }
            // Afterwards: making the link takes its own time.
            last_write.set(js_sys::Date::now());
        });
        *self.pending.borrow_mut() = Some(timeout);
    }

    /// Another scenario was opened: a page of its own in the browser's history.
    pub fn push(&self, fragment: &str) {
        self.cancel();
        write(fragment, true);
        self.last_write.set(js_sys::Date::now());
    }

    /// Time runs: nothing is written until it stands still again.
    pub fn cancel(&self) {
        *self.pending.borrow_mut() = None;
    }
}

/// A browser may refuse (too often, or in a sandboxed frame); then the address stays, and nothing is lost.
fn write(fragment: &str, push: bool) {
    if Address::fragment() == fragment {
        return;
    }
    let Ok(history) = gloo::utils::window().history() else { return };
    let _ = if push {
        history.push_state_with_url(&JsValue::NULL, "", Some(fragment))
    } else {
        history.replace_state_with_url(&JsValue::NULL, "", Some(fragment))
    };
}
