//! Numbers as texts, and within bounds, without the standard library's code for floats: formatting one, also in the
//! message of a [`f64::clamp`] that never panics, brings 7 KB of WebAssembly along.

/// `value` with so many digits behind the point.
#[must_use]
pub fn fixed(value: f64, places: u32) -> String {
    let one = 10u64.pow(places);
    let parts = (value.abs() * one as f64).round() as u64;
    let sign = if value < 0.0 && parts > 0 { "-" } else { "" };
    let (whole, rest, width) = (parts / one, parts % one, places as usize);
    if places == 0 { format!("{sign}{whole}") } else { format!("{sign}{whole}.{rest:0width$}") }
}

/// `value`, kept between `low` and `high`.
#[must_use]
pub fn between<T: PartialOrd>(value: T, low: T, high: T) -> T {
    if value < low {
        low
    } else if value > high {
        high
    } else {
        value
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn digits_as_the_standard_library_writes_them() {
        for value in [0.0, 0.04, -0.04, 1.0, 12.346, -12.344, 99.996, 1e6] {
            let plain = format!("{value:.2}");
            assert_eq!(fixed(value, 2), plain.strip_prefix("-0.00").map_or(plain.as_str(), |_| "0.00"));
        }
        assert_eq!(fixed(2.6, 0), "3");
        assert_eq!([-1.0, 0.5, 2.0].map(|value| between(value, 0.0, 1.0)), [0.0, 0.5, 1.0]);
    }
}
