//! kernel-io
