//! `mmscope check`: only what is wrong.

use crate::args::Source;
use crate::failure::Failure;

/// Says what is wrong with a text.
///
/// # Errors
/// When something is; warnings do not count.
pub fn check(file: &Source) -> Result<(), Failure> {
    file.scenario().map(|_| ())
}
