//! The browser's storage, which may be forbidden: then nothing is kept, and nothing breaks.
//!
//! Plain text under a key of our own. (`gloo-storage` wraps every value in JSON, and `serde_json` costs 6 KB.)

/// What was kept under `key`.
#[must_use]
pub fn load(key: &str) -> Option<String> {
    storage()?.get_item(key).ok()?
}

/// Keeps `value` under `key`.
pub fn save(key: &str, value: &str) {
    if let Some(storage) = storage() {
        let _ = storage.set_item(key, value);
    }
}

fn storage() -> Option<web_sys::Storage> {
    gloo::utils::window().local_storage().ok()?
}
