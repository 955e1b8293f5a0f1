//! Rebuilds the binary when a file of the page appears or goes, since the page is embedded.

fn main() {
    println!("cargo::rerun-if-changed=../www");
}
