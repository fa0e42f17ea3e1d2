//! The pictures of memory, one file each.

pub mod frame_map;
pub mod lists;
pub mod pyramid;
pub mod svg;
