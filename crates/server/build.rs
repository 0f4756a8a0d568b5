//! The web client is embedded from `web/dist`; a checkout in which it was not built yet still compiles.

fn main() {
    let dist = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../../web/dist");
    println!("cargo::rerun-if-changed={}", dist.display());
    if let Err(error) = std::fs::create_dir_all(&dist) {
        println!("cargo::warning=the folder of the web client cannot be made: {error}");
    }
}
