//! The entry point of the page.

fn main() {
    mmscope_web::run();
}
